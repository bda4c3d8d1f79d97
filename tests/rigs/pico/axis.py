"""What a motor moves: its steps come from the chip's pins, its encoder's edges go back to them."""

from .chip import Chip

GRAY = (0, 1, 3, 2)  # B A, of a turn forwards
SPRING_UM_MS2 = 40
NEVER_NM = 1 << 40


class Axis:
    """What a motor moves and an encoder counts, in steps of `step_nm` and counts of `count_nm`."""

    def __init__(self, chip: Chip, first_pin: int, step_nm: int, count_nm: int) -> None:
        self._chip = chip
        self._first_pin = first_pin
        self._step_nm = step_nm
        self._count_nm = count_nm
        self._counted = 0
        self._spring_um_ms = 0
        self.nm = self.most_nm = 0
        self.sticks_at_nm = NEVER_NM
        self._put(0)

    def step(self, back: bool) -> None:
        if back or self.nm < self.sticks_at_nm:
            self.move(-self._step_nm if back else self._step_nm)

    def move(self, nm: int) -> None:
        self.nm += nm
        self.most_nm = max(self.most_nm, self.nm)
        count = self.nm // self._count_nm
        while self._counted != count:
            self._counted += 1 if count > self._counted else -1
            self._put(GRAY[self._counted & 3])
            for _ in range(30):  # two looks of the counter
                self._chip.rp.pio[1].advance(1)

    def spring_back(self, on: bool) -> None:
        """One millisecond of the spring, if nothing holds against it."""
        if not on or self.nm <= 0:
            self._spring_um_ms = 0
        else:
            self._spring_um_ms += SPRING_UM_MS2
            self.move(-min(self.nm, 1_000 * self._spring_um_ms))

    def _put(self, level: int) -> None:
        for i in (0, 1):
            self._chip.rp.gpio[self._first_pin + i].set_input_value(bool(level >> i & 1))
