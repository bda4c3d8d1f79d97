"""The journal's rows one by one: what a row can hold, what is laid in it and in which order it is written, what is counted."""

import struct
from array import array

import pytest
from rigs.on_micropython.power_cuts import SERIAL, SIZE, CutFram, Obeyed, formatted

from mesogun_fw.crc import CRC, REGISTER, seal, sealed
from mesogun_fw.guard import cells, marks
from mesogun_fw.guard.marks import BEGUN, ROW_SIZE, ROWS_AT, STANDS_READY
from mesogun_fw.memory import layout, ring
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.memory.layout import AHEAD, CLOSED, EMPTY, IN_FLIGHT, TORN, WRONG, count, judge, lay_dose, lay_end, lay_intent
from mesogun_fw.memory.ring import kept, wipe
from mesogun_fw.talk.codes import BLANK, DEPTH_OFF, GOOD, PARTIAL, UNCERTAIN

NUMBER = 0x01020304
PROGRAM = bytes(range(0xA0, 0xA8))


def laid(number: int = NUMBER, dose_nl: int = 10_000, mark: int = STANDS_READY) -> "array[int]":
    row = array("B", bytes(ROW_SIZE))
    row[layout.MARK] = mark
    row[layout.PROGRAM : layout.PASS] = array("B", PROGRAM)
    lay_intent(row, number, 7, 0x1234, dose_nl, REGISTER)
    return row


def held(row: "array[int]", number: int = NUMBER) -> int:
    state: int = judge(row, number, REGISTER)
    return state


# ---- what a row holds ----


def test_a_row_of_zeros_is_empty_and_one_byte_more_is_more_than_a_power_cut_can_have_done() -> None:
    row = array("B", bytes(ROW_SIZE))
    assert held(row) == EMPTY
    for at in range(layout.NUMBER, ROW_SIZE):
        row[at] = 1
        assert held(row) == WRONG, at
        row[at] = 0
    row[layout.MARK] = BEGUN
    assert held(row) == EMPTY, "a mark alone is no shot"
    row[layout.MARK] = STANDS_READY
    assert held(row) == TORN


def test_a_whole_row_is_a_shot_that_may_come_only_under_the_one_mark_that_says_so() -> None:
    for mark in range(256):
        assert held(laid(mark=mark)) == (AHEAD if mark == STANDS_READY else IN_FLIGHT), mark


def test_a_whole_row_of_another_shot_is_wrong_whichever_byte_of_its_number_differs() -> None:
    for byte in range(4):
        assert held(laid(), NUMBER ^ 1 << 8 * byte) == WRONG


def test_any_bit_of_an_intent_that_breaks_is_seen() -> None:
    for mark, seen in ((STANDS_READY, TORN), (BEGUN, WRONG)):
        for at in range(layout.NUMBER, layout.DEPTH):
            for bit in range(8):
                row = laid(mark=mark)
                row[at] ^= 1 << bit
                assert held(row) == seen, (at, bit)


def test_a_row_is_closed_by_a_whole_end_of_its_own_and_by_no_other() -> None:
    row = laid(mark=BEGUN)
    lay_end(row, 1_998, 9_990, 0, REGISTER)
    assert held(row) == CLOSED
    for at in range(layout.DEPTH, ROW_SIZE):
        row[at] ^= 4
        assert held(row) == IN_FLIGHT, at
        row[at] ^= 4
    again = laid(NUMBER + 8)
    again[layout.DEPTH :] = row[layout.DEPTH :]
    assert held(again, NUMBER + 8) == AHEAD, "what is left of the shot one round before is not its end"


def test_a_row_says_what_was_laid_in_it_the_lowest_byte_first() -> None:
    row = laid(dose_nl=0xFEDCBA98)
    lay_end(row, -2, -70_000, 0x81, REGISTER)
    raw = bytes(row)
    assert struct.unpack_from("<I8sBHI", raw, 1) == (NUMBER, PROGRAM, 7, 0x1234, 0xFEDCBA98)
    assert struct.unpack_from("<hiB", raw, layout.DEPTH) == (-2, -70_000, 0x81)


def test_another_dose_is_laid_two_bytes_in_a_cell_and_is_a_whole_row_with_it() -> None:
    row = laid(dose_nl=1_000)
    c = cells.fresh()
    lay_dose(row, 0x00C0FFEE, c, cells.REWRITES_AT + 4, REGISTER)
    bytes_laid = struct.pack("<4H", *c[cells.REWRITES_AT + 4 : cells.REWRITES_AT + 8])
    again = laid(dose_nl=1_000)
    again[layout.DOSE : layout.DOSE + 8] = array("B", bytes_laid)
    assert again == laid(dose_nl=0x00C0FFEE)
    assert c[cells.REWRITES_AT : cells.REWRITES_AT + 4] == array("i", bytes(16)), "nobody else's"


# ---- what is counted ----


def totals(shots: int, volume_nl: int, uncertain: int) -> "array[int]":
    return array("B", struct.pack("<IQI", shots, volume_nl, uncertain) + bytes(4))


@pytest.mark.parametrize(
    ("before", "dose_nl", "flags", "after"),
    [
        ((0, 0, 0), 10_000, 0, (1, 10_000, 0)),
        ((5, 7, 3), 1, PARTIAL, (6, 8, 3)),
        ((5, 7, 3), 0, UNCERTAIN, (6, 7, 4)),
        ((5, 7, 3), 0, UNCERTAIN | PARTIAL, (6, 7, 4)),
        ((0xFF, 0xFF, 0xFF), 1, UNCERTAIN, (0x100, 0x100, 0x100)),
        ((0xFFFFFF, 0xFFFFFF, 0xFFFFFF), 1, UNCERTAIN, (0x1000000, 0x1000000, 0x1000000)),
        ((1, 0xFFFFFFFF, 0), 0xFFFFFFFF, 0, (2, 0x1FFFFFFFE, 0)),
        ((1, 0xFFFFFFFFFFFF, 0), 1, 0, (2, 0x1000000000000, 0)),
    ],
)
def test_a_closed_row_is_one_shot_more_its_dose_and_whether_it_is_uncertain(
    before: tuple[int, int, int], dose_nl: int, flags: int, after: tuple[int, int, int]
) -> None:
    counted, row = totals(*before), laid(dose_nl=dose_nl)
    lay_end(row, 0, 0, flags, REGISTER)
    count(counted, row, REGISTER)
    assert struct.unpack_from("<IQI", bytes(counted)) == after
    REGISTER[CRC] = 0
    assert sealed(counted, 0, layout.TOTALS_CRC, REGISTER) == 1


# ---- seals ----


def test_a_seal_holds_and_with_any_bit_changed_it_does_not() -> None:
    place = array("B", range(20, 40))
    REGISTER[CRC] = 0
    seal(place, 3, 12, REGISTER)
    assert place[:3] == array("B", (20, 21, 22))
    assert place[16:] == array("B", (36, 37, 38, 39))
    for at in range(3, 16):
        for bit in range(8):
            place[at] ^= 1 << bit
            REGISTER[CRC] = 0
            assert sealed(place, 3, 12, REGISTER) == 0, (at, bit)
            place[at] ^= 1 << bit
    REGISTER[CRC] = 0
    assert sealed(place, 3, 12, REGISTER) == 1


# ---- the order in which it is written ----


class Noting(CutFram):
    """It notes what is written: (place in the memory, bytes)."""

    def __init__(self, image: bytes) -> None:
        super().__init__(image)
        self.wrote: list[tuple[int, int]] = []

    def write(self, at: int, place: "array[int]", start: int, end: int) -> int:
        self.wrote.append((at + start, end - start))
        return int(super().write(at, place, start, end))


def opened() -> tuple[Obeyed, Noting]:
    fram = Noting(formatted())
    journal = Obeyed(fram)
    assert journal.take_up(SERIAL) == GOOD
    fram.wrote.clear()
    return journal, fram


INTENT = layout.DEPTH - layout.NUMBER


def row_at(row: int) -> int:
    return ROWS_AT + row * ROW_SIZE


def test_a_shot_is_prepared_by_its_mark_first_and_then_its_intent_and_a_mark_that_stands_is_not_written_again() -> None:
    journal, fram = opened()
    journal.prepare(1, 0, 1, 10_000)
    assert fram.wrote == [(row_at(1), 1), (row_at(1) + 1, INTENT)]
    fram.wrote.clear()
    journal.discard()
    journal.prepare(1, 0, 1, 20_000)
    assert fram.wrote == [(row_at(1) + 1, INTENT)]


def test_a_shot_is_closed_in_its_row_before_it_is_counted_and_the_older_checkpoint_is_overwritten() -> None:
    journal, fram = opened()
    for number in (1, 2, 3):
        journal.prepare(1, 0, number, 10_000)
        journal.begin()
        fram.wrote.clear()
        journal.done(2_000, 10_000, 0)
        checkpoint = ring.CHECKPOINTS_AT + number % 2 * layout.TOTALS_SIZE
        assert fram.wrote == [(row_at(number) + layout.DEPTH, ROW_SIZE - layout.DEPTH), (checkpoint, layout.TOTALS_SIZE)]


@pytest.mark.parametrize("size", [SIZE, SIZE + 1, SIZE + ROW_SIZE - 1])
def test_all_of_a_memory_is_wiped_and_nothing_behind_it(size: int) -> None:
    fram = CutFram(b"\x11" * (size + 5))
    assert wipe(kept(fram, cells.fresh()), size) == ring.DONE
    assert fram.image == bytes(size) + b"\x11" * 5


def test_a_gun_counts_its_shots_to_the_last_number_that_it_can_tell_and_prepares_no_further_one() -> None:
    journal, _ = opened()
    for done in (0x01020304, ring.SHOTS_MAX - 1, ring.SHOTS_MAX):
        journal._kept[ring.TOTALS][:4] = array("B", struct.pack("<I", done))
        assert ring.shots(journal._kept) == done
        journal.discard()
        came = ring.put_intent(journal._kept, 0, 1, 10_000)
        assert came == (ring.FULL if done == ring.SHOTS_MAX else ring.DONE)


def test_shots_ahead_and_in_flight_are_counted_round_the_ring() -> None:
    journal, _ = opened()
    for shot in range(1, 3 * marks.ROW_SIZE):
        journal.prepare(1, 0, shot, 10_000)
        journal.prepare(1, 0, shot + 1, 10_000)
        assert (journal.ahead(), journal.in_flight()) == (2, 0)
        journal.begin()
        assert (journal.ahead(), journal.in_flight()) == (1, 1)
        journal.done(2_000, 10_000, DEPTH_OFF)
        journal.discard()
        assert (journal.ahead(), journal.in_flight()) == (0, 0)


def test_every_new_journal_has_the_next_epoch_and_goes_round() -> None:
    journal = Obeyed(CutFram(bytes(SIZE)))
    journal.format(SERIAL, boot=(1 << 32) + 65_534)
    assert journal.epoch == 65_534, "of one that was not known before, the start says which"
    for epoch in (65_535, 0, 1):
        journal.format(SERIAL, boot=77)
        assert (journal.epoch, journal.take_up(SERIAL)) == (epoch, GOOD)


def test_no_shot_is_closed_in_a_journal_that_is_not_good_and_the_refusal_says_what_it_is() -> None:
    journal = Obeyed(CutFram(bytes(SIZE)))
    assert journal.take_up(SERIAL) == BLANK
    with pytest.raises(HistoryUnknown) as unknown:
        journal.done(2_000, 10_000, 0)
    assert unknown.value.condition == BLANK


def test_each_rows_program_is_its_own() -> None:
    journal, _ = opened()
    programs = [(1 << 64) - 1, 1, 1, 0x0102030405060708, 0]
    for shot, program in enumerate(programs, 1):
        journal.prepare(program, 0, shot, 10_000)
        journal.begin()
        journal.done(0, 0, 0)
    assert [row[1] for row in journal.rows()] == programs[::-1]
