"""An engine runs the firmware: CPython in this process, or real MicroPython in a process of its own.

Files and calls are the same.
"""

from typing import Protocol


class Engine(Protocol):
    """`turn` runs one tick of the guard and, when due, the loop, at `now_ms` of the clock; the inputs were sensed just before."""

    wake_ms: int  # the loop wants to run next then
    quiet_ms: int  # so many ticks need not be run if no input changes
    cost_us: int  # the loop's turn takes so long: until then there is no other ...
    masked_us: int  # ... and so long of it no tick can come

    def turn(self, now_ms: int, tick: bool, step: bool) -> None: ...
    def close(self) -> None: ...
