"""Runs on MicroPython: makes this process a board with a flash of its own, and leaves it at its REPL.

The flash is a file of 4 KiB sectors with a littlefs on it, the board's root. Told by a JSON file what to say of itself and
what to do badly.
"""

import json
import os
import sys

import vfs

SECTOR = 4096

with open(sys.argv[1]) as config_file:
    config = json.load(config_file)


class Flash:
    """Sectors in a file. The power goes at write number `cut_at`."""

    def __init__(self, path, sectors, cut_at):
        self.file = open(path, "r+b")
        self.sectors = sectors
        self.left = cut_at

    def readblocks(self, sector, data, offset=0):
        self.file.seek(sector * SECTOR + offset)
        self.file.readinto(data)

    def writeblocks(self, sector, data, offset=0):
        self.file.seek(sector * SECTOR + offset)
        self.left -= 1
        if self.left == 0:
            self.file.write(data if config["stored"] else bytes(data)[: len(data) // 2])
            os.system("kill -9 $PPID")
        self.file.write(data)

    def ioctl(self, what, sector):
        if what == 4:
            return self.sectors
        if what == 5:
            return SECTOR
        if what == 6:
            self.writeblocks(sector, b"\xff" * SECTOR)
        return 0


class Said:
    """`sys` as the board has it: what the configuration says, the rest as it is here."""

    def __init__(self, real, said):
        self.real = real
        self.said = said

    def __getattr__(self, name):
        value = self.said.get(name)
        return getattr(self.real, name) if value is None else value


class Flipping:
    """A file that stores its first byte with one bit flipped."""

    def __init__(self, file):
        self.file = file
        self.at = 0

    def write(self, data):
        data = bytearray(data)
        if not self.at:
            data[0] ^= 1
        self.at += len(data)
        return self.file.write(data)

    def close(self):
        self.file.close()


def open(path, mode="r", real=open):
    """What the REPL's lines call: with the faults asked for."""
    if mode == "wb" and path.endswith(config["hang"]):
        while True:
            pass
    file = real(path, mode)
    return Flipping(file) if mode == "wb" and path.endswith(config["flip"]) else file


flash = Flash(config["flash"], config["sectors"], config["cut_at"])
kind = vfs.VfsFat if config["fat"] else vfs.VfsLfs2
if config["blank"]:
    kind.mkfs(flash)
    flash.left = config["cut_at"]
disk = kind(flash)
vfs.umount("/")
vfs.mount(disk, "/")
os.chdir("/")

says = config["says"]
sys.modules["sys"] = Said(sys, {"implementation": Said(sys.implementation, says), "maxsize": says.get("maxsize")})
