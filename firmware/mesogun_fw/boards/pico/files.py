"""A Pico keeps this on its flash file system: the firmware, whose digests are checked, and the hardware description's copies."""

import binascii
import hashlib
import os

from mesogun_fw.memory.promises import Flash

BLOCK = 1_024
BLOCKS_A_PIECE = 4  # a board reads and digests them in 15 ms


class Copies(Flash):
    """The two copies are files at the root. The file system makes each write whole or not at all.

    `patience(True)` is called before a write, in which the processor stands still for every erase, and `patience(False)` after it.
    """

    def __init__(self, patience) -> None:  # type: ignore[no-untyped-def]
        self._patience = patience

    def copy_read(self, copy: int) -> bytes:
        try:
            with open(_name(copy), "rb") as file:
                return bytes(file.read())
        except OSError:
            return b""

    def copy_write(self, copy: int, data: bytes) -> None:
        self._patience(True)
        with open(_name(copy), "wb") as file:
            file.write(data)
        self._patience(False)


def _name(copy: int) -> str:
    return "/gun-%d.bin" % copy


def files_hold(folder: str):  # type: ignore[no-untyped-def]
    """Every firmware file is what was flashed, by the manifest in `folder`: the last value says whether; a damaged one is a no.

    There is a value after every piece: reading everything takes most of a second on a board. A reader goes on while it is True.
    """
    sha = hashlib.sha256()
    held = False
    try:
        with open(folder + "/manifest", "rb") as manifest:
            for line in manifest:
                if line.startswith(b"= "):
                    held = line[2:].strip() == binascii.hexlify(sha.digest())
                    break
                sha.update(line)
                words = line.decode().split()
                if words[0] != "mesogun":
                    yield from _pieces(words[2], int(words[1]), words[0].encode())
    except (OSError, ValueError, IndexError):
        held = False
    yield held


def _pieces(path: str, size: int, digest: bytes):  # type: ignore[no-untyped-def]
    """It raises ValueError at the end of a file that is another."""
    if os.stat(path)[6] != size:
        raise ValueError(path)
    sha = hashlib.sha256()
    block = bytearray(BLOCK)
    view = memoryview(block)
    with open(path, "rb") as file:
        count = BLOCK
        while count:
            for _ in range(BLOCKS_A_PIECE):
                count = file.readinto(block)
                sha.update(view[:count])
            yield True
    if binascii.hexlify(sha.digest()) != digest:
        raise ValueError(path)
