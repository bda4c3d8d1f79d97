"""The journal is the gun's memory of its shots: intent before, done after. After any cut of power it is known which happened.

It lives in a small FRAM: that is byte-writable and has no erase; power may fail between any two bytes. The loop *prepares* the
next shots' records ahead. The guard's tick *begins* one, by a single byte, right before it starts or grants a shot; the loop
writes it *done*. Prepared and not begun never happened. Begun and not done is uncertain: it is counted as given and never
repeated. A granted shot that was revoked is *voided* by the same byte, and stands prepared again.

    at 0    header: magic, serial number of the gun; the last thing `format` writes, touched by nothing else
    at 16   two checkpoints: shots done, their volume, uncertain ones; the older is overwritten whenever a shot is done
    at 56   a ring of rows, shot n in row n % rows: mark, then number, program, pass, shot, dose, then depth, dose, flags

All but the mark ends in a CRC-32. A row's second goes on from its first, so what is left of an older shot never passes for the
end of a newer one.
"""

import binascii
from array import array

from mesogun_fw.guard import cells, marks
from mesogun_fw.memory.promises import Fram, with_crc, without_crc
from mesogun_fw.shim import micropython
from mesogun_fw.talk import codes

const = micropython.const

WAITING_MAX = 4  # these are the shot that runs, a granted one, and two prepared ahead


_MAGIC = b"MGJ1"
_HEADER = "<4sQ"
_CHECKPOINT = "<IQI"
_INTENT = "<IQBHI"
_DONE = "<hiB"

_HEADER_SIZE = 16
_CHECKPOINTS_AT = 16
_CHECKPOINT_SIZE = 20
_INTENT_AT = 1
_DONE_AT = 24

_EMPTY, _TORN, _BAD, _AHEAD, _IN_FLIGHT, _CLOSED = range(6)  # a row can hold these


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
        self.cells[cells.ROWS] = self._rows = (fram.size - marks.ROWS_AT) // marks.ROW_SIZE
        assert self._rows >= 2 * WAITING_MAX
        self._set(codes.BLANK)
        self._totals = (0, 0, 0)
        self._stand(0)

    def _set(self, condition: int) -> None:
        self.condition = condition
        self.cells[cells.WRITABLE] = 1 if condition == codes.GOOD else 0

    def _stand(self, row: int) -> None:
        self.cells[cells.OLDEST] = self.cells[cells.BEGIN] = self.cells[cells.PREPARED] = row

    # ---- called by the loop ----

    def ahead(self) -> int:
        """So many shots are prepared and not begun."""
        return int(self.cells[cells.PREPARED] - self.cells[cells.BEGIN]) % self._rows

    def in_flight(self) -> int:
        """So many shots are begun and not done."""
        return int(self.cells[cells.BEGIN] - self.cells[cells.OLDEST]) % self._rows

    def prepare(self, digest: int, pass_index: int, shot: int, dose_nl: int) -> None:
        """The shot that follows all others is written down. It raises HistoryUnknown; ValueError if it does not fit."""
        self._demand()
        waiting = (self.cells[cells.PREPARED] - self.cells[cells.OLDEST]) % self._rows
        number = self._totals[0] + waiting + 1
        if waiting >= WAITING_MAX or number >> 32:
            raise ValueError("no room for another shot")
        if digest >> 48 or pass_index >> 8 or shot >> 16 or dose_nl >> 32:  # negative ones do not fit either
            raise ValueError("does not fit the record")
        at = marks.ROWS_AT + self.cells[cells.PREPARED] * marks.ROW_SIZE
        # The mark is only written beside a whole record: torn beside a torn one it would look like a shot begun and damaged.
        if self._fram.read(at, 1)[0] != marks.STANDS_READY:
            self._write(at, bytes((marks.STANDS_READY,)))
        self._write(at + _INTENT_AT, with_crc(_INTENT, (number, digest, pass_index, shot, dose_nl)))
        self.cells[cells.PREPARED] = (self.cells[cells.PREPARED] + 1) % self._rows

    def discard(self) -> None:
        """What is prepared and not begun is forgotten: another pass follows, or none. The tick is kept away meanwhile."""
        self.cells[cells.PREPARED] = self.cells[cells.BEGIN]

    def with_dose(self, dose_nl: int) -> list:  # type: ignore[type-arg]
        """These rows, for `rewrite`, give the shots prepared and not begun another dose: this is the slow part, done beforehand."""
        rows = []
        for i in range(self.ahead()):
            row = (self.cells[cells.BEGIN] + i) % self._rows
            rows.append((row, with_crc(_INTENT, self._look(row)[1][:4] + (dose_nl,))))
        return rows

    def rewrite(self, rows: list) -> None:  # type: ignore[type-arg]
        """The rows are written with the tick kept away: those begun meanwhile stay as they were. It raises HistoryUnknown."""
        for row, intent in rows:
            if (row - self.cells[cells.BEGIN]) % self._rows < self.ahead():
                self._write(marks.ROWS_AT + row * marks.ROW_SIZE + _INTENT_AT, intent)

    def done(self, depth_um: int, measured_nl: int, flags: int) -> None:
        """The oldest shot in flight is closed. It raises HistoryUnknown; ValueError if none is, or for what does not fit."""
        self._demand()
        if not self.in_flight():
            raise ValueError("no shot in flight")
        if (depth_um + (1 << 15)) >> 16 or (measured_nl + (1 << 31)) >> 32 or flags >> 8:
            raise ValueError("does not fit the record")
        state, intent, crc = self._look(self.cells[cells.OLDEST])
        if state != _IN_FLIGHT or intent[0] != self._totals[0] + 1:
            self._lost()
        self._close(intent + (depth_um, measured_nl, flags), crc)
        self.cells[cells.OLDEST] = (self.cells[cells.OLDEST] + 1) % self._rows

    def summary(self) -> tuple:  # type: ignore[type-arg]
        """(shots, volume_nl, uncertain shots) are done since manufacture, partial doses counted whole. It raises HistoryUnknown."""
        self._demand()
        return self._totals

    def rows(self):  # type: ignore[no-untyped-def]
        """Shots done come newest first: (number, digest, pass_index, shot, dose_nl, depth_um, measured_nl, flags).

        Each is read when it is asked for; the list ends with the oldest still held. It raises HistoryUnknown.
        """
        self._demand()
        for number in range(self._totals[0], 0, -1):
            state, values, _ = self._look(number % self._rows)
            if state != _CLOSED or values[0] != number:
                return
            yield values

    # ---- at boot, and by the engineer ----

    def take_up(self, serial: int) -> int:
        """The condition is found. When it is codes.GOOD, whatever was in flight is written down as uncertain from now on, once."""
        self._stand(0)
        self._set(codes.DAMAGED)
        header = self._fram.read(0, _HEADER_SIZE)
        values = without_crc(_HEADER, header)
        if header in (bytes(_HEADER_SIZE), b"\xff" * _HEADER_SIZE):
            self._set(codes.BLANK)
        elif values == (_MAGIC, serial):
            self._take_up_rows()
        elif values and values[0] == _MAGIC:
            self._set(codes.FOREIGN)
        return self.condition

    def format(self, serial: int) -> None:
        """Everything is forgotten and begins at zero, on the engineer's explicit word only.

        It raises HistoryUnknown if it fails.
        """
        self._stand(0)
        self._set(codes.BLANK)
        for at in range(0, self._fram.size, marks.ROW_SIZE):
            self._write(at, bytes(min(marks.ROW_SIZE, self._fram.size - at)))
        self._write(_CHECKPOINTS_AT, with_crc(_CHECKPOINT, (0, 0, 0)))
        self._write(0, with_crc(_HEADER, (_MAGIC, serial)))
        self.take_up(serial)
        self._demand()

    def _take_up_rows(self) -> None:
        """It is GOOD if every row is what its place in history allows; then what was in flight is closed."""
        slots = [self._fram.read(_CHECKPOINTS_AT + i * _CHECKPOINT_SIZE, _CHECKPOINT_SIZE) for i in range(2)]
        totals = max([without_crc(_CHECKPOINT, slot) for slot in slots])
        if not totals:
            return
        last = totals[0]
        left: list = []  # type: ignore[type-arg]
        # One may have been done without its checkpoint, and one more if the newest checkpoint is the bad one.
        while len(left) <= WAITING_MAX:
            found = self._look((last + 1) % self._rows)
            if found[0] not in (_IN_FLIGHT, _CLOSED) or found[1][0] != last + 1:
                break
            if found[0] == _CLOSED and left:
                return
            left.append(found)
            last += 1
        for number in range(last + 1, totals[0] + self._rows + 1):
            if not self._allowed(number, number <= last + WAITING_MAX):
                return
        self._totals = totals
        self._set(codes.GOOD)
        for state, values, crc in left:
            if state == _CLOSED:
                self._count(values)
            else:
                self._close(values + (0, 0, codes.UNCERTAIN), crc)
        self._stand((last + 1) % self._rows)

    def _allowed(self, number: int, soon: bool) -> bool:
        """It says whether the row of a shot to come is as the shot one round before left it, or, if soon, prepared or torn."""
        state, values, _ = self._look(number % self._rows)
        before = number - self._rows
        if soon and (state == _TORN or (state == _AHEAD and values[0] == number)):
            return True
        return bool(state == _EMPTY if before < 1 else state == _CLOSED and values[0] == before)

    # ---- rows ----

    def _look(self, row: int) -> tuple:  # type: ignore[type-arg]
        """The answer is (what the row holds, its values, the CRC that its end goes on from)."""
        raw = self._fram.read(marks.ROWS_AT + row * marks.ROW_SIZE, marks.ROW_SIZE)
        prepared = raw[0] == marks.STANDS_READY
        intent = without_crc(_INTENT, raw[_INTENT_AT:_DONE_AT])
        crc = binascii.crc32(raw[_INTENT_AT : _DONE_AT - 4])  # with its own CRC it would be the same for every row
        if not intent:
            return (_BAD if any(raw[_INTENT_AT:]) else _EMPTY) if not prepared else _TORN, (0,), 0
        done = without_crc(_DONE, raw[_DONE_AT:], crc)
        if done:
            return _CLOSED, intent + done, crc
        return _AHEAD if prepared else _IN_FLIGHT, intent, crc

    def _close(self, values: tuple, crc: int) -> None:  # type: ignore[type-arg]
        at = marks.ROWS_AT + values[0] % self._rows * marks.ROW_SIZE
        self._write(at + _DONE_AT, with_crc(_DONE, values[5:], crc))
        self._count(values)

    def _count(self, values: tuple) -> None:  # type: ignore[type-arg]
        shots, volume_nl, uncertain = self._totals
        self._totals = (shots + 1, volume_nl + values[4], uncertain + (1 if values[7] & codes.UNCERTAIN else 0))
        at = _CHECKPOINTS_AT + (shots + 1) % 2 * _CHECKPOINT_SIZE
        self._write(at, with_crc(_CHECKPOINT, self._totals))

    def _write(self, at: int, data: bytes) -> None:
        self._fram.write(at, data)
        if self._fram.read(at, len(data)) != data:
            self._lost()

    def _lost(self) -> None:
        self._set(codes.DAMAGED)
        self._demand()

    def _demand(self) -> None:
        if self.condition != codes.GOOD:
            raise HistoryUnknown(self.condition)
