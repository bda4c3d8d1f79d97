"""A table of figures: where a terminal has no room for it, each row stands as lines of its own, so that no figure is cut."""

from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

LEAST_OF_WORDS = 12  # a column of words is no narrower than this, or than its longest word
BESIDE = 2  # a column has a blank of its own, and one between it and the next, which the last one has not


class Figures:
    """A heading that begins with a space is a number's, one that ends with a space may be broken into lines."""

    def __init__(self, *columns: str, title: str = "") -> None:
        self._columns = columns
        self._title = title
        self._rows: list[tuple[tuple[str | Text, ...], str]] = []

    def add_row(self, *cells: "str | Text", style: str = "") -> None:
        """Adds a row, a cell for each column."""
        self._rows.append((cells, style))

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        if sum(self._width(console, at) + BESIDE for at in range(len(self._columns))) - 1 <= options.max_width:
            yield self._as_table()
        else:
            yield from self._as_lines()

    def _width(self, console: "Console", at: int) -> int:
        """Returns how many characters a column needs."""
        heading = self._columns[at]
        measures = [
            Measurement.get(console, console.options, cell) for cell in (heading.strip(), *(row[at] for row, _ in self._rows))
        ]
        if heading.endswith(" "):
            return max(min(LEAST_OF_WORDS, max(one.maximum for one in measures)), *(one.minimum for one in measures))
        return max(one.maximum for one in measures)

    def _as_table(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), title=self._title or None, title_justify="left")
        table.title_style = "bold"
        for column in self._columns:
            table.add_column(
                column.strip(), justify="right" if column.startswith(" ") else "left", no_wrap=not column.endswith(" ")
            )
        for cells, style in self._rows:
            table.add_row(*cells, style=style)
        return table

    def _as_lines(self) -> "RenderResult":
        if self._title:
            yield Text(self._title, style="bold")
        headings = [" ".join(column.split()) for column in self._columns]
        widest = max(len(heading) for heading in headings)
        for number, (cells, style) in enumerate(self._rows):
            if number:
                yield Text("")
            for heading, cell in zip(headings, cells, strict=True):
                if cell:
                    value = ", ".join(cell.split("\n")) if isinstance(cell, str) else cell
                    yield Text.assemble((f"  {heading:<{widest}}  ", "dim"), value, style=style)
