"""What is noted of a shot, what it takes off what is left, and the marks that the journal gets."""

import pytest
from rigs.guards import NOW_MS, ROWS, Cells, armed, flying, notes_of, well

from mesogun_fw.guard import cells, expected, inputs, marks
from mesogun_fw.guard.marks import begin, void
from mesogun_fw.guard.notes import NOTE_ENDED, NOTE_SHOT, NOTES_FULL, close_shot, note
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, PAUSE

DOSE_NL = 10_000
STEP_NM = 625


def over(dosed: bool = True) -> Cells:
    """A shot whose needle is home: 2.05 mm deep by its encoder, begun 400 ms ago, its plunger 6.000 µm further."""
    c = flying(0)
    c[cells.START_MS], c[cells.START_US] = NOW_MS - 400, 321
    c[cells.ZERO] = cells.SHIFT + 40
    c[cells.DEEPEST] = cells.SHIFT + 2_090
    c[cells.PLUNGER] = cells.SHIFT + 1_000
    c[inputs.PLUNGER_NM] = 7_000
    if dosed:
        c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT + 6_500
    c[cells.HOLD_LEFT], c[cells.LEFT], c[cells.CEILING], c[cells.BUDGET_NL] = 3, 7, 50, 100_000
    c[cells.CARRY], c[cells.SHOT_CARRY] = 11, 22
    c[cells.LAST_MS] = 0
    return c


def test_a_whole_shot_is_noted_with_all_its_figures() -> None:
    c = over()
    close_shot(c, 0)
    assert notes_of(c) == [[NOTE_SHOT, NOW_MS, NOW_MS - 400, 321, 2_050, 5_500, 0]]
    assert (c[cells.HOLD_LEFT], c[cells.LEFT], c[cells.CEILING], c[cells.BUDGET_NL]) == (2, 6, 49, 100_000 - DOSE_NL)
    assert (c[cells.CARRY], c[cells.LAST_MS], c[cells.IN_FLIGHT]) == (22, NOW_MS, 0)


def test_one_cut_short_is_noted_as_such_counts_as_volume_and_is_still_to_be_made() -> None:
    c = over(dosed=False)
    close_shot(c, 0)
    assert notes_of(c) == [[NOTE_SHOT, NOW_MS, NOW_MS - 400, 321, 2_050, 6_000, PARTIAL]]
    assert (c[cells.HOLD_LEFT], c[cells.LEFT], c[cells.CEILING], c[cells.BUDGET_NL]) == (2, 7, 49, 100_000 - DOSE_NL)
    assert (c[cells.CARRY], c[cells.LAST_MS]) == (11, NOW_MS), "its dose leaves nothing over"


@pytest.mark.parametrize("kind", [HOLD, PAUSE, ESTOP, FAULT])
@pytest.mark.parametrize(("more_nm", "all_in"), [(-STEP_NM, 0), (1 - STEP_NM, 1), (0, 1), (2 * STEP_NM, 1), (2 * STEP_NM + 1, 0)])
def test_a_dose_whose_last_step_is_in_by_the_encoder_when_the_needle_is_home_is_whole(more_nm: int, all_in: int, kind: int) -> None:
    c = over(dosed=False)
    c[c[cells.EXPECTED] + expected.STEP_NM] = STEP_NM
    c[inputs.PLUNGER_NM] = 1_000 + c[c[cells.EXPECTED] + expected.DOSE_NM] + more_nm
    c[cells.KIND] = kind
    close_shot(c, 0)
    whole = bool(all_in) and kind != FAULT
    assert (notes_of(c)[0][-1], c[cells.LEFT], c[cells.CARRY]) == ((0, 6, 22) if whole else (PARTIAL, 7, 11))


def test_a_dry_shot_that_was_cut_short_has_no_dose_that_could_be_all_in() -> None:
    c = over(dosed=False)
    c[c[cells.EXPECTED] + expected.DOSE_NM] = 0
    c[inputs.PLUNGER_NM] = 1_000
    close_shot(c, 0)
    assert notes_of(c)[0][-1] == PARTIAL


@pytest.mark.parametrize(
    ("reason", "flags"),
    [
        (reasons.DEPTH_WRONG, DEPTH_OFF),
        (reasons.NEEDLE_OVERRUN, DEPTH_OFF),
        (reasons.STOP_ASTRAY, DEPTH_OFF),
        (reasons.DOSE_WRONG, DOSE_OFF),
        (reasons.NEEDLE_ASTRAY, 0),
        (reasons.FREE_FLOW, 0),
        (reasons.RELEASED, 0),
    ],
)
def test_what_was_wrong_with_a_shot_is_on_it_beside_what_was_known_before(reason: int, flags: int) -> None:
    for unseen, cut in ((0, 0), (UNCERTAIN, PARTIAL)):
        c = over(dosed=not cut)
        c[cells.REASON] = reason
        close_shot(c, unseen)
        assert notes_of(c)[0][-1] == flags | unseen | cut


def test_a_move_is_no_shot_and_none_in_flight_is_none() -> None:
    for cell, value in ((cells.MOVE, cells.PRIME), (cells.IN_FLIGHT, 0)):
        c = over()
        c[cell] = value
        before = c[:]
        close_shot(c, 0)
        assert c[cells.IN_FLIGHT] == 0
        before[cells.IN_FLIGHT] = 0
        assert c == before


@pytest.mark.parametrize(("left", "hold_left"), [(0, 0), (0, 3), (3, 0)])
def test_nothing_left_stays_nothing(left: int, hold_left: int) -> None:
    c = over()
    c[cells.LEFT], c[cells.HOLD_LEFT] = left, hold_left
    close_shot(c, 0)
    assert (c[cells.LEFT], c[cells.HOLD_LEFT]) == (max(0, left - 1), max(0, hold_left - 1))


def test_an_ending_is_noted_with_its_moment_kind_and_reason_and_the_ring_goes_round() -> None:
    c = well()
    for number in range(cells.NOTES + 2):
        c[cells.TICK_MS], c[cells.KIND], c[cells.REASON] = NOW_MS + number, 2, 10 + number
        note(c, NOTE_ENDED)
    assert c[cells.NOTED] == cells.NOTES + 2
    for place, number in ((0, cells.NOTES), (1, cells.NOTES + 1), (2, 2), (cells.NOTES - 1, cells.NOTES - 1)):
        at = cells.NOTES_AT + 7 * place
        assert list(c[at : at + 4]) == [NOTE_ENDED, NOW_MS + number, 2, 10 + number]


def test_shots_go_round_the_same_ring() -> None:
    c = over()
    c[cells.NOTED] = cells.NOTES + 3
    close_shot(c, 0)
    at = cells.NOTES_AT + 7 * 3
    assert list(c[at : at + 7]) == [NOTE_SHOT, NOW_MS, NOW_MS - 400, 321, 2_050, 5_500, 0]
    assert c[cells.NOTED] == cells.NOTES + 4
    assert NOTES_FULL == 24


# ---- the marks ----


def journal(oldest: int, next_: int, prepared: int) -> Cells:
    c = armed()
    c[cells.OLDEST], c[cells.BEGIN], c[cells.PREPARED] = oldest, next_, prepared
    return c


@pytest.mark.parametrize(("row", "after"), [(0, 1), (5, 6), (ROWS - 2, ROWS - 1), (ROWS - 1, 0)])
def test_a_shot_is_marked_as_begun_in_its_own_row_and_the_ring_goes_round(row: int, after: int) -> None:
    c = journal(row, row, (row + 2) % ROWS)
    assert begin(c) == 1
    assert (c[cells.MARK_AT], c[cells.MARK], c[cells.BEGIN]) == (56 + 35 * row, 0xA5, after)
    void(c)
    assert (c[cells.MARK_AT], c[cells.MARK], c[cells.BEGIN]) == (56 + 35 * row, 0x5A, row)
    void(c)
    assert c[cells.BEGIN] == row, "none is begun any more"


@pytest.mark.parametrize(("prepared", "writable"), [(5, 1), (6, 0)])
def test_without_a_row_that_is_ready_in_a_good_journal_nothing_begins(prepared: int, writable: int) -> None:
    c = journal(5, 5, prepared)
    c[cells.WRITABLE] = writable
    assert (begin(c), c[cells.MARK_AT], c[cells.BEGIN]) == (0, 0, 5)


def test_a_journal_is_written_from_behind_its_header_in_rows_of_35_bytes() -> None:
    assert (marks.ROWS_AT, marks.ROW_SIZE, marks.BEGUN, marks.STANDS_READY) == (56, 35, 0xA5, 0x5A)
