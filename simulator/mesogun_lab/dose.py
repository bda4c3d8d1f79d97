"""Dose accuracy by the method of ISO 11608-1, for each of three doses that are never one: what the gun's encoder measured, what the
plunger displaced, what is at depth.

That standard is for single-patient systems with discrete doses and excludes refillable ones: nothing passes it here.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from mesogun_lab import cases
from mesogun_lab.bench import Bench, Shot
from mesogun_lab.cases import Case
from mesogun_lab.measurement import DEPTH, ENCODER, PLUNGER, Measurement
from mesogun_lab.protocols import Pass, protocol, single
from mesogun_lab.statistics import Interval, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

PART = 0.975
A_THIRD = 20  # shots, of each third of the syringe
DEPTH_MM = 2.0
METHOD = """\
60 shots of each dose, 20 from each third of the syringe, primed from one third to the next, the strokes as they are planned for \
that dose: point by point, 2 mm, the needle resting at depth. Mean ± k·s, two-sided, 95 % confidence, p = 0.975 (k = 2.668 for \
60), has to lie within the larger of ±1 µl and ±5 %. Three doses, each by itself: what the gun's encoder measured, what the \
plunger displaced, what is at depth, in µl. Spilt, leaked, first shots and the first one after a minute are % of the dose; what \
runs out within 5 s after the last shot is in doses.

By its method, and no more: ISO 11608-1 excludes refillable systems, and nothing passes it here. Give of syringes, skin and leak \
are published ranges and assumptions."""
RATES_HZ = {5: 2.0, 20: 2.0, 50: 1.0, 200: 0.5}  # by dose: as the library gives such doses (A)
AFTER_S, APART_S = 5.0, 60.0
FIRST = 3
_THREE = (("encoder", "encoder", ENCODER), ("plunger", "plunger", PLUNGER), ("at_depth", "at depth", DEPTH))


@dataclass(frozen=True)
class Job:
    case: Case
    dose_ul: int
    a_third: int = A_THIRD

    @property
    def words(self) -> str:
        return f"{self.dose_ul} µl, {self.case.words}, {self.case.drive}"


@dataclass(frozen=True, kw_only=True)
class DoseMeasured:
    """Shares are of the dose wanted. `spilt_share` went on the skin and into the air, `leaked_share` back along the track.

    `first_shares` of the first shots out of a syringe at rest are at depth; `after_doses` run out within 5 s after the last, and
    `after_pause_share` is at depth of the next, a minute later.
    """

    case: str
    drive: str
    dose_ul: int
    rate_hz: float
    encoder: Interval
    plunger: Interval
    at_depth: Interval
    spilt_share: float
    leaked_share: float
    first_shares: tuple[float, ...]
    after_doses: float
    after_pause_share: float


def jobs(everything: bool) -> Iterator[Job]:
    for case in cases.every() if everything else cases.some():
        yield from (Job(case, dose_ul) for dose_ul in RATES_HZ)


def measure(job: Job, trace: Path | None = None) -> DoseMeasured:
    shots = list(_of_all_thirds(job, trace))
    wanted_nl = 1_000.0 * job.dose_ul
    first, after_nl, paused = _from_rest(job)
    return DoseMeasured(
        case=job.case.words,
        drive=job.case.drive,
        dose_ul=job.dose_ul,
        rate_hz=RATES_HZ[job.dose_ul],
        encoder=interval([shot.measured_nl for shot in shots], wanted_nl, PART),
        plunger=interval([shot.plunger_nl for shot in shots], wanted_nl, PART),
        at_depth=interval([shot.at_depth_nl for shot in shots], wanted_nl, PART),
        spilt_share=fmean(shot.spilt_nl for shot in shots) / wanted_nl,
        leaked_share=fmean(shot.leaked_nl for shot in shots) / wanted_nl,
        first_shares=tuple(shot.at_depth_nl / wanted_nl for shot in first),
        after_doses=after_nl / wanted_nl,
        after_pause_share=paused.at_depth_nl / wanted_nl,
    )


def _of_all_thirds(job: Job, trace: Path | None) -> Iterator[Shot]:
    """As many fillings as it takes: of each third of each, the first shots that it holds."""
    third_nl = round(job.case.barrel.size_ml * 1e6 / 3)
    fits = third_nl // (1_000 * job.dose_ul)
    left, filling = job.a_third, 1
    while left:
        count = min(left, fits)
        passes = [single(count, dose_ul=job.dose_ul, depth_mm=DEPTH_MM, rate_hz=RATES_HZ[job.dose_ul])] * 3
        with _bench(job, *passes, seed=filling, trace=trace) as bench:
            for third in range(3):
                if third:
                    bench.waste(third_nl - count * 1_000 * job.dose_ul)
                bench.give(third)
            yield from bench.shots()
        left -= count
        filling += 1


def _from_rest(job: Job) -> tuple[list[Shot], float, Shot]:
    """(the first shots, nl that run out after the last of a series, the first one a minute later)."""
    fits = math.floor(job.case.barrel.size_ml * 1_000 / job.dose_ul) - 1
    one = {"dose_ul": job.dose_ul, "depth_mm": DEPTH_MM, "rate_hz": RATES_HZ[job.dose_ul]}
    with _bench(job, single(min(job.a_third, fits), **one), single(1, **one)) as bench:
        bench.give(0)
        before = bench.shots()[-1].spilt_nl
        bench.wait(AFTER_S)
        series = bench.shots()
        bench.wait(APART_S - AFTER_S)
        bench.give(1)
        return series[:FIRST], series[-1].spilt_nl - before, bench.shots()[-1]


def _bench(job: Job, *passes: Pass, seed: int = 1, trace: Path | None = None) -> Bench:
    written = protocol(job.case.barrel, *passes, length_mm=cases.LENGTH_MM)
    return Bench(written, job.case.setup(), drive=job.case.drive, seed=seed, trace=trace)


def _row(one: DoseMeasured) -> tuple[str, ...]:
    return (
        str(one.dose_ul),
        one.case,
        one.drive,
        *(_cell(found) for found in (one.encoder, one.plunger, one.at_depth)),
        _per_cent(one.spilt_share),
        _per_cent(one.leaked_share),
        " ".join(f"{100 * share:.0f}" for share in one.first_shares),
        f"{one.after_doses:.2f}",
        _per_cent(one.after_pause_share),
    )


def _cell(found: Interval) -> str:
    return f"{found.mean_nl / 1_000:.2f} ± {found.k * found.sd_nl / 1_000:.2f} {'holds' if found.holds else 'misses'}"


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f}"


def _draw(figure: "Figure", results: "Sequence[DoseMeasured]") -> None:
    """Each dose beside the others: what ± k s spans, in per cent of it, and the limits."""
    doses = sorted({one.dose_ul for one in results})
    labels = list(dict.fromkeys((one.case, one.drive) for one in results))
    figure.set_size_inches(11, 1.6 + 0.42 * len(labels))
    all_axes = figure.subplots(1, len(doses), sharey=True, squeeze=False)[0]
    for dose_ul, axes in zip(doses, all_axes, strict=True):
        ours = [one for one in results if one.dose_ul == dose_ul]
        places = [labels.index((one.case, one.drive)) for one in ours]
        wanted_nl = 1_000 * dose_ul
        limits = ours[0].plunger
        axes.axvspan(100 * limits.low_limit_nl / wanted_nl, 100 * limits.high_limit_nl / wanted_nl, color="#e9eff3")
        for shift, (name, words, colour) in zip((-0.2, 0.0, 0.2), _THREE, strict=True):
            found: list[Interval] = [getattr(one, name) for one in ours]
            axes.errorbar(
                [100 * one.mean_nl / wanted_nl for one in found],
                [place + shift for place in places],
                xerr=[100 * one.k * one.sd_nl / wanted_nl for one in found],
                fmt="o",
                ms=3.5,
                color=colour,
                capsize=2,
                label=words,
            )
        axes.set(title=f"{dose_ul} µl", xlabel="% of the dose", xlim=(-15, 125))
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_yticks(range(len(labels)), [f"{case}, {drive}" for case, drive in labels])
    all_axes[0].set_ylim(len(labels) - 0.5, -0.5)
    all_axes[-1].legend(frameon=False, loc="lower left", fontsize=8)


MEASUREMENT = Measurement(
    name="dose",
    title="Dose accuracy by the method of ISO 11608-1",
    method=METHOD,
    jobs=jobs,
    measure=measure,
    headings=(
        " µl",
        "syringe and path ",
        "drive",
        " encoder",
        " plunger",
        " at depth",
        " spilt",
        " leaked",
        " first 3",
        " after",
        " after 60 s",
    ),
    row=_row,
    draw=_draw,
)
