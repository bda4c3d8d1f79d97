"""A person at a terminal: today's words, answers typed, questions withdrawn; and what is no person at all."""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from rich.console import Console
from rigs.fakegun import a_plan

from mesogun.cli.terminal.person import Terminal
from mesogun.cli.terminal.typed import PERIOD_S, Lines, Reading, Waiting
from mesogun.visit.consent import to_arm_again
from mesogun.visit.person import NO_ANSWER, Arming, Choice, Injection, Pause

pty = pytest.importorskip("pty", reason="terminals as POSIX has them")
termios = pytest.importorskip("termios")

AGAIN = to_arm_again("go-on", "the hold was long")


class Desk:
    """A keyboard, a screen, and the person between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lines: Lines, operator: str = "Dr. A") -> None:
        self._keyboard, typed = pty.openpty()
        monkeypatch.setattr(sys, "stdin", os.fdopen(typed, encoding="utf-8"))
        self._screen = io.StringIO()
        self._waits = 0
        self.person = Terminal(Console(file=self._screen, width=120), operator)
        self.person._lines = lines

    @property
    def screen(self) -> str:
        return self._screen.getvalue()

    def wait(self) -> None:
        """Called while a line is waited for; a line that never comes ends the test, not the day."""
        self._waits += 1
        assert self._waits < 100, self.screen

    def type(self, text: str) -> None:
        os.write(self._keyboard, text.encode())

    def line_by_line(self, on: bool) -> None:
        """Off, a program is given all that was typed so far at once."""
        mode = termios.tcgetattr(self._keyboard)
        mode[3] = mode[3] | termios.ICANON if on else mode[3] & ~termios.ICANON
        termios.tcsetattr(self._keyboard, termios.TCSANOW, mode)

    def leave(self) -> None:
        os.write(self._keyboard, b"\n")  # lets go of a thread that still reads
        time.sleep(0.05)
        with suppress(OSError):
            sys.stdin.close()
        os.close(self._keyboard)


@pytest.fixture(params=[Waiting, Reading])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(monkeypatch, request.param())
    yield desk
    desk.leave()


def test_what_is_typed_is_the_answer_and_the_operator_gave_it(desk: Desk) -> None:
    desk.type("  yes \n")
    answer = desk.person.arm(AGAIN, desk.wait)
    assert (answer.words, answer.by) == ("yes", "Dr. A")
    assert answer.agrees(AGAIN)
    assert desk.screen == "\nPaused: the hold was long\nType yes to arm again, anything else to end the session: "


def test_the_end_of_the_input_is_nothing_and_arms_nothing(desk: Desk) -> None:
    desk.type("\x04")
    answer = desk.person.arm(AGAIN, desk.wait)
    assert (answer.words, answer.agrees(AGAIN)) == ("", False)


@pytest.mark.parametrize("typed", ["", "ye", "yes!", "no", "yes yes"])
def test_only_a_yes_is_a_yes(desk: Desk, typed: str) -> None:
    desk.type(f"{typed}\n")
    assert not desk.person.arm(AGAIN, desk.wait).agrees(AGAIN)


def test_the_gun_is_heard_every_50_ms_until_the_line_is_typed(desk: Desk) -> None:
    times_s: list[float] = []

    def heard() -> None:
        times_s.append(time.monotonic())
        if len(times_s) == 12:
            desk.type("no\n")

    assert desk.person.arm(AGAIN, heard).words == "no"
    assert 12 <= len(times_s) <= 14
    assert PERIOD_S * 0.9 * 11 <= times_s[11] - times_s[0] <= PERIOD_S * 11 * 3


def test_a_line_that_is_being_typed_does_not_keep_the_gun_from_being_heard(desk: Desk) -> None:
    calls = 0

    def heard() -> None:
        nonlocal calls
        calls += 1
        if calls in (1, 4):
            desk.type("n" if calls == 1 else "o\n")

    assert desk.person.arm(AGAIN, heard).words == "no"
    assert calls >= 4


def test_a_withdrawn_question_says_why_and_the_line_typed_next_answers_the_next_one(desk: Desk) -> None:
    def fault() -> None:
        raise RuntimeError("the controller is too hot")

    with pytest.raises(RuntimeError):
        desk.person.arm(AGAIN, fault)
    assert desk.screen.endswith(": \nThis question is withdrawn: the controller is too hot\n")
    later = threading.Timer(0.1, desk.type, ("yes\n",))
    later.start()
    assert desk.person.arm(AGAIN, desk.wait).words == "yes"
    desk.type("again\n")
    assert desk.person.arm(AGAIN, desk.wait).words == "again"


red = pytest.mark.xfail(strict=True, reason="what was typed before a question answers it")


@red
@pytest.mark.parametrize("typed", ["yes\n", "yes\nyes\nyes\n", "yes\nye", "ye"])
def test_what_was_typed_before_a_question_is_no_answer_to_it(desk: Desk, typed: str) -> None:
    desk.type(typed)
    assert desk.person.arm(AGAIN, lambda: desk.type("no\n")).words == "no"
    desk.type(typed)
    assert desk.person.arm(AGAIN, lambda: desk.type("neither\n")).words == "neither"


@red
def test_a_paste_where_a_program_gets_all_that_was_typed_at_once_answers_one_question(desk: Desk) -> None:
    desk.line_by_line(False)
    answers = [desk.person.arm(AGAIN, lambda: desk.type("one\ntwo\nthree\n")).words]
    answers += [desk.person.arm(AGAIN, lambda: desk.type("four\n")).words]
    assert answers == ["one", "four"]


@red
@pytest.mark.parametrize("desk", [Waiting], indirect=True)
def test_what_python_has_read_ahead_is_no_answer(desk: Desk) -> None:
    desk.line_by_line(False)
    desk.type("yes\nyes\nyes\n")
    assert sys.stdin.readline() == "yes\n"  # and has the others in its buffer
    assert desk.person.arm(AGAIN, lambda: desk.type("no\n")).words == "no"


@red
@pytest.mark.parametrize("end", ["\x04", "word\x04\x04"])
def test_only_a_line_that_was_ended_is_an_answer_and_behind_the_last_there_is_nobody(desk: Desk, end: str) -> None:
    assert desk.person.arm(AGAIN, lambda: desk.type(end)) == NO_ANSWER


def test_a_choice_is_one_of_the_few_or_none(desk: Desk) -> None:
    which = Choice("which", "left or right:", Pause(""), among=("left", "right"))
    desk.type("left\n")
    assert desk.person.choose(which, desk.wait).words == "left"
    desk.type("up\n")
    assert (desk.person.choose(which, desk.wait).words, desk.person.choose(which, lambda: desk.type("right\n")).words) == (
        "",
        "right",
    )


def test_a_line_is_read_as_it_was_written(desk: Desk) -> None:
    desk.type("Zoë fell, 0.5 µl\n")
    assert desk.person.arm(AGAIN, desk.wait).words == "Zoë fell, 0.5 µl"


WITHDRAWN = """
import sys
from rich.console import Console
from mesogun.cli.terminal import typed
calls = iter(range(5))
try:
    typed.typed(Console(), "Well?", typed.Reading(), lambda: next(calls))
except StopIteration:
    sys.exit(7)
"""


def test_a_program_ends_although_nobody_ever_typed_what_it_asked() -> None:
    keyboard, typed = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", WITHDRAWN], stdin=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as asks:
        output, _ = asks.communicate(timeout=20)
    os.close(typed)
    os.close(keyboard)
    assert asks.returncode == 7, output.decode()


@pytest.mark.parametrize("lines", [Waiting, Reading])
def test_without_an_operator_the_account_answers(monkeypatch: pytest.MonkeyPatch, lines: type[Lines]) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    desk = Desk(monkeypatch, lines(), operator="")
    desk.type("yes\n")
    assert desk.person.arm(AGAIN, desk.wait).by == "account somebody"
    desk.leave()


def test_where_nobody_types_all_is_shown_and_nothing_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    screen = io.StringIO()
    person = Terminal(Console(file=screen, width=120), "Dr. A")
    injection = Injection(7, "fake://", 102, a_plan(5, 3))
    answer = person.arm(Arming("confirm-gun", "Its number:", injection, agreeing=("yes",)), lambda: None)
    assert answer is NO_ANSWER
    for words in ("7, at fake://, firmware 0.1.2", "8 shots, 0.08 ml", "2 mm", "pass 2"):
        assert words in screen.getvalue()
    assert sys.stdin.readline() == "yes\n"
