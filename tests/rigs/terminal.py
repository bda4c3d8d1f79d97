"""`mesogun` as a process, at a terminal of its own where a person reads and types. POSIX: a test that needs it skips elsewhere."""

import csv
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="terminals as POSIX has them")
termios = pytest.importorskip("termios")

PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'mesogun'; from mesogun.cli import main; main()"]
# Its simulated guns say that they are real ones: those are confirmed.
REAL = [*PROGRAM[:2], f"from mesogun_sim.board import SimBoard; SimBoard.simulated = 0; {PROGRAM[2]}"]
ENOUGH_S = 30.0


class Terminal:
    """A program at a terminal of its own, where a person reads and types. `screen` is everything shown so far.

    `program` is what is started with the arguments; `ignores` are signals that it was started to ignore, as by nohup.
    """

    def __init__(self, *arguments: str, program: Sequence[str] = PROGRAM, ignores: Sequence[int] = ()) -> None:
        self.screen = ""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background ignores it, and so would its children
            for number in ignores:
                signal.signal(number, signal.SIG_IGN)
            os.environ.update(TERM="xterm", COLUMNS="120")
            os.execv(program[0], [*program, *arguments])

    def wait(self, text: str) -> None:
        """Returns when the text is shown after what is on the screen already."""
        seen = len(self.screen)
        until = time.monotonic() + ENOUGH_S
        while text not in self.screen[seen:]:
            assert time.monotonic() < until, self.screen
            assert self._read(), self.screen

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def answer(self, question: str, typed: str | Callable[[str], str]) -> None:
        """Waits for the question, then types; `typed` may read the answer off the screen."""
        self.wait(question)
        self.type(typed(self.screen) if callable(typed) else typed)

    def look(self, for_s: float) -> bool:
        """Reads what is shown meanwhile. False when the program has ended."""
        until = time.monotonic() + for_s
        while select.select([self._fd], [], [], max(0.0, until - time.monotonic()))[0]:
            if not self._read():
                return False
        return True

    def echoes(self) -> bool:
        """Tells whether what is typed is shown."""
        return bool(termios.tcgetattr(self._fd)[3] & termios.ECHO)

    def shut(self) -> int:
        """Closes the window, and returns the program's exit code."""
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def exit_code(self) -> int:
        while self._read():
            pass
        return self.shut()

    def _read(self) -> bool:
        """False when the program has ended."""
        ready, _, _ = select.select([self._fd], [], [], ENOUGH_S)
        assert ready, f"nothing new for {ENOUGH_S} s:\n{self.screen}"
        try:
            self.screen += os.read(self._fd, 65_536).decode(errors="replace")
        except OSError:
            return False
        return True


def serial_number(screen: str) -> str:
    return re.findall(r"(\d{3,}), at ", screen)[-1] + "\n"


def the_word(screen: str) -> str:
    """What the last question wants typed."""
    return re.findall(r"Type (\w+) to", screen, re.IGNORECASE)[-1] + "\n"


def started(*arguments: str) -> "subprocess.Popen[str]":
    nobody = subprocess.DEVNULL
    return subprocess.Popen([*PROGRAM, *arguments], stdin=nobody, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(text: str, lines: Iterator[str]) -> str:
    return next(line for line in lines if text in line)


def needle_steps(trace: Path) -> int:
    """Where the needle is at the end of the trace, by its steps alone."""
    position, outwards = 0, 1
    with (trace / "pins.csv").open() as pins:
        for row in csv.DictReader(pins):
            if row["pin"] == "needle_dir":
                outwards = -1 if row["level"] == "1" else 1
            elif row["pin"] == "needle_step" and row["level"] == "1":
                position += outwards
    return position
