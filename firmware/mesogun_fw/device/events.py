"""What happened is kept until the host has it on disk. Its memory is one of the few large pieces.

It is made first, while memory is whole.
"""

from array import array

from mesogun_fw import limits

SHOT, ENDED, CHANGED = range(3)
KINDS = ("shot", "ended", "changed")  # they become these messages
ROW = 11  # it is the kind, then the message without its number
RESERVE = 24  # so many events may still come when shots may not: endings, state changes


class Events:
    """What happened is in a ring, integers only, numbered from 1 since boot. Nothing kept is ever overwritten."""

    def __init__(self) -> None:
        self._rows = array("i", bytes(4 * ROW * limits.EVENTS_KEPT))
        self.last = 0
        self.acked = 0

    def kept(self) -> int:
        return self.last - self.acked

    def room(self) -> bool:
        """It says whether shots may be made: their reports and what follows them will fit."""
        return self.kept() < limits.EVENTS_KEPT - RESERVE

    def add(self, kind: int, values: list) -> None:  # type: ignore[type-arg]
        """`values` are kept, in the order of the message, without its number.

        A change of state is dropped when only half of RESERVE is left, anything else when nothing is.
        """
        if self.kept() >= limits.EVENTS_KEPT - (RESERVE // 2 if kind == CHANGED else 0):
            return
        at = self.last % limits.EVENTS_KEPT * ROW
        self._rows[at] = kind
        for i, value in enumerate(values):
            self._rows[at + 1 + i] = value
        self.last += 1

    def row(self, n: int) -> "array[int]":
        """Event `n` has this kind and these values."""
        at = (n - 1) % limits.EVENTS_KEPT * ROW
        return self._rows[at : at + ROW]

    def ack(self, n: int) -> None:
        if self.acked < n <= self.last:
            self.acked = n
