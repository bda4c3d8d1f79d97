"""Constant flow: how long it takes to begin at depth, how even it is, and what runs out after.

IEC 60601-2-24's windows of 2 to 31 minutes cannot be formed in a press of a minute: these are of 1 to 30 s, and our own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from pathlib import Path
from typing import TYPE_CHECKING

from mesogun_lab import cases
from mesogun_lab.bench import Bench
from mesogun_lab.cases import PLASTIC, SKINS_KPA, STIFF_1_ML, WALLS, Case
from mesogun_lab.measurement import DEPTH, PLUNGER, Measurement
from mesogun_lab.protocols import Pass, protocol
from mesogun_sim.trace import DRIVES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FLOWS_UL_S = (2, 10)
SECONDS = 50  # of one press; a hold ends at 60
ROW_SECONDS = 60
STARTED = 0.9  # of the flow set; up to 5 % leak along the track for good
WINDOWS_S = (1, 2, 5, 10, 20, 30)
AFTER_S = 30.0
METHOD = """\
One press of 50 s, 3 mm deep, into a point that holds back as skin does. Begins: the first second that has 90 % of the flow at \
depth. Missing: what of the flow until then never comes, in seconds of flow. Windows: how far the mean flow at depth over any 1, \
5 and 30 s is off the flow set, at the most, in %, from the second on that it has begun (where it never does, from the 20th); \
empty where the press is too short for one. After: what runs out within 30 s when the trigger is let go, in µl.

A row of a trace is one second of flow. IEC 60601-2-24's windows of 2 to 31 minutes cannot be formed in a press of a minute: these \
are our own, and nothing passes that standard here."""


@dataclass(frozen=True)
class Job:
    case: Case
    flow_ul_s: int
    seconds: int = SECONDS

    @property
    def words(self) -> str:
        return f"{self.flow_ul_s} µl/s, {self.case.words}, {self.case.drive}"


@dataclass(frozen=True, kw_only=True)
class FlowMeasured:
    """`at_depth_nl` and `plunger_nl` are second by second. `begins_s` is None where it never has STARTED of its flow at depth.

    `errors` are the largest over `windows_s`, as parts of the flow; without those windows that the press is too short for.
    """

    case: str
    drive: str
    flow_ul_s: int
    at_depth_nl: tuple[float, ...]
    plunger_nl: tuple[float, ...]
    begins_s: int | None
    missing_s: float
    windows_s: tuple[int, ...]
    errors: tuple[float, ...]
    after_nl: float


def jobs(everything: bool) -> Iterator[Job]:
    if everything:
        corners = product((STIFF_1_ML, *PLASTIC), DRIVES, range(3), WALLS, SKINS_KPA)
        fitted = [Case(*corner) for corner in corners]
    else:
        fitted = [Case(barrel) for barrel in (STIFF_1_ML, *PLASTIC[1:])]
    for case, flow in product(fitted, FLOWS_UL_S):
        yield Job(case, flow)


def measure(job: Job, trace: Path | None = None) -> FlowMeasured:
    flowing: Pass = {"technique": "mesoperfusion", "mode": "constant flow", "depth_mm": 3.0, "dwell_ms": 20}
    written = protocol(job.case.barrel, {**flowing, "flow_ul_s": job.flow_ul_s, "seconds": job.seconds}, length_mm=cases.LENGTH_MM)
    with Bench(written, job.case.setup(), drive=job.case.drive, row_shots=ROW_SECONDS, trace=trace) as bench:
        bench.give(0)
        shots = bench.shots()
        bench.wait(AFTER_S)
        after_nl = bench.shots()[-1].spilt_nl - shots[-1].spilt_nl
    rows = shots[:-1]  # with the last second the needle leaves, and what weeps after it is taken off
    at_depth_nl, flow_nl = [shot.at_depth_nl for shot in rows], 1_000.0 * job.flow_ul_s
    begins = next((second for second, nl in enumerate(at_depth_nl) if nl >= STARTED * flow_nl), None)
    steady = at_depth_nl[20 if begins is None else begins + 1 :]
    windows = tuple(window for window in WINDOWS_S if window <= len(steady))
    return FlowMeasured(
        case=job.case.words,
        drive=job.case.drive,
        flow_ul_s=job.flow_ul_s,
        at_depth_nl=tuple(at_depth_nl),
        plunger_nl=tuple(shot.plunger_nl for shot in rows),
        begins_s=None if begins is None else begins + 1,
        missing_s=sum(flow_nl - nl for nl in at_depth_nl[: 20 if begins is None else begins + 1]) / flow_nl,
        windows_s=windows,
        errors=tuple(furthest(steady, window, flow_nl) for window in windows),
        after_nl=after_nl,
    )


def furthest(seconds_nl: Sequence[float], window: int, flow_nl: float) -> float:
    """How far the mean over any so many seconds is off the flow, at the most and as a part of it; with its sign."""
    until = [0.0, *accumulate(seconds_nl)]
    off = [(until[at + window] - until[at]) / window / flow_nl - 1 for at in range(len(seconds_nl) - window + 1)]
    return max(off, key=abs)


def _row(one: FlowMeasured) -> tuple[str, ...]:
    errors = dict(zip(one.windows_s, one.errors, strict=True))
    return (
        str(one.flow_ul_s),
        one.case,
        one.drive,
        f"{one.begins_s} s" if one.begins_s else "never",
        f"{one.missing_s:.1f}",
        *(f"{100 * errors[window]:+.1f}" if window in errors else "" for window in (1, 5, 30)),
        f"{one.after_nl / 1_000:.1f}",
    )


def _draw(figure: "Figure", results: Sequence[FlowMeasured]) -> None:
    """Start-up curves above, what windows make of them below."""
    flows = sorted({one.flow_ul_s for one in results})
    figure.set_size_inches(11, 6)
    above, below = figure.subplots(2, len(flows), squeeze=False)
    for flow, start, trumpet in zip(flows, above, below, strict=True):
        ours = [one for one in results if one.flow_ul_s == flow]
        start.axhline(100, color=PLUNGER, lw=1, label="plunger")
        for place, one in enumerate(ours):
            style = {"color": DEPTH, "alpha": 1 - 0.7 * place / len(ours), "lw": 1.2}
            start.plot([second + 1 for second in range(len(one.at_depth_nl))], [nl / 10 / flow for nl in one.at_depth_nl], **style)
            trumpet.plot(
                one.windows_s, [100 * error for error in one.errors], marker="o", ms=3, **style, label=f"{one.case}, {one.drive}"
            )
        start.set(title=f"{flow} µl/s", xlabel="second of the press", ylabel="at depth, % of the flow", ylim=(0, 130))
        trumpet.set(xlabel="window, s", ylabel="furthest off, %")
        for axes in (start, trumpet):
            axes.spines[["top", "right"]].set_visible(False)
        if len(ours) < 8:
            trumpet.legend(frameon=False, fontsize=8)


MEASUREMENT = Measurement(
    name="flow",
    title="Constant flow at depth: start, evenness, and what runs out after",
    method=METHOD,
    jobs=jobs,
    measure=measure,
    headings=(" µl/s", "path ", "drive", " begins", " missing, s", " 1 s", " 5 s", " 30 s", " after, µl"),
    row=_row,
    draw=_draw,
)
