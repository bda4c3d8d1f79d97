"""The memories of the simulated board are as slow as the real ones, torn where the power fails, kept in files if wanted.

Times are those of an FRAM of the MB85RS64V class on SPI at 12 MHz, and of the Pico's flash as measured and as its maker allows
at worst (an erase takes 45 to 400 ms, a page 0.6 to 3 ms). While flash is written nothing runs from it: no loop, no guard.
"""

import os
from array import array
from collections.abc import Callable
from pathlib import Path

from mesogun_fw.memory import promises
from mesogun_sim.plant.noise import noise, spread

FRAM_BYTES = 8_192
SPI_NS_PER_BYTE = 667
SPI_READ_BYTES = 3  # these are command and address
SPI_WRITE_BYTES = 4  # these are write enable, command and address

COPIES = 2
SECTOR_BYTES = 4_096
PAGE_BYTES = 256
ERASED = 0xFF
ERASE_US = (45_000, 400_000)
PAGE_US = (600, 3_000)
FLASH_CHANNEL = 20


class PowerCut(Exception):
    """The power has failed. What was written until then stays; nothing can be written until `cut_after_bytes` is None."""


class Powered:
    """Memory has power that can be cut.

    With `cut_after_bytes` = n there is a PowerCut as soon as n more bytes are written, and those after them are as they were. A
    `torn_byte` stands in the place of the byte after the n-th, if the write in progress had one.
    """

    cut_after_bytes: int | None = None
    torn_byte: int | None = None

    def _put(self, image: bytearray, at: int, data: bytes) -> None:
        left = self.cut_after_bytes
        if left is None or left > len(data):
            image[at : at + len(data)] = data
            self.cut_after_bytes = None if left is None else left - len(data)
            return
        image[at : at + left] = data[:left]
        if self.torn_byte is not None and left < len(data):
            image[at + left] = self.torn_byte
        self.torn_byte = None
        self.cut_after_bytes = 0
        raise PowerCut


class Fram(Powered, promises.Fram):
    """These 8 KiB keep every byte written. `busy_ns` adds up what the bus was busy. With a path, the file holds the same bytes.

    With `amid` = (n, act) a tick comes after n bytes of the next write that has more, and does `act`: it may mark.
    """

    amid: tuple[int, Callable[[], object]] | None = None
    on_moved: Callable[[], None] = staticmethod(lambda: None)  # it is told of every read and write of the loop

    def __init__(self, path: Path | None = None, size: int = FRAM_BYTES) -> None:
        """It raises ValueError if the file is not of this size."""
        self.size = size
        self.busy_ns = 0
        self.image = bytearray(size)
        self._path = path
        if path is not None and path.exists():
            self.image[:] = path.read_bytes()
            if len(self.image) != size:
                raise ValueError(f"{path} has {len(self.image)} bytes, the memory {size}")
        elif path is not None:
            _replace(path, self.image)

    def read(self, at: int, place: "array[int]", start: int, end: int) -> None:
        self._demand(at + start, end - start)
        self._pass(SPI_READ_BYTES + end - start)
        self.on_moved()
        place[start:end] = array("B", self.image[at + start : at + end])

    def write(self, at: int, place: "array[int]", start: int, end: int) -> int:
        self._demand(at + start, end - start)
        data = bytes(place[start:end])
        if self.amid is not None:
            left, act = self.amid
            if left < len(data):
                # A tick comes amid these bytes: what was written until then is written again after it.
                self.amid = None
                self._write(at + start, data[:left])
                act()
        self._write(at + start, data)
        self._pass(SPI_READ_BYTES + len(data))
        self.on_moved()
        return 1 if self.image[at + start : at + end] == data else 0

    def _pass(self, size: int) -> None:
        self.busy_ns += size * SPI_NS_PER_BYTE

    def _write(self, at: int, data: bytes) -> None:
        self._pass(SPI_WRITE_BYTES + len(data))
        try:
            self._put(self.image, at, data)
        finally:
            if self._path is not None:
                # It is written in place, in one call: were this process killed amid it, that is a torn write as any other.
                with self._path.open("r+b", buffering=0) as file:
                    file.seek(at)
                    file.write(self.image[at : at + len(data)])

    def mark(self, at: int, value: int) -> None:
        self._demand(at, 1)
        self._write(at, bytes((value,)))

    def _demand(self, at: int, size: int) -> None:
        if not 0 <= at <= at + size <= self.size:
            raise ValueError(f"{size} bytes at {at} are outside the memory")


class Flash(Powered, promises.Flash):
    """There are two copies, each a sector: it is erased, then programmed page by page. With a folder each has a file.

    `on_busy` is told the microseconds of every erase and every page, after it: so long ran neither loop nor guard. The seed
    says which are typical, which are as slow as the chip may be, and which are between.
    """

    def __init__(self, on_busy: Callable[[int], None], seed: int = 0, folder: Path | None = None) -> None:
        self.on_busy = on_busy
        self._seed = seed
        self._folder = folder
        self._operations = 0
        self._copies: list[bytearray | None] = [None] * COPIES
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._copies = [bytearray(path.read_bytes()) if path.exists() else None for path in map(self._file, range(COPIES))]

    def copy_read(self, copy: int) -> bytes:
        return bytes(self._copies[copy] or b"")

    def copy_write(self, copy: int, data: bytes) -> None:
        """It raises ValueError for more than a sector."""
        if not 0 < len(data) <= SECTOR_BYTES:
            raise ValueError(f"{len(data)} bytes do not fit a sector")
        image = self._copies[copy] = bytearray([ERASED]) * len(data)
        try:
            self._busy(ERASE_US)
            for at in range(0, len(data), PAGE_BYTES):
                self._put(image, at, data[at : at + PAGE_BYTES])
                self._busy(PAGE_US)
        finally:
            if self._folder is not None:
                _replace(self._file(copy), image)

    def _busy(self, duration_us: tuple[int, int]) -> None:
        self._operations += 1
        typical_us, worst_us = duration_us
        kind = noise(self._seed, FLASH_CHANNEL, 2 * self._operations) % 4
        between_us = spread(self._seed, FLASH_CHANNEL, 2 * self._operations + 1, typical_us, worst_us)
        self.on_busy(typical_us if kind == 0 else worst_us if kind == 1 else between_us)

    def _file(self, copy: int) -> Path:
        assert self._folder is not None
        return self._folder / f"slot{copy}.bin"


def _replace(path: Path, image: bytearray) -> None:
    """The file is written all or nothing, for whoever reads it."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(image)
    os.replace(beside, path)
