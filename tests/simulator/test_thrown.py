"""The body of a gun driven by air: valves with a delay, a stop that nothing passes, a spring that needs no power."""

import pytest

from mesogun_sim.plant.pneumatic import BACK_UM_MS, DELAY_US, MECHANICAL_STOP_UM, OUT_UM_MS, SPRING_UM_MS, Thrown

OUT, BACK = 1, 2
STOP_UM = 6_000
MS = 1_000


def thrown(needle: Thrown, valves: int, since_us: int, until_us: int, stop_um: int = STOP_UM) -> list[int]:
    """Where the tip is, a look each half millisecond."""
    return [needle.tip_um(us, (valves, since_us), stop_um) for us in range(since_us, until_us + 1, 500)]


def powered() -> Thrown:
    needle = Thrown()
    needle.energise(True, 0, (0, 0), STOP_UM)
    return needle


def out(stop_um: int = STOP_UM) -> Thrown:
    """One that stands against its stop at 20 ms."""
    needle = powered()
    assert thrown(needle, OUT, 0, 20 * MS, stop_um)[-1] == min(stop_um, MECHANICAL_STOP_UM)
    return needle


def test_a_needle_is_thrown_after_its_valves_delay_and_stands_against_the_stop() -> None:
    path = thrown(powered(), OUT, 0, 20 * MS)
    assert path[: DELAY_US // 500 + 1] == [0] * (DELAY_US // 500 + 1)
    assert path[2 * 5] == OUT_UM_MS, "a millisecond after it"
    assert max(path) == path[-1] == STOP_UM


def test_nothing_passes_the_mechanical_stop_wherever_the_depth_stop_stands() -> None:
    needle = out(20_000)
    assert needle.deepest_um == MECHANICAL_STOP_UM == 10_050


def test_the_other_valve_brings_it_back_after_its_own_delay() -> None:
    needle = out()
    path = thrown(needle, BACK, 20 * MS, 40 * MS)
    assert path[DELAY_US // 500] == STOP_UM
    assert path[DELAY_US // 500 + 2] == STOP_UM - BACK_UM_MS
    assert path[-1] == 0
    assert needle.deepest_um == STOP_UM, "that is not forgotten"


def test_without_any_valve_the_spring_brings_it_back() -> None:
    path = thrown(out(), 0, 20 * MS, 45 * MS)
    assert path[DELAY_US // 500 + 2] == STOP_UM - SPRING_UM_MS
    assert path[-1] == 0


@pytest.mark.parametrize("valves", [0, OUT, BACK])
def test_without_power_no_valve_does_anything_and_the_spring_brings_it_home(valves: int) -> None:
    assert set(thrown(Thrown(), valves, 0, 30 * MS)) == {0}
    needle = out()
    needle.energise(False, 20 * MS, (OUT, 0), STOP_UM)
    path = thrown(needle, valves, 20 * MS, 45 * MS)
    assert path[DELAY_US // 500 + 2] == STOP_UM - SPRING_UM_MS
    assert path[-1] == 0


def test_a_stop_that_moves_away_lets_a_thrown_needle_follow_it_and_one_that_comes_back_takes_it_along() -> None:
    needle = out()
    assert needle.tip_um(21 * MS, (OUT, 0), STOP_UM + 500) == STOP_UM + 500
    assert needle.tip_um(22 * MS, (OUT, 0), STOP_UM - 500) == STOP_UM - 500


def test_weak_air_throws_it_slower_and_a_needle_that_is_stuck_stays() -> None:
    weak = powered()
    weak.slow_ppm = 250_000
    assert thrown(weak, OUT, 0, 8 * MS)[-1] == (8 * MS - DELAY_US) // MS * OUT_UM_MS // 4
    stuck = powered()
    stuck.stalled_us = 6 * MS
    assert thrown(stuck, OUT, 0, 20 * MS)[-1] == 2 * OUT_UM_MS
