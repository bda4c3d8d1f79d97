"""One shot after the other: what is made of the one before, at the tick that sees the next has begun."""

from array import array

import pytest
from rigs.strokes import Shot, compiled

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.guard.cells import ABORT as ABORT_ORDER
from mesogun_fw.guard.cells import (
    BACK,
    DOSED,
    EXPECTED_AT,
    GRANTED,
    GRANTED_SLOT,
    IN_FLIGHT,
    KIND,
    LATE_MAX_US,
    LIMPING,
    LISTS,
    NATURAL,
    NEXT,
    NEXT_TAIL,
    NOTED,
    NOTES_AT,
    ORDER,
    ORDER_FIGURE,
    ORDER_SLOT,
    PHASE,
    PLUNGER,
    PLUNGER_END,
    REASON,
    RUN,
    SHIFT,
    START_MS,
    START_US,
    fresh,
)
from mesogun_fw.guard.expected import LEAVE_US, lay
from mesogun_fw.guard.inputs import ELAPSED_US, LATE_US, LISTS_PLAYED, PLAYING, PLUNGER_NM
from mesogun_fw.guard.notes import NOTE_SHOT
from mesogun_fw.guard.starting import next_period
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, UNCERTAIN
from mesogun_fw.talk.messages import FAULT

STROKE = compiled(Shot(dose_nl=10_000))
DOSE_NM = STROKE.figures.dose.steps * Description().plunger_nm_per_step  # type: ignore[attr-defined]
TOLERANCE_NM = 5_000


def flowing(moved_nm: int, late_us: int = 0, dosed: bool = False) -> "array[int]":
    """Cells of a guard at the tick in which the second list has been entered, the first not judged unless `dosed`."""
    c = fresh()
    lay(c, 0, STROKE, Description(), TOLERANCE_NM)
    c[PHASE], c[IN_FLIGHT], c[GRANTED], c[LISTS], c[LISTS_PLAYED] = RUN, 1, 1, 1, 2
    c[START_MS], c[START_US] = 5_000, 250
    c[PLAYING], c[ELAPSED_US], c[LATE_US] = 1, 700, late_us
    c[PLUNGER_NM] = moved_nm
    if dosed:
        c[DOSED], c[PLUNGER_END] = 1, SHIFT + DOSE_NM
    return c


def reported(c: "array[int]") -> list[int]:
    """Start in ms and us, depth, travel and flags of the one shot in the notes."""
    notes = [c[NOTES_AT + 7 * i : NOTES_AT + 7 * i + 7] for i in range(c[NOTED])]
    (shot,) = [note for note in notes if note[0] == NOTE_SHOT]
    return list(shot[2:])


@pytest.mark.parametrize("dosed", [False, True])
@pytest.mark.parametrize("late_us", [0, limits.TICK_LATE_US])
def test_a_shot_that_was_seen_is_whole(dosed: bool, late_us: int) -> None:
    c = flowing(DOSE_NM, late_us, dosed)
    next_period(c)
    assert reported(c) == [5_000, 250, 0, DOSE_NM, 0]
    assert (c[NOTED], c[PHASE], c[ORDER]) == (1, RUN, 0)


@pytest.mark.parametrize("moved_nm", [0, DOSE_NM // 2, 2 * DOSE_NM])
def test_one_that_nobody_saw_ending_is_uncertain_and_what_moved_since_belongs_to_the_next(moved_nm: int) -> None:
    c = flowing(moved_nm, too_late_us())
    next_period(c)
    assert reported(c) == [5_000, 250, 0, DOSE_NM, UNCERTAIN]
    assert (c[PHASE], c[PLUNGER], c[DOSED]) == (RUN, SHIFT + DOSE_NM, 0)


def too_late_us() -> int:
    return fresh()[LATE_MAX_US] + 1


def test_one_that_was_judged_before_the_stall_is_not() -> None:
    c = flowing(DOSE_NM + 300, too_late_us(), dosed=True)
    next_period(c)
    assert reported(c)[-1] == 0


@pytest.mark.parametrize("off_nm", [-TOLERANCE_NM - 1, TOLERANCE_NM + 1])
def test_a_wrong_dose_stops_the_next_one_by_the_way_out_of_its_own_list(off_nm: int) -> None:
    c = flowing(DOSE_NM + off_nm)
    lay(c, 1, STROKE, Description(), TOLERANCE_NM)
    c[NEXT], c[GRANTED_SLOT], c[NEXT_TAIL] = 2, 1, 1
    next_period(c)
    assert reported(c) == [5_000, 250, 0, DOSE_NM + off_nm, DOSE_OFF]
    assert (c[PHASE], c[KIND], c[REASON]) == (BACK, FAULT, reasons.DOSE_WRONG)
    assert (c[ORDER], c[ORDER_SLOT], c[ORDER_FIGURE]) == (ABORT_ORDER, 1, 1)


@pytest.mark.parametrize("limping", [False, True])
def test_a_list_entered_though_it_was_revoked_is_left_by_the_way_back_unless_the_spring_has_it(limping: bool) -> None:
    c = flowing(DOSE_NM, dosed=True)
    c[PHASE], c[NATURAL], c[LIMPING] = BACK, 1, limping
    next_period(c)
    assert (c[PHASE], c[ORDER], c[NATURAL]) == ((BACK, 0, 1) if limping else (BACK, ABORT_ORDER, 0))


def test_the_next_shot_begins_exactly_a_period_later() -> None:
    c = flowing(DOSE_NM)
    c[EXPECTED_AT + LEAVE_US] = 333_900
    next_period(c)
    assert (c[START_MS], c[START_US]) == (5_334, 150)
    assert (c[IN_FLIGHT], c[GRANTED], c[LISTS]) == (1, 0, 2)
