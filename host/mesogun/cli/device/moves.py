"""`mesogun device home` and `prime` move in the air; somebody who holds the gun allows it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mesogun.cli.device.gun import amount, connected, gun_options
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import say_json, screen
from mesogun.clinical.syringes import PLASTIC, STIFF, swept_nl
from mesogun.gun.answers import switches
from mesogun.refusal import GunStopped, MesogunError, Problem, Refused
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import RETURNING, STATES, UNHOMED

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.gun.client import Gun, State
    from mesogun.gun.moves import Moved

FLOW_UL_S = "50"  # A: it passes every needle of the field, and a drop is seen to come
_DISAGREE = (reasons.DEPTH_WRONG, reasons.NEEDLE_ASTRAY, reasons.NEEDLE_OVERRUN, reasons.STOP_ASTRAY)
SYRINGES = {f"{size_ml:g}": one.bore_um for size_ml, one in PLASTIC.items()}
SYRINGES |= {f"{size_ml:g}-stiff": one.bore_um for size_ml, one in STIFF.items() if one.gives_ul_kpa}
SEATED = "The syringe that is seated: of plastic, or 1-stiff of glass or COC."

flow_option = click.option(
    "--flow-ul-s",
    metavar="N",
    callback=amount("prime", "flow_nl_s", "µl/s", 1000),
    default=FLOW_UL_S,
    show_default=True,
    help="How fast.",
)


@click.command
@gun_options
@json_option
@click.pass_context
def home(ctx: click.Context, port: str | None, drive: str | None, as_json: bool) -> None:
    """Find the needle's home and check its axis.

    A slow stroke of 0.5 mm in the air. It proves motor, encoder and home switch; nothing is armed before it. Hold the gun
    in the air and press the trigger. Ctrl-C stops it.
    """
    console = screen(err=True)
    with connected(port, drive) as gun:
        moved = homed(console, gun)
    say_ending(console, moved)
    if moved.whole:
        console.print("Home: motor, encoder and home switch agree.", style="bold green")
    if as_json:
        from mesogun.cli.device.told import Homed

        say_json(Homed(homed=moved.whole, state=STATES[moved.state], reason=moved.reason))
    ctx.exit(exit_code(moved))


@click.command
@click.option(
    "--volume-ul", required=True, callback=amount("prime", "volume_nl", "µl", 1000), metavar="N", help="How much: 1 to 200."
)
@click.option("--syringe-ml", required=True, type=click.Choice(list(SYRINGES)), help=SEATED)
@flow_option
@gun_options
@json_option
@click.pass_context
def prime(
    ctx: click.Context, port: str | None, drive: str | None, volume_ul: int, syringe_ml: str, flow_ul_s: int, as_json: bool
) -> None:
    """Push the plunger, needle home: fill the line until a drop comes.

    Hold the gun over a swab and press the trigger: drug comes out. What is pushed is waste. For more, give the command
    again. Ctrl-C stops it.
    """
    console = screen(err=True)
    with connected(port, drive) as gun:
        moved, pushed_nl = primed(console, gun, volume_ul, flow_ul_s, SYRINGES[syringe_ml], "over a swab")
        waste_nl = gun.watch().waste_nl
    say_ending(console, moved)
    style = "bold green" if moved.whole else "bold yellow"
    console.print(f"Pushed {pushed_nl / 1000:.1f} µl of {volume_ul / 1000:g} µl: waste.", style=style)
    console.print(f"Waste since power-on: {waste_nl / 1000:.1f} µl", style="dim")
    if as_json:
        from mesogun.cli.device.told import Primed

        say_json(
            Primed(
                whole=moved.whole,
                asked_nl=volume_ul,
                pushed_nl=pushed_nl,
                waste_nl=waste_nl,
                state=STATES[moved.state],
                reason=moved.reason,
            )
        )
    ctx.exit(exit_code(moved))


def primed(console: "Console", gun: "Gun", volume_nl: int, flow_nl_s: int, bore_um: int, where: str) -> "tuple[Moved, int]":
    """Primes, and returns how it ended and what was pushed, by the plunger's encoder, in nl. It homes first when it must.

    When homing fails, that is all: its ending is returned, and 0.
    """
    from mesogun.gun import moves

    _check_flow(gun, flow_nl_s, bore_um)
    if stopped := home_first(console, gun):
        return stopped, 0
    console.print(f"Hold it {where}: {volume_nl / 1000:g} µl will come out of the needle.", style="bold yellow")
    before_nl = gun.watch().waste_nl
    with shown(console, f"Hold the gun in the air, {where}, and press the trigger") as show:
        moved = moves.move(gun, lambda: gun.prime(volume_nl, flow_nl_s, bore_um), show)
    return moved, gun.watch().waste_nl - before_nl


def _check_flow(gun: "Gun", flow_nl_s: int, bore_um: int) -> None:
    fastest_nl_s = swept_nl(bore_um, gun.description.plunger_um_s)
    if flow_nl_s > fastest_nl_s:
        limit = f"the plunger makes at most {fastest_nl_s // 1000} µl/s with this syringe"
        raise Refused(Problem("flow", f"{flow_nl_s / 1000:g} µl/s", limit, "Set --flow-ul-s lower"))


def home_first(console: "Console", gun: "Gun") -> "Moved | None":
    """Returns None when the needle's place is known now, else how homing failed. Raises Refused when nothing may move."""
    from mesogun.gun import moves

    moves.check_free(gun)
    if gun.link.state["state"] != UNHOMED:
        return None
    console.print("The needle's place is not known: first the gun finds its home.")
    moved = homed(console, gun)
    return None if moved.whole else moved


def homed(console: "Console", gun: "Gun") -> "Moved":
    """Homes, and returns how that ended. Raises Refused when nothing may move."""
    from mesogun.gun import moves

    moves.check_free(gun)
    with shown(console, "Hold the gun in the air and press the trigger") as show:
        return moves.home(gun, show)


def say_ending(console: "Console", moved: "Moved") -> None:
    """Says why a move was not completed; of one that was it says nothing."""
    if not moved.whole:
        console.print(_not_done(moved), style="bold red" if moved.latched else "bold yellow", soft_wrap=True)


def demand_whole(moved: "Moved | None") -> None:
    """Passes when a move that was needed was completed. Raises GunStopped when the gun is latched, else MesogunError."""
    if moved and not moved.whole:
        raise (GunStopped if moved.latched else MesogunError)(_not_done(moved))


def _not_done(moved: "Moved") -> str:
    hint = ". If steps or encoder are described wrongly, this is how it shows: mesogun device config get"
    return f"Not done: {moved.in_words}{hint if moved.reason in _DISAGREE else ''}"


def exit_code(moved: "Moved") -> int:
    return 0 if moved.whole else 4 if moved.latched else 1


@contextmanager
def shown(console: "Console", prompt: str) -> "Iterator[Callable[[State], None]]":
    """Yields what shows a move as it goes on: one live line at a terminal, a line at each change elsewhere."""
    said = ""
    was_open = False  # a press counts when it is a fresh one

    def phrase(state: "State") -> str:
        nonlocal was_open
        pressed = switches(state.inputs)
        held = pressed["trigger a"] and pressed["trigger b"]
        was_open = was_open or not held
        if state.state == RETURNING:
            return "The needle comes home"
        if pressed["contact a"] or pressed["contact b"]:
            return "Lift the gun off: a skin contact is closed"
        if held:
            return "Keep holding" if was_open else "Let go of the trigger first"
        return prompt

    def lines(state: "State") -> None:
        nonlocal said
        before, said = said, phrase(state)
        if said != before:
            console.print(f"{STATES[state.state]}: {said}", soft_wrap=True)

    if not console.is_interactive:
        yield lines
        return
    with console.status(prompt) as status:
        yield lambda state: status.update(f"{phrase(state)}   {STATES[state.state]}")
