"""A list of blocks becomes a timeline: when each step rises, how many words were put, which edges the pins make.

It is integrated once, when a stroke is loaded; asking where an axis is afterwards is one bisection.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

NEEDLE_STEP, NEEDLE_DIR, PLUNGER_STEP, PLUNGER_DIR = 1, 2, 4, 8
VALVES, STOP_STEP, STOP_DIR = 3, 16, 32  # these are of a pneumatic drive
EVEN = 300  # the drug's way takes what a plunger does for even, to one part of so many

Int64 = npt.NDArray[np.int64]


class Timeline:
    """This is one pass through a list of (offset, length, times) over `words`.

    It takes `duration_us`; `needle_us` and `plunger_us` are the times of rising step edges, `needle_at` and `plunger_at` the
    steps from the start position after each of them; `edges()` are all edges of all pins. Of a pneumatic drive `valves_at` says
    which valves are open, and `stop_us` and `stop_at` are of the depth stop.
    """

    def __init__(self, words: Sequence[int], entries: Sequence[tuple[int, int, int]]) -> None:
        flat = np.asarray(words, dtype=np.int64)
        parts = [np.tile(flat[offset : offset + length], times) for offset, length, times in entries if length * times]
        played = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        self._pins = played & 63
        ends = np.cumsum(played >> 6)
        self._starts: Int64 = ends - (played >> 6)
        self.duration_us = int(ends[-1]) if len(ends) else 0
        self._start_list = self._starts.tolist()
        before = np.concatenate(([0], self._pins[:-1]))
        rising = self._pins & ~before
        self.needle_us, self.needle_at = self._axis(rising, NEEDLE_STEP, NEEDLE_DIR)
        self.stop_us, self.stop_at = self._axis(rising, STOP_STEP, STOP_DIR)
        changed = np.flatnonzero((self._pins ^ before) & VALVES)
        self._valve_us: list[int] = self._starts[changed].tolist()
        self._valve_pins: list[int] = [0, *(self._pins[changed] & VALVES).tolist()]
        self.plunger_us, self.plunger_at = self._axis(rising, PLUNGER_STEP, PLUNGER_DIR)

    def _axis(self, rising: Int64, step: int, direction: int) -> tuple[list[int], list[int]]:
        at = np.flatnonzero(rising & step)
        backwards = (self._pins[at] & direction) != 0
        return self._starts[at].tolist(), [0, *np.cumsum(np.where(backwards, -1, 1)).tolist()]

    def words_at(self, elapsed_us: int) -> int:
        """So many words were put before `elapsed_us`: what begins at that very moment is not played any more."""
        return bisect_left(self._start_list, elapsed_us)

    def needle_steps(self, elapsed_us: int) -> int:
        return self.needle_at[bisect_left(self.needle_us, elapsed_us)]

    def stop_steps(self, elapsed_us: int) -> int:
        return self.stop_at[bisect_left(self.stop_us, elapsed_us)]

    def valves_at(self, elapsed_us: int) -> tuple[int, int]:
        """These valves are open, and have been since then in this timeline."""
        changes = bisect_left(self._valve_us, elapsed_us)
        return self._valve_pins[changes], self._valve_us[changes - 1] if changes else 0

    def plunger_steps(self, elapsed_us: int) -> int:
        return self.plunger_at[bisect_left(self.plunger_us, elapsed_us)]

    @cached_property
    def plunger_knots(self) -> list[tuple[int, int]]:
        """(when, plunger steps before): between two of them it moves evenly, to one part of EVEN of the list's steps."""
        if not self.plunger_us:
            return []
        when, at = np.array([*self.plunger_us, self.plunger_us[-1] + 1]), np.array(self.plunger_at)
        most = max(0.5, len(self.plunger_us) / EVEN)
        kept, spans = {0, len(when) - 1}, [(0, len(when) - 1)]
        while spans:
            first, last = spans.pop()
            if last - first < 2:
                continue
            even = at[first] + (at[last] - at[first]) * (when[first:last] - when[first]) / (when[last] - when[first])
            off = np.abs(at[first:last] - even)
            worst = int(off.argmax())
            if off[worst] > most:
                kept.add(first + worst)
                spans += [(first, first + worst), (first + worst, last)]
        return [(int(when[i]), int(at[i])) for i in sorted(kept)]

    def edges(self, until_us: int, entered_us: int = 0, low: bool = True) -> tuple[Int64, Int64, Int64]:
        """Every edge from `entered_us` to `until_us` is in (times in us, pin numbers, levels); if `low`, all pins go low then."""
        first, count = self.words_at(entered_us), self.words_at(until_us)
        before = self._pins[first - 1 : first] if first else [0]
        after = [0] if low else self._pins[count - 1 : count]
        pins = np.concatenate((before, self._pins[first:count], after)).astype(np.int64)
        times = np.concatenate((self._starts[first:count], [min(until_us, self.duration_us)]))
        changed = pins[1:] ^ pins[:-1]
        rows = []
        for pin in range(6):
            at = np.flatnonzero(changed & (1 << pin))
            rows.append((times[at], np.full(len(at), pin), (pins[1:][at] >> pin) & 1))
        when, which, level = (np.concatenate(column) for column in zip(*rows, strict=True))
        order = np.lexsort((which, when))
        return when[order], which[order], level[order]
