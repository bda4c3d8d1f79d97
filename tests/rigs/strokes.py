"""Shots to compile, and what their pins do: worked out here from words and lists alone, by neither firmware nor simulator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt

import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis import strategies as st

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk.messages import CONSTANT_FLOW, SINGLE

GUN = Description()
PIN_BITS = 6
NEEDLE_STEP, NEEDLE_DIR, PLUNGER_STEP = 1, 2, 4

Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shot:
    """Settings to write down in one line. period_us 0: the shortest that fits, or the shortest a gun makes."""

    depth_um: int = 2_000
    needle_um_s: int = 300_000
    dose_nl: int = 10_000
    flow_nl_s: int = 500_000
    dwell_us: int = 20_000
    period_us: int = 0
    bore_um: int = 12_060
    mode: int = SINGLE

    def settings(self, gun: Description = GUN) -> Settings:
        needle, dose = (self.depth_um, self.needle_um_s), (self.dose_nl, self.flow_nl_s)
        figures = (*needle, *dose, self.dwell_us, self.period_us, self.bore_um, self.mode)
        if self.period_us:
            return Settings(*figures)
        if self.mode == CONSTANT_FLOW:
            return replace(self, period_us=BODY_US).settings()
        shortest_us = stepper.Figures(Settings(*figures), gun).shortest_us
        return replace(self, period_us=max(shortest_us, limits.PERIOD_MIN_US)).settings()


def compiled(shot: Shot, gun: Description = GUN) -> Stroke:
    stroke = Stroke()
    stepper.compile(stroke, shot.settings(gun), gun)
    return stroke


@st.composite
def shots(draw: st.DrawFn, gun: Description = GUN) -> Shot:
    """Every shot inside the ceilings that fits into a period."""
    shot = Shot(
        depth_um=100 * draw(st.integers(2, 100)),
        needle_um_s=draw(st.integers(limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S)),
        dose_nl=draw(st.just(0) | st.integers(limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)),
        flow_nl_s=draw(st.integers(limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S)),
        dwell_us=draw(st.just(0) | st.integers(limits.DWELL_MIN_US, limits.DWELL_MAX_US)),
        bore_um=draw(st.integers(limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM)),
    )
    period_us = shot.settings(gun).period_us
    assume(period_us <= limits.PERIOD_MAX_US)
    return replace(shot, period_us=draw(st.integers(period_us, limits.PERIOD_MAX_US)))


@dataclass(frozen=True)
class Played:
    """What the pins did: times of rising step edges, the needle's direction at each (+1 outwards), and how long it took."""

    needle_us: Times
    needle_way: Times
    plunger_us: Times
    duration_us: int

    def positions(self, start: int = 0) -> Times:
        """The needle's position in steps, before the first step and after each."""
        return start + np.concatenate(([0], np.cumsum(self.needle_way)))

    def same_moves(self, other: "Played") -> bool:
        mine = (self.needle_us, self.needle_way, self.plunger_us)
        theirs = (other.needle_us, other.needle_way, other.plunger_us)
        return self.duration_us == other.duration_us and all(map(np.array_equal, mine, theirs))


def words_of(words: Sequence[int], flat: Sequence[int]) -> Times:
    """All words of a list of (offset, length, times), repeats written out."""
    all_words = np.asarray(words, dtype=np.int64)
    blocks = [np.tile(all_words[flat[i] : flat[i] + flat[i + 1]], flat[i + 2]) for i in range(0, len(flat), 3)]
    return np.concatenate(blocks)


def play(words: Times) -> Played:
    """Put the words one after the other, from all pins low."""
    pins = words & ((1 << PIN_BITS) - 1)
    ends = np.cumsum(words >> PIN_BITS)
    starts = np.concatenate(([0], ends[:-1]))
    rising = pins & ~np.concatenate(([0], pins[:-1]))
    needle = np.flatnonzero(rising & NEEDLE_STEP)
    plunger = np.flatnonzero(rising & PLUNGER_STEP)
    way = np.where(pins[needle] & NEEDLE_DIR, -1, 1)
    return Played(starts[needle], way, starts[plunger], int(ends[-1]) if len(ends) else 0)


def played(stroke: Stroke, variant: int = 0) -> Played:
    return play(words_of(stroke.words, stroke.lists[variant]))


def entry(stroke: Stroke, place: int, variant: int = 0) -> tuple[int, int, int]:
    """(offset, length, times) of one place of a list."""
    offset, length, times = stroke.lists[variant][3 * place : 3 * place + 3]
    return offset, length, times


def longer(stroke: Stroke, place: int, by_us: int) -> None:
    """Hold one word for longer."""
    stroke.words[place] += by_us << PIN_BITS


def round_us(stroke: Stroke, place: int) -> int:
    """How long the block of a place lasts once."""
    offset, length, _ = entry(stroke, place)
    return sum(stroke.words[i] >> PIN_BITS for i in range(offset, offset + length))


def more_rounds(stroke: Stroke, place: int, more: int, variants: tuple[int, ...] = (0, 1)) -> None:
    """Play the block of a place so many times more."""
    for variant in variants:
        stroke.lists[variant][3 * place + 2] += more


def exact_steps(shot: Shot, gun: Description = GUN) -> Fraction:
    """The dose in plunger steps as the rational number it is, pi as 355/113."""
    area_um2 = Fraction(355, 113) * shot.bore_um**2 / 4
    return Fraction(shot.dose_nl) * 10**9 / (area_um2 * gun.plunger_nm_per_step)


def earliest_us(steps: int, nm_per_step: int, mm_s2: int) -> int:
    """No motor of this acceleration makes its `steps`-th step from rest, or keeps moving that long before rest, in less."""
    return isqrt(2 * steps * nm_per_step * 1_000_000 // mm_s2)
