"""A report as one page: tables and plots in one file, which opens without a network."""

import re
from collections.abc import Sequence
from html import escape
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from mesogun.sheet import Table
from mesogun_lab.measurement import Measurement, Report

INCHES = (11.0, 4.2)
MADE_BY = b"mesogun-lab"
_STYLE: dict[Any, Any] = {"font.size": 9.5, "svg.hashsalt": "mesogun-lab", "text.parse_math": False}
_NOTHING: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="mesogun-lab">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #22303c; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .2rem .7rem; border-bottom: 1px solid #c9d1d6 }}
svg {{ width: 100%; height: auto; margin: 1rem 0 }}
.simulated {{ color: #d55e00; font-weight: bold }}
</style></head><body>
"""


def page(of: Measurement[Any, Any], made: Report) -> bytes:
    parts = [_HEAD.format(title=escape(made.title)), f"<h1>{escape(made.title)}</h1>"]
    parts.append('<p class="simulated">SIMULATED: nobody was injected, and nothing here has met a syringe, a needle or skin.</p>')
    parts += [f"<p>{escape(part)}</p>" for part in made.method.split("\n\n")]
    if made.results:
        parts.append(_plot(of, made.results))
        parts.append(Table(of.headings, [of.row(one) for one in made.results]).html())
    if made.not_measured:
        parts.append("<h2>Not measured</h2>")
        parts.append(Table(("what", "why"), [(one.job, one.why) for one in made.not_measured]).html())
    parts.append(f"<p>mesogun {escape(made.version)}, not a cleared medical device.</p></body></html>\n")
    return "\n".join(parts).encode()


def _plot(of: Measurement[Any, Any], results: Sequence[Any]) -> str:
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=INCHES, facecolor="white", layout="constrained")
        of.draw(figure, results)
        svg = StringIO()
        figure.savefig(svg, format="svg", metadata=_NOTHING)
    return re.sub(r"^.*?(?=<svg)", "", svg.getvalue(), flags=re.DOTALL)  # a page has a type of its own
