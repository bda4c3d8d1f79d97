"""Between two presses: needle home, plunger still, and not for ever."""

import pytest
from rigs.guards import NOW_MS, Cells, armed, hold, stand

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.between import PRESSED, is_home, look_between
from mesogun_fw.talk import reasons


def seen(c: Cells) -> int:
    answer: int = look_between(c)
    return answer


def pressed() -> Cells:
    c = hold(armed())
    c[cells.FRESH], c[cells.PRESS_MS] = 1, NOW_MS - 20
    return c


@pytest.mark.parametrize(("idle_ms", "answer"), [(60_000, 0), (60_001, reasons.IDLE_TOO_LONG)])
def test_after_60_s_without_a_shot_the_gun_disarms(idle_ms: int, answer: int) -> None:
    c = armed()
    c[cells.LAST_MS] = NOW_MS
    c[cells.TICK_MS] = NOW_MS + idle_ms
    assert seen(c) == answer


@pytest.mark.parametrize("um", [-60, 60])
def test_a_needle_at_rest_is_home_within_60_um_and_with_its_switch_closed(um: int) -> None:
    further = um + um // 60
    for at_um, switch, home in ((um, 1, True), (further, 1, False), (um, 0, False), (0, 0, False)):
        c = stand(armed(), at_um)
        c[inputs.HOME] = switch
        assert (is_home(c), seen(c)) == ((1, 0) if home else (0, reasons.NOT_HOME)), at_um


def test_home_is_where_homing_found_it_and_not_where_the_encoder_has_its_zero() -> None:
    c = stand(armed(), 5_000)
    c[inputs.HOME] = 1
    c[cells.ZERO] = cells.SHIFT + 5_000
    assert (is_home(c), seen(c)) == (1, 0)


def test_a_needle_that_is_not_home_before_homing_is_the_switch() -> None:
    for move, reason in ((cells.HOME_CHECK, reasons.HOME_SWITCH), (cells.GAUGE, reasons.NOT_HOME)):
        c = armed(move=move)
        c[inputs.HOME] = 0
        assert seen(c) == reason


@pytest.mark.parametrize("way", [1, -1], ids=["forward", "back"])
def test_a_plunger_that_was_moved_by_more_than_4_um_since_the_press_before_is_free_flow(way: int) -> None:
    stood_nm = 300_000
    for moved_nm, answer in ((4_000, 0), (4_001, reasons.FREE_FLOW)):
        c = armed()
        c[cells.PLUNGER] = cells.SHIFT + stood_nm
        c[inputs.PLUNGER_NM] = stood_nm + way * moved_nm
        assert seen(c) == answer


@pytest.mark.parametrize("way", [1, -1], ids=["forward", "back"])
def test_a_plunger_that_creeps_is_free_flow_however_slowly_it_does(way: int) -> None:
    c = armed()
    for nm in range(0, 4_001, 100):
        c[inputs.PLUNGER_NM] = way * nm
        assert seen(c) == 0
    c[inputs.PLUNGER_NM] = way * 4_100
    assert seen(c) == reasons.FREE_FLOW


def test_what_is_seen_at_rest_changes_nothing() -> None:
    c = armed()
    before = c[:]
    c[inputs.PLUNGER_NM] = before[inputs.PLUNGER_NM] = 900
    assert seen(c) == 0
    assert c == before


@pytest.mark.parametrize(("held_ms", "answer"), [(19, 0), (20, PRESSED)])
def test_a_press_is_meant_after_20_ms(held_ms: int, answer: int) -> None:
    c = pressed()
    c[cells.PRESS_MS] = NOW_MS - held_ms
    assert seen(c) == answer


@pytest.mark.parametrize("missing", [cells.HELD, cells.FRESH])
def test_a_press_is_held_and_fresh(missing: int) -> None:
    c = pressed()
    c[missing] = 0
    assert seen(c) == 0
