"""The whole gun on the emulated chip: the firmware as main.py runs it, around it a needle, a plunger, a hand and a host.

Everything below the firmware is the chip's own: step edges leave its PIO and come back as edges of two encoders.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mesogun_fw.boards.pico import container, files, pins
from mesogun_fw.boards.pico.board import PicoBoard
from mesogun_fw.boards.pico.registers import BOARDS
from mesogun_fw.config import Description
from mesogun_fw.device.loop import Device
from mesogun_fw.stroke.language import PLUNGER_DIR, PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import BY_NAME

from . import machine_of_tests as machine
from .axis import Axis
from .chip import CYCLE_NS, Chip
from .fram import Memory
from .usb import activate, plug_in

SYRINGE, MOTORS_24_V, VSYS_5_V, T27 = 500, 2_708, 2_069, 876  # counts of the ADC
HOME_SWITCH_UM = 100
BEAT_MS = 100
Fields = dict[str, int]


class QuickChip(Chip):
    """A chip that waits out long holds at once: nothing but the PIO's counter and the clock changes in one."""

    def run(self, cycles: int) -> None:
        until = self.cycle + cycles
        player = self.rp.pio[0].machines[0]
        while self.cycle < until:
            left = until - self.cycle
            idle = 0
            if not player.enabled or (player.pc == 0 and player.waiting):
                idle = 0 if self._fed() else left - 1
            elif player.pc == 5 and player.x > 2:  # five cycles each
                idle = 5 * min(player.x - 1, (left - 1) // 5)
                player.x -= idle // 5
            if idle:
                self.rp.clock.tick(CYCLE_NS * idle)
                self.cycle += idle
            super().run(1)

    def _fed(self) -> bool:
        return any(channel.active for channel in self.rp.dma.channels)


class Gun:
    """Call `ms` for one millisecond. `events` is all that the gun reported, `answer` what it said to the last request."""

    def __init__(self, chip: Chip, memory: Memory, say: Callable[[bytes], object], hear: Callable[[], bytes]) -> None:
        self.chip, self.memory = chip, memory
        self._say, self._hear = say, hear
        for gpio in chip.rp.gpio:
            gpio.pad_value |= 1 << 6  # input enabled, as machine.Pin leaves it
        for pin in range(30):
            self.switch(pin, closed=False)
        self.switch(pins.ESTOP, closed=True)
        self.switch(pins.HOME, closed=True)
        adc = chip.rp.adc
        self.analogue = [SYRINGE, 0, MOTORS_24_V, VSYS_5_V, T27]
        adc.on_adc_read = lambda channel: adc.complete_adc_read(self.analogue[channel], False)  # no time passes for a look
        description = Description()
        self.needle = Axis(chip, pins.NEEDLE_ENCODER, description.needle_nm_per_step, description.needle_encoder_nm)
        self.plunger = Axis(chip, pins.PLUNGER_ENCODER, description.plunger_nm_per_step, description.plunger_encoder_nm)
        self._seen = self._levels = 0
        self.guard_runs = self.loop_runs = self.beats = True
        self.events: list[tuple[str, Fields]] = []
        self.answers: list[tuple[int, str, Fields]] = []
        self._received = b""
        self._seq = 0
        self._beat_ms = 0
        self.now_ms = self.turns = 0

    # ---- the firmware ----

    def start(self, folder: str = "/mesogun-a") -> "Gun":
        """What main.py does before its loop."""
        activate()
        self.board = PicoBoard(folder)
        self.device = Device(self.board, (self.chip.stroke(), self.chip.stroke()))  # words where the DMA reads them
        self.board.run()
        self._turn()
        return self

    def _turn(self) -> None:
        self.turns += 1
        self._due_ms = self.board.ms() + self.device.step()
        self.board.turn(self.device.tick_ms())

    def tick(self) -> None:
        """One millisecond of the machine, then the guard's tick. The host hears what the gun has said until then."""
        self.now_ms += 1
        self.chip.run_us(1_000)
        self._mechanics()
        if self.guard_runs and machine.timers:
            machine.timers[0](None)
        self._take()
        if self.beats and self.answers and self.now_ms >= self._beat_ms:
            self._beat_ms = self.now_ms + BEAT_MS
            self.say("beat", self.last_event)

    def ms(self) -> None:
        """A tick, then the loop's turn if one is due."""
        self.tick()
        if self.loop_runs and (self.board.ms() >= self._due_ms or self.board.waiting() or self.device.noted()):
            self._turn()

    def run(self, ms: int) -> None:
        for _ in range(ms):
            self.ms()

    def until(self, done: Callable[[], bool], limit_ms: int = 1_000) -> None:
        for _ in range(limit_ms):
            if done():
                return
            self.ms()
        raise AssertionError(f"not within {limit_ms} ms: {self.events[-3:]}, {self.answers[-1:]}")

    # ---- the machine around it ----

    def switch(self, pin: int, closed: bool) -> None:
        self.chip.rp.gpio[pin].set_input_value(not closed)

    def press(self, held: bool = True) -> None:
        self.switch(pins.TRIGGER_A, held)
        self.switch(pins.TRIGGER_B, held)

    def stand(self, on_skin: bool = True) -> None:
        self.switch(pins.CONTACT_A, on_skin)
        self.switch(pins.CONTACT_B, on_skin)

    def _mechanics(self) -> None:
        powered = machine.levels[pins.ENABLE]
        for _, level in self.chip.pins[self._seen :]:
            rose = level & ~self._levels
            self._levels = level
            if powered and rose & NEEDLE_STEP:
                self.needle.step(bool(level & NEEDLE_DIR))
            if powered and rose & PLUNGER_STEP:
                self.plunger.step(bool(level & PLUNGER_DIR))
        self._seen = len(self.chip.pins)
        self.needle.spring_back(not powered)
        self.switch(pins.HOME, self.needle.nm <= 1_000 * HOME_SWITCH_UM)

    def rises(self, pin: int, since: int = 0) -> list[int]:
        """Cycles at which a pin of the timeline rose, from cycle `since` on."""
        said, before = [], 0
        for cycle, level in self.chip.pins:
            if level & ~before & pin and cycle >= since:
                said.append(cycle)
            before = level
        return said

    # ---- the host ----

    @property
    def last_event(self) -> int:
        return self.events[-1][1]["n"] if self.events else 0

    def say(self, name: str, *values: int) -> int:
        self._seq += 1
        self._say(frames.encode(self._seq, name, list(values)))
        return self._seq

    def ask(self, name: str, *values: int) -> tuple[str, Fields]:
        seq = self.say(name, *values)
        self.until(lambda: any(answer[0] == seq for answer in self.answers))
        return next(answer[1:] for answer in self.answers if answer[0] == seq)

    def said(self, name: str) -> list[Fields]:
        return [fields for kind, fields in self.events if kind == name]

    def _take(self) -> None:
        *lines, self._received = (self._received + self._hear()).split(b"\n")
        for line in lines:
            seq, name, values = frames.decode(line + b"\n")
            fields = {field[0]: value for field, value in zip(BY_NAME[name][2], values, strict=True)}
            if seq:
                self.answers.append((seq, name, fields))
            else:
                self.events.append((name, fields))


@contextmanager
def assembled(chip: Chip, root: Path, fram: bytes, patch: pytest.MonkeyPatch) -> Iterator[Gun]:
    """A gun to `start`, whose flash file system is the folder `root`."""
    patch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    patch.setattr(gc, "mem_free", lambda: 1 << 16, raising=False)
    mount(root, patch)
    memory = Memory(chip)
    memory.bytes[:] = fram
    port = plug_in(patch)
    yield Gun(chip, memory, port.say, port.hear)
    patch.undo()


def mount(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the paths that the board's file code uses lie in `root`. What is mounted for imports is opened, and no more than that."""

    def opened(path: str, mode: str) -> Any:
        return open(f"{root}{path}", mode)

    vfs: Any = ModuleType("vfs")
    mounted = {}
    vfs.mount = lambda container, at: mounted.update({at: container})
    vfs.umount = lambda at: mounted.pop(at).umount()
    patch.setitem(sys.modules, "vfs", vfs)
    for module in (files, container):
        patch.setattr(module, "open", opened, raising=False)
    patch.setattr(files, "os", SimpleNamespace(stat=lambda path: os.stat(f"{root}{path}")))
