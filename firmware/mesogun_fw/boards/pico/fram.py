"""The gun's FRAM (MB85RS64V class, 8 KiB) is on SPI 0, by registers, because the guard's tick writes to it too.

Nobody waits for the bus, and no interrupt is masked for it. The tick takes it, whatever the loop is amid: it lets the bytes
under way end, raises the select line, which ends the loop's frame there, counts, writes its mark, and leaves the line high. The
loop, whose bytes go to nobody until its frame ends, sees by the count that it was interrupted, and moves all of its bytes again.
Why that is right at every instruction:
- The chip writes only after an enable of its own, which every write uses up. What the loop enabled is used up by the tick's mark,
  so a frame that the loop goes on with, or begins, after a mark writes nothing, until the loop enables again.
- What the loop had written until then is a beginning of what it writes again; no bytes of it are the tick's: a mark is written by
  the loop only while its row is not prepared. What it had read is read again.
- Three bytes are sent ahead of the one that comes back. Whoever takes over waits for those under way, takes what came back, and
  leaves none behind; the loop, which waits for each only so long, then takes nothing that is another's.
"""

from array import array

import machine

from mesogun_fw.boards.pico import pins, registers
from mesogun_fw.guard import cells, marks
from mesogun_fw.memory import promises
from mesogun_fw.shim import addressof, micropython, ptr8, ptr32

const = micropython.const

# MicroPython clocks the peripherals at 48 MHz, and an SPI has an even part of that: 24 or 12 MHz. The chip takes 20 at most.
BAUD = 12_000_000

_SIZE = const(8_192)
_WRITE = const(2)
_READ = const(3)
_WRITE_ENABLE = const(6)
_BYTE = const(255)
_CHECK = const(256 | _READ)  # to the chip it is a read

_SELECT = const(1 << pins.FRAM_SELECT)
_DATA = const(2)
_STATUS = const(3)
_NOT_EMPTY = const(4)
_BUSY = const(16)
_AHEAD = const(3)  # so many bytes are a command and its address
_LOOKS = const(64)  # bytes have come back long before
_COUNTED = const((1 << 30) - 1)


class PicoFram(promises.Fram):
    size = _SIZE

    def __init__(self, k: "array[int]") -> None:
        self._at = addressof(k)
        machine.Pin(pins.FRAM_SELECT, machine.Pin.OUT, value=1)
        self._bus = machine.SPI(
            0,
            baudrate=BAUD,
            sck=machine.Pin(pins.FRAM_CLOCK),
            mosi=machine.Pin(pins.FRAM_OUT),
            miso=machine.Pin(pins.FRAM_IN),
        )

    @micropython.viper
    def read(self, at: int, place: object, start: int, end: int):  # type: ignore[no-untyped-def]
        k = ptr32(self._at)
        first = int(_first(at, start, end))
        again = 1
        while again:
            marked = k[registers.MARKS]
            _frame(self._at, _READ, first, place, start, end)
            again = 1 if k[registers.MARKS] != marked else 0

    @micropython.viper
    def write(self, at: int, place: object, start: int, end: int) -> int:
        k = ptr32(self._at)
        first = int(_first(at, start, end))
        held = 0
        again = 1
        while again:
            marked = k[registers.MARKS]
            _frame(self._at, _WRITE, first, place, start, end)
            held = int(_frame(self._at, _CHECK, first, place, start, end))
            again = 1 if k[registers.MARKS] != marked else 0
        return held

    def mark(self, at: int, value: int) -> None:
        mark(self._at, at, value)


@micropython.viper
def _first(at: int, start: int, end: int) -> int:
    """Bytes start .. end - 1 of a place are moved to or from here."""
    if start < 0 or start > end or at + start < 0 or at + end > _SIZE:
        raise ValueError("no such place in the FRAM")
    return at + start


@micropython.viper
def _frame(k_, command: int, first: int, place_, start: int, end: int) -> int:  # type: ignore[no-untyped-def]
    """Bytes of a place are written, read, or held against what is there: then 1 says that they are the same."""
    k = ptr32(k_)
    spi = ptr32(k[registers.SPI])
    sio = ptr32(k[registers.SIO])
    place = ptr8(place_)
    if command == _WRITE:
        sio[k[registers.OUT_CLEAR]] = _SELECT
        spi[_DATA] = _WRITE_ENABLE
        looks = _LOOKS
        while looks and not spi[_STATUS] & _NOT_EMPTY:
            looks -= 1
        spi[_DATA]
        sio[k[registers.OUT_SET]] = _SELECT
    sio[k[registers.OUT_CLEAR]] = _SELECT
    spi[_DATA] = command & _BYTE
    spi[_DATA] = first >> 8
    spi[_DATA] = first & _BYTE
    same = 1
    i = start - _AHEAD
    while i < end:
        if i + _AHEAD < end:
            spi[_DATA] = place[i + _AHEAD] if command == _WRITE else 0
        looks = _LOOKS
        while looks and not spi[_STATUS] & _NOT_EMPTY:
            looks -= 1
        value = spi[_DATA] & _BYTE
        if i >= start:
            if command == _READ:
                place[i] = value
            elif value != place[i]:
                same = 0
        i += 1
    sio[k[registers.OUT_SET]] = _SELECT
    return same


@micropython.viper
def mark(k_: int, at: int, value: int):  # type: ignore[no-untyped-def]
    """One byte is written, whoever had the bus. What comes back is of no interest, but must be waited for."""
    k = ptr32(k_)
    spi = ptr32(k[registers.SPI])
    sio = ptr32(k[registers.SIO])
    looks = _LOOKS
    while looks and spi[_STATUS] & _BUSY:
        looks -= 1
    sio[k[registers.OUT_SET]] = _SELECT
    looks = 8  # so many places has the FIFO
    while looks and spi[_STATUS] & _NOT_EMPTY:
        spi[_DATA]
        looks -= 1
    k[registers.MARKS] = (k[registers.MARKS] + 1) & _COUNTED
    sio[k[registers.OUT_CLEAR]] = _SELECT
    spi[_DATA] = _WRITE_ENABLE
    looks = _LOOKS
    while looks and not spi[_STATUS] & _NOT_EMPTY:
        looks -= 1
    sio[k[registers.OUT_SET]] = _SELECT
    spi[_DATA]
    sio[k[registers.OUT_CLEAR]] = _SELECT
    spi[_DATA] = _WRITE
    spi[_DATA] = at >> 8
    spi[_DATA] = at & 255
    spi[_DATA] = value
    sent = 4
    while sent:
        looks = _LOOKS
        while looks and not spi[_STATUS] & _NOT_EMPTY:
            looks -= 1
        spi[_DATA]
        sent -= 1
    sio[k[registers.OUT_SET]] = _SELECT


@micropython.viper
def rewrite(k_: int):  # type: ignore[no-untyped-def]
    """Rows that wait get the dose laid for them, each is read back, as in boards/unhurried.py. The caller keeps the tick away."""
    k = ptr32(k_)
    x = ptr32(k[registers.INPUTS])
    spi = ptr32(k[registers.SPI])
    sio = ptr32(k[registers.SIO])
    low = k[registers.OUT_CLEAR]
    high = k[registers.OUT_SET]
    i = x[cells.REWRITE_FROM]
    while i < x[cells.REWRITE_UNTIL]:
        row = x[cells.REWRITE_ROW] + i
        if row >= x[cells.ROWS]:
            row -= x[cells.ROWS]
        at = marks.ROWS_AT + row * marks.ROW_SIZE + promises.DOSE_AT
        laid = cells.REWRITES_AT + 4 * i
        command = _WRITE
        while command <= _READ:
            if command == _WRITE:
                sio[low] = _SELECT
                spi[_DATA] = _WRITE_ENABLE
                looks = _LOOKS
                while looks and not spi[_STATUS] & _NOT_EMPTY:
                    looks -= 1
                spi[_DATA]
                sio[high] = _SELECT
            sio[low] = _SELECT
            spi[_DATA] = command
            spi[_DATA] = at >> 8
            spi[_DATA] = at & 255
            j = 0 - _AHEAD
            while j < promises.DOSE_SIZE:
                if j + _AHEAD < promises.DOSE_SIZE:
                    spi[_DATA] = (x[laid + ((j + _AHEAD) >> 1)] >> (((j + _AHEAD) & 1) << 3)) & 255
                looks = _LOOKS
                while looks and not spi[_STATUS] & _NOT_EMPTY:
                    looks -= 1
                value = spi[_DATA] & 255
                if command == _READ and j >= 0 and value != (x[laid + (j >> 1)] >> ((j & 1) << 3)) & 255:
                    x[cells.WRITABLE] = 0
                j += 1
            sio[high] = _SELECT
            command += 1
        i += 1
    x[cells.REWRITE_UNTIL] = 0
