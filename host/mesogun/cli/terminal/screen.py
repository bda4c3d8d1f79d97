"""Commands print with these: rich, which is imported when something is printed, and JSON for other programs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from mesogun.refusal import Problem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from mesogun.cli.terminal.table import Figures


def screen(*, err: bool = False) -> "Console":
    """Returns a console that prints text as it is: what a file says can be no markup."""
    from mesogun.cli.terminal.console import Plain

    return Plain(stderr=err, markup=False, emoji=False, highlight=False)


def say_json(value: object) -> None:
    """Prints the value as one line of JSON on standard output."""
    import json

    click.echo(json.dumps(value))


def problems_text(problems: Iterable[Problem]) -> "Text":
    """Returns each problem as what, why, what to do, a line each."""
    from rich.text import Text

    text = Text()
    for problem in problems:
        text.append(f"  {problem.field} = {problem.value}\n", style="bold")
        text.append(f"    {problem.limit}\n")
        text.append(f"    {problem.remedy.rstrip('.')}\n", style="cyan")
    text.rstrip()
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
