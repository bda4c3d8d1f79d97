"""An engineer's command finds its gun here, and what a person types to it."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from mesogun.cli.ports import A_PORT, chosen_port, port_option, simulated
from mesogun.cli.terminal.typed import typed
from mesogun.cli.wire import log_option, wire_log
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk.messages import BY_NAME

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.gun.client import Gun

DRIVES = ("stepper", "pneumatic")


def gun_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--port`, `--sim`, `--drive` and `--log`. The command gets a port, None for a simulated gun, and the drive: `connected`
    takes them.

    Nobody is given a simulated gun who did not ask for one: an engineer would take it for the gun on the bench.
    """

    @port_option(f"The gun: {A_PORT}")
    @click.option("--sim", is_flag=True, help="A simulated gun, new at every command, with a hand that obeys.")
    @click.option("--drive", type=click.Choice(DRIVES), help="What moves the simulated gun's needle. Default: stepper. (sim)")
    @log_option
    @functools.wraps(command)
    def with_gun(*, port: str | None, sim: bool, drive: str | None, **rest: Any) -> None:
        port = chosen_port(port, sim, {"drive": drive} if drive else {})
        if port is None and not sim:
            remedy = "Name it with --port, which mesogun ports lists, or by --port auto; --sim is a simulated one"
            raise Refused(Problem("port", "none named", "this command is for one gun, and nobody said which", remedy))
        command(port=port, drive=drive, **rest)

    return with_gun


@contextmanager
def connected(port: str | None, drive: str | None, *, real_time: bool = False) -> Iterator["Gun"]:
    """Yields the gun at this port, or a simulated one: in real time when a person looks on or `real_time` asks for it."""
    from mesogun.gun.client import Gun

    speed = "1" if real_time or sys.stderr.isatty() else "max"
    url = port or simulated({"drive": drive or DRIVES[0], "speed": speed}, as_json=False)
    with wire_log() as wire, Gun.connect(url, wire) as gun:
        yield gun


def amount(message: str, field: str, unit: str, per_unit: int) -> Callable[[click.Context, click.Parameter, str], int]:
    """Returns a callback that converts what a person writes exactly to a message's field: `per_unit` of it make one `unit`."""
    low, high = next((low, high) for name, low, high in BY_NAME[message][2] if name == field)
    choice = f"give {low / per_unit:g} to {high / per_unit:g} {unit}"

    def counts(ctx: click.Context, param: click.Parameter, text: str) -> int:
        try:
            exact = Decimal(text) * per_unit
        except InvalidOperation:
            raise click.BadParameter(f"{text} is no number: {choice}") from None
        if not exact.is_finite() or not low <= exact <= high:
            raise click.BadParameter(f"{text} {unit} is outside what the gun takes: {choice}")
        if exact % 1:
            raise click.BadParameter(f"{text} {unit} is finer than the gun takes: {choice} in steps of {1 / per_unit:g}")
        return int(exact)

    return counts


def confirm_serial(console: "Console", gun: "Gun", port: str | None) -> None:
    """Passes when a person has typed the serial of a gun named by its port, or it is a simulated one. Else raises Refused.

    An empty line is asked again.
    """
    if port is None or not gun.is_to_be_confirmed:
        return
    serial = gun.welcome.serial
    console.print(f"Gun {serial}, at {gun.link.url}")
    if not sys.stdin.isatty():
        limit = "a person at a terminal types the gun's serial number"
        raise Refused(Problem("confirmation", "no terminal", limit, "Start this in a terminal"))
    answer: str | None = ""
    while answer == "":
        answer = typed(console, "Type the serial number printed on the gun to go on:")
    if answer != str(serial):
        limit = f"the gun at this port has serial number {serial}"
        raise Refused(Problem("confirmation", answer or "nothing", limit, "Look which gun you hold, then start again"))


def typed_number(console: "Console", question: str, unit: str, low: float, high: float) -> float:
    """Returns a reading between `low` and `high`. A person is asked again, anything else is refused."""
    while True:
        text = typed(console, f"{question}, in {unit}:")
        try:
            value = float(text or "")
            if low <= value <= high:
                return value
            limit = f"that is not between {low:g} and {high:g} {unit}"
        except ValueError:
            limit = "that is no number"
        remedy = f"Type {unit}, with a point for the decimals"
        if text is None or not sys.stdin.isatty():
            raise Refused(Problem(question, text or "nothing", limit, remedy))
        console.print(f"  {limit}. {remedy}", style="yellow")
