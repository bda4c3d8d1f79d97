"""Depth has three nets and a mechanical stop. Each net on the device holds alone, with the others switched off.

Net 1 is the host's plan (tests/clinical). Net 2 is the device's own check of every figure and its audit of every stroke; net 3
the guard, on measured position. The stop, outside software, is taken away here unless a test says so.
"""

import itertools
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.anydepth import any_depth
from rigs.rig import Rig, a_pass
from rigs.search import examples

from mesogun.gun.tolerances import depth_tolerance_um
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.program import Program
from mesogun_fw.guard.cells import BACK, PHASE, TICK_MS, fresh
from mesogun_fw.guard.expected import lay
from mesogun_fw.guard.inputs import NEEDLE_UM, PLAYING, SINCE_US
from mesogun_fw.guard.lookout import look_around
from mesogun_fw.guard.shot import PLAYED_OUT, follow
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.language import ENTRIES, Settings, Stroke
from mesogun_fw.talk import frames, reasons, refusals
from mesogun_fw.talk.codes import CUT_SHORT, WRONG, kind_of
from mesogun_fw.talk.messages import ARMED, FAULTED, RUNNING
from mesogun_sim.plant.needle import SPRING_UM_MS2, STOP_UM
from mesogun_sim.player import triples
from mesogun_sim.timeline import Timeline

FAR_UM = 10**9
WIDE_UM = 100_000


class Unaudited:
    """An audit that believes everything."""

    deepest_um = dose_nl = 0

    def __init__(self, stroke: Stroke, settings: Settings, description: Description) -> None:
        self.period_us = settings.period_us


@contextmanager
def without_message_ranges() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        any_depth(patch, WIDE_UM)
        yield patch


@contextmanager
def only_the_guard(deeper_um: int = 0) -> Iterator[pytest.MonkeyPatch]:
    """No message range, no check of passes, no audit; every stroke is compiled `deeper_um` than asked."""
    compiled = stepper.compile

    def deeper(stroke: Stroke, asked: Settings, description: Description) -> None:
        more = Settings(**vars(asked))
        more.depth_um += deeper_um
        more.period_us = min(more.period_us + 500 * deeper_um, 15_000_000)  # time for it, in one word of rest
        compiled(stroke, more, description)
        stroke.settings = asked

    with without_message_ranges() as patch:
        patch.setattr(Program, "check", lambda program, one: None)
        patch.setattr("mesogun_fw.device.ready.Audit", Unaudited)
        patch.setattr(stepper, "compile", deeper)
        yield patch


def blind(cells: "array[int]") -> int:
    """Sees the end of a list and the hand, and no needle."""
    answer: int = follow(cells)
    return answer if answer < reasons.ESTOP_PRESSED or answer >= PLAYED_OUT else 0


@contextmanager
def without_the_guards_eyes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mesogun_fw.guard.tick.follow", blind)
        yield


@cache
def first_homed() -> Rig:
    rig = Rig(skip=False)
    rig.home()
    rig.board.needle.stop_um, rig.board.needle.deepest_um = FAR_UM, 0
    return rig


def homed() -> Rig:
    """A gun without a mechanical stop, after the check of its needle axis."""
    return first_homed().again()


def shoot(one: list[int], *, runaway_us: int = -1, scale_ppm: int = 1_000_000, stop_um: int = FAR_UM, ms: int = 400) -> Rig:
    """One held press. `runaway_us` counts from the start of the first stroke."""
    rig = homed()
    rig.load(one)
    rig.arm()
    needle = rig.board.needle
    needle.stop_um, needle.scale_ppm = stop_um, scale_ppm
    rig.touch()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(limits.TRIGGER_RELEASED_MS + 20 + limits.TRIGGER_DEBOUNCE_MS)
    if runaway_us >= 0:
        needle.runaway_us = rig.desk.now_us() + runaway_us
    rig.wait(ms)
    return rig


# ---- net 2 ----


def test_a_depth_past_the_cap_is_no_message() -> None:
    rig = homed()
    with without_the_guards_eyes():
        rig.ask("begin", 1, 12_060, 5_000_000, 2_000_000)
        rig.seq += 1
        rig.desk.send(frames.seal(rig.seq, frames.body("pass", a_pass()).replace("depth_um=2000", "depth_um=10100")))
        rig.wait(20)
        name, fields = rig.answers[rig.seq]
        assert (name, fields["value"], fields["high"]) == ("refused", 10_100, limits.DEPTH_CAP_UM)


def test_the_devices_own_check_refuses_it_when_the_message_would_pass() -> None:
    rig = homed()
    with without_the_guards_eyes(), without_message_ranges():
        rig.ask("begin", 1, 12_060, 5_000_000, 2_000_000)
        name, fields = rig.ask("pass", *a_pass(depth_um=10_100))
        assert (name, fields["value"], fields["high"]) == ("refused", 10_100, limits.DEPTH_CAP_UM)
        assert rig.ask("arm", 0)[0] == "refused"


@pytest.mark.parametrize(("asked_um", "deeper_um"), [(10_100, 0), (4_000, 10), (4_000, 5_000), (10_000, 100)])
def test_the_audit_refuses_it_when_message_and_check_would_pass(asked_um: int, deeper_um: int) -> None:
    rig = homed()
    with without_the_guards_eyes(), only_the_guard(deeper_um) as patch:
        patch.setattr("mesogun_fw.device.ready.Audit", Audit)
        rig.load(a_pass(depth_um=asked_um))
        name, fields = rig.ask("arm", 0)
        assert (name, fields["code"]) == ("refused", refusals.AUDIT_FAILED)
        rig.touch()
        rig.press(in_ms=300)
        rig.wait(500)
        assert rig.board.needle.deepest_um == 0


# ---- net 3 ----

DEPTHS = st.integers(2, 100).map(lambda tenths: tenths * 100)
SPEEDS = st.integers(limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S)


def slow(depth_um: int, speed_um_s: int, **more: int) -> list[int]:
    return a_pass(depth_um=depth_um, needle_um_s=speed_um_s, dose_nl=0, period_us=limits.PERIOD_MAX_US, **more)


@examples(40)
@given(st.integers(10_200, 40_000), SPEEDS)
def test_the_guard_alone_stops_a_stroke_past_the_cap(depth_um: int, speed_um_s: int) -> None:
    speed_um_s = max(speed_um_s, depth_um // 2)  # there and back within the longest period
    homed()  # while the nets are still up
    with only_the_guard():
        rig = shoot(slow(depth_um, speed_um_s), ms=200 + 11_000_000 // speed_um_s)
        assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
        assert rig.board.state == FAULTED


@examples(40)
@given(DEPTHS, st.integers(1, 25_000), SPEEDS)
def test_the_guard_alone_stops_a_stroke_compiled_deeper_than_asked(depth_um: int, deeper_um: int, speed_um_s: int) -> None:
    deeper_um += 10 + limits.DEPTH_ERROR_UM
    homed()  # while the nets are still up
    with only_the_guard(deeper_um):
        rig = shoot(slow(depth_um, speed_um_s), ms=200 + 11_000_000 // speed_um_s)
        assert rig.board.needle.deepest_um <= min(limits.DEPTH_FAULT_UM, depth_um + limits.FOLLOW_ERROR_UM)
        assert rig.board.state == FAULTED


LATE_US = (0, 8, 67, 0, 67)  # with five of them a tick meets every noise of four


def stopped_um(depth_um: int, speed_um_s: int, phase_us: int, noise: tuple[int, ...]) -> int | None:
    """Where the guard's eyes stop a needle, ticks `phase_us` after its start, late as LATE_US, encoder off by `noise`; None: not
    at all."""
    stroke = Stroke()
    stepper.compile(stroke, Settings(depth_um, speed_um_s, 0, 500, 5_000, 10_000_000, 12_060), Description())
    timeline = Timeline(stroke.words, triples(stroke.lists[0], ENTRIES))
    flight = fresh()
    lay(flight, 0, stroke, Description(), 0)
    flight[PHASE], flight[PLAYING] = BACK, 1  # where nothing but the stopping distance is looked at
    before = tip = before_us = 0
    for tick in range(stroke.figures.out_us // 1000 + 4):
        now_us = phase_us + 1000 * tick + LATE_US[tick % len(LATE_US)]
        before, tip = tip, timeline.needle_steps(now_us) * 10
        flight[NEEDLE_UM] = tip + noise[tick % len(noise)]
        flight[SINCE_US], before_us = now_us - before_us if tick else 0, now_us
        flight[TICK_MS] = now_us // 1000
        look_around(flight, now_us // 1000)
        if follow(flight) == reasons.NEEDLE_OVERRUN:
            return tip + (tip - before) ** 2 // (2 * SPRING_UM_MS2)
    return None


@pytest.mark.slow
@pytest.mark.parametrize("speed_um_s", [9_058, 12_000, 25_000, 40_000, 120_000, 300_000])
def test_no_phase_of_a_tick_and_no_noise_lets_a_stroke_past_the_cap_or_stops_one_of_ten_millimetres(speed_um_s: int) -> None:
    for phase_us in range(0, 1000, 111):
        for noise in itertools.product((-1, 1), repeat=4):
            at = f"phase {phase_us}, noise {noise}"
            assert stopped_um(limits.DEPTH_CAP_UM, speed_um_s, phase_us, noise) is None, at
            deepest = stopped_um(10_100, speed_um_s, phase_us, noise)
            assert deepest is not None, at
            assert deepest <= limits.DEPTH_FAULT_UM, at


@examples(30)
@given(DEPTHS, SPEEDS, st.integers(1_000_000, 1_500_000))
def test_the_guard_stops_a_needle_that_travels_further_a_step_than_described(depth_um: int, speed_um_s: int, scale: int) -> None:
    rig = shoot(slow(depth_um, speed_um_s), scale_ppm=scale, ms=200 + 11_000_000 // speed_um_s)
    assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
    if depth_um * scale // 1_000_000 > depth_um + max(limits.DEPTH_ERROR_UM, depth_um // 20):
        assert rig.board.state == FAULTED


RUNAWAY = {"dwell_us": 30_000, "dose_nl": 0, "period_us": 500_000}


@examples(150)
@given(DEPTHS, st.one_of(st.integers(0, 130_000), st.integers(0, 500_000)))
def test_a_runaway_at_any_microsecond_is_stopped_by_the_guard_alone_until_near_the_cap(depth_um: int, at_us: int) -> None:
    rig = shoot(a_pass(**RUNAWAY, depth_um=depth_um), runaway_us=at_us, ms=at_us // 1000 + 60)
    # Nearer, a motor at full force is past 10.05 mm before the next tick can see it: 0.2 mm are the mechanical stop's.
    held_um = limits.DEPTH_FAULT_UM if depth_um <= 9_800 else limits.DEPTH_CAP_UM + 220
    assert rig.board.needle.deepest_um <= held_um
    assert rig.board.state == FAULTED


@examples(30)
@given(st.integers(0, 130_000))
def test_the_mechanical_stop_holds_what_is_left_of_a_runaway(at_us: int) -> None:
    one = a_pass(**RUNAWAY, depth_um=limits.DEPTH_CAP_UM)
    rig = shoot(one, runaway_us=at_us, stop_um=STOP_UM, ms=at_us // 1000 + 60)
    assert rig.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
    assert rig.board.state == FAULTED


@pytest.mark.parametrize("ask", ["home", "arm"])
def test_a_motor_that_would_fly_off_has_no_power_before_anybody_presses(ask: str) -> None:
    rig = homed()
    rig.load(a_pass())
    rig.board.needle.runaway_us = 0
    rig.ask(ask, *([0] if ask == "arm" else []))
    rig.wait(1_000)
    assert not rig.board.energised
    assert rig.board.needle.deepest_um == 0


@pytest.mark.parametrize("leave", [Rig.release, Rig.lift])
def test_a_motor_that_would_fly_off_has_no_power_between_two_presses(leave: Callable[[Rig], None]) -> None:
    rig = homed()
    rig.ready(a_pass())
    rig.press()
    rig.wait(200)
    assert rig.board.energised
    leave(rig)
    rig.wait(150)
    assert not rig.board.energised
    rig.board.needle.runaway_us = rig.desk.now_us()
    rig.board.needle.deepest_um = 0
    rig.wait(500)
    assert rig.board.needle.deepest_um == 0
    assert rig.board.state == ARMED, "nothing was there to be stopped"


@pytest.mark.parametrize("switch", [None, 1], ids=["home switch well", "home switch stuck"])
def test_a_motor_that_flies_off_as_soon_as_homing_gives_it_power_is_let_go(switch: int | None) -> None:
    rig = homed()
    rig.board.home_stuck = switch
    rig.board.needle.runaway_us = 0
    rig.ask("home")
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(500)
    assert 0 < rig.board.needle.deepest_um < 1_000
    assert (rig.board.state, rig.tip_um) == (FAULTED, 0)


def test_a_shot_in_which_the_needle_ran_past_its_depth_is_never_told_as_whole() -> None:
    """Also when its dose was in already: it fills its place, and it is wrong."""
    kinds = set()
    for ms in range(20, 130, 2):
        rig = Rig()
        rig.ready(a_pass(dwell_us=60_000))
        rig.press()
        rig.until_lamp(RUNNING)
        rig.wait(ms)
        rig.happen("needle-runaway")
        rig.wait(400)
        deep = [shot for shot in rig.told("shot") if shot["measured_depth_um"] > 2_000 + depth_tolerance_um(2_000)]
        kinds |= {kind_of(shot["flags"]) for shot in deep}
    assert kinds == {WRONG, CUT_SHORT}
