"""What is plugged in, and which of it is a gun: who is asked, what is said of whom, and when `auto` is one gun and no guess."""

import errno
import json
from collections.abc import Callable
from typing import Any

import pytest
from rigs.fakegun import FakeGun
from rigs.plugged import Answering, Opens, PicoPrompt, modem, pico, plugged_in

from mesogun.gun import client
from mesogun.gun.client import Gun
from mesogun.gun.port import Port, open_again
from mesogun.gun.ports import BUSY, GUN, NO_GUN, NO_RIGHTS, NOT_ASKED, OTHER_VERSION, PROMPT, only_gun, ports
from mesogun.refusal import Refused
from mesogun_fw.talk.messages import PNEUMATIC

HERE = "/dev/ttyACM0"


def real(serial: int = 7, **described: int) -> FakeGun:
    gun = FakeGun()
    gun.welcome[2:5] = [203, 0, serial]
    gun.lies["gun"] = described
    return gun


def failing(number: int) -> Opens:
    class Fails(Answering):
        def open(self) -> None:
            raise OSError(number, "it failed")

    def opens() -> Port:
        port = Fails()
        port.port = HERE
        open_again(port)
        return port

    return opens


def other_version() -> FakeGun:
    gun = FakeGun()
    gun.welcome[1] ^= 1
    return gun


# ---- what is said of one port ----


def test_a_gun_tells_its_number_firmware_drive_and_state(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {pico(HERE): lambda: real(drive=PNEUMATIC)})
    (one,) = ports()
    told = (one.port, one.kind, one.serial, one.version, one.drive, one.state, one.simulated, one.remedy)
    assert told == (HERE, GUN, 7, "0.2.3", "pneumatic", "unhomed", False, "")
    assert str(one) == f"{HERE}: gun 7, firmware 0.2.3, pneumatic, unhomed"


def test_who_only_looks_leaves_the_gun_its_events_and_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gun = real()
    plugged_in(monkeypatch, {pico(HERE): lambda: gun})
    ports()
    assert gun.asked[0][0] == "hello"
    assert {name for name, _ in gun.asked[1:]} == {"hardware", "beat"}
    assert gun.acked == 0
    assert not gun.is_open


@pytest.mark.parametrize(
    ("opens", "kind", "what", "remedy"),
    [
        (failing(errno.EBUSY), BUSY, "another program is using it", "Close the other program"),
        (failing(errno.EAGAIN), BUSY, "another program is using it", "Close the other program"),
        (failing(errno.EACCES), NO_RIGHTS, "this account may not use it", "log out and in"),
        (failing(errno.EIO), NO_GUN, "it failed", "Check the name of the port"),
        (PicoPrompt, PROMPT, "a board at MicroPython's prompt", f"mesogun flash --port {HERE}"),
        (Answering, NO_GUN, "nothing answers", "Check the name of the port"),
        (other_version, OTHER_VERSION, "a gun that speaks otherwise", "install one release on both sides"),
    ],
)
def test_what_is_no_gun_or_cannot_be_used_says_so_and_what_to_do(
    opens: Opens, kind: str, what: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in(monkeypatch, {pico(HERE): opens})
    (one,) = ports()
    assert (one.kind, one.serial, one.state) == (kind, None, None)
    assert what in one.what
    assert remedy in one.remedy
    assert one.remedy in str(one)


def test_a_gun_that_falls_silent_after_its_hello_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> FakeGun:
        gun = real()
        gun.wire = lambda line: [line] if b" welcome " in line else []
        return gun

    plugged_in(monkeypatch, {pico(HERE): silent})
    (one,) = ports()
    assert (one.kind, one.remedy) == (NO_GUN, "Check the cable, then ask again")


def test_nothing_is_sent_to_what_is_no_raspberry_pi_board(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = plugged_in(monkeypatch, {modem("/dev/ttyUSB0"): real, pico(HERE): real})
    kinds = {one.port: one.kind for one in ports()}
    assert kinds == {HERE: GUN, "/dev/ttyUSB0": NOT_ASKED}
    assert opened == [HERE]


def test_a_board_that_is_silent_is_waited_for_three_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Answering()
    plugged_in(monkeypatch, {pico(HERE): lambda: silent})
    ports()
    assert 1.4 < silent.monotonic_s() < 3, "a gun that was just plugged in takes 1.4 s to start"


def test_ports_stand_in_the_order_of_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {modem("COM10"): real, modem("COM3"): real})
    assert [one.port for one in ports()] == ["COM3", "COM10"]


def test_what_a_device_calls_itself_stays_on_one_line_and_all_of_it_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {modem("/dev/ttyUSB0", "two\nlines"): real, modem("/dev/ttyS0", "n/a"): real})
    rows = [one.to_dict() for one in ports()]
    assert [row["usb"] for row in rows] == ["a port without a name", "two lines"]
    assert json.loads(json.dumps(rows)) == rows


# ---- auto ----


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({}, "no serial port is there at all"),
        ({modem("/dev/ttyUSB0"): real}, "no gun is plugged in.*ttyUSB0"),
        ({pico(HERE): PicoPrompt}, f"no gun is plugged in.*mesogun flash --port {HERE}"),
        ({pico(HERE): real, pico("/dev/ttyACM1"): lambda: real(8)}, "nobody guesses.*gun 7.*gun 8"),
        ({pico(HERE): real, pico("/dev/ttyACM1"): failing(errno.EBUSY)}, "nobody guesses.*another program"),
        ({pico(HERE): real, pico("/dev/ttyACM1"): failing(errno.EACCES)}, "nobody guesses.*may not use it"),
        ({pico(HERE): real, pico("/dev/ttyACM1"): other_version}, "nobody guesses.*speaks otherwise"),
    ],
)
def test_auto_is_refused_with_the_list_unless_one_gun_and_nothing_else_may_be_one(
    there: dict[Any, Callable[[], Port]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in(monkeypatch, there)
    with pytest.raises(Refused, match=said) as refused:
        only_gun()
    assert (refused.value.problems[0].field, refused.value.problems[0].value) == ("port", "auto")


def test_auto_is_the_only_gun_whatever_else_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    there: dict[Any, Opens] = {modem("/dev/ttyUSB0"): real, pico(HERE): real, pico("/dev/ttyACM1"): PicoPrompt}
    plugged_in(monkeypatch, there)
    assert only_gun() == HERE
    monkeypatch.setattr(client, "open_port", lambda url: real() if url == HERE else None)
    assert Gun.connect("auto").welcome.serial == 7
