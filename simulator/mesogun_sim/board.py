"""The simulated board plays pins from a finite list; its inputs come from the plant, its link is bytes, its clock is virtual.

It does what boards/pico does for a real gun, with nothing of the firmware replaced.
"""

from array import array
from collections.abc import Callable

from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.config import Description
from mesogun_fw.guard.cells import fresh
from mesogun_fw.guard.inputs import (
    CLEAR,
    CONTACT_A,
    CONTACT_B,
    ESTOP_OPEN,
    HOME,
    INPUTS,
    LATE_US,
    NEEDLE_UM,
    PAST_US,
    PLUNGER_NM,
    PRESSURE_KPA,
    SINCE_US,
    STOP_UM,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
    TRIGGER_A,
    TRIGGER_B,
)  # fmt: skip
from mesogun_fw.memory.copies import NoDescription
from mesogun_fw.memory.description import store, stored
from mesogun_fw.memory.journal import Journal
from mesogun_fw.talk.messages import PNEUMATIC
from mesogun_sim.axis import Air, Motor
from mesogun_sim.costs import Costs
from mesogun_sim.fluid import FluidPath
from mesogun_sim.memory import Flash, Fram
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.plant.given import Given
from mesogun_sim.plant.needle import HOME_SWITCH_UM
from mesogun_sim.plant.noise import Spread, noise
from mesogun_sim.plant.plunger import Plunger
from mesogun_sim.player import SimPlayer, Watcher

NEEDLE_NOISE_CHANNEL = 1
STOP_NOISE_CHANNEL = 2
ENCODER_START_UM = 1_234  # an encoder starts anywhere; homing finds its zero
READ_BYTES = 64
LONG_US = 1_000_000  # an interval is counted so far
FIFO_BYTES = 1_024  # a USB port takes so much before a host that does not read makes it wait


class SimBoard(Unhurried):
    """It does everything the firmware asks of a board. The hand's fields are set by the practitioner, `late_us` by faults.

    The body is made as `description` says, and `setup` is fitted to it. Memories that are given are taken as they are, journal and
    description with them: the gun is the same, switched off and on. Otherwise they are as from the factory.
    """

    simulated = 1
    player: SimPlayer
    fram: Fram
    flash: Flash

    def __init__(
        self,
        seed: int,
        now_us: Callable[[], int],
        watcher: Watcher,
        description: Description | None = None,
        fram: Fram | None = None,
        flash: Flash | None = None,
        setup: SetUp | None = None,
    ) -> None:
        self.serial = 100_000 + seed % 900_000
        # Kept memory has been read and written since: it gives another number.
        self.boot = 1 + noise(seed, 99, fram.busy_ns if fram else 0)
        self._needle_noise = Spread(seed, NEEDLE_NOISE_CHANNEL, -1, 1)
        self._stop_noise = Spread(seed, STOP_NOISE_CHANNEL, -2, 2)
        self.costs = Costs()
        self.on_busy: Callable[[int], None] = lambda us: None
        self.fram = fram or Fram()
        if not fram:
            Journal(self.fram).format(self.serial)
        self.fram.on_moved = self.costs.remembered
        self.flash = flash or Flash(self._busy, seed)
        self.flash.on_busy = self._busy
        body = description or Description()
        if not flash:
            store(self.flash, body)
        self._read_description()
        self._now_us = now_us
        self._watcher = watcher
        self.inputs = fresh()
        self.player = SimPlayer(now_us, watcher)
        self.player.on_loaded = self.costs.loaded
        pneumatic = body.drive == PNEUMATIC
        self.axis = Air(self.player, body) if pneumatic else Motor(self.player, body)
        self.needle = self.axis.needle
        self.plunger = Plunger(body.plunger_nm_per_step)
        self.fluid = FluidPath(seed, body, setup or SetUp())
        self.fluid.in_play = self.player.under_way
        self.player.on_played = self.fluid.played
        self.trigger_a = self.trigger_b = self.contact_a = self.contact_b = 0
        self.estop = self.clear = 0
        self.home_stuck: int | None = None
        self.trigger_a_stuck: int | None = None
        self.late_us = 0
        self.blind_us = 0  # no code has run for so long
        self.tick_late_us = self.since_us = 0  # of this tick, by the timer alone; since the one before
        self.to_device = bytearray()
        self.to_host = bytearray()
        self.state = -1
        self.clicks = 0
        self.vented = False
        self.failing = 0
        self.restarts = 0
        self.syringe = 1
        self.supply_mv = 5_000 if pneumatic else 24_000
        self.temperature_c = 31
        self.pressure_kpa = 400 if pneumatic else 0
        self.energised = False

    def _read_description(self) -> None:
        try:
            self.description, self.described = stored(self.flash), True
        except (ValueError, NoDescription):
            self.description, self.described = Description(), False

    def _busy(self, us: int) -> None:
        self.on_busy(us)

    def ms(self) -> int:
        return self._now_us() // 1000

    def read(self, into: bytearray, at: int) -> int:
        size = min(READ_BYTES, len(into) - at, len(self.to_device))
        into[at : at + size] = self.to_device[:size]
        del self.to_device[:size]
        self.costs.read(into, at, size)
        return size

    def write(self, line: bytearray, size: int) -> bool:
        if size > FIFO_BYTES - len(self.to_host):
            return False
        self.to_host += line[:size]
        self.costs.written()
        return True

    def enable(self, on: bool) -> None:
        if on != self.energised:
            now = self._now_us()
            self.player.tell(self.inputs)
            self.axis.energise(on, now)
            self.energised = on
            self._watcher.enabled(now, on)

    def vent(self, open_: bool) -> None:
        """The dump valve of a pneumatic drive opens or closes."""
        self.vented = open_

    def align(self, words: "array[int]") -> int:
        return 0

    def selftest(self) -> int:
        """This board has found these bits of mesogun_fw.talk.codes.TESTS failing."""
        return self.failing

    def alone(self, act, a: int, b: int):  # type: ignore[no-untyped-def]
        self.costs.masked()
        return super().alone(act, a, b)

    def tidy(self, idle: bool) -> None:
        self.costs.swept(self.ms())

    def restart(self) -> None:
        """The engine starts the device anew; time goes on."""
        self.player.halt()
        self.inputs[INPUTS:] = fresh()[INPUTS:]
        self.boot += 1
        self._read_description()
        self.restarts += 1

    def worst(self) -> tuple[int, int]:
        """(latest tick, longest tick) are in us since last asked. Virtual time measures no longest tick."""
        return self.costs.worst(self.inputs[LATE_US])

    def show(self, state: int) -> None:
        self.state = state
        self._watcher.shown(self._now_us(), state)

    def click(self) -> None:
        self.clicks += 1

    def given(self) -> list[Given]:
        """Every shot until now, and what became of its drug."""
        return self.fluid.given(self._now_us())

    def sense(self) -> "array[int]":
        """The inputs at this moment are those of body, hand and player."""
        x = self.inputs
        now = self._now_us()
        needle_steps, plunger_steps = self.player.tell(x)
        tip = self.axis.tip_um(now, needle_steps)
        plunger = self.plunger
        plunger.lost_nm = self.fluid.sense(now, tip, self.contact_a and self.contact_b, plunger_steps, plunger)
        x[ESTOP_OPEN] = self.estop
        x[TRIGGER_A] = self.trigger_a if self.trigger_a_stuck is None else self.trigger_a_stuck
        x[TRIGGER_B] = self.trigger_b
        x[CONTACT_A] = self.contact_a
        x[CONTACT_B] = self.contact_b
        x[CLEAR] = self.clear
        x[HOME] = (1 if tip < HOME_SWITCH_UM else 0) if self.home_stuck is None else self.home_stuck
        x[NEEDLE_UM] = tip + ENCODER_START_UM + self._needle_noise.at(now // 1000)
        x[PLUNGER_NM] = plunger.encoder_nm(now, plunger_steps)
        x[LATE_US] = self.late_us + self.blind_us + self.tick_late_us
        x[PAST_US] = now % 1000
        x[SINCE_US] = self.since_us if self.since_us < LONG_US else LONG_US
        x[SYRINGE] = self.syringe
        x[PRESSURE_KPA] = self.pressure_kpa
        stop_um = self.axis.depth_stop_um() + self._stop_noise.at(now // 1000)
        x[STOP_UM] = stop_um if stop_um > 0 else 0
        x[SUPPLY_MV] = self.supply_mv
        x[TEMPERATURE_C] = self.temperature_c
        if self.estop:
            # The e-stop is in the enable line itself: it cuts the motor whatever the firmware does.
            self.enable(False)
        return x
