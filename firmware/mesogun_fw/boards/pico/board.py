"""A Raspberry Pi Pico is the gun's board: it does everything the device and its guard ask of one."""

import gc
import os
import sys
import time
from array import array

import machine

from mesogun_fw.boards.board import Board
from mesogun_fw.boards.pico import pins, tick
from mesogun_fw.boards.pico.files import Copies, files_hold
from mesogun_fw.boards.pico.fram import PicoFram
from mesogun_fw.boards.pico.lamp import Lamp
from mesogun_fw.boards.pico.link import Link
from mesogun_fw.boards.pico.player import PicoPlayer
from mesogun_fw.boards.pico.registers import registers_of
from mesogun_fw.boards.pico.sensing import SWITCHES, Senses
from mesogun_fw.boards.ram import memory_holds
from mesogun_fw.config import Description
from mesogun_fw.guard.cells import fresh
from mesogun_fw.memory.copies import NoDescription
from mesogun_fw.memory.description import stored
from mesogun_fw.shim import addressof
from mesogun_fw.talk import codes, messages

WATCHDOG_MS = 1_000
# A write to flash keeps every interrupt away, and needs two erases at most (seen in 4,000 writes to its file system). One takes
# 45 ms, and a chip may take 400: this is five times that.
WATCHDOG_FLASH_MS = 4_000
FAREWELL_MS = 50  # the last answer leaves by USB in that time
MEMORY_BYTES = 1_024  # so much RAM is tested by writing, in pieces: one takes 20 ms
MEMORY_PIECE = 256
FREE_MIN = 16_384  # with less than this left of memory it is swept: shots take 2 KB a second
CRUMBS = 2_048  # while nothing can start it is swept after so much: what stays then comes to lie close together


class PicoBoard(Board):
    """It starts with the enable off and nothing in play. It raises UnknownBoard on another board, saying what to do.

    The firmware runs from `folder`, which its self-test reads again.
    """

    simulated = 0

    def __init__(self, folder: str) -> None:
        k = registers_of(sys.implementation._machine, machine.freq())
        self._k = k
        self._at = addressof(k)
        self._folder = folder
        self._timer: "machine.Timer | None" = None
        self._watchdog: "machine.WDT | None" = None
        self.flash = Copies(self._patience)
        self._read_description()
        description = self.description
        self.serial = int.from_bytes(machine.unique_id(), "big") & 0x7FFFFFFFFFFF
        self.boot = int.from_bytes(os.urandom(4), "big") | 1
        self._enable = machine.Pin(pins.ENABLE, machine.Pin.OUT, value=0)
        self._dump = machine.Pin(pins.DUMP, machine.Pin.OUT, value=0)
        # A pull-up is beside the one outside: a wire that is off reads as open.
        for pin in SWITCHES:
            machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        for pin in (pins.NEEDLE_ENCODER, pins.PLUNGER_ENCODER):
            machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
            machine.Pin(pin + 1, machine.Pin.IN, machine.Pin.PULL_UP)
        for pin in range(pins.TIMELINE, pins.TIMELINE + pins.TIMELINE_PINS):
            machine.Pin(pin, machine.Pin.OUT, value=0)
        for pin in (pins.PRESSURE, pins.DRIVE, pins.LOGIC):
            machine.ADC(machine.Pin(pin))
        machine.ADC(machine.ADC.CORE_TEMP)
        self.inputs = fresh()
        self.player = PicoPlayer(k, self.inputs, pins.TIMELINE)
        self._senses = Senses(k, description)
        self.fram = PicoFram(k)
        self.lamp = Lamp()
        self._link = Link(sys.implementation._machine)
        self._clear = machine.Pin(pins.CLEAR)
        self._fed_ms = -1
        self._swept_free = 1 << 20
        self._tests: "object" = None  # a self-test that is not over

    def _read_description(self) -> None:
        try:
            self.description = stored(self.flash)
            self.described = True
        except (ValueError, NoDescription):
            self.description = Description()
            self.described = False

    def selftest(self) -> int:
        """The board's own parts are tested. Lamp and sounder are shown and heard, not sensed.

        An encoder's counter is seen to run, its wires are not.
        """
        if self._tests is None:
            self._tests = self._test_pieces()  # type: ignore[no-untyped-call]
        failed = int(next(self._tests))  # type: ignore[call-overload]
        if failed >= 0:
            self._tests = None
        return failed

    def _test_pieces(self):  # type: ignore[no-untyped-def]
        failed = 0
        for _ in range(MEMORY_BYTES // MEMORY_PIECE):
            if not memory_holds(bytearray(MEMORY_PIECE)):
                failed |= 1 << codes.MEMORY
            yield -1
        held = False
        for held_so_far in files_hold(self._folder):
            held = held_so_far
            yield -1
        if not held:
            failed |= 1 << codes.FILES
        for i, test in ((0, codes.NEEDLE_ENCODER), (1, codes.PLUNGER_ENCODER)):
            if not self._senses.counts(i):
                failed |= 1 << test
        self.lamp.test()
        yield failed

    def tidy(self, idle: bool) -> None:
        """Memory is swept before it has to be in the midst of something, between what is at work then. It takes 16 to 28 ms.

        Whether it is worth it takes 6 ms to know.
        """
        if gc.mem_free() < (self._swept_free - CRUMBS if idle else FREE_MIN):
            gc.collect()
            self._swept_free = gc.mem_free()

    def ms(self) -> int:
        return self._senses.ms()

    def worst(self) -> "tuple[int, int]":
        return self._senses.worst()

    def read(self, into: bytearray, at: int) -> int:
        return self._link.read(into, at)

    def write(self, line: bytearray, size: int) -> bool:
        return self._link.write(line, size)

    def waiting(self) -> bool:
        """It says whether the host has sent something."""
        return self._link.waiting()

    def show(self, state: int) -> None:
        self.lamp.show(state)

    def click(self) -> None:
        self.lamp.click()

    def obey(self) -> None:
        """What the guard has ordered when the loop asked it to is done as in its tick."""
        tick.obey(self._at)

    def enable(self, on: bool) -> None:
        """The motors have power, or not. Off is what the pull outside the board does by itself."""
        self._enable(on)

    def vent(self, open_: bool) -> None:
        """The air dump valve opens or closes: energised is closed."""
        self._dump(not open_)

    def button(self) -> bool:
        """It says whether the clear button is held."""
        return not self._clear()

    def align(self, words: "array[int]") -> int:
        """The first word of `words` on a boundary of 256 bytes has this index."""
        return (-addressof(words) & 255) >> 2

    def alone(self, act, a: int, b: int):  # type: ignore[no-untyped-def]
        """The loop asks the guard for something, with the tick kept away."""
        return tick.alone(self._at, act, a, b)

    def run(self) -> None:
        """From now on the guard's tick runs every millisecond, and so does the watchdog."""
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)
        interrupt = tick.prepare_tick(self._k)
        self._timer = machine.Timer(-1, period=1, mode=machine.Timer.PERIODIC, hard=True, callback=interrupt)

    def turn(self, guard_ms: int) -> None:
        """At every turn of the loop the lamp is shown, and the watchdog is fed, but only if the guard has ticked since."""
        self.lamp.turn(self.ms())
        self._feed(guard_ms)

    def _feed(self, guard_ms: int) -> None:
        if self._watchdog and guard_ms != self._fed_ms:
            self._fed_ms = guard_ms
            self._watchdog.feed()

    def _patience(self, on: bool) -> None:
        """While flash is written, the watchdog waits longer. It is fed by either change."""
        if self._watchdog:
            self._watchdog = machine.WDT(timeout=WATCHDOG_FLASH_MS if on else WATCHDOG_MS)

    def restart(self) -> None:
        time.sleep_ms(FAREWELL_MS)
        machine.reset()

    def give_up(self) -> None:
        """Something is broken beyond the loop: no tick is left that could start anything, no power, no pulse; the lamp says so.

        The watchdog is not fed any more.
        """
        if self._timer:
            self._timer.deinit()
        self.enable(False)
        self.vent(True)
        self.player.halt()
        self.show(messages.FAULTED)
        self.lamp.turn(0)
