"""The gun's FRAM (MB85RS64V class, 8 KiB) is on SPI 0, by registers, because the guard's tick writes to it too.

The loop's transfers are cut into pieces amid which the tick is kept away: it is late by 20 us at most.
"""

from array import array

import machine

from mesogun_fw.boards.pico import pins, registers
from mesogun_fw.memory import promises
from mesogun_fw.shim import addressof, micropython, ptr8, ptr32

const = micropython.const

BAUD = 20_000_000
PIECE = 16

_READ = const(3)
_WRITE = const(2)
_WRITE_ENABLE = const(6)

_SELECT = const(1 << pins.FRAM_SELECT)
_DATA = const(2)
_STATUS = const(3)
_NOT_EMPTY = const(4)


class PicoFram(promises.Fram):
    size = 8_192

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
        self._enable = bytearray((_WRITE_ENABLE,))

    def read(self, at: int, size: int) -> bytes:
        whole = b""
        while size:
            piece = min(size, PIECE)
            frame = bytearray(3 + piece)
            frame[0] = _READ
            self._place(frame, at)
            self._alone(frame, False)
            whole += bytes(frame[3:])
            at += piece
            size -= piece
        return whole

    def write(self, at: int, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            frame = bytearray(bytes((_WRITE, 0, 0)) + data[start : start + PIECE])
            self._place(frame, at + start)
            self._alone(frame, True)

    def _place(self, frame: bytearray, at: int) -> None:
        if not 0 <= at <= at + len(frame) - 3 <= self.size:
            raise ValueError("no such place in the FRAM")
        frame[1] = at >> 8
        frame[2] = at & 255

    def _alone(self, frame: bytearray, writing: bool) -> None:
        state = machine.disable_irq()
        if writing:
            exchange(self._at, self._enable, 1)
        exchange(self._at, frame, len(frame))
        machine.enable_irq(state)

    def mark(self, at: int, value: int) -> None:
        mark(self._at, at, value)


@micropython.viper
def mark(k_: int, at: int, value: int):  # type: ignore[no-untyped-def]
    """One byte is written. The bus takes a whole frame at once; what comes back is of no interest, but must be waited for."""
    k = ptr32(k_)
    spi = ptr32(k[registers.SPI])
    sio = ptr32(k[registers.SIO])
    sio[k[registers.OUT_CLEAR]] = _SELECT
    spi[_DATA] = _WRITE_ENABLE
    looks = 64
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
        looks = 64
        while looks and not spi[_STATUS] & _NOT_EMPTY:
            looks -= 1
        spi[_DATA]
        sent -= 1
    sio[k[registers.OUT_SET]] = _SELECT


@micropython.viper
def exchange(k_: int, frame_: object, size: int):  # type: ignore[no-untyped-def]
    """A frame is sent; what comes back is put into one that reads. A bus that does not answer is waited for 64 looks a byte."""
    k = ptr32(k_)
    spi = ptr32(k[registers.SPI])
    sio = ptr32(k[registers.SIO])
    frame = ptr8(frame_)
    reading = frame[0] == _READ
    sio[k[registers.OUT_CLEAR]] = _SELECT
    for i in range(size):
        spi[_DATA] = frame[i]
        looks = 64
        while looks and not spi[_STATUS] & _NOT_EMPTY:
            looks -= 1
        value = spi[_DATA] & 255
        if reading:
            frame[i] = value
    sio[k[registers.OUT_SET]] = _SELECT
