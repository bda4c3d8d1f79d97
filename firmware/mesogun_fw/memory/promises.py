"""What the memories of a board promise, and how a record in them is proven whole. Boards implement Fram and Flash."""

import binascii
import struct


class Fram:
    """Byte-writable, no erase. When a write returns it is done; a power cut tears it between two bytes."""

    size = 0

    def read(self, at: int, size: int) -> bytes:
        raise NotImplementedError

    def write(self, at: int, data: bytes) -> None:
        """From the loop, a few dozen bytes at most. A mark may come before or after, never amid them."""
        raise NotImplementedError

    def mark(self, at: int, value: int) -> None:
        """One byte, from the guard's tick: does not wait, does not allocate."""
        raise NotImplementedError


class Flash:
    """Two slots, each read and written whole. Writing blinds the guard for as long as an erase takes."""

    def slot_read(self, slot: int) -> bytes:
        """b"" when it was never written."""
        raise NotImplementedError

    def slot_write(self, slot: int, data: bytes) -> None:
        raise NotImplementedError


def sealed(form: str, values: tuple, before: int = 0) -> bytes:  # type: ignore[type-arg]
    """Packed, with a CRC-32 that goes on from `before`. The caller has checked the ranges: MicroPython would cut silently."""
    raw = struct.pack(form, *values)
    return raw + struct.pack("<I", binascii.crc32(raw, before))


def unsealed(form: str, whole: bytes, before: int = 0) -> tuple:  # type: ignore[type-arg]
    """The values, or () if the bytes are not exactly what `sealed` made."""
    if len(whole) != struct.calcsize(form) + 4:
        return ()
    values = struct.unpack(form, whole[:-4])
    return values if sealed(form, values, before) == whole else ()
