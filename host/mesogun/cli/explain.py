"""`mesogun explain`: a protocol as the practitioner reads it before a session."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.check import findings_text
from mesogun.cli.faces import json_option
from mesogun.cli.places import complete, protocol_file
from mesogun.cli.screen import duration, facts, figures, say_json, screen

if TYPE_CHECKING:
    from rich.table import Table

    from mesogun.explain import Explanation


@click.command
@click.argument("file", shell_complete=complete)
@json_option
def explain(file: str, as_json: bool) -> None:
    """What a protocol does, how long it takes, what to be aware of.

    FILE is a protocol file, or a name of the library, such as face/mesolift.
    """
    from mesogun.explain import explain as explanation_of
    from mesogun.planning import plan
    from mesogun.protocol import load_protocol

    protocol = load_protocol(protocol_file(file))
    explanation = explanation_of(protocol, plan(protocol))
    if as_json:
        say_json(explanation.to_dict())
    else:
        _show(explanation)


def _show(explanation: "Explanation") -> None:
    console = screen()
    console.print(explanation.title, style="bold cyan")
    console.print(facts(_facts(explanation)))
    console.print()
    console.print(_passes(explanation))
    if explanation.cocktail:
        console.print(_cocktail(explanation))
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
    in_all = f"{explanation.shots} shots, {explanation.volume_ml:g} ml, deepest {explanation.deepest_mm:g} mm"
    time = f"about {duration(explanation.expected_s)}, {duration(explanation.stroke_s)} of it strokes of the needle"
    return [
        ("for", explanation.indication),
        ("area", explanation.area),
        ("needle", explanation.needle),
        ("syringe", explanation.syringe),
        ("in all", in_all),
        ("residue", stays),
        ("time", time),
    ]


def _passes(explanation: "Explanation") -> "Table":
    table = figures("pass", " depth", "class", " dose", " rate", " dwell", " points", " apart", " volume", " period used", title="Passes")
    for row in explanation.passes:
        press = "" if row.shots_per_press is None else f", {row.shots_per_press} a press"
        table.add_row(
            f"{row.number} {row.technique}\n  {row.mode}{press}",
            f"{row.depth_mm:g} mm",
            row.depth_class,
            f"{row.dose_ul:g} µl" if row.dose_ul else "dry",
            f"{row.rate_hz:g}/s",
            f"{row.dwell_ms:g} ms",
            str(row.points),
            f"{row.spacing_mm:g} mm",
            f"{row.volume_ml:g} ml",
            f"{row.period_share:.0%}",
        )
    return table


def _cocktail(explanation: "Explanation") -> "Table":
    table = figures("ingredient", "group", " volume", title="Cocktail")
    for row in explanation.cocktail:
        table.add_row(row.name, row.group, f"{row.volume_ml:g} ml")
    return table
