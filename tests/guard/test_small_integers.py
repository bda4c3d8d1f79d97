"""Whatever the encoders say, no figure of the tick grows beyond the bits a board counts in without its heap.

Those are 31 in ordinary code and 32 in fast functions, where none may be negative behind a pointer. MicroPython on a PC has
63 and would not show it: here every integer that comes from an input checks what becomes of it.
"""

from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.marks import mostly_slow
from rigs.search import examples
from rigs.strokes import GUN, Shot, compiled

from mesogun_fw import limits
from mesogun_fw.boards.player import Player
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard import between, carry, cells, endings, lookout, marks, notes, shot, starting, tick
from mesogun_fw.guard.cells import BEAT_MS, BUDGET_NL, LOOP_MS, NOTED, NOTES_AT, READ, RUN, SIZE
from mesogun_fw.guard.inputs import (
    CONTACT_A,
    CONTACT_B,
    ELAPSED_US,
    HOME,
    INPUTS,
    LATE_US,
    LISTS_PLAYED,
    NEEDLE_UM,
    PLAYING,
    PLUNGER_NM,
    SINCE_US,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
    TRIGGER_A,
    TRIGGER_B,
)  # fmt: skip
from mesogun_fw.memory.journal import Journal
from mesogun_fw.stroke import retreat
from mesogun_fw.stroke.language import TIME_MAX_US, TIME_SHIFT, Stroke
from mesogun_fw.talk.messages import CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE
from mesogun_sim.memory import Fram

SMALL = 1 << 30
Ticks = list[tuple[int, dict[int, int]]]


class Small(int):
    """An integer of the board: arithmetic with it gives another, or fails."""

    below = SMALL


class Native(Small):
    """An integer of a fast function."""

    below = 2 * SMALL


def checked(name: str) -> Callable[..., Any]:
    honest = getattr(int, name)

    def operation(self: Small, *other: int) -> Any:
        result = honest(self, *other)
        if result is NotImplemented:
            return result
        kind = Native if Native in map(type, (self, *other)) else Small
        assert -kind.below <= result < kind.below, f"{self} {name} {other} does not fit"
        return kind(result)

    return operation


for plain in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    for name in (f"__{plain}__", f"__r{plain}__"):
        setattr(Small, name, checked(name))
for name in ("__neg__", "__abs__"):
    setattr(Small, name, checked(name))


class Cells(list[int]):
    """The guard's memory: what is in it comes out checked, and nothing but inputs and notes is negative."""

    def __getitem__(self, at: Any) -> Any:
        return Small(super().__getitem__(at))

    def __setitem__(self, at: Any, value: Any) -> None:
        assert (0 if INPUTS <= at < NOTES_AT else -SMALL) <= value < SMALL, f"{value} at {at}"
        super().__setitem__(at, value)


@pytest.fixture(autouse=True)
def fast_functions_count_in_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lookout, shot, between, carry, notes, endings, starting, tick, marks, retreat):
        monkeypatch.setattr(module, "int", Native, raising=False)


class Words(Player):
    """Plays nothing; a halt says how many words it would have played."""

    put = 0

    def start(self, slot: int, variant: int) -> None: ...
    def grant(self, slot: int, variant: int) -> None: ...
    def revoke(self) -> None: ...
    def go_away(self, slot: int, entries: int) -> None: ...
    def halt(self) -> int:
        return Small(self.put)


class Bare(Unhurried):
    """What a guard asks of a board."""

    description = GUN

    def __init__(self, inputs: Any) -> None:
        self.inputs = inputs
        self.player = Words()
        self.fram = Fram()

    def enable(self, on: bool) -> None: ...
    def vent(self, open_: bool) -> None: ...


class Tick:
    """A guard that has just started a shot, late in the longest uptime there is."""

    def __init__(self, stroke: Stroke) -> None:
        self.x: Any = Cells(cells.fresh())
        board = Bare(self.x)
        self.player = board.player
        self.player.strokes = [stroke, None]
        self.journal = Journal(board.fram, self.x)
        self.journal.format(1)
        tick = self.guard = Guard(board)
        tick.lay(stroke, 0, stroke.settings.dose_nl // 20)
        tick.use(stroke, 0, CONTINUOUS if stroke.settings.mode == SINGLE else stroke.settings.mode, 1, limits.SHOTS_PER_PASS_MAX)
        tick.place(-1, 0)
        self.x[BUDGET_NL] = limits.SYRINGE_MAX_NL
        self.now_ms = limits.UPTIME_MAX_MS
        tick.arm(self.now_ms)
        self.run(limits.TRIGGER_RELEASED_MS + 1, {HOME: 1, CONTACT_A: 1, CONTACT_B: 1, **WELL})
        self.run(limits.TRIGGER_DEBOUNCE_MS + 1, {TRIGGER_A: 1, TRIGGER_B: 1})
        assert tick.phase == RUN

    def run(self, ms: int, inputs: dict[int, int]) -> None:
        x = self.x
        for which, value in inputs.items():
            x[which] = value
        for _ in range(ms):
            self.now_ms += 1
            x[BEAT_MS] = x[LOOP_MS] = self.now_ms
            x[READ] = x[NOTED]
            while self.journal.ahead() < 2 and self.journal.in_flight() < 2:
                self.journal.prepare(0, 0, 1, 1_000)
            self.guard.tick(Small(self.now_ms))


WELL = {SINCE_US: 1_000, SYRINGE: 1, SUPPLY_MV: 24_000, TEMPERATURE_C: 31}
STROKES = [
    compiled(Shot(depth_um=10_000, dose_nl=200_000, flow_nl_s=200_000, bore_um=4_000, dwell_us=2_000_000, period_us=5_000_000)),
    compiled(Shot(depth_um=10_000, needle_um_s=5_000, dose_nl=0, period_us=5_000_000)),
    compiled(Shot(depth_um=200, dose_nl=1_000, bore_um=17_000)),
    compiled(Shot(depth_um=10_000, dose_nl=200_000, flow_nl_s=400_000, mode=CONSTANT_FLOW)),
    compiled(Shot(depth_um=10_000, dose_nl=20_000, flow_nl_s=400_000, mode=RETROGRADE)),
]
HOSTILE = st.fixed_dictionaries(
    {},
    optional={
        NEEDLE_UM: st.integers(-1_000_000, 1_000_000) | st.integers(0, 11_000),
        PLUNGER_NM: st.integers(-200_000_000, 200_000_000),
        ELAPSED_US: st.integers(0, 6_000_000),
        LISTS_PLAYED: st.integers(1, 5),
        PLAYING: st.sampled_from((1, 1, 1, 0, 2)),
        LATE_US: st.sampled_from((0, 0, 0, 1_000_000)),
        HOME: st.integers(0, 1),
        SINCE_US: st.sampled_from((1_000, 0, 1, 950, 4_000, 1_000_000)),
        TRIGGER_A: st.sampled_from((1, 1, 1, 0)),
        CONTACT_A: st.sampled_from((1, 1, 1, 0)),
    },
)


@examples(200)
@given(st.sampled_from(STROKES), st.lists(st.tuples(st.integers(1, 3), HOSTILE), max_size=12), st.integers(0, 5_000))
def test_whatever_the_inputs_say_every_figure_stays_small(
    stroke: Stroke, ticks: list[tuple[int, dict[int, int]]], put: int
) -> None:
    tick = Tick(stroke)
    tick.player.put = put
    tick.run(1, {PLAYING: 1, LISTS_PLAYED: 1})
    for ms, inputs in ticks:
        tick.run(ms, inputs)


def judged(tick: Tick, us: int, needle_um: int) -> None:
    """What the fast function of a running stroke makes of this moment, whatever it answers."""
    tick.x[cells.NEEDLE] = tick.x[cells.ZERO] + needle_um
    tick.x[ELAPSED_US] = us
    shot.follow(tick.x)


@pytest.mark.parametrize("stroke", mostly_slow(STROKES, 2))
def test_every_moment_of_an_honest_stroke_stays_small(stroke: Stroke) -> None:
    tick = Tick(stroke)
    tick.run(1, {PLAYING: 1, LISTS_PLAYED: 1})
    for us in range(0, stroke.list_us, 997):
        for needle_um in (0, stroke.settings.depth_um):
            judged(tick, us, needle_um)
    for put in range(6_000):
        stroke.way_back(stroke, Native(put), 0)  # type: ignore[operator]


def test_a_word_is_a_small_integer() -> None:
    assert (TIME_MAX_US << TIME_SHIFT | (1 << TIME_SHIFT) - 1) < SMALL
    assert max(max(stroke.words) for stroke in STROKES) < SMALL


def test_a_figure_too_large_or_behind_zero_would_be_noticed() -> None:
    assert array("i", [Small(7) * 6])[0] == 42
    with pytest.raises(AssertionError, match="does not fit"):
        Small(SMALL - 1) + 1
    assert Native(SMALL - 1) + 1 == SMALL
    with pytest.raises(AssertionError, match="does not fit"):
        500 * Native(2_100) * 2_100
    with pytest.raises(AssertionError):
        Cells([0] * SIZE)[INPUTS] = -1
    tick = Tick(STROKES[0])
    tick.run(1, {PLAYING: 1, LISTS_PLAYED: 1})
    with pytest.raises(AssertionError, match="does not fit"):
        judged(tick, 1 - SMALL, 0)  # a time before the stroke, squared
