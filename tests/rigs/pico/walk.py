"""What a list of blocks must do, worked out from its words alone."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from mesogun_fw.stroke.language import ENTRIES


def entries(stroke: Any, flat: Sequence[int], first: int, until: int) -> list[int]:
    """The words of some entries of a list, repeats written out."""
    said: list[int] = []
    for place in range(first, until):
        offset, length, times = flat[3 * place : 3 * place + 3]
        said += list(stroke.words[offset : offset + length]) * times
    return said


def before_link(stroke: Any, variant: int) -> list[int]:
    return entries(stroke, stroke.lists[variant], 0, stroke.leave)


def after_link(stroke: Any, variant: int) -> list[int]:
    return entries(stroke, stroke.lists[variant], stroke.leave, ENTRIES)


def from_entry(stroke: Any, variant: int) -> list[int]:
    return entries(stroke, stroke.lists[variant], stroke.entry, stroke.leave)


def whole(stroke: Any, variant: int) -> list[int]:
    return before_link(stroke, variant) + after_link(stroke, variant)


def starts(words: Sequence[int]) -> list[int]:
    """When each word is put, in fifths of a microsecond after the first."""
    return [0, *accumulate(5 * (word >> 6) for word in words)][: len(words)]


def changes(words: Sequence[int]) -> list[tuple[int, int]]:
    """(cycle, pins) of every change of the pins, from all low."""
    said, last = [], 0
    for at, word in zip(starts(words), words, strict=True):
        if word & 63 != last:
            last = word & 63
            said.append((at, last))
    return said
