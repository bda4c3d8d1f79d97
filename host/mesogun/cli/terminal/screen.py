"""Commands print with these: rich, which is imported when something is printed, and JSON for other programs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from mesogun.plain import visible
from mesogun.refusal import MesogunError, Placed, Problem, named
from mesogun.telling import to_dict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from rich.console import Console
    from rich.text import Text

    from mesogun.cli.terminal.table import Figures

LINE_SHOWN = 44  # with its number it stands in 60 columns


def screen(*, err: bool = False) -> "Console":
    """Returns a console that prints text as it is: what a file says can be no markup."""
    from mesogun.cli.terminal.console import Plain

    return Plain(stderr=err, markup=False, emoji=False, highlight=False)


def say_json(told: "DataclassInstance | MesogunError") -> None:
    """Prints what is told as one line of JSON on standard output. Its type has a row in cli/schema.py."""
    import json

    click.echo(json.dumps(told.to_dict() if isinstance(told, MesogunError) else to_dict(told), allow_nan=False))


def problems_text(problems: Iterable[Problem]) -> "Text":
    """Returns each problem as what, where, why, what to do, a line each."""
    from rich.text import Text

    text = Text()
    for problem in problems:
        text.append(f"  {named(problem.field)} = {problem.value}\n", style="bold")
        text.append_text(pointed(problem))
        text.append(f"    {problem.limit}\n")
        text.append(f"    {problem.remedy.rstrip('.')}\n", style="cyan")
    text.rstrip()
    return text


def pointed(at: Placed) -> "Text":
    """Returns the line of the file with its number, and a caret under the place; of a long line what is around it."""
    from rich.cells import cell_len
    from rich.text import Text

    text = Text()
    if at.line and at.column:
        begin = max(0, at.column - 1 - LINE_SHOWN // 2) if cell_len(at.text) > LINE_SHOWN else 0
        before, after = (visible(part.replace("\t", " ")) for part in (at.text[begin : at.column - 1], at.text[at.column - 1 :]))
        before = "…" * (begin > 0) + before
        room = LINE_SHOWN - cell_len(before)
        text.append(f"    line {at.line}: ", style="dim").append(
            before + (after if len(after) <= room else after[: room - 1] + "…")
        )
        text.append(f"\n{'':{len(f'    line {at.line}: ') + cell_len(before)}}^\n", style="bold red")
    return text


def figures(*columns: str, title: str = "") -> "Figures":
    """Returns a table of figures. A heading that begins with a space is a number's.

    What stands under one that ends with a space may be broken into lines, under one that ends with … it may be cut.
    """
    from mesogun.cli.terminal.table import Figures

    return Figures(*columns, title=title)


def facts(rows: Iterable[tuple[str, str]]) -> "Text":
    """Returns name and value, a line each, however long: printed with soft_wrap, a path can be copied whole."""
    from rich.text import Text

    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    return Text("\n").join(Text.assemble((f"  {name:<{width}}  ", "dim"), value) for name, value in rows)
