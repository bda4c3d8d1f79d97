"""Every command does these alike: errors in words, exit codes, Ctrl-C and SIGTERM, the option --json."""

import errno
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import click

from mesogun.cli.terminal.screen import problems_text, say_json, screen
from mesogun.refusal import MesogunError, Problem, Refused

F = TypeVar("F", bound=Callable[..., Any])
CTRL_C = 130
SIGTERM = 143

_TITLES = {2: "Refused", 3: "Connection lost", 4: "The gun stopped", 5: "The record failed"}


class Faces(click.Group):
    """Commands of such a group end with an explanation and an exit code, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _sigterm_is_ctrl_c(ctx):
                return super().invoke(ctx)
        except MesogunError as error:
            show(error, wants_json(ctx))
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            _tell("Stopped", "", wants_json(ctx))
            ctx.exit(stop_code(ctx))
        except (click.ClickException, click.Abort, click.exceptions.Exit) as known:
            if isinstance(known, click.ClickException) and wants_json(ctx):
                say_json({"error": known.format_message(), "problems": []})
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read our output has had enough: click ends quietly
            _tell("Error inside mesogun", _filed(error), wants_json(ctx))
            ctx.exit(1)


def json_option(command: F) -> F:
    """Adds `--json`: it makes the last line of standard output one JSON object, and sends what is for people to standard error."""
    return click.option(
        "--json", "as_json", is_flag=True, is_eager=True, callback=_remember_json, help="One line of JSON for other programs."
    )(command)


def wants_json(ctx: click.Context) -> bool:
    """Tells whether --json stands anywhere on this command line."""
    return bool(ctx.find_root().meta.get("mesogun.json"))


def stop_code(ctx: click.Context) -> int:
    """Returns the exit code for being stopped: it says whether Ctrl-C or SIGTERM did it."""
    return int(ctx.find_root().meta.get("mesogun.stop", CTRL_C))


def show(error: MesogunError, as_json: bool) -> None:
    """Says what happened, why, and what to do, on standard error; with `as_json` on standard output as well, as data."""
    console = screen(err=True)
    title = _TITLES.get(error.exit_code, "Error")
    problems: tuple[Problem, ...] = ()
    if isinstance(error, Refused):
        problems = error.problems
        console.print(f"{title}{f': {error.source}' if error.source else ''}", style="bold red", soft_wrap=True)
        console.print(problems_text(problems), soft_wrap=True)
    else:
        console.print(title, style="bold red")
        console.print(f"  {error}", soft_wrap=True)
    if as_json:
        from dataclasses import asdict

        say_json({"error": str(error), "exit_code": error.exit_code, "problems": [asdict(problem) for problem in problems]})


def _tell(title: str, text: str, as_json: bool) -> None:
    console = screen(err=True)
    console.print(title, style="bold red")
    if text:
        console.print(f"  {text}", soft_wrap=True)
    if as_json:
        say_json({"error": text or title, "problems": []})


def _filed(error: Exception) -> str:
    """Puts the traceback in a file for whoever repairs this; the person gets one sentence."""
    import tempfile
    import traceback
    from pathlib import Path

    from mesogun.records.places import home

    text = "".join(traceback.format_exception(error))
    for folder in (home(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / "last-error.txt"
            path.write_text(f"{' '.join(sys.argv)}\n\n{text}", encoding="utf-8")
            return f"{type(error).__name__}: {error}\n  Please report it with the file {path}"
        except OSError:
            continue
    return f"{type(error).__name__}: {error}"


def _remember_json(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta["mesogun.json"] = value
    return value


@contextmanager
def _sigterm_is_ctrl_c(ctx: click.Context) -> Iterator[None]:
    """Makes SIGTERM stop like Ctrl-C: whatever heeds the one at that moment heeds the other too."""

    def heed(number: int, frame: FrameType | None) -> None:
        ctx.find_root().meta["mesogun.stop"] = SIGTERM
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell started it in the background
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is not threading.main_thread():
        yield  # no signal arrives here
        return
    before = signal.signal(signal.SIGTERM, heed)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
