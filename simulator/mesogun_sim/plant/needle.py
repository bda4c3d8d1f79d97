"""The needle axis follows its step pins while energised, and goes home by its spring when not.

Units are micrometres and microseconds.
"""

SPRING_UM_MS2 = 40  # this is 40 m/s2: 2 N of return force on 50 g of moving parts (A)
MOTOR_UM_MS2 = 30  # the motor can do this at most: it is the reference design's own ramp
TOP_UM_MS = 300
STOP_UM = 10_050  # the mechanical stop is here (DOMAIN 5)
HOME_SWITCH_UM = 100  # the switch closes this close to home


class Needle:
    """`tip_um` is where the tip really is. `deepest_um` never forgets.

    Faults are set from outside: with `runaway_us` it accelerates outwards as hard as the motor can, from then on, while
    energised, whatever the pins say; with `stalled_us` it does not follow the pins from then on; with `scale_ppm` travel per
    step is off. `stop_um` is where the mechanical stop is; a test that wants to see what the guard alone holds moves it away.
    """

    def __init__(self, nm_per_step: int) -> None:
        self._nm_per_step = nm_per_step
        self._energised = False
        self._base_um = 0  # the tip was here when the present counting of steps began
        self._let_go_us = -1
        self._let_go_um = 0
        self._let_go_speed = 0  # it is in um per ms, outwards
        self._seen_us = self._seen_um = 0  # somebody last looked then
        self._thrown_us = -1  # a runaway began then; the next says where, and how fast it was
        self._thrown_um = self._thrown_speed = 0
        self._stalled_um: int | None = None
        self.scale_ppm = 1_000_000
        self.runaway_us = -1
        self.stalled_us = -1
        self.stop_um = STOP_UM
        self.deepest_um = 0

    def energise(self, on: bool, now_us: int, steps: int, speed_um_ms: int) -> None:
        """Power is on or off; `speed_um_ms` is the speed of the steps at this moment."""
        if on == self._energised:
            return
        if on:
            tip = self._sprung(now_us)
            self._base_um = tip - self._travel(steps)
            self._stalled_um = None
            self._thrown_us = -1
            self._seen_us, self._seen_um = now_us, tip
        else:
            tip = self.tip_um(now_us, steps)
            self._let_go_us, self._let_go_um = now_us, tip
            self._let_go_speed = 0 if tip >= self.stop_um else self._speed(now_us, speed_um_ms)
            if self._let_go_speed > 0:
                self._saw(tip + self._let_go_speed * self._let_go_speed // (2 * SPRING_UM_MS2))
        self._energised = on

    def tip_um(self, now_us: int, steps: int) -> int:
        """The tip is here when `steps` have been commanded since the counting began."""
        if not self._energised:
            return self._sprung(now_us)
        tip = self._base_um + self._travel(steps)
        if self.runaway_us < 0 > self.stalled_us and 0 <= tip <= self.deepest_um:
            self._seen_us, self._seen_um = now_us, tip
            return tip
        if 0 <= self.stalled_us <= now_us:
            if self._stalled_um is None:
                self._stalled_um = tip
            tip = self._stalled_um
        if 0 <= self.runaway_us <= now_us:
            tip = self._flown(now_us, tip)
        tip = self._saw(max(tip, 0))
        self._seen_us, self._seen_um = now_us, tip
        return tip

    def _saw(self, tip: int) -> int:
        tip = min(tip, self.stop_um)
        self.deepest_um = max(self.deepest_um, tip)
        return tip

    def _flown(self, now_us: int, tip: int) -> int:
        if self._thrown_us < 0:
            self._thrown_us = max(self.runaway_us, self._seen_us)
            passed = now_us - self._seen_us
            self._thrown_speed = (tip - self._seen_um) * 1000 // passed if passed else 0
            self._thrown_um = self._seen_um + _moved(self._thrown_speed, 0, self._thrown_us - self._seen_us)
        us = now_us - self._thrown_us
        speeding_us = min(us, (TOP_UM_MS - self._thrown_speed) * 1000 // MOTOR_UM_MS2)
        return self._thrown_um + _moved(self._thrown_speed, MOTOR_UM_MS2, speeding_us) + _moved(TOP_UM_MS, 0, us - speeding_us)

    def _speed(self, now_us: int, commanded_um_ms: int) -> int:
        if self._thrown_us >= 0:
            return min(TOP_UM_MS, self._thrown_speed + MOTOR_UM_MS2 * (now_us - self._thrown_us) // 1000)
        return 0 if self._stalled_um is not None else commanded_um_ms * self.scale_ppm // 1_000_000

    def _travel(self, steps: int) -> int:
        return steps * self._nm_per_step * self.scale_ppm // 1_000_000_000

    def _sprung(self, now_us: int) -> int:
        if self._let_go_us < 0:
            return 0
        us = min(now_us - self._let_go_us, 200_000)
        return min(max(0, self._let_go_um + _moved(self._let_go_speed, -SPRING_UM_MS2, us)), self.stop_um)


def _moved(speed_um_ms: int, um_ms2: int, us: int) -> int:
    return speed_um_ms * us // 1000 + um_ms2 * us * us // 2_000_000
