"""One millisecond: what is seen first is done first, and each thing that is seen ends by its own kind."""

import pytest
from rigs.guards import NOW_MS, SHOT, Cells, armed, dose_nm, figures_of, fly, flying, hold, kinds, notes_of, stand, well
from rigs.strokes import Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import LEAVE_US
from mesogun_fw.guard.notes import NOTE_CLEARED, NOTE_ENDED, NOTE_HOMED, NOTE_SHOT, NOTE_STARTED, NOTE_STOPPING, NOTE_SWAPPED
from mesogun_fw.guard.tick import tick
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, PAUSE

F = figures_of()
DRY = Shot(dose_nl=0)
AT_DEPTH_US = F.out_us + 1_000
AT_HOME_US = F.back_end_us + 2_000


def ticked(c: Cells, now_ms: int = NOW_MS) -> Cells:
    tick(c, now_ms)
    return c


def ended(c: Cells) -> tuple[int, int, int]:
    return c[cells.PHASE], c[cells.KIND], c[cells.REASON]


def test_a_gun_that_is_well_goes_on_in_every_phase() -> None:
    for c in (well(), armed(), flying(AT_DEPTH_US)):
        phase = c[cells.PHASE]
        ticked(c, NOW_MS + 1)
        assert (c[cells.PHASE], c[cells.ORDER], c[cells.TICK_MS], kinds(c)) == (phase, 0, NOW_MS + 1, [])


# ---- another list ----


def entered(phase: int = cells.RUN, playing: int = 1) -> Cells:
    c = fly(flying(0), 500)
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT
    c[cells.PHASE], c[inputs.PLAYING] = phase, playing
    c[cells.HOLD_LEFT], c[cells.GRANTED], c[inputs.LISTS_PLAYED] = 2, 1, 2
    return c


@pytest.mark.parametrize(
    ("phase", "playing", "taken"), [(cells.RUN, 1, 1), (cells.RUN, 0, 1), (cells.BACK, 1, 1), (cells.BACK, 2, 0)]
)
def test_a_list_that_was_entered_is_taken_up_before_anything_is_judged(phase: int, playing: int, taken: int) -> None:
    c = entered(phase, playing)
    ticked(c)
    assert c[cells.LISTS] == 1 + taken
    assert (NOTE_SHOT in kinds(c)) == bool(taken)


def test_a_list_that_was_entered_in_order_ends_nothing() -> None:
    c = ticked(entered())
    assert (ended(c), c[cells.ORDER]) == ((cells.RUN, 0, 0), 0)
    assert kinds(c) == [NOTE_SHOT]


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [(inputs.TEMPERATURE_C, 71, reasons.TOO_HOT), (cells.LOOP_MS, NOW_MS - 301, reasons.LOOP_DEAD)],
)
def test_what_fails_in_that_tick_ends_the_shot_that_is_in_flight_now_by_its_own_reason(cell: int, value: int, reason: int) -> None:
    c = entered()
    c[cell] = value
    ticked(c)
    assert ended(c) == (cells.BACK, FAULT, reason)
    assert kinds(c) == [NOTE_SHOT, NOTE_STOPPING]


def test_an_emergency_stop_in_that_tick_stops_the_shot_that_is_in_flight_now() -> None:
    c = fly(entered(), 5_000)
    c[inputs.ESTOP_OPEN] = 1
    ticked(c)
    assert kinds(c) == [NOTE_SHOT, NOTE_STOPPING]
    assert notes_of(c)[0][-1] == 0, "the shot before was over"


# ---- waiting, and a press ----


def test_the_first_tick_after_homing_was_armed_takes_the_needle_for_home() -> None:
    c = stand(armed(move=cells.HOME_CHECK), 900)
    c[cells.PLACED], c[inputs.HOME] = 0, 1
    ticked(c)
    assert (c[cells.PLACED], c[cells.ZERO], c[cells.PHASE]) == (1, cells.SHIFT + 900, cells.WAIT)
    stand(c, 1_000)
    c[inputs.HOME] = 1
    ticked(c)
    assert c[cells.REASON] == reasons.HOME_SWITCH, "home is taken once"


def test_a_setting_that_waits_is_taken_in_before_the_press_that_makes_its_first_shot() -> None:
    c = hold(armed(SHOT, Shot(dose_nl=13_000)))
    c[cells.NEXT], c[cells.FRESH], c[cells.PRESS_MS], c[cells.CONTACT_MS] = 2, 1, NOW_MS - 20, 0
    ticked(c)
    assert (c[cells.SLOT], c[cells.ORDER], c[cells.ORDER_SLOT]) == (1, cells.START, 1)
    assert kinds(c) == [NOTE_SWAPPED, NOTE_STARTED]


def pressed() -> Cells:
    c = hold(armed())
    c[cells.FRESH], c[cells.PRESS_MS], c[cells.CONTACT_MS] = 1, NOW_MS - 20, 0
    return c


def test_a_press_starts_its_first_shot_in_the_tick_in_which_it_is_meant() -> None:
    c = ticked(pressed())
    assert (c[cells.PHASE], c[cells.ORDER], c[cells.POWER], c[cells.MARK]) == (cells.RUN, cells.START, 1, 0xA5)


@pytest.mark.parametrize(
    ("change", "kind"),
    [({inputs.ESTOP_OPEN: 1}, ESTOP), ({inputs.TEMPERATURE_C: 71}, FAULT), ({inputs.SYRINGE: 0}, PAUSE)],
)
def test_what_ends_the_arming_in_the_tick_in_which_a_press_is_meant_comes_first(change: dict[int, int], kind: int) -> None:
    c = pressed()
    for cell, value in change.items():
        c[cell] = value
    ticked(c)
    assert (c[cells.PHASE], c[cells.KIND]) == (cells.OFF if kind == PAUSE else cells.LATCHED, kind)
    assert (c[cells.ORDER], c[cells.POWER], c[cells.MARK_AT], kinds(c)) == (0, 0, 0, [NOTE_ENDED])


@pytest.mark.parametrize(("cell", "value"), [(inputs.ESTOP_OPEN, 1), (inputs.TEMPERATURE_C, 71), (inputs.TRIGGER_A, 0)])
def test_what_ends_a_shot_in_the_tick_in_which_the_next_period_is_due_comes_first(cell: int, value: int) -> None:
    c = due()
    c[cell] = value
    ticked(c)
    assert (c[cells.GRANTED], c[cells.MARK_AT]) == (0, 0)
    assert c[cells.ORDER] != cells.GRANT
    assert c[cells.PHASE] != cells.RUN


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        (cells.ROOM, 0, reasons.RECORD_FULL),
        (cells.BUDGET_NL, 0, reasons.SYRINGE_EMPTY),
        (cells.CEILING, 0, reasons.SHOTS_CEILING),
        (cells.PREPARED, 0, reasons.JOURNAL_BEHIND),
    ],
)
def test_what_cannot_be_afforded_is_a_pause_at_a_press_and_in_a_series(cell: int, value: int, reason: int) -> None:
    c = pressed()
    c[cell] = value
    ticked(c)
    assert ended(c) == (cells.OFF, PAUSE, reason)
    assert (c[cells.ORDER], c[cells.POWER]) == (0, 0)
    c = due()
    c[cell] = 1 if cell == cells.PREPARED else value
    ticked(c)
    assert ended(c) == (cells.BACK, PAUSE, reason)
    assert (c[cells.GRANTED], c[cells.ORDER], c[cells.NATURAL]) == (0, cells.REVOKE, 1), "the shot in flight is made"


def due() -> Cells:
    """At home again in the last ms of a period of a series, its dose judged."""
    c = flying(AT_HOME_US)
    c[cells.DOSED] = c[cells.JUDGED] = c[cells.SWITCH_OPEN] = 1
    c[cells.PLUNGER_END] = cells.SHIFT + dose_nm()
    c[cells.HOLD_LEFT] = 5
    c[c[cells.EXPECTED] + LEAVE_US] = AT_HOME_US + 6_000
    return c


def test_the_next_period_is_granted_in_the_tick_in_which_it_is_due() -> None:
    c = ticked(due())
    assert (c[cells.PHASE], c[cells.ORDER], c[cells.GRANTED]) == (cells.RUN, cells.GRANT, 1)


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        ({inputs.TRIGGER_A: 0}, HOLD, reasons.RELEASED),
        ({inputs.CONTACT_B: 0}, HOLD, reasons.LIFTED),
        ({cells.HOLD_UNTIL_MS: NOW_MS - 1}, PAUSE, reasons.HELD_TOO_LONG),
        ({inputs.NEEDLE_UM: 2_101}, FAULT, reasons.NEEDLE_OVERRUN),
        ({inputs.NEEDLE_UM: 1_800}, FAULT, reasons.DEPTH_WRONG),
    ],
)
def test_what_is_seen_of_a_shot_ends_it_by_its_own_kind(change: dict[int, int], kind: int, reason: int) -> None:
    c = flying(F.out_us + 2_000)
    for cell, value in change.items():
        c[cell] = value
    ticked(c)
    assert ended(c) == (cells.BACK, kind, reason)


def test_an_idle_gun_is_a_pause_and_a_needle_that_was_moved_a_fault() -> None:
    c = armed()
    c[cells.LAST_MS] = NOW_MS - 60_001
    assert ended(ticked(c)) == (cells.OFF, PAUSE, reasons.IDLE_TOO_LONG)
    c = stand(armed(), 61)
    assert ended(ticked(c)) == (cells.LATCHED, FAULT, reasons.NOT_HOME)


# ---- home again ----


def test_the_last_shot_of_a_press_is_over_when_its_list_is() -> None:
    c = fly(flying(0), AT_HOME_US)
    c[cells.DOSED], c[cells.PLUNGER_END], c[inputs.PLAYING] = 1, cells.SHIFT + dose_nm(), 0
    ticked(c)
    assert ended(c) == (cells.WAIT, HOLD, reasons.PRESS_DONE)
    assert kinds(c) == [NOTE_SHOT, NOTE_ENDED]
    assert c[cells.POWER] == 0


def test_a_list_that_ran_dry_too_soon_is_a_fault_and_the_motor_is_let_go() -> None:
    c = flying(AT_DEPTH_US)
    c[inputs.PLAYING], c[cells.HOLD_LEFT] = 0, 2
    ticked(c)
    assert (*ended(c), c[cells.LIMPING]) == (cells.BACK, FAULT, reasons.PLAYER_STOPPED, 1)


def test_homing_that_went_well_is_told_and_ends_by_no_kind() -> None:
    c = fly(flying(0, DRY, move=cells.HOME_CHECK), 200_000, DRY)
    c[inputs.PLAYING], c[cells.SWITCH_OPEN] = 0, 1
    ticked(c)
    assert (c[cells.PHASE], kinds(c)) == (cells.OFF, [NOTE_HOMED])


@pytest.mark.parametrize(("natural", "order"), [(1, cells.HALT), (0, 0)])
def test_a_stroke_on_its_own_way_is_halted_when_the_needle_is_home_and_a_way_back_is_over(natural: int, order: int) -> None:
    c = fly(flying(0), AT_HOME_US)
    c[cells.PHASE], c[cells.KIND], c[cells.REASON] = cells.BACK, HOLD, reasons.RELEASED
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT + dose_nm()
    c[cells.NATURAL], c[inputs.PLAYING] = natural, natural
    ticked(c)
    assert (c[cells.PHASE], c[cells.ORDER]) == (cells.WAIT, order)


def test_the_button_is_heard_while_a_fault_is_latched() -> None:
    c = well()
    c[cells.PHASE], c[cells.KIND], c[inputs.CLEAR], c[cells.CLEAR_OPEN] = cells.LATCHED, FAULT, 1, 1
    ticked(c)
    assert (c[cells.PHASE], kinds(c)) == (cells.OFF, [NOTE_CLEARED])


def test_a_depth_stop_that_stands_where_it_should_is_followed_by_the_first_shot_in_that_tick() -> None:
    c = hold(armed())
    c[cells.PHASE], c[cells.PLACING] = cells.PLACE, 0
    c[inputs.LISTS_PLAYED] = c[cells.LISTS] = 1
    ticked(c)
    assert (c[cells.PHASE], c[cells.ORDER], c[cells.ORDER_SLOT]) == (cells.RUN, cells.START, 0)


def test_a_press_whose_depth_stop_has_to_move_makes_no_shot_yet() -> None:
    c = pressed()
    c[cells.PLACING] = 2
    ticked(c)
    assert (c[cells.PHASE], c[cells.ORDER], c[cells.ORDER_SLOT], kinds(c)) == (cells.PLACE, cells.START, 1, [])
