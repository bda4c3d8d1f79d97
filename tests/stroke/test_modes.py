"""Constant flow and retrograde, proved from their words alone: where, when and how evenly the dose goes in, and the way home."""

from collections.abc import Callable
from dataclasses import replace
from math import floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rigs.marks import slow
from rigs.strokes import (
    GUN,
    NEEDLE_DIR,
    NEEDLE_STEP,
    PLUNGER_STEP,
    Played,
    Shot,
    Times,
    compiled,
    earliest_us,
    entry,
    exact_steps,
    longer,
    play,
    played,
    words_of,
)
from rigs.strokes import shots as any_shot

from mesogun_fw import limits
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.audit import Audit, AuditFailed
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.language import (
    BACK_BRAKE,
    BACK_CRUISE,
    BACK_UP,
    DOSE_CRUISE,
    DOSE_UP,
    DWELL,
    ENTRIES,
    LEAD_US,
    OUT_BRAKE,
    REST,
    TIME_SHIFT,
    Stroke,
)
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE, SINGLE

FLOWING = Shot(depth_um=4_000, dose_nl=20_000, flow_nl_s=200_000, dwell_us=3_000, mode=CONSTANT_FLOW)
DRAWN = Shot(depth_um=4_000, dose_nl=10_000, flow_nl_s=200_000, dwell_us=3_000, mode=RETROGRADE)
ROUNDING_US = 3


def compiled_or_not(shot: Shot) -> Stroke:
    """Leaves out what the drive says it cannot do."""
    try:
        return compiled(shot)
    except ValueError:
        assume(False)
        raise


def part(stroke: Stroke, first: int, until: int, variant: int = 0) -> Times:
    """The words of some places of a list."""
    return words_of(stroke.words, stroke.lists[variant][3 * first : 3 * until])


def refused(stroke: Stroke, shot: Shot) -> str:
    with pytest.raises(AuditFailed) as failed:
        Audit(stroke, shot.settings(), GUN)
    return str(failed.value)


def least_gap_us(shot: Shot) -> int:
    """No plunger step may follow another sooner: by its motor, by the flow asked for."""
    one_step_nl = 355 * shot.bore_um**2 * GUN.plunger_nm_per_step / 452e9
    return max(GUN.plunger_nm_per_step * 1000 // GUN.plunger_um_s, floor(one_step_nl / shot.flow_nl_s * 1e6))


# ---- constant flow ----


@st.composite
def flowing(draw: st.DrawFn) -> Shot:
    shot = draw(any_shot())
    dose_nl = draw(st.integers(limits.DOSE_MIN_NL, limits.DOSE_MAX_NL))
    flow_nl_s = draw(st.integers(dose_nl, limits.FLOW_MAX_NL_S))
    return replace(shot, mode=CONSTANT_FLOW, dose_nl=dose_nl, flow_nl_s=flow_nl_s, period_us=BODY_US)


def chain(stroke: Stroke, *variants: int) -> Times:
    """Out, a body for each of the variants, and back: what a player puts that was granted all but the first."""
    leave, begin = stroke.leave, stroke.entry
    bodies = [part(stroke, begin, leave, variant) for variant in variants[1:]]
    return np.concatenate((part(stroke, 0, leave, variants[0]), *bodies, part(stroke, leave, ENTRIES, variants[-1])))


@given(flowing())
def test_a_body_lasts_exactly_a_second_gives_its_dose_and_leaves_the_needle_alone(shot: Shot) -> None:
    stroke = compiled_or_not(shot)
    for variant in (0, 1):
        words = part(stroke, stroke.entry, stroke.leave, variant)
        body = play(words)
        assert body.duration_us == BODY_US
        assert len(body.plunger_us) == floor(exact_steps(shot)) + variant
        assert len(body.needle_us) == 0
        assert (words[0] | words[-1]) & 0b111111 == 0, "pins are low where it is entered and left"
    out = part(stroke, 0, stroke.entry)
    assert play(out).positions()[-1] * GUN.needle_nm_per_step == shot.depth_um * 1000
    assert int((out >> TIME_SHIFT).sum()) == stroke.entry_us
    assert stroke.leave_us == stroke.entry_us + BODY_US


@given(flowing(), st.lists(st.integers(0, 1), min_size=1, max_size=5))
def test_bodies_in_a_row_are_one_needle_at_depth_and_an_even_flow(shot: Shot, variants: list[int]) -> None:
    stroke = compiled_or_not(shot)
    did = play(chain(stroke, *variants))
    deepest = shot.depth_um * 1000 // GUN.needle_nm_per_step
    positions = did.positions()
    assert (positions.max(), positions.min(), positions[-1]) == (deepest, 0, 0)
    assert (positions[np.searchsorted(did.needle_us, did.plunger_us)] == deepest).all()
    assert len(did.plunger_us) == len(variants) * floor(exact_steps(shot)) + sum(variants)
    assert did.duration_us == stroke.list_us + (len(variants) - 1) * BODY_US
    gaps = np.diff(did.plunger_us)
    assert gaps.min(initial=BODY_US) >= least_gap_us(shot)


@given(flowing())
def test_a_body_starts_and_stops_its_plunger_as_its_motor_can(shot: Shot) -> None:
    stroke = compiled_or_not(shot)
    steps_us = play(part(stroke, stroke.entry, stroke.leave, 1)).plunger_us
    nm, acc, count = GUN.plunger_nm_per_step, GUN.plunger_mm_s2, len(steps_us)
    for k, at_us in enumerate(steps_us.tolist(), 1):
        assert at_us >= earliest_us(k, nm, acc) - ROUNDING_US
        assert BODY_US - at_us >= earliest_us(count - k, nm, acc) - ROUNDING_US


@pytest.mark.parametrize("dose_nl", [1_000, 20_000, 100_000])
def test_a_second_of_flow_has_no_pause_longer_than_its_seam(dose_nl: int) -> None:
    shot = replace(FLOWING, dose_nl=dose_nl)
    did = play(chain(compiled(shot), 0, 0, 0))
    gaps = np.diff(did.plunger_us)
    mean_us = 1e6 / float(exact_steps(shot))
    # at a seam: the last step's own time, the place of the step that the carry adds, the words before it is left, the first
    assert gaps.max() <= 3 * mean_us + LEAD_US + 2_000
    assert np.median(gaps) == pytest.approx(mean_us, rel=0.01 + 2 / len(did.plunger_us) * 3)


def test_more_than_flows_in_a_second_is_not_made() -> None:
    with pytest.raises(ValueError, match="flow"):
        compiled(replace(FLOWING, dose_nl=150_000, flow_nl_s=150_000))
    compiled(replace(FLOWING, dose_nl=150_000, flow_nl_s=170_000))


def a_needle_step_in_the_body(stroke: Stroke) -> None:
    stroke.words[entry(stroke, DOSE_CRUISE)[0] + 1] |= NEEDLE_STEP


def dose_after_the_link(stroke: Stroke) -> None:
    """A step in the dwell: it would be given once, not once a second."""
    stroke.words[entry(stroke, DWELL)[0]] |= PLUNGER_STEP
    longer(stroke, entry(stroke, DWELL)[0], 0)


def another_entry(stroke: Stroke) -> None:
    stroke.entry = DOSE_CRUISE


def another_link(stroke: Stroke) -> None:
    stroke.leave = BACK_UP


def entered_before_it_is_out(stroke: Stroke) -> None:
    stroke.entry = OUT_BRAKE
    stroke.entry_us = play(part(stroke, 0, OUT_BRAKE)).duration_us


def a_longer_second(stroke: Stroke) -> None:
    longer(stroke, entry(stroke, DOSE_UP)[0], 1)
    stroke.leave_us += 1
    stroke.list_us += 1


def no_way_back(stroke: Stroke) -> None:
    for listed in stroke.lists:
        for place in (BACK_UP, BACK_CRUISE, BACK_BRAKE):
            listed[3 * place + 2] = 0
    stroke.list_us = played(stroke).duration_us


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (a_needle_step_in_the_body, "the plunger moves while the needle is not at depth"),
        (dose_after_the_link, "not all between the places to enter and to leave"),
        (another_entry, "to leave and to enter are not where"),
        (another_link, "to leave and to enter are not where|cannot be left"),
        (entered_before_it_is_out, "cannot be left there for its entry"),
        (a_longer_second, "period is 1000001 us"),
        (no_way_back, "does not end at home"),
    ],
)
def test_the_audit_refuses_a_flow_that_would_do_otherwise(change: Callable[[Stroke], None], why: str) -> None:
    stroke = compiled(FLOWING)
    Audit(stroke, FLOWING.settings(), GUN)
    change(stroke)
    with pytest.raises(AuditFailed, match=why):
        Audit(stroke, FLOWING.settings(), GUN)


# ---- retrograde ----


@st.composite
def drawn(draw: st.DrawFn) -> Shot:
    shot = draw(any_shot())
    dose_nl = draw(st.integers(limits.DOSE_MIN_NL, 60_000))
    shot = replace(shot, mode=RETROGRADE, dose_nl=dose_nl, period_us=0, flow_nl_s=draw(st.integers(20_000, 2_000_000)))
    return replace(shot, period_us=shot.settings().period_us)


def withdrawn(did: Played) -> tuple[Times, Times]:
    """(steps withdrawn at each plunger step, times of the needle's steps back)."""
    back_us = did.needle_us[did.needle_way < 0]
    return np.searchsorted(back_us, did.plunger_us), back_us


@given(drawn())
def test_the_dose_goes_in_on_the_way_back_and_nowhere_else(shot: Shot) -> None:
    stroke = compiled_or_not(shot)
    deepest = shot.depth_um * 1000 // GUN.needle_nm_per_step
    for variant in (0, 1):
        did = played(stroke, variant)
        positions = did.positions()
        assert (positions.max(), positions.min(), positions[-1], did.duration_us) == (deepest, 0, 0, shot.period_us)
        assert len(did.plunger_us) == floor(exact_steps(shot)) + variant
        steps_back, back_us = withdrawn(did)
        assert (steps_back < deepest).all(), "no drug after the needle has left the skin"
        assert not len(did.plunger_us) or did.plunger_us[0] > did.needle_us[did.needle_way > 0][-1]
        if variant:
            # the step that the carry adds is given at depth
            assert steps_back[0] == 0
            assert did.plunger_us[0] + shot.dwell_us < back_us[0]
    assert Audit(stroke, shot.settings(), GUN).dose_steps == floor(exact_steps(shot))


@given(drawn())
def test_it_is_spread_evenly_along_the_way_no_faster_than_the_motors_and_the_needle_allow(shot: Shot) -> None:
    did = played(compiled_or_not(shot), 1)
    steps_back, back_us = withdrawn(did)
    count, deepest = len(steps_back) - 1, shot.depth_um * 1000 // GUN.needle_nm_per_step
    given_by = np.searchsorted(steps_back[1:], np.arange(deepest), side="right")
    even = (np.arange(deepest) + 1) * count / deepest
    if 19 * count >= deepest:  # fewer are dealt out over the middle of the way: a ring of words reaches no further
        assert np.abs(given_by - even).max() <= 2 + count / 15
    assert np.diff(did.plunger_us).min(initial=BODY_US) >= least_gap_us(shot)
    assert len(set(np.diff(back_us).tolist())) <= 1, "one speed, from the first step to the last"
    assert np.diff(back_us).min() >= earliest_us(1, GUN.needle_nm_per_step, GUN.needle_out_mm_s2)


@pytest.mark.parametrize(
    "shot",
    [
        Shot(depth_um=200, dose_nl=1_000, flow_nl_s=100_000, mode=RETROGRADE),
        Shot(depth_um=500, dose_nl=20_000, flow_nl_s=400_000, mode=RETROGRADE),  # several steps of the plunger a step of the needle
        Shot(depth_um=2_000, dose_nl=1_000, flow_nl_s=400_000, dwell_us=0, mode=RETROGRADE),  # hardly any
        slow(Shot(depth_um=2_000, dose_nl=20_000, flow_nl_s=400_000, mode=RETROGRADE)),
        slow(Shot(depth_um=4_000, dose_nl=33_000, flow_nl_s=500_000, bore_um=15_900, mode=RETROGRADE)),
        slow(Shot(depth_um=10_000, dose_nl=5_000, flow_nl_s=500_000, mode=RETROGRADE)),
    ],
    ids=lambda shot: f"{shot.depth_um} um, {shot.dose_nl} nl",
)
def test_from_every_word_of_a_retrograde_stroke_the_way_back_is_home_dry_and_no_deeper(shot: Shot) -> None:
    stroke = compiled(shot)
    for variant in (0, 1) if shot.depth_um <= 2_000 else (1,):
        words = words_of(stroke.words, stroke.lists[variant])
        did = play(words)
        for count in range(len(words) + 1):
            before = play(words[:count])
            position = int(before.needle_way.sum())
            entries = stroke.way_back(stroke, count, variant)
            if not entries:
                assert position == 0, "still in the skin, and left to itself"
                assert len(before.plunger_us) == len(did.plunger_us)
                continue
            away = play(words_of(stroke.words, stroke.away[: 3 * entries]))
            positions = away.positions(position)
            assert positions[-1] == positions.min() == 0, count
            assert len(away.plunger_us) == 0, count
            assert positions.max() <= (position if (before.needle_way < 0).any() else did.positions().max()), count
        assert np.array_equal(words_of(stroke.words, stroke.lists[variant]), words), "the stroke itself is as it was"


def plunger_on_the_way_out(stroke: Stroke) -> None:
    stroke.words[entry(stroke, OUT_BRAKE)[0] + 1] |= PLUNGER_STEP


def plunger_at_home(stroke: Stroke) -> None:
    at = entry(stroke, REST)[0]
    whole_us = stroke.words[at] >> TIME_SHIFT
    first = stroke.length
    for pins, time_us in ((0, 1_000), (PLUNGER_STEP, 5), (0, whole_us - 1_005)):
        stroke.words[stroke.length] = pins | time_us << TIME_SHIFT
        stroke.length += 1
    for listed in stroke.lists:
        listed[3 * REST], listed[3 * REST + 1] = first, 3


def back_out_while_drawing(stroke: Stroke) -> None:
    """One of the cells goes out again instead of in, and its turn is stood out."""
    offset, length, _ = entry(stroke, BACK_CRUISE)
    for i in range(offset, offset + length):
        stroke.words[i] &= ~NEEDLE_DIR


def a_cell_more(stroke: Stroke) -> None:
    for listed in stroke.lists:
        listed[3 * BACK_CRUISE + 2] += 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (plunger_on_the_way_out, "the plunger moves while"),
        (plunger_at_home, "the plunger moves while"),
        (back_out_while_drawing, "the needle goes out a second time"),
        (a_cell_more, "too deep, or behind home"),
    ],
)
def test_the_audit_refuses_a_withdrawal_that_would_do_otherwise(change: Callable[[Stroke], None], why: str) -> None:
    shot = replace(DRAWN, period_us=1_000_000)
    stroke = compiled(shot)
    Audit(stroke, shot.settings(), GUN)
    change(stroke)
    with pytest.raises(AuditFailed, match=why):
        Audit(stroke, shot.settings(), GUN)


def test_drug_on_the_way_back_is_for_those_who_asked_for_it() -> None:
    shot = replace(DRAWN, period_us=1_000_000)
    assert "the plunger moves while the needle is not at depth" in refused(compiled(shot), replace(shot, mode=SINGLE))


def test_a_dose_too_dense_for_one_ring_of_words_is_not_made() -> None:
    with pytest.raises(ValueError, match="words"):
        compiled(Shot(depth_um=200, dose_nl=10_000, flow_nl_s=2_000_000, bore_um=4_780, period_us=5_000_000, mode=RETROGRADE))


def test_both_modes_can_be_compiled_again_and_again_in_the_same_memory() -> None:
    stroke = Stroke()
    for shot in (FLOWING, DRAWN, replace(DRAWN, mode=SINGLE, period_us=0), DRAWN, FLOWING):
        stepper.compile(stroke, shot.settings(), GUN)
        fresh = compiled(shot)
        assert (stroke.leave, stroke.entry, stroke.leave_us, stroke.list_us) == (
            fresh.leave,
            fresh.entry,
            fresh.leave_us,
            fresh.list_us,
        )
        for variant in (0, 1):
            assert played(stroke, variant).same_moves(played(fresh, variant))
