"""A person types a line at this terminal, and the gun is heard meanwhile."""

import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console

PERIOD_S = 0.05  # `meanwhile` is called so often
LINE_MAX = 4_096  # a terminal gives a line at a time, and no longer one


class Lines(Protocol):
    """Lines wait for what a person types, and call `meanwhile` every PERIOD_S."""

    def line(self, meanwhile: Callable[[], None], /) -> str:
        """Returns the next line of standard input, its end included; it is "" at the end of the input."""


class Waiting:
    """It waits by select, which knows terminals on Linux and macOS. It reads nothing before a line is there."""

    def line(self, meanwhile: Callable[[], None], /) -> str:
        import select

        until_s = 0.0
        while not select.select([sys.stdin], [], [], max(0.0, until_s - time.monotonic()))[0]:
            until_s = time.monotonic() + PERIOD_S
            meanwhile()
        return sys.stdin.readline()


class Reading:
    """It waits for a thread that reads one line, where select knows no terminals: on Windows.

    A withdrawn question leaves the thread waiting; the line that it reads then is the answer to the next question. It reads
    past the buffer of sys.stdin, whose lock would keep the program from ending while nobody types.
    """

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reads = False

    def line(self, meanwhile: Callable[[], None], /) -> str:
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
                return line

    def _read(self) -> None:
        line = b""
        try:
            with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as keyboard:
                while not line.endswith(b"\n") and (piece := keyboard.read(LINE_MAX)):
                    line += piece
        finally:
            self._lines.put(line.decode(sys.stdin.encoding, errors="replace"))


def typed(console: "Console", question: str, lines: Lines | None = None, meanwhile: Callable[[], None] = lambda: None) -> str:
    """Returns what a person types on one line, without blanks around it; it is "" at the end of the input.

    `lines` calls `meanwhile` while it waits; None waits with nothing else to do. What `meanwhile` raises withdraws the question.
    """
    console.print(question, style="bold", end=" ", soft_wrap=True)
    try:
        line = sys.stdin.readline() if lines is None else lines.line(meanwhile)
    except Exception as error:
        console.print(f"\nThis question is withdrawn: {error}", style="bold yellow", soft_wrap=True)
        raise
    if not line.endswith("\n"):
        console.print()
    return line.strip()
