"""What runs the firmware: CPython in this process, or real MicroPython in a process of its own. Same files, same calls."""

from typing import Protocol


class Engine(Protocol):
    """`turn` runs one millisecond of guard and, when due, loop; the inputs were sensed just before."""

    wake_ms: int  # when the loop wants to run next
    quiet_ms: int  # ticks that need not be run if no input changes

    def turn(self, now_ms: int, tick: bool, step: bool) -> None: ...
    def close(self) -> None: ...
