"""Skin gives way before it is pierced, holds back what is pushed into it, and differs from point to point.

Layers H, the rest of DOMAIN 4 mostly A: nobody has measured the dermis at a gun's flow.
"""

from dataclasses import dataclass
from itertools import pairwise

from mesogun_sim.plant.noise import noise

PUNCTURE_N = 0.6  # of a 30G needle, linear in its outer diameter (H, A)
PUNCTURE_OD_UM = 311
HOOKED = 1.5  # a tip that is deformed needs so much more (A)
DEFORMED = ((0, 0.0), (3, 0.148), (5, 0.196), (10, 0.292), (100, 0.8))  # after so many shots so many tips (H up to 10)
FRICTION_N_MM = (0.02, 0.05)
CONE_N = 5.0  # the nose cone stretches the skin: pressed as hard as this, it tents half as far (A)
POINTS = 50  # channels from here on are of points


@dataclass(frozen=True)
class Area:
    """Epidermis and dermis in um, both ends; how hard the skin is against a needle's push; what opens dermis and what lies below,
    the lowest and the highest, in kPa."""

    epidermis_um: tuple[int, int]
    dermis_um: tuple[int, int]
    stiffness_n_mm: tuple[float, float]
    dermis_kpa: tuple[float, float]
    below_kpa: tuple[float, float]


AREAS = {
    "face": Area((70, 120), (1_100, 1_900), (0.4, 1.0), (3.0, 35.0), (2.0, 30.0)),
    "scalp": Area((60, 100), (1_200, 2_000), (0.6, 1.5), (4.0, 40.0), (3.0, 30.0)),
    "body": Area((60, 120), (1_400, 2_600), (0.3, 0.8), (3.0, 35.0), (2.0, 30.0)),
}
_LIKE_A_FACE = ("under-eye", "neck", "decollete", "hands", "submental")


def nearest(area: str) -> str:
    """The row of AREAS for an area of a protocol: of the others nobody has figures (A)."""
    return area if area in AREAS else "face" if area in _LIKE_A_FACE else "body"


@dataclass(frozen=True)
class Needle:
    """How the skin meets it: outer diameter, and how hard the hand presses the cone on."""

    outer_um: int
    hand_n: float


@dataclass(frozen=True)
class Point:
    """One place on the skin, as one needle meets it. `tents_um`: the skin gives so far before it is pierced."""

    tents_um: float
    stays_um_mm: float  # and stays dented by friction so far for each mm of needle in it
    dermis_um: float  # where the dermis ends
    dermis_kpa: float
    below_kpa: float
    leaks: float  # of what goes in, comes back along the track while the needle stands in it
    weeps: float  # and of what is in, at once after it has left

    def opens_kpa(self, depth_um: float) -> float:
        return self.dermis_kpa if depth_um < self.dermis_um else self.below_kpa

    def depth_um(self, tip_um: float) -> float:
        """In the skin, for a tip that stands so deep behind the cone."""
        return max(0.0, tip_um - self.stays_um_mm * tip_um / 1_000)


class Skin:
    """The skin of one person in one area; `point` is a function of its number."""

    def __init__(self, seed: int, area: Area, opening_kpa: float | None, tents_um: float | None, leaks: float | None) -> None:
        self._seed = seed
        self._area = area
        self._opening_kpa, self._tents_um, self._leaks = opening_kpa, tents_um, leaks
        self._person = 0.7 + 0.6 * self._part(0, 0)  # of this person's tissue against others'
        self._stiff_n_mm = self._between(3, 0, area.stiffness_n_mm)
        self._friction_n_mm = self._between(4, 0, FRICTION_N_MM)
        self._dermis_um = self._between(5, 0, area.epidermis_um) + self._between(6, 0, area.dermis_um)

    def _part(self, channel: int, number: int) -> float:
        return noise(self._seed, POINTS + channel, number) / 0x1_0000_0000

    def _between(self, channel: int, number: int, ends: tuple[float, float]) -> float:
        """Of two draws the middle: the ends are rare."""
        part = (self._part(channel, 2 * number) + self._part(channel, 2 * number + 1)) / 2
        return ends[0] + (ends[1] - ends[0]) * part

    def point(self, number: int, needle: Needle, shots: int) -> Point:
        area = self._area
        force = PUNCTURE_N * needle.outer_um / PUNCTURE_OD_UM * self._between(1, number, (0.5, 1.5))
        if self._part(2, 0) < deformed(shots):
            force *= HOOKED
        stiff = self._stiff_n_mm * (1 + needle.hand_n / CONE_N)
        dermis = below = self._opening_kpa
        if dermis is None or below is None:
            dull = self._between(7, number, (0.0, 1.0))
            dermis, below = (self._person * (low + (high - low) * dull) for low, high in (area.dermis_kpa, area.below_kpa))
        thin = needle.outer_um / PUNCTURE_OD_UM
        leaks = self._between(8, number, (0.0, 0.05)) * thin if self._leaks is None else self._leaks
        weeps = self._between(9, number, (0.0, 0.06)) * thin if self._leaks is None else self._leaks
        tents_um = force / stiff * 1_000 if self._tents_um is None else self._tents_um
        stays = self._friction_n_mm / stiff * 1_000 if self._tents_um is None else 0.0
        return Point(tents_um, stays, self._dermis_um, dermis, below, leaks, weeps)


def deformed(shots: int) -> float:
    """So large a part of tips is deformed after so many shots."""
    for (few, part), (many, more) in pairwise(DEFORMED):
        if shots <= many:
            return part + (more - part) * (shots - few) / (many - few)
    return DEFORMED[-1][1]


def weeping(volume_nl: float, waited_ms: float) -> float:
    """How much of `Point.weeps`: it grows with what is in (50 µl: half), and 3 s of waiting leave a quarter (H, A)."""
    return volume_nl / (volume_nl + 50_000) / (1 + waited_ms / 1_000)
