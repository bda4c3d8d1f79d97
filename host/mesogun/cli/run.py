"""`mesogun run` gives one session, from a protocol to its record, summary and picture."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import click

from mesogun.cli.completion import complete, sessions
from mesogun.cli.ports import A_PORT, chosen_port, fitted, port_option, simulated
from mesogun.cli.sim import breakages
from mesogun.cli.terminal.faces import NOT_ALL, json_option, named, stop_code
from mesogun.cli.terminal.screen import screen
from mesogun.cli.terminal.typed import agreeing
from mesogun.cli.wire import log_option, wire_log
from mesogun.clinical.library import loaded
from mesogun.records.places import database

TRACE_FILES = ("pins.csv", "shots.csv", "messages.log", "device.json")
TRACE_MARKS = (b"time_ns,pin,level\n", b"shot,pass,start_us,", b" > 1 hello ", b'"message_table"')  # one in each


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
@port_option(f"A real gun, whose serial number you type: {A_PORT}")
@click.option("--sim", is_flag=True, help="A simulated gun. This is the default.")
@click.option("--speed", metavar="N|max", callback=speed_of, help="Times real time. Default: 1 at a terminal, else max. (sim)")
@click.option("--seed", type=int, help="Whatever varies, varies by it. Default: 1. (sim)")
@click.option("--engine", type=click.Choice(["cpython", "micropython"]), help="What runs the firmware. (sim)")
@click.option("--drive", type=click.Choice(["stepper", "pneumatic"]), help="What moves the needle. Default: stepper. (sim)")
@click.option(
    "--fault", metavar="NAME@MS", multiple=True, shell_complete=breakages, help="What breaks, and when; may be given again. (sim)"
)
@click.option("--trace", metavar="DIR", help="Write pins, shots and messages here. (sim)")
@click.option("--plot", metavar="FILE", help="Draw depth and dose of every shot here: .png, .svg or .pdf.")
@click.option("--overwrite", is_flag=True, help="Replace files that mesogun did not make without asking. (--plot, --trace)")
@click.option("--db", metavar="FILE", callback=named, help="Where the record is kept: a file, or a URL as sqlite:///records.db.")
@click.option(
    "--rest",
    metavar="SESSION",
    type=click.IntRange(1, 2**31),
    shell_complete=sessions,
    help="Give what was left of this session, by its number in the record.",
)
@click.option("--filled", metavar="ML", help="What the syringe holds now. (--rest)")
@click.option("--operator", metavar="NAME", default="", help="Who holds the gun; goes into the record.")
@log_option
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
    overwrite: bool,
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
    port = chosen_port(port, sim, simulation)

    from mesogun.cli.terminal.person import Terminal
    from mesogun.cli.terminal.report import drawn, show
    from mesogun.gun.client import Gun
    from mesogun.visit.begin import Rest, filled_nl_of
    from mesogun.visit.giving import give
    from mesogun.visit.public import result_of

    if filled and rest is None:
        raise click.UsageError("--filled states what is in the syringe for a rest: give --rest too; else the protocol says it")
    wanted = None if rest is None else Rest(rest, None if filled is None else filled_nl_of(filled))
    protocol, _ = loaded(file)  # what no gun can give is refused before one is looked for
    url = port or simulated(simulation | fitted(protocol), as_json)
    _make_room(plot, trace, [db] if db else [database(True), database(False)], cache(agreeing(overwrite)))
    console, missing = screen(err=True), False
    with wire_log() as wire, Gun.connect(url, wire) as gun, Terminal(console, operator) as person:
        if port and not gun.is_to_be_confirmed:
            console.print(f"Gun {gun.welcome.serial} is a simulated one: nobody has to confirm it.", style="yellow")
        given = give(protocol, gun, person, named=bool(port), db=db, operator=operator, rest=wanted)
    if trace and gun.link.not_closed:
        console.print(f"There is no whole trace: {gun.link.not_closed}", style="yellow", soft_wrap=True)
        trace, missing = None, True
    picture = drawn(console, given, plot) if plot else None
    missing = missing or bool(plot and not picture)
    result = result_of(given, trace=trace, plot=picture)
    show(result, as_json)  # this comes last: the trace is complete when the port is closed
    code = stop_code(ctx) if given.asked_to_stop and result.outcome == "stopped" else result.exit_code
    ctx.exit(NOT_ALL if missing and not code else code)


def _make_room(plot: str | None, trace: str | None, records: list[str], agreed: Callable[[str], bool]) -> None:
    """Raises Refused when a picture or a trace cannot be written, as far as that is known before."""
    from mesogun.cli.terminal.report import MADE_HERE, picture_form
    from mesogun.records.opening import path_of
    from mesogun.reports.output import may_write

    for record in map(path_of, records):  # which of them it will be is known when the gun has said hello
        if plot:
            picture_form(plot)
            may_write("plot", plot, record, (MADE_HERE,), agreed)
        for name in TRACE_FILES if trace else ():
            may_write("trace", str(Path(trace or "") / name), record, TRACE_MARKS, agreed)
