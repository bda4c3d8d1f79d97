"""A Sheet is something that one reads: a title, lines and tables. It is the same as text and as HTML, for whatever shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mesogun.plain import visible


@dataclass(frozen=True)
class Table:
    """A Table has a heading over each column; a heading that begins with a blank is a number's, as the column is then."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> list[str]:
        rows = [[heading.strip() for heading in self.headings], *([visible(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        pads = [str.rjust if heading.startswith(" ") else str.ljust for heading in self.headings]
        return [
            "  " + "  ".join(pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)).rstrip() for row in rows
        ]

    def html(self) -> str:
        styles = [f' style="text-align:{"right" if heading.startswith(" ") else "left"}"' for heading in self.headings]

        def row(tag: str, cells: Sequence[str]) -> str:
            return "".join(f"<{tag}{style}>{_html(cell)}</{tag}>" for style, cell in zip(styles, cells, strict=True))

        body = "".join(f"<tr>{row('td', cells)}</tr>" for cells in self.rows)
        return f"<table><thead><tr>{row('th', [one.strip() for one in self.headings])}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Sheet:
    """A Sheet's `blocks` stand one below the other: a line, facts (name and value), or a table."""

    title: str
    blocks: Sequence[str | dict[str, str] | Table]

    def text(self) -> str:
        lines = [visible(self.title)]
        for block in self.blocks:
            if isinstance(block, Table):
                lines += ["", *block.text(), ""]
            elif isinstance(block, dict):
                width = max(map(len, block), default=0)
                lines += [f"  {name:<{width}}  {visible(value)}" for name, value in block.items()]
            else:
                lines.append(visible(block))
        return "\n".join(lines).strip("\n")

    def html(self) -> str:
        return f"<div><h4>{_html(self.title)}</h4>{''.join(_html_of(block) for block in self.blocks)}</div>"


def _html_of(block: str | dict[str, str] | Table) -> str:
    if isinstance(block, Table):
        return block.html()
    if isinstance(block, dict):
        return Table(("", ""), list(block.items())).html().replace("<thead><tr>", "<thead hidden><tr>", 1)
    return f"<p>{_html(block)}</p>"


def _html(text: str) -> str:
    return escape(visible(text))
