"""Whatever ends a stroke, at every millisecond of it: needle home in time, plunger still, the right ending, no new start.

Figures of DOMAIN 5: out of the skin within 20 ms plus the retract stroke; e-stop: no further outward or dispensing edge
after one tick and 0.1 ms; an end of hold goes on with the next press, a pause after arming, a fault or e-stop not at all.
"""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from rig import Rig, a_pass, figures_of

from mesogun_fw import faults, limits
from mesogun_fw.device import IDLE_STEP_MS
from mesogun_fw.guard import RUN
from mesogun_fw.messages import ESTOP, FAULT, FAULTED, HOLD, PARTIAL, PAUSE, RUNNING, STOPPED, UNCERTAIN, UNHOMED

DEEP = a_pass(depth_um=10_000, dose_nl=5_000, dwell_us=2_000, period_us=126_000)
SHORT = a_pass(depth_um=2_000, dose_nl=3_000, dwell_us=0, period_us=100_300)  # its periods are out of step with the ticks
PASSES = pytest.mark.parametrize("one", [DEEP, SHORT], ids=["10.0 mm", "2.0 mm"])
DEEP_MS, DEEP_FIGURES = DEEP[-1] // 1000, figures_of(DEEP)
HOME_UM = 100  # out of the skin, for all that anybody can feel
FLIES_ON_UM = 5  # half a step: what a needle let go within its last step does


@cache
def running(period_us: int = DEEP[-1]) -> Rig:
    """A gun in the first millisecond of a held, continuous pass."""
    rig = Rig(skip=False).ready(DEEP if period_us == DEEP[-1] else SHORT)
    rig.press()
    rig.until_lamp(RUNNING)
    return rig


def phases(one: list[int]) -> range:
    """Every millisecond of a period and some of the granted one."""
    return range(one[-1] // 1000 + 12)


def at_every_millisecond(one: list[int] = DEEP) -> Iterator[tuple[int, Rig]]:
    rig = running(one[-1]).again()
    for ms in phases(one):
        yield ms, rig.again()
        rig.wait(1)


class Ending:
    """What becomes of `rig` when `cause` happens now: watched tick by tick for `watch_ms`."""

    def __init__(self, rig: Rig, cause: Callable[[Rig], object], watch_ms: int = 140) -> None:
        self.rig = rig
        guard = rig.device.guard
        self.verdict_ms = self.home_ms = -1
        self.cause_ms = rig.now_ms
        reported = len(rig.events)

        def watch() -> None:
            if self.verdict_ms < 0:
                if guard.phase != RUN:
                    self.verdict_ms = rig.now_ms
                    self.kind, self.reason = guard.kind, guard.reason
                    self.flight = guard.flight
                    self.elapsed_us = rig.now_ms * 1000 - guard.flight.start_ms * 1000 - guard.flight.start_us
            elif self.home_ms < 0 and rig.tip_um < HOME_UM:
                self.home_ms = rig.now_ms

        rig.desk.watch = watch
        cause(rig)
        rig.wait(watch_ms)
        rig.desk.watch = None
        self.events = rig.events[reported:]
        self.last = [play for play in rig.tape.plays if len(play[1].plunger_us)][-1]

    def holds(self, at: str) -> None:
        """The invariants of every ending."""
        rig = self.rig
        assert self.verdict_ms >= 0, f"{at}: nothing ended"
        bound_ms = 20 + -(-rig.device.stroke.figures.back_us // 1000)
        assert 0 <= self.home_ms - self.verdict_ms <= bound_ms, f"{at}: home after {self.home_ms - self.verdict_ms} ms"
        assert rig.tip_um < HOME_UM, f"{at}: the needle is out again"
        latest_us = self.verdict_ms * 1000 + 100
        assert rig.last_dispensing_us() <= latest_us, f"{at}: dispensing after the end"
        assert all(start <= latest_us for start, timeline, _ in rig.tape.plays if timeline.plunger_us), f"{at}: a new stroke"

    def is_reported(self, at: str, kind: int, reasons: tuple[int, ...]) -> None:
        """By the device, over the cable."""
        ended = next(fields for name, fields in self.events if name == "ended")
        assert (ended["kind"], ended["reason"] in reasons) == (kind, True), f"{at}: {ended}"
        start_us, timeline, until_us = self.last
        shot = [fields for name, fields in self.events if name == "shot"][-1]
        assert shot["at_ms"] * 1000 + shot["at_us"] == start_us, f"{at}: the last stroke has no report"
        cut = timeline.plunger_steps(until_us - start_us) < len(timeline.plunger_us)
        if cut or until_us - start_us > self.flight.dose_end_us + 2_000 + 1_000:
            assert bool(shot["flags"] & PARTIAL) == cut, f"{at}: dose cut is {cut}, flags {shot['flags']}"


def starts_by_a_press(rig: Rig) -> bool:
    """Whether a proper press, skin contact standing, makes a shot now."""
    rig.release()
    rig.wait(5)
    rig.touch()
    before = len(rig.tape.plays) + (rig.board.player._present is not None)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(limits.TRIGGER_RELEASED_MS + 60)
    return len(rig.tape.plays) + (rig.board.player._present is not None) > before


CAUSES: dict[str, tuple[Callable[[Rig], object], int, int]] = {
    "release": (lambda rig: rig.release(), HOLD, faults.RELEASED),
    "one trigger contact opens": (lambda rig: rig.set(trigger_b=0), HOLD, faults.RELEASED),
    "lift": (lambda rig: rig.lift(), HOLD, faults.LIFTED),
    "one skin contact opens": (lambda rig: rig.set(contact_a=0), HOLD, faults.LIFTED),
    "disarm": (lambda rig: rig.say("disarm"), PAUSE, faults.DISARMED),
    "hello": (lambda rig: rig.say("hello", 1), PAUSE, faults.DISARMED),
    "e-stop": (lambda rig: rig.set(estop=1), ESTOP, faults.ESTOP_PRESSED),
    "tick late": (lambda rig: rig.happen("tick-late"), FAULT, faults.GUARD_LATE),
}


@PASSES
@pytest.mark.parametrize("name", CAUSES)
def test_a_reason_that_is_seen_at_once_ends_the_stroke_within_a_tick(name: str, one: list[int]) -> None:
    cause, kind, reason = CAUSES[name]
    for ms, rig in at_every_millisecond(one):
        at = f"{name} at {ms} ms"
        ending = Ending(rig, cause)
        ending.holds(at)
        ending.is_reported(at, kind, (reason,))
        assert ending.verdict_ms == ending.cause_ms + 1, at
        assert rig.board.needle.deepest_um <= one[4] + FLIES_ON_UM, at
        if kind == ESTOP:
            assert rig.last_outward_us() <= ending.verdict_ms * 1000 + 100, at


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
        ending.is_reported(f"{ms} ms", PAUSE, (faults.LINK_SILENT,))
        assert ending.verdict_ms - ending.cause_ms == 2, "heard a millisecond after it was sent, silent for more than 500"


@PASSES
def test_a_dead_loop_with_a_live_guard_ends_with_the_needle_home(one: list[int]) -> None:
    for ms, rig in at_every_millisecond(one):
        ending = Ending(rig, lambda rig: rig.happen("loop-dead"), limits.LOOP_DEAD_MS + 140)
        ending.holds(f"{ms} ms")
        assert (ending.kind, ending.reason) == (FAULT, faults.LOOP_DEAD)
        assert ending.verdict_ms - ending.cause_ms <= limits.LOOP_DEAD_MS + 2
        assert not rig.board.energised


@PASSES
def test_a_dead_guard_with_a_live_loop_ends_with_the_needle_home_and_uncertain_shots(one: list[int]) -> None:
    for ms, rig in at_every_millisecond(one):
        before = len(rig.told("shot"))
        ending = Ending(rig, lambda rig: rig.happen("guard-dead"), limits.GUARD_DEAD_MS + IDLE_STEP_MS + 80)
        ending.holds(f"{ms} ms")
        assert (ending.kind, ending.reason) == (FAULT, faults.GUARD_DEAD)
        assert ending.verdict_ms - ending.cause_ms <= limits.GUARD_DEAD_MS + IDLE_STEP_MS + 2
        assert not rig.board.energised
        begun = sum(bool(timeline.plunger_us) for _, timeline, _ in rig.tape.plays) - before
        unsure = rig.told("shot")[before:]
        assert begun <= len(unsure) <= begun + 1, f"{ms} ms: {begun} strokes, {unsure}"
        assert all(shot["flags"] & UNCERTAIN for shot in unsure)
        assert rig.told("ended")[-1]["done"] == len(rig.told("shot")), "counted as given, never repeated"


ASTRAY = (faults.NEEDLE_OVERRUN, faults.NEEDLE_ASTRAY, faults.DEPTH_WRONG, faults.NOT_HOME)
# What a broken body does; how long until the guard must have seen it: a stroke, when it shows at the next one only.
BROKEN: dict[str, tuple[tuple[int, ...], int]] = {
    "needle-runaway": (ASTRAY, DEEP_FIGURES.out_us // 1000),
    "needle-stall": (ASTRAY, DEEP_MS),
    "needle-scale": (ASTRAY, DEEP_MS),
    "plunger-stall": ((faults.DOSE_WRONG,), 2 * DEEP_MS),
    "plunger-pushed": ((faults.FREE_FLOW, faults.DOSE_WRONG), DEEP_FIGURES.dose_total_us // 1000 + 4),
    "home-open": ((faults.NOT_HOME,), DEEP_MS),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_found_in_time_and_ends_in_a_latched_fault(name: str) -> None:
    reasons, within_ms = BROKEN[name]
    for ms, rig in at_every_millisecond():
        at = f"{name} at {ms} ms"
        ending = Ending(rig, lambda rig: rig.happen(name), within_ms + 80 + 200 * (name == "home-open"))
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
        ending.is_reported(f"{name} at {ms} ms", HOLD, (faults.RELEASED,))
        if name == "trigger-a-stuck":
            assert rig.told("ended")[-1]["reason"] == faults.TRIGGER_DISAGREES
            assert rig.board.state == FAULTED


def test_a_cut_cable_is_a_silent_host() -> None:
    for ms, rig in at_every_millisecond():
        if ms % 8 == 0:
            ending = Ending(rig, lambda rig: rig.happen("link-down"), limits.LINK_SILENT_MS + 100)
            ending.holds(f"{ms} ms")
            assert (ending.kind, ending.reason) == (PAUSE, faults.LINK_SILENT)


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
