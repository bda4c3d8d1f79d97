"""A command talks to the gun that --port names, or to a simulated one."""

from collections.abc import Mapping

import click


def only_simulated(sim: bool, simulation: Mapping[str, object]) -> None:
    """Raises UsageError when an option of the simulated gun stands beside --port."""
    if sim:
        raise click.UsageError("--sim and --port name two different guns: give one of them")
    for name in simulation:
        raise click.UsageError(f"--{name} belongs to the simulated gun: leave it out with --port")


def simulated(simulation: Mapping[str, object], as_json: bool) -> str:
    """Returns the port of a simulated gun. From here on it is a port like any other."""
    import sys
    from urllib.parse import urlencode

    watched = sys.stderr.isatty() and not as_json
    if watched and "speed" not in simulation:
        click.echo("In real time; with --speed max it would be over at once.", err=True)
    defaults = {"seed": 1, "speed": "1" if watched else "max"}
    return "sim://?" + urlencode({**defaults, **simulation}, doseq=True)
