"""From a press to its first shot, and from shot to shot: what counts, what is refused, and what begins anew."""

import pytest
from rigs.guards import NOW_MS, SHOT, Cells, armed, hold, kinds, stand
from rigs.strokes import Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.endings import arrived
from mesogun_fw.guard.notes import NOTE_STARTED
from mesogun_fw.guard.starting import START_DUE, placing, press, start, use, zero
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import FAULT

OTHER = Shot(dose_nl=13_000)
PLACE_SLOT, PLACE_UM = 1, 3_000


# ---- a press ----


def pressed(move: int = cells.SHOTS) -> Cells:
    c = hold(armed(move=move), on_the_skin=not move)
    c[cells.FRESH], c[cells.RELEASED_AT_MS] = 1, 0
    return c


def test_a_press_on_the_skin_or_of_a_move_off_it_starts_and_is_used_up() -> None:
    for move in (cells.SHOTS, cells.HOME_CHECK, cells.GAUGE, cells.PRIME):
        c = pressed(move)
        assert press(c) == START_DUE
        assert (c[cells.FRESH], c[cells.RELEASED_AT_MS]) == (0, NOW_MS)


@pytest.mark.parametrize(("move", "missing"), [(cells.SHOTS, cells.CONTACT), (cells.GAUGE, cells.LIFTED)])
def test_a_press_in_the_wrong_place_starts_nothing_and_is_used_up_too(move: int, missing: int) -> None:
    c = pressed(move)
    c[missing] = 0
    assert press(c) == 0
    assert (c[cells.FRESH], c[cells.RELEASED_AT_MS], c[cells.PHASE], c[cells.ORDER]) == (0, NOW_MS, cells.WAIT, 0)


def to_place() -> Cells:
    c = pressed()
    c[cells.PLACING], c[cells.PLACE_UM] = PLACE_SLOT + 1, PLACE_UM
    c[cells.STOP_WANTED_UM], c[cells.STOP_ERROR_UM] = PLACE_UM, 1 << 20
    c[cells.ORDER_FIGURE] = 1
    return c


def on_its_way() -> Cells:
    c = to_place()
    press(c)
    c[cells.ORDER], c[inputs.PLAYING] = 0, 1
    return c


def test_a_depth_stop_that_has_to_move_goes_first() -> None:
    c = to_place()
    assert press(c) == 0
    assert (c[cells.PHASE], c[cells.LISTS], c[cells.POWER]) == (cells.PLACE, 1, 1)
    assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]) == (cells.START, PLACE_SLOT, 0)


def test_while_it_moves_nothing_else_happens_and_then_it_must_stand_where_it_was_sent_before_the_shot() -> None:
    c = on_its_way()
    assert (placing(c), c[cells.PHASE]) == (0, cells.PLACE)
    c[inputs.PLAYING] = 0
    assert (placing(c), c[cells.PHASE], c[cells.PLACING]) == (0, cells.PLACE, 0)
    assert (c[cells.STOP_WANTED_UM], c[cells.STOP_ERROR_UM]) == (PLACE_UM, 50), "the next tick looks whether it does"
    assert (placing(c), c[cells.PHASE]) == (START_DUE, cells.WAIT)


@pytest.mark.parametrize("playing", [0, 1])
@pytest.mark.parametrize(
    ("cell", "reason"),
    [(cells.HELD, reasons.RELEASED), (cells.CONTACT, reasons.LIFTED), (inputs.HOME, reasons.NOT_HOME)],
)
def test_a_hand_that_leaves_or_a_needle_that_is_out_ends_it_whether_it_moves_or_has_arrived(
    playing: int, cell: int, reason: int
) -> None:
    c = on_its_way()
    c[inputs.PLAYING], c[cell] = playing, 0
    assert placing(c) == reason


def test_a_move_whose_stop_moves_is_made_off_the_skin() -> None:
    c = on_its_way()
    c[cells.MOVE] = cells.GAUGE
    assert placing(c) == reasons.LIFTED
    c[cells.LIFTED] = 1
    assert placing(c) == 0


# ---- the first shot ----

LEFT_OVER = {
    cells.LISTS: 5,
    cells.PRESSED_NM: cells.SHIFT + 9_000,
    cells.GRANTED: 1,
    cells.ENTERED: 1,
    cells.RELIEVED: 1,
    cells.DEEPEST: cells.SHIFT + 9_000,
    cells.PLUNGER: 0,
    cells.DOSED: 1,
    cells.JUDGED: 1,
    cells.SWITCH_OPEN: 1,
    cells.VENT: 1,
    cells.POWER: 0,
}


def after_another() -> Cells:
    """Armed, with all that a shot before may have left."""
    c = armed()
    for cell, value in LEFT_OVER.items():
        c[cell] = value
    stand(c, 30)
    c[inputs.PLUNGER_NM], c[inputs.PAST_US] = 123_000, 250
    return c


def test_a_first_shot_begins_with_nothing_left_of_any_before() -> None:
    c = after_another()
    c[cells.CARRY] = cells.ONE_STEP - 1  # one step is full
    assert start(c) == 0
    assert {cell: c[cell] for cell in LEFT_OVER} == {
        cells.LISTS: 1,
        cells.PRESSED_NM: 0,
        cells.GRANTED: 0,
        cells.ENTERED: 0,
        cells.RELIEVED: 0,
        cells.DEEPEST: cells.SHIFT + 30,
        cells.PLUNGER: cells.SHIFT + 123_000,
        cells.DOSED: 0,
        cells.JUDGED: 0,
        cells.SWITCH_OPEN: 0,
        cells.VENT: 0,
        cells.POWER: 1,
    }
    assert (c[cells.PHASE], c[cells.IN_FLIGHT]) == (cells.RUN, 1)
    assert (c[cells.START_MS], c[cells.START_US], c[cells.HOLD_UNTIL_MS]) == (NOW_MS, 250, NOW_MS + 60_000)
    assert (c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE], c[cells.TAIL]) == (cells.START, 0, 1, 1)
    assert (c[cells.MARK_AT], c[cells.MARK]) == (56, 0xA5)
    assert kinds(c) == [NOTE_STARTED]


def test_it_starts_with_the_stroke_in_use() -> None:
    c = armed(other=OTHER)
    use(c, 1)
    start(c)
    assert c[cells.ORDER_SLOT] == 1


@pytest.mark.parametrize(("left", "per_press", "shots"), [(10, 3, 3), (2, 3, 2), (3, 3, 3), (1, 2_000, 1)])
def test_a_press_makes_its_shots_or_those_that_are_left(left: int, per_press: int, shots: int) -> None:
    c = armed()
    c[cells.LEFT], c[cells.PER_PRESS] = left, per_press
    start(c)
    assert c[cells.HOLD_LEFT] == shots


def test_what_cannot_be_afforded_starts_nothing_and_gives_no_power() -> None:
    c = armed()
    c[cells.BUDGET_NL] = SHOT.dose_nl - 1
    before = c[:]
    assert start(c) == reasons.SYRINGE_EMPTY
    assert c == before


@pytest.mark.parametrize("move", [cells.HOME_CHECK, cells.GAUGE, cells.PRIME])
def test_a_move_is_one_without_a_row_in_the_journal_and_homing_alone_says_where_home_is(move: int) -> None:
    c = stand(armed(move=move), 45)
    c[cells.BUDGET_NL], c[cells.TAIL], c[cells.SPEED] = 0, 1, 7
    assert start(c) == 0
    assert (c[cells.HOLD_LEFT], c[cells.TAIL], c[cells.ORDER_FIGURE], c[cells.MARK_AT]) == (1, 0, 0, 0)
    assert c[cells.ZERO] == cells.SHIFT + (45 if move == cells.HOME_CHECK else 0)


def test_home_is_where_the_needle_is_and_it_has_no_speed_there() -> None:
    c = stand(armed(), 45)
    c[cells.BEFORE], c[cells.DEEPEST], c[cells.SPEED] = 0, 0, 9
    zero(c)
    at = cells.SHIFT + 45
    assert [c[cell] for cell in (cells.ZERO, cells.BEFORE, cells.DEEPEST, cells.SPEED)] == [at, at, at, 0]


# ---- an occlusion, and another one later ----


def occluded(c: Cells, gave_nm: int) -> Cells:
    """A press whose first dose went nowhere, its needle home again."""
    start(c)
    c[cells.PHASE], c[cells.KIND], c[cells.REASON], c[cells.ORDER] = cells.BACK, FAULT, reasons.DOSE_WRONG, 0
    c[inputs.PLUNGER_NM] += gave_nm
    c[cells.DOSED], c[cells.PLUNGER_END] = 1, c[inputs.PLUNGER_NM] + cells.SHIFT
    arrived(c)
    return c


def test_a_second_occlusion_is_relieved_like_the_first_and_no_further_than_where_its_own_shot_began() -> None:
    c = armed()
    c[cells.PRESSED_NM] = 0
    for steps in (20, 12):
        occluded(c, steps * 625)
        assert (c[cells.ORDER], c[cells.ORDER_FIGURE]) == (cells.RELIEVE, steps)
        c[cells.PRESSED_NM] = cells.SHIFT + 5_000  # what a dose before had pressed, in a series
        c[cells.PHASE], c[cells.PREPARED] = cells.WAIT, c[cells.PREPARED] + 1
