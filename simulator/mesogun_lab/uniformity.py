"""The same amount at every point is what a gun is for: how far the doses of a pass are apart, at depth and at the plunger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from mesogun.clinical.library import load, names
from mesogun_fw.talk.messages import RETROGRADE
from mesogun_lab.bench import Bench
from mesogun_lab.cases import SOFTNESS, WALLS, Case, barrel
from mesogun_lab.measurement import DEPTH, PLUNGER, Measurement
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.plant.needle_flow import Fluid
from mesogun_sim.plant.skin import AREAS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mesogun.clinical.protocol import Protocol

AFTER_S = 5.0
SPREAD_KPA = 10.0  # so far apart is the skin of two points (A, DOMAIN 4)
PERSONS = 5
METHOD = """\
Every pass of the library but constant flow, each from a syringe at rest, with the needle, cocktail and skin of its protocol and \
three degrees of give of its syringe. In % of the dose wanted, at depth (of a retrograde dose: in the skin along its way): mean, \
standard deviation from point to point, least to most, the first shot; after: doses that run out within 5 s after the last; \
plunger: the deviation of its own doses; leak: what came back along the track. C·ΔP is what 10 kPa of difference in the skin of \
two points make of a dose; planned is what the plan estimates of the mean and of the least, and it knows of no leak.

Skin differs from point to point as assumed: nobody has measured it at a gun's flow."""


@dataclass(frozen=True)
class Job:
    """`index` is a pass of this protocol of the library; `softness` counts SOFTNESS."""

    protocol: str
    index: int
    softness: int
    wall: float = 1.0
    person: int = 1

    @property
    def words(self) -> str:
        return f"{self.protocol}, pass {self.index + 1}, syringe {SOFTNESS[self.softness]}, person {self.person}"


@dataclass(frozen=True, kw_only=True)
class UniformityMeasured:
    """Doses are in the order of their points; `after_doses` run out within 5 s after the last."""

    protocol: str
    pass_number: int
    dose_nl: int
    gives_nl_kpa: float
    wall: float
    person: int
    at_depth_nl: tuple[float, ...]
    plunger_nl: tuple[float, ...]
    after_doses: float
    leaked_share: float
    by_10_kpa: float
    estimated_mean: float
    estimated_least: float


def jobs(everything: bool) -> Iterator[Job]:
    walls, persons = ((WALLS[0], 1.0, WALLS[1]), range(1, PERSONS + 1)) if everything else ((1.0,), (1,))
    for name in names():
        given = [index for index, one in enumerate(_protocol(name).passes) if one.mode != "constant flow" and one.dose_ul]
        for index, softness, wall, person in product(given, range(len(SOFTNESS)), walls, persons):
            yield Job(name, index, softness, wall, person)


def measure(job: Job, trace: Path | None = None) -> UniformityMeasured:
    read = _protocol(job.protocol)
    case = Case(barrel(read.syringe.size_ml, read.syringe.stiff), softness=job.softness, wall=job.wall)
    with Bench(read, fitted(case, read), seed=job.person, trace=trace) as bench:
        planned = bench.plan.passes[job.index]
        bench.give(job.index)
        shots = bench.shots()
        bench.wait(AFTER_S)
        after_nl = bench.shots()[-1].spilt_nl - shots[-1].spilt_nl
    assert planned.delivery, "a pass that gives doses"
    return UniformityMeasured(
        protocol=job.protocol,
        pass_number=planned.number,
        dose_nl=planned.dose_nl,
        gives_nl_kpa=case.gives_nl_kpa,
        wall=job.wall,
        person=job.person,
        at_depth_nl=tuple(shot.at_depth_nl + (shot.on_way_nl if planned.mode == RETROGRADE else 0.0) for shot in shots),
        plunger_nl=tuple(shot.plunger_nl for shot in shots),
        after_doses=after_nl / planned.dose_nl,
        leaked_share=fmean(shot.leaked_nl for shot in shots) / planned.dose_nl,
        by_10_kpa=case.gives_nl_kpa * SPREAD_KPA / planned.dose_nl,
        estimated_mean=planned.delivery.share.mean,
        estimated_least=planned.delivery.share.low,
    )


def fitted(case: Case, read: "Protocol") -> SetUp:
    """The case's syringe behind the needle, the cocktail and the skin of this protocol."""
    thick = read.cocktail.viscosity_mpa_s if read.cocktail else 1.0
    area = read.area if read.area in AREAS else "body"
    return replace(case.setup(), gauge=read.needle.gauge, length_mm=read.needle.length_mm, fluid=Fluid(thick), area=area)


@cache
def _protocol(name: str) -> "Protocol":
    return load(name)


def _row(one: UniformityMeasured) -> tuple[str, ...]:
    shares = [nl / one.dose_nl for nl in one.at_depth_nl]
    return (
        f"{one.protocol}, {one.pass_number}: {one.dose_nl / 1_000:g} µl",
        f"{one.gives_nl_kpa:.0f}" + (f", needle × {one.wall:g}" if one.wall != 1 else ""),
        f"{100 * fmean(shares):.1f}",
        f"{100 * stdev(shares):.1f}",
        f"{100 * min(shares):.0f}–{100 * max(shares):.0f}",
        f"{100 * shares[0]:.0f}",
        f"{one.after_doses:.2f}",
        f"{100 * stdev(one.plunger_nl) / one.dose_nl:.2f}",
        f"{100 * one.leaked_share:.1f}",
        f"{100 * one.by_10_kpa:.1f}",
        f"{100 * one.estimated_mean:.0f}, {100 * one.estimated_least:.0f}",
    )


def _draw(figure: "Figure", results: Sequence[UniformityMeasured]) -> None:
    """Every dose of every pass in its order, a line for each syringe."""
    passes = list(dict.fromkeys((one.protocol, one.pass_number) for one in results))
    figure.set_size_inches(11, 2.2 * -(-len(passes) // 4))
    all_axes = list(figure.subplots(-(-len(passes) // 4), 4, squeeze=False, sharey=True).flat)
    for axes, (name, number) in zip(all_axes, passes, strict=False):
        ours = [one for one in results if (one.protocol, one.pass_number) == (name, number)]
        for field, colour, words in (("plunger_nl", PLUNGER, "plunger"), ("at_depth_nl", DEPTH, "at depth")):
            for one in ours:
                doses = [100 * nl / one.dose_nl for nl in getattr(one, field)]
                axes.plot(range(1, len(doses) + 1), doses, color=colour, lw=0.7, marker="o", ms=1.5, alpha=0.7)
            axes.plot([], [], color=colour, label=words)
        axes.set_title(f"{name}, pass {number}", size=9)
        axes.set(ylim=(0, 120))
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_ylabel("% of the dose")
    all_axes[0].legend(frameon=False, fontsize=8)
    for axes in all_axes[len(passes) :]:
        axes.set_visible(False)


MEASUREMENT = Measurement(
    name="uniformity",
    title="The same amount at every point: the library's passes",
    method=METHOD,
    jobs=jobs,
    measure=measure,
    headings=("pass ", " nl/kPa", " mean", " sd", " range", " first", " after", " plunger", " leak", " C·ΔP", " planned"),
    row=_row,
    draw=_draw,
)
