"""The plunger moves alone, needle home: to fill the line, to weigh a dose, to let an occlusion's pressure off.

Its volume is waste.
"""

from mesogun_fw.config import Description
from mesogun_fw.stroke import language
from mesogun_fw.stroke.dose import Dose, write_dose
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.stroke.retreat import way_back

SETTLE_US = 20_000  # the plunger is judged so long after it has moved


class Figures:
    """A stroke without a needle has these figures: its way out has no length. Names are as in the drives' figures."""

    def __init__(self, settings: Settings, description: Description) -> None:
        self.out_us = 0
        self.dose = Dose(settings, description)
        self.back_us = 0
        self.dose_end_us = self.back_start_us = self.back_end_us = self.dose.us
        self.shortest_us = self.dose.us + SETTLE_US + language.LEAD_US


def compile(stroke: Stroke, settings: Settings, description: Description) -> None:
    """`stroke` is filled with `settings.dose_nl` at `settings.flow_nl_s`. It raises ValueError when it does not fit its period."""
    f = Figures(settings, description)
    if f.shortest_us > settings.period_us:
        raise ValueError("period")
    stroke.clear()
    stroke.settings, stroke.figures, stroke.way_back = settings, f, way_back  # the needle is home already
    write_dose(stroke, settings, description, f.dose, 0)
    stroke.wait(language.REST, 0, settings.period_us - f.dose.us - language.LEAD_US)
    stroke.lead(language.REST_END, 0)
    stroke.leave_us = stroke.list_us = settings.period_us
