"""A Raspberry Pi Pico as the gun's board. Everything the device and its guard ask of one."""

import os
import sys
from array import array

import machine

from mesogun_fw.boards import pins
from mesogun_fw.boards.fram import PicoFram
from mesogun_fw.boards.lamp import Lamp
from mesogun_fw.boards.link import Link
from mesogun_fw.boards.player import PicoPlayer
from mesogun_fw.boards.registers import addressof, registers_of
from mesogun_fw.boards.sensing import SWITCHES, Senses
from mesogun_fw.config import Hardware
from mesogun_fw.inputs import INPUTS
from mesogun_fw.messages import FAULTED

WATCHDOG_MS = 1_000


class PicoBoard:
    """Raises UnknownBoard on another board, saying what to do. Starts with the enable off and nothing in play."""

    simulated = 0

    def __init__(self, hardware: Hardware) -> None:
        k = registers_of(sys.implementation._machine, machine.freq())
        self.hardware = hardware
        self.serial = int.from_bytes(machine.unique_id(), "big") & 0x7FFFFFFFFFFF
        self.boot = int.from_bytes(os.urandom(4), "big") | 1
        self._enable = machine.Pin(pins.ENABLE, machine.Pin.OUT, value=0)
        self._dump = machine.Pin(pins.DUMP, machine.Pin.OUT, value=0)
        # A pull-up beside the one outside: a wire that is off reads as open.
        for _, pin, _ in SWITCHES:
            machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        for pin in (pins.NEEDLE_ENCODER, pins.PLUNGER_ENCODER):
            machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
            machine.Pin(pin + 1, machine.Pin.IN, machine.Pin.PULL_UP)
        for pin in range(pins.TIMELINE, pins.TIMELINE + pins.TIMELINE_PINS):
            machine.Pin(pin, machine.Pin.OUT, value=0)
        for pin in (pins.PRESSURE, pins.DRIVE, pins.LOGIC):
            machine.ADC(machine.Pin(pin))
        machine.ADC(machine.ADC.CORE_TEMP)
        self.inputs = array("i", bytes(4 * INPUTS))
        self.player = PicoPlayer(k, self.inputs, pins.TIMELINE)
        senses = Senses(k, self.inputs, self.player, hardware)
        self.sense = senses.sense
        self.ms = senses.ms
        self.worst = senses.worst
        self._finish = senses.finish
        self.fram = PicoFram(k)
        self.lamp = Lamp()
        self.show = self.lamp.show
        self.click = self.lamp.click
        self._link = Link()
        self.read = self._link.read
        self.write = self._link.write
        self.waiting = self._link.waiting
        self._clear = machine.Pin(pins.CLEAR)
        self._irq = 0
        self._fed_ms = -1

    def enable(self, on: bool) -> None:
        """Power for the motors. Off is what the pull outside the board does by itself."""
        self._enable(on)

    def vent(self, open_: bool) -> None:
        """The air dump valve: energised is closed."""
        self._dump(not open_)

    def button(self) -> bool:
        """Whether the button at the gun is held."""
        return not self._clear()

    def align(self, place: "array[int]") -> int:
        """Index of the first word of `place` on a boundary of 256 bytes."""
        return (-addressof(place) & 255) >> 2

    def alone(self, on: bool) -> None:
        """Keep the guard's tick away, for microseconds, while the loop talks to the guard."""
        if on:
            self._irq = machine.disable_irq()
        else:
            machine.enable_irq(self._irq)

    def begin(self, tick: "object") -> None:
        """From now on `tick` runs with milliseconds since boot, every millisecond; and the watchdog."""
        sense = self.sense
        finish = self._finish

        def interrupt(_: "object") -> None:
            tick(sense())  # type: ignore[operator]
            finish()

        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)
        self._timer = machine.Timer(-1, period=1, mode=machine.Timer.PERIODIC, hard=True, callback=interrupt)

    def turn(self, guard_ms: int) -> None:
        """At every turn of the loop: lamp, and the watchdog, which is fed only if the guard has ticked since."""
        self.lamp.turn(self.ms())
        if guard_ms != self._fed_ms:
            self._fed_ms = guard_ms
            self._watchdog.feed()

    def give_up(self) -> None:
        """Something is broken beyond the loop: no power, no pulse, the lamp says so. The watchdog is not fed any more."""
        self.enable(False)
        self.vent(True)
        self.player.halt()
        self.show(FAULTED)
        self.lamp.turn(0)
