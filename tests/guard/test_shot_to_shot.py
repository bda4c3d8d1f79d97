"""From shot to shot: what is granted, what one leaves to the next, and how a new setting takes over."""

import pytest
from rigs.guards import SHOT, Cells, armed, figures_of, flying, notes_of, stand
from rigs.strokes import Shot

from mesogun_fw.guard import cells, expected, inputs, lookout
from mesogun_fw.guard.carry import first, follow_on, following
from mesogun_fw.guard.endings import stop
from mesogun_fw.guard.notes import NOTE_SWAPPED
from mesogun_fw.guard.starting import grant, next_period, swap, use
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import FAULT

OTHER = Shot(dose_nl=13_000)


# ---- from shot to shot ----


@pytest.mark.parametrize(("in_use", "waiting", "slot"), [(0, 0, 0), (0, 2, 1), (1, 0, 1), (1, 1, 0)])
def test_a_grant_is_of_the_setting_in_use_or_of_the_one_that_waits_with_the_tail_of_its_own_dose(
    in_use: int, waiting: int, slot: int
) -> None:
    c = flying(0, SHOT, OTHER)
    use(c, in_use)
    part = figures_of((SHOT, OTHER)[slot]).dose.part
    for carry, tail in ((cells.ONE_STEP - part - 1, 0), (cells.ONE_STEP - part, 1)):
        c[cells.GRANTED], c[cells.SHOT_CARRY], c[cells.BEGIN] = 0, carry, 0
        c[cells.NEXT], c[cells.GRANTED_SLOT], c[cells.ORDER_SLOT] = waiting, 1 - slot, 1 - slot
        assert grant(c) == 0
        assert (c[cells.GRANTED], c[cells.GRANTED_SLOT]) == (1, slot)
        assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]) == (cells.GRANT, slot, tail)
        assert (c[cells.NEXT_TAIL], c[cells.NEXT_CARRY]) == (tail, (carry + part) % cells.ONE_STEP)
        assert (c[cells.MARK_AT], c[cells.BEGIN]) == (56, 1)


def test_what_cannot_be_afforded_is_not_granted() -> None:
    c = flying(0)
    c[cells.ROOM] = 0
    before = c[:]
    assert grant(c) == reasons.RECORD_FULL
    assert c == before


def test_the_first_dose_of_a_press_goes_on_from_what_the_last_whole_one_left_over() -> None:
    c = armed()
    part = figures_of().dose.part
    for carry, tail in ((cells.ONE_STEP - part - 1, 0), (cells.ONE_STEP - part, 1)):
        c[cells.CARRY], c[cells.SHOT_CARRY] = carry, 0
        assert first(c) == tail
        assert (c[cells.TAIL], c[cells.SHOT_CARRY], c[cells.CARRY]) == (tail, (carry + part) % cells.ONE_STEP, carry)


def test_what_a_dose_leaves_over_goes_into_the_dose_of_the_slot_to_come() -> None:
    c = armed(SHOT, OTHER)
    parts = [figures_of(one).dose.part for one in (SHOT, OTHER)]
    assert parts[0] != parts[1]
    for slot, part in enumerate(parts):
        c[cells.SHOT_CARRY] = 3
        following(c, slot)
        assert c[cells.NEXT_CARRY] == part + 3


@pytest.mark.parametrize("dosed", [0, 1])
def test_a_shot_that_follows_begins_where_the_dose_before_ended_with_nothing_left_of_it(dosed: int) -> None:
    c = flying(0)
    for cell in (cells.JUDGED, cells.SWITCH_OPEN):
        c[cell] = 1
    c[cells.DOSED], c[cells.PLUNGER_END], c[inputs.PLUNGER_NM] = dosed, cells.SHIFT + 8_000, 9_000
    c[cells.IN_FLIGHT], c[cells.NEXT_TAIL], c[cells.NEXT_CARRY] = 0, 1, 77
    c[cells.DEEPEST] = cells.SHIFT + 2_000
    stand(c, 20)
    follow_on(c)
    assert c[cells.PLUNGER] == cells.SHIFT + (8_000 if dosed else 9_000)
    assert [c[cell] for cell in (cells.DOSED, cells.JUDGED, cells.SWITCH_OPEN)] == [0, 0, 0]
    assert (c[cells.IN_FLIGHT], c[cells.ENTERED], c[cells.TAIL], c[cells.SHOT_CARRY]) == (1, 1, 1, 77)
    assert c[cells.DEEPEST] == cells.SHIFT + 20


def test_shots_begin_a_period_apart_and_a_list_that_was_entered_counts_from_its_entry() -> None:
    c = flying(0)
    c[c[cells.EXPECTED] + expected.LEAVE_US], c[c[cells.EXPECTED] + expected.ENTRY_US] = 1_100_400, 100_000
    c[cells.START_MS], c[cells.START_US] = 5_000, 700
    follow_on(c)
    assert (c[cells.START_MS], c[cells.START_US]) == (6_101, 100)
    follow_on(c)
    assert (c[cells.START_MS], c[cells.START_US]) == (7_101, 500)


# ---- a new setting ----


def test_a_new_setting_is_the_stroke_in_use_from_its_swap_on_and_that_is_noted() -> None:
    c = flying(0, SHOT, OTHER)
    c[cells.NEXT] = 2
    swap(c)
    assert (c[cells.SLOT], c[cells.NEXT], c[cells.DOSE_NL]) == (1, 0, OTHER.dose_nl)
    assert c[cells.EXPECTED] == cells.EXPECTED_AT + cells.EXPECTED_SIZE
    assert [note[0] for note in notes_of(c)] == [NOTE_SWAPPED]


@pytest.mark.parametrize(("dose_nl", "drug"), [(0, 0), (10_000, lookout.DRUG)])
@pytest.mark.parametrize(("move", "air"), [(cells.SHOTS, 0), (cells.PRIME, lookout.IN_THE_AIR)])
def test_a_dose_needs_a_syringe_and_a_move_is_made_in_the_air(dose_nl: int, drug: int, move: int, air: int) -> None:
    c = armed()
    c[cells.MOVE], c[cells.SLOT_DOSE_NL + 1] = move, dose_nl
    use(c, 1)
    assert c[cells.HOW] == drug | air


def entered(slot: int) -> Cells:
    c = flying(500, SHOT, OTHER)
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT
    c[cells.GRANTED], c[cells.GRANTED_SLOT], c[cells.NEXT] = 1, slot, 2 * slot
    c[inputs.LISTS_PLAYED], c[cells.ORDER_SLOT] = 2, 1
    return c


@pytest.mark.parametrize("slot", [0, 1])
def test_a_period_that_was_entered_is_of_the_setting_that_it_was_granted_for(slot: int) -> None:
    c = entered(slot)
    next_period(c)
    assert (c[cells.SLOT], c[cells.NEXT], c[cells.GRANTED], c[cells.LISTS], c[cells.ORDER]) == (slot, 0, 0, 2, 0)


def test_the_first_shot_of_a_new_setting_begins_a_period_of_the_old_one_after_the_last() -> None:
    c = entered(1)
    for slot, period_us in enumerate((100_000, 250_000)):
        c[cells.EXPECTED_AT + cells.EXPECTED_SIZE * slot + expected.LEAVE_US] = period_us
    c[cells.START_MS], c[cells.START_US] = 5_000, 0
    next_period(c)
    assert (c[cells.START_MS], c[cells.START_US]) == (5_100, 0)


def test_one_that_waits_and_was_not_granted_goes_on_waiting() -> None:
    c = entered(0)
    c[cells.NEXT] = 2
    next_period(c)
    assert (c[cells.SLOT], c[cells.NEXT]) == (0, 2)


def test_what_a_wrong_dose_had_pressed_when_the_next_began_is_kept_for_its_relief() -> None:
    c = entered(0)
    c[cells.DOSED], c[cells.PLUNGER], c[inputs.PLUNGER_NM] = 0, cells.SHIFT + 1_000, 4_000
    next_period(c)
    assert (c[cells.REASON], c[cells.PRESSED_NM]) == (reasons.DOSE_WRONG, cells.SHIFT + 3_000)
    assert (c[cells.NATURAL], c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]) == (0, cells.ABORT, 0, c[cells.TAIL])


def test_a_move_has_no_dose_to_be_wrong_from_list_to_list() -> None:
    c = entered(0)
    c[cells.MOVE], c[cells.DOSED], c[inputs.PLUNGER_NM] = cells.PRIME, 0, 0
    next_period(c)
    assert (c[cells.REASON], c[cells.PRESSED_NM], c[cells.DOSED]) == (0, 0, 0)


def test_one_that_was_faster_than_its_revocation_is_left_at_once_by_the_way_out_of_its_own_list() -> None:
    c = entered(1)
    stop(c, FAULT, reasons.TOO_HOT)
    c[cells.ORDER], c[cells.NATURAL], c[cells.NEXT_TAIL] = 0, 1, 1
    next_period(c)
    assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE], c[cells.NATURAL]) == (cells.ABORT, 1, 1, 0)
