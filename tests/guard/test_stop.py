"""Whatever goes on ends: in every phase, for every reason, by the way that this reason leaves."""

import pytest
from rigs.guards import NOW_MS, TOLERANCE_NM, Cells, armed, dose_nm, figures_of, flying, kinds, notes_of, well
from rigs.strokes import Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.endings import stop
from mesogun_fw.guard.expected import DRAW
from mesogun_fw.guard.notes import NOTE_ENDED, NOTE_STOPPING
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, PAUSE

F = figures_of()
AT_DEPTH_US = F.out_us + 1_000
FAULTS = [code for name, code in vars(reasons).items() if name.isupper() and code >= reasons.FIRST_FAULT]
# After these the motor is not trusted with the way back: it starves, it is lost, it is not there, or a person wants it off.
LET_GO = {
    reasons.ESTOP_PRESSED,
    reasons.NEEDLE_OVERRUN,
    reasons.NEEDLE_ASTRAY,
    reasons.NOT_HOME,
    reasons.PLAYER_STOPPED,
    reasons.SUPPLY_LOW,
}


def ending(c: Cells) -> tuple[int, int]:
    return c[cells.KIND], c[cells.REASON]


# ---- amid a shot ----


@pytest.mark.parametrize("reason", sorted({*FAULTS, reasons.FIRST_FAULT}))
def test_the_motor_brings_the_needle_back_unless_it_is_not_to_be_trusted(reason: int) -> None:
    c = flying(AT_DEPTH_US)
    stop(c, ESTOP if reason == reasons.ESTOP_PRESSED else FAULT, reason)
    spring = reason in LET_GO
    assert c[cells.PHASE] == cells.BACK
    assert (c[cells.LIMPING], c[cells.POWER], c[cells.VENT]) == ((1, 0, 1) if spring else (0, 1, 0))
    assert c[cells.ORDER] == (cells.HALT if spring else cells.ABORT)
    assert c[cells.BACK_MS] == NOW_MS


@pytest.mark.parametrize("reason", [reasons.RELEASED, reasons.LIFTED, reasons.DISARMED, reasons.LINK_SILENT, reasons.HELD_TOO_LONG])
def test_a_hand_or_a_host_that_ends_a_shot_leaves_the_motor_its_power(reason: int) -> None:
    c = flying(AT_DEPTH_US)
    c[cells.TAIL], c[cells.SLOT] = 1, 1
    stop(c, HOLD if reason < reasons.FIRST_PAUSE else PAUSE, reason)
    assert (c[cells.PHASE], c[cells.POWER], c[cells.NATURAL]) == (cells.BACK, 1, 0)
    assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]) == (cells.ABORT, 1, 1)
    assert kinds(c) == [NOTE_STOPPING]
    assert ending(c) == (HOLD if reason < reasons.FIRST_PAUSE else PAUSE, reason)


@pytest.mark.parametrize(("before_us", "own"), [(501, False), (500, True)])
def test_a_stroke_half_a_millisecond_from_its_own_way_back_is_left_to_finish(before_us: int, own: bool) -> None:
    c = flying(F.back_start_us - before_us)
    c[cells.DOSED], c[cells.NATURAL] = 1, 1 - own
    stop(c, HOLD, reasons.RELEASED)
    assert (c[cells.NATURAL], c[cells.ORDER], c[cells.LIMPING]) == ((1, cells.REVOKE, 0) if own else (0, cells.ABORT, 0))


@pytest.mark.parametrize(("before_us", "own"), [(501, False), (500, True)])
def test_one_that_gives_its_dose_on_the_way_back_is_not_until_that_way_is_over(before_us: int, own: bool) -> None:
    """Else the drug would go on after the hand has let go."""
    c = flying(F.back_end_us - before_us)
    c[c[cells.EXPECTED] + DRAW], c[cells.DOSED], c[cells.NATURAL] = 1, 1, 1 - own
    stop(c, HOLD, reasons.RELEASED)
    assert (c[cells.NATURAL], c[cells.ORDER], c[cells.LIMPING]) == ((1, cells.REVOKE, 0) if own else (0, cells.ABORT, 0))


def test_one_that_was_played_to_its_end_unseen_is_on_its_own_way_whenever_that_is_noticed() -> None:
    c = flying(1_000)
    c[inputs.PLAYING] = c[cells.NATURAL] = 0
    c[inputs.PLUNGER_NM] = dose_nm()
    stop(c, HOLD, reasons.RELEASED)
    assert (c[cells.NATURAL], c[cells.ORDER]) == (1, cells.REVOKE)
    assert (c[cells.DOSED], c[cells.PLUNGER_END]) == (1, cells.SHIFT + dose_nm())


@pytest.mark.parametrize(("us", "dosed"), [(F.dose_end_us - 1, 0), (F.dose_end_us, 1)])
def test_a_stop_after_the_last_drop_is_a_whole_shot_and_before_it_a_partial_one(us: int, dosed: int) -> None:
    c = flying(us)
    stop(c, HOLD, reasons.RELEASED)
    assert c[cells.DOSED] == dosed


@pytest.mark.parametrize(("kind", "reason"), [(HOLD, reasons.RELEASED), (PAUSE, reasons.DISARMED)])
def test_a_dose_found_wrong_by_a_stop_is_the_fault_that_ends_it(kind: int, reason: int) -> None:
    for off_nm, found in ((TOLERANCE_NM, (kind, reason)), (TOLERANCE_NM + 1, (FAULT, reasons.DOSE_WRONG))):
        c = flying(F.dose_end_us)
        c[inputs.PLUNGER_NM] = dose_nm() - off_nm
        stop(c, kind, reason)
        assert ending(c) == found


def test_a_fault_that_stops_a_shot_stays_the_reason_when_its_dose_is_wrong_too() -> None:
    c = flying(F.dose_end_us)
    c[inputs.PLUNGER_NM] = 0
    stop(c, FAULT, reasons.TOO_HOT)
    assert ending(c) == (FAULT, reasons.TOO_HOT)


def test_a_dose_that_was_judged_before_is_not_judged_again() -> None:
    c = flying(F.back_start_us + 500)
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, cells.SHIFT + dose_nm()
    c[inputs.PLUNGER_NM] = 0
    stop(c, HOLD, reasons.RELEASED)
    assert (ending(c), c[cells.PLUNGER_END]) == ((HOLD, reasons.RELEASED), cells.SHIFT + dose_nm())


# ---- on the way back, and latched ----


def coming_back(kind: int, reason: int, phase: int = cells.BACK) -> Cells:
    c = flying(F.back_start_us + 1_000)
    c[cells.PHASE], c[cells.KIND], c[cells.REASON], c[cells.ORDER] = phase, kind, reason, 0
    return c


FIRST = [(HOLD, reasons.RELEASED), (PAUSE, reasons.DISARMED), (FAULT, reasons.TOO_HOT), (ESTOP, reasons.ESTOP_PRESSED)]
THEN = [(HOLD, reasons.LIFTED), (PAUSE, reasons.LINK_SILENT), (FAULT, reasons.FREE_FLOW), (ESTOP, reasons.ESTOP_PRESSED)]


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("then", THEN)
def test_a_worse_ending_overrules_and_the_first_of_a_kind_stays(first: tuple[int, int], then: tuple[int, int]) -> None:
    c = coming_back(*first)
    stop(c, *then)
    assert ending(c) == (then if then[0] > first[0] else first)
    assert kinds(c) == [], "it is said when the needle is home"


def test_on_the_way_back_a_motor_that_is_not_to_be_trusted_is_let_go_also_when_another_fault_came_first() -> None:
    c = coming_back(FAULT, reasons.TOO_HOT)
    c[cells.BACK_MS] = NOW_MS - 50
    stop(c, FAULT, reasons.NEEDLE_OVERRUN)
    assert ending(c) == (FAULT, reasons.TOO_HOT)
    assert [c[at] for at in (cells.LIMPING, cells.ORDER, cells.POWER, cells.VENT)] == [1, cells.HALT, 0, 1]
    assert c[cells.BACK_MS] == NOW_MS, "the spring has its time from now on"


def test_one_that_was_let_go_already_keeps_the_time_that_it_had() -> None:
    c = coming_back(FAULT, reasons.SUPPLY_LOW)
    c[cells.LIMPING], c[cells.POWER], c[cells.BACK_MS] = 1, 0, NOW_MS - 50
    stop(c, ESTOP, reasons.ESTOP_PRESSED)
    assert ending(c) == (ESTOP, reasons.ESTOP_PRESSED)
    assert (c[cells.BACK_MS], c[cells.ORDER]) == (NOW_MS - 50, 0)


@pytest.mark.parametrize("reason", [reasons.TOO_HOT, reasons.DISARMED])
def test_on_the_way_back_another_good_reason_changes_nothing_of_the_way(reason: int) -> None:
    c = coming_back(HOLD, reasons.RELEASED)
    stop(c, FAULT if reason == reasons.TOO_HOT else PAUSE, reason)
    assert (c[cells.LIMPING], c[cells.ORDER], c[cells.POWER]) == (0, 0, 1)


@pytest.mark.parametrize("reason", [reasons.RELEASED, reasons.DISARMED, reasons.TOO_HOT, reasons.NEEDLE_OVERRUN])
def test_what_is_latched_is_overruled_by_an_emergency_stop_alone_and_that_is_said(reason: int) -> None:
    c = coming_back(FAULT, reasons.SUPPLY_LOW, phase=cells.LATCHED)
    before = c[:]
    kind = HOLD if reason < reasons.FIRST_PAUSE else PAUSE if reason < reasons.FIRST_FAULT else FAULT
    stop(c, kind, reason)
    assert c == before
    stop(c, ESTOP, reasons.ESTOP_PRESSED)
    assert ending(c) == (ESTOP, reasons.ESTOP_PRESSED)
    assert notes_of(c)[-1][:4] == [NOTE_ENDED, NOW_MS, ESTOP, reasons.ESTOP_PRESSED]
    assert (c[cells.PHASE], c[cells.ORDER]) == (cells.LATCHED, 0)


# ---- at rest ----


@pytest.mark.parametrize("reason", [reasons.RELEASED, reasons.DISARMED])
def test_a_gun_in_which_nothing_may_start_has_no_hold_and_no_pause_to_end(reason: int) -> None:
    c = well()
    before = c[:]
    stop(c, HOLD if reason == reasons.RELEASED else PAUSE, reason)
    assert c == before


@pytest.mark.parametrize("kind", [FAULT, ESTOP])
@pytest.mark.parametrize("phase", [cells.OFF, cells.WAIT, cells.PLACE])
def test_a_fault_latches_wherever_the_gun_is_and_takes_the_power(kind: int, phase: int) -> None:
    c = armed()
    c[cells.PHASE], c[cells.POWER], c[cells.CLEAR_OPEN] = phase, 1, 1
    reason = reasons.ESTOP_PRESSED if kind == ESTOP else reasons.TOO_HOT
    stop(c, kind, reason)
    assert (c[cells.PHASE], c[cells.POWER], c[cells.CLEAR_OPEN]) == (cells.LATCHED, 0, 0)
    assert notes_of(c) == [[NOTE_ENDED, NOW_MS, kind, reason, 0, 0, 0]]
    assert c[cells.ORDER] == (cells.HALT if phase == cells.PLACE else 0)


def test_a_pause_between_two_presses_disarms() -> None:
    c = armed()
    stop(c, PAUSE, reasons.DISARMED)
    assert (c[cells.PHASE], *ending(c)) == (cells.OFF, PAUSE, reasons.DISARMED)


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        (HOLD, reasons.RELEASED, (PAUSE, reasons.DEPTH_NOT_SET)),
        (HOLD, reasons.LIFTED, (PAUSE, reasons.DEPTH_NOT_SET)),
        (PAUSE, reasons.LINK_SILENT, (PAUSE, reasons.LINK_SILENT)),
        (FAULT, reasons.TOO_HOT, (FAULT, reasons.TOO_HOT)),
    ],
)
def test_a_depth_stop_that_is_left_on_its_way_stands_for_no_depth(kind: int, reason: int, said: tuple[int, int]) -> None:
    c = armed()
    c[cells.PHASE], c[cells.POWER] = cells.PLACE, 1
    stop(c, kind, reason)
    assert ending(c) == said
    assert (c[cells.ORDER], c[cells.POWER]) == (cells.HALT, 0)
    assert c[cells.PHASE] == (cells.LATCHED if kind == FAULT else cells.OFF)


def test_a_shot_without_a_dose_has_none_to_be_wrong() -> None:
    shot = Shot(dose_nl=0)
    c = flying(figures_of(shot).back_start_us + 10, shot)
    stop(c, HOLD, reasons.RELEASED)
    assert ending(c) == (HOLD, reasons.RELEASED)
