"""A picture shows one session: every shot is a needle into the skin and a dose, measured against what was commanded.

It is drawn from the record alone, so that it shows what was written down. The colours are Okabe and Ito's, which everybody can
tell apart, and what is not a whole shot differs in shape as well, each kind in its own.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import shorten
from typing import IO, TYPE_CHECKING, Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mesogun.clinical.techniques import EPIDERMIC_UM, INTRADERMIC_UM
from mesogun.gun.tolerances import depth_tolerance_um, dose_tolerance_nl
from mesogun.records.rows import at_depth
from mesogun.times import local
from mesogun_fw.limits import DEPTH_CAP_UM
from mesogun_fw.talk.codes import CUT_SHORT, SHOT_KINDS, UNKNOWN, WHOLE, WRONG
from mesogun_fw.talk.messages import CONSTANT_FLOW

if TYPE_CHECKING:
    from mesogun.records import SessionRow, ShotRow

INK, QUIET, FAINT = "#22303c", "#66727c", "#c9d1d6"
PASSES = ("#0072b2", "#009e73")
ALARM = "#d55e00"  # the cap is drawn so, and shots are whose depth or dose is wrong
BAND = "#e9eff3"
SKIN = ("#fbe3d4", "#fceee4", "#fef9ec")
LAYERS_MM = (0.0, EPIDERMIC_UM / 1000, INTRADERMIC_UM / 1000, DEPTH_CAP_UM / 1000)
ESTIMATED: dict[str, Any] = {"facecolor": "none", "edgecolor": QUIET, "hatch": "////", "lw": 0}
MADE_BY = "mesogun"
INCHES, DPI = (12.0, 8.0), 150
ROOM_FOR_TWO_LINES, ROOM_FOR_ONE = 0.19, 0.12  # the name of a pass takes these shares of the width, with and without figures

# A shot that is not whole has a marker, filled so, of this colour, and these words.
MARKS = {
    CUT_SHORT: ("D", "white", "#e69f00", SHOT_KINDS[CUT_SHORT]),
    WRONG: ("v", ALARM, ALARM, SHOT_KINDS[WRONG]),
    UNKNOWN: ("X", "#cc79a7", "#cc79a7", f"{SHOT_KINDS[UNKNOWN]}, drawn as commanded"),
}

_OUTCOMES = {
    None: "not ended",
    "complete": "complete",
    "stopped": "stopped",
    "fault": "stopped by a fault",
    "estop": "emergency stop",
    "interrupted": "interrupted",
}
_STYLE: dict[Any, Any] = {
    "font.size": 10.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,  # a title may hold dollar signs
}


@dataclass(frozen=True)
class Measure:
    """Every shot has a Measure twice, commanded and measured, in a practitioner's unit; it says how far apart the two may be."""

    field: str
    unit: str
    tolerance: Callable[[int], int]

    def allowed(self, shot: "ShotRow") -> float:
        """Returns how far off this shot may be."""
        return self.tolerance(getattr(shot, f"commanded_{self.field}")) / 1000

    def commanded(self, shot: "ShotRow") -> float:
        return float(getattr(shot, f"commanded_{self.field}")) / 1000

    def tip(self, shot: "ShotRow") -> float:
        """Returns what was measured; of an uncertain shot no sensor tells, and it is what was commanded."""
        measured = getattr(shot, f"measured_{self.field}")
        return self.commanded(shot) if measured is None or shot.kind == UNKNOWN else measured / 1000


DEPTH = Measure("depth_um", "mm", depth_tolerance_um)
DOSE = Measure("dose_nl", "µl", dose_tolerance_nl)


def draw(session: "SessionRow", shots: Sequence["ShotRow"], to: "str | IO[bytes]", form: str = "png") -> None:
    """Writes a picture of `shots` in the order they were made: a png of 1800 × 1200 pixels, svg, or pdf. Raises OSError."""
    passes = session.passes
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
        room = {"left": 0.062, "right": 0.975, "top": 0.79, "bottom": 0.12, "hspace": 0.3, "wspace": 0.21}
        grid = figure.add_gridspec(2, 2, width_ratios=(5.6, 1), height_ratios=(3, 2), **room)
        depth, dose = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
        _skin(depth)
        _amounts(dose, shots)
        for axes, measure in ((depth, DEPTH), (dose, DOSE)):
            _needles(axes, measure, shots, passes)
            _along(axes, shots, passes)
        estimated = _at_depth(dose, shots, passes)
        _name_passes(depth, shots, passes)
        flows = any(_flows(one) for one in passes)
        dose.set_xlabel(f"shots{', and seconds of constant flow,' if flows else ','} in the order they were made")
        _deviation(figure.add_subplot(grid[0, 1]), DEPTH, shots)
        _deviation(figure.add_subplot(grid[1, 1]), DOSE, shots)
        _words(figure, session, passes)
        _legend(figure, dose, estimated=estimated)
        figure.savefig(to, format=form, metadata={"Software" if form == "png" else "Creator": MADE_BY})


def _skin(axes: Axes) -> None:
    cap_mm = LAYERS_MM[-1]
    across = axes.get_yaxis_transform()
    names = ("epidermic", "intradermic", "hypodermic")
    for colour, top, bottom, name in zip(SKIN, LAYERS_MM, LAYERS_MM[1:], names, strict=False):
        axes.axhspan(top, bottom, color=colour, lw=0, zorder=0)
        axes.text(1.008, (top + bottom) / 2, name, transform=across, va="center", color=QUIET, size=9)
    axes.set_ylim(cap_mm + 0.8, -0.4)
    axes.axhline(0, color=INK, lw=1.3)
    axes.axhspan(cap_mm, cap_mm + 0.8, facecolor="none", edgecolor=ALARM, hatch="////", lw=0, alpha=0.5)
    axes.axhline(cap_mm, color=ALARM, lw=1.6)
    axes.text(0.008, cap_mm - 0.17, f"{cap_mm:g} mm: no deeper", transform=across, color=ALARM, size=9.5, weight="bold")
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel("depth below the skin, mm")


def _amounts(axes: Axes, shots: Sequence["ShotRow"]) -> None:
    most_ul = max((max(DOSE.commanded(shot), DOSE.tip(shot)) for shot in shots), default=0)
    axes.set_ylim(0, 1.2 * most_ul or 1)
    axes.set_ylabel("dose, µl")
    axes.yaxis.grid(True, color=FAINT, lw=0.5)
    axes.set_axisbelow(True)


def _needles(axes: Axes, measure: Measure, shots: Sequence["ShotRow"], passes: list[dict[str, Any]]) -> None:
    numbered = list(enumerate(shots, 1))
    lines = min(2.2, 330 / max(1, len(shots)))
    dots = min(14.0, 1_500 / max(1, len(shots)))
    for index, group in groupby(numbered, key=lambda one: one[1].pass_index):
        ours = list(group)
        colour = PASSES[index % len(PASSES)]
        wanted, allowed = measure.commanded(ours[0][1]), measure.allowed(ours[0][1])
        span = (ours[0][0] - 0.5, ours[-1][0] + 0.5)
        axes.fill_between(span, wanted - allowed, wanted + allowed, color=colour, alpha=0.25, lw=0)
        axes.plot(span, (wanted, wanted), color=INK, lw=0.8, zorder=2.5)
        whole = [(x, measure.tip(shot)) for x, shot in ours if shot.kind == WHOLE]
        if whole:
            places, tips = zip(*whole, strict=True)
            if any(map(_flows, passes[index : index + 1])):  # the needle stays in from one to the next
                axes.bar(places, tips, width=1, color=colour, lw=0, alpha=0.4)
            else:
                axes.vlines(places, 0, tips, color=colour, lw=lines, alpha=0.4)
            axes.scatter(places, tips, s=dots, color=colour, lw=0, zorder=3)
    for kind, (marker, fill, colour, words) in MARKS.items():
        found = [(x, measure.tip(shot)) for x, shot in numbered if shot.kind == kind]
        if found:
            places, tips = zip(*found, strict=True)
            label = f"{len(found)} {words}"
            axes.vlines(places, 0, tips, color=colour, lw=max(1.2, lines), linestyles="--")
            axes.scatter(places, tips, s=44, marker=marker, facecolor=fill, edgecolor=colour, lw=1.4, zorder=4, label=label)


def _along(axes: Axes, shots: Sequence["ShotRow"], passes: list[dict[str, Any]]) -> None:
    """Makes the axis of shots as long as the plan: what was not made stays visibly empty."""
    filled = Counter(shot.pass_index for shot in shots if shot.kind != CUT_SHORT)
    missing = sum(max(0, one["shots"] - filled[index]) for index, one in enumerate(passes))
    end = len(shots) + missing
    axes.set_xlim(0, end + 1)
    axes.spines[["top", "right"]].set_visible(False)
    if missing > 0:
        axes.axvspan(len(shots) + 0.5, end + 1, facecolor="white", edgecolor=FAINT, hatch="..", lw=0, alpha=0.9, zorder=1)
        middle = (len(shots) + 0.5 + end + 1) / 2
        box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
        axes.text(middle, 0.55, f"{missing} not made", transform=axes.get_xaxis_transform(), ha="center", color=QUIET, bbox=box)


def _at_depth(axes: Axes, shots: Sequence["ShotRow"], passes: list[dict[str, Any]]) -> bool:
    """Hatches what of each dose is at depth by estimate: no sensor tells. False where nothing was estimated."""
    known = False
    for index, group in groupby(enumerate(shots, 1), key=lambda one: one[1].pass_index):
        ours = list(group)
        band = at_depth(passes[index]) if index < len(passes) else None
        if band:
            known = True
            wanted = DOSE.commanded(ours[0][1])
            span = (ours[0][0] - 0.5, ours[-1][0] + 0.5)
            axes.fill_between(span, wanted * band.low, wanted * band.high, **ESTIMATED)
    return known


def _name_passes(axes: Axes, shots: Sequence["ShotRow"], passes: list[dict[str, Any]]) -> None:
    above = axes.get_xaxis_transform()
    x = 0
    for index, group in groupby(shots, key=lambda shot: shot.pass_index):
        count = len(list(group))
        lines = _planned(index, passes[index]) if index < len(passes) else [f"{index + 1}  not in the plan"]
        share = count / axes.get_xlim()[1]
        text = "\n".join(lines) if share > ROOM_FOR_TWO_LINES else lines[0] if share > ROOM_FOR_ONE else str(index + 1)
        colour = PASSES[index % len(PASSES)]
        axes.text(x + 0.5 + count / 2, 1.02, text, transform=above, ha="center", va="bottom", color=colour, size=10)
        if x:
            axes.axvline(x + 0.5, color=FAINT, lw=1)
        x += count


def _planned(index: int, one: dict[str, Any]) -> list[str]:
    """Returns the name of a pass, and what it was to give."""
    dose = f"{one['dose_nl'] / 1000:g} µl" if one["dose_nl"] else "dry"
    given = f"{one['shots']} s × {dose}/s" if _flows(one) else f"{one['shots']} × {dose}"
    return [f"{index + 1}  {one['technique']}", f"{given} at {one['depth_um'] / 1000:g} mm"]


def _flows(one: dict[str, Any]) -> bool:
    """Tells whether a shot of this pass is one second of constant flow."""
    return one.get("mode") == CONSTANT_FLOW


def _deviation(axes: Axes, measure: Measure, shots: Sequence["ShotRow"]) -> None:
    """Shows how far off each whole or wrong shot was, the first at the top: as a share of what is allowed, so passes compare."""
    off = [
        (place, shot, measure.tip(shot) - measure.commanded(shot))
        for place, shot in enumerate(shots, 1)
        if shot.kind in (WHOLE, WRONG)
    ]
    axes.axvspan(-1, 1, color=BAND, lw=0)
    for limit in (-1, 1):
        axes.axvline(limit, color=ALARM, lw=1.2)
    axes.axvline(0, color=INK, lw=0.8)
    shares = [max(-1.3, min(1.3, error / measure.allowed(shot))) for _, shot, error in off]
    colours = [ALARM if shot.kind == WRONG else PASSES[shot.pass_index % len(PASSES)] for _, shot, _ in off]
    axes.scatter(shares, [place for place, _, _ in off], s=9, c=colours, lw=0, zorder=3)
    axes.set(xlim=(-1.4, 1.4), ylim=(len(shots) + 1, 0), yticks=())
    axes.spines[["top", "right", "left"]].set_visible(False)
    allowances = {f"{measure.allowed(shot):.3g}" for _, shot, _ in off}
    limit_words = f"{allowances.pop()} {measure.unit}" if len(allowances) == 1 else "allowed"
    axes.set_xticks((-1, 0, 1), (f"–{limit_words}", "0", f"+{limit_words}"), size=9)
    worst = max((abs(error) for _, _, error in off), default=0.0)
    axes.set_title(f"off by at most\n{worst:.2g} {measure.unit}", size=10)


def _legend(figure: Figure, axes: Axes, *, estimated: bool) -> None:
    blue = PASSES[0]
    handles = [
        Line2D([], [], color=blue, marker="o", ms=5, lw=1, alpha=0.8, label="measured"),
        Line2D([], [], color=INK, lw=1, label="commanded"),
        Patch(facecolor=blue, alpha=0.25, label="allowed"),
        *([Patch(**ESTIMATED, label="at depth, estimated (A)")] if estimated else []),
        *axes.get_legend_handles_labels()[0],
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.055, 0.905),
        ncols=len(handles),
        frameon=False,
        fontsize=10,
        handlelength=1.4,
        columnspacing=1.4,
    )


def _words(figure: Figure, session: "SessionRow", passes: list[dict[str, Any]]) -> None:
    figure.text(0.062, 0.948, shorten(session.title, 60, placeholder=" …"), size=18, weight="bold")
    volume = f"{session.volume_nl / 1e6:.3f} ml"
    unit = "s of flow" if all(map(_flows, passes)) else "shots and seconds" if any(map(_flows, passes)) else "shots"
    parts = [f"{session.whole} of {sum(one['shots'] for one in passes)} {unit}", volume, _OUTCOMES[session.outcome]]
    figure.text(0.062, 0.914, "  ·  ".join(parts), size=11.5, color=QUIET)
    whence = f"session {session.id}, {local(session.started_utc)}, gun {session.gun_serial}"
    figure.text(0.975, 0.914, whence, size=9.5, color=QUIET, ha="right")
    if session.simulated:
        figure.text(0.062, 0.024, "SIMULATED GUN: nobody was injected.", size=10, weight="bold", color=ALARM)
    figure.text(0.975, 0.024, "mesogun is not a cleared medical device.", size=10, color=QUIET, ha="right", style="italic")
