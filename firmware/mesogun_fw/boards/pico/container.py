"""All modules of a version are in one file, mounted for imports: to look up and open sixty files takes a board half a second.

The file begins with the number of its modules. Then each has a row, its name, filled up with zeros, and its place in the file.
The modules follow. This module itself is stored beside that file: it opens it.
"""

import io
import sys

MOUNTED = "/fw"
NAME = 40  # the name of a module has no more bytes
ROW = NAME + 4
FILE = (0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
NOT_THERE = 2
HOW_MUCH = 11  # the importer asks so how much it should read at once ...
MUCH = 255  # ... and takes no more than this


class Module(io.IOBase):
    """The importer reads one module of an open file as a file of its own. It knows where a module ends."""

    def __init__(self, file) -> None:  # type: ignore[no-untyped-def]
        self.readinto = file.readinto  # nothing of ours is called in between

    def ioctl(self, what: int, argument: int) -> int:
        """It stays open: all modules are read through this one, one after the other."""
        return MUCH if what == HOW_MUCH else 0


class Container:
    """This is as much of a file system as MicroPython's importer asks for. (An io.IOBase would not be taken for one.)"""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")
        self._module = Module(self._file)
        self._places = {}
        rows = self._file.read(ROW * int.from_bytes(self._file.read(4), "little"))
        for at in range(0, len(rows), ROW):
            name = b"/" + rows[at : at + NAME].rstrip(b"\0")
            self._places[name] = int.from_bytes(rows[at + NAME : at + ROW], "little")

    def mount(self, readonly: bool, mkfs: bool) -> None:
        pass

    def umount(self) -> None:
        self._file.close()

    def stat(self, path: str) -> tuple:  # type: ignore[type-arg]
        """A compiled module is there; its source, and a folder of its name, are not."""
        name = path.encode()
        if name[-4:] == b".mpy" and name[:-4] in self._places:
            return FILE
        raise OSError(NOT_THERE)

    def open(self, path: str, mode: str) -> Module:
        self._file.seek(self._places[path.encode()[:-4]])
        return self._module


def mount(folder: str) -> None:
    """Modules are imported from the container in this folder from now on."""
    import vfs

    vfs.mount(Container(folder + "/firmware"), MOUNTED)
    sys.path.insert(0, MOUNTED)


def unmount() -> None:
    """Everything is imported: what the container took of memory is free again."""
    import vfs

    sys.path.remove(MOUNTED)
    vfs.umount(MOUNTED)
