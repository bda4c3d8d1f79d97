"""Every pin edge of a simulated gun, kept for a test."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mesogun_fw.stroke.language import PLUNGER_DIR, PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP
from mesogun_sim.timeline import Timeline


class Play(NamedTuple):
    """One list as far as it was played. `start_us` as if from its beginning; `entered_us` into it is where it began."""

    start_us: int
    timeline: Timeline
    entered_us: int
    until_us: int
    low: bool  # whether all pins went low then: no other list was entered

    @property
    def dispensed(self) -> int:
        """Plunger steps that were made, those back counted off."""
        timeline = self.timeline
        return timeline.plunger_steps(self.until_us - self.start_us) - timeline.plunger_steps(self.entered_us)

    @property
    def dispenses(self) -> bool:
        """Whether the list, played whole, pushes the plunger forward."""
        return max(self.timeline.plunger_at) > 0


class Tape:
    """Between board and trace: keeps what was played and when the needle axis had power, then passes it on."""

    def __init__(self, onwards: Any) -> None:
        self._onwards = onwards
        self.plays: list[Play] = []
        self.power: list[tuple[int, bool]] = []

    def played(self, start_us: int, timeline: Timeline, entered_us: int, until_us: int, low: bool) -> None:
        self.plays.append(Play(start_us, timeline, entered_us, until_us, low))
        self._onwards.played(start_us, timeline, entered_us, until_us, low)

    def shown(self, at_us: int, state: int) -> None:
        self._onwards.shown(at_us, state)

    def enabled(self, at_us: int, on: bool) -> None:
        self.power.append((at_us, on))
        self._onwards.enabled(at_us, on)

    def rises(self, step: int) -> Iterator[tuple[int, bool]]:
        """(time, backwards) of every step of NEEDLE_STEP or PLUNGER_STEP."""
        direction = {NEEDLE_STEP: NEEDLE_DIR, PLUNGER_STEP: PLUNGER_DIR}[step]
        backwards = False
        for play in self.plays:
            edges = play.timeline.edges(play.until_us - play.start_us, play.entered_us, play.low)
            for when, which, level in zip(*(column.tolist() for column in edges), strict=True):
                if 1 << which == direction:
                    backwards = bool(level)
                elif 1 << which == step and level:
                    yield play.start_us + when, backwards

    def last_us(self, step: int) -> int:
        """When the axis last stepped outwards, or dispensed; -1 for never."""
        return max((at for at, backwards in self.rises(step) if not backwards), default=-1)

    def count(self, step: int) -> int:
        return sum(1 for _ in self.rises(step))
