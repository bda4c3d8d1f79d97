"""A journal at power-on: either checkpoint is enough, what was done keeps how it ended, what was in flight is uncertain once."""

import pytest
from rigs.on_micropython.power_cuts import ROWS, SERIAL, CutFram, Obeyed, formatted

from mesogun_fw.guard.marks import ROW_SIZE, ROWS_AT
from mesogun_fw.memory import layout, ring
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.memory.layout import TOTALS_SIZE
from mesogun_fw.talk.codes import BLANK, DAMAGED, GOOD, PARTIAL, UNCERTAIN

CHECKPOINTS = slice(ring.CHECKPOINTS_AT, ring.CHECKPOINTS_AT + 2 * TOTALS_SIZE)


def lived(shots: int, in_flight: int = 0) -> CutFram:
    """The memory after so many shots of 100, 200, ... nl, the last few of them not done."""
    fram = CutFram(formatted())
    journal = Obeyed(fram)
    assert journal.take_up(SERIAL) == GOOD
    for shot in range(1, shots + 1):
        journal.prepare(1, 0, shot, 100 * shot)
        journal.begin()
        if shot <= shots - in_flight:
            journal.done(2_000, 100 * shot, PARTIAL if shot % 3 == 0 else 0)
    return fram


def volume_nl(shots: int) -> int:
    return sum(100 * shot for shot in range(1, shots + 1))


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize("shots", [1, 2, ROWS, ROWS + 1])
def test_one_checkpoint_that_is_lost_loses_nothing(shots: int, bad: int) -> None:
    fram = lived(shots)
    fram.image[ring.CHECKPOINTS_AT + bad * TOTALS_SIZE] ^= 1
    journal = Obeyed(fram)
    assert journal.take_up(SERIAL) == GOOD
    assert journal.summary() == (shots, volume_nl(shots), 0)
    assert [row[3] for row in journal.rows()][:2] == list(range(shots, 0, -1))[:2]


def test_without_both_checkpoints_the_history_is_unknown() -> None:
    fram = lived(3)
    for bad in (0, 1):
        fram.image[ring.CHECKPOINTS_AT + bad * TOTALS_SIZE] ^= 1
    assert Obeyed(fram).take_up(SERIAL) == DAMAGED


@pytest.mark.parametrize("shots", [3, 4])
def test_a_shot_that_was_done_and_not_yet_counted_is_counted_as_it_ended(shots: int) -> None:
    fram = lived(shots, in_flight=1)
    journal, before = Obeyed(fram), bytes(fram.image[CHECKPOINTS])
    fram.image[:] = lived(shots).image
    fram.image[CHECKPOINTS] = before  # power failed between the row and the checkpoint
    assert journal.take_up(SERIAL) == GOOD
    assert journal.summary() == (shots, volume_nl(shots), 0)
    assert next(journal.rows())[5:] == (2_000, 100 * shots, PARTIAL if shots % 3 == 0 else 0)


@pytest.mark.parametrize("in_flight", [1, 2])
def test_what_was_in_flight_is_uncertain_and_so_it_is_the_next_time(in_flight: int) -> None:
    fram = lived(5, in_flight)
    for _ in range(3):
        journal = Obeyed(fram)
        assert journal.take_up(SERIAL) == GOOD
        assert journal.summary() == (5, volume_nl(5), in_flight)
        assert [row[7] for row in journal.rows()][:in_flight] == [UNCERTAIN] * in_flight
        assert (journal.ahead(), journal.in_flight()) == (0, 0)
    journal.prepare(1, 0, 6, 100)
    assert journal.begin()
    journal.done(0, 0, 0)
    assert next(journal.rows())[0] == 6


def test_a_memory_that_does_not_take_what_became_of_a_shot_is_no_journal_to_go_on_with() -> None:
    fram = lived(5, in_flight=1)
    row = ROWS_AT + 5 * ROW_SIZE
    honest = fram.mark
    fram.mark = lambda at, value: None if row + layout.DEPTH <= at < row + ROW_SIZE else honest(at, value)
    journal = Obeyed(fram)
    with pytest.raises(HistoryUnknown, match=f"condition {DAMAGED}$"):
        journal.take_up(SERIAL)
    assert journal.condition == DAMAGED


def test_a_memory_that_does_not_take_a_new_journal_has_none() -> None:
    fram = CutFram(bytes(len(formatted())))
    fram.mark = lambda at, value: None
    journal = Obeyed(fram)
    with pytest.raises(HistoryUnknown):
        journal.format(SERIAL)
    assert journal.condition in (BLANK, DAMAGED)
    with pytest.raises(HistoryUnknown):
        journal.prepare(1, 0, 1, 100)
