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
        self._submit = machine.USBDevice().submit_xfer
        self._lines = (bytearray(limits.LINE_MAX), bytearray(limits.LINE_MAX))
        # To MicroPython a structure is as long as its description says, now: so one object, made once, is a line of any length.
        self._ends = ({"last": uctypes.UINT8}, {"last": uctypes.UINT8})
        self._sized = tuple([uctypes.struct(addressof(self._lines[i]), self._ends[i]) for i in range(2)])
        self._turn = 0

    def read(self, into: bytearray, at: int) -> int:
        """So many bytes have arrived, READ_BYTES at most, and are put there."""
        return _read(self._stream, into, at, len(into)) - at

    def waiting(self) -> bool:
        for _ in self._arrived(0):
            return True
        return False

    def write(self, line: bytearray, size: int) -> bool:
        """The line is on its way to the host, or nothing of it."""
        if not _free(self._k):
            return False
        _copy(0, self._lines[self._turn], line, size)  # type: ignore[arg-type]
        self._ends[self._turn]["last"] = uctypes.UINT8 | size - 1
        return self._begin()

    def _begin(self) -> bool:
        try:
            sent = _send(self._k, self._submit, self._sized[self._turn])
        except OSError:  # MicroPython has not yet seen that the line before is through
            return False
        if sent:
            self._turn = 1 - self._turn
        return sent


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
    while i < end:
        to[i] = source[i]
        i += 1


@micropython.viper
def _free(k_) -> bool:  # type: ignore[no-untyped-def]
    """It says whether a host has configured the endpoint and has taken all that was for it."""
    usb = ptr32(ptr32(k_)[_USB])
    return usb[_ENDPOINT] >> 31 & 1 == 1 and usb[_BUFFER] >> 10 & 1 == 0


@micropython.viper
def _send(k_, submit, line) -> bool:  # type: ignore[no-untyped-def]
    """A line is begun, unless the host has just reset the bus: what was configured is gone then, and MicroPython does not look.

    The controller's interrupt is kept away meanwhile, so that no reset comes between looking and sending. The guard's tick is not.
    """
    k = ptr32(k_)
    sent = False
    ptr32(k[_KEEP_AWAY])[0] = k[_BIT]
    try:
        if ptr32(k[_USB])[_ENDPOINT] >> 31 & 1:
            sent = bool(submit(_TO_HOST, line))
    finally:
        ptr32(k[_LET_IN])[0] = k[_BIT]
    return sent
