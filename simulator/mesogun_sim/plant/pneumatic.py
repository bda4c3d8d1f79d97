"""Air throws the needle: there are valves with a delay, a depth stop, a return spring. Units are micrometres and microseconds.

Speeds and delays are those of fast valves (DOMAIN 4: 2-5 ms) and of a light needle carriage (A).
"""

DELAY_US = 4_000  # a valve has it
OUT_UM_MS = 800
BACK_UM_MS = 600
SPRING_UM_MS = 400  # the air is let off: the spring alone moves the needle
MECHANICAL_STOP_UM = 10_050  # the mechanical stop is here (DOMAIN 5)
VALVE_OUT, VALVE_BACK = 1, 2


class Thrown:
    """`tip_um` is where the tip really is; the stop ends its way out. `deepest_um` never forgets.

    Faults are set from outside: with `stalled_us` it does not move outwards from then on; by `slow_ppm` the air is weaker than
    measured.
    """

    def __init__(self) -> None:
        self._tip_um = 0
        self._at_us = 0
        self._speed_um_ms = 0  # it counts outwards
        self._known = (0, 0)  # these valves are open, since then
        self._coming: tuple[int, int] | None = None  # it is (when, speed from then on)
        self._energised = False
        self.stop_um = MECHANICAL_STOP_UM  # a test that wants to see what the guard alone holds moves it away
        self.stalled_us = -1
        self.slow_ppm = 1_000_000
        self.deepest_um = 0

    def energise(self, on: bool, now_us: int, valves: tuple[int, int], depth_stop_um: int) -> None:
        self.tip_um(now_us, valves, depth_stop_um)
        if on != self._energised:
            self._energised = on
            self._coming = None if on else (now_us + DELAY_US, -SPRING_UM_MS)

    def tip_um(self, now_us: int, valves: tuple[int, int], depth_stop_um: int) -> int:
        """`valves` say which are open (bits VALVE_OUT, VALVE_BACK) and since when; `depth_stop_um` is where the stop stands."""
        if valves != self._known:
            self._known = valves
            if self._energised:
                self._move(valves[1], depth_stop_um)
                self._coming = valves[1] + DELAY_US, self._speed_of(valves[0])
        self._move(now_us, depth_stop_um)
        return self._tip_um

    def _speed_of(self, valves: int) -> int:
        if valves & VALVE_OUT:
            return OUT_UM_MS * self.slow_ppm // 1_000_000
        return -BACK_UM_MS if valves & VALVE_BACK else -SPRING_UM_MS

    def _move(self, until_us: int, depth_stop_um: int) -> None:
        if self._coming is not None and self._coming[0] <= until_us:
            when_us, speed = self._coming
            self._coming = None
            self._go(when_us, depth_stop_um)
            self._speed_um_ms = speed
        self._go(until_us, depth_stop_um)

    def _go(self, until_us: int, depth_stop_um: int) -> None:
        if until_us <= self._at_us:
            return
        speed = self._speed_um_ms
        if speed > 0 and 0 <= self.stalled_us <= self._at_us:
            speed = 0
        moved = speed * (until_us - self._at_us) // 1000
        if moved:
            self._tip_um = max(0, min(self._tip_um + moved, depth_stop_um, self.stop_um))
        self._at_us = until_us
        self.deepest_um = max(self.deepest_um, self._tip_um)
