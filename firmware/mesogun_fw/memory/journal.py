"""The journal is the gun's memory of its shots: intent before, done after. After any cut of power it is known which happened.

It lives in a small FRAM: that is byte-writable and has no erase; power may fail between any two bytes. The loop *prepares* the
next shots' records ahead. The guard's tick *begins* one, by a single byte, right before it starts or grants a shot; the loop
writes it *done*. Prepared and not begun never happened. Begun and not done is uncertain: it is counted as given and never
repeated. A granted shot that was revoked is *voided* by the same byte, and stands prepared again.

    at 0    header: magic, serial number of the gun; the last thing `format` writes, touched by nothing else
    at 16   two checkpoints: shots done, their volume, uncertain ones; the older is overwritten whenever a shot is done
    at 56   a ring of rows, shot n in row n % rows: mark, then number, program, pass, shot, dose, then depth, dose, flags

All but the mark ends in a CRC-32. A row's second goes on from its first, so what is left of an older shot never passes for the
end of a newer one. Bytes are layout.py's, the FRAM is ring.py's. A shot's way through here allocates nothing.
"""

import struct
from array import array

from mesogun_fw.guard import cells, marks
from mesogun_fw.memory import layout, ring
from mesogun_fw.memory.layout import judge, lay_dose, lay_intent
from mesogun_fw.memory.promises import Fram, with_crc, without_crc
from mesogun_fw.memory.ring import HistoryUnknown as HistoryUnknown
from mesogun_fw.memory.ring import Ring, fill
from mesogun_fw.talk import codes

WAITING_MAX = cells.REWRITES_MAX  # these are the shot that runs, a granted one, and two prepared ahead

_MAGIC = b"MGJ1"
_HEADER = "<4sQ"
_CHECKPOINT = "<IQI"
_INTENT = "<IQBHI"
_END = "<hiB"

_SHOTS_MAX = (1 << 30) - 1  # a gun that makes ten a second for three years without a pause has made so many


class Journal(Ring):
    """One gun has this journal. Until it was read and is codes.GOOD nothing can be prepared, and so no shot can begin.

    Where it stands is in `cells`, the guard's, whose tick begins shots; alone it has cells of its own.
    """

    def __init__(self, fram: Fram, where: "array[int] | None" = None) -> None:
        super().__init__(fram, where or cells.fresh())
        assert self.length >= 2 * WAITING_MAX
        self._next = array("B", bytes(marks.ROW_SIZE))  # the next shot's row: mark and program stay from shot to shot
        self._next[layout.MARK] = marks.STANDS_READY
        self._program = 0  # its digest is laid in `_next`
        self._doses_nl = array("I", bytes(4 * WAITING_MAX))  # shot n, prepared, has dose n % WAITING_MAX
        self._stand(0)

    def _stand(self, row: int) -> None:
        self.cells[cells.OLDEST] = self.cells[cells.BEGIN] = self.cells[cells.PREPARED] = row

    # ---- called by the loop ----

    def ahead(self) -> int:
        """So many shots are prepared and not begun."""
        return int(self.cells[cells.PREPARED] - self.cells[cells.BEGIN]) % self.length

    def in_flight(self) -> int:
        """So many shots are begun and not done."""
        return int(self.cells[cells.BEGIN] - self.cells[cells.OLDEST]) % self.length

    def prepare(self, digest: int, pass_index: int, shot: int, dose_nl: int) -> None:
        """The shot that follows all others is written down. It raises HistoryUnknown; ValueError if it does not fit."""
        self.demand()
        c = self.cells
        waiting = (c[cells.PREPARED] - c[cells.OLDEST]) % self.length
        number = self.shots + waiting + 1
        if waiting >= WAITING_MAX or number > _SHOTS_MAX:
            raise ValueError("no room for another shot")
        if digest != self._program:
            self._lay_program(digest)
        if pass_index >> 8 or shot >> 16 or dose_nl >> 32:  # negative ones do not fit either
            raise ValueError("does not fit the record")
        # The mark is only written beside a whole record: torn beside a torn one it would look like a shot begun and damaged.
        if not self.stands_ready(number):
            self.write_row(number, self._next, layout.MARK, layout.NUMBER)
        lay_intent(self._next, number, pass_index, shot, dose_nl, self.register)
        self.write_row(number, self._next, layout.NUMBER, layout.DEPTH)
        self._doses_nl[number % WAITING_MAX] = dose_nl
        c[cells.PREPARED] = (c[cells.PREPARED] + 1) % self.length

    def _lay_program(self, digest: int) -> None:
        if digest >> 8 * layout.PROGRAM_SIZE:
            raise ValueError("does not fit the record")
        for i in range(layout.PROGRAM_SIZE):
            self._next[layout.PROGRAM + i] = digest >> 8 * i & 255
        self._program = digest

    def discard(self) -> None:
        """What is prepared and not begun is forgotten: another pass follows, or none. Called only while nothing may begin."""
        self.cells[cells.PREPARED] = self.cells[cells.BEGIN]

    def waits_with(self, dose_nl: int) -> bool:
        """It says whether every shot that is prepared and not begun has this dose."""
        number = self.shots + 1 + self.in_flight()
        for i in range(self.ahead()):
            if self._doses_nl[(number + i) % WAITING_MAX] != dose_nl:
                return False
        return True

    def lay_dose(self, dose_nl: int) -> None:
        """Another dose for the shots prepared and not begun is laid in the guard's cells: this is the slow part, done beforehand.

        The guard lets the board write it: guard/asked.py. It raises HistoryUnknown.
        """
        self.demand()
        c = self.cells
        c[cells.REWRITE_ROW] = row = c[cells.BEGIN]
        c[cells.REWRITES] = waiting = (c[cells.PREPARED] - row) % self.length
        number = self.shots + 1 + (row - c[cells.OLDEST]) % self.length
        for i in range(waiting):
            if self.look(number + i) not in (layout.AHEAD, layout.IN_FLIGHT):  # the tick may just have begun it
                self.lost()
            lay_dose(self.row, dose_nl, c, cells.REWRITES_AT + 4 * i, self.register)

    def dosed(self, dose_nl: int) -> None:
        """The doses laid have been written, but those of shots begun meanwhile. It raises HistoryUnknown if they are not there."""
        c = self.cells
        number = self.shots + 1 + (c[cells.REWRITE_ROW] - c[cells.OLDEST]) % self.length
        for i in range(c[cells.REWRITE_FROM], c[cells.REWRITES]):
            self._doses_nl[(number + i) % WAITING_MAX] = dose_nl
        self.demand()

    def done(self, depth_um: int, measured_nl: int, flags: int) -> None:
        """The oldest shot in flight is closed. It raises HistoryUnknown; ValueError if none is, or for what does not fit."""
        self.demand()
        if not self.in_flight():
            raise ValueError("no shot in flight")
        if depth_um >> 15 not in (0, -1) or measured_nl >> 31 not in (0, -1) or flags >> 8:
            raise ValueError("does not fit the record")
        if self.look(self.shots + 1) != layout.IN_FLIGHT:
            self.lost()
        self.close(depth_um, measured_nl, flags)
        self.cells[cells.OLDEST] = (self.cells[cells.OLDEST] + 1) % self.length

    def summary(self) -> tuple:  # type: ignore[type-arg]
        """(shots, volume_nl, uncertain shots) are done since manufacture, partial doses counted whole. It raises HistoryUnknown."""
        self.demand()
        return struct.unpack_from(_CHECKPOINT, self._totals, 0)

    def rows(self):  # type: ignore[no-untyped-def]
        """Shots done come newest first: (number, digest, pass_index, shot, dose_nl, depth_um, measured_nl, flags).

        Each is read when it is asked for; the list ends with the oldest still held. It raises HistoryUnknown.
        """
        self.demand()
        for number in range(self.shots, 0, -1):
            if self.look(number) != layout.CLOSED:
                return
            yield struct.unpack_from(_INTENT, self.row, layout.NUMBER) + struct.unpack_from(_END, self.row, layout.DEPTH)

    # ---- at boot, and by the engineer ----

    def take_up(self, serial: int) -> int:
        """The condition is found. When it is codes.GOOD, whatever was in flight is written down as uncertain from now on, once."""
        self._stand(0)
        self.settle(codes.DAMAGED)
        header = self.bytes_at(0, ring.HEADER_SIZE)
        values = without_crc(_HEADER, header)
        if header in (bytes(ring.HEADER_SIZE), b"\xff" * ring.HEADER_SIZE):
            self.settle(codes.BLANK)
        elif values == (_MAGIC, serial):
            self._take_up_rows()
        elif values and values[0] == _MAGIC:
            self.settle(codes.FOREIGN)
        return self.condition

    def format(self, serial: int) -> None:
        """Everything is forgotten and begins at zero, on the engineer's explicit word only.

        It raises HistoryUnknown if it fails.
        """
        self._stand(0)
        self.settle(codes.BLANK)
        fill(self.row, bytes(marks.ROW_SIZE))
        for at in range(0, self._fram.size, marks.ROW_SIZE):
            self.write(at, self.row, 0, min(marks.ROW_SIZE, self._fram.size - at))
        fill(self.row, with_crc(_CHECKPOINT, (0, 0, 0)))
        self.write(ring.CHECKPOINTS_AT, self.row, 0, layout.TOTALS_SIZE)
        fill(self.row, with_crc(_HEADER, (_MAGIC, serial)))
        self.write(0, self.row, 0, ring.HEADER_SIZE)
        self.take_up(serial)
        self.demand()

    def _take_up_rows(self) -> None:
        """It is GOOD if every row is what its place in history allows; then what was in flight is closed."""
        checkpoints = [self.bytes_at(ring.CHECKPOINTS_AT + i * layout.TOTALS_SIZE, layout.TOTALS_SIZE) for i in range(2)]
        totals = max([without_crc(_CHECKPOINT, checkpoint) for checkpoint in checkpoints])
        if not totals or totals[0] > _SHOTS_MAX - self.length:
            return
        first = last = totals[0]
        # One may have been done without its checkpoint, and one more if the newest checkpoint is the bad one.
        while last <= first + WAITING_MAX:
            state = self.look(last + 1)
            if state not in (layout.IN_FLIGHT, layout.CLOSED):
                break
            if state == layout.CLOSED and last > first:
                return
            last += 1
        for number in range(last + 1, first + self.length + 1):
            if not self._allowed(number, number <= last + WAITING_MAX):
                return
        self.shots = first
        fill(self._totals, with_crc(_CHECKPOINT, totals))
        self.settle(codes.GOOD)
        for number in range(first + 1, last + 1):
            if self.look(number) == layout.CLOSED:
                self.count()
            else:
                self.close(0, 0, codes.UNCERTAIN)
        self._stand((last + 1) % self.length)

    def _allowed(self, number: int, soon: bool) -> bool:
        """It says whether the row of a shot to come is as the shot one round before left it, or, if soon, prepared or torn."""
        before = number - self.length
        state = self.look(before)
        if state == (layout.EMPTY if before < 1 else layout.CLOSED):
            return True
        return soon and judge(self.row, number, self.register) in (layout.TORN, layout.AHEAD)
