"""Whatever ends a stroke, at every millisecond of it: needle home in time, plunger still, the right ending, no new start.

Figures of DOMAIN 5: out of the skin within 20 ms plus the retract stroke; e-stop: no further outward or dispensing edge
after one tick and 0.1 ms; an end of hold goes on with the next press, a pause after arming, a fault not at all.
"""

import pytest
from rigs.endings import CAUSES, DEEP, FLIES_ON_UM, SHORT, SLOW, Ending, at_every_millisecond, phases, running
from rigs.marks import mostly_slow, slow
from rigs.rig import Rig, figures_of

from mesogun_fw import limits
from mesogun_fw.device.loop import IDLE_STEP_MS
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import UNCERTAIN
from mesogun_fw.talk.messages import ESTOP, FAULT, FAULTED, HOLD, PAUSE, STOPPED, UNHOMED

TURN_MS = 60  # no turn of the loop is longer

PASSES = pytest.mark.parametrize("one", [slow(DEEP), SHORT], ids=["10.0 mm", "2.0 mm"])
DEEP_MS, DEEP_FIGURES = DEEP[-1] // 1000, figures_of(DEEP)


@PASSES
@pytest.mark.parametrize("name", CAUSES)
def test_a_reason_that_is_seen_at_once_ends_the_stroke_within_a_tick(name: str, one: list[int]) -> None:
    cause, kind, reason = CAUSES[name]
    for ms, rig in at_every_millisecond(one):
        at = f"{name} at {ms} ms"
        ending = Ending(rig, cause)
        ending.holds(at)
        ending.is_reported(at, kind, (reason,))
        asked = name in ("disarm", "hello")  # the loop may be amid a turn, and is heard in the next
        assert 1 <= ending.verdict_ms - ending.cause_ms <= (TURN_MS if asked else 1), at
        assert rig.board.needle.deepest_um <= one[4] + FLIES_ON_UM, at
        if kind == ESTOP:
            assert rig.last_outward_us() <= ending.verdict_us + 100, at


def test_a_silent_host_is_noticed_after_half_a_second_at_any_moment_of_a_stroke() -> None:
    armed = Rig().ready(DEEP)
    for ms in phases(DEEP):
        rig = armed.again()
        rig.say("beat", 0)
        rig.beats = False
        rig.press(in_ms=limits.LINK_SILENT_MS - limits.TRIGGER_DEBOUNCE_MS - ms)
        rig.wait(limits.LINK_SILENT_MS)
        ending = Ending(rig, lambda rig: None)
        ending.holds(f"{ms} ms")
        ending.is_reported(f"{ms} ms", PAUSE, (reasons.LINK_SILENT,))
        assert ending.verdict_ms - ending.cause_ms == 2, "heard a millisecond after it was sent, silent for more than 500"


@pytest.mark.parametrize("one", [slow(DEEP), SHORT, slow(SLOW)], ids=["10.0 mm", "2.0 mm", "2 shots/s"])
def test_a_dead_loop_with_a_live_guard_ends_with_the_needle_home(one: list[int]) -> None:
    """At the latest when it is found dead; before that when the shots are made that it had written into the journal."""
    sooner = () if one is SLOW else ((PAUSE, reasons.JOURNAL_BEHIND),)
    for ms, rig in at_every_millisecond(one):
        if one is SLOW and ms % 7:
            continue
        ending = Ending(rig, lambda rig: rig.happen("loop-dead"), limits.LOOP_DEAD_MS + 140)
        ending.holds(f"{ms} ms")
        assert (ending.kind, ending.reason) in ((FAULT, reasons.LOOP_DEAD), *sooner)
        assert ending.verdict_ms - ending.cause_ms <= limits.LOOP_DEAD_MS + 2
        assert not rig.board.energised


@PASSES
def test_a_dead_guard_with_a_live_loop_ends_with_the_needle_home_and_uncertain_shots(one: list[int]) -> None:
    for ms, rig in at_every_millisecond(one):
        before = len(rig.told("shot"))
        ending = Ending(rig, lambda rig: rig.happen("guard-dead"), limits.GUARD_DEAD_MS + IDLE_STEP_MS + 80)
        ending.holds(f"{ms} ms")
        assert (ending.kind, ending.reason) == (FAULT, reasons.GUARD_DEAD)
        assert ending.verdict_ms - ending.cause_ms <= limits.GUARD_DEAD_MS + IDLE_STEP_MS + 2
        assert not rig.board.energised
        begun = sum(play.dispenses for play in rig.tape.plays) - before
        sure = [shot for shot in rig.told("shot")[before:] if not shot["flags"] & UNCERTAIN]
        assert len(sure) <= 1, "the loop may have been amid a turn when the shot before was over"
        unsure = rig.told("shot")[before + len(sure) :]
        begun -= len(sure) if begun > len(unsure) else 0
        assert begun <= len(unsure) <= begun + 1, f"{ms} ms: {begun} strokes, {unsure}"
        assert all(shot["flags"] & UNCERTAIN for shot in unsure)
        assert rig.told("ended")[-1]["done"] == len(rig.told("shot")), "counted as given, never repeated"


ASTRAY = (reasons.NEEDLE_OVERRUN, reasons.NEEDLE_ASTRAY, reasons.DEPTH_WRONG, reasons.NOT_HOME)
# What a broken body does; how long until the guard must have seen it: a stroke, when it shows at the next one only.
BROKEN: dict[str, tuple[tuple[int, ...], int]] = {
    "needle-runaway": (ASTRAY, DEEP_FIGURES.out_us // 1000),
    "needle-stall": (ASTRAY, DEEP_MS),
    "needle-scale": (ASTRAY, DEEP_MS),
    "plunger-stall": ((reasons.DOSE_WRONG,), 2 * DEEP_MS),
    "plunger-pushed": ((reasons.FREE_FLOW, reasons.DOSE_WRONG), DEEP_FIGURES.dose.us // 1000 + 4),
    "home-open": ((reasons.NOT_HOME,), DEEP_MS),
}


@pytest.mark.parametrize("name", mostly_slow(BROKEN, 3))
def test_a_broken_body_is_found_in_time_and_ends_in_a_latched_fault(name: str) -> None:
    reasons, within_ms = BROKEN[name]
    for ms, rig in at_every_millisecond():
        at = f"{name} at {ms} ms"
        # the spring gets its time; after a wrong dose the plunger goes back before it is reported
        settling_ms = {"home-open": 280, "plunger-stall": 380, "plunger-pushed": 380}.get(name, 80)
        ending = Ending(rig, lambda rig: rig.happen(name), within_ms + settling_ms)
        ending.holds(at)
        ending.is_reported(at, FAULT, reasons)
        assert ending.verdict_ms - ending.cause_ms <= within_ms, at
        assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM, at
        assert rig.board.state == FAULTED, at


@pytest.mark.parametrize("name", ["home-stuck", "trigger-a-stuck", "clear"])
def test_a_switch_that_is_stuck_keeps_no_stroke_from_ending(name: str) -> None:
    for ms, rig in at_every_millisecond():
        rig.happen(name)
        ending = Ending(rig, lambda rig: rig.release(in_ms=3))
        ending.holds(f"{name} at {ms} ms")
        if name == "home-stuck" and ending.kind == FAULT:  # the needle had been out long enough for that to be seen
            ending.is_reported(f"{name} at {ms} ms", FAULT, (reasons.HOME_SWITCH,))
            continue
        ending.is_reported(f"{name} at {ms} ms", HOLD, (reasons.RELEASED,))
        if name == "trigger-a-stuck":
            assert rig.told("ended")[-1]["reason"] == reasons.TRIGGER_DISAGREES
            assert rig.board.state == FAULTED


def test_a_cut_cable_is_a_silent_host() -> None:
    for ms, rig in at_every_millisecond():
        if ms % 8 == 0:
            ending = Ending(rig, lambda rig: rig.happen("link-down"), limits.LINK_SILENT_MS + 100)
            ending.holds(f"{ms} ms")
            assert (ending.kind, ending.reason) == (PAUSE, reasons.LINK_SILENT)


# ---- what comes after: nothing by itself ----


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
    assert rig.told("ended")[0]["reason"] == reasons.GUARD_LATE, "the first fault latches"
    assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
