"""`mesogun check` says whether the gun can give a protocol, and what one should know about it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mesogun.cli.completion import complete
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import duration, problems_text, say_json, screen
from mesogun.clinical.library import library, loaded, names
from mesogun.refusal import Refused

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.clinical.delivery import Delivery
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.rules import Finding

REFUSED = 2


@click.command
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete)
@json_option
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Is each protocol one that the gun can give?

    FILE is a protocol file, or a name of the library, such as face/mesolift. Without one, the whole library is listed
    and checked. All problems of a file are shown; exit code 2 when any file is refused.
    """
    from mesogun.clinical.rules import findings

    console = screen(err=as_json)
    rows = []
    for name in files or names():
        row: dict[str, Any] = {"file": name}
        try:
            protocol, plan = loaded(name)
        except Refused as refused:
            row |= {"ok": False, "problems": [asdict(problem) for problem in refused.problems]}
            text = _line("refused", "bold red", name)
            text.append("\n").append_text(problems_text(refused.problems))
        else:
            totals = ("shots", "volume_nl", "deepest_um", "duration_ms")
            row |= {"ok": True, "title": plan.title, **{key: getattr(plan, key) for key in totals}}
            found = findings(protocol)
            row["findings"] = [asdict(finding) for finding in found]
            estimated = {one.number: one.delivery for one in plan.passes if one.delivery}
            row["estimated_at_depth"] = [{"pass": number} | asdict(one) for number, one in estimated.items()]
            text = (
                _line("ok", "bold green", name).append(_totals(plan)).append(_at_depth(estimated)).append_text(findings_text(found))
            )
        rows.append(row)
        console.print(text, soft_wrap=True)
    if not files:
        console.print(f"library: {library()}", style="dim", soft_wrap=True)
    if as_json:
        say_json({"ok": all(row["ok"] for row in rows), "files": rows})
    ctx.exit(0 if all(row["ok"] for row in rows) else REFUSED)


def findings_text(found: "tuple[Finding, ...]") -> "Text":
    """Returns what does not stop a protocol but should be known; each finding begins with a line feed."""
    from rich.text import Text

    text = Text()
    for finding in found:
        text.append(f"\n  {finding.severity}: ", style="yellow")
        text.append(f"{finding.field} = {finding.value}: {finding.message}. ").append(finding.remedy, style="cyan")
    return text


def _line(word: str, style: str, name: str) -> "Text":
    from rich.text import Text

    return Text.assemble((f"{word:<8}", style), (name, "bold"))


def _at_depth(estimated: "dict[int, Delivery]") -> str:
    """Returns the least and the mean share of a dose at depth, pass by pass, after a line feed; "" where no dose is given."""
    from mesogun.clinical.delivery import percent

    said = [
        f"pass {number} {percent(one.share.low)} at the least, {percent(one.share.mean)} at the mean"
        for number, one in estimated.items()
    ]
    return "\n  of each dose at depth, estimated (A): " + "; ".join(said) if said else ""


def _totals(plan: "Plan") -> str:
    volume_ml, deepest_mm = plan.volume_nl / 1e6, plan.deepest_um / 1000
    return f"  {plan.counted}, {volume_ml:g} ml, deepest {deepest_mm:g} mm, {duration(plan.duration_ms / 1000)} of strokes"
