"""A person types a line at this terminal, after the question is there, and the gun is heard meanwhile."""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from mesogun.cli.terminal.tty import forget_typed

if TYPE_CHECKING:
    from rich.console import Console

PERIOD_S = 0.05  # `meanwhile` is called so often
LINE_MAX = 4_096  # a terminal gives a line at a time, and no longer one


def _nothing() -> None:
    pass


class Lines(Protocol):
    """Lines wait for what a person types, and call `meanwhile` every PERIOD_S."""

    def forget(self) -> None:
        """Throws away what was typed so far: a question is about to be shown."""

    def line(self, meanwhile: Callable[[], None], /) -> str | None:
        """Returns the next line of standard input, its end included; it is "" at the end of the input.

        It is None for a line that somebody had begun when `forget` was called: it may answer another question.
        """


class Waiting:
    """It waits by select, which knows terminals on Linux and macOS. It reads nothing ahead, past the buffer of sys.stdin."""

    def forget(self) -> None:
        forget_typed()

    def line(self, meanwhile: Callable[[], None], /) -> str | None:
        import select

        def piece() -> bytes:
            until_s = 0.0
            while not select.select([sys.stdin], [], [], max(0.0, until_s - time.monotonic()))[0]:
                until_s = time.monotonic() + PERIOD_S
                meanwhile()
            return _read(lambda size: os.read(sys.stdin.fileno(), size))

        return _line(piece)


class Reading:
    """It waits for a thread that reads one line, where select knows no terminals: on Windows.

    A withdrawn question leaves the thread waiting, and a line begun for it in the terminal: that line is no answer to the next
    question. It reads past the buffer of sys.stdin, whose lock would keep the program from ending while nobody types.
    """

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reads = False
        self._begun_before = False

    def forget(self) -> None:
        with suppress(queue.Empty):
            self._lines.get_nowait()
            self._reads = False
        self._begun_before = self._reads
        if not self._reads:
            forget_typed()

    def line(self, meanwhile: Callable[[], None], /) -> str | None:
        if not self._reads:
            self._reads = True
            threading.Thread(target=self._read, daemon=True).start()
        until_s = 0.0
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, until_s - time.monotonic()))
            except queue.Empty:
                until_s = time.monotonic() + PERIOD_S
                meanwhile()
            else:
                self._reads = False
                begun_before, self._begun_before = self._begun_before, False
                return None if begun_before and line else line

    def _read(self) -> None:
        line = ""
        try:
            with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as keyboard:
                line = _line(lambda: _read(keyboard.read))
        finally:
            self._lines.put(line)


class Piped:
    """Where no terminal is, a program has written what is read: nothing of it is forgotten, and its last line need not be ended."""

    def forget(self) -> None:
        pass

    def line(self, meanwhile: Callable[[], None], /) -> str | None:
        line = sys.stdin.readline()
        return line if line.endswith("\n") or not line else line + "\n"


def keyboard() -> Lines:
    """Returns what reads the lines of this standard input."""
    if not sys.stdin.isatty():
        return Piped()
    return Reading() if sys.platform == "win32" else Waiting()


def typed(console: "Console", question: str, lines: Lines | None = None, meanwhile: Callable[[], None] = _nothing) -> str | None:
    """Returns what a person types on one line after this was asked, without blanks around it; it is None at the end of the input.

    `lines` calls `meanwhile` while it waits. What `meanwhile` raises withdraws the question.
    """
    lines = lines or keyboard()
    lines.forget()
    console.print(question, style="bold", end=" ", soft_wrap=True)
    try:
        while (line := lines.line(meanwhile)) is None:
            console.print("That line was begun before this was asked. Type it again:", style="bold", end=" ", soft_wrap=True)
    except Exception as error:
        console.print(f"\nThis question is withdrawn: {error}", style="bold yellow", soft_wrap=True)
        raise
    if not line.endswith("\n"):
        console.print()
        return None
    return line.strip()


def agreeing(at_once: bool = False) -> Callable[[str], bool]:
    """Returns what asks a question of yes or no on standard error. Where no terminal is nobody agrees, unless it was `at_once`."""

    def agreed(question: str) -> bool:
        from mesogun.cli.terminal.screen import screen

        if at_once or not sys.stdin.isatty():
            return at_once
        return (typed(screen(err=True), f"{question} [y/N]") or "").lower() in ("y", "yes")

    return agreed


def _line(piece: Callable[[], bytes]) -> str:
    """Returns a line, made of pieces; it is "" at the end of the input, where one that was not ended is none.

    What comes in one piece with the end of a line is thrown away: it was typed before anything else was asked.
    """
    line = b""
    while b"\n" not in line:
        more = piece()
        if not more:
            return ""
        line += more
    return line[: line.index(b"\n") + 1].decode(sys.stdin.encoding, errors="replace")


def _read(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(LINE_MAX)
    except OSError:
        return b""  # the terminal was shut
