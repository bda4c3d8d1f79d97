"""How deep the tip goes, along the needle and in the skin: two depths, for skin gives way before it is pierced and stays dented."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from mesogun_lab.bench import Bench
from mesogun_lab.cases import STIFF_1_ML, Case
from mesogun_lab.measurement import DEPTH, ENCODER, Measurement
from mesogun_lab.protocols import protocol, single
from mesogun_sim.plant.skin import AREAS
from mesogun_sim.trace import DRIVES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEPTHS_MM = (0.5, 1.0, 2.0, 4.0, 6.0, 10.0)
OFF_MM, OFF_PART = 0.1, 0.05  # so far may a depth be off, the larger of the two (DOMAIN 5)
CAP_MM = 10.05  # where a mechanical stop stands (DOMAIN 5)
LENGTH_MM = 13
DOSE_UL = 5
HAND_N, HANDS_N = 5.0, (2.0, 5.0, 10.0)
PERSONS = 5
METHOD = """\
20 shots of 5 µl at each depth, point by point; areas are of a person, by number, under a hand of 5 N. Along the needle: what the \
gun's encoder measured, least to most, in mm; each has to lie within the larger of ±0.1 mm and ±5 %, and the tip itself, at its \
deepest, never passes 10.05 mm. In the skin: how deep in it the tip was. Pierced: of so many shots it went in at all; the others \
gave nothing at depth.

Depth in the skin has no limit to hold: no gun measures it. Puncture force, give and friction of skin are published ranges and \
assumptions."""


@dataclass(frozen=True)
class Job:
    depth_mm: float
    drive: str = "stepper"
    area: str = "face"
    hand_n: float = HAND_N
    person: int = 1
    shots: int = 20

    @property
    def words(self) -> str:
        return f"{self.depth_mm:g} mm, {self.area} of person {self.person}, hand {self.hand_n:g} N, {self.drive}"


@dataclass(frozen=True, kw_only=True)
class DepthMeasured:
    """Depths in um: `along` by the encoder, `deepest` of the tip itself, `skin` of those shots that pierced."""

    depth_mm: float
    drive: str
    area: str
    person: int
    hand_n: float
    along_um: tuple[int, ...]
    deepest_um: int
    skin_um: tuple[int, ...]
    pierced_share: float
    at_depth_share: float
    holds: bool


def jobs(everything: bool) -> Iterator[Job]:
    areas, hands, persons = (AREAS, HANDS_N, range(1, PERSONS + 1)) if everything else (("face", "body"), (HAND_N,), (1,))
    for drive, area, hand_n, person, depth_mm in product(DRIVES, areas, hands, persons, DEPTHS_MM):
        yield Job(depth_mm, drive, area, hand_n, person)


def measure(job: Job, trace: Path | None = None) -> DepthMeasured:
    written = protocol(STIFF_1_ML, single(job.shots, dose_ul=DOSE_UL, depth_mm=job.depth_mm, rate_hz=1), length_mm=LENGTH_MM)
    setup = replace(Case(STIFF_1_ML).setup(), length_mm=LENGTH_MM, area=job.area, hand_n=job.hand_n)
    with Bench(written, setup, drive=job.drive, seed=job.person, trace=trace) as bench:
        bench.desk.board.needle.deepest_um = 0  # homing goes out in the air
        bench.give(0)
        shots, deepest_um = bench.shots(), bench.desk.board.needle.deepest_um
    pierced = tuple(shot.skin_um for shot in shots if shot.skin_um)
    along = tuple(shot.measured_um for shot in shots)
    return DepthMeasured(
        depth_mm=job.depth_mm,
        drive=job.drive,
        area=job.area,
        person=job.person,
        hand_n=job.hand_n,
        along_um=along,
        deepest_um=deepest_um,
        skin_um=pierced,
        pierced_share=len(pierced) / len(shots),
        at_depth_share=fmean(shot.at_depth_nl for shot in shots) / (1_000 * DOSE_UL),
        holds=holds(job.depth_mm, along, deepest_um),
    )


def holds(depth_mm: float, along_um: Sequence[int], deepest_um: int) -> bool:
    off_um = 1_000 * max(OFF_MM, OFF_PART * depth_mm)
    return all(abs(um - 1_000 * depth_mm) <= off_um for um in along_um) and deepest_um <= 1_000 * CAP_MM


def _row(one: DepthMeasured) -> tuple[str, ...]:
    return (
        f"{one.depth_mm:g}",
        one.drive,
        f"{one.area} {one.person}" + (f", {one.hand_n:g} N" if one.hand_n != HAND_N else ""),
        f"{_span(one.along_um)} {'holds' if one.holds else 'misses'}",
        f"{one.deepest_um / 1_000:.3f}",
        _span(one.skin_um) if one.skin_um else "not in",
        f"{100 * one.pierced_share:.0f} %",
        f"{100 * one.at_depth_share:.0f} %",
    )


def _span(depths_um: Sequence[int]) -> str:
    return f"{min(depths_um) / 1_000:.2f} to {max(depths_um) / 1_000:.2f}"


def _draw(figure: "Figure", results: Sequence[DepthMeasured]) -> None:
    kinds = list(dict.fromkeys((one.drive, one.area) for one in results))
    for place, (axes, kind) in enumerate(zip(figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0], kinds, strict=True)):
        ours = [one for one in results if (one.drive, one.area) == kind]
        for depths, colour, words in (("along_um", ENCODER, "along the needle"), ("skin_um", DEPTH, "in the skin")):
            points = [(one.depth_mm, um / 1_000) for one in ours for um in getattr(one, depths)]
            axes.scatter(*zip(*points, strict=True), s=7, color=colour, lw=0, label=words)
        axes.plot((0, 10), (0, 10), color=ENCODER, lw=0.6, zorder=0)
        axes.set(title=", ".join(kind), xlabel="depth set, mm", xlim=(0, 10.5), ylim=(10.5, 0))
        axes.spines[["top", "right"]].set_visible(False)
        if not place:
            axes.set_ylabel("mm")
            axes.legend(frameon=False, fontsize=8)


MEASUREMENT = Measurement(
    name="depth",
    title="Depth along the needle and in the skin",
    method=METHOD,
    jobs=jobs,
    measure=measure,
    headings=(" mm", "drive", "skin ", " along the needle", " deepest", " in the skin", " pierced", " at depth"),
    row=_row,
    draw=_draw,
)
