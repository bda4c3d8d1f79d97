"""`mesogun run`: one session, from a protocol to its record, summary and picture."""

from collections.abc import Mapping
from pathlib import Path

import click

from mesogun.cli.library import complete, loaded
from mesogun.cli.terminal.faces import json_option, stop_code
from mesogun.refusal import Problem, Refused

_EXIT_CODES = {"complete": 0, "interrupted": 3, "fault": 4, "estop": 4}
_UNFINISHED = 1


def speed_of(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    """A speed as the simulated gun reads it: `max`, or times real time."""
    if text in (None, "max"):
        return text
    try:
        if 0.01 <= float(str(text)) <= 1000:
            return text
    except ValueError:
        pass
    raise click.BadParameter(f"{text} is no speed: give max, or times real time from 0.01 to 1000")


@click.command
@click.argument("file", shell_complete=complete)
@click.option("--port", metavar="URL", help="A real gun: /dev/ttyACM0, COM3, socket://HOST:PORT. You type its serial number.")
@click.option("--sim", is_flag=True, help="A simulated gun. This is the default.")
@click.option("--speed", metavar="N|max", callback=speed_of, help="Times real time. Default: 1 at a terminal, else max. (sim)")
@click.option("--seed", type=int, help="Whatever varies, varies by it. Default: 1. (sim)")
@click.option("--engine", type=click.Choice(["cpython", "micropython"]), help="What runs the firmware. (sim)")
@click.option("--drive", type=click.Choice(["stepper", "pneumatic"]), help="What moves the needle. Default: stepper. (sim)")
@click.option("--fault", metavar="NAME@MS", multiple=True, help="What breaks, and when; may be given again. (sim)")
@click.option("--trace", metavar="DIR", help="Write pins, shots and messages here. (sim)")
@click.option("--plot", metavar="PNG", help="Draw depth and dose of every shot here.")
@click.option("--db", metavar="URL", help="Where the record is kept, such as sqlite:///records.db.")
@click.option("--operator", metavar="NAME", default="", help="Who holds the gun; goes into the record.")
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    file: str,
    port: str | None,
    sim: bool,
    speed: str | None,
    seed: int | None,
    engine: str | None,
    drive: str | None,
    fault: tuple[str, ...],
    trace: str | None,
    plot: str | None,
    db: str | None,
    operator: str,
    as_json: bool,
) -> None:
    """Give a protocol with a gun, and keep the record.

    FILE is a protocol file, or a name of the library, such as face/mesolift. Ctrl-C at any moment brings the needle back
    and completes the record.
    """
    options = {"seed": seed, "speed": speed, "engine": engine, "drive": drive, "trace": trace, "fault": fault or None}
    simulation = {name: value for name, value in options.items() if value is not None}
    if port:
        only_simulated(sim, simulation)
    url = port or simulated(simulation, as_json)

    from mesogun.cli.terminal.report import show
    from mesogun.cli.visit import visit
    from mesogun.gun.client import Gun

    protocol, _ = loaded(file)  # what no gun can give is refused before one is looked for
    _make_room("plot", str(Path(plot).parent) if plot else None)
    _make_room("trace", trace)
    with Gun.connect(url) as gun:
        given = visit(gun, protocol, named=bool(port), db=db, operator=operator, plot=plot)
    show(given, trace, as_json)  # only now: the trace is complete when the port is closed
    ctx.exit(_EXIT_CODES.get(given.summary.outcome, stop_code(ctx) if given.asked_to_stop else _UNFINISHED))


def only_simulated(sim: bool, simulation: Mapping[str, object]) -> None:
    """Raises UsageError when an option of the simulated gun stands beside --port."""
    if sim:
        raise click.UsageError("--sim and --port name two different guns: give one of them")
    for name in simulation:
        raise click.UsageError(f"--{name} belongs to the simulated gun: leave it out with --port")


def simulated(simulation: Mapping[str, object], as_json: bool) -> str:
    """The port of a simulated gun. From here on it is a port like any other."""
    import sys
    from urllib.parse import urlencode

    watched = sys.stderr.isatty() and not as_json
    if watched and "speed" not in simulation:
        click.echo("In real time; with --speed max it would be over at once.", err=True)
    defaults = {"seed": 1, "speed": "1" if watched else "max"}
    return "sim://?" + urlencode({**defaults, **simulation}, doseq=True)


def _make_room(option: str, folder: str | None) -> None:
    try:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or "it cannot be made").lower()
        raise Refused(Problem(option, folder or "", why, "Name another folder, or make this one writable")) from None
