"""`mesogun sim` serves a gun on a desk that is not there, to any program that opens serial ports."""

import math
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from mesogun.cli.terminal.faces import NOT_ALL
from mesogun.cli.terminal.screen import screen
from mesogun.refusal import Problem, Refused

if TYPE_CHECKING:
    from mesogun_sim.desk import Desk

# The gun pauses when it hears nothing for 0.5 s of its own time, and a client's heart beats every 0.1 s of ours.
FASTEST = 3


def breakages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns to the shell whatever can break on the simulated gun; when it does, a person adds."""
    from mesogun_sim.faults import BREAKAGES

    return [CompletionItem(f"{name}@", help=one.what) for name, one in BREAKAGES.items() if name.startswith(incomplete)]


@click.command
@click.option("--tcp", metavar="PORT", type=click.IntRange(0, 65_535), help="TCP port on this computer. Default: a free one.")
@click.option("--pty", is_flag=True, help="Serve at a pseudo-terminal instead (Linux, macOS).")
@click.option("--engine", type=click.Choice(["cpython", "micropython"]), default="cpython", help="What runs the firmware.")
@click.option("--drive", type=click.Choice(["stepper", "pneumatic"]), default="stepper", help="What moves the needle.")
@click.option("--seed", type=int, default=1, show_default=True, help="Whatever varies, varies by it.")
@click.option("--speed", type=click.FloatRange(0.01, FASTEST), default=1.0, show_default=True, help="Times real time.")
@click.option(
    "--fault", metavar="NAME@MS", multiple=True, shell_complete=breakages, help="What breaks, and when; may be given again."
)
@click.option("--trace", metavar="DIR", help="Write pins, shots and messages here when it ends.")
@click.pass_context
def sim(
    ctx: click.Context,
    tcp: int | None,
    pty: bool,
    engine: str,
    drive: str,
    seed: int,
    speed: float,
    fault: tuple[str, ...],
    trace: str | None,
) -> None:
    """Serve a simulated gun, until Ctrl-C.

    Its practitioner sets it down and presses the trigger as soon as it is armed. It takes one program at a time.
    """
    from mesogun_sim.serve import NoTrace, serve_pty, serve_tcp

    if pty and tcp is not None:
        raise click.UsageError("--tcp and --pty are two different cables: give one of them")
    if math.isnan(speed):
        raise click.BadParameter("nan is no speed")
    desk = _desk(engine, drive, seed, fault, trace)
    console = screen()

    def say(line: str) -> None:
        if line.startswith(("socket://", "/")):
            console.print(f"Simulated gun {desk.board.serial}. In another terminal:")
            console.print(f"  mesogun run FILE --port {line}", style="bold", soft_wrap=True)
        else:
            console.print(line, style="dim")

    try:
        if pty:
            serve_pty(desk, speed, say)
        else:
            serve_tcp(desk, tcp or 0, speed, say)
    except NoTrace as lost:
        screen(err=True).print(f"There is no whole trace: {lost}", style="yellow", soft_wrap=True)
        ctx.exit(NOT_ALL)
    except (OSError, ImportError) as error:
        where = "pty" if pty else "tcp"
        raise Refused(Problem(where, str(tcp or "any"), str(error), "Name another port, or leave the option out")) from error


def _desk(engine: str, drive: str, seed: int, faults: tuple[str, ...], trace: str | None) -> "Desk":
    from pathlib import Path

    from mesogun_sim.desk import Desk, described_with
    from mesogun_sim.faults import parse

    try:
        wanted = [parse(text) for text in faults]
        folder = Path(trace) if trace else None
        return Desk(seed, engine=engine, description=described_with(drive), faults=wanted, trace=folder)
    except (ValueError, RuntimeError, OSError) as error:
        raise Refused(Problem("simulated gun", "cannot be made", str(error), "Correct the option")) from error
