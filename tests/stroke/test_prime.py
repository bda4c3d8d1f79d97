"""The plunger alone: priming with the needle home, and taking the pressure of an occlusion back."""

from collections.abc import Callable
from dataclasses import replace
from math import floor

import numpy as np
import pytest
from rigs.airstrokes import AIR, thrown
from rigs.strokes import GUN, PIN_BITS, Shot, compiled, exact_steps, play, words_of

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke import drive, pneumatic, prime, stepper
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.dose import BODY_US, TURN_US
from mesogun_fw.stroke.language import ENTRIES, LEAD_US, PLUNGER_DIR, PLUNGER_STEP, TIMES_MAX, Ramp, Stroke
from mesogun_fw.stroke.prime import SETTLE_US
from mesogun_fw.talk.messages import CONSTANT_FLOW

PRIMING = Shot(depth_um=0, dose_nl=10_050, flow_nl_s=100_000, dwell_us=0, period_us=400_000)
BOTH = pytest.mark.parametrize("gun", [GUN, AIR], ids=["motor", "air"])


def primed(shot: Shot, gun: Description) -> Stroke:
    stroke = Stroke()
    drive.compile(stroke, shot.settings(gun), gun)
    return stroke


@BOTH
def test_priming_moves_the_plunger_alone_and_ends_with_a_rest_to_judge_it_by(gun: Description) -> None:
    stroke = primed(PRIMING, gun)
    for variant in (0, 1):
        words = words_of(stroke.words, stroke.lists[variant])
        did = play(words)
        assert set((words & 63).tolist()) == {0, PLUNGER_STEP}
        assert len(did.plunger_us) == floor(exact_steps(PRIMING)) + variant
        assert did.duration_us == stroke.leave_us == stroke.list_us == PRIMING.period_us
        assert did.duration_us - int(did.plunger_us[-1]) > SETTLE_US + LEAD_US
    assert (stroke.leave, stroke.entry, stroke.entry_us) == (ENTRIES, 0, 0)
    assert Audit(stroke, PRIMING.settings(gun), gun).dose_steps == floor(exact_steps(PRIMING))


@BOTH
def test_priming_goes_at_the_flow_that_was_asked_for(gun: Description) -> None:
    for flow_nl_s in (100_000, 200_000):
        shot = replace(PRIMING, flow_nl_s=flow_nl_s)
        gaps = np.diff(play(words_of(primed(shot, gun).words, primed(shot, gun).lists[0])).plunger_us)
        assert np.median(gaps) == -floor(-1_000_000 * shot.dose_nl / exact_steps(shot) / flow_nl_s)


@BOTH
def test_priming_one_microsecond_too_short_is_not_made(gun: Description) -> None:
    figures = prime.Figures(PRIMING.settings(gun), gun)
    assert figures.shortest_us == figures.dose.us + 20_000 + LEAD_US
    assert (figures.out_us, figures.back_us) == (0, 0)
    assert figures.dose_end_us == figures.back_start_us == figures.back_end_us == figures.dose.us
    primed(replace(PRIMING, period_us=figures.shortest_us), gun)
    with pytest.raises(ValueError, match="period"):
        primed(replace(PRIMING, period_us=figures.shortest_us - 1), gun)


def test_which_drive_a_stroke_is_of_is_decided_by_the_description_and_priming_by_its_depth() -> None:
    shot = replace(PRIMING, depth_um=4_000)
    for asked, gun, kind in (
        (shot, GUN, stepper.Figures),
        (shot, AIR, pneumatic.Figures),
        (PRIMING, GUN, prime.Figures),
        (PRIMING, AIR, prime.Figures),
    ):
        figures = drive.figures(asked.settings(gun), gun)
        assert type(figures) is kind
        assert type(primed(asked, gun).figures) is kind
        assert vars(figures).keys() == vars(primed(asked, gun).figures).keys()
    assert (drive.pin_names(GUN), drive.pin_names(AIR)) == (stepper.PIN_NAMES, pneumatic.PIN_NAMES)
    assert drive.depth_between_shots(GUN)
    assert not drive.depth_between_shots(AIR), "its stop would have to move"


@BOTH
def test_from_every_word_of_priming_no_needle_has_to_come_back(gun: Description) -> None:
    stroke = primed(PRIMING, gun)
    for count in range(len(words_of(stroke.words, stroke.lists[1])) + 1):
        assert stroke.way_back(stroke, count, 1) == 0


# ---- the pressure of an occlusion ----


def taken_back(stroke: Stroke, steps: int) -> list[tuple[int, int]]:
    """(pins, us) of every word of the way back of the plunger."""
    entries = stroke.relieve(steps)
    return [(int(word) & 63, int(word) >> PIN_BITS) for word in words_of(stroke.words, stroke.away[: 3 * entries])]


@pytest.mark.parametrize(
    ("made", "gun"),
    [
        (compiled, GUN),
        (lambda shot: compiled(replace(shot, mode=CONSTANT_FLOW, period_us=BODY_US)), GUN),
        (thrown, AIR),
        (lambda shot: primed(replace(shot, depth_um=0, period_us=400_000), GUN), GUN),
    ],
    ids=["motor", "constant flow", "air", "priming"],
)
@pytest.mark.parametrize("steps", [1, 7])
def test_the_plunger_is_taken_back_by_so_many_steps_and_nothing_else_moves(
    made: Callable[[Shot], Stroke], gun: Description, steps: int
) -> None:
    shot = Shot(depth_um=4_000, dose_nl=10_000, period_us=300_000)
    words = taken_back(made(shot), steps)
    assert words[0] == (PLUNGER_DIR, TURN_US), "it stands still before it turns"
    assert [pins for pins, _ in words if pins & PLUNGER_STEP] == [PLUNGER_DIR | PLUNGER_STEP] * steps
    assert all(pins & ~PLUNGER_STEP == PLUNGER_DIR for pins, _ in words)
    slow_us = Ramp(gun.plunger_nm_per_step, gun.plunger_mm_s2).at(1)
    assert words[1:3] == [(PLUNGER_DIR | PLUNGER_STEP, limits.PULSE_US), (PLUNGER_DIR, slow_us - limits.PULSE_US)]
    assert sum(us for _, us in words) == TURN_US + steps * slow_us


def test_no_more_steps_are_taken_back_than_a_list_can_hold() -> None:
    """Cut to 16 bits, 65,537 would be one."""
    stroke = compiled(Shot())
    for steps, taken in ((TIMES_MAX, TIMES_MAX), (TIMES_MAX + 1, TIMES_MAX), (TIMES_MAX + 2, TIMES_MAX)):
        stroke.relieve(steps)
        assert stroke.away[5] == taken
