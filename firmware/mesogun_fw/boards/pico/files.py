"""A Pico keeps this on its flash file system: the firmware, whose digests are checked, and the hardware description's copies."""

import binascii
import hashlib
import os

from mesogun_fw.memory.promises import Flash

BLOCK = 1_024


class Copies(Flash):
    """The two copies are files at the root. The file system makes each write whole or not at all."""

    def copy_read(self, copy: int) -> bytes:
        try:
            with open(_name(copy), "rb") as file:
                return bytes(file.read())
        except OSError:
            return b""

    def copy_write(self, copy: int, data: bytes) -> None:
        with open(_name(copy), "wb") as file:
            file.write(data)


def _name(copy: int) -> str:
    return "/gun-%d.bin" % copy


def files_hold(folder: str, look_on: "object") -> bool:
    """It says whether every firmware file is what was flashed, by the manifest in `folder`; a damaged manifest is a no.

    Reading takes most of a second on a board; `look_on` is called before every file.
    """
    sha = hashlib.sha256()
    try:
        with open(folder + "/manifest", "rb") as manifest:
            for line in manifest:
                if line.startswith(b"= "):
                    return bool(line[2:].strip() == binascii.hexlify(sha.digest()))
                sha.update(line)
                words = line.decode().split()
                look_on()  # type: ignore[operator]
                if words[0] != "mesogun" and not _is(words[2], int(words[1]), words[0].encode()):
                    return False
    except (OSError, ValueError, IndexError):
        pass
    return False


def _is(path: str, size: int, digest: bytes) -> bool:
    if os.stat(path)[6] != size:
        return False
    sha = hashlib.sha256()
    block = bytearray(BLOCK)
    view = memoryview(block)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(block)
            if not count:
                return bool(binascii.hexlify(sha.digest()) == digest)
            sha.update(view[:count])
