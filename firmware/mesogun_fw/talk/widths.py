"""A number is small or wide: the board has no larger integer than a small one that is none of its heap."""

SMALL = (1 << 30) - 1


def wide(low: int, high: int) -> bool:
    """A field of this range has two places in an array of values: see lines.PART."""
    return low < -SMALL or high > SMALL
