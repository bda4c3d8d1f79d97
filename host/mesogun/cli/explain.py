"""`mesogun explain` shows a protocol as the practitioner reads it before a session."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.check import findings_text
from mesogun.cli.completion import complete
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import duration, facts, figures, say_json, screen
from mesogun.clinical.library import loaded

if TYPE_CHECKING:
    from mesogun.cli.terminal.table import Figures
    from mesogun.clinical.explain import Explanation


@click.command
@click.argument("file", shell_complete=complete)
@json_option
def explain(file: str, as_json: bool) -> None:
    """What a protocol does, how long it takes, what to be aware of.

    FILE is a protocol file, or a name of the library, such as face/mesolift.
    """
    from mesogun.clinical.explain import explain as explanation_of

    explanation = explanation_of(*loaded(file))
    if as_json:
        say_json(explanation.to_dict())
    else:
        _show(explanation)


def _show(explanation: "Explanation") -> None:
    console = screen()
    console.print(explanation.title, style="bold cyan")
    console.print(facts(_facts(explanation)), soft_wrap=True)
    console.print()
    console.print(_passes(explanation))
    console.print()
    for row in explanation.passes:
        console.print(f"  {row.number}  {row.in_words}", soft_wrap=True)
    console.print()
    estimates = [f"  {row.number}  {row.estimate}" for row in explanation.passes if row.estimate]
    if estimates:
        console.print("Dose at depth, estimated, not measured (A)", style="bold")
        console.print("\n".join(estimates), soft_wrap=True)
        console.print()
    if explanation.cocktail:
        console.print(_cocktail(explanation))
        console.print()
    if explanation.findings:
        console.print("Be aware", style="bold", end="")
        console.print(findings_text(explanation.findings))
        console.print()
    console.print("Sources", style="bold")
    for source in explanation.sources:
        console.print(f"  {source}", style="dim")
    console.print()
    console.print(explanation.notice, style="dim italic")


def _facts(explanation: "Explanation") -> list[tuple[str, str]]:
    stays = f"{explanation.residue_ml:g} ml of {explanation.filled_ml:g} ml stay in syringe and line, or are waste"
    in_all = f"{explanation.counted}, {explanation.volume_ml:g} ml, deepest {explanation.deepest_mm:g} mm"
    time = f"about {duration(explanation.expected_s)}, {duration(explanation.stroke_s)} of it the gun's"
    return [
        ("for", explanation.indication),
        ("area", explanation.area),
        ("needle", explanation.needle),
        ("syringe", explanation.syringe),
        ("in all", in_all),
        ("residue", stays),
        ("time", time),
    ]


def _passes(explanation: "Explanation") -> "Figures":
    headings = (" depth\nmm", " dose\nµl", " dwell\nms", " rate\n/s", " full\n%", " points", " apart\nmm", " volume\nml")
    table = figures("", "pass ", *headings, title="Passes")
    for row in explanation.passes:
        mode = f"burst of {row.shots_per_press}" if row.mode == "burst" else row.mode
        dose = f"{row.flow_ul_s:g}/s" if row.flow_ul_s else _figure(row.dose_ul)
        count = f"{row.seconds} s" if row.seconds else _figure(row.points)
        times = (_figure(row.dwell_ms), _figure(row.rate_hz), _figure(round(100 * row.period_share)))
        cells = (_figure(row.depth_mm), dose, *times, count, _figure(row.spacing_mm), _figure(row.volume_ml))
        table.add_row(str(row.number), f"{row.technique}, {mode}\n{row.depth_class} depth", *cells)
    return table


def _figure(amount: float | None) -> str:
    """Returns the figure, and nothing for what the pass's mode has not."""
    return "" if amount is None else f"{amount:g}"


def _cocktail(explanation: "Explanation") -> "Figures":
    table = figures("ingredient", "group", " volume", title="Cocktail")
    for row in explanation.cocktail:
        table.add_row(row.name, row.group, f"{row.volume_ml:g} ml")
    return table
