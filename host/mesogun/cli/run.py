"""`mesogun run` gives one session, from a protocol to its record, summary and picture."""

from pathlib import Path

import click

from mesogun.cli.completion import complete
from mesogun.cli.ports import only_simulated, simulated
from mesogun.cli.terminal.faces import json_option, stop_code
from mesogun.cli.terminal.screen import screen
from mesogun.clinical.library import loaded
from mesogun.refusal import Problem, Refused

_EXIT_CODES = {"complete": 0, "interrupted": 3, "fault": 4, "estop": 4}
_UNFINISHED = 1


def speed_of(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    """Accepts a speed as the simulated gun reads it: it is `max`, or times real time from 0.01 to 1000."""
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
@click.option("--rest", metavar="SESSION", type=int, help="Give what was left of this session, by its number in the record.")
@click.option("--filled", metavar="ML", help="What the syringe holds now. (--rest)")
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
    rest: int | None,
    filled: str | None,
    operator: str,
    as_json: bool,
) -> None:
    """Give a protocol with a gun, and keep the record.

    FILE is a protocol file, or a name of the library, such as face/mesolift. Ctrl-C at any moment brings the needle back
    and completes the record. What was left of a session is given with --rest: only the passes that have something left.
    """
    options = {"seed": seed, "speed": speed, "engine": engine, "drive": drive, "trace": trace, "fault": fault or None}
    simulation = {name: value for name, value in options.items() if value is not None}
    if port:
        only_simulated(sim, simulation)
    url = port or simulated(simulation, as_json)

    from mesogun.cli.terminal.person import Terminal
    from mesogun.cli.terminal.report import drawn, show
    from mesogun.gun.client import Gun
    from mesogun.visit.begin import Rest, filled_nl_of
    from mesogun.visit.giving import give

    if filled and rest is None:
        raise click.UsageError("--filled states what is in the syringe for a rest: give --rest too; else the protocol says it")
    wanted = None if rest is None else Rest(rest, None if filled is None else filled_nl_of(filled))
    protocol, _ = loaded(file)  # what no gun can give is refused before one is looked for
    _make_room("plot", str(Path(plot).parent) if plot else None)
    _make_room("trace", trace)
    console = screen(err=True)
    with Gun.connect(url) as gun, Terminal(console, operator) as person:
        given = give(protocol, gun, person, named=bool(port), db=db, operator=operator, rest=wanted)
    picture = drawn(console, given, plot) if plot else None
    show(given, trace, picture, as_json)  # this comes last: the trace is complete when the port is closed
    ctx.exit(_EXIT_CODES.get(given.summary.outcome, stop_code(ctx) if given.asked_to_stop else _UNFINISHED))


def _make_room(option: str, folder: str | None) -> None:
    try:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or "it cannot be made").lower()
        raise Refused(Problem(option, folder or "", why, "Name another folder, or make this one writable")) from None
