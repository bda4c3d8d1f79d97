"""A hard timer ticks every millisecond, but not on the millisecond: each gun has a phase, each tick a latency. Both go by the seed.

The clock counts from where it was zeroed, the timer from where it was started: the phase of one against the other is whatever
it was at power-on. An interrupt waits for the one before it, and for what the flash cache must fetch. The figures are of a
cycle-counted RP2040 (docs/HARDWARE.md).
"""

from mesogun_sim.costs import LATE_US
from mesogun_sim.plant.noise import noise, spread

PHASE_CHANNEL = 30
LATENCY_CHANNEL = 31
USUAL_US = 8  # nearly all ticks are no later than this ...
RARE = 64  # ... and one of so many may be as late as it can
TOOK_US = 100  # a tick that is held up makes the next one wait until it is done


class Ticks:
    """`us_of(n)` is when tick n comes if nothing holds it up, in microseconds of the clock: some time in millisecond n or n + 1."""

    def __init__(self, seed: int, phase_us: int | None = None) -> None:
        self._seed = seed
        self.phase_us = noise(seed, PHASE_CHANNEL, 0) % 1000 if phase_us is None else phase_us

    def due_us(self, n: int) -> int:
        """Tick n is due then."""
        return n * 1000 + self.phase_us

    def us_of(self, n: int) -> int:
        rare = noise(self._seed, LATENCY_CHANNEL, 2 * n) % RARE == 0
        return self.due_us(n) + spread(self._seed, LATENCY_CHANNEL, 2 * n + 1, 0, LATE_US if rare else USUAL_US)

    def before(self, us: int) -> int:
        """No tick up to this one comes at `us` or later; the next one, or that after it, does."""
        return (us - self.phase_us - LATE_US) // 1000
