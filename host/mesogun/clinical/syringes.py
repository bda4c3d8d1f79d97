"""Syringes and lines stand here as tables: how wide they are, and how much they give under pressure."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Barrel:
    """A Barrel is one kind of syringe: its bore, and how many µl it gives a kPa, pump and line included; () where nobody knows.

    The softer end is what it gives within minutes. Each figure has its source and trust beside it.
    """

    bore_um: int
    bore_source: str
    gives_ul_kpa: Range | tuple[()]
    gives_source: str


# A dose is as right as its bore; another maker's syringe of the same volume is wider or narrower by up to a tenth (A).
# `mesogun device calibrate dose` shows by weight what a syringe gives.
_PLASTIC = "one maker's plastic syringes, as syringe pumps list them (H)"
_OTHER = "that maker lists none: one barrel of another's (A)"
_SCALED = "53 studies of 50 to 60 ml and alarm times of small ones, about area^1.4 (H, C), DOMAIN 4"
PLASTIC = {
    1.0: Barrel(4_780, _PLASTIC, (0.05, 0.3), _SCALED),
    2.0: Barrel(9_650, _OTHER, (0.3, 1.1), _SCALED),
    2.5: Barrel(9_650, _OTHER, (0.3, 1.1), _SCALED),
    3.0: Barrel(8_660, _PLASTIC, (0.3, 0.9), _SCALED),
    5.0: Barrel(12_060, _PLASTIC, (0.7, 2.1), _SCALED),
    10.0: Barrel(14_500, _PLASTIC, (1.2, 3.6), _SCALED),
}
# Glass or COC, its line short and hard. Larger ones have no figure for what they give.
STIFF = {
    1.0: Barrel(
        6_350, "the long barrel of 1 ml of ISO 11040 (H)", (0.02, 0.05), "at most 0.05 in all, the lower end (A), DOMAIN 4"
    ),
    3.0: Barrel(8_660, "taken as the plastic one (A)", (), "not found"),
    5.0: Barrel(12_060, "taken as the plastic one (A)", (), "not found"),
}

# What gives at once is so much of the whole; the rest creeps (A, DOMAIN 4).
AT_ONCE = 0.75

# A line of 15 cm that is named gives this on top (C, DOMAIN 4). One that is not named is in the figure of the syringe.
LINES_UL_KPA = {"polyethylene": 0.003, "PVC": 0.05, "silicone": 0.3}


def barrel(size_ml: float, stiff: bool) -> Barrel | None:
    """Returns the row of this syringe, None when the table has none."""
    return (STIFF if stiff else PLASTIC).get(size_ml)


def swept_nl(bore_um: int, travel_um: int) -> int:
    """Returns the volume in nl that `travel_um` of plunger displaces, rounded down. Pi is 355/113, as the device counts a dose."""
    return 355 * bore_um * bore_um * travel_um // 452_000_000
