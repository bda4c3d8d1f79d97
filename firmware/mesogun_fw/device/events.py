"""What happened is kept until the host has it on disk. Its memory is one of the few large pieces.

It is made first, while memory is whole.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.talk import lines, table

SHOT, ENDED, CHANGED = range(3)
KINDS = ("shot", "ended", "changed")  # they become these messages
ROW = 11  # it is the message, its number first
RESERVE = 24  # so many events may still come when shots may not: endings, state changes

_MESSAGES = tuple([table.NUMBER_OF[kind] for kind in KINDS])


class Events:
    """What happened is in a ring, integers only, numbered from 1 since boot. Nothing kept is ever overwritten."""

    def __init__(self) -> None:
        self.rows = array("i", bytes(4 * ROW * (limits.EVENTS_KEPT + 1)))  # the last is for what is dropped
        self._messages = bytearray(limits.EVENTS_KEPT + 1)
        self.last = 0
        self.acked = 0

    def kept(self) -> int:
        return self.last - self.acked

    def room(self) -> bool:
        """It says whether shots may be made: their reports and what follows them will fit."""
        return self.kept() < limits.EVENTS_KEPT - RESERVE

    def new(self, kind: int) -> int:
        """Something has happened. Its values belong into `rows`, from this place on: its number stands there, the others follow.

        A change of state is dropped when only half of RESERVE is left, anything else when nothing is.
        """
        place = limits.EVENTS_KEPT
        if self.kept() < limits.EVENTS_KEPT - (RESERVE // 2 if kind == CHANGED else 0):
            place = self.last % limits.EVENTS_KEPT
            self.last += 1
        self._messages[place] = _MESSAGES[kind]
        self.rows[place * ROW] = self.last
        return place * ROW

    def line(self, n: int, into: bytearray) -> int:
        """Event `n` is written to `into`, as a line of so many bytes; 0 when it is not what the table allows."""
        return self._line((n - 1) % limits.EVENTS_KEPT, into)

    def _line(self, place: int, into: bytearray) -> int:
        return lines.write(self._messages[place], 0, place * ROW, self.rows, into, lines.TABLES)

    def row(self, n: int) -> tuple:  # type: ignore[type-arg]
        """Event `n` is of this kind, and has these values, its number first."""
        place = (n - 1) % limits.EVENTS_KEPT
        kind = _MESSAGES.index(self._messages[place])
        return kind, list(self.rows[place * ROW : place * ROW + len(table.fields(KINDS[kind]))])

    def ack(self, n: int) -> None:
        if self.acked < n <= self.last:
            self.acked = n
