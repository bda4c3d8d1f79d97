"""A person at a terminal: today's words, answers typed, questions withdrawn; and what is no person at all."""

import io
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from rich.console import Console
from rigs.fakegun import a_plan

from mesogun.cli.terminal.person import Terminal
from mesogun.cli.terminal.typed import PERIOD_S, Lines, Reading, Waiting
from mesogun.visit.consent import to_arm_again
from mesogun.visit.heard import Ended
from mesogun.visit.person import NO_ANSWER, Arming, Beginning, Choice, Injection, Pause
from mesogun_fw.talk.messages import PAUSE

pty = pytest.importorskip("pty", reason="terminals as POSIX has them")
termios = pytest.importorskip("termios")

AGAIN = to_arm_again(Ended(PAUSE, "the hold was long"), "kite")


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

    def types(self, text: str) -> Callable[[], None]:
        """What is called while a line is waited for, and types this once."""
        texts = iter([text])

        def wait() -> None:
            self.wait()
            self.type(next(texts, ""))

        return wait

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._keyboard)[3] & termios.ECHO)

    def put(self, mode: int, on: bool) -> None:
        """Lets the terminal have one of its modes, or not: without ICANON a program is given all that was typed so far at once."""
        modes = termios.tcgetattr(self._keyboard)
        modes[3] = modes[3] | mode if on else modes[3] & ~mode
        termios.tcsetattr(self._keyboard, termios.TCSANOW, modes)

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
    answer = desk.person.arm(AGAIN, desk.types("  Kite \n"))
    assert (answer.words, answer.by) == ("Kite", "Dr. A")
    assert answer.agrees(AGAIN)
    assert desk.screen == "\nPaused: the hold was long\nType kite to arm again, or end to end the session: "


@pytest.mark.parametrize("typed", ["", "kit", "kite!", "yes", "y", "no", "kite kite", "end"])
def test_only_the_word_is_consent(desk: Desk, typed: str) -> None:
    assert not desk.person.arm(AGAIN, desk.types(f"{typed}\n")).agrees(AGAIN)


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


def test_a_withdrawn_question_says_why_and_what_is_typed_late_answers_no_other(desk: Desk) -> None:
    def fault() -> None:
        desk.type("ki")
        time.sleep(0.1)
        raise RuntimeError("the controller is too hot")

    with pytest.raises(RuntimeError):
        desk.person.arm(AGAIN, fault)
    assert desk.screen.endswith(": \nThis question is withdrawn: the controller is too hot\n")
    typed = iter(["te\n", "moon\n"])
    answer = desk.person.arm(AGAIN, lambda: desk.type(next(typed, "")))
    assert answer.words == ("te" if isinstance(desk.person._lines, Waiting) else "moon")
    assert desk.person.arm(AGAIN, desk.types("again\n")).words == "again"


@pytest.mark.parametrize("desk", [Reading], indirect=True)
def test_a_line_that_may_have_been_begun_for_a_withdrawn_question_is_to_be_typed_again(desk: Desk) -> None:
    def fault() -> None:
        raise RuntimeError("the controller is too hot")

    with pytest.raises(RuntimeError):
        desk.person.arm(AGAIN, fault)
    typed = iter(["kite\n", "river\n"])
    assert desk.person.arm(AGAIN, lambda: desk.type(next(typed, ""))).words == "river"
    assert desk.screen.endswith(": That line was begun before this was asked. Type it again: ")


@pytest.mark.parametrize("desk", [Reading], indirect=True)
def test_a_line_ended_after_its_question_was_withdrawn_is_forgotten(desk: Desk) -> None:
    def fault() -> None:
        raise RuntimeError("the controller is too hot")

    with pytest.raises(RuntimeError):
        desk.person.arm(AGAIN, fault)
    desk.type("kite\n")
    time.sleep(0.1)
    assert desk.person.arm(AGAIN, desk.types("river\n")).words == "river"
    assert "Type it again" not in desk.screen


@pytest.mark.parametrize("typed", ["yes\n", "yes\nyes\nyes\n", "yes\nye", "ye"])
def test_what_was_typed_before_a_question_is_no_answer_to_it(desk: Desk, typed: str) -> None:
    desk.type(typed)
    assert desk.person.arm(AGAIN, lambda: desk.type("no\n")).words == "no"
    desk.type(typed)
    assert desk.person.arm(AGAIN, lambda: desk.type("neither\n")).words == "neither"


def test_a_paste_where_a_program_gets_all_that_was_typed_at_once_answers_one_question(desk: Desk) -> None:
    desk.put(termios.ICANON, False)
    answers = [desk.person.arm(AGAIN, lambda: desk.type("one\ntwo\nthree\n")).words]
    answers += [desk.person.arm(AGAIN, lambda: desk.type("four\n")).words]
    assert answers == ["one", "four"]


@pytest.mark.parametrize("desk", [Waiting], indirect=True)
def test_what_python_has_read_ahead_is_no_answer(desk: Desk) -> None:
    desk.put(termios.ICANON, False)
    desk.type("yes\nyes\nyes\n")
    assert sys.stdin.readline() == "yes\n"  # and has the others in its buffer
    assert desk.person.arm(AGAIN, lambda: desk.type("no\n")).words == "no"


@pytest.mark.parametrize("end", ["\x04", "word\x04\x04"])
def test_only_a_line_that_was_ended_is_an_answer_and_behind_the_last_there_is_nobody(desk: Desk, end: str) -> None:
    assert desk.person.arm(AGAIN, lambda: desk.type(end)) == NO_ANSWER


def test_a_choice_is_one_of_the_few_or_none(desk: Desk) -> None:
    which = Choice("which", "left or right:", Pause(""), among=("left", "right"))
    for typed, chosen in (("left", "left"), ("up", ""), ("right", "right")):
        assert desk.person.choose(which, desk.types(f"{typed}\n")).words == chosen


def test_a_line_is_read_as_it_was_written(desk: Desk) -> None:
    assert desk.person.arm(AGAIN, desk.types("Zoë fell, 0.5 µl\n")).words == "Zoë fell, 0.5 µl"


def test_what_is_typed_is_shown_while_a_question_is_open_and_lost_when_the_session_is_over(desk: Desk) -> None:
    assert desk.echoes()
    seen: set[bool] = set()
    kite = desk.types("kite\n")

    def think() -> None:
        seen.add(desk.echoes())
        kite()

    with suppress(RuntimeError), desk.person:
        desk.person.show(Beginning(a_plan(5, 3), 7))
        assert not desk.echoes()
        assert desk.person.arm(AGAIN, think).words == "kite"
        assert not desk.echoes()
        desk.type("rm -rf\n")
        raise RuntimeError("whatever happens")
    assert (desk.echoes(), seen) == (True, {True})
    assert select.select([sys.stdin], [], [], 0)[0] == []


def test_a_terminal_that_never_showed_what_is_typed_is_not_made_to(desk: Desk) -> None:
    desk.put(termios.ECHO, False)
    with desk.person:
        desk.person.show(Beginning(a_plan(5, 3), 7))
        desk.person.arm(AGAIN, desk.types("kite\n"))
        assert not desk.echoes()
    assert not desk.echoes()


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
    assert desk.person.arm(AGAIN, desk.types("yes\n")).by == "account somebody"
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
