"""`mesogun check` says whether the gun can give a protocol, and what one should know about it."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.at_hand import AtHand, judged_for
from mesogun.cli.completion import complete
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import problems_text, say_json, screen
from mesogun.clinical.library import library, loaded, names
from mesogun.refusal import Refused, named
from mesogun.times import span

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.clinical.delivery import Delivery
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol
    from mesogun.clinical.rules import Finding

REFUSED = 2


@click.command
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete)
@judged_for
@json_option
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], gun: AtHand, as_json: bool) -> None:
    """Is each protocol one that the gun can give?

    FILE is a protocol file, or a name of the library, such as face/mesolift. Without one, the whole library is listed
    and checked. All problems of a file are shown; exit code 2 when any file is refused. It is judged for a gun of the
    reference design, unless you name another.
    """
    from mesogun.cli.told import Checked, CheckedFile, PassAtDepth
    from mesogun.clinical.rules import findings
    from mesogun.records.result import Digests

    console = screen(err=as_json)
    rows = []
    if gun.words:
        console.print(f"for {gun.words}", style="dim", soft_wrap=True)
    for name in files or names():
        try:
            protocol, plan = loaded(name, *gun.figures)
            found = findings(protocol)
            _confirmed_by_nobody(gun, found)
        except Refused as refused:
            row = CheckedFile(file=name, ok=False, problems=refused.problems)
            text = _line("refused", "bold red", name)
            text.append("\n").append_text(problems_text(refused.problems))
        else:
            estimated = {one.number: one.delivery for one in plan.passes if one.delivery}
            row = CheckedFile(
                file=name,
                ok=True,
                title=plan.title,
                shots=plan.shots,
                volume_nl=plan.volume_nl,
                deepest_um=plan.deepest_um,
                deepest_across_um=round(1000 * protocol.deepest_across_mm),
                duration_ms=plan.duration_ms,
                digests=Digests.of(plan.protocol_digest, plan.digest),
                findings=found,
                estimated_at_depth=tuple(PassAtDepth(number=number, estimated=one) for number, one in estimated.items()),
            )
            text = _line("ok", "bold green", name).append(_totals(protocol, plan)).append(_at_depth(estimated))
            text.append_text(findings_text(found))
        rows.append(row)
        console.print(text, soft_wrap=True)
    if not files:
        console.print(f"library: {library()}", style="dim", soft_wrap=True)
    ok = all(row.ok for row in rows)
    if as_json:
        say_json(Checked(ok=ok, gun=gun.words or None, files=tuple(rows)))
    ctx.exit(0 if ok else REFUSED)


def _confirmed_by_nobody(gun: AtHand, found: "tuple[Finding, ...]") -> None:
    """Raises Refused for what a real gun at hand is not given: `mesogun run` refuses it for the same reason."""
    from mesogun.clinical.rules import CONFIRM

    unconfirmed = [finding.problem() for finding in found if gun.real and finding.severity == CONFIRM]
    if unconfirmed:
        raise Refused(*unconfirmed)


def findings_text(found: "tuple[Finding, ...]") -> "Text":
    """Returns what does not stop a protocol but should be known; each finding begins with a line feed."""
    from rich.text import Text

    text = Text()
    for finding in found:
        text.append(f"\n  {finding.severity}: ", style="yellow")
        text.append(f"{named(finding.field)} = {finding.value}: {finding.message}. ").append(finding.remedy, style="cyan")
        if finding.line:
            text.append(f" (line {finding.line})", style="dim")
    return text


def _line(word: str, style: str, name: str) -> "Text":
    from rich.text import Text

    return Text.assemble((f"{word:<8}", style), (name, "bold"))


def deepest(along_mm: float, across_mm: float) -> str:
    """Says the deepest point: along the needle is what the gun is told, across the skin is how deep that is."""
    return f"deepest {along_mm:g} mm" + (f" along the needle, {across_mm:g} mm across the skin" if across_mm < along_mm else "")


def _at_depth(estimated: "dict[int, Delivery]") -> str:
    """Returns the least and the mean share of a dose at depth, pass by pass, after a line feed; "" where no dose is given."""
    from mesogun.clinical.delivery import percent

    said = [
        f"pass {number} {percent(one.share.low)} at the least, {percent(one.share.mean)} at the mean"
        for number, one in estimated.items()
    ]
    return "\n  of each dose at depth, estimated (A): " + "; ".join(said) if said else ""


def _totals(protocol: "Protocol", plan: "Plan") -> str:
    depth = deepest(plan.deepest_um / 1000, protocol.deepest_across_mm)
    return f"  {plan.counted}, {plan.volume_nl / 1e6:g} ml, {depth}, {span(plan.duration_ms / 1000)} of strokes"
