"""Whether one more shot may be given: every reason against it alone is enough, and then nothing is marked as begun."""

from array import array

import pytest

from mesogun_fw.guard.cells import (
    BEGIN,
    BUDGET_NL,
    CEILING,
    DOSE_NL,
    IN_FLIGHT,
    MARK_AT,
    NEXT,
    NOTED,
    PREPARED,
    READ,
    ROOM,
    ROWS,
    SLOT_DOSE_NL,
    WRITABLE,
    fresh,
)
from mesogun_fw.guard.marks import ROW_SIZE
from mesogun_fw.guard.notes import NOTES_FULL
from mesogun_fw.guard.starting import afford
from mesogun_fw.talk import reasons

DOSE, OTHER_DOSE = 10_000, 30_000
READ_SO_FAR = 1_000


def just_enough(in_flight: bool, other_dose: bool) -> "array[int]":
    """Cells of a guard that can afford one more shot and not the least bit more."""
    c = fresh()
    c[IN_FLIGHT], c[NEXT] = in_flight, 2 if other_dose else 0
    c[DOSE_NL] = c[SLOT_DOSE_NL] = DOSE
    c[SLOT_DOSE_NL + 1] = OTHER_DOSE
    c[BUDGET_NL] = (OTHER_DOSE if other_dose else DOSE) + (DOSE if in_flight else 0)
    c[CEILING] = 1 + in_flight
    c[READ], c[NOTED] = READ_SO_FAR, READ_SO_FAR + NOTES_FULL - 1
    c[ROWS], c[BEGIN], c[PREPARED], c[WRITABLE] = 40, 39, 0, 1
    return c


BOTH = pytest.mark.parametrize("in_flight", [False, True])
EITHER = pytest.mark.parametrize("other_dose", [False, True])


@BOTH
@EITHER
def test_what_can_just_be_afforded_is_marked_as_begun(in_flight: bool, other_dose: bool) -> None:
    c = just_enough(in_flight, other_dose)
    assert afford(c) == 0
    assert (c[MARK_AT] - 56) % ROW_SIZE == 0
    assert c[BEGIN] == 0, "the ring goes round"


@BOTH
@EITHER
@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        (ROOM, 0, reasons.RECORD_FULL),
        (NOTED, READ_SO_FAR + NOTES_FULL, reasons.RECORD_FULL),
        (BUDGET_NL, -1, reasons.SYRINGE_EMPTY),
        (CEILING, -1, reasons.SHOTS_CEILING),
        (PREPARED, 39, reasons.JOURNAL_BEHIND),
        (WRITABLE, 0, reasons.JOURNAL_BEHIND),
    ],
)
def test_each_reason_alone_is_enough(in_flight: bool, other_dose: bool, cell: int, value: int, reason: int) -> None:
    c = just_enough(in_flight, other_dose)
    c[cell] = c[cell] - 1 if value < 0 else value
    assert afford(c) == reason
    assert (c[MARK_AT], c[BEGIN]) == (0, 39)
