"""A hard timer ticks every millisecond, but not on the millisecond: each gun has a phase, each tick a latency. Both go by the seed.

The clock counts from where it was zeroed, the timer from where it was started: the phase of one against the other is whatever
it was at power-on. An interrupt waits for the one before it, and for what the flash cache must fetch. The figures are of a
cycle-counted RP2040 (docs/HARDWARE.md).
"""

import numpy as np

from mesogun_sim.costs import LATE_US
from mesogun_sim.plant.noise import BLOCK, noise, noises, spreads

PHASE_CHANNEL = 30
LATENCY_CHANNEL = 31
USUAL_US = 8  # nearly all ticks are no later than this ...
RARE = 64  # ... and one of so many may be as late as it can
TOOK_US = 100  # a tick that is held up makes the next one wait until it is done


class Ticks:
    """`us_of(n)` is when tick n comes if nothing holds it up, in microseconds of the clock: some time in millisecond n or n + 1."""

    def __init__(self, seed: int, phase_us: int | None = None) -> None:
        self.phase_us = noise(seed, PHASE_CHANNEL, 0) % 1000 if phase_us is None else phase_us
        self._seed = seed
        self._first = -BLOCK
        self._late_us: list[int] = []

    def __deepcopy__(self, memo: dict[int, object]) -> "Ticks":
        return self  # all that it remembers is what it would say anyway

    def due_us(self, n: int) -> int:
        """Tick n is due then."""
        return n * 1000 + self.phase_us

    def us_of(self, n: int) -> int:
        at = n - self._first
        if not 0 <= at < BLOCK:
            self._first = n - n % BLOCK
            self._late_us = self._late(self._first)
            at = n - self._first
        return n * 1000 + self.phase_us + self._late_us[at]

    def _late(self, first: int) -> list[int]:
        rare = noises(self._seed, LATENCY_CHANNEL, 2 * first, BLOCK, 2) % RARE == 0
        so_much = noises(self._seed, LATENCY_CHANNEL, 2 * first + 1, BLOCK, 2)
        late: list[int] = np.where(rare, spreads(so_much, 0, LATE_US), spreads(so_much, 0, USUAL_US)).tolist()
        return late

    def before(self, us: int) -> int:
        """No tick up to this one comes at `us` or later; the next one, or that after it, does."""
        return (us - self.phase_us - LATE_US) // 1000
