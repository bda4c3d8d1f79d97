"""The whole gun on the emulated chip, from main.py on: what it tests of itself, what it remembers, how it gives up."""

import gc
import runpy
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from rigs.marks import mostly_slow
from rigs.pico import machine_of_tests as machine
from rigs.pico.gun import Gun
from rigs.pico.main import MAIN, Reset
from rigs.pico.session import SERIAL, Assemble, armed, homed, is_safe, running

from mesogun_fw.boards.pico import pins
from mesogun_fw.config import Description
from mesogun_fw.guard.inputs import SUPPLY_MV
from mesogun_fw.stroke import language
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import BLANK, GOOD, TESTS
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, UNHOMED

PIO1_CTRL = 0x5030_0000


# ---- main.py ----


def play_main(gun: Gun, script: Iterator[None], patch: pytest.MonkeyPatch) -> list[object]:
    """Run the board's main.py; a step of the script a millisecond, then something breaks. What was printed."""
    printed: list[object] = []
    micropython: Any = ModuleType("micropython")
    micropython.kbd_intr = lambda character: None
    micropython.alloc_emergency_exception_buf = lambda size: None
    patch.setitem(sys.modules, "micropython", micropython)
    patch.setattr(sys, "path", list(sys.path))
    patch.setattr(gc, "threshold", lambda amount: None, raising=False)
    patch.setattr(sys, "print_exception", printed.append, raising=False)
    patch.setattr(language, "Stroke", gun.chip.stroke)

    def sleep_ms(ms: int) -> None:
        for _ in range(ms):
            gun.tick()
            if next(script, 0) == 0:
                raise Reset if printed else ValueError("broken")

    patch.setattr(time, "sleep_ms", sleep_ms, raising=False)
    with pytest.raises(Reset):
        runpy.run_path(str(MAIN))
    return printed


@pytest.mark.parametrize("out_nm", [0, 250_000])
def test_main_runs_the_gun_and_gives_up_for_good_when_the_loop_breaks(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, out_nm: int
) -> None:
    gun = assemble()

    def until(done: Callable[[], bool]) -> Iterator[None]:
        for _ in range(5_000):
            if done():
                return
            yield
        pytest.fail(f"it does not come to that: {gun.answers}")

    def script() -> Iterator[None]:
        gun.say("hello", 1)
        yield from until(lambda: len(gun.answers) == 1)
        assert gun.answers[0][2]["serial"] == SERIAL
        gun.say("home")
        yield from until(lambda: gun.now_ms >= 300)
        gun.press(out_nm > 0)
        yield from until(lambda: gun.needle.nm >= out_nm)

    assert [str(why) for why in play_main(gun, script(), monkeypatch)] == ["broken"]
    assert gun.said("changed")[-1]["after"] == HOMING
    assert len(machine.fed) > 5
    edges = len(gun.chip.pins)
    for pressed in (False, True, False, True):
        gun.press(pressed)
        for _ in range(50 if pressed else 20):
            gun.tick()
    assert len(gun.chip.pins) == edges
    assert is_safe(gun)
    assert machine.sent[-1][:3] == b"\xff\0\0"


def test_a_host_that_speaks_at_power_on_meets_a_gun_that_has_measured_its_supply(assemble: Assemble) -> None:
    gun = assemble()
    gun.say("hello", 1)
    gun.start()
    gun.until(lambda: bool(gun.answers))
    gun.run(60)
    assert gun.device.state == UNHOMED
    assert gun.ask("selftest") == ("tested", {"failed": 0})


def test_a_gun_that_is_asked_to_start_again_answers_first(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = assemble().start()
    gun.ask("hello", 1)
    waited: list[int] = []

    def reset() -> None:
        raise Reset

    monkeypatch.setattr(time, "sleep_ms", waited.append, raising=False)
    monkeypatch.setattr("mesogun_fw.boards.pico.board.machine.reset", reset, raising=False)
    gun.say("restart")
    with pytest.raises(Reset):
        gun.run(10)
    gun.loop_runs = False
    gun.run(2)
    assert gun.answers[-1][1] == "ok"
    assert waited[0] > 10


# ---- the self-test ----


def failed(gun: Gun) -> set[str]:
    bits = -1
    while bits < 0:
        bits = gun.board.selftest()
    return {name for i, name in enumerate(TESTS) if bits >> i & 1}


def press(gun: Gun) -> None:
    gun.press()


def stand(gun: Gun) -> None:
    gun.stand()


def stop(gun: Gun) -> None:
    gun.switch(pins.ESTOP, closed=False)


def starve(gun: Gun) -> None:
    gun.analogue[2] = 2_000


@pytest.mark.parametrize("wrong", mostly_slow([press, stand, starve]))
def test_a_gun_that_finds_something_wrong_stays_locked_until_that_is_gone_and_the_button_is_pressed(
    assemble: Assemble, wrong: Callable[[Gun], None]
) -> None:
    gun = assemble()
    wrong(gun)
    gun.start()
    gun.run(60)
    assert (gun.device.state, gun.device.fault) == (FAULTED, reasons.SELF_TEST)
    gun.press(False)
    gun.stand(False)
    gun.analogue[2] = 2_708
    gun.run(10)
    assert gun.device.state == FAULTED
    gun.switch(pins.CLEAR, closed=True)
    gun.run(100)
    assert gun.device.state == UNHOMED
    assert gun.board.inputs[SUPPLY_MV] > 23_000


def test_the_boards_own_tests_find_what_is_wrong(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = assemble().start()
    assert failed(gun) == set()
    gun.chip.rp.write_uint32(PIO1_CTRL, 1)
    gun.chip.rp.read_uint32(PIO1_CTRL + 0x24)
    for _ in range(8):
        gun.chip.rp.read_uint32(PIO1_CTRL + 0x24)
    assert failed(gun) == {"plunger encoder"}
    monkeypatch.setattr("mesogun_fw.boards.pico.board.memory_holds", lambda cells: False)
    assert failed(gun) == {"plunger encoder", "memory"}


def test_a_gun_whose_firmware_is_damaged_stays_locked(assemble: Assemble) -> None:
    gun = assemble().start("/mesogun-b")
    gun.run(60)
    assert failed(gun) == {"firmware files"}
    assert gun.device.state == FAULTED


def test_the_welcome_comes_before_the_self_test_is_over_and_a_move_after_it(assemble: Assemble) -> None:
    gun = assemble().start()
    gun.ask("hello", 1)
    assert not gun.device.tested
    turns = gun.turns
    assert gun.ask("home")[0] == "state"
    assert gun.device.tested
    assert gun.turns - turns > 5, "a piece a turn"


def test_a_host_that_asks_for_the_self_test_is_answered_once_after_its_last_piece(assemble: Assemble) -> None:
    gun = assemble().start()
    gun.ask("hello", 1)
    gun.until(lambda: gun.device.tested)
    turns, answers = gun.turns, len(gun.answers)
    assert gun.ask("selftest") == ("tested", {"failed": 0})
    assert gun.turns - turns > 5
    gun.run(20)
    assert [answer[1] for answer in gun.answers[answers:]].count("tested") == 1


# ---- what it remembers ----


def test_a_gun_without_a_description_moves_nothing_until_one_is_stored_and_it_starts_again(assemble: Assemble) -> None:
    gun = assemble(described=False).start()
    gun.ask("hello", 1)
    name, answer = gun.ask("home")
    assert (name, answer["code"]) == ("refused", refusals.NO_DESCRIPTION)
    figures = list(Description().figures())
    figures[1] -= 1_000
    assert gun.ask("configure", *figures)[0] == "gun"
    assert gun.ask("home")[0] == "refused"
    gun = assemble(described=False).start()
    gun.ask("hello", 1)
    assert list(gun.ask("hardware")[1].values()) == figures
    assert gun.ask("home")[0] == "state"


@pytest.mark.slow
def test_a_blank_journal_is_formatted_over_the_bus_and_then_lets_the_gun_be_armed(assemble: Assemble) -> None:
    gun = assemble(fram=bytes(8_192)).start()
    homed(gun)
    assert gun.ask("journal")[1]["condition"] == BLANK
    assert gun.ask("format", SERIAL)[1]["condition"] == GOOD
    armed(gun)
    assert gun.device.state == ARMED


@pytest.mark.slow
def test_a_shot_in_flight_at_a_power_cut_is_uncertain_and_counted_once(assemble: Assemble, gun: Gun) -> None:
    running(gun, 150)
    kept = bytes(gun.memory.bytes)
    for _ in range(2):
        again = assemble(fram=kept).start()
        assert (again.device.state, machine.levels[pins.ENABLE]) == (UNHOMED, 0)
        again.ask("hello", 1)
        journal = again.ask("journal")[1]
        assert (journal["shots"], journal["uncertain"]) == (2, 1)
        assert again.ask("arm", 0)[0] == "refused"
        kept = bytes(again.memory.bytes)
