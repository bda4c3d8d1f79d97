"""The memories of a board promise this, and a record in them is proven whole. Boards implement Fram and Flash."""

import binascii
import struct
from array import array

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
