"""The pins that are played move the simulated needle, through a drive. Either kind of drive answers the same calls."""

from mesogun_fw.config import Description
from mesogun_sim.plant.needle import Needle
from mesogun_sim.plant.pneumatic import Thrown
from mesogun_sim.player import SimPlayer

STOP_START_UM = 2_000  # the depth stop of a pneumatic drive stands here at power-on


class Motor:
    """In a stepper the tip follows the steps."""

    def __init__(self, player: SimPlayer, description: Description) -> None:
        self._player = player
        self._nm_per_step = description.needle_nm_per_step
        self.needle = Needle(description.needle_nm_per_step)

    def energise(self, on: bool, now_us: int) -> None:
        speed_um_ms = self._player.speed_steps_ms() * self._nm_per_step // 1000
        self.needle.energise(on, now_us, self._player.needle_steps(), speed_um_ms)

    def tip_um(self, now_us: int, steps: int | None = None) -> int:
        """`steps` are those of the needle commanded since power-on, by whoever has just counted them."""
        return self.needle.tip_um(now_us, self._player.needle_steps() if steps is None else steps)

    def depth_stop_um(self) -> int:
        return 0


class Air:
    """Valves throw the needle against a stop, which a stepper of its own moves.

    By `stop_slip_um` the stop is not where its steps say.
    """

    def __init__(self, player: SimPlayer, description: Description) -> None:
        self._player = player
        self._nm_per_step = description.stop_nm_per_step
        self.needle = Thrown()
        self.stop_slip_um = 0

    def energise(self, on: bool, now_us: int) -> None:
        self.needle.energise(on, now_us, self._player.valves(), self.depth_stop_um())

    def tip_um(self, now_us: int, steps: int | None = None) -> int:
        return self.needle.tip_um(now_us, self._player.valves(), self.depth_stop_um())

    def depth_stop_um(self) -> int:
        return STOP_START_UM + self._player.stop_steps() * self._nm_per_step // 1000 + self.stop_slip_um
