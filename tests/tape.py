"""Every pin edge of a simulated gun, kept for a test."""

from collections.abc import Iterator
from typing import Any

from mesogun_fw.stroke import NEEDLE_DIR
from mesogun_sim.timeline import Timeline


class Tape:
    """Between board and trace: keeps what was played and when the needle axis had power, then passes it on."""

    def __init__(self, onwards: Any) -> None:
        self._onwards = onwards
        self.plays: list[tuple[int, Timeline, int]] = []
        self.power: list[tuple[int, bool]] = []

    def played(self, start_us: int, timeline: Timeline, until_us: int) -> None:
        self.plays.append((start_us, timeline, until_us))
        self._onwards.played(start_us, timeline, until_us)

    def shown(self, at_us: int, state: int) -> None:
        self._onwards.shown(at_us, state)

    def enabled(self, at_us: int, on: bool) -> None:
        self.power.append((at_us, on))
        self._onwards.enabled(at_us, on)

    def rises(self, pin: int) -> Iterator[tuple[int, bool]]:
        """(time, needle dir is inwards) of every rising edge of a pin, e.g. NEEDLE_STEP."""
        for start_us, timeline, until_us in self.plays:
            inwards = False
            for when, which, level in zip(*(column.tolist() for column in timeline.edges(until_us - start_us)), strict=True):
                if 1 << which == NEEDLE_DIR:
                    inwards = bool(level)
                elif 1 << which == pin and level:
                    yield start_us + when, inwards

    def last_us(self, pin: int, outwards: bool = False) -> int:
        """When the pin rose last; -1 for never. `outwards` counts only what moves the needle out."""
        return max((at for at, inwards in self.rises(pin) if not (outwards and inwards)), default=-1)

    def count(self, pin: int) -> int:
        return sum(1 for _ in self.rises(pin))
