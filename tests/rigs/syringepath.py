"""One fluid path without a gun around it: the firmware's own strokes move needle and plunger, as often as a test likes."""

from functools import cache

from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.language import ENTRIES, Settings, Stroke
from mesogun_sim.fluid import FluidPath, Given
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.plant.plunger import Plunger
from mesogun_sim.player import triples
from mesogun_sim.timeline import Timeline

TICK_US = 1_000
SPRING_UM_MS = 400


def settings(
    dose_nl: int = 10_000,
    period_us: int = 250_000,
    dwell_us: int = 80_000,
    flow_nl_s: int = 392_164,
    depth_um: int = 2_000,
    bore_um: int = 12_060,
    mode: int = 3,
) -> Settings:
    return Settings(depth_um, 300_000, dose_nl, flow_nl_s, dwell_us, period_us, bore_um, mode)


@cache
def timeline_of(*figures: int) -> Timeline:
    stroke = Stroke()
    stepper.compile(stroke, Settings(*figures), Description())
    return Timeline(stroke.words, triples(stroke.lists[0], ENTRIES))


class SyringePath:
    """`path` and its clock `us`. A stroke is played to its end, or to where something cuts it."""

    def __init__(self, setup: SetUp, seed: int = 1, *, split: int = 1) -> None:
        description = Description()
        self._um_per_step = description.needle_nm_per_step // 1000
        self.path = FluidPath(seed, description, setup, split)
        self.plunger = Plunger(description.plunger_nm_per_step)
        self.us = 0
        self.steps = 0
        self.touching = 1
        self._tip_um = 0

    def shot(self, wanted: Settings, *, cut_us: int | None = None) -> None:
        """`cut_us` into it power is cut: the plunger stays where it is and the spring brings the needle home."""
        self.path.fit_syringe(wanted.syringe_bore_um)
        self.play(timeline_of(*vars(wanted).values()), cut_us=cut_us)

    def play(self, timeline: Timeline, *, cut_us: int | None = None) -> None:
        start_us = self.us
        until_us = min(timeline.duration_us, timeline.duration_us if cut_us is None else cut_us)
        while self.us < start_us + until_us:
            into_us = self.us - start_us
            self._sense(timeline.needle_steps(into_us) * self._um_per_step, timeline.plunger_steps(into_us))
            self.us = min(self.us + TICK_US, start_us + until_us)
        self._sense(timeline.needle_steps(until_us) * self._um_per_step, timeline.plunger_steps(until_us))
        self.path.played(start_us, timeline, 0, self.us, True)
        self.steps += timeline.plunger_steps(until_us)
        while self._tip_um:
            self.us += TICK_US
            self._sense(max(0, self._tip_um - SPRING_UM_MS), 0)

    def rest(self, ms: int) -> None:
        self.us += 1_000 * ms
        self._sense(self._tip_um, 0)

    def _sense(self, tip_um: int, steps: int) -> None:
        self._tip_um = tip_um
        self.path.sense(self.us, tip_um, self.touching, self.steps + steps, self.plunger)

    def given(self) -> list[Given]:
        return self.path.given(self.us)
