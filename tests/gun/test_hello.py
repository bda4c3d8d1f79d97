"""Who is at the port: a gun is spoken to when it has our language to the last figure, and another one is told what it is."""

from dataclasses import fields

import pytest
from rigs.fakegun import FakeGun
from rigs.plugged import Answering, PicoPrompt

from mesogun.gun.answers import Watched
from mesogun.gun.client import Armed, Gun, State
from mesogun.gun.hello import Welcome
from mesogun.gun.port import AtPrompt, NoGun
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import Refused
from mesogun_fw import VERSION
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import BY_NAME, PROTO, RUNNING
from mesogun_fw.talk.table import HASH


@pytest.mark.parametrize(
    ("place", "theirs", "said"),
    [
        (0, PROTO + 1, f"protocol {PROTO + 1}, table {HASH:08x}"),
        (1, HASH ^ 1, f"protocol {PROTO}, table {HASH ^ 1:08x}"),
        (1, HASH ^ 1 << 31, f"protocol {PROTO}, table {HASH ^ 1 << 31:08x}"),
    ],
    ids=["protocol", "lowest bit of the table", "highest bit of the table"],
)
def test_each_figure_of_the_language_alone_makes_it_another_version(place: int, theirs: int, said: str) -> None:
    port = FakeGun()
    port.welcome[2] = VERSION
    port.welcome[place] = theirs
    with pytest.raises(Refused, match=said):
        Gun(port)
    assert [name for name, _ in port.asked] == ["hello"]


@pytest.mark.parametrize("version", [VERSION + 1, VERSION - 1, VERSION + 10_000])
def test_another_number_of_the_version_alone_is_no_other_language(version: int) -> None:
    port = FakeGun()
    port.welcome[2] = version
    assert Gun(port).welcome.version == version


@pytest.mark.parametrize(
    ("proto", "version", "remedy"),
    [
        (PROTO, VERSION + 1, "update mesogun on the laptop"),
        (PROTO, VERSION + 100, "update mesogun on the laptop"),
        (PROTO, VERSION + 10_000, "update mesogun on the laptop"),
        (PROTO, VERSION - 1, "flash the gun"),
        (PROTO + 1, VERSION - 1, "update mesogun on the laptop"),
        (PROTO - 1, VERSION + 1, "flash the gun"),
    ],
)
def test_of_two_versions_the_older_is_told_by_protocol_first_and_then_by_number(proto: int, version: int, remedy: str) -> None:
    port = FakeGun()
    port.welcome[:3] = [proto, HASH ^ 1, version]
    with pytest.raises(Refused, match=remedy):
        Gun(port)


@pytest.mark.parametrize(("theirs", "remedy"), [(PROTO + 1, "update mesogun on the laptop"), (PROTO - 1, "flash the gun")])
def test_a_gun_that_refuses_our_protocol_says_which_it_speaks(theirs: int, remedy: str) -> None:
    port = FakeGun()
    port.refuses["hello"] = [refusals.OTHER_PROTO, 0, PROTO, theirs, theirs]
    with pytest.raises(Refused, match=f"protocol {theirs}.*{remedy}"):
        Gun(port)


def test_a_hello_refused_for_another_reason_is_no_other_version() -> None:
    port = FakeGun()
    port.refuses["hello"] = [refusals.WRONG_STATE, -1, RUNNING, 0, 0]
    with pytest.raises(DeviceRefused):
        Gun(port)


def test_who_it_is_is_known_by_the_names_of_the_message() -> None:
    port = FakeGun()
    port.welcome[2:] = [VERSION, 0, 8, 43, 9_000, 100_000, 200_000, 1_000_000]
    welcome = Gun(port).welcome
    assert welcome == Welcome(PROTO, HASH, VERSION, 0, 8, 43, 9_000, 100_000, 200_000, 1_000_000)
    for message, kind in (("welcome", Welcome), ("state", State), ("armed", Armed), ("watched", Watched)):
        assert [field.name for field in fields(kind)] == [row[0] for row in BY_NAME[message][2]], message


def test_a_port_that_hangs_up_is_told_from_one_that_says_nothing() -> None:
    port = FakeGun()
    port.wire = lambda line: []
    port.after(500, lambda: setattr(port, "cut", True))
    with pytest.raises(NoGun, match="hung up"):
        Gun(port)


# ---- a board at its prompt ----


@pytest.mark.parametrize("raw", [False, True])
def test_a_board_at_micropythons_prompt_is_called_that_and_told_to_be_flashed(raw: bool) -> None:
    board = PicoPrompt(raw=raw)
    with pytest.raises(AtPrompt, match=r"MicroPython's prompt.*mesogun flash --port fake://"):
        Gun(board)


def test_what_was_said_to_the_prompt_ran_nothing_there_and_interrupted_nothing() -> None:
    board = PicoPrompt()
    with pytest.raises(AtPrompt):
        Gun(board)
    assert b"\x03" not in board.written
    for line in board.run:
        with pytest.raises(SyntaxError):
            compile(line, "what the board takes for Python", "exec")


@pytest.mark.parametrize("said", [b"", b"ok\r\n", b">>> print", b">> "])
def test_what_does_not_end_with_a_prompt_is_none(said: bytes) -> None:
    with pytest.raises(NoGun) as refused:
        Gun(Answering(lambda _: said))
    assert not isinstance(refused.value, AtPrompt)
