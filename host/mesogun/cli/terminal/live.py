"""A session is shown as it happens: live at a terminal, by plain lines now and then elsewhere. Both observe, and may fail."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, RUNNING, STATES, STOPPED, UNHOMED

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.records.tally import Progress

RATE_MS = 4_000  # the rate shown is that of the last seconds
BAR, LEAST_BAR = 36, 8

_COLOURS = {
    UNHOMED: "yellow",
    HOMING: "yellow",
    ARMED: "bold cyan",  # it is the person's turn
    RUNNING: "bold green",
    FAULTED: "bold white on red",
    STOPPED: "bold white on red",
}
_OUT_OF_THE_WAY = (UNHOMED, HOMING, FAULTED, STOPPED)


def watching(console: Console, plan: "Plan", serial: int) -> "Screen | Lines":
    """Returns what shows this plan's progress here. It is called with each Progress; `aside` makes room for a question."""
    return Screen(console, plan, serial) if console.is_interactive else Lines(console, plan, serial)


class Lines:
    """Lines are for a log: one at the start of a pass and at each quarter of it, and when something is asked of the hand."""

    def __init__(self, console: Console, plan: "Plan", serial: int) -> None:
        self._console = console
        self._said = (-1, -1)
        self._asked = ""
        self._low = False
        console.print(f"{plan.title}: {plan.counted} with gun {serial}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, now: "Progress") -> None:
        asked = now.prompt if now.waits_for or now.state in _OUT_OF_THE_WAY else ""
        if asked and asked != self._asked:
            self._console.print(f"{_state(now)}: {asked}", soft_wrap=True)
        self._asked = asked
        if now.syringe_low and not self._low:
            self._console.print(_low(now), style="yellow", soft_wrap=True)
        self._low = now.syringe_low
        reached = (now.pass_index, 4 * now.done // now.shots)
        if reached != self._said:
            self._said = reached
            line = f"pass {now.pass_index + 1} of {now.passes}, {now.technique}: {now.done} of {now.shots} {now.unit}"
            self._console.print(line + (f"; {_last(now)}; {now.volume_nl / 1e6:.3f} ml given" if now.total_done else ""))

    @contextmanager
    def aside(self) -> Iterator[None]:
        yield


class Screen:
    """A Screen is for a terminal. A thread of rich's draws it, so that a slow terminal never holds up the link."""

    def __init__(self, console: Console, plan: "Plan", serial: int) -> None:
        self._heading = Text.assemble((plan.title, "bold"), (f"   gun {serial}", "dim"))
        self._now: Progress | None = None
        self._recent: deque[tuple[int, int]] = deque()
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=10, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, now: "Progress") -> None:
        self._recent.append((now.at_ms, now.total_done))
        while now.at_ms - self._recent[0][0] > RATE_MS:
            self._recent.popleft()
        self._now = now

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def _render(self) -> RenderableType:
        now = self._now
        if now is None:
            return self._heading
        bars = Table.grid(padding=(0, 2))
        for whole in (False, True, True):  # the name of a pass may be broken into lines, figures never
            bars.add_column(no_wrap=whole)
        width = min(BAR, max(LEAST_BAR, self._live.console.width - 60))
        for name, done, shots, unit in (
            (f"pass {now.pass_index + 1} of {now.passes}, {now.technique}", now.done, now.shots, now.unit),
            ("all", now.total_done, now.total_shots, ""),
        ):
            bar = ProgressBar(total=shots, completed=done, width=width, complete_style="cyan", finished_style="green")
            bars.add_row(f"  {name}", bar, f"{done} of {shots} {unit}")
        rate = "" if now.unit == "s" else f", {self._rate()}"
        given = f"  {now.volume_nl / 1e6:.3f} ml given" + (f", {_last(now)}{rate}" if now.total_done else "")
        prompt = Text(f"  {now.prompt}", style="bold yellow" if now.waits_for else _COLOURS.get(now.state, "dim"))
        state = Text(f"  [{_state(now)}]", style="dim")
        low = [Text(f"  {_low(now)}", style="yellow")] if now.syringe_low else []
        return Group(self._heading, bars, Text(given), *low, Text.assemble(prompt, state))

    def _rate(self) -> str:
        recent = list(self._recent)  # the pump goes on adding meanwhile
        (first_ms, first), (last_ms, last) = recent[0], recent[-1]
        return f"{1000 * (last - first) / (last_ms - first_ms):.1f} shots/s" if last_ms > first_ms else "0.0 shots/s"


def _state(now: "Progress") -> str:
    return f"waiting for {now.waits_for}" if now.waits_for else STATES[now.state]


def _low(now: "Progress") -> str:
    return f"The syringe is nearly empty: {now.syringe_left_nl / 1e6:.3f} ml left; the gun stops at the last full dose"


def _last(now: "Progress") -> str:
    return f"last {now.last_depth_um / 1000:.2f} mm, {now.last_dose_nl / 1000:.1f} µl"
