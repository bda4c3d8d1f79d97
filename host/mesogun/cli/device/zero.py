"""`mesogun device zero` measures where the tip stands against the nose cone, after every change of needle or cone."""

from typing import TYPE_CHECKING

import click

from mesogun.cli.device.gun import connected, gun_options, typed_number
from mesogun.cli.device.moves import demand_whole, home_first, shown
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import say_json, screen
from mesogun_fw.limits import DEPTH_ERROR_UM

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.gun.client import Gun

OUT_UM = 1_000  # the tip stands out so far while it is measured
WITHIN_UM = DEPTH_ERROR_UM // 2  # this is half of what a depth may be off: the rest is the needle axis' own
OFF_MM = (-10.0, 20.0)  # a needle of 13 mm behind the cone of a 4 mm one is 9 mm off
OUTSIDE = 1


@click.command
@gun_options
@json_option
@click.pass_context
def zero(ctx: click.Context, port: str | None, drive: str | None, as_json: bool) -> None:
    """Measure where the tip stands: after every change of needle or nose cone, before anything is armed.

    In the air the needle goes out by 1 mm, stands for 2 s, comes back; hold the trigger and measure with a depth gauge how
    far the tip stands out of the cone. What it is more or less than 1 mm every depth would be: turn the cone by so much.
    """
    console = screen(err=True)
    with connected(port, drive) as gun:
        off_um = _measured(console, gun)
    within = abs(off_um) <= WITHIN_UM
    if within:
        console.print(f"The tip stands where it shall, to {off_um / 1000:+.2f} mm.", style="bold green")
    else:
        way = "forward" if off_um > 0 else "back"
        console.print(f"Every depth would be {off_um / 1000:+.2f} mm off.", style="bold red")
        console.print(f"Turn the cone {way} by {abs(off_um) / 1000:.2f} mm, then measure again.", soft_wrap=True)
        if abs(off_um) > OUT_UM:
            console.print("So much is another needle's cone: fit the one keyed to this needle.", style="bold red", soft_wrap=True)
    if as_json:
        from mesogun.cli.device.told import Zeroed

        say_json(Zeroed(off_um=off_um, within=within))
    ctx.exit(0 if within else OUTSIDE)


def _measured(console: "Console", gun: "Gun") -> int:
    from mesogun.gun import moves

    demand_whole(home_first(console, gun))
    console.print(f"\nThe needle goes out by {OUT_UM / 1000:g} mm, stands for 2 s, comes back.", style="bold yellow")
    with shown(console, "Fingers away. Hold the trigger until it is back; measure while it stands") as show:
        moved = moves.move(gun, lambda: gun.gauge(OUT_UM), show)
    demand_whole(moved)
    return round(typed_number(console, "The tip stood out of the cone by", "mm", *OFF_MM) * 1000) - OUT_UM
