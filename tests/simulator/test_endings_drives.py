"""Whatever ends a shot, at every moment of it, in every mode and on both drives: needle home in time, plunger still.

Figures of DOMAIN 5: out of the skin within 20 ms plus the retract stroke; e-stop: no further outward or dispensing edge
after one tick and 0.1 ms. What broke is mended and every contact is as before: still nothing resumes by itself.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.guns import ENCODER_STEP_UM, HOME_UM, OUT_PIN, SETUPS, Ended, Gun, armed, moments, silent
from rigs.marks import mostly_slow
from rigs.rig import a_pass
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.device.loop import IDLE_STEP_MS
from mesogun_fw.guard.cells import LEFT, RUN
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, UNCERTAIN
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, FAULTED, HOLD, PAUSE, STATES, STOPPED
from mesogun_sim.costs import LATE_US
from mesogun_sim.faults import BREAKAGES

NAMES = pytest.mark.parametrize("name", mostly_slow(SETUPS, 3))
TICK_MS = 1
# The motor is not trusted with the way back.
LIMP = (
    reasons.ESTOP_PRESSED,
    reasons.NEEDLE_OVERRUN,
    reasons.NEEDLE_ASTRAY,
    reasons.NOT_HOME,
    reasons.PLAYER_STOPPED,
    reasons.SUPPLY_LOW,
)


def depth_um(name: str) -> int:
    return SETUPS[name].one[4] + ENCODER_STEP_UM


def outward_edges(gun: Gun) -> list[int]:
    """When the pins moved the needle out: a step outwards, or the valve that throws it."""
    return [at for at, inwards in gun.tape.rises(OUT_PIN) if not inwards]


AT_ONCE: dict[str, tuple[Callable[[Gun], object], int, int]] = {
    "release": (lambda gun: gun.set(trigger_b=0), HOLD, reasons.RELEASED),
    "lift": (lambda gun: gun.set(contact_a=0), HOLD, reasons.LIFTED),
    "link silence": (silent, PAUSE, reasons.LINK_SILENT),
    "e-stop": (lambda gun: gun.happen("estop"), ESTOP, reasons.ESTOP_PRESSED),
}


@NAMES
@pytest.mark.parametrize("cause", AT_ONCE)
def test_a_hand_a_host_or_an_e_stop_ends_a_shot_within_a_tick_at_every_moment(name: str, cause: str) -> None:
    act, kind, reason = AT_ONCE[cause]
    for at, gun in moments(name, every_ms=1 if cause == "e-stop" else 4):
        ending = Ended(gun, act)
        ending.is_safe(at, depth_um(name))
        ending.is_told(at, *((DONE, reasons.PASS_DONE) if kind == HOLD and gun.guard.cells[LEFT] == 0 else (kind, reason)))
        assert ending.verdict_ms - ending.cause_ms <= TICK_MS, at
        assert not gun.board.energised, at
        if kind == ESTOP:
            latest_us = ending.cause_us + limits.TICK_US + LATE_US + 100
            assert max(outward_edges(gun)) <= latest_us, f"{at}: outwards after the e-stop"
            assert max(gun.plunger_steps()[0], default=0) <= latest_us, f"{at}: dispensing after the e-stop"
            assert gun.board.state == STOPPED, at
            if SETUPS[name].drive == "pneumatic":
                assert gun.board.vented, f"{at}: there is air on the needle"


DOSE = (reasons.DOSE_WRONG, reasons.FREE_FLOW)
ASTRAY = (reasons.NEEDLE_ASTRAY, reasons.NEEDLE_OVERRUN, reasons.DEPTH_WRONG, reasons.NOT_HOME)
BOTH, MOTOR, AIR = ("stepper", "pneumatic"), ("stepper",), ("pneumatic",)
# What breaks: on which drives, what the guard calls it, whether it sees it at the next tick or only when it matters.
BROKEN: dict[str, tuple[tuple[str, ...], tuple[int, ...], bool]] = {
    "syringe-out": (BOTH, (reasons.SYRINGE_OUT,), True),
    "supply-low": (BOTH, (reasons.SUPPLY_LOW,), True),
    "too-hot": (BOTH, (reasons.TOO_HOT,), True),
    "air-low": (AIR, (reasons.PRESSURE_WRONG,), True),
    "stop-slips": (AIR, (reasons.STOP_ASTRAY, *ASTRAY), True),
    "tick-late": (BOTH, (reasons.GUARD_LATE,), True),
    "needle-stall": (BOTH, ASTRAY, False),
    "needle-scale": (MOTOR, ASTRAY, False),
    "needle-runaway": (MOTOR, ASTRAY, False),
    "air-weak": (AIR, ASTRAY, False),
    "home-open": (BOTH, (reasons.NOT_HOME,), False),
    "plunger-stall": (BOTH, DOSE, False),
    "plunger-pushed": (BOTH, DOSE, False),
    "occlusion": (BOTH, DOSE, False),
}
ELSEWHERE = {"estop", "lift", "link-down", "home-stuck", "trigger-a-stuck", "clear", "guard-dead", "loop-dead"}


def test_every_fault_of_the_simulator_is_tried_here() -> None:
    assert set(BROKEN) | ELSEWHERE == set(BREAKAGES)


def two_strokes_ms(name: str) -> int:
    """By then a fault has shown, or the press is over."""
    return 2 * SETUPS[name].one[-1] // 1000 + 250


@NAMES
@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_at_any_moment_of_a_shot_latches_with_the_needle_home(name: str, fault: str) -> None:
    drives, expected, at_once = BROKEN[fault]
    if SETUPS[name].drive not in drives:
        return
    found = 0
    flies = fault in ("needle-runaway", "needle-scale", "stop-slips")
    deepest_um = limits.DEPTH_FAULT_UM if flies else depth_um(name)
    for at, gun in moments(name, every_ms=11 if at_once else 17, offset=3):
        ending = Ended(gun, lambda gun: gun.happen(fault), two_strokes_ms(name))
        ending.is_safe(at, deepest_um)
        if ending.kind <= HOLD and not at_once:
            continue  # too late in the last shot of this press to matter
        found += 1
        ending.is_told(at, FAULT, *expected)
        assert gun.board.state == FAULTED, at
        if ending.ended["reason"] == reasons.DOSE_WRONG:
            assert gun.told("shot")[-1]["flags"] & DOSE_OFF, at
        if at_once:
            assert ending.verdict_ms - ending.cause_ms <= TICK_MS, at
        if ending.reason in LIMP:
            assert gun.tape.power[-1][0] <= ending.verdict_us, f"{at}: the motor was trusted with the way back"
    # weak air shows when it throws the needle again
    assert found or (fault == "air-weak" and name != "air, continuous"), "it was never noticed"


@NAMES
def test_a_dead_loop_ends_with_the_needle_home(name: str) -> None:
    """At the latest when it is found dead; before that when the shots are made that it had written into the journal."""
    for at, gun in moments(name, every_ms=17):
        ending = Ended(gun, lambda gun: gun.happen("loop-dead"), limits.LOOP_DEAD_MS + 3)
        ending.is_safe(at, depth_um(name))
        assert (ending.kind, ending.reason) in (
            (FAULT, reasons.LOOP_DEAD), (PAUSE, reasons.JOURNAL_BEHIND), (HOLD, reasons.PRESS_DONE), (DONE, reasons.PASS_DONE),
        ), at  # fmt: skip


@NAMES
def test_a_dead_guard_ends_with_the_needle_home_and_its_shots_uncertain(name: str) -> None:
    for at, gun in moments(name, every_ms=17):
        before = len(gun.told("shot"))
        ending = Ended(gun, lambda gun: gun.happen("guard-dead"), limits.GUARD_DEAD_MS + IDLE_STEP_MS + 3)
        ending.is_safe(at, depth_um(name))
        assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.GUARD_DEAD), at
        assert gun.board.vented, f"{at}: air would hold a needle out"
        unsure = gun.told("shot")[before:]
        assert 0 <= len(gun.told("shot")) - len(gun.strokes()) <= 1, f"{at}: one may have been granted"
        assert all(shot["flags"] & UNCERTAIN for shot in unsure), at
        assert gun.device.journal.summary()[2] == len(unsure), at


@NAMES
def test_a_cut_cable_is_a_silent_host(name: str) -> None:
    for at, gun in moments(name, every_ms=29, offset=1):
        ending = Ended(gun, lambda gun: gun.happen("link-down"), limits.LINK_SILENT_MS + 3)
        ending.is_safe(at, depth_um(name))
        if ending.kind > HOLD:
            assert (ending.kind, ending.reason) == (PAUSE, reasons.LINK_SILENT), at


@NAMES
@pytest.mark.parametrize("fault", ["home-stuck", "trigger-a-stuck", "clear"])
def test_a_stuck_switch_keeps_no_shot_from_ending(name: str, fault: str) -> None:
    def stuck_then_released(gun: Gun) -> None:
        gun.happen(fault)
        gun.set(in_ms=3, trigger_a=0, trigger_b=0)

    for at, gun in moments(name, every_ms=19, offset=2):
        ending = Ended(gun, stuck_then_released)
        ending.is_safe(at, depth_um(name))
        seen = fault == "home-stuck" and ending.kind == FAULT  # the needle had been out long enough
        assert ending.reason == reasons.HOME_SWITCH if seen else ending.kind <= HOLD, at
        gun.wait(limits.TRIGGER_DISAGREE_MS)
        assert (gun.board.state == FAULTED) == (fault == "trigger-a-stuck" or seen), at


@NAMES
def test_a_home_switch_that_stays_closed_is_noticed_in_the_first_stroke(name: str) -> None:
    gun = armed(name).again()
    gun.board.home_stuck = 1
    gun.shoot()
    gun.until_lamp(FAULTED)
    assert gun.told("ended")[-1]["reason"] == reasons.HOME_SWITCH
    gun.wait(500)
    assert len(gun.strokes()) == 1
    assert gun.board.needle.deepest_um <= depth_um(name)
    assert gun.tip_um < HOME_UM


def test_so_it_is_at_the_shallowest_depth_and_without_a_rest_at_depth() -> None:
    for drive, dwell_us in (("stepper", 0), ("stepper", 3_000), ("pneumatic", 3_000)):
        gun = Gun(drive)
        gun.ready(a_pass(depth_um=limits.DEPTH_MIN_UM, dose_nl=0, dwell_us=dwell_us))
        gun.board.home_stuck = 1
        gun.shoot()
        gun.until_lamp(FAULTED)
        assert gun.told("ended")[-1]["reason"] == reasons.HOME_SWITCH
        assert len(gun.told("shot")) == 1


# ---- what comes after: nothing by itself ----

CAUSES = {
    **{cause: act for cause, (act, _, _) in AT_ONCE.items()},
    **dict.fromkeys(("too-hot", "occlusion", "tick-late")),
}


@NAMES
@pytest.mark.parametrize("cause", CAUSES)
def test_nothing_resumes_by_itself_when_all_is_well_again(name: str, cause: str) -> None:
    for at, gun in moments(name, every_ms=47, offset=3):
        Ended(gun, CAUSES[cause] or (lambda gun: gun.happen(cause)), two_strokes_ms(name))
        strokes, state = len(gun.strokes()), gun.board.state
        gun.beats = True
        gun.board.fluid.blocked_us = -1
        gun.set(trigger_a=1, trigger_b=1, contact_a=1, contact_b=1, estop=0, late_us=0, temperature_c=31)
        gun.wait(500)
        assert (len(gun.strokes()), STATES[gun.board.state]) == (strokes, STATES[state]), at
        assert not gun.board.energised, at


# ---- any settings, any fault, any moment ----

ANY_CAUSE = st.sampled_from(sorted(set(BREAKAGES) - {"home-stuck", "clear"}))


@examples(60)
@given(
    st.sampled_from(("stepper", "pneumatic")),
    st.integers(1, 5),
    st.integers(2, 100),
    st.sampled_from((0, 1_000, 4_000, 20_000)),
    st.sampled_from((0, 700, 12_345)),
    st.integers(0, 1_999),
    ANY_CAUSE,
)
def test_any_shot_ends_safely(drive: str, mode: int, tenths: int, dose_nl: int, dwell_us: int, part: int, fault: str) -> None:
    """`part`: when, in thousandths of its first two strokes."""
    gun = Gun(drive)
    gun.home()
    burst = 3 if mode == 2 else 1
    period_us = 1_000_000 if mode == 4 else 437_211
    one = a_pass(mode=mode, burst=burst, shots=9, depth_um=100 * tenths, dose_nl=dose_nl, dwell_us=dwell_us, period_us=period_us)
    try:
        gun.load(one)
    except AssertionError:
        assert gun.answers[gun.seq][0] == "refused"
        return
    gun.arm()
    gun.board.needle.deepest_um = 0
    gun.touch()
    gun.shoot()
    gun.wait(part * period_us // 1_000_000)
    if gun.guard.phase != RUN:
        return

    def breaks(gun: Gun) -> None:
        gun.happen(fault)
        gun.release(in_ms=2 * period_us // 1000)  # nothing breaks on the other drive

    ending = Ended(gun, breaks, 2 * period_us // 1000 + 600)
    flies = fault in ("needle-runaway", "needle-scale", "stop-slips")
    ending.is_safe(fault, limits.DEPTH_FAULT_UM if flies else 100 * tenths + ENCODER_STEP_UM)
    if fault == "estop":
        assert max(outward_edges(gun)) <= ending.cause_us + limits.TICK_US + LATE_US + 100
