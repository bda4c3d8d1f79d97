"""An RP2040 without processor: rp2040py's PIO, DMA, SPI, ADC and timer behind the pointers of the firmware.

Time passes only in `run`, and for the encoders at every look. Where the emulator differs from the datasheet: its DMA moves
everything that can move at once: the way from list to list is never seen half done, and an abort is over when it is asked for.
"""

import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from rp2040py.rp2040 import RP2040
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from mesogun_fw import shim
from mesogun_fw.boards.pico import pins
from mesogun_fw.boards.pico.registers import BOARDS, PIO1, TIMER, registers_of
from mesogun_fw.stroke.language import Stroke

from . import machine_of_tests

RAM = 0x2000_0000
CYCLE_NS = 200  # of the player's PIO
CLOCKS = 25
SET, CLEAR = 0x14, 0x18  # of the processor's pins, in SIO
CHAN_ABORT = 0x444


class Words:
    """`ptr32` of an address."""

    def __init__(self, chip: "Chip", address: int) -> None:
        self._chip = chip
        self._address = address

    def __getitem__(self, i: int) -> int:
        if self._address == PIO1:
            for _ in range(4):  # the encoders' machines run on while the processor looks
                self._chip.rp.pio[1].advance(1)
        return int(self._chip.rp.read_uint32(self._address + 4 * i))

    def __setitem__(self, i: int, value: int) -> None:
        self._chip.rp.write_uint32(self._address + 4 * i, value & 0xFFFFFFFF)


class Chip:
    def __init__(self) -> None:
        self.rp: Any = RP2040()
        self.rp.logger = ConsoleLogger(LogLevel.ERROR, True)
        self._tell_levels()
        self._end_aborts()
        self.rp.simulator = SimpleNamespace()  # else PIO wants an event loop
        self.k = registers_of(BOARDS[0], 125_000_000)
        self.free = RAM + 0x1000
        self._arrays: dict[int, Any] = {}  # of the processor alone: no DMA reads them
        self._places: dict[int, tuple[int, object]] = {}
        self._view_at: dict[int, int] = {}
        self._views: list[memoryview] = []
        self.pins: list[tuple[int, int]] = []  # (cycle, pins) of every change of the six
        self.cycle = 0
        self._last = 0

    def _tell_levels(self) -> None:
        """Let what the processor puts on its own pins be seen where `machine` keeps levels."""
        sio = self.rp.sio
        write = sio.write_uint32

        def seen(offset: int, value: int) -> None:
            write(offset, value)
            if offset in (SET, CLEAR):
                for pin in (pins.ENABLE, pins.DUMP):
                    if value >> pin & 1:
                        machine_of_tests.levels[pin] = int(offset == SET)

        sio.write_uint32 = seen

    def _end_aborts(self) -> None:
        dma = self.rp.dma
        read = dma.read_uint32
        dma.read_uint32 = lambda offset: 0 if offset == CHAN_ABORT else read(offset)

    # ---- the bus, as mesogun_fw.shim wants it ----

    def ptr32(self, address: int) -> Any:
        return self._arrays.get(address) or machine_of_tests.usb.registers.get(address) or Words(self, address)

    def ptr16(self, address: int) -> Any:
        return self._arrays[address]

    def ptr8(self, address: int) -> Any:
        return self._arrays[address]

    def addressof(self, place: Any) -> int:
        """Where it lies; what lies nowhere yet is given room, on 256 bytes plus 4 so that aligning has something to do."""
        if isinstance(place, memoryview):
            return self._view_at[id(place)]
        key = id(place)
        if key not in self._places:
            size = (len(place) * place.itemsize if isinstance(place, array) else len(place)) + 255 & ~255
            self._places[key] = (self.free + 4, place)
            self.free += size + 256
            if isinstance(place, array):
                self._arrays[self._places[key][0]] = place
        return self._places[key][0]

    def at(self, address: int) -> Any:
        """What was given room there."""
        return next(place for where, place in self._places.values() if where == address)

    def room(self, words: int, form: str = "I") -> memoryview:
        """An array of 32-bit words that lies in the chip's RAM, 4 bytes past a boundary of 256."""
        at = self.free + 4 - RAM
        self.free += (4 * words + 255 & ~255) + 256
        view = memoryview(self.rp.sram)[at : at + 4 * words].cast(form)
        self.stands_at(view, RAM + at)
        return view

    def stands_at(self, view: memoryview, address: int) -> None:
        self._view_at[id(view)] = address
        self._views.append(view)

    # ---- time ----

    def run(self, cycles: int) -> None:
        """Let so many PIO cycles of a fifth of a microsecond pass."""
        pio, tick = self.rp.pio[0], self.rp.clock.tick
        advance = pio.advance
        for _ in range(cycles):
            tick(CYCLE_NS)
            self.cycle += 1
            advance(CLOCKS)
            now = pio.pin_values & 63
            if now != self._last:
                self._last = now
                self.pins.append((self.cycle, now))

    def run_us(self, us: int) -> None:
        self.run(5 * us)

    @property
    def levels(self) -> int:
        return int(self.rp.pio[0].pin_values) & 63

    @property
    def now_us(self) -> int:
        return int(self.rp.read_uint32(self.k[TIMER] + 0x28)) & (1 << 30) - 1

    # ---- strokes in its memory ----

    def stroke(self) -> Stroke:
        """An empty one whose words lie where DMA can read them."""
        stroke = Stroke()
        stroke.words = self.room(len(stroke.words))  # type: ignore[assignment]
        stroke.first = (-self.addressof(stroke.words) & 255) >> 2
        stroke.clear()
        return stroke


@contextmanager
def wired(chip: Chip) -> Iterator[Chip]:
    """Let the firmware's pointers point into this chip."""
    before, shim.bus = shim.bus, chip  # type: ignore[assignment]
    try:
        yield chip
    finally:
        shim.bus = before


assert sys.byteorder == "little"
