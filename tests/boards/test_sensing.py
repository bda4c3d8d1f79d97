"""What is read from registers: time without end, switches, encoders both ways, analogue values."""

import random

import pytest
from rigs.pico.chip import Chip

from mesogun_fw.boards.pico import pins
from mesogun_fw.boards.pico.player import PicoPlayer
from mesogun_fw.boards.pico.sensing import CHANNELS, Senses, sense, unset_grid
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.guard.cells import fresh
from mesogun_fw.guard.inputs import (
    LATE_US,
    NEEDLE_UM,
    PAST_US,
    PLUNGER_NM,
    PRESSURE_KPA,
    SINCE_US,
    STOP_UM,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
)
from mesogun_fw.shim import addressof
from mesogun_fw.talk.messages import GUN, PNEUMATIC, STEPPER

GRAY = (0, 1, 3, 2)  # B A, of a turn forwards


def figures(drive: int) -> tuple[int, ...]:
    names = [name for name, *_ in GUN]
    return tuple(drive if name == "drive" else figure for name, figure in zip(names, REFERENCE, strict=True))


class Bench:
    def __init__(self, chip: Chip, at_us: int = 0, drive: int = STEPPER) -> None:
        self.chip = chip
        self.pass_us(at_us)
        for gpio in chip.rp.gpio:
            gpio.pad_value |= 1 << 6  # input enabled, as machine.Pin leaves it
        self.x = fresh()
        self.player = PicoPlayer(chip.k, self.x, pins.TIMELINE)
        self.senses = Senses(chip.k, Description(figures(drive)))
        for _ in range(CHANNELS):
            self.sense()
        unset_grid(addressof(chip.k))

    def sense(self) -> int:
        return sense(addressof(self.chip.k))

    def pass_us(self, us: int) -> None:
        self.chip.rp.clock.tick(1000 * us)

    def put(self, first_pin: int, level: int) -> None:
        for i in (0, 1):
            self.chip.rp.gpio[first_pin + i].set_input_value(bool(level >> i & 1))

    def count(self, clocks: int = 100) -> None:
        """Let the encoders' PIO run at the system clock."""
        for _ in range(clocks):
            self.chip.rp.pio[1].advance(1)


@pytest.fixture
def bench(chip: Chip) -> Bench:
    return Bench(chip)


# ---- time ----


@pytest.mark.parametrize("at_us", [0, (1 << 30) - 5_500, (1 << 31) - 5_500, (1 << 32) - 5_500])
def test_milliseconds_go_on_over_every_wrap_of_the_timer(chip: Chip, at_us: int) -> None:
    bench = Bench(chip, at_us)
    for ms in range(20):
        assert bench.sense() == bench.senses.ms() == ms
        assert bench.x[LATE_US] == 0
        bench.pass_us(400)
        assert bench.senses.ms() == ms
        bench.pass_us(600)


@pytest.mark.slow
def test_five_days_of_milliseconds_do_not_wrap(bench: Bench) -> None:
    for minute in range(5 * 24 * 60 + 1):
        assert bench.sense() == 60_000 * minute
        bench.pass_us(60_000_000)


def test_time_goes_on_when_the_tick_is_dead(bench: Bench) -> None:
    bench.sense()
    bench.pass_us(123_999)
    assert bench.senses.ms() == 123


def test_lateness_is_against_the_grid_and_a_stall_is_said_once_while_the_timer_catches_up(bench: Bench) -> None:
    late = []
    for us in (0, 1_000, 1_250, 750, 45_300, 60, 60, 60):
        bench.pass_us(us)
        bench.sense()
        late.append(bench.x[LATE_US])
    assert late == [0, 0, 250, 0, 44_300, 0, 0, 0]


def test_how_long_ago_the_tick_before_was_is_told_to_the_microsecond_and_no_longer_than_a_second(bench: Bench) -> None:
    """The guard divides by it: a speed by a wrong time stops good shots, or none."""
    bench.sense()
    for us, told in ((1_000, 1_000), (1_237, 1_237), (763, 763), (1, 1), (999_999, 999_999), (1_000_001, 1_000_000)):
        bench.pass_us(us)
        bench.sense()
        assert bench.x[SINCE_US] == told


def test_what_is_past_of_the_millisecond_is_told(bench: Bench) -> None:
    us = 0
    bench.sense()
    for more in (1_000, 1_250, 750, 999, 4_500, 7, 12_345):
        us += more
        bench.pass_us(more)
        assert (bench.sense(), bench.x[PAST_US]) == (us // 1_000, us % 1_000)


# ---- switches and analogue values ----


def test_nothing_connected_is_an_open_emergency_stop_and_nothing_pressed(bench: Bench) -> None:
    for i in range(30):
        bench.chip.rp.gpio[i].set_input_value(True)  # the pulls
    bench.sense()
    assert list(bench.x[:7]) == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("pin", "which"),
    [(pins.TRIGGER_A, 1), (pins.TRIGGER_B, 2), (pins.CONTACT_A, 3), (pins.CONTACT_B, 4), (pins.HOME, 5), (pins.CLEAR, 6)],
)
def test_a_closed_switch_is_a_one_and_a_closed_emergency_stop_a_zero(bench: Bench, pin: int, which: int) -> None:
    for i in range(30):
        bench.chip.rp.gpio[i].set_input_value(i not in (pin, pins.ESTOP))
    bench.sense()
    assert list(bench.x[:7]) == [1 if i == which else 0 for i in range(7)]


def analogue(bench: Bench, *counts: int) -> None:
    bench.chip.rp.adc.channel_values[:] = counts
    for _ in range(9):
        bench.sense()
        bench.pass_us(1_000)


def test_each_analogue_value_comes_from_its_own_channel(chip: Chip) -> None:
    bench = Bench(chip, drive=PNEUMATIC)
    analogue(bench, 414 + 1_654, 0, 2_048, 2_069, 876)
    assert bench.x[PRESSURE_KPA] == 500
    assert bench.x[STOP_UM] == 5_000
    assert 4_995 <= bench.x[SUPPLY_MV] <= 5_005
    assert bench.x[TEMPERATURE_C] == 27
    assert bench.x[SYRINGE] == 1


def test_a_stepper_gun_has_its_motors_supply_measured(bench: Bench) -> None:
    analogue(bench, 0, 0, 2_708, 2_069, 876)
    assert 23_990 <= bench.x[SUPPLY_MV] <= 24_010
    assert bench.x[STOP_UM] == 0


def test_without_a_syringe_its_line_reads_less_than_any_pressure(bench: Bench) -> None:
    analogue(bench, 414, 0, 0, 0, 0)
    assert (bench.x[SYRINGE], bench.x[PRESSURE_KPA]) == (1, 0)
    analogue(bench, 20, 0, 0, 0, 0)
    assert bench.x[SYRINGE] == 0


@pytest.mark.parametrize(("count", "seated"), [(0, 0), (199, 0), (200, 1), (4_095, 1)])
def test_a_syringe_is_seated_from_a_tenth_of_a_volt_under_what_any_pressure_gives(bench: Bench, count: int, seated: int) -> None:
    analogue(bench, count, 0, 0, 0, 0)
    assert bench.x[SYRINGE] == seated


@pytest.mark.parametrize("celsius", [0, 27, 45, 70, 71, 85])
def test_the_chips_temperature_is_told_to_a_degree(bench: Bench, celsius: int) -> None:
    """0.706 V at 27 C, and 1.721 mV less a degree (RP2040 datasheet 4.9.5)."""
    volt = 0.706 - 0.001721 * (celsius - 27)
    analogue(bench, 0, 0, 0, 0, round(volt / 3.3 * 4096))
    assert abs(bench.x[TEMPERATURE_C] - celsius) <= 1


@pytest.mark.parametrize("kpa", [0, 100, 300, 600, 1_000])
def test_the_pressure_of_the_air_is_told_over_all_of_its_sensors_range(bench: Bench, kpa: int) -> None:
    """0.5 to 4.5 V for 0 to 1000 kPa, of which two thirds come in."""
    volt = (0.5 + 4 * kpa / 1000) * 2 / 3
    analogue(bench, round(volt / 3.3 * 4096), 0, 0, 0, 0)
    assert abs(bench.x[PRESSURE_KPA] - kpa) <= 2


@pytest.mark.parametrize("mv", [4_000, 4_500, 5_500])
def test_the_logics_supply_of_a_gun_driven_by_air_is_told(chip: Chip, mv: int) -> None:
    bench = Bench(chip, drive=PNEUMATIC)
    analogue(bench, 0, 0, 0, round(mv / 3 / 3300 * 4096), 0)
    assert abs(bench.x[SUPPLY_MV] - mv) <= 5


def test_a_converter_that_is_not_ready_reads_as_no_supply(bench: Bench) -> None:
    analogue(bench, 2_000, 0, 2_000, 2_000, 876)
    assert bench.x[SUPPLY_MV] > 0
    bench.chip.rp.adc.on_adc_read = lambda channel: None
    for _ in range(9):
        bench.sense()
    assert (bench.x[SUPPLY_MV], bench.x[SYRINGE]) == (0, 0)


# ---- encoders ----


def test_edges_are_counted_both_ways_on_both_encoders(bench: Bench) -> None:
    draw = random.Random(3)
    needle = plunger = 0
    for _ in range(300):
        needle += draw.choice((-1, 1, 1))
        plunger += draw.choice((-1, -1, 0, 1))
        bench.put(pins.NEEDLE_ENCODER, GRAY[needle & 3])
        bench.put(pins.PLUNGER_ENCODER, GRAY[plunger & 3])
        bench.count()
        bench.sense()
        assert bench.x[NEEDLE_UM] == 5 * needle
        assert bench.x[PLUNGER_NM] == 500 * plunger
    assert needle > 50
    assert plunger < -50


def test_a_bounce_of_one_pin_leaves_nothing_behind(bench: Bench) -> None:
    for level in (0, 1, 0, 1, 0, 2, 0, 2, 3, 2, 0):
        bench.put(pins.NEEDLE_ENCODER, level)
        bench.count()
    bench.sense()
    assert bench.x[NEEDLE_UM] == 0


def test_both_pins_at_once_count_neither_way(bench: Bench) -> None:
    for first, second in ((0, 3), (1, 2), (3, 0), (2, 1)):
        bench.put(pins.NEEDLE_ENCODER, first)
        bench.count()
        bench.sense()
        before = bench.x[NEEDLE_UM]
        bench.put(pins.NEEDLE_ENCODER, second)  # no time passes between the two pins
        bench.count()
        bench.sense()
        assert bench.x[NEEDLE_UM] == before


def test_a_count_many_ticks_old_is_not_taken_for_the_latest(bench: Bench) -> None:
    for turn in range(1, 41):
        bench.put(pins.NEEDLE_ENCODER, GRAY[turn & 3])
        bench.count(400)
    bench.sense()
    assert bench.x[NEEDLE_UM] == 200


def test_a_stall_is_late_once_even_if_the_timer_does_not_make_up_for_it(bench: Bench) -> None:
    bench.sense()
    late = []
    for wait_us in (1_000, 45_000, 1_000, 1_000):
        bench.pass_us(wait_us)
        bench.sense()
        late.append(bench.x[LATE_US])
    assert 43_900 <= late[1] <= 44_100
    assert max(late[0], *late[2:]) < 100
