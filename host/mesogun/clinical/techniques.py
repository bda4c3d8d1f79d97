"""These are the modes, techniques and depth classes of the field (DOMAIN 2): what each is done with, how well that is known."""

from dataclasses import dataclass

from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE

MODES = {
    "single": SINGLE,
    "burst": BURST,
    "continuous": CONTINUOUS,
    "constant flow": CONSTANT_FLOW,
    "retrograde": RETROGRADE,
}

# A pass of a mode says these beside technique, mode and depth_mm. Constant flow has no points: the needle stays in. It is told
# in seconds, which is what the hand does and the gun counts; its volume is flow times seconds, exactly. A retrograde shot
# takes as long as its dose needs to follow the needle: it has no rate, and no time at depth after a dose.
_SHOTS = ("rate_hz", "dose_ul", "points", "spacing_mm")
NEEDED = {
    "single": _SHOTS,
    "burst": (*_SHOTS, "burst"),
    "continuous": _SHOTS,
    "constant flow": ("flow_ul_s", "seconds", "dwell_ms"),
    "retrograde": ("dose_ul", "points", "spacing_mm"),
}
# A pass of a mode may say these as well. Left out, the needle rests at depth for as long as the period, and a gliding hand, leave.
ALSO = {"single": ("dwell_ms",), "burst": ("dwell_ms",), "continuous": ("dwell_ms", "hand_mm_s")}

# The documents name these techniques, and this version does not drive them.
NOT_YET = {"comprehensive": "several techniques in one: write each as a pass of its own"}

Range = tuple[float, float]


@dataclass(frozen=True)
class Technique:
    """A Technique has its usual figures, ends included; () stands where there are none. `trust` is of the row as a whole."""

    id: str
    modes: tuple[str, ...]
    depth_mm: Range
    dose_ul: Range | tuple[()]
    spacing_mm: Range | tuple[()]
    trust: str
    dose_ul_cm: Range | tuple[()] = ()  # this counts along the needle


TECHNIQUES = {
    "epidermic": Technique("T1", ("continuous",), (0.2, 1), (1, 10), (1, 5), "S, M"),
    "nappage": Technique("T2", ("continuous",), (1, 4), (10, 40), (1, 4), "S, M"),
    "papule": Technique("T3", ("single",), (1.5, 2), (10, 50), (8, 12), "M; about 10 mm apart"),
    "point by point": Technique("T4", ("single",), (2, 10), (10, 200), (10, 30), "S, M; above 50 µl against pain"),
    "mesoperfusion": Technique("T5", ("constant flow",), (2, 4), (), (), "M; no figures for the flow"),
    # 2 mm deep, tangential, is 2.8 to 7.7 mm along a needle at 45 to 15 degrees (000, C); about 55 µl/cm (H) is 44 to 66 (A)
    "retrograde": Technique("T6", ("retrograde",), (2.8, 7.7), (), (), "H; lengths C, spread A", dose_ul_cm=(44, 66)),
    "hypodermic": Technique("T7", ("single", "burst"), (4, 10), (1, 200), (10, 25), "S, H"),
    "skin booster": Technique("T8", ("single", "continuous"), (1, 2), (1, 25), (8, 12), "H; about 10 mm apart"),
    "dry needling": Technique("T9", ("continuous",), (0.5, 3), (0, 0), (1, 3), "S names it, figures A"),
}

EPIDERMIC_UM = 1_000
INTRADERMIC_UM = 4_000


def depth_class(depth_um: int) -> str:
    """Returns the layer a depth is meant for: epidermic to 1 mm, intradermic to 4, hypodermic beyond (003). Ends belong below."""
    if depth_um <= EPIDERMIC_UM:
        return "epidermic"
    return "intradermic" if depth_um <= INTRADERMIC_UM else "hypodermic"
