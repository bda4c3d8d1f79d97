"""Needles stand here as a table; so does how fast a cocktail passes a needle."""

from dataclasses import dataclass
from math import floor, pi, sqrt

DRIVE_KPA = 300  # the planner lets a needle be used at this pressure (DOMAIN 3): it is 34 N on the plunger of 5 ml


ANY_WALL = (0.5, 2.0)  # A: a gauge tells the outer diameter, and its wall is the maker's (DOMAIN 3)


@dataclass(frozen=True)
class Gauge:
    """A Gauge is a needle of nominal regular wall.

    Thinner walls pass more and thicker ones less: its resistance is from `walls[0]` to `walls[1]` times the nominal one's; ()
    where nobody knows.
    """

    outer_um: int
    inner_um: int
    walls: tuple[float, float] | tuple[()] = ANY_WALL


# These are the gauges of the field (DOMAIN 1). Their diameters come from public gauge tables, as in DOMAIN 3.
GAUGES = {
    "27G": Gauge(413, 210),
    "28G": Gauge(362, 184),
    "29G": Gauge(337, 184),
    "30G": Gauge(311, 159),
    "31G": Gauge(260, 133),
    "32G": Gauge(235, 108),
    "33G": Gauge(210, 108),
    "34G": Gauge(184, 82),
}

DENSITY_KG_M3 = 1_000  # water's: no cocktail is far from it (A)
JET_LOSS = 1.15  # what enters the bore and leaves it as a jet costs so many times rho v² (C, DOMAIN 3)


def resistance_kpa_s_ul(gauge: str, length_mm: float, viscosity_mpa_s: float) -> float:
    """Returns the pressure that 1 µl/s takes by Hagen-Poiseuille: laminar, Newtonian, in a round bore of the nominal wall.

    The line before the needle is left out: a 1 mm bore takes a few per cent of the pressure (A). Raises KeyError for a gauge that
    is not in the table.
    """
    radius_m = GAUGES[gauge].inner_um / 2 * 1e-6
    return 8 * viscosity_mpa_s * 1e-3 * length_mm * 1e-3 / (pi * radius_m**4) * 1e-12


def kinetic_kpa_s2_ul2(gauge: str) -> float:
    """Returns the pressure that the jet of 1 µl/s takes; it grows with the flow's square. Raises KeyError as above."""
    area_m2 = pi * (GAUGES[gauge].inner_um / 2 * 1e-6) ** 2
    return JET_LOSS * DENSITY_KG_M3 / area_m2**2 * 1e-21


def needle_flow_nl_s(gauge: str, length_mm: float, viscosity_mpa_s: float) -> int:
    """Returns the flow that DRIVE_KPA pushes through the needle, in nl/s, rounded down: bore and jet take it together."""
    r, k = resistance_kpa_s_ul(gauge, length_mm, viscosity_mpa_s), kinetic_kpa_s2_ul2(gauge)
    return floor(2_000 * DRIVE_KPA / (r + sqrt(r * r + 4 * k * DRIVE_KPA)))
