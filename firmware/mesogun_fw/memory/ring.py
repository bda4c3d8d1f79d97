"""The journal's rows are a ring in the FRAM, its checkpoints and header stand before it. What is written is read back.

The buffers are made once: a row is looked at, closed and counted without allocating anything. What is promised about shots is
journal.py's.
"""

from array import array

from mesogun_fw import crc
from mesogun_fw.guard import cells, marks
from mesogun_fw.memory import layout
from mesogun_fw.memory.layout import count, judge, lay_end, same
from mesogun_fw.memory.promises import Fram
from mesogun_fw.talk import codes

HEADER_SIZE = 16
CHECKPOINTS_AT = 16


class HistoryUnknown(Exception):
    """There is no journal to read or to go on with: `condition` of codes.py says why.

    The engineer looks into it, then formats.
    """

    def __init__(self, condition: int) -> None:
        super().__init__("history unknown, journal's condition %d" % condition)
        self.condition = condition


class Ring:
    """`shots` are done, of which the newest checkpoint tells; `row` holds the row looked at last.

    The guard's `cells` say whether it may be written to: where it stands there is the journal's business.
    """

    def __init__(self, fram: Fram, where: "array[int]") -> None:
        self.cells = where
        self.shots = 0
        self.row = array("B", bytes(marks.ROW_SIZE))
        self.register = crc.register()
        self._fram = fram
        self._totals = array("B", bytes(layout.TOTALS_SIZE))  # this is the newest checkpoint
        self._seen = array("B", bytes(marks.ROW_SIZE))  # this was read back
        self.cells[cells.ROWS] = self.length = (fram.size - marks.ROWS_AT) // marks.ROW_SIZE
        self.settle(codes.BLANK)

    def settle(self, condition: int) -> None:
        self.condition = condition
        self.cells[cells.WRITABLE] = 1 if condition == codes.GOOD else 0

    def demand(self) -> None:
        """It raises HistoryUnknown when the journal is not good, or its memory did not hold what the board has written."""
        if not self.cells[cells.WRITABLE]:
            if self.condition == codes.GOOD:
                self.settle(codes.DAMAGED)
            raise HistoryUnknown(self.condition)

    def lost(self) -> None:
        """The memory does not hold what was written there."""
        self.settle(codes.DAMAGED)
        self.demand()

    def look(self, number: int) -> int:
        """The row of shot `number` is read into `row`, and holds this."""
        self._fram.read(self._at(number), self.row, 0, marks.ROW_SIZE)
        return judge(self.row, number, self.register)

    def stands_ready(self, number: int) -> bool:
        """It says whether the mark of that row does."""
        self._fram.read(self._at(number), self._seen, layout.MARK, layout.NUMBER)
        return self._seen[layout.MARK] == marks.STANDS_READY

    def write_row(self, number: int, row: "array[int]", start: int, end: int) -> None:
        self.write(self._at(number), row, start, end)

    def close(self, depth_um: int, measured_nl: int, flags: int) -> None:
        """The row looked at is of the oldest shot that is not done: now it is, and counted."""
        lay_end(self.row, depth_um, measured_nl, flags, self.register)
        self.write_row(self.shots + 1, self.row, layout.DEPTH, marks.ROW_SIZE)
        self.count()

    def count(self) -> None:
        """The row looked at is counted, in the older checkpoint."""
        count(self._totals, self.row, self.register)
        self.shots += 1
        self.write(CHECKPOINTS_AT + self.shots % 2 * layout.TOTALS_SIZE, self._totals, 0, layout.TOTALS_SIZE)

    def write(self, at: int, place: "array[int]", start: int, end: int) -> None:
        """Bytes of a buffer are written, and read back. It raises HistoryUnknown when they are not there."""
        self._fram.write(at, place, start, end)
        self._fram.read(at, self._seen, start, end)
        if not same(place, self._seen, start, end):
            self.lost()

    def bytes_at(self, at: int, size: int) -> bytes:
        """No more than a row."""
        self._fram.read(at, self._seen, 0, size)
        return bytes(self._seen)[:size]

    def _at(self, number: int) -> int:
        return marks.ROWS_AT + number % self.length * marks.ROW_SIZE


def fill(place: "array[int]", data: bytes) -> None:
    """The first bytes of a buffer are these."""
    for i in range(len(data)):
        place[i] = data[i]
