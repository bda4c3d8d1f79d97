"""Ctrl-C waits its turn here: it never breaks into a commit or a line, and comes at once where a person is being asked."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self


class CtrlC:
    """While entered, Ctrl-C calls `stop` instead of raising; with `at_once` set it raises KeyboardInterrupt as well.

    Outside the main thread, where no Ctrl-C arrives, it does nothing.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self.at_once = False

    def __enter__(self) -> Self:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, self._heed)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)

    def _heed(self, number: int, frame: FrameType | None) -> None:
        self._stop()
        if self.at_once:
            raise KeyboardInterrupt
