"""`mesogun check` says whether the gun can give a protocol, and what one should know about it."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.completion import complete
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import duration, problems_text, say_json, screen
from mesogun.clinical.library import library, loaded, names
from mesogun.refusal import Refused

if TYPE_CHECKING:
    from rich.text import Text

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
    from mesogun.cli.told import Checked, CheckedFile
    from mesogun.clinical.rules import findings
    from mesogun.records.result import Digests

    console = screen(err=as_json)
    rows = []
    for name in files or names():
        try:
            protocol, plan = loaded(name)
        except Refused as refused:
            row = CheckedFile(file=name, ok=False, problems=refused.problems)
            text = _line("refused", "bold red", name)
            text.append("\n").append_text(problems_text(refused.problems))
        else:
            found = findings(protocol)
            row = CheckedFile(
                file=name,
                ok=True,
                title=plan.title,
                shots=plan.shots,
                volume_nl=plan.volume_nl,
                deepest_um=plan.deepest_um,
                duration_ms=plan.duration_ms,
                digests=Digests.of(plan.protocol_digest, plan.digest),
                findings=found,
            )
            text = _line("ok", "bold green", name).append(_totals(plan)).append_text(findings_text(found))
        rows.append(row)
        console.print(text, soft_wrap=True)
    if not files:
        console.print(f"library: {library()}", style="dim", soft_wrap=True)
    ok = all(row.ok for row in rows)
    if as_json:
        say_json(Checked(ok=ok, files=tuple(rows)))
    ctx.exit(0 if ok else REFUSED)


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


def _totals(plan: "Plan") -> str:
    volume_ml, deepest_mm = plan.volume_nl / 1e6, plan.deepest_um / 1000
    return f"  {plan.counted}, {volume_ml:g} ml, deepest {deepest_mm:g} mm, {duration(plan.duration_ms / 1000)} of strokes"
