"""A way back has come to its end: the relief of an occlusion, what is settled into, and what the clear button clears."""

import pytest
from rigs.guards import NOW_MS, Cells, armed, dose_nm, figures_of, flying, kinds, notes_of, stand
from rigs.strokes import GUN, Shot

from mesogun_fw.guard import cells, inputs, marks
from mesogun_fw.guard.endings import arrived, finish, latched, played_out
from mesogun_fw.guard.notes import NOTE_CLEARED, NOTE_ENDED, NOTE_HOMED, NOTE_SHOT
from mesogun_fw.guard.shot import ARRIVED
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD, PAUSE

F = figures_of()
STOOD_NM = 100_000  # the plunger, before this shot
STEP_NM = GUN.plunger_nm_per_step


def came_back(kind: int = HOLD, reason: int = reasons.RELEASED, gave_nm: int = 0) -> Cells:
    """A shot that was left is home, its plunger `gave_nm` further than where it stood."""
    c = stand(flying(F.back_end_us), 0)
    c[cells.PHASE], c[cells.KIND], c[cells.REASON] = cells.BACK, kind, reason
    c[inputs.PLAYING] = 0
    c[cells.PLUNGER] = cells.SHIFT + STOOD_NM
    c[inputs.PLUNGER_NM] = STOOD_NM + gave_nm
    return c


def blocked(gave_nm: int = 40 * STEP_NM) -> Cells:
    return came_back(FAULT, reasons.DOSE_WRONG, gave_nm)


# ---- the way back ----


@pytest.mark.parametrize("um", [-61, 61, 2_000])
def test_a_needle_that_did_not_come_home_is_a_fault_and_let_go_and_its_shot_is_not_over(um: int) -> None:
    c = stand(came_back(), um)
    arrived(c)
    assert (c[cells.KIND], c[cells.REASON]) == (FAULT, reasons.NOT_HOME)
    assert (c[cells.PHASE], c[cells.LIMPING], c[cells.POWER], c[cells.VENT]) == (cells.BACK, 1, 0, 1)
    assert kinds(c) == []


def test_the_spring_that_had_its_time_is_the_last_word() -> None:
    c = stand(came_back(FAULT, reasons.NOT_HOME), 2_000)
    c[cells.LIMPING] = 1
    arrived(c)
    assert c[cells.PHASE] == cells.LATCHED
    assert kinds(c) == [NOTE_SHOT, NOTE_ENDED]


@pytest.mark.parametrize(
    ("kind", "reason", "phase"),
    [
        (HOLD, reasons.RELEASED, cells.WAIT),
        (PAUSE, reasons.DISARMED, cells.OFF),
        (FAULT, reasons.TOO_HOT, cells.LATCHED),
        (ESTOP, reasons.ESTOP_PRESSED, cells.LATCHED),
    ],
)
def test_a_shot_that_is_home_is_told_and_then_how_it_ended(kind: int, reason: int, phase: int) -> None:
    c = came_back(kind, reason)
    arrived(c)
    assert (c[cells.PHASE], c[cells.POWER], c[cells.IN_FLIGHT]) == (phase, 0, 0)
    shot, ended = notes_of(c)
    assert (shot[0], shot[-1]) == (NOTE_SHOT, PARTIAL)
    assert ended[:4] == [NOTE_ENDED, NOW_MS, kind, reason]


def test_one_whose_dose_was_complete_is_whole_however_it_ended() -> None:
    c = came_back(gave_nm=dose_nm())
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT + STOOD_NM + dose_nm()
    arrived(c)
    assert (notes_of(c)[0][0], notes_of(c)[0][-1]) == (NOTE_SHOT, 0)


# ---- the relief of an occlusion ----


@pytest.mark.parametrize("dosed", [False, True])
def test_after_a_dose_that_went_nowhere_the_plunger_goes_back_to_where_it_stood_in_whole_steps_and_no_further(dosed: bool) -> None:
    c = blocked(40 * STEP_NM + STEP_NM - 1)
    if dosed:  # what moved since then is not taken back
        c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT + STOOD_NM + 30 * STEP_NM
    c[cells.SLOT] = 1
    arrived(c)
    assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]) == (cells.RELIEVE, 1, 30 if dosed else 40)
    assert (c[cells.PHASE], c[cells.RELIEVED], c[cells.NATURAL]) == (cells.BACK, 1, 0)
    assert kinds(c) == [NOTE_SHOT], "how it ended is said when the plunger is back"


def test_it_is_relieved_once() -> None:
    c = blocked()
    arrived(c)
    c[cells.ORDER] = 0
    arrived(c)
    assert (c[cells.ORDER], c[cells.PHASE]) == (0, cells.LATCHED)
    assert kinds(c) == [NOTE_SHOT, NOTE_ENDED]


@pytest.mark.parametrize(
    ("cell", "value"), [(cells.REASON, reasons.FREE_FLOW), (cells.RELIEVED, 1), (cells.LIMPING, 1)], ids=["other", "done", "limp"]
)
def test_nothing_is_taken_back_for_another_reason_twice_or_by_a_motor_that_was_let_go(cell: int, value: int) -> None:
    c = blocked()
    c[cell] = value
    arrived(c)
    assert (c[cells.ORDER], c[cells.PHASE]) == (0, cells.LATCHED)


@pytest.mark.parametrize(
    ("gave_nm", "taken"), [(-STEP_NM, False), (0, False), (1, True), (dose_nm() - 1, True), (dose_nm(), False)]
)
def test_what_is_taken_back_is_less_than_a_dose_and_more_than_nothing(gave_nm: int, taken: bool) -> None:
    c = blocked(gave_nm)
    arrived(c)
    assert (c[cells.ORDER] == cells.RELIEVE) == taken


@pytest.mark.parametrize(("pressed_nm", "taken"), [(1, True), (dose_nm() - 1, True), (dose_nm(), False)])
def test_what_the_dose_before_pressed_is_taken_back_with_what_the_next_one_gave_meanwhile(pressed_nm: int, taken: bool) -> None:
    c = blocked(10 * STEP_NM)
    c[cells.PRESSED_NM] = cells.SHIFT + pressed_nm
    arrived(c)
    assert c[cells.ORDER] == (cells.RELIEVE if taken else 0)
    assert not taken or c[cells.ORDER_FIGURE] == (10 * STEP_NM + pressed_nm) // STEP_NM


# ---- settled into ----


def test_the_last_shot_of_a_pass_ends_it_and_that_of_a_move_does_not() -> None:
    for left, move, said in (
        (1, cells.SHOTS, (HOLD, reasons.RELEASED)),
        (0, cells.SHOTS, (DONE, reasons.PASS_DONE)),
        (0, cells.GAUGE, (HOLD, reasons.RELEASED)),
    ):
        c = came_back()
        c[cells.LEFT], c[cells.MOVE] = left, move
        finish(c)
        assert (c[cells.KIND], c[cells.REASON]) == said
        assert c[cells.PHASE] == (cells.WAIT if left else cells.OFF)


def test_a_pass_that_is_over_ends_by_its_pause_or_fault_when_that_came_first() -> None:
    for kind in (PAUSE, FAULT, ESTOP):
        c = came_back(kind, reasons.DISARMED)
        c[cells.LEFT] = 0
        finish(c)
        assert (c[cells.KIND], c[cells.REASON]) == (kind, reasons.DISARMED)


def test_between_two_presses_all_begins_anew_from_where_the_plunger_is() -> None:
    c = came_back(gave_nm=3_000)
    c[cells.DOSED] = c[cells.JUDGED] = c[cells.SWITCH_OPEN] = 1
    c[cells.LAST_MS] = 0
    finish(c)
    assert (c[cells.PHASE], c[cells.PLUNGER]) == (cells.WAIT, cells.SHIFT + STOOD_NM + 3_000)
    assert [c[at] for at in (cells.DOSED, cells.JUDGED, cells.SWITCH_OPEN, cells.LAST_MS)] == [0, 0, 0, NOW_MS]


@pytest.mark.parametrize(("begin", "row"), [(2, 1), (0, 39)])
def test_a_granted_shot_that_was_revoked_is_taken_out_of_the_journal_and_what_was_begun_stays(begin: int, row: int) -> None:
    for granted in (0, 1):
        c = came_back()
        c[cells.GRANTED], c[cells.BEGIN], c[cells.OLDEST] = granted, begin, 20
        finish(c)
        assert c[cells.GRANTED] == 0
        mark = (marks.ROWS_AT + 35 * row, marks.STANDS_READY)
        assert (c[cells.MARK_AT], c[cells.MARK], c[cells.BEGIN]) == ((*mark, row) if granted else (0, 0, begin))


def test_nothing_is_taken_out_of_a_journal_in_which_none_is_begun() -> None:
    c = came_back()
    c[cells.GRANTED], c[cells.BEGIN], c[cells.OLDEST] = 1, 7, 7
    finish(c)
    assert (c[cells.MARK_AT], c[cells.BEGIN]) == (0, 7)


# ---- a list that ran dry ----


@pytest.mark.parametrize(("left", "granted", "answer"), [(1, 0, ARRIVED), (2, 0, None), (2, 1, None), (10, 1, None)])
def test_a_list_that_runs_dry_before_the_last_shot_of_a_press_is_a_fault_also_with_the_next_one_granted(
    left: int, granted: int, answer: int | None
) -> None:
    c = stand(flying(F.back_end_us), 0)
    c[cells.HOLD_LEFT], c[cells.GRANTED] = left, granted
    assert played_out(c) == (reasons.PLAYER_STOPPED if answer is None else answer)
    assert (c[cells.KIND], c[cells.REASON]) == ((HOLD, reasons.PRESS_DONE) if answer else (0, 0))


@pytest.mark.parametrize(("um", "switch"), [(61, 1), (-61, 1), (0, 0)])
def test_a_list_that_ends_with_the_needle_out_is_a_fault(um: int, switch: int) -> None:
    for move, reason in ((cells.SHOTS, reasons.NOT_HOME), (cells.HOME_CHECK, reasons.HOME_SWITCH)):
        c = stand(flying(F.back_end_us, Shot(dose_nl=0), move=move), um)
        c[inputs.HOME], c[cells.SWITCH_OPEN] = switch, 1
        assert played_out(c) == reason


def test_homing_that_went_well_cuts_the_power_and_is_told_and_is_no_shot() -> None:
    c = stand(flying(F.back_end_us, Shot(dose_nl=0), move=cells.HOME_CHECK), 0)
    c[cells.SWITCH_OPEN] = 1
    assert played_out(c) == 0
    assert [c[at] for at in (cells.PHASE, cells.POWER, cells.IN_FLIGHT)] == [cells.OFF, 0, 0]
    assert kinds(c) == [NOTE_HOMED]


def test_homing_in_which_the_switch_never_opened_proves_nothing() -> None:
    c = stand(flying(F.back_end_us, Shot(dose_nl=0), move=cells.HOME_CHECK), 0)
    assert (played_out(c), c[cells.PHASE], kinds(c)) == (reasons.HOME_SWITCH, cells.RUN, [])


# ---- latched ----


def latch() -> Cells:
    c = armed()
    c[cells.PHASE], c[cells.KIND], c[cells.REASON] = cells.LATCHED, FAULT, reasons.TOO_HOT
    return c


def test_the_button_clears_when_it_is_pressed_after_it_was_seen_open() -> None:
    c = latch()
    c[inputs.CLEAR] = 1
    latched(c)
    assert (c[cells.PHASE], kinds(c)) == (cells.LATCHED, []), "it may be stuck"
    c[inputs.CLEAR] = 0
    latched(c)
    assert c[cells.PHASE] == cells.LATCHED
    c[inputs.CLEAR] = 1
    c[cells.TICK_MS] += c[cells.DEBOUNCE_MS]
    latched(c)
    assert c[cells.PHASE] == cells.LATCHED, "it may be a spike"
    c[cells.TICK_MS] += 1
    latched(c)
    assert (c[cells.PHASE], c[cells.CLEAR_OPEN], kinds(c)) == (cells.OFF, 0, [NOTE_CLEARED])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (cells.CLEAR_OPEN, 0),
        (inputs.HOME, 0),
        (cells.LIFTED, 0),
        (inputs.ESTOP_OPEN, 1),
        (inputs.TRIGGER_A, 1),
        (inputs.TRIGGER_B, 1),
    ],
    ids=["button stuck", "needle out", "on the skin", "emergency stop", "trigger a", "trigger b"],
)
def test_nothing_is_cleared_while_anything_is_held_or_out(cell: int, value: int) -> None:
    c = latch()
    c[inputs.CLEAR] = c[cells.CLEAR_OPEN] = 1
    good = c[cell]
    c[cell] = value
    latched(c)
    assert (c[cells.PHASE], kinds(c)) == (cells.LATCHED, [])
    c[cell] = good
    latched(c)
    assert c[cells.PHASE] == cells.OFF
