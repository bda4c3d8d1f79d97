"""`mesogun run`: one session, from a protocol to its record, summary and picture."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mesogun.cli import asking
from mesogun.cli.faces import json_option, stop_code
from mesogun.cli.places import complete, database, protocol_file
from mesogun.cli.screen import screen
from mesogun.refusal import Problem, Refused

if TYPE_CHECKING:
    from mesogun.cli.report import Given
    from mesogun.gun import Gun
    from mesogun.planning import Plan
    from mesogun.protocol import Protocol
    from mesogun.records import Records, SessionStart

_EXIT_CODES = {"complete": 0, "interrupted": 3, "fault": 4, "estop": 4}
_UNFINISHED = 1


def speed_of(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    """A speed as the simulated gun reads it: `max`, or times real time."""
    if text in (None, "max"):
        return text
    try:
        if 0.001 <= float(text) <= 1000:
            return text
    except ValueError:
        pass
    raise click.BadParameter(f"{text} is no speed: give max, or times real time from 0.001 to 1000")


@click.command
@click.argument("file", shell_complete=complete)
@click.option("--port", metavar="URL", help="A real gun: /dev/ttyACM0, COM3, socket://HOST:PORT. You type its serial number.")
@click.option("--sim", is_flag=True, help="A simulated gun. This is the default.")
@click.option("--speed", metavar="N|max", callback=speed_of, help="Times real time. Default: 1 at a terminal, else max. (sim)")
@click.option("--seed", type=int, help="What varies, varies by it. Default: 1. (sim)")
@click.option("--engine", type=click.Choice(["cpython", "micropython"]), help="What runs the firmware. (sim)")
@click.option("--fault", metavar="NAME@MS", multiple=True, help="What breaks, and when; may be given again. (sim)")
@click.option("--trace", metavar="DIR", help="Write pins, shots and messages here. (sim)")
@click.option("--plot", metavar="PNG", help="Draw depth and dose of every shot here.")
@click.option("--db", metavar="URL", help="Where the record is kept, such as sqlite:///records.db.")
@click.option("--operator", metavar="NAME", default="", help="Who holds the gun; goes into the record.")
@json_option
@click.pass_context
def run(
    ctx: click.Context, file: str, port: str | None, sim: bool, plot: str | None, db: str | None, operator: str, as_json: bool, **simulation: Any
) -> None:
    """Give a protocol with a gun, and keep the record.

    FILE is a protocol file, or a name of the library, such as face/mesolift. Ctrl-C at any moment brings the needle back
    and completes the record.
    """
    from mesogun.cli.report import Given, show
    from mesogun.gun import Gun
    from mesogun.planning import plan
    from mesogun.protocol import load_protocol

    url = _url(port, sim, as_json, **simulation)
    protocol = load_protocol(protocol_file(file))
    plan(protocol)  # what no gun can give is refused before one is looked for
    _make_room("plot", Path(plot).parent if plot else None)
    _make_room("trace", simulation["trace"])
    with Gun.connect(url) as gun:
        given, asked_to_stop = _visit(gun, protocol, port, plot, db, operator)
    # The trace is complete when the port is closed.
    show(Given(**given, trace=simulation["trace"]), as_json)
    stopped = stop_code(ctx) if asked_to_stop else _UNFINISHED
    ctx.exit(_EXIT_CODES.get(given["summary"].outcome, stopped))
