"""The needle axis: follows its step pins while energised, goes home by its spring when not. Micrometres, microseconds."""

SPRING_UM_MS2 = 40  # 40 m/s2: 2 N of return force on 50 g of moving parts (A)
RUNAWAY_UM_MS = 300  # a driver gone mad: full speed outwards, whatever the pins say
HOME_SWITCH_UM = 100  # the switch closes this close to home


class Needle:
    """`tip_um(t)` is where the tip really is. `deepest_um` never forgets.

    Faults set from outside: `runaway_us` (from then on it flies outwards while energised), `stalled_us` (from then on it
    does not follow the pins), `scale_ppm` (travel per step is off).
    """

    def __init__(self, nm_per_step: int) -> None:
        self._nm_per_step = nm_per_step
        self._energised = False
        self._base_um = 0  # tip when the present counting of steps began
        self._let_go_us = -1
        self._let_go_um = 0
        self._speed = 0  # um per ms when let go
        self.scale_ppm = 1_000_000
        self.runaway_us = -1
        self.stalled_us = -1
        self._stalled_um: int | None = None
        self.deepest_um = 0

    def energise(self, on: bool, now_us: int, steps: int, speed_um_ms: int) -> None:
        if on == self._energised:
            return
        if on:
            self._base_um = self._sprung(now_us) - self._travel(steps)
        else:
            self._let_go_um = self.tip_um(now_us, steps)
            self._let_go_us = now_us
            self._speed = RUNAWAY_UM_MS if self._flies(now_us) else speed_um_ms
            peak = self._let_go_um + (self._speed * self._speed // (2 * SPRING_UM_MS2) if self._speed > 0 else 0)
            self.deepest_um = max(self.deepest_um, peak)
        self._energised = on

    def tip_um(self, now_us: int, steps: int) -> int:
        """Where the tip is when `steps` have been commanded since the counting began."""
        if not self._energised:
            return self._sprung(now_us)
        tip = self._base_um + self._travel(steps)
        if 0 <= self.stalled_us <= now_us:
            if self._stalled_um is None:
                self._stalled_um = tip
            tip = self._stalled_um
        if self._flies(now_us):
            tip += (now_us - self.runaway_us) * RUNAWAY_UM_MS // 1000
        tip = max(tip, 0)
        if tip > self.deepest_um:
            self.deepest_um = tip
        return tip

    def _flies(self, now_us: int) -> bool:
        return 0 <= self.runaway_us <= now_us and self._energised

    def _travel(self, steps: int) -> int:
        return steps * self._nm_per_step * self.scale_ppm // 1_000_000_000

    def _sprung(self, now_us: int) -> int:
        if self._let_go_us < 0:
            return 0
        t = now_us - self._let_go_us
        if t > 200_000:
            return 0
        return max(0, self._let_go_um + self._speed * t // 1000 - SPRING_UM_MS2 * t * t // 2_000_000)
