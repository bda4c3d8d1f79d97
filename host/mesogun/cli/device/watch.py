"""`mesogun device watch` shows the gun's inputs and the guard's figures, live."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Self

import click

from mesogun.cli.device.gun import connected, gun_options
from mesogun.cli.terminal.faces import json_option, stop_code
from mesogun.cli.terminal.screen import say_json, screen
from mesogun_fw import limits
from mesogun_fw.config import supply_min_mv
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, PNEUMATIC, RETURNING, RUNNING, STATES, STOPPED, UNHOMED

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from mesogun.gun.answers import Watched
    from mesogun.gun.client import Gun

PERIOD_S = 0.1
LINE_EVERY = 10  # where no terminal is, this makes a line a second
BAR = 50
LATE_US = 500  # half a tick is worth a look; limits.TICK_LATE_US is a fault
WARM_C = limits.TEMPERATURE_MAX_C - 10

# The lamp at the gun shows a state in the same colour.
LAMP = {
    UNHOMED: "bright_white",
    IDLE: "bright_white",
    HOMING: "yellow",
    ARMED: "green",
    RUNNING: "blue",
    RETURNING: "blue",
    FAULTED: "red",
    STOPPED: "red",
}
_SWITCH_ON = {"e-stop": "bold red", "home": "green"}  # the others are yellow when they are closed


@click.command
@click.option("--seconds", type=click.FloatRange(0, min_open=True), metavar="N", help="Stop after so long. Default: at Ctrl-C.")
@gun_options
@json_option
@click.pass_context
def watch(ctx: click.Context, port: str | None, drive: str | None, seconds: float | None, as_json: bool) -> None:
    """Live, ten times a second: state, switches, encoders, supply, and how late the guard is.

    Press trigger, contacts, clear and e-stop by hand and see them here. With --json each look is one object on a line.
    Connecting disarms the gun, and watching it arms nothing. Ctrl-C leaves.
    """
    from mesogun.gun.stops import Stops

    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    with connected(port, drive, real_time=seconds is None) as gun, Stops(stop), _watching(gun, as_json) as show:
        now_s = gun.link.now_s
        due_s = now_s()
        until_s = due_s + seconds if seconds is not None else float("inf")
        while not stopped and now_s() < until_s:
            show(gun.watch())
            due_s = max(due_s + PERIOD_S, now_s())
            while now_s() < min(due_s, until_s) - 0.001 and not stopped:
                gun.turn(min(due_s, until_s) - now_s())
    ctx.exit(stop_code(ctx) if stopped else 0)


def _watching(gun: "Gun", as_json: bool) -> "_Face":
    if as_json:
        return _Json(gun)
    console = screen()
    return _Screen(gun, console) if console.is_interactive else _Lines(gun, console)


class _Face:
    """A _Face shows each look it is called with."""

    def __init__(self, gun: "Gun") -> None:
        self._gun = gun

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, now: "Watched") -> None:
        raise NotImplementedError


class _Json(_Face):
    """_Json is for a program: `after_ms` counts by the link's clock since the watching began."""

    def __init__(self, gun: "Gun") -> None:
        super().__init__(gun)
        self._began_s = gun.link.now_s()

    def __call__(self, now: "Watched") -> None:
        from mesogun.cli.device.told import Look

        link = self._gun.link
        after_ms = round((link.now_s() - self._began_s) * 1000)
        told = asdict(now) | {"state": STATES[now.state], "fault": link.state["fault"], "switches": now.switches}
        say_json(Look(after_ms=after_ms, **told, bad_lines=link.state["bad_lines"], bad_lines_here=link.bad_lines))


class _Lines(_Face):
    """_Lines are for a log."""

    def __init__(self, gun: "Gun", console: "Console") -> None:
        super().__init__(gun)
        self._console = console
        self._looks = 0

    def __call__(self, now: "Watched") -> None:
        if self._looks % LINE_EVERY == 0:
            self._console.print("; ".join(f"{name} {text.plain}" for name, text in _rows(self._gun, now)), soft_wrap=True)
        self._looks += 1


class _Screen(_Face):
    """A _Screen is for a terminal. A thread of rich's draws whole pictures ten times a second; the last one stays."""

    def __init__(self, gun: "Gun", console: "Console") -> None:
        from rich.live import Live

        super().__init__(gun)
        self._now: Watched | None = None
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=10)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, now: "Watched") -> None:
        self._now = now

    def _render(self) -> "RenderableType":
        return picture(self._gun, self._now) if self._now else ""


def picture(gun: "Gun", now: "Watched") -> "RenderableType":
    """Returns one look, for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, text in _rows(gun, now):
        table.add_row(Text(f"  {name}", style="dim"), text)
    return Group(Text(f"Gun {gun.welcome.serial}, at {gun.link.url}", style="bold"), table)


def _rows(gun: "Gun", now: "Watched") -> "list[tuple[str, Text]]":
    from rich.text import Text

    low_mv = supply_min_mv(gun.description)
    rows = [
        ("state", _state(gun, now)),
        ("switches", _switches(now)),
        ("needle", _needle(now)),
        ("plunger", Text(f"{now.plunger_nm / 1e6:.3f} mm, waste {now.waste_nl / 1000:.1f} µl")),
        ("supply", Text(f"{now.supply_mv / 1000:.1f} V", style="bold red" if now.supply_mv < low_mv else "")),
        ("controller", Text(f"{now.temperature_c} °C", style=_warn(now.temperature_c, WARM_C, limits.TEMPERATURE_MAX_C + 1))),
    ]
    if gun.description.drive == PNEUMATIC:
        well = limits.PRESSURE_MIN_KPA <= now.pressure_kpa <= limits.PRESSURE_MAX_KPA
        rows.append(("air", Text(f"{now.pressure_kpa} kPa", style="" if well else "bold red")))
        rows.append(("depth stop", Text(f"{now.stop_um / 1000:.3f} mm")))
    return [*rows, ("guard", _guard(now)), ("cable", _cable(gun))]


def _state(gun: "Gun", now: "Watched") -> "Text":
    from rich.text import Text

    from mesogun.gun.explanations import Reason
    from mesogun.gun.words import reason_in_words

    lamp = Text.assemble(("● ", LAMP[now.state]), (STATES[now.state], "bold"))
    fault = Reason(gun.link.state["fault"])
    return lamp.append(f": {reason_in_words(fault)}", style="red") if fault and now.state in (FAULTED, STOPPED) else lamp


def _switches(now: "Watched") -> "Text":
    from rich.text import Text

    lamps = Text()
    for name, on in (now.switches | {"syringe": bool(now.syringe)}).items():
        lamps.append("● " if on else "○ ", style=_SWITCH_ON.get(name, "yellow") if on else "dim")
        lamps.append(f"{name}   ", style="" if on else "dim")
    lamps.rstrip()
    return lamps


def _needle(now: "Watched") -> "Text":
    """Returns a bar that is full at the deepest depth there is."""
    from rich.text import Text

    if now.state == UNHOMED:
        return Text("not homed: its place is not known", style="dim")
    cells = min(BAR, max(0, round(BAR * now.needle_um / limits.DEPTH_CAP_UM)))
    style = "red" if now.needle_um > limits.DEPTH_CAP_UM else "cyan"
    bar = Text.assemble(("█" * cells, style), ("·" * (BAR - cells), "dim"), ("▏", "red"))
    bar.append(f" {now.needle_um / 1000:6.3f} mm of {limits.DEPTH_CAP_UM // 1000}", style="bold red" if style == "red" else "")
    return bar.append(", if it was homed before", style="dim") if now.state in (FAULTED, STOPPED) else bar


def _guard(now: "Watched") -> "Text":
    from rich.text import Text

    longest = f"{now.tick_us} µs" if now.tick_us else "not measured"
    return Text.assemble(
        "latest tick ",
        (f"{now.late_us} µs late", _warn(now.late_us, LATE_US, limits.TICK_LATE_US)),
        ", longest ",
        (longest, _warn(now.tick_us, LATE_US, limits.TICK_US)),
    )


def _cable(gun: "Gun") -> "Text":
    from rich.text import Text

    bad = gun.link.state["bad_lines"], gun.link.bad_lines
    return Text(f"bad lines: {bad[0]} heard by the gun, {bad[1]} here", style="yellow" if any(bad) else "")


def _warn(value: int, warn: int, bad: int) -> str:
    return "bold red" if value >= bad else "yellow" if value >= warn else ""
