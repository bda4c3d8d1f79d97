"""Air throws the needle against an adjustable stop; air and spring bring it back. The stop's position is the depth.

Times of travel are measured per gun (config.py), at full depth: a shallower shot waits as long. Speed cannot be set. The stop
is moved by a small stepper, only while the needle is home, before the first shot of an arming.
"""

from mesogun_fw.config import Description
from mesogun_fw.stroke import language, retreat
from mesogun_fw.stroke.dose import Dose, write_dose
from mesogun_fw.stroke.language import Settings, Stroke, ceil_div, set_entry
from mesogun_fw.stroke.retreat import way_back
from mesogun_fw.talk import messages

VALVE_OUT = 1
VALVE_BACK = 2
STOP_STEP = 16
STOP_DIR = 32  # 0 means deeper
PIN_NAMES = ("valve_out", "valve_back", "plunger_step", "plunger_dir", "stop_step", "stop_dir")

SETTLE_US = 2_000  # so long after the valves have closed nothing else happens
STOP_SETTLE_US = 20_000


class Figures:
    """A shot has these durations. Times ending in `_us` count from its start, `back_us` from `back_start_us`.

    `shortest_us` is the shortest period.
    """

    def __init__(self, settings: Settings, description: Description) -> None:
        if settings.mode == messages.RETROGRADE:
            raise ValueError("mode")
        self.out_us = description.valve_out_us
        self.dose = Dose(settings, description)
        self.dose_end_us = self.out_us + self.dose.us
        self.back_start_us = self.dose_end_us + settings.dwell_us
        self.back_us = description.valve_back_us
        self.back_end_us = self.back_start_us + self.back_us
        self.shortest_us = (
            self.dose.us if settings.mode == messages.CONSTANT_FLOW else self.back_end_us + SETTLE_US + language.LEAD_US
        )


def compile(stroke: Stroke, settings: Settings, description: Description) -> None:
    """`stroke` is filled. It raises ValueError when these settings do not fit."""
    f = Figures(settings, description)
    if f.shortest_us > settings.period_us:
        raise ValueError("period")
    stroke.clear()
    stroke.settings, stroke.figures, stroke.way_back = settings, f, way_back
    stroke.wait(language.OUT_UP, VALVE_OUT, f.out_us)
    write_dose(stroke, settings, description, f.dose, VALVE_OUT)
    stroke.wait(language.DWELL, VALVE_OUT, settings.dwell_us)
    stroke.wait(language.BACK_UP, VALVE_BACK, f.back_us)
    set_entry(stroke.away, 0, stroke.length - 1, 1, 1)
    rest_at = stroke.length
    stroke.put(0, SETTLE_US)
    set_entry(stroke.away, 1, rest_at, 1, 1)
    stroke.turns[retreat.KIND] = retreat.BY_AIR  # air brings it back, for as long as it takes from full depth
    if settings.mode == messages.CONSTANT_FLOW:
        stroke.wait(language.REST, 0, SETTLE_US)
        stroke.entry_us, stroke.leave_us = f.out_us, f.dose_end_us
        stroke.list_us = f.back_end_us + SETTLE_US
    else:
        stroke.wait(language.REST, 0, settings.period_us - f.back_end_us - language.LEAD_US)
        stroke.lead(language.REST_END, 0)
        stroke.entry_us, stroke.leave_us = 0, settings.period_us
        stroke.list_us = settings.period_us


def compile_stop(stroke: Stroke, from_um: int, to_um: int, description: Description) -> int:
    """`stroke` is filled with the depth stop's way, needle home and valves closed.

    The answer is where it will stand, by whole steps.
    """
    way = 0 if to_um >= from_um else STOP_DIR
    steps = (to_um - from_um) * 1000 // description.stop_nm_per_step  # rounded to the shallower side: the cap is the deepest
    if way:
        steps = -steps
    stroke.clear()
    stroke.settings = Settings(0, 0, 0, 0, 0, 0, 0)
    stroke.way_back = way_back  # the needle is home already
    stroke.wait(language.OUT_UP, way, SETTLE_US)
    stroke.cell(language.OUT_CRUISE, ceil_div(description.stop_nm_per_step * 1000, description.stop_um_s), steps, way, STOP_STEP)
    stroke.wait(language.REST, 0, STOP_SETTLE_US)
    stroke.list_us = stroke.leave_us = 0  # nothing follows on it
    travel_um = steps * description.stop_nm_per_step // 1000
    return from_um - travel_um if way else from_um + travel_um
