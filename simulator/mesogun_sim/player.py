"""The simulated player plays lists of pins in virtual time, with the contract of mesogun_fw.boards.player."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Protocol

from mesogun_fw.boards.player import Player
from mesogun_fw.guard.inputs import ELAPSED_US, LISTS_PLAYED, PLAYING
from mesogun_fw.stroke.language import ENTRIES
from mesogun_sim.timeline import Timeline


class StrokeLike(Protocol):
    """A player needs this of a stroke: words, the two lists with places to leave and to enter, and the list of the way back."""

    words: "array[int]"
    lists: "tuple[array[int], array[int]]"
    away: "array[int]"
    leave_us: int
    entry_us: int


class Watcher(Protocol):
    """A watcher sees what leaves the gun: pins, enable, lamp."""

    def played(self, start_us: int, timeline: Timeline, entered_us: int, until_us: int, low: bool) -> None: ...
    def enabled(self, at_us: int, on: bool) -> None: ...
    def shown(self, at_us: int, state: int) -> None: ...


def triples(flat: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    return [(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]) for i in range(count)]


class SimPlayer(Player):
    """Lists are played in virtual time: the present one and at most one granted; then the way back, once."""

    def __init__(self, now_us: Callable[[], int], watcher: Watcher) -> None:
        self._now_us = now_us
        self._watcher = watcher
        self.on_loaded: Callable[[], None] = lambda: None
        self.on_played: Callable[[int, Timeline, int, int, bool], None] = lambda *play: None
        self.strokes = [None, None]
        self._slots: list[tuple[StrokeLike, list[Timeline]] | None] = [None, None]
        self._present: Timeline | None = None
        self._stroke: StrokeLike | None = None  # it is in play
        self._granted: tuple[int, int] | None = None
        self._start_us = 0  # it is of the list; one that was entered counts as if played from its start
        self._entered_us = 0  # so far into the list it was entered; the next are the steps of both axes until there
        self._entered = (0, 0)
        self._playing = 0
        self._lists_played = 0
        self._needle_base = 0
        self._plunger_base = 0
        self._stop_base = 0
        self._ended_us = -1
        self._end_speed = 0  # these are the steps in the millisecond before

    # ---- the contract, see mesogun_fw.boards.player ----

    def load(self, stroke: StrokeLike, slot: int) -> None:
        self.on_loaded()
        self.strokes[slot] = stroke  # type: ignore[call-overload]
        self._slots[slot] = stroke, [Timeline(stroke.words, triples(stroke.lists[i], ENTRIES)) for i in (0, 1)]

    def start(self, slot: int, variant: int) -> None:
        self._stroke, variants = self._slot(slot)
        self._play(variants[variant], self._now_us(), 1)
        self._lists_played = 1

    def grant(self, slot: int, variant: int) -> None:
        self.settle()
        self._granted = slot, variant

    def revoke(self) -> None:
        self.settle()
        self._granted = None

    def halt(self) -> int:
        self.settle()
        if self._present is None:
            return 0
        elapsed = self._now_us() - self._start_us
        played = self._present.words_at(elapsed)
        self._end(elapsed)
        self._granted = None
        return played

    def go_away(self, slot: int, entries: int) -> None:
        self.settle()
        if entries:
            self._stroke, _ = self._slot(slot)
            self._play(Timeline(self._stroke.words, triples(self._stroke.away, entries)), self._now_us(), 2)

    # ---- what the rest of the board asks ----

    def settle(self) -> None:
        """What has ended by now ends, and what was granted follows where it may."""
        now_us = self._now_us()
        while self._present is not None:
            passed_us = now_us - self._start_us
            if self._playing == 1 and self._granted is not None and self._stroke is not None:
                leave_us = self._stroke.leave_us
                if passed_us < leave_us:
                    return
                at_us = self._start_us + leave_us
                self._end(leave_us, low=False)
                slot, variant = self._granted
                self._granted = None
                self._stroke, variants = self._slot(slot)
                self._play(variants[variant], at_us - self._stroke.entry_us, 1, self._stroke.entry_us)
                self._lists_played += 1
            elif passed_us >= self._present.duration_us:
                self._end(self._present.duration_us)
            else:
                return

    def _slot(self, slot: int) -> tuple[StrokeLike, list[Timeline]]:
        loaded = self._slots[slot]
        assert loaded is not None, "nothing is loaded there"
        return loaded

    def tell(self, x: "array[int]") -> tuple[int, int]:
        """The player's inputs are filled; (needle, plunger) steps were commanded since power-on."""
        self.settle()
        present = self._present
        x[LISTS_PLAYED] = self._lists_played
        x[PLAYING] = self._playing
        if present is None:
            x[ELAPSED_US] = 0
            return self._needle_base, self._plunger_base
        elapsed = self._now_us() - self._start_us
        x[ELAPSED_US] = elapsed
        needle = present.needle_at[bisect_left(present.needle_us, elapsed)]
        plunger = present.plunger_at[bisect_left(present.plunger_us, elapsed)]
        entered = self._entered
        return self._needle_base + needle - entered[0], self._plunger_base + plunger - entered[1]

    def _made(self, elapsed: int) -> tuple[int, int]:
        """These are the steps of both axes since the present list was entered."""
        present = self._present
        assert present is not None
        needle, plunger = self._entered
        return present.needle_steps(elapsed) - needle, present.plunger_steps(elapsed) - plunger

    def needle_steps(self) -> int:
        """The needle was commanded so many steps since power-on."""
        self.settle()
        return self._needle_base + (self._made(self._now_us() - self._start_us)[0] if self._present else 0)

    def stop_steps(self) -> int:
        """The depth stop was commanded so many steps since power-on."""
        present = self._present
        return self._stop_base + (present.stop_steps(self._now_us() - self._start_us) if present else 0)

    def valves(self) -> tuple[int, int]:
        """These valves of a pneumatic drive are open, and have been since then."""
        if self._present is None:
            return 0, max(0, self._ended_us)
        open_, since_us = self._present.valves_at(self._now_us() - self._start_us)
        return open_, self._start_us + since_us

    def speed_steps_ms(self) -> int:
        """The needle made these steps in the last millisecond, outwards positive: halting the pins takes no speed off it."""
        if self._present is None:
            return self._end_speed if self._now_us() == self._ended_us else 0
        elapsed = self._now_us() - self._start_us
        return self._present.needle_steps(elapsed) - self._present.needle_steps(max(0, elapsed - 1000))

    def in_play(self) -> list[tuple[int, Timeline, int, int, bool]]:
        """`played` will be told about this when it ends, as far as it is. At most one is in play."""
        return [] if self._present is None else [(self._start_us, self._present, self._entered_us, self._now_us(), True)]

    def under_way(self) -> list[tuple[int, Timeline, int, int, bool]]:
        """`on_played` will be told about this when it ends, as far as it is. At most one is."""
        present = self._present
        return [] if present is None else [(self._start_us, present, self._entered_us, self._now_us(), self._playing == 1)]

    def _play(self, timeline: Timeline, start_us: int, playing: int, entered_us: int = 0) -> None:
        self._present = timeline
        self._start_us = start_us
        self._entered_us = entered_us
        self._entered = timeline.needle_steps(entered_us), timeline.plunger_steps(entered_us)
        self._playing = playing

    def _end(self, elapsed: int, low: bool = True) -> None:
        present = self._present
        assert present is not None
        needle, plunger = self._made(elapsed)
        self._needle_base += needle
        self._plunger_base += plunger
        self._stop_base += present.stop_steps(elapsed)
        self._ended_us = self._start_us + elapsed
        self._end_speed = present.needle_steps(elapsed) - present.needle_steps(max(0, elapsed - 1000))
        shot = self._playing == 1
        self._present = None
        self._playing = 0
        self.on_played(self._start_us, present, self._entered_us, self._start_us + elapsed, shot)
        self._watcher.played(self._start_us, present, self._entered_us, self._start_us + elapsed, low)
