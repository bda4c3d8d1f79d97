"""`mesogun decode` says in words what was said on the cable."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import say_json, screen
from mesogun.refusal import Problem, Refused

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.gun.decoding import Decoded

LONGEST = 4_096  # what is longer is no line of ours, and is taken in pieces


@click.command
@click.argument("files", metavar="[FILE]...", nargs=-1)
@json_option
def decode(files: tuple[str, ...], as_json: bool) -> None:
    """Say in words what gun and laptop said to each other.

    FILE is a wire log (--log DIR), the messages.log of a trace, or anything with such lines in it; without it lines are read
    as they are typed or pasted. Each is shown with its time, its way, its message, fields with their units, and what is
    wrong with it.
    """
    if as_json:
        from mesogun.cli.told import DecodedLine, Decodes

        lines = tuple(DecodedLine(file=file, **line.to_dict()) for file in files or ("-",) for line in _decoded(file))
        say_json(Decodes(lines=lines, no_messages=sum(bool(line.problem) for line in lines)))
        return
    console = screen()
    for file in files or ("-",):
        if len(files) > 1:
            console.print(file, style="bold", soft_wrap=True)
        for line in _decoded(file):
            console.print(_shown(line), soft_wrap=True)


def _decoded(file: str) -> "Iterator[Decoded]":
    from mesogun.gun.decoding import Decoder

    decoder = Decoder()
    return (decoder.decoded(line) for line in _lines(file) if line.strip())


def _lines(file: str) -> Iterator[str]:
    """Yields each line as soon as it is there. Raises Refused when the file cannot be read."""
    try:
        with click.open_file(file, "rb") as source:
            while line := source.readline(LONGEST):
                yield line.decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "this can be no name"
        raise Refused(Problem("file", file, why, "Name a file with lines of a gun, or leave it out and paste them")) from None


def _shown(line: "Decoded") -> "Text":
    from rich.text import Text

    head = f"{_time(line):>14} {line.way or ' '} {'' if line.seq is None else line.seq:>5} "
    if not line.message:
        return Text.assemble((head, "dim"), (f"no message: {line.problem}: ", "bold red"), line.line)
    text = Text.assemble((head, "dim"), (f"{line.message:<9} ", "bold"), line.words)
    if line.problem:
        text.append(f"{' ' if line.words else ''}[{line.problem}]", style="bold red")
    return text


def _time(line: "Decoded") -> str:
    """Returns the time of day here of what a laptop kept, the gun's seconds of a trace."""
    from datetime import datetime

    if line.time_us is None:
        return ""
    if line.utc:
        return f"{datetime.fromtimestamp(line.time_us / 1e6).astimezone():%H:%M:%S.%f}"[:-3]
    return f"{line.time_us / 1e6:.3f} s"
