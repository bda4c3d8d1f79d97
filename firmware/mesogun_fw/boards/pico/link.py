"""This is the USB serial port: reading takes what is there, writing what fits; neither waits, read or unread by the host.

MicroPython's `poll` says of the port only that one byte is there, or that one byte fits (or that nobody is connected, and then
what is written is dropped); a longer write may wait half a second for a host that holds the port open and does not read. So
both go byte by byte. The interrupt character must be off: `micropython.kbd_intr(-1)`.
"""

import select
import sys

READ_BYTES = 32  # a turn of the loop reads so many; each has a view of its own, in scarce memory


class Link:
    def __init__(self) -> None:
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._arrived = select.poll()
        self._arrived.register(sys.stdin, select.POLLIN)
        self._fits = select.poll()
        self._fits.register(sys.stdout, select.POLLOUT)
        self._bytes = bytearray(READ_BYTES)
        self._places = [memoryview(self._bytes)[i : i + 1] for i in range(READ_BYTES)]

    def read(self) -> bytes:
        """This has arrived, and it is READ_BYTES at most."""
        count = 0
        while count < READ_BYTES and self._arrived.poll(0):
            self._in.readinto(self._places[count])  # type: ignore[union-attr]
            count += 1
        return bytes(self._bytes[:count])

    def waiting(self) -> bool:
        return bool(self._arrived.poll(0))

    def write(self, line: bytes) -> int:
        """So many bytes were taken."""
        view = memoryview(line)
        count = 0
        while count < len(line) and self._fits.poll(0):
            self._out.write(view[count : count + 1])
            count += 1
        return count
