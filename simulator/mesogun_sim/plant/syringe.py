"""The syringe is the softest part of the path, and its seal comes behind the plunger's encoder.

Figures by size: DOMAIN 4 (H, C). What is not measured for small syringes is A: creep, play, stiction.
"""

import math
from dataclasses import dataclass

# by the barrel: bore in um, compliance in nl/kPa over minutes, dead volume in nl by standard
SIZES = (
    (4_780, 110, 70_000),
    (8_660, 500, 70_000),
    (8_900, 600, 70_000),
    (12_060, 1_200, 75_000),
    (14_500, 2_100, 100_000),
    (15_900, 2_700, 100_000),
)
STUCK_MS = 20_000  # a rubber seal that rests has grown half of its stiction by then (A)


@dataclass(frozen=True)
class Syringe:
    """Of its `compliance_nl_kpa` the part `creep` follows within `creep_ms`, the rest at once. `play_um`: the seal stays behind by
    so much when the plunger turns; `stiction_um`: so much more the rod moves before a seal that has rested long lets go.
    """

    bore_um: int
    compliance_nl_kpa: float
    creep: float
    creep_ms: float
    play_um: float
    stiction_um: float

    @property
    def nl_per_um(self) -> float:
        return math.pi / 4 * self.bore_um * self.bore_um / 1_000_000

    @property
    def area_mm2(self) -> float:
        return self.nl_per_um


def nominal(bore_um: int) -> tuple[int, int, int]:
    """The row of SIZES whose bore is nearest."""
    return min(SIZES, key=lambda row: abs(row[0] - bore_um))


class Seal:
    """Where the seal is, behind a rod that pushes it, turns, and rests."""

    def __init__(self, syringe: Syringe) -> None:
        self._syringe = syringe
        self._rod_um = 0.0
        self.at_um = 0.0  # of the seal, and of what it displaces
        self._stuck = False
        self._rested_ms = 0.0

    def copy(self) -> "Seal":
        twin = Seal(self._syringe)
        twin.__dict__.update(self.__dict__)
        return twin

    @property
    def behind_um(self) -> float:
        """The rod has moved so much further than the seal."""
        return self._rod_um - self.at_um

    @property
    def held_um(self) -> float:
        """So far the rod moves before a seal that stands lets go."""
        grown = self._rested_ms / (self._rested_ms + STUCK_MS)
        return self._syringe.stiction_um * grown if self._stuck else 0.0

    def rest(self, ms: float) -> None:
        self._rested_ms += ms
        self._stuck = True

    def let_go(self) -> float:
        """It is where its rod is, at once, and has moved by the answer."""
        moved_um = self.behind_um
        self.at_um, self._stuck, self._rested_ms = self._rod_um, False, 0.0
        return moved_um

    def move(self, rod_um: float) -> float:
        """The rod is at `rod_um`, and the seal has moved by the answer."""
        before, held_um = self.at_um, self.held_um
        self._rod_um = rod_um
        if rod_um - self.at_um > held_um:
            self.let_go()
        elif self.at_um - rod_um > self._syringe.play_um + held_um:
            self.at_um, self._stuck, self._rested_ms = rod_um + self._syringe.play_um, False, 0.0
        return self.at_um - before
