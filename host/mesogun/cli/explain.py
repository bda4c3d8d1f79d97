"""`mesogun explain` shows a protocol as the practitioner reads it before a session."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.at_hand import AtHand, judged_for
from mesogun.cli.check import deepest, findings_text
from mesogun.cli.completion import complete
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import facts, figures, say_json, screen
from mesogun.clinical.library import loaded
from mesogun.clinical.sources import TRUST
from mesogun.times import span

if TYPE_CHECKING:
    from mesogun.cli.terminal.table import Figures
    from mesogun.clinical.explain import Explanation, PassRow


@click.command
@click.argument("file", shell_complete=complete)
@judged_for
@json_option
def explain(file: str, gun: AtHand, as_json: bool) -> None:
    """What a protocol does, how long it takes, what to be aware of.

    FILE is a protocol file, or a name of the library, such as face/mesolift.
    """
    from mesogun.clinical.explain import explain as explanation_of

    explanation = explanation_of(*loaded(file, *gun.figures))
    if as_json:
        say_json(explanation)
    else:
        _show(explanation, gun)


def _show(explanation: "Explanation", gun: AtHand) -> None:
    console = screen()
    console.print(explanation.title, style="bold cyan")
    console.print(facts(_facts(explanation) + ([("gun", gun.words)] if gun.words else [])), soft_wrap=True)
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
    console.print(f"  {TRUST}", style="dim")
    for source in explanation.sources:
        console.print(f"  {source}", style="dim")
    console.print()
    console.print(explanation.notice, style="dim italic")


def _facts(explanation: "Explanation") -> list[tuple[str, str]]:
    stays = f"{explanation.residue_ml:g} ml of {explanation.filled_ml:g} ml stay in syringe and line, or are waste"
    depth = deepest(explanation.deepest_mm, explanation.deepest_across_mm)
    in_all = f"{explanation.counted}, {explanation.volume_ml:g} ml, {depth}"
    time = f"about {span(explanation.expected_s)}, {span(explanation.stroke_s)} of it the gun's"
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
        table.add_row(str(row.number), f"{row.technique}, {mode}\n{row.depth_class} depth{_angled(row)}", *cells)
    return table


def _angled(row: "PassRow") -> str:
    return "" if row.angle_deg == 90 else f"\n{row.depth_across_mm:g} mm across the skin\nneedle at {row.angle_deg}°"


def _figure(amount: float | None) -> str:
    """Returns the figure, and nothing for what the pass's mode has not."""
    return "" if amount is None else f"{amount:g}"


def _cocktail(explanation: "Explanation") -> "Figures":
    table = figures("ingredient", "group", " volume", title="Cocktail")
    for row in explanation.cocktail:
        table.add_row(row.name, row.group, f"{row.volume_ml:g} ml")
    return table
