"""What the plunger does in a shot, what is granted after it, and when a way back has arrived: each at its number and the next."""

import pytest
from rigs.guards import NOW_MS, TOLERANCE_NM, Cells, dose_nm, figures_of, fly, flying, stand
from rigs.strokes import GUN, Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import LEAVE_US
from mesogun_fw.guard.shot import ARRIVED, ARRIVED_BY_ITSELF, GRANT_DUE, assume_dose, follow, judge_dose
from mesogun_fw.talk import reasons

F = figures_of()
SETTLED_US = 2_000
BACK_US = F.back_start_us + F.back_up_us
AT_HOME_US = F.back_end_us + SETTLED_US
DOSE_DUE_US = F.dose_end_us + SETTLED_US


def seen(c: Cells) -> int:
    answer: int = follow(c)
    return answer


def pushed_by(c: Cells, nm: int) -> Cells:
    c[inputs.PLUNGER_NM] += nm
    return c


# ---- the plunger ----


@pytest.mark.parametrize("way", [1, -1], ids=["forward", "back"])
def test_a_plunger_that_moves_by_more_than_4_um_while_the_needle_goes_out_is_free_flow(way: int) -> None:
    assert seen(pushed_by(flying(F.up_us), way * 4_000)) == 0
    assert seen(pushed_by(flying(F.up_us), way * 4_001)) == reasons.FREE_FLOW


@pytest.mark.parametrize("way", [1, -1], ids=["forward", "back"])
@pytest.mark.parametrize("us", [DOSE_DUE_US + 1_000, BACK_US, AT_HOME_US])
def test_a_plunger_that_moves_by_more_than_4_um_after_its_dose_is_free_flow(way: int, us: int) -> None:
    for moved_nm, answer in ((4_000, 0), (4_001, reasons.FREE_FLOW)):
        c = flying(DOSE_DUE_US)
        assert seen(c) == 0
        fly(c, us)
        assert seen(pushed_by(c, way * moved_nm)) == answer


@pytest.mark.parametrize("tail", [0, 1])
@pytest.mark.parametrize("sign", [1, -1], ids=["more", "less"])
def test_a_dose_is_wrong_past_its_tolerance_either_way_with_the_tail_that_was_ordered(tail: int, sign: int) -> None:
    for judge, wrong in ((follow, reasons.DOSE_WRONG), (judge_dose, reasons.DOSE_WRONG)):
        for off_nm, answer in ((TOLERANCE_NM, 0), (TOLERANCE_NM + 1, wrong)):
            c = flying(DOSE_DUE_US)
            c[cells.TAIL] = tail
            c[cells.PLUNGER] = cells.SHIFT - 77
            c[inputs.PLUNGER_NM] = dose_nm() + tail * GUN.plunger_nm_per_step + sign * off_nm - 77
            assert judge(c) == answer
            assert (c[cells.DOSED], c[cells.PLUNGER_END]) == (1, cells.SHIFT + c[inputs.PLUNGER_NM])


def test_a_dose_is_judged_2_ms_after_its_end() -> None:
    c = pushed_by(flying(DOSE_DUE_US - 1), -50_000)
    assert (seen(c), c[cells.DOSED]) == (0, 0)
    c[inputs.ELAPSED_US] += 1
    assert (seen(c), c[cells.DOSED]) == (reasons.DOSE_WRONG, 1)


def test_a_dose_that_nobody_saw_is_taken_as_it_was_ordered() -> None:
    c = flying(DOSE_DUE_US)
    c[cells.TAIL], c[cells.PLUNGER], c[inputs.PLUNGER_NM] = 1, cells.SHIFT + 5, 0
    assume_dose(c)
    assert (c[cells.DOSED], c[cells.PLUNGER_END]) == (1, cells.SHIFT + 5 + dose_nm() + GUN.plunger_nm_per_step)


# ---- priming ----


def priming(us: int) -> Cells:
    """A move that pushes drug out with the needle at home."""
    c = flying(0, PRIME, move=cells.PRIME)
    return fly(c, us, PRIME)


PRIME = Shot(depth_um=0, dose_nl=20_000, dwell_us=0, period_us=500_000)
PRIMED_US = figures_of(PRIME).dose_end_us + SETTLED_US


def test_priming_in_order_is_let_go_on() -> None:
    c = priming(0)
    for us in range(0, 400_000, 9_970):
        assert seen(fly(c, us, PRIME)) == 0, us
    assert c[cells.DOSED] == 1


@pytest.mark.parametrize(("um", "answer"), [(100, 0), (101, reasons.NEEDLE_OVERRUN), (-101, reasons.DEPTH_WRONG)])
def test_a_needle_that_moves_while_drug_is_primed_is_noticed(um: int, answer: int) -> None:
    c = stand(priming(figures_of(PRIME).dose_end_us - 1_000), um)
    c[inputs.HOME] = 1
    assert seen(c) == answer


@pytest.mark.parametrize("sign", [1, -1], ids=["more", "less"])
def test_what_is_primed_is_judged_as_a_dose(sign: int) -> None:
    for off_nm, answer in ((TOLERANCE_NM, 0), (TOLERANCE_NM + 1, reasons.DOSE_WRONG)):
        assert seen(pushed_by(priming(PRIMED_US), sign * off_nm)) == answer


# ---- what follows ----


def near_the_end(before_us: int) -> Cells:
    c = flying(AT_HOME_US)
    c[cells.DOSED], c[cells.JUDGED], c[cells.HOLD_LEFT] = 1, 1, 2
    c[cells.PLUNGER_END] = cells.SHIFT + c[inputs.PLUNGER_NM]
    c[c[cells.EXPECTED] + LEAVE_US] = AT_HOME_US + before_us
    return c


@pytest.mark.parametrize(("before_us", "due"), [(6_001, False), (6_000, True)])
def test_the_next_period_is_granted_6_ms_before_it_begins_and_no_sooner(before_us: int, due: bool) -> None:
    assert seen(near_the_end(before_us)) == (GRANT_DUE if due else 0)


@pytest.mark.parametrize(("cell", "value"), [(cells.HOLD_LEFT, 1), (cells.GRANTED, 1)])
def test_none_is_granted_after_the_last_and_none_twice(cell: int, value: int) -> None:
    c = near_the_end(1_000)
    c[cell] = value
    assert seen(c) == 0


# ---- on the way back of a stop ----


def coming_back(natural: int = 0, playing: int = 2) -> Cells:
    c = flying(BACK_US)
    c[cells.PHASE], c[cells.NATURAL], c[inputs.PLAYING] = cells.BACK, natural, playing
    return c


def test_a_way_back_arrives_when_it_is_played() -> None:
    assert seen(coming_back()) == 0
    assert seen(coming_back(playing=0)) == ARRIVED


def test_a_stroke_on_its_own_way_arrives_by_itself_2_ms_after_its_end_or_when_it_is_played() -> None:
    c = coming_back(natural=1, playing=1)
    for us, answer in ((AT_HOME_US - 1, 0), (AT_HOME_US, ARRIVED_BY_ITSELF)):
        assert seen(fly(c, us)) == answer
    assert seen(coming_back(natural=1, playing=0)) == ARRIVED_BY_ITSELF
    prepared = fly(coming_back(playing=2), AT_HOME_US)
    assert seen(prepared) == 0, "the way back that was prepared counts from its own start"


@pytest.mark.parametrize("held", [0, 1])
def test_on_its_way_back_nobody_asks_for_the_hand(held: int) -> None:
    c = coming_back()
    c[cells.HELD] = c[cells.CONTACT] = held
    c[cells.TICK_MS] = NOW_MS + 100_000
    assert seen(c) == 0


@pytest.mark.parametrize(
    ("um", "switch", "ms", "arrived"),
    [(59, 1, 0, True), (60, 1, 200, False), (59, 0, 200, False), (2_000, 0, 200, False), (2_000, 0, 201, True)],
)
def test_the_spring_has_brought_it_home_when_it_is_seen_there_or_after_200_ms(um: int, switch: int, ms: int, arrived: bool) -> None:
    c = stand(coming_back(), um)
    c[inputs.HOME] = switch
    c[cells.LIMPING], c[cells.BACK_MS], c[cells.TICK_MS] = 1, NOW_MS, NOW_MS + ms
    assert seen(c) == (ARRIVED if arrived else 0)


def test_a_needle_that_was_let_go_is_judged_no_more() -> None:
    c = stand(coming_back(playing=0), 12_000)
    c[cells.LIMPING], c[cells.BACK_MS] = 1, NOW_MS
    assert seen(c) == 0
    assert c[cells.DEEPEST] == cells.SHIFT + 12_000, "and still measured"
