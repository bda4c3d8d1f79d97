"""`mesogun new` begins a protocol of one's own, from one of the library."""

from functools import cache
from pathlib import Path
from shlex import quote

import click

from mesogun.cli.completion import complete, folders_and_protocols
from mesogun.cli.terminal.screen import screen
from mesogun.cli.terminal.typed import agreeing
from mesogun.clinical.library import library, loaded, protocol_file
from mesogun.plain import one_line
from mesogun.refusal import Problem, Refused
from mesogun.version import __version__

TEMPLATE = "face/mesolift"
TITLE_MAX = 80


@click.command
@click.argument("file", shell_complete=folders_and_protocols)
@click.option(
    "--from", "template", metavar="NAME", default=TEMPLATE, show_default=True, shell_complete=complete, help="What it begins as."
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there without asking.")
def new(file: str, template: str, overwrite: bool) -> None:
    """Begin a protocol of your own as a copy of another one, comments and all.

    FILE is the new file, such as my.toml; NAME is a protocol of the library, or a file. The copy has a title of its own, after
    its file, and says in its first lines where it comes from and how an editor completes and checks it.
    """
    from mesogun.records.places import database
    from mesogun.reports.output import may_write, write

    path = Path(file)
    if path.suffix != ".toml" or path.is_dir():
        raise Refused(Problem("file", file or "nothing", "a protocol is a file that ends in .toml", "Name it my.toml, for example"))
    loaded(template)
    text = protocol_file(template).read_bytes().decode("utf-8-sig")
    agreed = cache(agreeing(overwrite))  # one question has one answer
    for simulated in (False, True):
        may_write("file", file, Path(database(simulated)), (), agreed)
    write("file", file, _copied(text, template, path).encode())
    console = screen()
    console.print(f"{file} begins as {template}. Change it, then:", soft_wrap=True)
    console.print(f"  mesogun check {quote(file)}\n  mesogun explain {quote(file)}", style="bold", soft_wrap=True)


def _copied(text: str, template: str, path: Path) -> str:
    """Returns the text with a title of its own and first lines that say what it is; every other byte stays."""
    import tomlkit

    from mesogun.clinical.protocol_schema import FILE

    document = tomlkit.parse(_without_schema(text))
    document["title"] = one_line(path.stem.replace("-", " ").replace("_", " "))[:TITLE_MAX].strip() or "My protocol"
    known = (library() / FILE).absolute().as_uri()
    return f"#:schema {known}\n# Begun as {one_line(template)}, with mesogun {__version__}.\n{tomlkit.dumps(document)}"


def _without_schema(text: str) -> str:
    first, end, rest = text.partition("\n")
    return rest if first.startswith("#:schema") else first + end + rest
