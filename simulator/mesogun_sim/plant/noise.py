"""Noise is a function of (seed, channel, tick): nothing is drawn in order, so skipping a tick changes no other."""

import numpy as np
import numpy.typing as npt

_MASK = 0xFFFFFFFFFFFFFFFF


def noise(seed: int, channel: int, tick: int) -> int:
    """It is a 32-bit integer, uniform, by splitmix64's finaliser over the three numbers."""
    z = (seed * 0x9E3779B97F4A7C15 + channel * 0xD1B54A32D192ED03 + tick * 0x8CB92BA72F3D8DD7 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) & 0xFFFFFFFF


def spread(seed: int, channel: int, tick: int, low: int, high: int) -> int:
    """It is an integer from low to high, both included."""
    return low + noise(seed, channel, tick) * (high - low + 1) // 0x100000000


BLOCK = 1_024  # who asks of nearly every tick has so many reckoned at once
_U = np.uint64


def noises(seed: int, channel: int, first: int, count: int, every: int = 1) -> npt.NDArray[np.uint64]:
    """They are noise(seed, channel, tick) of `count` ticks from `first` on, `every` apart."""
    start = (seed * 0x9E3779B97F4A7C15 + channel * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = np.arange(first, first + count * every, every, dtype=_U) * _U(0x8CB92BA72F3D8DD7) + _U(start)
    z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
    return (z ^ (z >> _U(31))) & _U(0xFFFFFFFF)


def spreads(numbers: npt.NDArray[np.uint64], low: int, high: int) -> npt.NDArray[np.int64]:
    return (numbers * _U(high - low + 1) >> _U(32)).astype(np.int64) + low


class Spread:
    """`at(tick)` is spread(seed, channel, tick, low, high)."""

    def __init__(self, seed: int, channel: int, low: int, high: int) -> None:
        self._of = seed, channel, low, high
        self._first = -BLOCK
        self._values: list[int] = []

    def __deepcopy__(self, memo: dict[int, object]) -> "Spread":
        return self  # all that it remembers is what it would say anyway

    def at(self, tick: int) -> int:
        if not 0 <= tick - self._first < BLOCK:
            seed, channel, low, high = self._of
            self._first = tick - tick % BLOCK
            self._values = spreads(noises(seed, channel, self._first, BLOCK), low, high).tolist()
        return self._values[tick - self._first]
