"""Commands that talk to a gun keep what is said on the cable with --log; `mesogun decode` reads it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mesogun.cli.terminal.faces import missed, named
from mesogun.cli.terminal.screen import screen

if TYPE_CHECKING:
    from mesogun.gun.wire import WireLog

F = TypeVar("F", bound=Callable[..., Any])
_META = "mesogun.log"


def log_option(command: F) -> F:
    """Adds `--log`; `wire_log` takes it, wherever in the command the gun is found."""
    return click.option(
        "--log",
        metavar="DIR",
        callback=_remember,
        expose_value=False,
        help="Keep every line on the cable in a new file here, for mesogun decode.",
    )(command)


@contextmanager
def wire_log() -> "Iterator[WireLog | None]":
    """Yields what keeps the lines, None without --log, and says afterwards where they are and whether all are there.

    Raises Refused before anything else happens when they cannot be kept.
    """
    folder = click.get_current_context().find_root().meta.get(_META)
    if folder is None:
        yield None
        return
    from mesogun.gun.wire import WireLog

    log = WireLog(folder)
    try:
        yield log
    finally:
        log.close()
        console = screen(err=True)
        if log.lost:
            missed()
            said = f"The wire log is not whole: {log.lost}. As far as it goes it is in {log.path}"
            console.print(said, style="yellow", soft_wrap=True)
        else:
            console.print(f"Wire log: {log.path}", style="dim", soft_wrap=True)


def _remember(ctx: click.Context, param: click.Parameter, folder: str | None) -> None:
    ctx.find_root().meta[_META] = named(ctx, param, folder)
