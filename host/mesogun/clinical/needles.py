"""Needles and syringes stand here as tables; so does how fast a cocktail passes a needle."""

from dataclasses import dataclass
from math import floor, pi

DRIVE_KPA = 300  # the planner lets a needle be used at this pressure (DOMAIN 3): it is 34 N on the plunger of 5 ml


@dataclass(frozen=True)
class Gauge:
    """A Gauge is a needle of nominal regular wall. Thin-wall needles have a wider bore and pass more: planned so, they are safe."""

    outer_um: int
    inner_um: int


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

# The keys are nominal volumes in ml. The bores are those of one maker's plastic syringes, as syringe pumps list them. A dose is
# as right as its bore; another maker's syringe of the same volume is wider or narrower by up to a tenth (A). That maker lists no
# 2 and 2.5 ml: they are one barrel of another's (A). `mesogun device calibrate dose` shows by weight what a syringe gives.
SYRINGE_BORE_UM = {1.0: 4_780, 2.0: 9_650, 2.5: 9_650, 3.0: 8_660, 5.0: 12_060, 10.0: 14_500}


def needle_flow_nl_s(gauge: str, length_mm: float, viscosity_mpa_s: float) -> int:
    """Returns the flow that DRIVE_KPA pushes through the needle, in nl/s, rounded down.

    It is that of Hagen-Poiseuille: laminar, Newtonian, in a round bore. The line before the needle is left out: a 1 mm bore
    takes a few per cent of the pressure (A). Raises KeyError for a gauge that is not in the table.
    """
    radius_m = GAUGES[gauge].inner_um / 2 * 1e-6
    flow_m3_s = pi * radius_m**4 * DRIVE_KPA * 1e3 / (8 * viscosity_mpa_s * 1e-3 * length_mm * 1e-3)
    return floor(flow_m3_s * 1e12)


def swept_nl(bore_um: int, travel_um: int) -> int:
    """Returns the volume in nl that `travel_um` of plunger displaces, rounded down. Pi is 355/113, as the device counts a dose."""
    return 355 * bore_um * bore_um * travel_um // 452_000_000
