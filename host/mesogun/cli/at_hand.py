"""A protocol is judged for the gun at hand: one of a kind of drive, or the very one at a port."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mesogun.cli.terminal.faces import named

if TYPE_CHECKING:
    from mesogun.clinical.plan_problems import Ceilings
    from mesogun_fw.config import Description

DRIVES = {"stepper": "a motor drives the needle", "pneumatic": "air throws the needle"}  # in the order of their numbers


class AtHand(NamedTuple):
    """Which gun, in words; and what `plan` takes of it: nothing when no gun was named, and any will do."""

    words: str
    figures: "tuple[()] | tuple[Description] | tuple[Description, Ceilings]"
    real: bool = False


def judged_for(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--drive` and `--port`, and hands on as `gun` which one they name."""

    @click.option("--drive", type=click.Choice(list(DRIVES)), help="Judge it for a gun of the reference design with this drive.")
    @click.option(
        "--port", metavar="URL", callback=named, help="Judge it for the gun there, by what it says of itself. That disarms it."
    )
    @functools.wraps(command)
    def with_gun(*, drive: str | None, port: str | None, **rest: Any) -> None:
        if drive and port:
            raise click.UsageError("--drive and --port name two guns: the one at the port says itself what drives its needle")
        command(gun=_at(port) if port else _driven(drive) if drive else AtHand("", ()), **rest)

    return with_gun


def _driven(drive: str) -> AtHand:
    from mesogun_fw.config import REFERENCE, Description
    from mesogun_fw.talk.messages import GUN

    figures = dict(zip((name for name, _, _ in GUN), REFERENCE, strict=True)) | {"drive": list(DRIVES).index(drive)}
    return AtHand(f"a gun of the reference design, where {DRIVES[drive]}", (Description(tuple(figures.values())),))


def _at(port: str) -> AtHand:
    from mesogun.gun.client import Gun

    with Gun.connect(port) as gun:
        kind = "simulated gun" if gun.welcome.simulated else "gun"
        driven = list(DRIVES.values())[gun.description.drive]
        return AtHand(f"{kind} {gun.welcome.serial}, where {driven}", (gun.description, gun.welcome), not gun.welcome.simulated)
