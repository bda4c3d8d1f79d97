"""A person at this terminal is shown things and asked on standard error, and types answers."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mesogun.cli.terminal.live import watching
from mesogun.cli.terminal.screen import facts, figures
from mesogun.cli.terminal.tty import Hush, let_go
from mesogun.cli.terminal.typed import Lines, keyboard, typed
from mesogun.gun.words import dotted
from mesogun.records.tally import Progress
from mesogun.times import local, local_column
from mesogun.visit.begin import LATELY_H
from mesogun.visit.left import Left
from mesogun.visit.person import (
    NO_ANSWER,
    Answer,
    Arming,
    Beginning,
    Choice,
    ClockBehind,
    Foreign,
    GivenBefore,
    Injection,
    Interrupted,
    Meanwhile,
    Pause,
    Question,
    Shown,
)
from mesogun_fw.talk.messages import CONSTANT_FLOW

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.cli.terminal import live
    from mesogun.clinical.plans import PassPlan
    from mesogun.records.rows import SessionRow


class Terminal:
    """A Terminal is whoever reads this screen and types here; `operator` is who that is, else the account is named.

    Where standard input is no terminal, nobody is there, nor is anybody behind its end: everything is shown, nothing is
    answered. Until it is left, the progress of a session stays on the screen, out of the way of questions, and what is typed
    is shown only where it answers one. A terminal that is shut is shown nothing more, which is no error.
    """

    def __init__(self, console: "Console", operator: str = "") -> None:
        self._console = console
        self._by = operator or _account()
        self._lines: Lines = keyboard()
        self._hush = Hush()
        self._display: live.Screen | live.Lines | None = None
        self._until_left = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        let_go()
        self._until_left.close()

    def show(self, shown: Shown, /) -> None:
        if isinstance(shown, Beginning):
            self._until_left.close()  # another session may have been shown before
            self._until_left.enter_context(self._hush)
            self._display = watching(self._console, shown.plan, shown.serial)
            self._until_left.enter_context(self._display)
        elif isinstance(shown, Progress):
            if self._display:
                self._display(shown)
        else:
            self._show_before(shown)

    def ask(self, question: Question, meanwhile: Meanwhile, /) -> Answer:
        let_go()
        with self._aside():
            self._show_about(question)
            words = typed(self._console, question.words, self._lines, meanwhile) if sys.stdin.isatty() else None
            return NO_ANSWER if words is None else Answer(words, self._by)

    def choose(self, question: Choice, meanwhile: Meanwhile, /) -> Answer:
        """Returns one of `among`; whatever else was typed is no answer."""
        answer = self.ask(question, meanwhile)
        return answer if answer.words in question.among else Answer("", answer.by)

    def arm(self, question: Arming, meanwhile: Meanwhile, /) -> Answer:
        return self.ask(question, meanwhile)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        if self._display is None:
            yield
            return
        with self._display.aside(), self._hush.lifted():
            yield

    def _show_about(self, question: Question) -> None:
        if isinstance(question.about, Injection):
            self._console.print("\nThis gun is about to inject", style="bold yellow")
            self._console.print(facts(_facts(question.about)), soft_wrap=True)
        elif isinstance(question.about, Pause):
            self._console.print(f"\nPaused: {question.about.reason}", style="bold yellow")

    def _show_before(self, shown: Interrupted | ClockBehind | Foreign | GivenBefore | Left) -> None:
        """Shows what a person has to know before a session begins."""
        if isinstance(shown, Interrupted):
            self._console.print("\nInterrupted: these sessions began and never ended", style="bold yellow")
            self._show_sessions(shown.sessions)
            self._console.print("What was given counts as given.\n")
        elif isinstance(shown, ClockBehind):
            words = (
                f"This computer's clock says {local(shown.clock_utc)}, and the newest record here is of {local(shown.newest_utc)}."
            )
            self._console.print(words, "Set the clock, or the session has a wrong date.", style="bold yellow", soft_wrap=True)
        elif isinstance(shown, Foreign):
            words = f"This gun made {len(shown.shots)} shots that no session here has: they are kept, and added to nobody."
            self._console.print(words, f"Look: {shown.look}", style="yellow", soft_wrap=True)
        elif isinstance(shown, GivenBefore):
            self._console.print(f"\nGiven with this gun in the last {LATELY_H} hours, this protocol:", style="bold yellow")
            if shown.sessions:
                self._show_sessions(shown.sessions)
            if shown.elsewhere:
                self._console.print(f"{shown.elsewhere} of the gun's newest shots are of it, and in no session here.")
        else:
            self._console.print(f"\nWhat is left of session {shown.first.id}", style="bold")
            table = figures(" pass", " planned", " given", " partial", " left")
            for number, planned in shown.planned.items():
                counts = (planned, shown.given[number], shown.partial[number], shown.left[number])
                table.add_row(str(number), *map(str, counts))
            self._console.print(table)
            self._console.print("A partial shot gave volume; its point is left. What was adjusted is not carried on.\n")

    def _show_sessions(self, sessions: "Sequence[SessionRow]") -> None:
        heading, began = local_column("began", (row.started_utc for row in sessions))
        table = figures(" id", heading, "protocol ", "gun", " shots", " partial", " wrong", " uncertain", " ml")
        for row, at in zip(sessions, began, strict=True):
            given_ml = f"{(row.volume_nl + row.uncertain_nl) / 1e6:.3f}"
            counts = map(str, row.counts.values())
            table.add_row(str(row.id), at, row.title, str(row.gun_serial), *counts, given_ml)
        self._console.print(table)


def _facts(injection: Injection) -> list[tuple[str, str]]:
    plan = injection.plan
    return [
        ("gun", f"{injection.serial}, at {injection.port}, firmware {dotted(injection.version)}"),
        ("protocol", plan.title),
        ("in all", f"{plan.counted}, {plan.volume_nl / 1e6:g} ml"),
        ("deepest", f"{plan.deepest_um / 1000:g} mm"),
        *((f"pass {one.number}", _in_words(one)) for one in plan.passes),
    ]


def _in_words(one: "PassPlan") -> str:
    dose = f"{one.dose_nl / 1000:g} µl each" if one.dose_nl else "no dose"
    count = f"{one.shots} s of flow" if one.mode == CONSTANT_FLOW else f"{one.shots} shots"
    return f"{one.technique}: {count}, {one.depth_um / 1000:g} mm deep ({one.depth_class}), {dose}"


def _account() -> str:
    """Returns who is logged in here; a computer that does not know names at least the terminal."""
    try:
        return f"account {getpass.getuser()}"
    except (OSError, ImportError, KeyError):
        return "this terminal"
