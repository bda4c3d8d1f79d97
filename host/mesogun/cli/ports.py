"""A command talks to the gun that --port or MESOGUN_PORT names, or to a simulated one; `mesogun ports` lists what is there."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from mesogun.cli.terminal.faces import json_option, named
from mesogun.cli.terminal.screen import say_json, screen

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.ports import Found

F = TypeVar("F", bound=Callable[..., Any])
VARIABLE = "MESOGUN_PORT"
A_PORT = "/dev/ttyACM0, COM3, socket://HOST:PORT, or auto: the only one plugged in."


def port_option(text: str) -> Callable[[F], F]:
    """Adds `--port`, which the environment may name too; `chosen_port` says which gun it is in the end."""
    return click.option("--port", metavar="URL", envvar=VARIABLE, show_envvar=True, callback=named, help=text)


def chosen_port(port: str | None, sim: bool, simulation: Mapping[str, object]) -> str | None:
    """Returns the port of the gun that was named, None for none. What is typed counts more than what the environment says.

    Raises UsageError when a simulated gun, or an option of one, stands beside it.
    """
    by_environment = click.get_current_context().get_parameter_source("port") is ParameterSource.ENVIRONMENT
    if port is None or (sim and by_environment):
        return None
    if sim:
        raise click.UsageError("--sim and --port name two different guns: give one of them")
    for name in simulation:
        remedy = f"{VARIABLE} names another: give --sim too" if by_environment else "leave it out with --port"
        raise click.UsageError(f"--{name} belongs to the simulated gun: {remedy}")
    if by_environment:
        click.echo(f"The gun is that at {port}: {VARIABLE} names it.", err=True)
    return port


def simulated(simulation: Mapping[str, object], as_json: bool) -> str:
    """Returns the port of a simulated gun, and says aloud that it is one. From here on it is a port like any other."""
    import sys
    from urllib.parse import urlencode

    click.echo("This is a simulated gun, new at every command.", err=True)
    watched = sys.stderr.isatty() and not as_json
    if watched and "speed" not in simulation:
        click.echo("In real time; with --speed max it would be over at once.", err=True)
    defaults = {"seed": 1, "speed": "1" if watched else "max"}
    return "sim://?" + urlencode({**defaults, **simulation}, doseq=True)


def fitted(protocol: "Protocol") -> dict[str, object]:
    """Returns what a person would fit to a gun for this protocol, as a simulated one is told of it."""
    needle, syringe, cocktail = protocol.needle, protocol.syringe, protocol.cocktail
    said = {
        "gauge": needle.gauge,
        "length_mm": needle.length_mm,
        "line": syringe.line or ("none" if syringe.stiff else "any"),
        "area": protocol.area,
    }
    return said | ({"stiff": 1} if syringe.stiff else {}) | ({"viscosity_mpa_s": cocktail.viscosity_mpa_s} if cocktail else {})


@click.command
@json_option
def ports(as_json: bool) -> None:
    """What is plugged in, and which of it is a gun.

    Raspberry Pi boards are asked who they are, which disarms a gun; nothing is sent to any other device. A simulated gun is not
    listed: `mesogun sim` tells its port.
    """
    from mesogun.gun.ports import ports as found_ports

    found = found_ports()
    if as_json:
        from mesogun.gun.ports import PluggedIn

        say_json(PluggedIn(ports=found))
        return
    console = screen()
    for one in found:
        console.print(_line(one), soft_wrap=True)
    if not found:
        console.print("No serial port is there: plug the gun in, or see what its cable carries; some only charge.", soft_wrap=True)


def _line(one: "Found") -> "Text":
    from rich.text import Text

    text = Text.assemble((one.port, "bold"), "  ", (one.what, "green" if one.serial is not None else ""))
    return text.append(f"\n    {one.remedy}", "cyan") if one.remedy else text
