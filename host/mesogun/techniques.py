"""The injection techniques and depth classes of the field (DOMAIN 2): what each is done with, and how well that is known."""

from dataclasses import dataclass

from mesogun_fw.messages import BURST, CONTINUOUS, SINGLE

MODES = {"single": SINGLE, "burst": BURST, "continuous": CONTINUOUS}

# Techniques and modes that the documents name and this version does not drive.
NOT_YET = {
    "constant flow": "mesoperfusion",
    "constant_flow": "mesoperfusion",
    "mesoperfusion": "mesoperfusion",
    "retrograde": "injection while withdrawing",
    "comprehensive": "several techniques in one: write each as a pass of its own",
}


@dataclass(frozen=True)
class Technique:
    """Usual figures of one technique, ends included. `trust` is of the row as a whole."""

    id: str
    modes: tuple[str, ...]
    depth_mm: tuple[float, float]
    dose_ul: tuple[float, float]
    spacing_mm: tuple[float, float]
    trust: str


TECHNIQUES = {
    "epidermic": Technique("T1", ("continuous",), (0.2, 1), (1, 10), (1, 5), "S, M"),
    "nappage": Technique("T2", ("continuous",), (1, 4), (10, 40), (1, 4), "S, M"),
    "papule": Technique("T3", ("single",), (1.5, 2), (10, 50), (8, 12), "M; about 10 mm apart"),
    "point by point": Technique("T4", ("single",), (2, 10), (10, 200), (10, 30), "S, M; above 50 µl against pain"),
    "hypodermic": Technique("T7", ("single", "burst"), (4, 10), (1, 200), (10, 25), "S, H"),
    "skin booster": Technique("T8", ("single", "continuous"), (1, 2), (1, 25), (8, 12), "H; about 10 mm apart"),
    "dry needling": Technique("T9", ("continuous",), (0.5, 3), (0, 0), (1, 3), "S names it, figures A"),
}

EPIDERMIC_UM = 1_000
INTRADERMIC_UM = 4_000


def depth_class(depth_um: int) -> str:
    """The layer a depth is meant for: epidermic up to 1 mm, intradermic up to 4, hypodermic beyond (003). Ends belong below."""
    if depth_um <= EPIDERMIC_UM:
        return "epidermic"
    return "intradermic" if depth_um <= INTRADERMIC_UM else "hypodermic"
