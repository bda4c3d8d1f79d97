"""The memories of a board promise this, and a record in them is proven whole. Boards implement Fram and Flash."""

import binascii
import struct
from array import array

from mesogun_fw.guard import cells, marks

DOSE_AT = 16  # a row's dose begins here, its CRC follows: memory/layout.py
DOSE_SIZE = 8


class Fram:
    """It is byte-writable and has no erase. When a write returns it is done; a power cut tears it between two bytes.

    Whoever reads or writes keeps a buffer, `place`, that is the image of what stands from `at` on: bytes start .. end - 1 of both
    become the same.
    """

    size = 0

    def read(self, at: int, place: "array[int]", start: int, end: int) -> None:
        raise NotImplementedError

    def write(self, at: int, place: "array[int]", start: int, end: int) -> int:
        """It is read back: 1 says that the memory holds it, 0 that it does not.

        A mark may come amid it: then this is written again from its first byte, so both are there when it returns.
        """
        raise NotImplementedError

    def mark(self, at: int, value: int) -> None:
        """The guard's tick writes one byte: this does not wait and does not allocate."""
        raise NotImplementedError

    def rewrite(self, c: "array[int]") -> None:
        """Rows that wait get the dose laid for them in the guard's cells, see guard/asked.py: the tick is kept away meanwhile.

        Each is read back. When one does not hold it, no shot may begin any more. Boards do it faster.
        """
        for i in range(c[cells.REWRITE_FROM], c[cells.REWRITE_UNTIL]):
            at = marks.ROWS_AT + (c[cells.REWRITE_ROW] + i) % c[cells.ROWS] * marks.ROW_SIZE + DOSE_AT
            laid = array("B", bytes(DOSE_SIZE))
            for j in range(DOSE_SIZE):
                laid[j] = c[cells.REWRITES_AT + 4 * i + j // 2] >> 8 * (j % 2) & 255
            if not self.write(at, laid, 0, DOSE_SIZE):
                c[cells.WRITABLE] = 0
        c[cells.REWRITE_UNTIL] = 0


class Flash:
    """There are two copies, each read and written whole. Writing blinds the guard for as long as an erase takes."""

    def copy_read(self, copy: int) -> bytes:
        """It is b"" when it was never written."""
        raise NotImplementedError

    def copy_write(self, copy: int, data: bytes) -> None:
        raise NotImplementedError


def with_crc(form: str, values: tuple) -> bytes:  # type: ignore[type-arg]
    """Values are packed, with a CRC-32. The caller has checked the ranges: MicroPython would cut silently."""
    raw = struct.pack(form, *values)
    return raw + struct.pack("<I", binascii.crc32(raw))


def without_crc(form: str, whole: bytes) -> tuple:  # type: ignore[type-arg]
    """The values, or () if the bytes are not exactly what `with_crc` made."""
    if len(whole) != struct.calcsize(form) + 4:
        return ()
    values = struct.unpack(form, whole[:-4])
    return values if with_crc(form, values) == whole else ()
