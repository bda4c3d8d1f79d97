"""Whatever the encoders say, no figure of the tick grows beyond the 31 bits a board counts in without its heap.

MicroPython on a PC has 63 bits and would not show it: here every integer that comes from an input checks what becomes of it.
"""

from array import array
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesogun_fw import limits
from mesogun_fw.flight import fallen
from mesogun_fw.guard import RUN, Guard
from mesogun_fw.inputs import (
    CONTACT_A,
    CONTACT_B,
    ELAPSED_US,
    HOME,
    INPUTS,
    LATE_US,
    NEEDLE_UM,
    PERIODS,
    PLAYING,
    PLUNGER_NM,
    TRIGGER_A,
    TRIGGER_B,
)  # fmt: skip
from mesogun_fw.messages import CONTINUOUS
from mesogun_fw.player import Player
from mesogun_fw.stroke import HOLD_MAX_US, HOLD_SHIFT, Stroke

from .strokes import GUN, Shot, compiled

SMALL = 1 << 30
Ticks = list[tuple[int, dict[int, int]]]


class Small(int):
    """An integer of the board: arithmetic with it gives another, or fails."""


def checked(name: str) -> Callable[..., Any]:
    honest = getattr(int, name)

    def operation(self: int, *other: int) -> Any:
        result = honest(self, *other)
        if result is NotImplemented:
            return result
        assert -SMALL <= result < SMALL, f"{self} {name} {other} does not fit a small integer"
        return Small(result)

    return operation


for plain in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    for name in (f"__{plain}__", f"__r{plain}__"):
        setattr(Small, name, checked(name))
for name in ("__neg__", "__abs__"):
    setattr(Small, name, checked(name))


class Words(Player):
    """Plays nothing; a halt says how many words it would have played."""

    put = 0

    def start(self, variant: int) -> None: ...
    def grant(self, variant: int) -> None: ...
    def revoke(self) -> None: ...
    def go_away(self, entries: int) -> None: ...
    def halt(self) -> int:
        return Small(self.put)


class Tick:
    """A guard that has just started a shot, late in the longest uptime there is."""

    def __init__(self, stroke: Stroke) -> None:
        self.x: Any = [Small(0)] * INPUTS  # an array would make plain integers of them
        self.player = Words()
        self.guard = Guard(cast("array[int]", self.x), self.player, lambda on: None)
        dose = stroke.settings.dose_nl
        self.guard.flight.use(stroke, GUN.plunger_nm_per_step, dose // 20, GUN.needle_out_mm_s2, GUN.needle_brake_mm_s2)
        self.guard.use(stroke, CONTINUOUS, 1, limits.SHOTS_PER_PASS_MAX)
        self.guard.budget_nl = limits.SYRINGE_MAX_NL
        self.now_ms = limits.UPTIME_MAX_MS
        self.guard.arm(self.now_ms, False)
        self.run(limits.TRIGGER_RELEASED_MS + 1, {HOME: 1, CONTACT_A: 1, CONTACT_B: 1})
        self.run(limits.TRIGGER_DEBOUNCE_MS + 1, {TRIGGER_A: 1, TRIGGER_B: 1})
        assert self.guard.phase == RUN

    def run(self, ms: int, inputs: dict[int, int]) -> None:
        for which, value in inputs.items():
            self.x[which] = Small(value)
        for _ in range(ms):
            self.now_ms += 1
            self.guard.beat_ms = self.guard.loop_ms = self.now_ms
            self.guard.read = self.guard.noted
            self.guard.tick(Small(self.now_ms))


STROKES = [
    compiled(Shot(depth_um=10_000, dose_nl=200_000, flow_nl_s=200_000, bore_um=4_000, dwell_us=2_000_000, period_us=5_000_000)),
    compiled(Shot(depth_um=10_000, needle_um_s=5_000, dose_nl=0, period_us=5_000_000)),
    compiled(Shot(depth_um=200, dose_nl=1_000, bore_um=17_000)),
]
HOSTILE = st.fixed_dictionaries(
    {},
    optional={
        NEEDLE_UM: st.integers(-1_000_000, 1_000_000) | st.integers(0, 11_000),
        PLUNGER_NM: st.integers(-500_000_000, 500_000_000),
        ELAPSED_US: st.integers(0, 6_000_000),
        PERIODS: st.integers(1, 5),
        PLAYING: st.sampled_from((1, 1, 1, 0, 2)),
        LATE_US: st.sampled_from((0, 0, 0, 1_000_000)),
        HOME: st.integers(0, 1),
        TRIGGER_A: st.sampled_from((1, 1, 1, 0)),
        CONTACT_A: st.sampled_from((1, 1, 1, 0)),
    },
)


@settings(max_examples=200)
@given(st.sampled_from(STROKES), st.lists(st.tuples(st.integers(1, 3), HOSTILE), max_size=12), st.integers(0, 5_000))
def test_whatever_the_inputs_say_every_figure_stays_small(
    stroke: Stroke, ticks: list[tuple[int, dict[int, int]]], put: int
) -> None:
    tick = Tick(stroke)
    tick.player.put = put
    tick.run(1, {PLAYING: 1, PERIODS: 1})
    for ms, inputs in ticks:
        tick.run(ms, inputs)


@pytest.mark.parametrize("stroke", STROKES)
def test_every_moment_of_an_honest_stroke_stays_small(stroke: Stroke) -> None:
    path = Tick(stroke).guard.flight
    for us in range(0, stroke.settings.period_us, 997):
        assert -SMALL < path.out.at(Small(us)) <= stroke.settings.depth_um
        assert -SMALL < path.back.at(Small(us)) <= stroke.settings.depth_um
    for put in range(6_000):
        stroke.way_back(Small(put), 0)


def test_a_word_is_a_small_integer() -> None:
    assert (HOLD_MAX_US << HOLD_SHIFT | (1 << HOLD_SHIFT) - 1) < SMALL
    assert max(max(stroke.words) for stroke in STROKES) < SMALL


def test_a_product_too_large_would_be_noticed() -> None:
    assert array("i", [Small(7) * 6])[0] == 42
    with pytest.raises(AssertionError, match="does not fit"):
        Small(SMALL - 1) + 1
    with pytest.raises(AssertionError, match="does not fit"):
        500 * Small(1_500) * 1_500
    with pytest.raises(AssertionError, match="does not fit"):
        fallen(Small(10_000_000), Small(30_000))
