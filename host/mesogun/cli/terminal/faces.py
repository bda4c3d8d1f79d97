"""Every command does these alike: errors in words, exit codes, what stops it, the option --json."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

from mesogun.cli.terminal.screen import problems_text, say_json, screen
from mesogun.cli.terminal.streams import lost, make_sturdy
from mesogun.cli.terminal.tty import let_go
from mesogun.gun.stops import Stops
from mesogun.refusal import Failed, MesogunError, Refused

F = TypeVar("F", bound=Callable[..., Any])
SIGNALLED = 128  # and the number of the signal
SHUT = SIGNALLED + 1  # SIGHUP, which not every system knows by name
NOT_ALL = 6
_MISSED = "mesogun.missed"

_TITLES = {2: "Refused", 3: "Connection lost", 4: "The gun stopped", 5: "The record failed"}


class Faces(click.Group):
    """Commands of such a group end with an explanation and an exit code, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        def heard(number: signal.Signals) -> None:
            ctx.find_root().meta.setdefault("mesogun.stop", SIGNALLED + number)
            let_go()

        with Stops(_break_off, heard=heard):
            try:
                value = super().invoke(ctx)
                if ctx.meta.get(_MISSED):
                    ctx.exit(NOT_ALL)
                return value
            except BaseException as error:
                with Stops():  # what is told now is told whole
                    _tell_end(ctx, error)


def to_the_end(program: click.Command, name: str) -> None:
    """Runs a command line and exits; a stop that comes when all is told changes nothing of that."""
    make_sturdy()
    with Stops() as stops:
        try:
            program(prog_name=name)
        except SystemExit as end:
            if (why := lost()) and not end.code:
                click.echo(f"Not all of the output could be written: {why}", err=True)
                sys.exit(NOT_ALL)
            raise
        finally:
            stops.ignore()


def json_option(command: F) -> F:
    """Adds `--json`: it makes the last line of standard output one JSON object, and sends what is for people to standard error."""
    return click.option(
        "--json", "as_json", is_flag=True, is_eager=True, callback=_remember_json, help="One line of JSON for other programs."
    )(command)


def named(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    """Accepts an option that was left out or names something: "" is neither, as when a script's variable is empty."""
    if text == "":
        raise click.BadParameter("it names nothing: leave the option out for the default")
    return text


def wants_json(ctx: click.Context) -> bool:
    """Tells whether --json stands anywhere on this command line."""
    return bool(ctx.find_root().meta.get("mesogun.json"))


def missed() -> None:
    """Lets the command, when it is complete otherwise, end with NOT_ALL: something that was asked for did not come out."""
    click.get_current_context().find_root().meta[_MISSED] = True


def stop_code(ctx: click.Context) -> int:
    """Returns the exit code for being stopped: it says whether Ctrl-C did it, SIGTERM or the end of the terminal."""
    return int(ctx.find_root().meta.get("mesogun.stop", SIGNALLED + signal.SIGINT))


def show(error: MesogunError, as_json: bool) -> None:
    """Says what happened, why, and what to do, on standard error; with `as_json` on standard output as well, as data."""
    console = screen(err=True)
    title = _TITLES.get(error.exit_code, "Error")
    if isinstance(error, Refused):
        console.print(f"{title}{f': {error.source}' if error.source else ''}", style="bold red", soft_wrap=True)
        console.print(problems_text(error.problems), soft_wrap=True)
    else:
        console.print(title, style="bold red")
        console.print(f"  {error}", soft_wrap=True)
    if as_json:
        say_json(error)


def _break_off() -> None:
    raise KeyboardInterrupt


def _tell_end(ctx: click.Context, error: BaseException) -> NoReturn:
    """Says why a command ended, and exits. What is click's own to say goes on to it."""
    as_json = wants_json(ctx)
    if isinstance(error, MesogunError):
        show(error, as_json)
        ctx.exit(error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        _tell("Stopped", "", as_json, stop_code(ctx))
    if isinstance(error, click.exceptions.Exit) and not error.exit_code and ctx.meta.get(_MISSED):
        ctx.exit(NOT_ALL)
    if isinstance(error, click.ClickException) and as_json:
        say_json(Failed(error=error.format_message(), exit_code=error.exit_code))
    if isinstance(error, click.ClickException | click.Abort | click.exceptions.Exit) or not isinstance(error, Exception):
        raise error
    if isinstance(error, OSError) and let_go():
        ctx.exit(SHUT)
    _tell("Error inside mesogun", _filed(error), as_json, 1)


def _tell(title: str, text: str, as_json: bool, exit_code: int) -> NoReturn:
    console = screen(err=True)
    console.print(title, style="bold red")
    if text:
        console.print(f"  {text}", soft_wrap=True)
    if as_json:
        say_json(Failed(error=text or title, exit_code=exit_code))
    click.get_current_context().exit(exit_code)


def _filed(error: Exception) -> str:
    """Puts the traceback in a file for whoever repairs this, where nobody else reads it; the person gets one sentence."""
    import tempfile
    import traceback
    from pathlib import Path

    from mesogun.records.places import home

    text = f"{' '.join(sys.argv)}\n\n{''.join(traceback.format_exception(error))}"
    said = f"{type(error).__name__}: {error}"
    for folder in (home, lambda: Path(tempfile.mkdtemp(prefix="mesogun-"))):
        try:
            path = folder() / "last-error.txt"
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.unlink(missing_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except Exception:  # an account without a name or a home, a full disk: the sentence is still said
            continue
        return f"{said}\n  Please report it with the file {path}"
    return said


def _remember_json(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta["mesogun.json"] = value
    return value
