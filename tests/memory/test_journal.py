"""The journal after any power cut: nothing told is wrong, no shot forgotten, none counted twice, what was in flight uncertain."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.micropython import Run
from rigs.on_micropython.power_cuts import (
    ROWS,
    SERIAL,
    SIZE,
    TORN,
    CutFram,
    Gun,
    Obeyed,
    PowerCut,
    aged,
    cut_everywhere,
    formatted,
    opened_again,
    told,
)
from rigs.search import examples, stride

from mesogun_fw.guard.asked import CHANGED
from mesogun_fw.guard.marks import ROW_SIZE
from mesogun_fw.memory.journal import WAITING_MAX, HistoryUnknown
from mesogun_fw.talk.codes import BLANK, DAMAGED, FOREIGN, GOOD, UNCERTAIN
from mesogun_sim.memory import FRAM_BYTES, Fram

OLD = "ppbbppdbdbddpbdpbdpbdpbdppbdb"  # the ring has gone round, and the last shot is uncertain
PREPARED = 0x5A  # the only mark that says "not begun"


Records = list[tuple[int, ...]]


class Deaf(bytearray):
    """It holds what it held."""

    def __setitem__(self, at: object, value: object) -> None: ...


def small_fram(left: int = 1 << 29, torn: int = -1) -> CutFram:
    return CutFram(formatted(), left, torn)


def opened() -> Obeyed:
    journal = Obeyed(small_fram())
    assert journal.take_up(SERIAL) == GOOD
    return journal


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(("before", "history"), [("", "ppbpbdvpb"), (OLD, "ppbpbdvxppbbdo")])
def test_a_power_cut_at_every_byte_and_again_at_every_byte_of_opening_on_both_pythons(
    micropython: Run, before: str, history: str
) -> None:
    cuts, shots, check = cut_everywhere(*aged(before), history)
    assert cuts > 300
    there = micropython("power_cuts", stdin=f"{before} {history}\n")
    assert (there.stdout, there.stderr) == (f"{cuts} {shots} {check}\n", "")


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("amid", [1, 9, 15])
def test_a_mark_amid_a_row_and_a_power_cut_anywhere_about_it_forget_no_shot_and_count_none_twice(amid: int) -> None:
    """Of issue 9 row 8: the tick takes the memory amid a row, which the loop then writes again."""
    cuts, shots, _ = cut_everywhere(*aged(OLD), "pPDV", amid)
    assert cuts > 300
    assert shots > 9 * cuts


@pytest.mark.parametrize("amid", range(23))
def test_a_mark_amid_a_row_leaves_both_whole(amid: int) -> None:
    image, closed = aged(OLD)
    gun = Gun(CutFram(image), closed)
    gun.amid = amid
    gun.live("oppPPDDVdPd")
    assert opened_again(gun.fram.image, gun.outcomes()) == gun.outcomes()[0]


def lived(image: bytes, closed: Records, history: str, left: int, torn: int) -> tuple[bytes, Records]:
    """The memory after this life, cut or not, and what a journal on a copy of it tells."""
    gun = Gun(CutFram(image, left, torn), closed)
    with suppress(PowerCut):
        gun.live("o" + history)
    journal = Obeyed(CutFram(gun.fram.image))
    assert journal.take_up(SERIAL) == GOOD
    return gun.fram.image, told(journal, gun.outcomes())


def test_a_power_cut_after_a_power_cut_at_every_byte_of_both() -> None:
    old, shots = aged(OLD)
    for torn in TORN:
        for first in range(0, 60, stride()):
            image, closed = lived(old, shots, "pbd", first, torn)
            for second in range(first % 3, 60, max(3, stride())):  # with any three in a row every byte is met
                lived(image, closed, "pb", second, torn)


LIVES = st.lists(
    st.tuples(st.text("ppbbddvxo", min_size=3, max_size=30), st.integers(0, 250), st.sampled_from(TORN) | st.integers(0, 255)),
    max_size=6,
)


@examples(500)
@given(LIVES)
def test_whatever_a_gun_lives_through_its_journal_tells_what_happened(lives: list[tuple[str, int, int]]) -> None:
    image, closed = aged("")
    for history, left, torn in lives:
        image, closed = lived(image, closed, history, left, torn)
    assert opened_again(image, [closed]) == closed


def test_formatting_that_is_cut_leaves_the_old_history_or_none_at_all() -> None:
    image, closed = aged(OLD)
    for torn in TORN:
        left = 0
        while True:
            fram = CutFram(image, left, torn)
            try:
                Obeyed(fram).format(SERIAL + 1)
                break
            except PowerCut:
                condition = Obeyed(fram).take_up(SERIAL)
                assert condition in (GOOD, BLANK, DAMAGED, FOREIGN)
                if condition == GOOD:
                    assert left == 0
                    opened_again(fram.image, [closed])
                if left < fram.size:
                    assert Obeyed(fram).take_up(SERIAL + 1) != GOOD
            left += 1
        assert Obeyed(fram).take_up(SERIAL + 1) == GOOD


def test_a_byte_that_changes_by_itself_is_found_or_does_no_harm() -> None:
    gun = Gun(CutFram(aged(OLD)[0]), aged(OLD)[1])
    gun.live("oppbbppd")
    assert (len(gun.flying), len(gun.ready)) == (1, 2)
    # a prepared shot whose mark breaks counts as begun: uncertain rather than forgotten
    may = [*gun.outcomes(), gun.outcomes()[0] + [gun.ready[0] + (0, 0, UNCERTAIN)]]
    found = 0
    for at in range(SIZE):
        before = gun.fram.image[at]
        for now in {*(before ^ (1 << bit) for bit in range(8)), 0, 0xFF} - {before}:
            fram = CutFram(gun.fram.image)
            fram.image[at] = now
            journal = Obeyed(fram)
            condition = journal.take_up(SERIAL)
            assert condition in (GOOD, DAMAGED)
            found += condition == DAMAGED
            if condition == GOOD:
                told(journal, may)
    assert found > 8 * SIZE // 2


def row_of(number: int) -> int:
    return 56 + number % ROWS * ROW_SIZE


def test_a_torn_record_is_damage_where_no_shot_was_being_prepared() -> None:
    image, closed = aged(OLD)
    last = len(closed)
    for number in range(last - ROWS + 1, last + 1):
        fram = CutFram(image)
        fram.image[row_of(number)] = PREPARED
        fram.image[row_of(number) + 3] ^= 1
        soon = number + ROWS <= last + WAITING_MAX
        assert Obeyed(fram).take_up(SERIAL) == (GOOD if soon else DAMAGED)


def test_a_shot_that_is_done_before_the_one_before_it_is_damage() -> None:
    gun = Gun(small_fram())
    gun.live("oppbb")
    both_open = bytes(gun.fram.image)
    gun.live("dd")
    fram = CutFram(both_open)
    fram.image[row_of(2) : row_of(3)] = gun.fram.image[row_of(2) : row_of(3)]
    assert Obeyed(fram).take_up(SERIAL) == DAMAGED


@pytest.mark.parametrize("byte", [0, 0xFF])
def test_a_missing_memory_is_history_unknown_never_zero(byte: int) -> None:
    journal = Obeyed(CutFram(bytes([byte]) * SIZE))
    assert journal.take_up(SERIAL) == BLANK
    with pytest.raises(HistoryUnknown, match=f"condition {BLANK}$"):
        journal.summary()
    with pytest.raises(HistoryUnknown, match=f"condition {BLANK}$"):
        list(journal.rows())
    with pytest.raises(HistoryUnknown, match=f"condition {BLANK}$"):
        journal.prepare(1, 0, 1, 10_000)
    assert not journal.begin()
    journal.format(SERIAL)
    assert journal.summary() == (0, 0, 0)


def test_a_journal_moved_to_another_gun_is_not_taken_for_its_own() -> None:
    journal = opened()
    assert journal.take_up(SERIAL + 1) == FOREIGN
    with pytest.raises(HistoryUnknown, match=f"condition {FOREIGN}$"):
        journal.summary()
    assert journal.take_up(SERIAL) == GOOD


def test_a_memory_that_stops_holding_what_is_written_stops_the_shots() -> None:
    fram = small_fram()
    journal = Obeyed(fram)
    journal.take_up(SERIAL)
    journal.prepare(1, 0, 1, 10_000)
    fram.image = Deaf(fram.image)
    with pytest.raises(HistoryUnknown, match=f"condition {DAMAGED}$"):
        journal.prepare(1, 0, 2, 10_000)
    assert not journal.begin(), "the first is prepared well, but could not be done"


def test_a_mark_that_did_not_reach_the_memory_is_noticed_when_the_shot_is_done() -> None:
    fram = small_fram()
    journal = Obeyed(fram)
    journal.take_up(SERIAL)
    journal.prepare(1, 0, 1, 10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fram, "mark", lambda at, value: None)
        assert journal.begin()
    with pytest.raises(HistoryUnknown, match=f"condition {DAMAGED}$"):
        journal.done(2_000, 10_000, 0)


def test_no_shot_begins_that_is_not_prepared_and_no_more_are_prepared_than_can_be_told_apart() -> None:
    journal = opened()
    assert not journal.begin()
    for shot in range(WAITING_MAX):
        assert journal.ahead() == shot
        journal.prepare(1, 0, shot + 1, 10_000)
    with pytest.raises(ValueError, match="no room"):
        journal.prepare(1, 0, WAITING_MAX + 1, 10_000)
    assert [journal.begin() for _ in range(WAITING_MAX + 1)] == [True] * WAITING_MAX + [False]
    assert (journal.in_flight(), journal.ahead()) == (WAITING_MAX, 0)
    with pytest.raises(ValueError, match="no room"):
        journal.prepare(1, 0, WAITING_MAX + 1, 10_000)


def test_a_voided_shot_leaves_its_number_to_the_next() -> None:
    journal = opened()
    journal.prepare(1, 0, 1, 10_000)
    journal.prepare(1, 0, 2, 20_000)
    assert (journal.begin(), journal.begin()) == (True, True)
    journal.void()
    journal.done(2_000, 9_900, 0)
    journal.discard()
    journal.prepare(2, 1, 1, 5_000)
    assert journal.begin()
    journal.done(1_000, 5_000, 0)
    assert list(journal.rows()) == [(2, 2, 1, 1, 5_000, 1_000, 5_000, 0), (1, 1, 0, 1, 10_000, 2_000, 9_900, 0)]
    assert journal.summary() == (2, 15_000, 0)


LARGEST = ((1 << 64) - 1, 255, 65_535, (1 << 32) - 1)


@pytest.mark.parametrize("field", range(4))
def test_an_intent_that_does_not_fit_is_refused_and_nothing_is_written(field: int) -> None:
    journal = opened()
    for wrong in (-1, LARGEST[field] + 1):
        with pytest.raises(ValueError, match="does not fit"):
            journal.prepare(*LARGEST[:field], wrong, *LARGEST[field + 1 :])
    assert journal.ahead() == 0
    journal.prepare(*LARGEST)


@pytest.mark.parametrize("field", range(3))
def test_an_end_that_does_not_fit_is_refused_and_the_shot_stays_open(field: int) -> None:
    low, high = (-(1 << 15), -(1 << 31), 0), ((1 << 15) - 1, (1 << 31) - 1, 255)
    for fits, wrong in ((low, low[field] - 1), (high, high[field] + 1)):
        journal = opened()
        with pytest.raises(ValueError, match="no shot in flight"):
            journal.done(*fits)
        journal.prepare(*LARGEST)
        journal.begin()
        with pytest.raises(ValueError, match="does not fit"):
            journal.done(*fits[:field], wrong, *fits[field + 1 :])
        journal.done(*fits)
        assert list(journal.rows()) == [(1, *LARGEST, *fits)]


def test_totals_outlive_their_records_and_grow_beyond_a_small_integer() -> None:
    fram = Fram()
    journal = Obeyed(fram)
    journal.format(SERIAL)
    for shot in range(1, 501):
        journal.prepare(7, 1, shot, 4_000_000_000)
        journal.begin()
        journal.done(2_000, 10_000, UNCERTAIN if shot % 100 == 0 else 0)
    assert journal.take_up(SERIAL) == GOOD
    assert journal.summary() == (500, 2_000_000_000_000, 5)
    held = [record[0] for record in journal.rows()]
    assert held == list(range(500, 500 - len(held), -1))
    assert len(held) == (FRAM_BYTES - 56) // ROW_SIZE == 232


def test_a_record_overwritten_while_the_log_is_read_ends_it() -> None:
    image, closed = aged(OLD)
    gun = Gun(CutFram(image), closed)
    gun.live("o")
    log = gun.journal.rows()
    first = next(log)
    gun.live("pbdpbdpbdpb")
    assert [first, *log] == list(reversed(closed[-(ROWS - 4) :]))


def test_what_is_prepared_is_no_history() -> None:
    gun = Gun(small_fram())
    gun.live("opp")
    assert gun.fram.image[row_of(1)] == PREPARED
    assert opened_again(gun.fram.image, gun.outcomes()) == []


def test_shots_that_wait_get_another_dose_and_those_begun_meanwhile_keep_theirs() -> None:
    journal = opened()
    journal.prepare(1, 0, 1, 1_000)
    journal.prepare(1, 0, 2, 1_000)
    journal.lay_dose(2_000)
    assert journal.begin()
    assert journal.rewrite() == CHANGED
    journal.dosed(2_000)
    assert journal.begin()
    journal.done(0, 0, 0)
    journal.done(0, 0, 0)
    assert [(row[3], row[4]) for row in journal.rows()] == [(2, 2_000), (1, 1_000)]
    assert journal.summary()[1] == 3_000


def test_a_shot_that_was_begun_with_one_dose_and_revoked_waits_with_that_dose_until_it_gets_another() -> None:
    journal = opened()
    for shot in (1, 2, 3):
        journal.prepare(1, 0, shot, 1_000)
    journal.lay_dose(2_000)
    assert journal.begin()
    assert journal.rewrite() == CHANGED
    journal.dosed(2_000)
    assert journal.waits_with(2_000)
    journal.void()
    assert not journal.waits_with(2_000)
    journal.lay_dose(2_000)
    assert journal.rewrite() == CHANGED
    journal.dosed(2_000)
    assert journal.waits_with(2_000)
    for _ in range(3):
        assert journal.begin()
        journal.done(0, 0, 0)
    assert [row[4] for row in journal.rows()] == [2_000] * 3


@pytest.mark.parametrize("torn", [-1, *TORN])
def test_a_power_cut_at_every_byte_of_another_dose_leaves_shots_that_never_happened(torn: int) -> None:
    for left in range(2 * ROW_SIZE):
        fram = small_fram()
        journal = Obeyed(fram)
        assert journal.take_up(SERIAL) == GOOD
        for shot in (1, 2):
            journal.prepare(1, 0, shot, 1_000)
        journal.lay_dose(2_000)
        fram.left, fram.torn = left, torn
        with suppress(PowerCut):
            journal.rewrite()
        again = Obeyed(CutFram(bytes(fram.image)))
        assert again.take_up(SERIAL) == GOOD
        assert again.summary() == (0, 0, 0)
