"""How much of each dose is at depth when the needle leaves: an estimate, as a band over what nobody has measured of this path.

What the plunger gives first fills the give of syringe and line, flows on through the needle, and what is left when the needle
leaves runs out in the air. Nobody knows the give of a syringe, the wall of a needle and the skin of a point better than the
ranges of DOMAIN 3 and 4 (A), so a share is told over all their corners. The simulator has a model of its own.
"""

from dataclasses import dataclass
from math import ceil, floor

from mesogun.clinical.chamber import Chamber
from mesogun.clinical.needles import GAUGES, kinetic_kpa_s2_ul2, resistance_kpa_s_ul
from mesogun.clinical.quantities import LEAST_SHARE_PERCENT
from mesogun.clinical.syringes import AT_ONCE, LINES_UL_KPA, Range
from mesogun_fw.limits import TRIGGER_RELEASED_MS

SKIN_KPA = (0.0, 8.0, 20.0)  # A: what stands against the drug at one point or another, DOMAIN 4
SPREAD_KPA = 10.0  # A: so far apart is the skin of two points; what it makes of their doses is C times it
HAND_S = 1.0  # A: a hand takes this long to lift, move, set down and press
AGAIN_S = TRIGGER_RELEASED_MS / 1000  # a trigger let go and pressed at once: the guard takes no faster press
APART_S = 60.0
AFTER_S = 5.0
SECANTS = 8  # more of them do not help where the skin gives way in the middle of a dose: halving does
NOTHING_KPA = 1e-4
SEEN_KPA = 20.0  # A: a pressure that can be told from that of a shot

LEAST = LEAST_SHARE_PERCENT / 100  # of each dose, over all corners
LEAST_MEAN = 0.95
MOST = 1.05
LEAST_FIRST = 0.80
MOST_AFTER = 0.5  # of a dose


@dataclass(frozen=True, slots=True)
class Band:
    """A Band has the lowest, the mean and the highest of what is possible, to a hundredth of a per cent."""

    low: float
    mean: float
    high: float

    @property
    def in_words(self) -> str:
        """Returns shares as "87 to 100 %"; the lower end is never said better than it is."""
        return f"{percent(self.low).removesuffix(' %')} to {percent_up(self.high)}"

    @classmethod
    def of(cls, values: list[float]) -> "Band":
        return cls(*(round(one, 4) + 0.0 for one in (min(values), sum(values) / len(values), max(values))))


@dataclass(frozen=True, slots=True)
class Path:
    """A Path is what the drug passes: it gives from `softest` to `hardest`, and its needle is of one of `walls`.

    `walls` are multiples of the resistance and of the jet's loss: both go with the fourth power of the bore.
    """

    gives_ul_kpa: Range
    resistance_kpa_s_ul: float
    kinetic_kpa_s2_ul2: float
    walls: tuple[float, ...]

    def chambers(self) -> list[Chamber]:
        return [
            Chamber(gives, wall * self.resistance_kpa_s_ul, wall * self.kinetic_kpa_s2_ul2)
            for gives in self.gives_ul_kpa
            for wall in self.walls
        ]


@dataclass(frozen=True, slots=True)
class Shot:
    """A Shot is one dose in time: it flows into the path for `dispense_s`, the needle stays for `dwell_s`, is away for `air_s`.

    `pauses_s` are added to its time in the air, one or the other: the hand's.
    """

    dose_ul: float
    dispense_s: float
    dwell_s: float
    air_s: float
    pauses_s: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class Delivery:
    """A Delivery is estimated: shares of one dose that are at depth when the needle leaves, and what runs out later.

    `share` holds from point to point, the skin of one never like that of the next; `steady` where they are alike. `first` is the
    share of the very first shot, `after_pause` that of the next first one after a minute, `after_doses` what runs out within five
    seconds after the last, in doses. `uniformity` is what 10 kPa of difference in the skin make of a dose, at the softest.
    `blocked_shots` are how many doses into a blocked needle reach 20 kPa, at the softest.
    """

    share: Band
    steady: Band
    first: Band
    after_pause: Band
    after_doses: Band
    uniformity: float
    blocked_shots: int

    @property
    def in_air_doses(self) -> float:
        """This is what a shot leaves in the air at the most."""
        return 1 - self.share.low


def path(gauge: str, length_mm: float, viscosity_mpa_s: float, gives_ul_kpa: Range, line: str | None) -> Path:
    """Returns the path with the range that DOMAIN 4 gives it: what gives at once of the hardest, all of the softest."""
    line_ul_kpa = LINES_UL_KPA[line] if line else 0.0
    gives = (AT_ONCE * gives_ul_kpa[0] + line_ul_kpa, gives_ul_kpa[1] + line_ul_kpa)
    walls = (min(GAUGES[gauge].walls), 1.0, max(GAUGES[gauge].walls))
    return Path(gives, resistance_kpa_s_ul(gauge, length_mm, viscosity_mpa_s), kinetic_kpa_s2_ul2(gauge), walls)


def delivery(way: Path, shot: Shot, skin_kpa: tuple[float, ...] = SKIN_KPA) -> Delivery:
    """Returns what becomes of the doses of this shot, over the corners of path, skin and hand."""
    uneven: list[float] = []
    steady: list[float] = []
    first: list[float] = []
    paused: list[float] = []
    after: list[float] = []
    for chamber in way.chambers():
        corner = _Corner(chamber, shot, skin_kpa)
        first += [corner.share(0.0, against) for against in skin_kpa]
        for pause_s in shot.pauses_s:
            arrive = [corner.steady_kpa(against, pause_s) for against in skin_kpa]
            for arrives, against in zip(arrive, skin_kpa, strict=True):
                leaves = corner.leaves(arrives, against)
                steady.append(corner.share(arrives, against))
                after.append(chamber.compliance_ul_kpa * (leaves - chamber.drained(leaves, 0.0, AFTER_S)) / shot.dose_ul)
                paused.append(corner.share(chamber.drained(leaves, 0.0, APART_S), against))
            # The more it arrives with, and the less stands against it, the more of a dose goes in: these two are the ends.
            uneven += (corner.share(min(arrive), max(skin_kpa)), corner.share(max(arrive), min(skin_kpa)))
    alike, softest = Band.of(steady), max(way.gives_ul_kpa)
    return Delivery(
        share=Band(round(min(uneven), 4), alike.mean, round(max(uneven), 4)),
        steady=alike,
        first=Band.of(first),
        after_pause=Band.of(paused),
        after_doses=Band.of(after),
        uniformity=round(softest * SPREAD_KPA / shot.dose_ul, 4),
        blocked_shots=ceil(SEEN_KPA * softest / shot.dose_ul),
    )


class _Corner:
    """A Corner is one chamber that gives one kind of shot."""

    def __init__(self, chamber: Chamber, shot: Shot, skin_kpa: tuple[float, ...]) -> None:
        self._chamber = chamber
        self._shot = shot
        self._inflow_ul_s = shot.dose_ul / shot.dispense_s
        self._from_empty = {against: self._given(0.0, against) for against in skin_kpa}

    def leaves(self, arrives_kpa: float, against_kpa: float) -> float:
        """Returns the pressure when the needle leaves; it came with `arrives_kpa`."""
        return self._from_empty[against_kpa] if arrives_kpa < NOTHING_KPA else self._given(arrives_kpa, against_kpa)

    def share(self, arrives_kpa: float, against_kpa: float) -> float:
        """Returns what of the dose is in: all that is not stored more than before."""
        stored_kpa = self.leaves(arrives_kpa, against_kpa) - arrives_kpa
        return 1 - self._chamber.compliance_ul_kpa * stored_kpa / self._shot.dose_ul

    def steady_kpa(self, against_kpa: float, pause_s: float) -> float:
        """Returns the pressure with which the needle arrives when it did so at the shot before, whose skin was the same.

        One shot brings two pressures nearer to each other, so there is one such pressure; secants find it from 0 in a few
        steps, and else halving.
        """

        def arrives_next(kpa: float) -> float:
            return self._chamber.drained(self.leaves(kpa, against_kpa), 0.0, self._shot.air_s + pause_s)

        before, off_before = 0.0, arrives_next(0.0)
        if off_before < NOTHING_KPA:
            return 0.0
        then = off_before
        below, above = 0.0, against_kpa + self._chamber.kpa(self._inflow_ul_s)
        for tried in range(40):
            off = arrives_next(then) - then
            if abs(off) < NOTHING_KPA:
                break
            below, above = (then, above) if off > 0 else (below, then)
            secant = then - off * (then - before) / (off - off_before) if off != off_before else then
            before, off_before = then, off
            then = secant if below < secant < above and tried < SECANTS else (below + above) / 2
        return then

    def _given(self, arrives_kpa: float, against_kpa: float) -> float:
        pushed = self._chamber.filled(arrives_kpa, against_kpa, self._inflow_ul_s, self._shot.dispense_s)
        return self._chamber.drained(pushed, against_kpa, self._shot.dwell_s)


def misses(found: Delivery, least: float) -> list[str]:
    """Returns in words what is not as planned for: nothing where at least `least` of each dose is at depth, and all the rest holds.

    Who accepts a smaller share than LEAST accepts with it that points differ, and a poorer first shot.
    """
    share, first, after = found.share, min(found.first.low, found.after_pause.low), found.after_doses.high
    said = [
        (share.low < least, f"{percent(share.low)} of a dose at the least, and {percent(least)} are wanted"),
        (found.steady.high > MOST, f"{percent_up(found.steady.high)} of a dose at the most, and {percent(MOST)} are allowed"),
    ]
    if least >= LEAST:
        said += [
            (share.mean < LEAST_MEAN, f"{percent(share.mean)} at the mean, and {percent(LEAST_MEAN)} are wanted"),
            (share.high > MOST, f"{percent_up(share.high)} at the most where the skin gives way, and {percent(MOST)} are allowed"),
            (first < LEAST_FIRST, f"{percent(first)} of a first shot, and {percent(LEAST_FIRST)} are wanted"),
            (after > MOST_AFTER, f"{after:.1f} doses run out after the last shot, and {MOST_AFTER:g} are allowed"),
        ]
    return [words for missed, words in said if missed]


def enough(found: Delivery, least: float) -> bool:
    return not misses(found, least)


def percent(share: float) -> str:
    """Returns whole per cents, rounded down: what is a little less than wanted never looks like it."""
    return f"{floor(100 * share + 1e-6)} %"


def percent_up(share: float) -> str:
    return f"{ceil(100 * share - 1e-6)} %"
