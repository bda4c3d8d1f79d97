"""The journal is the gun's memory of its shots: intent before, done after. After any cut of power it is known which happened.

It lives in a small FRAM: that is byte-writable and has no erase; power may fail between any two bytes. The loop *prepares* the
next shots' records ahead. The guard's tick *begins* one, by a single byte, right before it starts or grants a shot; the loop
writes it *done*. Prepared and not begun never happened. Begun and not done is uncertain: it is counted as given and never
repeated. A granted shot that was revoked is *voided* by the same byte, and stands prepared again.

    at 0    header: magic, serial number of the gun, epoch; the last thing `format` writes, touched by nothing else
    at 16   two checkpoints: shots done, their volume, uncertain ones; the older is overwritten whenever a shot is done
    at 56   a ring of rows, shot n in row n % rows: mark, then number, program, pass, shot, dose, then depth, dose, flags

All but the mark ends in a CRC-32. A row's second goes on from its first, so what is left of an older shot never passes for the
end of a newer one. Bytes are layout.py's, the FRAM is ring.py's. A shot's way through here allocates nothing.
"""

import struct
from array import array

from mesogun_fw.guard import cells
from mesogun_fw.memory import layout, ring
from mesogun_fw.memory.promises import Fram, with_crc, without_crc
from mesogun_fw.memory.ring import (
    close,
    keep_doses,
    kept,
    lay_doses,
    look,
    put,
    put_count,
    put_end,
    put_intent,
    to_come,
    waits_with,
    wipe,
)
from mesogun_fw.memory.ring import shots as shots_done
from mesogun_fw.talk import codes

WAITING_MAX = ring.WAITING_MAX

_MAGIC = b"MGJ1"
_HEADER = "<4sQ"
_SERIAL_BITS = 48  # of the header's number; the rest is the epoch
_EPOCHS = 1 << 16
_CHECKPOINT = "<IQI"
_INTENT = "<IQBHI"
_END = "<hiB"


class HistoryUnknown(Exception):
    """There is no journal to read or to go on with: `condition` of codes.py says why.

    The engineer looks into it, then formats.
    """

    def __init__(self, condition: int) -> None:
        super().__init__("history unknown, journal's condition %d" % condition)
        self.condition = condition


class Journal:
    """One gun has this journal. Until it was read and is codes.GOOD nothing can be prepared, and so no shot can begin.

    Where it stands is in `cells`, the guard's, whose tick begins shots; alone it has cells of its own.
    """

    def __init__(self, fram: Fram, where: "array[int] | None" = None) -> None:
        self._fram = fram
        self.cells = where or cells.fresh()
        self._kept = kept(fram, self.cells)
        self.epoch = 0  # every format begins another: a shot is known by gun, epoch and number
        self._program = 0  # it is laid in the row prepared next
        self._settle(codes.BLANK)
        self._stand(0)

    def _settle(self, condition: int) -> None:
        self.condition = condition
        self.cells[cells.WRITABLE] = 1 if condition == codes.GOOD else 0

    def _stand(self, row: int) -> None:
        self.cells[cells.OLDEST] = self.cells[cells.BEGIN] = self.cells[cells.PREPARED] = row

    # ---- called by the loop: what a shot passes through is short, so that its frames stay off the heap ----

    def ahead(self) -> int:
        """So many shots are prepared and not begun."""
        return int(self.cells[cells.PREPARED] - self.cells[cells.BEGIN]) % self.cells[cells.ROWS]

    def in_flight(self) -> int:
        """So many shots are begun and not done."""
        return int(self.cells[cells.BEGIN] - self.cells[cells.OLDEST]) % self.cells[cells.ROWS]

    def prepare(self, program: int, pass_index: int, shot: int, dose_nl: int) -> None:
        """The shot that follows all others is written down. It raises HistoryUnknown; ValueError if it does not fit.

        A program's number is of 64 bits: device/program.py says what it is made of.
        """
        if not self.cells[cells.WRITABLE]:
            self.demand()
        if program != self._program:
            self._lay_program(program)
        if pass_index >> 8 or shot >> 16 or dose_nl >> 32:  # negative ones do not fit either
            raise ValueError("does not fit the record")
        came = put_intent(self._kept, pass_index, shot, dose_nl)
        if came:
            self._failed(came)

    def _failed(self, came: int) -> None:
        if came == ring.FULL:
            raise ValueError("no room for another shot")
        self._settle(codes.DAMAGED)
        self.demand()

    def _lay_program(self, program: int) -> None:
        if program >> 8 * layout.PROGRAM_SIZE:
            raise ValueError("does not fit the record")
        for i in range(layout.PROGRAM_SIZE):
            self._kept[ring.NEXT][layout.PROGRAM + i] = program >> 8 * i & 255
        self._program = program

    def discard(self) -> None:
        """What is prepared and not begun is forgotten: another pass follows, or none. Called only while nothing may begin."""
        self.cells[cells.PREPARED] = self.cells[cells.BEGIN]

    def waits_with(self, dose_nl: int) -> bool:
        """It says whether every shot that is prepared and not begun has this dose."""
        return waits_with(self._kept, dose_nl) != 0

    def lay_dose(self, dose_nl: int) -> None:
        """Another dose for the shots prepared and not begun is laid in the guard's cells: this is the slow part, done beforehand.

        The guard lets the board write it: guard/asked.py. It raises HistoryUnknown.
        """
        self.demand()
        if lay_doses(self._kept, dose_nl):
            self._failed(ring.LOST)

    def dosed(self, dose_nl: int) -> None:
        """The doses laid have been written, but those of shots begun meanwhile. It raises HistoryUnknown if they are not there."""
        keep_doses(self._kept, dose_nl)
        self.demand()

    def done(self, depth_um: int, measured_nl: int, flags: int) -> None:
        """The oldest shot in flight is closed. It raises HistoryUnknown; ValueError if none is, or for what does not fit."""
        if not self.cells[cells.WRITABLE]:
            self.demand()
        if self.cells[cells.BEGIN] == self.cells[cells.OLDEST]:
            raise ValueError("no shot in flight")
        if depth_um >> 15 not in (0, -1) or measured_nl >> 31 not in (0, -1) or flags >> 8:
            raise ValueError("does not fit the record")
        if put_end(self._kept, depth_um, measured_nl, flags):
            self._failed(ring.LOST)

    def summary(self) -> tuple:  # type: ignore[type-arg]
        """(shots, volume_nl, uncertain shots) are done since manufacture, partial doses counted whole. It raises HistoryUnknown."""
        self.demand()
        return struct.unpack_from(_CHECKPOINT, self._kept[ring.TOTALS], 0)

    def rows(self):  # type: ignore[no-untyped-def]
        """Shots done come newest first: (number, program, pass_index, shot, dose_nl, depth_um, measured_nl, flags).

        Each is read when it is asked for; the list ends with the oldest still held. It raises HistoryUnknown.
        """
        self.demand()
        row = self._kept[ring.ROW]
        for number in range(shots_done(self._kept), 0, -1):
            if look(self._kept, number) != layout.CLOSED:
                return
            yield struct.unpack_from(_INTENT, row, layout.NUMBER) + struct.unpack_from(_END, row, layout.DEPTH)

    def demand(self) -> None:
        """It raises HistoryUnknown when the journal is not good, or its memory did not hold what the board has written."""
        if not self.cells[cells.WRITABLE]:
            if self.condition == codes.GOOD:
                self._settle(codes.DAMAGED)
            raise HistoryUnknown(self.condition)

    # ---- at boot, and by the engineer ----

    def take_up(self, serial: int) -> int:
        """The condition is found. When it is codes.GOOD, whatever was in flight is written down as uncertain from now on, once."""
        self._stand(0)
        self._settle(codes.DAMAGED)
        header = self._bytes(0, ring.HEADER_SIZE)
        values = without_crc(_HEADER, header)
        if header in (bytes(ring.HEADER_SIZE), b"\xff" * ring.HEADER_SIZE):
            self._settle(codes.BLANK)
        elif values and values[0] == _MAGIC:
            self.epoch = values[1] >> _SERIAL_BITS
            if values[1] == serial | self.epoch << _SERIAL_BITS:
                self._take_up_rows()
            else:
                self._settle(codes.FOREIGN)
        return self.condition

    def format(self, serial: int, boot: int = 0) -> None:
        """Everything is forgotten and begins at zero, on the engineer's explicit word only.

        The new epoch follows the old one; where that is unknown, the number of this start says which. It raises HistoryUnknown
        if it fails.
        """
        known = self.condition == codes.GOOD
        epoch = (self.epoch + 1 if known else boot) % _EPOCHS
        self._stand(0)
        self._settle(codes.BLANK)
        if wipe(self._kept, self._fram.size):
            self._failed(ring.LOST)
        self._put(ring.CHECKPOINTS_AT, with_crc(_CHECKPOINT, (0, 0, 0)))
        self._put(0, with_crc(_HEADER, (_MAGIC, serial | epoch << _SERIAL_BITS)))
        self.take_up(serial)
        self.demand()

    def _take_up_rows(self) -> None:
        """It is GOOD if every row is what its place in history allows; then what was in flight is closed."""
        checkpoints = [self._bytes(ring.CHECKPOINTS_AT + i * layout.TOTALS_SIZE, layout.TOTALS_SIZE) for i in range(2)]
        totals = max([without_crc(_CHECKPOINT, checkpoint) for checkpoint in checkpoints])
        if not totals or totals[0] > ring.SHOTS_MAX - self.cells[cells.ROWS]:
            return
        first = last = totals[0]
        # One may have been done without its checkpoint, and one more if the newest checkpoint is the bad one.
        while last <= first + WAITING_MAX:
            state = look(self._kept, last + 1)
            if state not in (layout.IN_FLIGHT, layout.CLOSED):
                break
            if state == layout.CLOSED and last > first:
                return
            last += 1
        if not to_come(self._kept, first, last):
            return
        fill(self._kept[ring.TOTALS], with_crc(_CHECKPOINT, totals))
        self._settle(codes.GOOD)
        for number in range(first + 1, last + 1):
            closed = look(self._kept, number) == layout.CLOSED
            if put_count(self._kept, number) if closed else close(self._kept, number, 0, 0, codes.UNCERTAIN):
                self._failed(ring.LOST)
        self._stand((last + 1) % self.cells[cells.ROWS])

    def _bytes(self, at: int, size: int) -> bytes:
        """No more than a row."""
        self._fram.read(at, self._kept[ring.ROW], 0, size)
        return bytes(self._kept[ring.ROW])[:size]

    def _put(self, at: int, data: bytes) -> None:
        """No more than a row."""
        fill(self._kept[ring.ROW], data)
        if put(self._kept, at, self._kept[ring.ROW], 0, len(data)):
            self._failed(ring.LOST)


def fill(place: "array[int]", data: bytes) -> None:
    """The first bytes of a buffer are these."""
    for i in range(len(data)):
        place[i] = data[i]
