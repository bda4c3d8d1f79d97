"""What happened, kept until the host has it on disk. Its memory is one of the few large pieces: made first, while it is whole."""

from array import array

from mesogun_fw import limits

SHOT, ENDED, CHANGED = range(3)
KINDS = ("shot", "ended", "changed")  # the messages they become
ROW = 11  # kind, then the message without its number
RESERVE = 24  # events that may still come when shots may not: endings, state changes


class Events:
    """A ring of what happened, integers only, numbered from 1 since boot. Nothing kept is ever overwritten."""

    def __init__(self) -> None:
        self._rows = array("i", bytes(4 * ROW * limits.EVENTS_KEPT))
        self.last = 0
        self.acked = 0

    def kept(self) -> int:
        return self.last - self.acked

    def room(self) -> bool:
        """Whether shots may be made: their reports and what follows them will fit."""
        return self.kept() < limits.EVENTS_KEPT - RESERVE

    def add(self, kind: int, values: list) -> None:  # type: ignore[type-arg]
        """`values` in the order of the message, without its number. A change of state is dropped when nothing else would fit."""
        if self.kept() >= limits.EVENTS_KEPT - (RESERVE // 2 if kind == CHANGED else 0):
            return
        at = self.last % limits.EVENTS_KEPT * ROW
        self._rows[at] = kind
        for i, value in enumerate(values):
            self._rows[at + 1 + i] = value
        self.last += 1

    def row(self, n: int) -> "array[int]":
        """Kind and values of event `n`."""
        at = (n - 1) % limits.EVENTS_KEPT * ROW
        return self._rows[at : at + ROW]

    def ack(self, n: int) -> None:
        if self.acked < n <= self.last:
            self.acked = n
