"""Any settings that fit become a stroke that does exactly what they say: by its pins, and by the audit."""

from dataclasses import replace
from math import floor, isqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rigs.search import examples
from rigs.strokes import (
    GUN,
    NEEDLE_DIR,
    NEEDLE_STEP,
    PIN_BITS,
    PLUNGER_STEP,
    Shot,
    compiled,
    earliest_us,
    exact_steps,
    play,
    played,
    round_us,
    words_of,
)
from rigs.strokes import shots as any_shot

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.language import (
    BACK_BRAKE,
    BACK_CRUISE,
    DOSE_CRUISE,
    DWELL,
    ENTRIES,
    LEAD_US,
    OUT_BRAKE,
    OUT_CRUISE,
    REST,
    REST_END,
    Ramp,
    Stroke,
    root,
)
from mesogun_fw.stroke.retreat import TURN_US
from mesogun_fw.stroke.stepper import Figures

ROUNDING_US = 3  # every time is rounded once, a difference of two twice, the square root itself once more
LONGEST = Shot(depth_um=10_000, dose_nl=200_000, flow_nl_s=350_000, bore_um=4_780, period_us=2_000_000)


@st.composite
def any_gun(draw: st.DrawFn) -> Description:
    """Other guns than the reference: a needle step is a part of 0.1 mm, and at full speed no step takes as long as a pause."""
    out_mm_s2 = draw(st.integers(4_000, 30_000))
    return Description(
        (
            draw(st.sampled_from((5_000, 6_250, 10_000))),
            draw(st.integers(25_000, 300_000)),
            out_mm_s2,
            draw(st.integers(1_000, min(7_500, out_mm_s2 // 4))),
            draw(st.integers(100, 5_000)),
            draw(st.integers(1_000, 20_000)),
            draw(st.integers(100, 5_000)),
            *REFERENCE[7:],
        )
    )


@given(any_shot())
def test_a_stroke_goes_to_its_depth_gives_its_dose_and_is_home_after_exactly_one_period(shot: Shot) -> None:
    stroke = compiled(shot)
    whole_steps = floor(exact_steps(shot))
    for variant in (0, 1):
        did = played(stroke, variant)
        positions = did.positions()
        assert positions.max() * GUN.needle_nm_per_step == shot.depth_um * 1000
        assert positions.min() == positions[-1] == 0
        assert did.duration_us == shot.period_us
        assert len(did.plunger_us) == whole_steps + (variant if shot.dose_nl else 0)
    assert stroke.used() <= limits.STROKE_WORDS_MAX


@given(any_shot())
def test_the_audit_passes_what_the_compiler_makes_and_finds_the_same(shot: Shot) -> None:
    audit = Audit(compiled(shot), shot.settings(), GUN)
    assert (audit.deepest_um, audit.period_us) == (shot.depth_um, shot.period_us)
    assert audit.dose_steps == floor(exact_steps(shot))
    assert 0 <= shot.dose_nl - audit.dose_nl <= shot.dose_nl / max(1, audit.dose_steps) + 1


@examples(60)
@given(st.data())
def test_a_stroke_for_another_gun_passes_the_audit_or_is_not_made(data: st.DataObject) -> None:
    gun = data.draw(any_gun())
    shot = data.draw(any_shot(gun))
    stroke = Stroke()
    try:
        stepper.compile(stroke, shot.settings(gun), gun)
    except ValueError as too_long:
        assume(str(too_long) not in ("words", "times", "time"))
        raise
    assert Audit(stroke, shot.settings(gun), gun).dose_steps == floor(exact_steps(shot, gun))


@given(any_shot())
def test_the_plunger_moves_only_while_the_needle_stands_at_depth(shot: Shot) -> None:
    assume(shot.dose_nl)
    did = played(compiled(shot), 1)
    arrived_us = did.needle_us[did.needle_way > 0][-1]
    left_us = did.needle_us[did.needle_way < 0][0]
    assert arrived_us < did.plunger_us[0]
    assert did.plunger_us[-1] + shot.dwell_us + TURN_US <= left_us


@given(any_shot())
def test_no_motor_is_asked_for_more_than_it_can(shot: Shot) -> None:
    did = played(compiled(shot), 1)
    out = did.needle_us[did.needle_way > 0]
    back = did.needle_us[did.needle_way < 0] - did.needle_us[did.needle_way > 0][-1]
    fastest_us = -(-GUN.needle_nm_per_step * 1000 // min(shot.needle_um_s, GUN.needle_um_s))
    for steps_us, start_us, brake in ((out, 0, GUN.needle_brake_mm_s2), (back, 0, GUN.needle_out_mm_s2)):
        motor_keeps_up(steps_us - start_us, GUN.needle_nm_per_step, GUN.needle_out_mm_s2, brake, fastest_us)
    if len(did.plunger_us):
        one_step_nl = 355 * shot.bore_um**2 * GUN.plunger_nm_per_step / 452e9
        fastest_us = max(GUN.plunger_nm_per_step * 1000 // GUN.plunger_um_s, floor(one_step_nl / shot.flow_nl_s * 1e6))
        acc = GUN.plunger_mm_s2
        motor_keeps_up(did.plunger_us - out[-1], GUN.plunger_nm_per_step, acc, acc, fastest_us)


def motor_keeps_up(steps_us: "np.ndarray", nm: int, speed_up_mm_s2: int, brake_mm_s2: int, fastest_us: int) -> None:
    """From rest at 0: no step before the motor can make it, none too late to stop one step after the last, none too close."""
    count = len(steps_us)
    rest_us = steps_us[-1] + earliest_us(1, nm, brake_mm_s2)
    for k, at_us in enumerate(steps_us.tolist(), 1):
        assert at_us >= earliest_us(k, nm, speed_up_mm_s2) - ROUNDING_US
        assert rest_us - at_us >= earliest_us(count - k, nm, brake_mm_s2) - ROUNDING_US
    assert not count > 1 or np.diff(steps_us).min() >= fastest_us


@given(any_shot())
def test_what_the_figures_say_is_when_it_happens(shot: Shot) -> None:
    stroke = compiled(shot)
    f = stroke.figures
    ends_us = [play(words_of(stroke.words, stroke.lists[1][: 3 * (place + 1)])).duration_us for place in range(ENTRIES)]
    assert ends_us[OUT_BRAKE] == f.out_us
    assert ends_us[DWELL] == f.back_start_us == f.out_us + f.dose.us + shot.dwell_us + TURN_US
    assert ends_us[BACK_BRAKE] == f.back_start_us + f.back_us == f.shortest_us - TURN_US - LEAD_US
    assert ends_us[REST] + LEAD_US == ends_us[REST_END] == stroke.list_us == stroke.leave_us == shot.period_us


@given(any_shot())
def test_every_pulse_is_as_long_as_drivers_ask_and_all_pins_are_low_at_the_end(shot: Shot) -> None:
    stroke = compiled(shot)
    words = words_of(stroke.words, stroke.lists[1])
    pins, holds = words & ((1 << PIN_BITS) - 1), words >> PIN_BITS
    assert set(pins.tolist()) <= {0, NEEDLE_STEP, NEEDLE_DIR, NEEDLE_STEP | NEEDLE_DIR, PLUNGER_STEP}
    assert set(holds[(pins & (NEEDLE_STEP | PLUNGER_STEP)) > 0].tolist()) <= {limits.PULSE_US}
    assert holds.min() > 0
    assert limits.PULSE_US >= 3, "drivers ask for up to 2.5 us"
    assert pins[-1] == 0


def test_the_longest_stroke_is_200_ul_from_a_1_ml_syringe_and_takes_a_few_kib() -> None:
    stroke = compiled(LONGEST)
    assert 17_800 <= stroke.figures.dose.steps <= 17_900
    assert stroke.used() < 3_000
    assert len(played(stroke).plunger_us) == stroke.figures.dose.steps


def test_a_repeated_block_is_two_words_that_an_address_ring_can_read_round_and_round() -> None:
    stroke = compiled(LONGEST)
    for place in (OUT_CRUISE, DOSE_CRUISE, BACK_CRUISE):
        offset, length, times = stroke.lists[0][3 * place : 3 * place + 3]
        assert (offset % 2, length) == (0, 2)
        assert times > 1


def test_a_period_one_microsecond_too_short_is_not_made() -> None:
    settings = replace(LONGEST, dwell_us=0).settings()
    settings.period_us = Figures(settings, GUN).shortest_us - 1
    with pytest.raises(ValueError, match="period"):
        stepper.compile(Stroke(), settings, GUN)
    settings.period_us += 1
    stepper.compile(Stroke(), settings, GUN)


def test_more_repeats_than_a_list_can_hold_are_not_made() -> None:
    gun = Description((10_000, 300_000, 30_000, 7_500, 100, 10_000, 5_000, *REFERENCE[7:]))
    shot = Shot(dose_nl=100_000, flow_nl_s=2_000_000, bore_um=4_000)
    assert Figures(shot.settings(gun), gun).dose.cruise > 65_535
    with pytest.raises(ValueError, match="times"):
        compiled(shot, gun)


def test_more_words_than_the_gun_has_memory_for_are_not_made() -> None:
    gun = Description((5_000, 300_000, 4_000, 1_000, 625, 20_000, 2_000, *REFERENCE[7:]))
    with pytest.raises(ValueError, match="words"):
        compiled(Shot(depth_um=10_000), gun)


def test_a_step_is_never_shorter_than_its_motor_can_not_by_a_part_of_a_microsecond() -> None:
    """A needle's takes 33.3 us, a plunger's 31.25: rounded down, either would be faster than its motor."""
    stroke = compiled(Shot(depth_um=10_000, dose_nl=10_000, flow_nl_s=limits.FLOW_MAX_NL_S, bore_um=4_000))
    assert [round_us(stroke, place) for place in (OUT_CRUISE, DOSE_CRUISE, BACK_CRUISE)] == [34, 32, 34]
    slow = compiled(Shot(depth_um=10_000, needle_um_s=70_000, dose_nl=0))
    assert round_us(slow, OUT_CRUISE) == 143


def test_a_stroke_can_be_compiled_again_and_again_in_the_same_memory() -> None:
    stroke = Stroke()
    buffers = (stroke.words, *stroke.lists, stroke.away)
    for shot in (LONGEST, Shot(dose_nl=0), Shot(depth_um=200), LONGEST):
        stepper.compile(stroke, shot.settings(), GUN)
        assert played(stroke).same_moves(played(compiled(shot)))
    assert all(a is b for a, b in zip(buffers, (stroke.words, *stroke.lists, stroke.away), strict=True))


@given(st.integers(0, 1 << 60))
def test_the_integer_root_is_exact(value: int) -> None:
    assert root(value) == isqrt(value)


@given(st.integers(100, 50_000), st.integers(100, 30_000), st.integers(1, 5_000))
def test_a_ramp_never_steps_faster_than_the_cruise_it_leads_to(nm_per_step: int, mm_s2: int, interval_us: int) -> None:
    ramp = Ramp(nm_per_step, mm_s2)
    steps = ramp.steps_to(interval_us)
    for k in range(max(1, steps - 50), steps + 1):
        assert ramp.at(k + 1) - ramp.at(k) >= interval_us
    if steps:
        assert ramp.at(steps + 3) - ramp.at(steps + 2) <= interval_us + 1
