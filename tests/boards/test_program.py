"""The six instructions that put words, in an emulator that is not the one of the other tests."""

from collections import deque

import pytest
from pioemu import State, emulate
from rigs.marks import mostly_slow
from rigs.pico.walk import changes, whole

from mesogun_fw.boards.pico.lists import PROGRAM
from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.language import Settings, Stroke


def played(words: list[int], cycles: int) -> tuple[list[tuple[int, int]], State]:
    """Changes of the pins, at the cycle after the first word's `out`, and how the machine stands in the end."""
    said = []
    state = State()
    start = State(transmit_fifo=deque(words))
    for before, state in emulate(list(PROGRAM), stop_when=lambda _, now: now.clock >= cycles, initial_state=start, out_count=6):
        if state.pin_values != before.pin_values:
            said.append((state.clock - 2, state.pin_values))
    return said, state


def a_stroke() -> Stroke:
    stroke = Stroke()
    stepper.compile(stroke, Settings(400, 300_000, 1_000, 500_000, 0, 45_000, 12_060), Description())
    return stroke


@pytest.mark.slow
def test_two_periods_of_a_whole_stroke_are_put_to_the_cycle_and_are_equal() -> None:
    words = whole(a_stroke(), 1)
    period = 225_000
    said, state = played(words * 2, 2 * period + 50)
    assert said == changes(words * 2)
    half = len(said) // 2
    assert [(at + period, pins) for at, pins in said[:half]] == said[half:]
    assert state.program_counter == 0
    assert state.pin_values == 0


@pytest.mark.parametrize("hold_us", [2, 3, 4, 5, 100])
def test_every_hold_from_two_microseconds_on_is_five_cycles_each(hold_us: int) -> None:
    said, _ = played([1 | hold_us << 6, 2 | 2 << 6, 0 | 2 << 6], 5 * hold_us + 40)
    assert said == [(0, 1), (5 * hold_us, 2), (5 * hold_us + 10, 0)]


def test_without_a_word_the_pins_stay_as_they_are() -> None:
    said, state = played([0b100101 | 7 << 6], 10_000)
    assert said == [(0, 0b100101)]
    assert state.program_counter == 0


@pytest.mark.parametrize("at", mostly_slow(range(3, 90), 20))
def test_the_words_put_are_those_pulled_less_the_one_that_waits_at_its_out(at: int) -> None:
    words = [1 | 3 << 6, 2 | 2 << 6, 4 | 7 << 6, 0 | 4 << 6]
    _, state = played(words, at)
    put = len(words) - len(state.transmit_fifo) - (1 if state.program_counter == 1 else 0)
    assert put == len([start for start in (0, 15, 25, 60) if start + 2 <= state.clock])
