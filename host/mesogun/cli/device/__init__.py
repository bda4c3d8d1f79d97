"""`mesogun device` has the engineer's tools. `info`, `restart` and `selftest` are here, the others in files beside this one."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mesogun.cli.device.calibrate import calibrate
from mesogun.cli.device.config import config, description_table
from mesogun.cli.device.gun import connected, gun_options
from mesogun.cli.device.journal import journal, journal_style, journal_text, log
from mesogun.cli.device.moves import home, prime
from mesogun.cli.device.tested import tested
from mesogun.cli.device.watch import watch
from mesogun.cli.device.zero import zero
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import facts, figures, say_json, screen
from mesogun.gun.answers import described
from mesogun_fw.talk.messages import STATES

if TYPE_CHECKING:
    from mesogun.gun.client import Gun

FAILED = 1


@click.group
def device() -> None:
    """A device engineer's tools: look at a gun, test, home, prime, calibrate and configure it.

    Nothing here makes a shot. What moves at all moves in the air, slowly, once, while somebody holds the trigger.
    Connecting disarms the gun. Every command needs --port, or MESOGUN_PORT, or --sim for a simulated gun.
    """


@device.command
@gun_options
@json_option
def info(port: str | None, drive: str | None, as_json: bool) -> None:
    """Who the gun is, what it is made of, how it is, what its journal adds up to."""
    with connected(port, drive) as gun:
        who, state, journaled, description = gun.welcome, gun.state(), gun.journal(), gun.description
        rows = _who(gun)
    if as_json:
        from mesogun.cli.device.told import DeviceInfo, JournalSums, StateTold

        how = StateTold(**asdict(state) | {"state": STATES[state.state]})
        say_json(DeviceInfo(gun=who, hardware=described(description), state=how, journal=JournalSums.of(journaled)))
        return
    console = screen()
    console.print(facts(rows), soft_wrap=True)
    console.print(f"  {journal_text(journaled)}", style=journal_style(journaled), soft_wrap=True)
    console.print()
    console.print(description_table(description))


@device.command
@gun_options
def restart(port: str | None, drive: str | None) -> None:
    """Let the gun start again, as after switching it off and on: what was stored by `config set` is then in use.

    With the clear button held meanwhile it leaves to MicroPython's prompt, where `mesogun flash` reaches it.
    """
    with connected(port, drive) as gun:
        gun.restart()
    screen().print("The gun starts again.")


def _who(gun: "Gun") -> list[tuple[str, str]]:
    from mesogun.gun.answers import switches
    from mesogun.gun.words import dotted, reason_in_words

    who, state = gun.welcome, gun.state()
    closed = ", ".join(name for name, on in switches(state.inputs).items() if on) or "none"
    rows = [
        ("gun", f"{who.serial}, {'simulated' if who.simulated else 'real'}, at {gun.link.url}"),
        ("firmware", f"{dotted(who.version)}, protocol {who.proto}, table of messages {who.table:08x}"),
        ("holds to", f"{who.depth_cap_um / 1000:g} mm, {who.dose_max_nl / 1000:g} µl, {1e6 / who.period_min_us:g} shots/s"),
        ("state", STATES[state.state] + (f": {reason_in_words(state.latched_by)}" if state.fault else "")),
        ("switches closed", closed),
        ("running for", f"{state.at_ms / 60_000:.1f} min"),
        ("not yet on a laptop", f"{state.kept} events"),
        ("bad lines", f"{state.bad_lines} heard by the gun"),
    ]
    return rows


@device.command
@gun_options
@json_option
@click.pass_context
def selftest(ctx: click.Context, port: str | None, drive: str | None, as_json: bool) -> None:
    """Test again what is tested at power-on; nothing moves. Exit code 1 when something failed.

    Leave trigger and skin contact alone meanwhile.
    """
    from mesogun.gun.words import reason_in_words
    from mesogun_fw.talk.codes import TESTS

    with connected(port, drive) as gun:
        bits, state = gun.selftest(), gun.state()
    names = [*TESTS, *(f"test {i}" for i in range(len(TESTS), bits.bit_length()))]
    failed = [name for i, name in enumerate(names) if bits >> i & 1]
    console = screen(err=as_json)
    table = figures("", "found ", "what to do ")
    for name in names:
        if name in failed:
            table.add_row("FAILED", tested(name).wrong, tested(name).remedy, style="bold red")
        else:
            table.add_row("ok", tested(name).well, "", style="green")
    console.print(table)
    if state.fault:
        console.print(f"The gun is latched: {reason_in_words(state.latched_by)}", style="yellow", soft_wrap=True)
    if as_json:
        from mesogun.cli.device.told import SelfTested

        say_json(SelfTested(failed=tuple(failed), tests=TESTS, bits=bits))
    ctx.exit(FAILED if failed else 0)


for command in (home, zero, prime, calibrate, config, log, journal, watch):
    device.add_command(command)
