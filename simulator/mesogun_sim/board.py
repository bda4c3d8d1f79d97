"""The simulated board: pins played from a finite list, inputs from the plant, a link of bytes, one virtual clock.

What boards/ does for a real gun, with nothing of the firmware replaced.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

from mesogun_fw.config import Hardware
from mesogun_fw.inputs import (
    CLEAR,
    CONTACT_A,
    CONTACT_B,
    ELAPSED_US,
    ESTOP_OPEN,
    HOME,
    INPUTS,
    LATE_US,
    NEEDLE_UM,
    PERIODS,
    PLAYING,
    PLUNGER_NM,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
    TRIGGER_A,
    TRIGGER_B,
)  # fmt: skip
from mesogun_fw.stroke import ENTRIES
from mesogun_sim.plant.needle import HOME_SWITCH_UM, Needle
from mesogun_sim.plant.noise import noise, spread
from mesogun_sim.plant.plunger import Plunger
from mesogun_sim.timeline import Timeline

NEEDLE_NOISE_CHANNEL = 1
ENCODER_START_UM = 1_234  # an encoder starts anywhere; homing finds its zero
READ_BYTES = 512
FIFO_BYTES = 1_024  # what a USB port takes before a host that does not read makes it wait


class StrokeLike(Protocol):
    """What a player needs of a stroke: words, the two lists with link and entry, and the list of the way back."""

    words: "array[int]"
    lists: "tuple[array[int], array[int]]"
    away: "array[int]"
    link_us: int
    entry_us: int


class Watcher(Protocol):
    """Sees what leaves the gun: pins, lamp, clicks."""

    def played(self, start_us: int, timeline: Timeline, entered_us: int, until_us: int) -> None: ...
    def enabled(self, at_us: int, on: bool) -> None: ...
    def shown(self, at_us: int, state: int) -> None: ...


def triples(flat: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    return [(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]) for i in range(count)]


class SimPlayer:
    """Plays lists in virtual time: the present one and at most one granted; then the way back, once."""

    def __init__(self, now_us: Callable[[], int], watcher: Watcher) -> None:
        self._now_us = now_us
        self._watcher = watcher
        self._slots: list[tuple[StrokeLike, list[Timeline]] | None] = [None, None]
        self._present: Timeline | None = None
        self._stroke: StrokeLike | None = None  # the one in play
        self._granted: tuple[int, int] | None = None
        self._start_us = 0  # of the list; one that was entered: as if played from its start
        self._entered_us = 0  # how far into the list it was entered
        self._playing = 0
        self._periods = 0
        self._needle_base = 0
        self._plunger_base = 0
        self._ended_us = -1
        self._end_speed = 0  # steps in the millisecond before

    # ---- the contract, see mesogun_fw.player ----

    def load(self, stroke: StrokeLike, slot: int) -> None:
        self._slots[slot] = stroke, [Timeline(stroke.words, triples(stroke.lists[i], ENTRIES)) for i in (0, 1)]

    def start(self, slot: int, variant: int) -> None:
        self._stroke, variants = self._slot(slot)
        self._begin(variants[variant], self._now_us(), 1)
        self._periods = 1

    def grant(self, slot: int, variant: int) -> None:
        self.settle()
        self._granted = slot, variant

    def revoke(self) -> None:
        self.settle()
        self._granted = None

    def halt(self) -> int:
        self.settle()
        if self._present is None:
            return 0
        elapsed = self._now_us() - self._start_us
        played = self._present.words_at(elapsed)
        self._end(elapsed)
        self._granted = None
        return played

    def go_away(self, slot: int, entries: int) -> None:
        self.settle()
        if entries:
            self._stroke, _ = self._slot(slot)
            self._begin(Timeline(self._stroke.words, triples(self._stroke.away, entries)), self._now_us(), 2)

    # ---- what the rest of the board asks ----

    def settle(self) -> None:
        """Let what has ended by now end, and what was granted follow at its link."""
        while self._present is not None:
            passed_us = self._now_us() - self._start_us
            if self._playing == 1 and self._granted is not None and self._stroke is not None:
                link_us = self._stroke.link_us
                if passed_us < link_us:
                    return
                at_us = self._start_us + link_us
                self._end(link_us)
                slot, variant = self._granted
                self._granted = None
                self._stroke, variants = self._slot(slot)
                self._begin(variants[variant], at_us - self._stroke.entry_us, 1, self._stroke.entry_us)
                self._periods += 1
            elif passed_us >= self._present.duration_us:
                self._end(self._present.duration_us)
            else:
                return

    def _slot(self, slot: int) -> tuple[StrokeLike, list[Timeline]]:
        loaded = self._slots[slot]
        assert loaded is not None, "nothing is loaded there"
        return loaded

    def tell(self, x: "array[int]") -> tuple[int, int]:
        """Fill the player's inputs; (needle, plunger) steps commanded since power-on."""
        self.settle()
        present = self._present
        x[PERIODS] = self._periods
        x[PLAYING] = self._playing
        if present is None:
            x[ELAPSED_US] = 0
            return self._needle_base, self._plunger_base
        elapsed = self._now_us() - self._start_us
        x[ELAPSED_US] = elapsed
        needle, plunger = self._made(elapsed)
        return self._needle_base + needle, self._plunger_base + plunger

    def _made(self, elapsed: int) -> tuple[int, int]:
        """Steps of both axes since the present list was entered."""
        present = self._present
        assert present is not None
        entered = self._entered_us
        return (
            present.needle_steps(elapsed) - present.needle_steps(entered),
            present.plunger_steps(elapsed) - present.plunger_steps(entered),
        )

    def speed_steps_ms(self) -> int:
        """Needle steps in the last millisecond, outwards positive: halting the pins takes no speed off the needle."""
        if self._present is None:
            return self._end_speed if self._now_us() == self._ended_us else 0
        elapsed = self._now_us() - self._start_us
        return self._present.needle_steps(elapsed) - self._present.needle_steps(max(0, elapsed - 1000))

    def in_play(self) -> list[tuple[int, Timeline, int, int]]:
        """What `played` will be told about when it ends, as far as it is. At most one."""
        return [] if self._present is None else [(self._start_us, self._present, self._entered_us, self._now_us())]

    def _begin(self, timeline: Timeline, start_us: int, playing: int, entered_us: int = 0) -> None:
        self._present = timeline
        self._start_us = start_us
        self._entered_us = entered_us
        self._playing = playing

    def _end(self, elapsed: int) -> None:
        present = self._present
        assert present is not None
        needle, plunger = self._made(elapsed)
        self._needle_base += needle
        self._plunger_base += plunger
        self._ended_us = self._start_us + elapsed
        self._end_speed = present.needle_steps(elapsed) - present.needle_steps(max(0, elapsed - 1000))
        self._present = None
        self._playing = 0
        self._watcher.played(self._start_us, present, self._entered_us, self._start_us + elapsed)


class SimBoard:
    """Everything the firmware asks of a board. `hand` fields are set by the practitioner, `late_us` by faults."""

    simulated = 1

    def __init__(self, seed: int, now_us: Callable[[], int], watcher: Watcher, hardware: Hardware | None = None) -> None:
        self.hardware = hardware or Hardware()
        self.serial = 100_000 + seed % 900_000
        self.boot = 1 + noise(seed, 99, 0)
        self._seed = seed
        self._now_us = now_us
        self._watcher = watcher
        self.inputs = array("i", [0] * INPUTS)
        self.player = SimPlayer(now_us, watcher)
        self.needle = Needle(self.hardware.needle_nm_per_step)
        self.plunger = Plunger(self.hardware.plunger_nm_per_step)
        self.trigger_a = self.trigger_b = self.contact_a = self.contact_b = 0
        self.estop = self.clear = 0
        self.home_stuck: int | None = None
        self.trigger_a_stuck: int | None = None
        self.late_us = 0
        self.to_device = bytearray()
        self.to_host = bytearray()
        self.state = -1
        self.clicks = 0
        self.vented = False
        self.failing = 0
        self.syringe = 1
        self.supply_mv = 24_000
        self.temperature_c = 31
        self.energised = False

    def ms(self) -> int:
        return self._now_us() // 1000

    def read(self) -> bytes:
        waiting = bytes(self.to_device[:READ_BYTES])
        del self.to_device[:READ_BYTES]
        return waiting

    def write(self, line: bytes) -> int:
        taken = min(len(line), FIFO_BYTES - len(self.to_host))
        self.to_host += line[:taken]
        return taken

    def enable(self, on: bool) -> None:
        if on != self.energised:
            now = self._now_us()
            steps, _ = self.player.tell(self.inputs)
            speed = self.player.speed_steps_ms() * self.hardware.needle_nm_per_step // 1000
            self.needle.energise(on, now, steps, speed)
            self.energised = on
            self._watcher.enabled(now, on)

    def vent(self, open_: bool) -> None:
        """The dump valve of a pneumatic drive."""
        self.vented = open_

    def alone(self, on: bool) -> None:
        """Nothing to do: in virtual time no tick comes between two lines of the loop."""

    def align(self, words: "array[int]") -> int:
        return 0

    def selftest(self) -> int:
        """Bits of mesogun_fw.selftest.TESTS that this board has found failing."""
        return self.failing

    def worst(self) -> tuple[int, int]:
        """(latest tick, longest tick) in us since last asked. Virtual time measures none."""
        return self.late_us, 0

    def show(self, state: int) -> None:
        self.state = state
        self._watcher.shown(self._now_us(), state)

    def click(self) -> None:
        self.clicks += 1

    def sense(self) -> "array[int]":
        """The inputs at this moment: body, hand and player."""
        x = self.inputs
        now = self._now_us()
        needle_steps, plunger_steps = self.player.tell(x)
        tip = self.needle.tip_um(now, needle_steps)
        x[ESTOP_OPEN] = self.estop
        x[TRIGGER_A] = self.trigger_a if self.trigger_a_stuck is None else self.trigger_a_stuck
        x[TRIGGER_B] = self.trigger_b
        x[CONTACT_A] = self.contact_a
        x[CONTACT_B] = self.contact_b
        x[CLEAR] = self.clear
        x[HOME] = (1 if tip < HOME_SWITCH_UM else 0) if self.home_stuck is None else self.home_stuck
        x[NEEDLE_UM] = tip + ENCODER_START_UM + spread(self._seed, NEEDLE_NOISE_CHANNEL, now // 1000, -1, 1)
        x[PLUNGER_NM] = self.plunger.encoder_nm(now, plunger_steps)
        x[LATE_US] = self.late_us
        x[SYRINGE] = self.syringe
        x[SUPPLY_MV] = self.supply_mv
        x[TEMPERATURE_C] = self.temperature_c
        if self.estop:
            # the e-stop is in the enable line itself: it cuts the motor whatever the firmware does
            self.enable(False)
        return x
