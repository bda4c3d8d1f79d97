"""The memories of a board promise this, and a record in them is proven whole. Boards implement Fram and Flash."""

import binascii
import struct


class Fram:
    """It is byte-writable and has no erase. When a write returns it is done; a power cut tears it between two bytes."""

    size = 0

    def read(self, at: int, size: int) -> bytes:
        raise NotImplementedError

    def write(self, at: int, data: bytes) -> None:
        """The loop writes a few dozen bytes at most. A mark may come before or after, never amid them."""
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


def with_crc(form: str, values: tuple, before: int = 0) -> bytes:  # type: ignore[type-arg]
    """Values are packed, with a CRC-32 that goes on from `before`.

    The caller has checked the ranges: MicroPython would cut silently.
    """
    raw = struct.pack(form, *values)
    return raw + struct.pack("<I", binascii.crc32(raw, before))


def without_crc(form: str, whole: bytes, before: int = 0) -> tuple:  # type: ignore[type-arg]
    """The values, or () if the bytes are not exactly what `with_crc` made."""
    if len(whole) != struct.calcsize(form) + 4:
        return ()
    values = struct.unpack(form, whole[:-4])
    return values if with_crc(form, values, before) == whole else ()
