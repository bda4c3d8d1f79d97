"""The terminal behind standard input, as the system has it: what waits in it, whether it shows what is typed, whether it is there.

Where standard input is none, nothing is done.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

if sys.platform == "win32":
    import msvcrt

    def forget_typed() -> None:
        """Throws away what was typed and not read yet."""
        while msvcrt.kbhit():
            msvcrt.getwch()

    def let_go() -> bool:
        """Returns False: a program does not outlive its window here."""
        return False

    def _echoes() -> bool:
        return False  # what is typed is shown only while it is read

    def _echo(on: bool) -> None:
        pass

else:
    import errno
    import signal
    import termios

    _GONE = (errno.EIO, errno.ENXIO)  # Linux, macOS

    def forget_typed() -> None:
        """Throws away what was typed and not read yet, a line that is not ended as well."""
        _touch(lambda terminal: termios.tcflush(terminal, termios.TCIFLUSH))

    def let_go() -> bool:
        """Puts nothing in the place of a terminal that was shut, so that no output fails any more. Tells whether one was."""
        gone = [standard for standard in (0, 1, 2) if _is_gone(standard)]
        for standard in gone:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, standard)
            os.close(nowhere)
        return bool(gone)

    def _is_gone(standard: int) -> bool:
        try:
            termios.tcgetattr(standard)
        except termios.error as error:
            return error.args[0] in _GONE
        return False

    def _echoes() -> bool:
        return sys.stdin.isatty() and bool(termios.tcgetattr(sys.stdin.fileno())[3] & termios.ECHO)

    def _echo(on: bool) -> None:
        def put(terminal: int) -> None:
            mode = termios.tcgetattr(terminal)
            mode[3] = mode[3] | termios.ECHO if on else mode[3] & ~termios.ECHO
            termios.tcsetattr(terminal, termios.TCSANOW, mode)

        _touch(put)

    def _touch(act: Callable[[int], None]) -> None:
        """Does something to the terminal unless it is another job's: touching that stops the program, which is kept off besides."""
        if not sys.stdin.isatty():
            return
        terminal = sys.stdin.fileno()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        try:
            if _in_front(terminal):
                act(terminal)
        except termios.error as error:
            if error.args[0] not in _GONE:
                raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _in_front(terminal: int) -> bool:
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        except OSError:
            return True  # it starts no jobs of ours, so it stops none


class Hush:
    """While entered, what is typed is not shown, and it is thrown away at the end; `lifted` is for a question."""

    def __init__(self) -> None:
        self._echoes = False

    def __enter__(self) -> Self:
        self._echoes = _echoes()
        self._put(False)
        return self

    def __exit__(self, *_: object) -> None:
        forget_typed()  # a shell would take it for a command
        self._put(True)
        self._echoes = False

    @contextmanager
    def lifted(self) -> Iterator[None]:
        self._put(True)
        try:
            yield
        finally:
            self._put(False)

    def _put(self, on: bool) -> None:
        if self._echoes:  # a terminal that never did is not made to
            _echo(on)
