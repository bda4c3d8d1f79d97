"""Another dose for shots that wait, at every place of the ring; and rows of shots to come that are not what they may be."""

from array import array
from collections.abc import Callable

import pytest
from rigs.on_micropython.power_cuts import ROWS, SERIAL, CutFram, Obeyed, formatted

from mesogun_fw.guard.asked import CHANGED
from mesogun_fw.guard.marks import BEGUN, ROW_SIZE, ROWS_AT, STANDS_READY
from mesogun_fw.memory.journal import WAITING_MAX, HistoryUnknown
from mesogun_fw.talk.codes import DAMAGED, GOOD

DOSE = 16  # a row's dose begins here


class Watched(CutFram):
    """`on_read` is called before a read; `deaf` places hold what they held."""

    def __init__(self, image: bytes) -> None:
        super().__init__(image)
        self.on_read: Callable[[], object] = lambda: None
        self.deaf: set[int] = set()

    def read(self, at: int, place: "array[int]", start: int, end: int) -> None:
        act, self.on_read = self.on_read, lambda: None
        act()
        super().read(at, place, start, end)

    def mark(self, at: int, value: int) -> None:
        if at not in self.deaf:
            super().mark(at, value)


def after(shots: int) -> tuple[Obeyed, Watched]:
    """A journal in which so many shots are done: the next one's row is anywhere in the ring."""
    fram = Watched(formatted())
    journal = Obeyed(fram)
    assert journal.take_up(SERIAL) == GOOD
    for shot in range(shots):
        journal.prepare(1, 0, shot, 500)
        journal.begin()
        journal.done(0, 500, 0)
    return journal, fram


EVERYWHERE = pytest.mark.parametrize("shots", range(ROWS + 2))


@EVERYWHERE
def test_each_shot_that_waits_is_asked_for_its_dose_and_those_begun_are_not(shots: int) -> None:
    journal, _ = after(shots)
    assert journal.waits_with(1_000), "none waits with another"
    for dose_nl in (3_000, 1_000, 1_000):
        journal.prepare(1, 0, 1, dose_nl)
    assert not journal.waits_with(1_000)
    assert not journal.waits_with(3_000)
    journal.begin()
    assert journal.waits_with(1_000)
    journal.prepare(1, 0, 1, 2_000)
    assert not journal.waits_with(1_000)
    journal.begin()
    journal.begin()
    assert journal.waits_with(2_000)


@EVERYWHERE
@pytest.mark.parametrize("begun", [0, 1, 2])
def test_all_shots_that_wait_get_another_dose_and_no_other_row_does(shots: int, begun: int) -> None:
    journal, fram = after(shots)
    for shot in range(WAITING_MAX):
        journal.prepare(1, 0, shot, 1_000)
    for _ in range(begun):
        journal.begin()
    before = bytes(fram.image)
    journal.lay_dose(2_000)
    assert bytes(fram.image) == before, "it is laid, not written"
    assert journal.rewrite() == CHANGED
    journal.dosed(2_000)
    assert journal.waits_with(2_000)
    for number in range(1, WAITING_MAX + 1):
        row = ROWS_AT + (shots + number) % ROWS * ROW_SIZE
        dose_nl = int.from_bytes(fram.image[row + DOSE : row + DOSE + 4], "little")
        assert dose_nl == (1_000 if number <= begun else 2_000), number
    for _ in range(WAITING_MAX - begun):
        journal.begin()
    for _ in range(WAITING_MAX):
        journal.done(0, 0, 0)
    doses = [row[4] for row in journal.rows()][:WAITING_MAX]
    assert doses == [2_000] * (WAITING_MAX - begun) + [1_000] * begun


def test_a_shot_that_the_tick_begins_while_doses_are_laid_is_no_damage() -> None:
    journal, fram = after(3)
    for shot in (1, 2):
        journal.prepare(1, 0, shot, 1_000)
    fram.on_read = journal.begin
    journal.lay_dose(2_000)
    assert journal.in_flight() == 1
    assert journal.rewrite() == CHANGED
    journal.dosed(2_000)
    journal.done(0, 0, 0)
    assert next(journal.rows())[4] == 1_000, "it keeps the dose it was begun with"


@pytest.mark.parametrize("mark", [BEGUN, STANDS_READY])
def test_a_row_that_waits_and_is_rubbish_gets_no_dose_and_stops_the_shots(mark: int) -> None:
    journal, fram = after(3)
    for shot in (1, 2):
        journal.prepare(1, 0, shot, 1_000)
    at = ROWS_AT + 5 * ROW_SIZE
    fram.image[at] = mark
    fram.image[at + DOSE] ^= 1
    with pytest.raises(HistoryUnknown):
        journal.lay_dose(2_000)
    assert not journal.begin()


def test_a_dose_that_the_memory_does_not_take_stops_the_shots_and_is_said() -> None:
    journal, fram = after(3)
    for shot in (1, 2):
        journal.prepare(1, 0, shot, 1_000)
    journal.lay_dose(2_000)
    fram.deaf = {ROWS_AT + 5 * ROW_SIZE + DOSE}
    journal.rewrite()
    with pytest.raises(HistoryUnknown, match=f"condition {DAMAGED}$"):
        journal.dosed(2_000)
    assert not journal.begin()


def test_a_mark_that_the_memory_does_not_take_stops_the_shots() -> None:
    """All else of the row is held: it would be begun and never be told from one that was not."""
    journal, fram = after(3)
    fram.deaf = {ROWS_AT + 4 * ROW_SIZE}
    with pytest.raises(HistoryUnknown, match=f"condition {DAMAGED}$"):
        journal.prepare(1, 0, 1, 1_000)
    assert not journal.begin()


@pytest.mark.parametrize("shots", [2, ROWS + 3])
@pytest.mark.parametrize("soon", range(1, ROWS))
def test_of_the_rows_to_come_the_next_may_be_torn_and_none_may_hold_rubbish(shots: int, soon: int) -> None:
    """A power cut tears a row that was being prepared; what stands in one that was not is not a power cut's doing."""
    _, fram = after(shots)
    at = ROWS_AT + (shots + soon) % ROWS * ROW_SIZE
    for mark, good in ((STANDS_READY, soon <= WAITING_MAX), (BEGUN, False)):
        again = CutFram(bytes(fram.image))
        again.image[at] = mark
        again.image[at + 1 : at + ROW_SIZE] = bytes([0x33]) * (ROW_SIZE - 1)
        assert Obeyed(again).take_up(SERIAL) == (GOOD if good else DAMAGED)
