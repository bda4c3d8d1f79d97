"""A table of figures: where a terminal has no room for it, each row stands as lines of its own, so that no figure is cut."""

from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult

LEAST_OF_WORDS = 14  # a column of words is no narrower than this, or than its longest word


class Figures:
    """A heading that begins with a space is a number's.

    What stands under one that ends with a space may be broken into lines, under one that ends with … it is cut to one line.
    """

    def __init__(self, *columns: str, title: str = "") -> None:
        self._columns = columns
        self._title = title
        self._rows: list[tuple[tuple[str | Text, ...], str]] = []

    def add_row(self, *cells: "str | Text", style: str = "") -> None:
        """Adds a row, a cell for each column."""
        self._rows.append((cells, style))

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        count = len(self._columns)
        left = options.max_width - sum(self._width(console, at) for at in range(count)) - (count - 1)
        cut = sum(self._widest(console, at) - self._width(console, at) for at in range(count) if self._columns[at].endswith("…"))
        for padding in (1, 0):  # columns stand two blanks apart where that cuts nothing
            if left >= padding * (count + cut):
                yield self._as_table(padding, LEAST_OF_WORDS + left - padding * count)
                return
        yield from self._as_lines()

    def _width(self, console: "Console", at: int) -> int:
        """Returns how many characters a column needs."""
        heading, widest = self._columns[at], self._widest(console, at)
        if heading.endswith("…"):
            return min(LEAST_OF_WORDS, widest)
        if heading.endswith(" "):
            return max(min(LEAST_OF_WORDS, widest), *(one.minimum for one in self._measures(console, at)))
        return widest

    def _widest(self, console: "Console", at: int) -> int:
        return max(one.maximum for one in self._measures(console, at))

    def _measures(self, console: "Console", at: int) -> list[Measurement]:
        cells = (_shown(self._columns[at]), *(row[at] for row, _ in self._rows))
        return [Measurement.get(console, console.options, cell) for cell in cells]

    def _as_table(self, padding: int, cut_at: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, padding, 0, 0), title=self._title or None)
        table.title_justify = "left"
        table.title_style = "bold"
        for column in self._columns:
            justify: JustifyMethod = "right" if column.startswith(" ") else "left"
            cut = cut_at if column.endswith("…") else None
            table.add_column(_shown(column), justify=justify, no_wrap=not column.endswith(" "), max_width=cut)
        for cells, style in self._rows:
            table.add_row(*cells, style=style)
        return table

    def _as_lines(self) -> "RenderResult":
        if self._title:
            yield Text(self._title, style="bold")
        headings = [" ".join(_shown(column).split()) for column in self._columns]
        widest = max(len(heading) for heading in headings)
        for number, (cells, style) in enumerate(self._rows):
            if number:
                yield Text("")
            for heading, cell in zip(headings, cells, strict=True):
                if cell:
                    value = ", ".join(cell.split("\n")) if isinstance(cell, str) else cell
                    yield Text.assemble((f"  {heading:<{widest}}  ", "dim"), value, style=style)


def _shown(heading: str) -> str:
    return heading.strip(" …")
