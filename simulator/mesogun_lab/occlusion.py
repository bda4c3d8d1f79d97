"""A needle or a line lets nothing through any more: after how many shots the gun stops, at what pressure, and what comes out when
it clears."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from mesogun_lab import cases
from mesogun_lab.bench import Bench, Shot, Stopped
from mesogun_lab.cases import BUBBLE_NL, PLASTIC, STIFF_1_ML, Case
from mesogun_lab.measurement import DEPTH, PLUNGER, Measurement
from mesogun_lab.protocols import protocol, single
from mesogun_sim.trace import DRIVES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOSES_UL = (10, 50)
BEFORE = 3  # shots that go through first
MOST = 30  # blocked ones; a hand would have noticed something else by then (A)
RELEASE_S = 30.0
LOOK_MS = 5
SEEN_KPA = 20.0  # what can be told from the pressure of a shot, where pressure is measured (A, DOMAIN 5)
METHOD = """\
Three shots go through, then needle or line is blocked and the hand goes on. Shots: how many blocked ones until the gun stops by \
itself; it measures no pressure, and stops where the plunger stalls. 20 kPa: after how many the pressure stands so much higher \
than before, for a sensor in the line. kPa: the highest until then, or until 30 shots. Released: what comes out within 30 s when \
the block clears, in doses; more than one is more than may come out at once.

The motor stalls at 60 N (A). Give of syringes: published ranges and assumptions."""


@dataclass(frozen=True)
class Job:
    case: Case
    dose_ul: int
    most: int = MOST

    @property
    def words(self) -> str:
        return f"{self.dose_ul} µl, {self.case.words}, {self.case.drive}"


@dataclass(frozen=True, kw_only=True)
class OcclusionMeasured:
    """`shots` is None where the gun did not stop within `most` of them; `why` is what it said."""

    case: str
    drive: str
    dose_ul: int
    most: int
    shots: int | None
    why: str
    shots_to_20_kpa: int | None
    highest_kpa: float
    released_nl: float


def jobs(everything: bool) -> Iterator[Job]:
    barrels = (STIFF_1_ML, *PLASTIC)
    corners = product(barrels, DRIVES, range(3)) if everything else product(barrels, DRIVES[:1], (1,))
    fitted = [Case(*corner) for corner in corners]
    for case in [*fitted, Case(STIFF_1_ML, bubble_nl=BUBBLE_NL)]:
        yield from (Job(case, dose_ul) for dose_ul in DOSES_UL)


def measure(job: Job) -> OcclusionMeasured:
    points = min(BEFORE + job.most, int(1_000 * job.case.barrel.size_ml) // job.dose_ul)
    written = protocol(job.case.barrel, single(points, dose_ul=job.dose_ul, depth_mm=2.0, rate_hz=1), length_mm=cases.LENGTH_MM)
    with Bench(written, job.case.setup(), drive=job.case.drive, skip=False) as bench:
        bench.give(0, lambda: bench.made >= BEFORE)
        rising = _Rising(bench)
        bench.desk.watch = rising.look
        bench.desk.board.fluid.blocked_us = bench.desk.now_us()
        why = ""
        try:
            bench.give(0, rising.after_each)
        except Stopped as stopped:
            why = str(stopped)
        bench.desk.watch = None
        blocked = bench.made - BEFORE
        held_nl = _out_nl(bench.shots())
        bench.desk.board.fluid.blocked_us = -1
        bench.wait(RELEASE_S)
        released_nl = _out_nl(bench.shots()) - held_nl
    return OcclusionMeasured(
        case=job.case.words,
        drive=job.case.drive,
        dose_ul=job.dose_ul,
        most=blocked,
        shots=blocked if why else None,
        why=why,
        shots_to_20_kpa=rising.seen_after,
        highest_kpa=rising.highest_kpa,
        released_nl=released_nl,
    )


class _Rising:
    """The pressure over a block: the highest at any time, and after how many shots it stands SEEN_KPA higher than before them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._before_kpa, self._before = bench.pressure_kpa, bench.made
        self._made = bench.made
        self.highest_kpa = 0.0
        self.seen_after: int | None = None

    def look(self) -> None:
        if self._bench.desk.now_ms % LOOK_MS == 0:
            self.highest_kpa = max(self.highest_kpa, self._bench.pressure_kpa)

    def after_each(self) -> bool:
        """It ends nothing."""
        made, self._made = self._made, self._bench.made
        if self._made > made and self.seen_after is None and self._bench.pressure_kpa - self._before_kpa >= SEEN_KPA:
            self.seen_after = self._made - self._before
        return False


def _out_nl(shots: Sequence[Shot]) -> float:
    return sum(shot.at_depth_nl + shot.on_way_nl + shot.spilt_nl + shot.leaked_nl for shot in shots)


def _row(one: OcclusionMeasured) -> tuple[str, ...]:
    return (
        str(one.dose_ul),
        one.case,
        one.drive,
        f"{one.shots}" if one.shots else f"not in {one.most}",
        f"{one.shots_to_20_kpa}" if one.shots_to_20_kpa else f"not in {one.most}",
        f"{one.highest_kpa:.0f}",
        f"{one.released_nl / 1_000 / one.dose_ul:.2f}",
    )


def _draw(figure: "Figure", results: Sequence[OcclusionMeasured]) -> None:
    labels = list(dict.fromkeys((one.case, one.drive) for one in results))
    figure.set_size_inches(11, 1.6 + 0.42 * len(labels))
    doses = sorted({one.dose_ul for one in results})
    all_axes = figure.subplots(1, 2 * len(doses), sharey=True, squeeze=False)[0]
    for place, dose_ul in enumerate(doses):
        ours = [one for one in results if one.dose_ul == dose_ul]
        at = [labels.index((one.case, one.drive)) for one in ours]
        shots, out = all_axes[2 * place : 2 * place + 2]
        shots.barh(at, [one.shots or one.most for one in ours], color=["#c9d1d6" if one.shots is None else PLUNGER for one in ours])
        shots.set(title=f"{dose_ul} µl: shots until it stops", xlabel="grey: it did not")
        out.barh(at, [one.released_nl / 1_000 / dose_ul for one in ours], color=DEPTH)
        out.axvline(1, color="#22303c", lw=0.8)
        out.set(title="comes out when it clears", xlabel="doses")
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_yticks(range(len(labels)), [f"{case}, {drive}" for case, drive in labels])
    all_axes[0].set_ylim(len(labels) - 0.5, -0.5)


MEASUREMENT = Measurement(
    name="occlusion",
    title="Occlusion: until it is found, and what comes out when it clears",
    method=METHOD,
    jobs=jobs,
    measure=measure,
    headings=(" µl", "path ", "drive", " shots", " to 20 kPa", " kPa", " released, doses"),
    row=_row,
    draw=_draw,
)
