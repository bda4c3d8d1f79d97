"""Noise is a function of (seed, channel, tick): nothing is drawn in order, so skipping a tick changes no other."""

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
