"""After an ending nothing starts by itself: an end of hold goes on with a press, a pause after arming, a fault not at all."""

import pytest
from endings import CAUSES, at_every_millisecond, running
from rig import Rig

from mesogun_fw import faults, limits
from mesogun_fw.messages import ESTOP, HOLD, STOPPED, UNHOMED


def starts_by_a_press(rig: Rig) -> bool:
    """Whether a proper press, skin contact standing, makes a shot now."""
    rig.release()
    rig.wait(5)
    rig.touch()
    before = len(rig.tape.plays) + (rig.board.player._present is not None)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(limits.TRIGGER_RELEASED_MS + 60)
    return len(rig.tape.plays) + (rig.board.player._present is not None) > before


@pytest.mark.parametrize("name", CAUSES)
def test_only_an_end_of_hold_goes_on_with_the_next_press(name: str) -> None:
    cause, kind, _ = CAUSES[name]
    for ms, rig in at_every_millisecond():
        if ms % 16 == 5:
            cause(rig)
            rig.wait(100)
            assert starts_by_a_press(rig) == (kind == HOLD), f"{name} at {ms} ms"


@pytest.mark.parametrize("name", CAUSES)
def test_a_trigger_that_stays_held_starts_nothing(name: str) -> None:
    cause, _, _ = CAUSES[name]
    for ms, rig in at_every_millisecond():
        if ms % 16 == 9:
            cause(rig)
            rig.wait(100)
            strokes = len(rig.tape.plays)
            rig.set(trigger_a=1, trigger_b=1, contact_a=1, contact_b=1)
            rig.wait(1_000)
            assert len(rig.tape.plays) == strokes, f"{name} at {ms} ms"


def test_a_latched_fault_is_cleared_at_the_gun_with_nothing_pressed_and_then_needs_a_new_homing() -> None:
    rig = running().again()
    rig.set(estop=1)
    rig.wait(100)
    for wrong in ({"clear": 1}, {"clear": 1, "estop": 0}, {"trigger_a": 0, "trigger_b": 0}):
        rig.set(**wrong)
        rig.wait(50)
        assert rig.board.state == STOPPED, wrong
    rig.lift()
    rig.wait(50)
    assert rig.board.state == UNHOMED
    assert rig.ask("arm", 0)[0] == "refused"


def test_the_worse_of_two_reasons_in_one_stroke_wins_and_its_needle_is_let_go() -> None:
    rig = running().again()
    rig.wait(30)
    rig.release()
    rig.set(in_ms=4, estop=1)
    rig.wait(100)
    assert [ended["kind"] for ended in rig.told("ended")] == [ESTOP]
    assert not rig.board.energised


def test_a_needle_that_runs_away_on_its_way_back_from_a_fault_is_let_go() -> None:
    rig = running().again()
    rig.board.needle.stop_um = 10**9
    rig.wait(40)
    rig.happen("tick-late")
    rig.happen("needle-runaway", in_ms=3)
    rig.wait(100)
    assert rig.told("ended")[0]["reason"] == faults.GUARD_LATE, "the first fault latches"
    assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
