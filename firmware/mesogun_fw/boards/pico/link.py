"""This is the USB serial port: reading takes what is there, a line is sent whole; neither waits, read or unread by the host.

Bytes come through MicroPython's own stream, one by one: its `poll` says only that one is there. The interrupt character must be
off: `micropython.kbd_intr(-1)`.

Lines go to the serial port's endpoint, past the stream, whose longer writes may wait half a second for a host that holds the port
open and does not read. main.py has made that possible: `machine.USBDevice` is active. A line that was begun stays in flight until
the host takes it, however long that is; until then none is begun. It stands in one of two buffers in turn: that a line could be
begun says that the one before is through.
"""

import select
import sys

import machine
import uctypes

from mesogun_fw import limits
from mesogun_fw.boards.pico.registers import usb_registers_of
from mesogun_fw.shim import addressof, micropython, ptr8, ptr32

const = micropython.const

READ_BYTES = const(64)  # a turn of the loop reads so many, in 3.5 ms
_TO_HOST = const(0x82)  # MicroPython gives its serial port this endpoint
_LAST = uctypes.UINT8  # a line's last byte, in the description of its structure, is one at a place

# A link writes with these; the two ways are taken in turn.
_REGISTERS = const(0)
_SUBMIT = const(1)
_TURN = const(2)
_FIRST = const(3)
_SECOND = const(4)
# A way is a buffer, where its last byte is, and both as MicroPython sends it.
_LINE = const(0)
_END = const(1)
_SIZED = const(2)

# In the memory of the USB controller these are words of that endpoint.
_ENDPOINT = const(4)  # its highest bit says that a host has configured it
_BUFFER = const(36)  # its bit 10 says that the controller has something to send

# The registers have these places in their array, see registers.py.
_USB = const(0)  # address of the controller's memory
_LET_IN = const(1)  # address of the word that lets interrupts in
_KEEP_AWAY = const(2)  # address of the one that keeps them away
_BIT = const(3)  # the controller's own interrupt, in these two


class Link:
    def __init__(self, board: str) -> None:
        self._k = usb_registers_of(board)
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        self._arrived = poll.ipoll
        self._stream = (poll.ipoll, sys.stdin.buffer.readinto, bytearray(1))  # type: ignore[union-attr]
        lines = (bytearray(limits.LINE_MAX), bytearray(limits.LINE_MAX))
        # To MicroPython a structure is as long as its description says, now: so one object, made once, is a line of any length.
        ends = ({"last": uctypes.UINT8}, {"last": uctypes.UINT8})
        ways = tuple([(lines[i], ends[i], uctypes.struct(addressof(lines[i]), ends[i])) for i in range(2)])
        self._out = (self._k, machine.USBDevice().submit_xfer, bytearray(1), ways[0], ways[1])

    def read(self, into: bytearray, at: int) -> int:
        """So many bytes have arrived, READ_BYTES at most, and are put there."""
        return _read(self._stream, into, at, len(into)) - at

    def waiting(self) -> bool:
        for _ in self._arrived(0):
            return True
        return False

    def write(self, line: bytearray, size: int) -> bool:
        """The line is on its way to the host, or nothing of it."""
        return _write(self._out, line, size, _LAST | size - 1)


@micropython.viper
def _read(stream, into_, at: int, end: int) -> int:  # type: ignore[no-untyped-def]
    """What has arrived is put from `at` on, READ_BYTES at most and before `end`; the answer is where it ends."""
    arrived = stream[0]
    readinto = stream[1]
    byte_ = stream[2]
    byte = ptr8(byte_)
    if end > at + READ_BYTES:
        end = at + READ_BYTES
    into = ptr8(into_)
    while at < end:
        there = False
        for _ in arrived(0):
            there = True
        if not there:
            return at
        readinto(byte_)
        into[at] = byte[0]
        at += 1
    return at


@micropython.viper
def _copy(i: int, to: ptr8, source: ptr8, end: int):  # type: ignore[no-untyped-def]
    """Bytes i .. end - 1 are put in the same places. The compiler keeps the first three names in registers."""
    to = ptr8(to)
    source = ptr8(source)
    end -= 3
    while i < end:
        to[i] = source[i]
        to[i + 1] = source[i + 1]
        to[i + 2] = source[i + 2]
        to[i + 3] = source[i + 3]
        i += 4
    end += 3
    while i < end:
        to[i] = source[i]
        i += 1


@micropython.viper
def _write(out, line, size: int, last) -> bool:  # type: ignore[no-untyped-def]
    """A line is begun, when a host has configured the endpoint and has taken all that was for it.

    A host that has just reset the bus has configured nothing, and MicroPython does not look: so the controller's interrupt is kept
    away while it is looked at and the line begun. The guard's tick is not.
    """
    k = ptr32(out[_REGISTERS])
    usb = ptr32(k[_USB])
    turn = ptr8(out[_TURN])
    if not usb[_ENDPOINT] >> 31 & 1 or usb[_BUFFER] >> 10 & 1:
        return False
    way = out[_SECOND] if turn[0] else out[_FIRST]
    _copy(0, way[_LINE], line, size)
    way[_END]["last"] = last
    submit = out[_SUBMIT]
    sized = way[_SIZED]
    sent = False
    ptr32(k[_KEEP_AWAY])[0] = k[_BIT]
    try:
        if usb[_ENDPOINT] >> 31 & 1:
            sent = bool(submit(_TO_HOST, sized))
    except:  # noqa: E722  MicroPython has not yet seen that the line before is through: it says OSError
        sent = False
    ptr32(k[_LET_IN])[0] = k[_BIT]
    if sent:
        turn[0] = 1 - turn[0]
    return sent
