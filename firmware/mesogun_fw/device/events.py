"""What happened is kept until the host has it on disk. Its memory is one of the few large pieces.

It is made first, while memory is whole.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.device.rows import Row
from mesogun_fw.talk import lines
from mesogun_fw.talk.messages import BY_NAME, EVENT

SHOT, ENDED, CHANGED = range(3)
KINDS = ("shot", "ended", "changed")  # they become these messages
ROW = 11  # it is the message, its number first
RESERVE = 24  # so many events may still come when shots may not: endings, state changes

_MESSAGES = tuple([lines.NUMBER_OF[kind] for kind in KINDS])


class Events:
    """What happened is in a ring, integers only, numbered from 1 since boot. Nothing kept is ever overwritten."""

    def __init__(self) -> None:
        self._rows = array("i", bytes(4 * ROW * (limits.EVENTS_KEPT + 1)))  # the last is for what is dropped
        self._kinds = bytearray(limits.EVENTS_KEPT + 1)
        self._row = Row()
        self.last = 0
        self.acked = 0

    def kept(self) -> int:
        return self.last - self.acked

    def room(self) -> bool:
        """It says whether shots may be made: their reports and what follows them will fit."""
        return self.kept() < limits.EVENTS_KEPT - RESERVE

    def new(self, kind: int) -> Row:
        """Something has happened: its message, but for its number, is to be filled in at once.

        A change of state is dropped when only half of RESERVE is left, anything else when nothing is.
        """
        dropped = self.kept() >= limits.EVENTS_KEPT - (RESERVE // 2 if kind == CHANGED else 0)
        place = limits.EVENTS_KEPT if dropped else self.last % limits.EVENTS_KEPT
        if not dropped:
            self.last += 1
        self._kinds[place] = kind
        row = self._row
        assert row.whole()
        row.begin(_MESSAGES[kind], self._rows, place * ROW)
        row["n"] = self.last
        return row

    def line(self, n: int, into: bytearray) -> int:
        """Event `n` is written to `into`, as a line of so many bytes; 0 when it is not what the table allows."""
        place = (n - 1) % limits.EVENTS_KEPT
        return lines.write(lines.TABLES, into, _MESSAGES[self._kinds[place]], 0, self._rows, place * ROW)

    def row(self, n: int) -> tuple:  # type: ignore[type-arg]
        """Event `n` is of this kind, and has these values, its number first."""
        place = (n - 1) % limits.EVENTS_KEPT
        kind = self._kinds[place]
        return kind, list(self._rows[place * ROW : place * ROW + len(BY_NAME[KINDS[kind]][2])])

    def ack(self, n: int) -> None:
        if self.acked < n <= self.last:
            self.acked = n


assert all([BY_NAME[kind][1] == EVENT for kind in KINDS])
