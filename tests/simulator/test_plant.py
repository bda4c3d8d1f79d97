"""The body of the gun: noise that does not depend on order, a needle that obeys pins, spring and stop, and what can break."""

from itertools import pairwise

import pytest

from mesogun_sim.plant.needle import MOTOR_UM_MS2, SPRING_UM_MS2, STOP_UM, TOP_UM_MS, Needle
from mesogun_sim.plant.noise import Spread, noise, noises, spread
from mesogun_sim.plant.plunger import ENCODER_NM, Plunger

MS = 1_000
FAR_UM = 10**9


def test_noise_is_a_function_of_seed_channel_and_tick_alone() -> None:
    forwards = [noise(3, 1, tick) for tick in range(1_000)]
    backwards = [noise(3, 1, tick) for tick in reversed(range(1_000))]
    assert forwards == backwards[::-1]
    assert len({*forwards, *(noise(4, 1, tick) for tick in range(1_000)), *(noise(3, 2, tick) for tick in range(1_000))}) == 3_000


def test_noise_is_even_between_its_ends() -> None:
    counts = [0] * 3
    for tick in range(9_000):
        counts[spread(7, 1, tick, -1, 1) + 1] += 1
    assert min(counts) > 2_850
    assert max(counts) < 3_150


def test_noise_of_many_ticks_at_once_is_that_of_each() -> None:
    for seed in (3, -7, 2**70):
        blocks = Spread(seed, 4, -2, 60)
        ticks = [0, 1, 1_023, 1_024, 5_000_000, 3]
        assert [blocks.at(tick) for tick in ticks] == [spread(seed, 4, tick, -2, 60) for tick in ticks]
        assert noises(seed, 31, 10, 5, 2).tolist() == [noise(seed, 31, tick) for tick in range(10, 20, 2)]


def test_noise_keeps_its_values_from_version_to_version() -> None:
    """Otherwise every golden trace changes; then this is to be changed together with them."""
    assert [noise(1, 1, 0), noise(1, 1, 1), noise(2, 20, 5)] == [1_352_142_860, 3_478_254_974, 526_554_330]


def test_an_energised_needle_is_where_its_steps_put_it() -> None:
    needle = Needle(10_000)
    needle.energise(True, 0, 0, 0)
    assert [needle.tip_um(steps * MS, steps) for steps in (0, 1, 200, 150)] == [0, 10, 2_000, 1_500]
    assert needle.deepest_um == 2_000


def test_without_power_the_spring_brings_the_needle_home_from_ten_millimetres_in_23_ms() -> None:
    needle = Needle(10_000)
    needle.energise(True, 0, 0, 0)
    needle.tip_um(0, 1_000)
    needle.energise(False, 0, 1_000, 0)
    path = [needle.tip_um(ms * MS, 1_000) for ms in range(30)]
    assert path[0] == 10_000
    assert all(later < earlier or later == 0 for earlier, later in pairwise(path))
    assert path[22] > 0 == path[23]


def test_a_needle_let_go_in_flight_flies_on_as_far_as_its_speed_carries_it() -> None:
    needle = Needle(10_000)
    needle.energise(True, 0, 0, 0)
    needle.energise(False, 10 * MS, 300, 300)
    reach = 3_000 + 300 * 300 // (2 * SPRING_UM_MS2)
    assert needle.deepest_um == reach
    assert max(needle.tip_um(10 * MS + us, 300) for us in range(0, 40_000, 100)) == pytest.approx(reach, abs=2)
    assert needle.tip_um(60 * MS, 300) == 0


def test_power_back_on_starts_from_where_the_spring_has_brought_it() -> None:
    needle = Needle(10_000)
    needle.energise(True, 0, 0, 0)
    needle.energise(False, 0, 200, 0)
    needle.energise(True, 500 * MS, 200, 0)
    assert needle.tip_um(500 * MS, 200) == 0
    assert needle.tip_um(501 * MS, 210) == 100


def test_a_runaway_accelerates_from_the_speed_it_had_to_the_motors_top_speed_whatever_the_pins_say() -> None:
    needle = Needle(10_000)
    needle.stop_um = FAR_UM
    needle.energise(True, 0, 0, 0)
    needle.runaway_us = 2 * MS
    tips = [needle.tip_um(ms * MS, 10 * ms) for ms in range(3)]
    assert tips == [0, 100, 200]
    flown = [needle.tip_um(ms * MS, 1_000) for ms in range(2, 20)]
    assert flown[1] - flown[0] == 100 + MOTOR_UM_MS2 // 2
    assert flown[-1] - flown[-2] == TOP_UM_MS


def test_a_runaway_that_is_switched_on_again_starts_from_home_and_from_rest() -> None:
    needle = Needle(10_000)
    needle.runaway_us = 0
    needle.energise(True, 0, 0, 0)
    needle.tip_um(5 * MS, 0)
    needle.energise(False, 5 * MS, 0, 0)
    needle.energise(True, 9_000 * MS, 0, 0)
    assert [needle.tip_um(9_000 * MS + ms * MS, 0) for ms in range(3)] == [0, MOTOR_UM_MS2 // 2, 2 * MOTOR_UM_MS2]


def test_nothing_passes_the_mechanical_stop() -> None:
    needle = Needle(10_000)
    needle.runaway_us = 0
    needle.energise(True, 0, 0, 0)
    assert max(needle.tip_um(ms * MS, 2_000) for ms in range(200)) == STOP_UM
    needle.energise(False, 200 * MS, 2_000, 300)
    assert max(needle.tip_um(200 * MS + ms * MS, 2_000) for ms in range(200)) == STOP_UM == needle.deepest_um


def test_a_stalled_needle_stays_until_its_power_is_cut_and_can_be_moved_by_the_spring() -> None:
    needle = Needle(10_000)
    needle.energise(True, 0, 0, 0)
    needle.stalled_us = 3 * MS
    assert [needle.tip_um(ms * MS, 30 * ms) for ms in range(6)] == [0, 300, 600, 900, 900, 900]
    needle.energise(False, 6 * MS, 200, 300)
    assert needle.tip_um(100 * MS, 200) == 0
    needle.energise(True, 100 * MS, 200, 0)
    assert needle.tip_um(101 * MS, 230) in (0, 300)  # stuck again, wherever that is; never where it stuck the first time


def test_the_plungers_encoder_counts_half_micrometres_and_sees_a_hand_that_pushes() -> None:
    plunger = Plunger(625)
    assert [plunger.encoder_nm(0, steps) for steps in (0, 1, 2)] == [0, ENCODER_NM, 1_000]
    plunger.pushed_nm = 100_000
    assert plunger.travel_nm(0, 2) == 101_250
    plunger.stalled_us = 5
    assert plunger.travel_nm(5, 3) == plunger.travel_nm(9, 300)
