"""A stop waits its turn here: it never breaks into a commit or a line, and comes at once where a person is being asked.

Ctrl-C is one, and so are SIGTERM and, where there is such a signal, SIGHUP: the terminal was shut.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

SIGNALS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


def nothing(*_: object) -> None:
    pass


class Stops:
    """While entered, a stop calls `stop` and does not end the program; with `at_once` set the next raises KeyboardInterrupt too.

    `heard` is called with the signal first, also when it is one within that has the stops to itself. With `to_the_end` it has
    them until the one around it is left: what is told of a session is told whole. Outside the main thread, where no signal
    arrives, it does nothing.
    """

    def __init__(
        self, stop: Callable[[], None] = nothing, *, heard: Callable[[signal.Signals], None] = nothing, to_the_end: bool = False
    ) -> None:
        self._stop = stop
        self._heard = heard
        self._to_the_end = to_the_end
        self.at_once = False

    def __enter__(self) -> Self:
        around = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
        self._around = around if isinstance(around, Stops) else None
        heeded = [number for number in SIGNALS if _is_heeded(number)] if _in_main_thread() else []
        self._before = {number: signal.signal(number, self._heed) for number in heeded}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not (self._to_the_end and self._around):
            for number, before in self._before.items():
                signal.signal(number, before)

    def ignore(self) -> None:
        """Has every stop ignored for good: the program is over but for its last breath."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
        self._before = {}

    def _heed(self, number: int, frame: FrameType | None) -> None:
        self._tell(signal.Signals(number))
        self._stop()
        if self.at_once:
            self.at_once = False
            raise KeyboardInterrupt

    def _tell(self, number: signal.Signals) -> None:
        self._heard(number)
        if self._around:
            self._around._tell(number)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _is_heeded(number: signal.Signals) -> bool:
    """A signal that was to be ignored stays so (nohup), but for Ctrl-C, which a shell has ignored by what it starts aside."""
    return number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN
