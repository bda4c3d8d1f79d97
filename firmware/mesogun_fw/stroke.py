"""One shot's settings become a pin timeline: blocks of words and a list of (block, times). Pure integers.

A word is `pins | hold << 6`: put these pins, hold them for so many microseconds. The stroke is: needle out (speed up,
cruise, brake), plunger (speed up, cruise, slow down, and a tail with or without one last step), dwell, needle back, rest
to the end of the period. Times are differences of rounded absolute times, so errors never add up.

Depth, step counts and durations come from `Figures`, which the host uses too: ramps are computed in one place.
"""

from array import array

from mesogun_fw.config import Hardware
from mesogun_fw.limits import PULSE_US, STROKE_WORDS_MAX

NEEDLE_STEP = 1
NEEDLE_DIR = 2  # 0 = outwards
PLUNGER_STEP = 4
PLUNGER_DIR = 8  # 0 = dispense
PIN_NAMES = ("needle_step", "needle_dir", "plunger_step", "plunger_dir")
HOLD_SHIFT = 6
HOLD_MAX_US = (1 << 24) - 1  # a word stays a small integer on the board
TIMES_MAX = 65_535  # a list is of 16-bit numbers; MicroPython cuts larger ones without a word

TURN_US = 1_000  # standstill before the needle changes its direction
ONE_STEP = 1 << 20  # doses are counted in 2^-20 plunger steps

# Places in the list. A repeated block has times > 1; an entry with times 0 is skipped.
OUT_UP, OUT_CRUISE, OUT_BRAKE, DOSE_UP, DOSE_CRUISE, DOSE_DOWN, DOSE_TAIL, DWELL, BACK_UP, BACK_CRUISE, BACK_BRAKE, REST = range(12)
ENTRIES = 12

# The way back after an abort.
AWAY_HOLD, AWAY_BRAKE, AWAY_TURN, AWAY_UP, AWAY_CRUISE, AWAY_DOWN = range(6)


class Settings:
    """What one shot shall be. depth_um, needle_um_s, dose_nl, flow_nl_s, dwell_us, period_us, syringe_bore_um: integers."""

    def __init__(
        self, depth_um: int, needle_um_s: int, dose_nl: int, flow_nl_s: int, dwell_us: int, period_us: int, syringe_bore_um: int
    ) -> None:
        self.depth_um = depth_um
        self.needle_um_s = needle_um_s
        self.dose_nl = dose_nl
        self.flow_nl_s = flow_nl_s
        self.dwell_us = dwell_us
        self.period_us = period_us
        self.syringe_bore_um = syringe_bore_um


def root(value: int) -> int:
    """Integer square root, rounded down."""
    if value < 2:
        return value
    guess = 1
    while guess * guess <= value:
        guess <<= 1
    while True:
        better = (guess + value // guess) >> 1
        if better >= guess:
            return guess
        guess = better


class Ramp:
    """Speeding up from rest at constant acceleration: step k happens at `at(k)` microseconds, k = 1, 2, ..."""

    def __init__(self, nm_per_step: int, mm_s2: int) -> None:
        self.us2_per_step = 2 * nm_per_step * 1_000_000 // mm_s2

    def at(self, k: int) -> int:
        return root(k * self.us2_per_step)

    def steps_to(self, interval_us: int) -> int:
        """Steps after which the next one follows by no less than `interval_us`: where cruising may begin."""
        slack = self.us2_per_step - interval_us * interval_us
        return 0 if slack < 0 else slack * slack // (4 * interval_us * interval_us * self.us2_per_step)


class Figures:
    """A stroke's step counts and durations, without its words.

    Needle: out_up + out_cruise + out_brake steps out, back_up + back_cruise + back_brake back, at `cruise_us` a step.
    Plunger: dose_up + dose_cruise + dose_down steps at `dose_us` a step, plus one in the tail when the carry says so;
    a dose is `dose_steps` + `dose_part` / 2^20 steps. `shortest_us` is the shortest period these settings allow.
    """

    def __init__(self, settings: Settings, hardware: Hardware) -> None:
        out = Ramp(hardware.needle_nm_per_step, hardware.needle_out_mm_s2)
        brake = Ramp(hardware.needle_nm_per_step, hardware.needle_brake_mm_s2)
        steps = settings.depth_um * 1000 // hardware.needle_nm_per_step
        speed = min(settings.needle_um_s, hardware.needle_um_s)
        self.needle_steps = steps
        self.cruise_us = ceil_div(hardware.needle_nm_per_step * 1000, speed)
        self.out_up = out.steps_to(self.cruise_us)
        self.out_brake = brake.steps_to(self.cruise_us)
        if self.out_up + self.out_brake > steps:
            self.out_up = steps * hardware.needle_brake_mm_s2 // (hardware.needle_out_mm_s2 + hardware.needle_brake_mm_s2)
            self.out_brake = steps - self.out_up
        self.out_cruise = steps - self.out_up - self.out_brake
        self.up_us = out.at(self.out_up + 1)
        self.cruise_end_us = self.up_us + self.out_cruise * self.cruise_us
        self.out_us = self.cruise_end_us + brake.at(self.out_brake)

        self._dose(settings, hardware)

        ramp = out.steps_to(self.cruise_us)
        self.back_up = min(ramp, steps // 2)
        self.back_brake = min(ramp, steps - self.back_up)
        self.back_cruise = steps - self.back_up - self.back_brake
        self.back_start_us = self.out_us + self.dose_total_us + settings.dwell_us + TURN_US
        self.back_up_us = out.at(self.back_up + 1)
        self.back_cruise_end_us = self.back_up_us + self.back_cruise * self.cruise_us
        self.back_us = self.back_cruise_end_us + out.at(self.back_brake)
        self.shortest_us = self.back_start_us + self.back_us + TURN_US

    def _dose(self, settings: Settings, hardware: Hardware) -> None:
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        parts = settings.dose_nl * ONE_STEP * 452_000_000_000 // (355 * bore2 * hardware.plunger_nm_per_step)
        self.dose_steps = parts // ONE_STEP
        self.dose_part = parts % ONE_STEP
        self.dose_us = max(
            ceil_div(355 * bore2 * hardware.plunger_nm_per_step, 452_000 * settings.flow_nl_s),
            ceil_div(hardware.plunger_nm_per_step * 1000, hardware.plunger_um_s),
        )
        self.dose_up = self.dose_down = self.dose_cruise = self.dose_total_us = self.tail_us = 0
        if parts == 0:
            return
        ramp = Ramp(hardware.plunger_nm_per_step, hardware.plunger_mm_s2)
        reach = ramp.steps_to(self.dose_us)
        self.dose_up = min(reach, self.dose_steps // 2)
        self.dose_down = min(reach, self.dose_steps - self.dose_up)
        self.dose_cruise = self.dose_steps - self.dose_up - self.dose_down
        self.tail_us = max(ramp.at(1), self.dose_us)
        first_us = ramp.at(self.dose_up + 1) if self.dose_up else max(ramp.at(1), self.dose_us)
        self.dose_total_us = first_us + self.dose_cruise * self.dose_us + ramp.at(self.dose_down) + self.tail_us


class Stroke:
    """A compiled stroke: `words`, and for tails without and with the last plunger step a list of (offset, length, times).

    Buffers are allocated once. `compile` fills them; raises ValueError when the settings do not fit.
    """

    def __init__(self) -> None:
        self.words = array("I", bytes(4 * STROKE_WORDS_MAX))
        self.lists = (array("H", bytes(6 * ENTRIES)), array("H", bytes(6 * ENTRIES)))
        self.away = array("H", bytes(6 * 6))
        self.length = 0
        self.figures: Figures
        self.settings: Settings

    def compile(self, settings: Settings, hardware: Hardware) -> None:
        figures = Figures(settings, hardware)
        if figures.shortest_us > settings.period_us:
            raise ValueError("period")
        self.figures = figures
        self.settings = settings
        self._abort_ratio = (hardware.needle_brake_mm_s2, hardware.needle_out_mm_s2)
        self.length = 0
        out = Ramp(hardware.needle_nm_per_step, hardware.needle_out_mm_s2)
        brake = Ramp(hardware.needle_nm_per_step, hardware.needle_brake_mm_s2)
        plunger = Ramp(hardware.plunger_nm_per_step, hardware.plunger_mm_s2)

        self._up(OUT_UP, out, figures.out_up, 0, NEEDLE_STEP)
        self._cell(OUT_CRUISE, figures.cruise_us, figures.out_cruise, 0, NEEDLE_STEP)
        self._down(OUT_BRAKE, brake, figures.out_brake, 0, NEEDLE_STEP)
        if figures.dose_total_us:
            self._up(DOSE_UP, plunger, figures.dose_up, 0, PLUNGER_STEP, figures.dose_us)
            self._cell(DOSE_CRUISE, figures.dose_us, figures.dose_cruise, 0, PLUNGER_STEP)
            self._down(DOSE_DOWN, plunger, figures.dose_down, 0, PLUNGER_STEP)
            self._tails(figures.tail_us)
        else:
            for place in (DOSE_UP, DOSE_CRUISE, DOSE_DOWN, DOSE_TAIL):
                self._enter(place, 0, 0, 0)
        start = self.length
        if settings.dwell_us:
            self._put(0, settings.dwell_us)
        self._put(NEEDLE_DIR, TURN_US)
        self._enter(DWELL, start, self.length - start, 1)
        self._up(BACK_UP, out, figures.back_up, NEEDLE_DIR, NEEDLE_STEP)
        self._cell(BACK_CRUISE, figures.cruise_us, figures.back_cruise, NEEDLE_DIR, NEEDLE_STEP)
        self._down(BACK_BRAKE, out, figures.back_brake, NEEDLE_DIR, NEEDLE_STEP)
        start = self.length
        self._put(0, settings.period_us - figures.shortest_us + TURN_US)
        self._enter(REST, start, 1, 1)
        self._prepare_away(out)

    def way_back(self, played: int, variant: int) -> int:
        """Fill `away` for a stroke halted after `played` words of list `variant` were put; how many entries it has.

        0 when the needle is on its way back or home already: let it finish. Never goes deeper than commanded: braking
        here is three times harder than braking into depth. Allocates nothing.
        """
        listed = self.lists[variant]
        f = self.figures
        place = 0
        while place < ENTRIES:
            size = listed[3 * place + 1] * listed[3 * place + 2]
            if played <= size:
                break
            played -= size
            place += 1
        if place > DWELL:
            return 0
        position = f.needle_steps
        braking = 0
        if place == OUT_UP:
            position = braking = played >> 1
        elif place == OUT_CRUISE:
            position = f.out_up + ((played + 1) >> 1)
            braking = f.out_up
        elif place == OUT_BRAKE:
            left = f.out_brake - ((played + 1) >> 1)
            position = f.needle_steps - left
            braking = (left * self._abort_ratio[0] + self._abort_ratio[1] - 1) // self._abort_ratio[1]
        if braking > f.out_up:
            braking = f.out_up
        if position + braking > f.needle_steps:
            braking = f.needle_steps - position
        return self._fill_away(position, braking)

    def _fill_away(self, position: int, braking: int) -> int:
        f = self.figures
        away = self.away
        away[3 * AWAY_BRAKE] = self._brake_at + 2 * (f.out_up - braking)
        away[3 * AWAY_BRAKE + 1] = 2 * braking
        away[3 * AWAY_BRAKE + 2] = 1 if braking else 0
        away[3 * AWAY_HOLD + 2] = 1 if braking else 0
        if braking:
            first = self.words[away[3 * AWAY_BRAKE] + 1]
            self.words[self._hold_at] = ((first >> HOLD_SHIFT) + PULSE_US) << HOLD_SHIFT
        position += braking
        up = position >> 1
        if up > f.back_up:
            up = f.back_up
        down = position - up
        if down > f.back_brake:
            down = f.back_brake
        back_up = self.lists[0][3 * BACK_UP]
        back_down = self.lists[0][3 * BACK_BRAKE]
        away[3 * AWAY_UP] = back_up
        away[3 * AWAY_UP + 1] = 1 + 2 * up
        away[3 * AWAY_UP + 2] = 1 if position else 0
        away[3 * AWAY_CRUISE + 2] = position - up - down
        away[3 * AWAY_DOWN] = back_down + 2 * (f.back_brake - down)
        away[3 * AWAY_DOWN + 1] = 2 * down
        away[3 * AWAY_DOWN + 2] = 1 if down else 0
        return 6

    def _prepare_away(self, out: Ramp) -> None:
        self._brake_at = self.length
        self._steps_down(out, self.figures.out_up, 0, NEEDLE_STEP)
        self._hold_at = self.length
        self._put(0, TURN_US)
        turn = self.length
        self._put(NEEDLE_DIR, TURN_US)
        away = self.away
        away[3 * AWAY_HOLD] = self._hold_at
        away[3 * AWAY_HOLD + 1] = 1
        away[3 * AWAY_TURN] = turn
        away[3 * AWAY_TURN + 1] = away[3 * AWAY_TURN + 2] = 1
        away[3 * AWAY_CRUISE] = self.lists[0][3 * BACK_CRUISE]
        away[3 * AWAY_CRUISE + 1] = 2

    def _enter(self, place: int, offset: int, length: int, times: int, variant: int = -1) -> None:
        if times > TIMES_MAX:
            raise ValueError("times")
        for i in (0, 1):
            if variant in (-1, i):
                listed = self.lists[i]
                listed[3 * place] = offset
                listed[3 * place + 1] = length
                listed[3 * place + 2] = times

    def _put(self, pins: int, hold_us: int) -> None:
        if self.length >= STROKE_WORDS_MAX:
            raise ValueError("words")
        if not 0 < hold_us <= HOLD_MAX_US:
            raise ValueError("hold")
        self.words[self.length] = pins | hold_us << HOLD_SHIFT
        self.length += 1

    def _step(self, pins: int, step: int, interval_us: int) -> None:
        self._put(pins | step, PULSE_US)
        self._put(pins, interval_us - PULSE_US)

    def _up(self, place: int, ramp: Ramp, steps: int, pins: int, step: int, at_least_us: int = 0) -> None:
        start = self.length
        before = max(ramp.at(1), at_least_us) if not steps else ramp.at(1)
        self._put(pins, before)
        before = ramp.at(1)
        for k in range(2, steps + 2):
            now = ramp.at(k)
            self._step(pins, step, now - before)
            before = now
        self._enter(place, start, self.length - start, 1)

    def _cell(self, place: int, interval_us: int, times: int, pins: int, step: int) -> None:
        if self.length & 1:
            self.words[self.length] = 0
            self.length += 1
        self._enter(place, self.length, 2, times)
        self._step(pins, step, interval_us)

    def _down(self, place: int, ramp: Ramp, steps: int, pins: int, step: int) -> None:
        start = self.length
        self._steps_down(ramp, steps, pins, step)
        self._enter(place, start, self.length - start, 1 if steps else 0)

    def _steps_down(self, ramp: Ramp, steps: int, pins: int, step: int) -> None:
        before = ramp.at(steps)
        for k in range(steps - 1, -1, -1):
            now = ramp.at(k)
            self._step(pins, step, before - now)
            before = now

    def _tails(self, tail_us: int) -> None:
        start = self.length
        self._put(0, tail_us)
        self._enter(DOSE_TAIL, start, 1, 1, 0)
        start = self.length
        self._step(0, PLUNGER_STEP, tail_us)
        self._enter(DOSE_TAIL, start, 2, 1, 1)


def ceil_div(value: int, by: int) -> int:
    return (value + by - 1) // by
