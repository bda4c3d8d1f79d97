"""What only one check of the audit can see, it refuses alone; what is just within it passes. Here: settings, motors."""

from collections.abc import Callable
from dataclasses import replace
from math import floor

import pytest
from rigs.audits import DRY, SHOT, passed, refused
from rigs.strokes import PIN_BITS, Shot, compiled, entry, exact_steps, longer, more_rounds, played, round_us, words_of

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.stroke.language import (
    BACK_CRUISE,
    DOSE_CRUISE,
    DOSE_TAIL,
    DWELL,
    OUT_BRAKE,
    OUT_CRUISE,
    PLUNGER_STEP,
    REST,
    Stroke,
)
from mesogun_fw.talk.messages import GUN as GUN_FIGURES

# ---- the two variants ----


def a_rest_of_its_own(stroke: Stroke, saved_us: int) -> None:
    """The second variant rests so much less, that its period stays exact."""
    stroke.words[stroke.length] = stroke.words[entry(stroke, REST)[0]] - (saved_us << PIN_BITS)
    stroke.lists[1][3 * REST] = stroke.length
    stroke.length += 1


def test_a_second_variant_one_step_deeper_than_the_first_is_refused() -> None:
    stroke = compiled(DRY)
    for place in (OUT_CRUISE, BACK_CRUISE):
        more_rounds(stroke, place, 1, (1,))
    a_rest_of_its_own(stroke, round_us(stroke, OUT_CRUISE) + round_us(stroke, BACK_CRUISE))
    assert played(stroke, 1).positions().max() == played(stroke, 0).positions().max() + 1
    assert refused(stroke, DRY) == "the two variants differ in depth or period"


def test_a_second_variant_without_its_step_or_with_one_more_is_refused() -> None:
    without, more = compiled(SHOT), compiled(SHOT)
    without.words[entry(without, DOSE_TAIL, 1)[0]] &= ~PLUNGER_STEP
    more_rounds(more, DOSE_CRUISE, 1, (1,))
    a_rest_of_its_own(more, round_us(more, DOSE_CRUISE))
    for stroke in (without, more):
        assert refused(stroke, SHOT) == "the two variants do not differ by one plunger step"


def test_a_step_of_the_plunger_in_a_dry_shot_is_refused() -> None:
    less_than_a_step = replace(SHOT, dose_nl=50)
    stroke = compiled(less_than_a_step)
    assert passed(stroke, less_than_a_step).dose_steps == 0
    assert "the two variants do not differ by one plunger step" in refused(stroke, DRY)
    passed(compiled(DRY), DRY)


# ---- what was asked for ----


def test_a_dose_is_right_to_one_step_of_the_plunger_and_not_one_nanolitre_further() -> None:
    stroke = compiled(SHOT)
    steps = floor(exact_steps(SHOT))
    one_step_nl = 1 / exact_steps(replace(SHOT, dose_nl=1))
    least_nl, most_nl = -floor(-steps * one_step_nl), floor((steps + 1) * one_step_nl)
    assert passed(stroke, replace(SHOT, dose_nl=least_nl)).dose_steps == steps
    assert passed(stroke, replace(SHOT, dose_nl=most_nl)).dose_steps == steps
    for dose_nl in (least_nl - 1, most_nl + 1):
        assert refused(stroke, replace(SHOT, dose_nl=dose_nl)) == f"the dose is not within a step of {dose_nl} nl"


@pytest.mark.parametrize(("bore_um", "step_nm"), [(12_060, 625), (4_780, 500), (15_900, 1_250)])
def test_the_audit_says_what_its_steps_hold(bore_um: int, step_nm: int) -> None:
    gun = Description((*REFERENCE[:4], step_nm, *REFERENCE[5:]))
    shot = replace(SHOT, bore_um=bore_um, period_us=2_000_000)
    audit = passed(compiled(shot, gun), shot, gun)
    steps = floor(exact_steps(shot, gun))
    assert audit.dose_steps == steps
    assert audit.dose_nl == floor(steps / exact_steps(replace(shot, dose_nl=1), gun))
    assert (audit.deepest_um, audit.period_us) == (shot.depth_um, shot.period_us)


@pytest.mark.parametrize("by_um", [-100, -10, 10, 100])
def test_another_depth_than_asked_for_is_refused_also_when_it_is_shallower(by_um: int) -> None:
    other = replace(DRY, depth_um=DRY.depth_um + by_um)
    assert refused(compiled(DRY), other) == f"depth is 4000 um, asked for {other.depth_um}"


@pytest.mark.parametrize("by_us", [-1, 1])
def test_another_period_than_asked_for_is_refused(by_us: int) -> None:
    assert refused(compiled(DRY), replace(DRY, period_us=DRY.period_us + by_us)).startswith("period is 300000 us")


# ---- once ----


def again_in_the_rest(stroke: Stroke) -> None:
    """The whole way out and back once more, where the stroke would rest: as deep, as slow, in the same period."""
    way = words_of(stroke.words, stroke.lists[0][: 3 * REST]).tolist()
    rest_us = (stroke.words[entry(stroke, REST)[0]] >> PIN_BITS) - sum(word >> PIN_BITS for word in way)
    first = stroke.length
    for word in (*way, rest_us << PIN_BITS):
        stroke.words[stroke.length] = word
        stroke.length += 1
    for listed in stroke.lists:
        listed[3 * REST : 3 * REST + 3] = listed.__class__("H", [first, stroke.length - first, 1])


def test_a_needle_that_goes_out_twice_in_one_shot_is_refused() -> None:
    """Nobody asked for the second prick, and nobody would count it."""
    shallow = replace(DRY, depth_um=300, dwell_us=0)
    stroke = compiled(shallow)
    again_in_the_rest(stroke)
    did = played(stroke)
    assert (did.positions().max(), int((did.needle_way > 0).sum()), did.duration_us) == (30, 60, shallow.period_us)
    assert "the needle goes out a second time" in refused(stroke, shallow)


# ---- the motors ----


def quicker(place: int, by_us: int) -> Callable[[Stroke], None]:
    """Each round of a cruise is so much shorter; the rest takes what is saved."""

    def change(stroke: Stroke) -> None:
        offset, length, times = entry(stroke, place)
        longer(stroke, offset + length - 1, -by_us)
        longer(stroke, entry(stroke, REST)[0], by_us * times)

    return change


def another_gun(**figures: int) -> Description:
    return Description(tuple({**dict(zip([field[0] for field in GUN_FIGURES], REFERENCE, strict=True)), **figures}.values()))


def test_a_needle_at_the_speed_of_its_motor_passes_and_a_microsecond_faster_does_not() -> None:
    gun = another_gun(needle_um_s=250_000)
    shot = replace(DRY, depth_um=10_000)
    stroke = compiled(shot, gun)
    assert round_us(stroke, OUT_CRUISE) == 40
    passed(stroke, shot, gun)
    for place in (OUT_CRUISE, BACK_CRUISE):
        stroke = compiled(shot, gun)
        quicker(place, 1)(stroke)
        assert "a step comes sooner than its motor can follow" in refused(stroke, shot, gun)


def test_a_plunger_at_the_speed_of_its_motor_passes_and_a_microsecond_faster_does_not() -> None:
    gun = another_gun(plunger_um_s=12_500)
    narrow = Shot(dose_nl=10_000, flow_nl_s=limits.FLOW_MAX_NL_S, bore_um=4_000, period_us=500_000)
    stroke = compiled(narrow, gun)
    assert round_us(stroke, DOSE_CRUISE) == 50
    passed(stroke, narrow, gun)
    quicker(DOSE_CRUISE, 1)(stroke)
    assert "a step comes sooner than its motor can follow" in refused(stroke, narrow, gun)


def test_a_flow_as_asked_for_passes_and_a_microsecond_a_step_faster_does_not() -> None:
    stroke = compiled(SHOT)
    one_step_us = 1_000_000 * SHOT.dose_nl / SHOT.flow_nl_s / exact_steps(SHOT)
    assert round_us(stroke, DOSE_CRUISE) == -floor(-one_step_us)
    quicker(DOSE_CRUISE, 1)(stroke)
    passed(stroke, SHOT)  # rounded down instead of up
    quicker(DOSE_CRUISE, 1)(stroke)
    assert "flow is more than the needle passes" in refused(stroke, SHOT)


@pytest.mark.parametrize("axis", ["needle_out_mm_s2", "plunger_mm_s2"])
def test_an_acceleration_twice_its_motors_is_refused_and_its_motors_own_passes(axis: str) -> None:
    strong = another_gun(needle_brake_mm_s2=1_000)
    weak = another_gun(needle_brake_mm_s2=1_000, **{axis: getattr(strong, axis) // 2})
    shot = Shot(dose_nl=50_000, flow_nl_s=2_000_000, period_us=1_000_000)
    passed(compiled(shot, strong), shot, strong)
    passed(compiled(shot, weak), shot, weak)
    assert "an axis accelerates harder than its motor can" in refused(compiled(shot, strong), shot, weak)


def test_a_motor_that_stops_dead_amid_its_way_and_goes_on_at_once_is_refused() -> None:
    """Its steps are as many and as fast as they should be, but for one pause among them."""
    far = Shot(depth_um=4_000, needle_um_s=100_000, dose_nl=0, period_us=500_000)
    stroke = compiled(far)
    offset, _, times = entry(stroke, OUT_CRUISE)
    at, length, _ = entry(stroke, OUT_BRAKE)
    first, more, pause_us = stroke.length, 40, 5_000
    words = [pause_us << PIN_BITS, *list(stroke.words[offset : offset + 2]) * more, *stroke.words[at : at + length]]
    for i, word in enumerate(words):
        stroke.words[first + i] = word
    stroke.length += len(words)
    more_rounds(stroke, OUT_CRUISE, -more)
    for listed in stroke.lists:
        listed[3 * OUT_BRAKE : 3 * OUT_BRAKE + 2] = listed.__class__("H", [first, len(words)])
    longer(stroke, entry(stroke, REST)[0], -pause_us)
    assert times > more
    assert "an axis accelerates harder than its motor can" in refused(stroke, far)


def test_the_shortest_word_that_a_player_plays_passes() -> None:
    shortest = replace(DRY, dwell_us=limits.DWELL_MIN_US)
    stroke = compiled(shortest)
    at = entry(stroke, DWELL)[0]
    assert stroke.words[at] >> PIN_BITS == 2
    passed(stroke, shortest)
    longer(stroke, at, -1)
    assert "a word is no pin pattern of a stroke" in refused(stroke, shortest)


@pytest.mark.parametrize("place", [OUT_CRUISE, BACK_CRUISE, DOSE_CRUISE])
def test_a_pulse_of_either_axis_that_does_not_end_is_refused(place: int) -> None:
    shot = replace(SHOT, depth_um=10_000)
    stroke = compiled(shot)
    offset = entry(stroke, place)[0]
    stroke.words[offset + 1] = stroke.words[offset] & 63 | stroke.words[offset + 1]
    assert "a step pulse is cut or repeated" in refused(stroke, shot)
