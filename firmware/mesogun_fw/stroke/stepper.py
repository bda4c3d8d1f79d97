"""A stepper moves the needle: out, dose, dwell, back, by ramps. In retrograde mode the dose goes in on the way back."""

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke import language, retreat
from mesogun_fw.stroke.dose import Dose, write_dose
from mesogun_fw.stroke.language import Ramp, Settings, Stroke, ceil_div
from mesogun_fw.stroke.retreat import prepare_way_back, way_back
from mesogun_fw.talk import messages

PIN_NAMES = ("needle_step", "needle_dir", "plunger_step", "plunger_dir")


class Figures:
    """A stroke has these step counts and durations, without its words.

    The needle makes out_up + out_cruise + out_brake steps out and back_up + back_cruise + back_brake back, at `cruise_us` and
    `back_cruise_us` a step. `shortest_us` is the shortest period these settings allow. Times ending in `_us` count from the
    stroke's start, `back_up_us`, `back_cruise_end_us` and `back_us` from `back_start_us`; from `out_us` to `back_start_us` the
    needle is at depth.
    """

    def __init__(self, settings: Settings, description: Description) -> None:
        out = Ramp(description.needle_nm_per_step, description.needle_out_mm_s2)
        brake = Ramp(description.needle_nm_per_step, description.needle_brake_mm_s2)
        steps = settings.depth_um * 1000 // description.needle_nm_per_step
        speed = min(settings.needle_um_s, description.needle_um_s)
        self.needle_steps = steps
        self.cruise_us = self.back_cruise_us = ceil_div(description.needle_nm_per_step * 1000, speed)
        self.out_up = out.steps_to(self.cruise_us)
        self.out_brake = brake.steps_to(self.cruise_us)
        if self.out_up + self.out_brake > steps:
            self.out_up = steps * description.needle_brake_mm_s2 // (description.needle_out_mm_s2 + description.needle_brake_mm_s2)
            self.out_brake = steps - self.out_up
        self.out_cruise = steps - self.out_up - self.out_brake
        self.up_us = out.at(self.out_up + 1)
        self.cruise_end_us = self.up_us + self.out_cruise * self.cruise_us
        self.out_us = self.cruise_end_us + brake.at(self.out_brake)

        self.dose = Dose(settings, description)
        self.dose_end_us = self.out_us + self.dose.us
        self.back_start_us = self.dose_end_us + settings.dwell_us + retreat.TURN_US
        ramp = out.steps_to(self.cruise_us)
        self.away_up = self.back_up = min(ramp, steps // 2)
        self.away_down = self.back_brake = min(ramp, steps - self.back_up)
        if settings.mode == messages.RETROGRADE:
            self._draw(settings, description)
        else:
            self.back_up_us = out.at(self.back_up + 1)
        self.back_cruise = steps - self.back_up - self.back_brake
        self.back_cruise_end_us = self.back_up_us + self.back_cruise * self.back_cruise_us
        self.back_us = self.back_cruise_end_us + out.at(self.back_brake)
        self.back_end_us = self.back_start_us + self.back_us
        if settings.mode == messages.RETROGRADE:
            self.dose_end_us = self.back_end_us
        self.shortest_us = (
            self.dose.us if settings.mode == messages.CONSTANT_FLOW else self.back_end_us + retreat.TURN_US + language.LEAD_US
        )

    def _draw(self, settings: Settings, description: Description) -> None:
        """Withdrawing while dispensing goes at constant speed, slow enough to need no ramp on either axis.

        Each needle step takes `per_step` plunger steps along, and `more` of them one more.
        """
        steps = self.needle_steps
        self.per_step = self.dose.steps // steps
        self.more = self.dose.steps % steps
        out = Ramp(description.needle_nm_per_step, description.needle_out_mm_s2)
        plunger = Ramp(description.plunger_nm_per_step, description.plunger_mm_s2)
        # Steps that far apart start and stop without a ramp.
        gap_us = max(plunger.at(1), self.dose.step_us)
        self.back_cruise_us = max(self.cruise_us, out.at(1), (self.per_step + (1 if self.more else 0)) * gap_us)
        self.back_up = self.back_brake = self.back_up_us = 0


def compile(stroke: Stroke, settings: Settings, description: Description) -> None:
    """`stroke` is filled. It raises ValueError when these settings do not fit."""
    f = Figures(settings, description)
    if f.shortest_us > settings.period_us:
        raise ValueError("period")
    stroke.clear()
    stroke.settings, stroke.figures, stroke.way_back = settings, f, way_back
    out = Ramp(description.needle_nm_per_step, description.needle_out_mm_s2)
    brake = Ramp(description.needle_nm_per_step, description.needle_brake_mm_s2)

    stroke.up(language.OUT_UP, out, f.out_up, 0, retreat.NEEDLE_STEP)
    stroke.cell(language.OUT_CRUISE, f.cruise_us, f.out_cruise, 0, retreat.NEEDLE_STEP)
    stroke.down(language.OUT_BRAKE, brake, f.out_brake, 0, retreat.NEEDLE_STEP)
    write_dose(stroke, settings, description, f.dose, 0)
    start = stroke.length
    if settings.dwell_us:
        stroke.put(0, settings.dwell_us)
    stroke.put(retreat.NEEDLE_DIR, retreat.TURN_US)
    stroke.enter(language.DWELL, start, stroke.length - start, 1)
    stroke.up(language.BACK_UP, out, f.away_up, retreat.NEEDLE_DIR, retreat.NEEDLE_STEP)
    stroke.cell(
        language.BACK_CRUISE, f.cruise_us, f.needle_steps - f.away_up - f.away_down, retreat.NEEDLE_DIR, retreat.NEEDLE_STEP
    )
    stroke.down(language.BACK_BRAKE, out, f.away_down, retreat.NEEDLE_DIR, retreat.NEEDLE_STEP)
    prepare_way_back(stroke, f, out, description)
    if settings.mode == messages.RETROGRADE:
        _write_draw(stroke, f)
    if settings.mode == messages.CONSTANT_FLOW:
        stroke.wait(language.REST, 0, retreat.TURN_US)
        stroke.entry_us, stroke.leave_us = f.out_us, f.dose_end_us
        stroke.list_us = f.back_end_us + retreat.TURN_US
    else:
        stroke.wait(language.REST, 0, settings.period_us - f.back_end_us - language.LEAD_US)
        stroke.lead(language.REST_END, 0)
        stroke.entry_us, stroke.leave_us = 0, settings.period_us
        stroke.list_us = settings.period_us


def _write_draw(stroke: Stroke, f: Figures) -> None:
    """The needle's way back has the dose spread along it: cells of one needle step, of two kinds that differ by a plunger step.

    The rarer kind is dealt out evenly among the others, in groups that fit a ring; what is left over goes to both ends.
    """
    steps, kinds = f.needle_steps, (f.per_step, f.per_step + 1)
    count = (steps - f.more, f.more)
    rare = 1 if count[1] <= count[0] else 0
    common = 1 - rare
    groups = count[rare]
    spare = language.REPEATED_WORDS_MAX - _words(kinds[rare])
    if spare < 0:
        raise ValueError("words")
    room = spare // _words(kinds[common])
    per_group = min(count[common] // groups, room) if groups else 0
    left = count[common] - groups * per_group
    ends = [kinds[common]]
    if left <= groups and per_group < room:
        # Each end takes groups with one cell more.
        ends = ends * (per_group + 1) + [kinds[rare]]
        groups -= left
    _draw_cells(stroke, f, language.BACK_UP, left // 2, ends)
    _draw_cells(stroke, f, language.BACK_CRUISE, groups, [kinds[common]] * per_group + [kinds[rare]])
    _draw_cells(stroke, f, language.BACK_BRAKE, left - left // 2, ends)
    stroke.turns[retreat.DRAWN_PER_GROUP] = per_group + 1
    stroke.turns[retreat.DRAWN_AT_ENDS] = len(ends)


def _words(plunger_steps: int) -> int:
    return 3 + 2 * plunger_steps


def _draw_cells(stroke: Stroke, f: Figures, place: int, times: int, cells: "list[int]") -> None:
    """A ring of 2^k words has for each cell its plunger steps, evenly over its time, and a needle step at its end."""
    if not times:
        stroke.enter(place, 0, 0, 0)
        return
    words = sum([_words(count) for count in cells])
    size = 1
    while size < words:
        size <<= 1
    if size > language.REPEATED_WORDS_MAX:
        raise ValueError("words")
    stroke.align(size)
    stroke.enter(place, stroke.length, size, times)
    needle_us = f.back_cruise_us - 2 * limits.PULSE_US  # the needle steps at this time of its cell
    for count in cells:
        now = 0
        for k in range(count):
            at = (2 * k + 1) * f.back_cruise_us // (2 * count)
            stroke.put(retreat.NEEDLE_DIR, at - now)
            stroke.put(retreat.NEEDLE_DIR | language.PLUNGER_STEP, limits.PULSE_US)
            now = at + limits.PULSE_US
        # What is short of 2^k words is made up by cutting the last wait into pieces.
        for _ in range(size - words):
            stroke.put(retreat.NEEDLE_DIR, limits.PULSE_US)
            now += limits.PULSE_US
        words = size
        stroke.put(retreat.NEEDLE_DIR, needle_us - now)
        stroke.put(retreat.NEEDLE_DIR | retreat.NEEDLE_STEP, limits.PULSE_US)
        stroke.put(retreat.NEEDLE_DIR, limits.PULSE_US)
