"""The timeline, integrated at once, is what walking word by word finds."""

from hypothesis import given
from hypothesis import strategies as st

from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.language import ENTRIES, PLUNGER_DIR, PLUNGER_STEP, TIME_SHIFT, Settings, Stroke
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP
from mesogun_sim.player import triples
from mesogun_sim.timeline import Timeline

WORD = st.builds(lambda pins, hold: pins | hold << TIME_SHIFT, st.integers(0, 15), st.integers(1, 400))


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int, int]]]:
    words = draw(st.lists(WORD, min_size=1, max_size=30))
    entry = st.integers(0, len(words) - 1).flatmap(
        lambda at: st.tuples(st.just(at), st.integers(0, len(words) - at), st.integers(0, 4))
    )
    return words, draw(st.lists(entry, max_size=6))


class Walk:
    """Word by word, as the hardware would, for `until_us`."""

    def __init__(self, words: list[int], entries: list[tuple[int, int, int]], until_us: int) -> None:
        self.needle = self.plunger = self.put = 0
        self.edges: list[tuple[int, int, int]] = []
        before = now = 0
        for offset, length, times in entries:
            for word in words[offset : offset + length] * times:
                if now >= until_us:
                    break
                pins = word & 63
                self.put += 1
                self.needle += (-1 if pins & NEEDLE_DIR else 1) if pins & ~before & NEEDLE_STEP else 0
                self.plunger += (-1 if pins & PLUNGER_DIR else 1) if pins & ~before & PLUNGER_STEP else 0
                self._changed(now, before, pins)
                before = pins
                now += word >> TIME_SHIFT
        self._changed(min(now, until_us), before, 0)

    def _changed(self, now: int, before: int, pins: int) -> None:
        self.edges += [(now, pin, pins >> pin & 1) for pin in range(6) if (before ^ pins) >> pin & 1]


@given(blocks(), st.integers(0, 20_000))
def test_every_answer_is_that_of_a_walk_word_by_word(shape: tuple[list[int], list[tuple[int, int, int]]], until_us: int) -> None:
    words, entries = shape
    timeline = Timeline(words, entries)
    walk = Walk(words, entries, until_us)
    assert timeline.words_at(until_us) == walk.put
    assert timeline.needle_steps(until_us) == walk.needle
    assert timeline.plunger_steps(until_us) == walk.plunger
    assert timeline.duration_us == sum((word >> TIME_SHIFT) * n for o, length, n in entries for word in words[o : o + length])


@given(blocks(), st.integers(1, 20_000))
def test_its_edges_are_those_of_the_walk_and_leave_all_pins_low(
    shape: tuple[list[int], list[tuple[int, int, int]]], until_us: int
) -> None:
    words, entries = shape
    edges = list(zip(*(column.tolist() for column in Timeline(words, entries).edges(until_us)), strict=True))
    assert edges == Walk(words, entries, until_us).edges
    assert sum(1 if level else -1 for _, _, level in edges) == 0


def test_a_stroke_of_seventeen_thousand_steps_is_integrated_whole() -> None:
    stroke = Stroke()
    # 200 µl from a 1 ml syringe (DOMAIN 2, T7)
    stepper.compile(stroke, Settings(2_000, 300_000, 200_000, 300_000, 0, 3_000_000, 4_780), Description())
    timeline = Timeline(stroke.words, triples(stroke.lists[0], ENTRIES))
    assert timeline.duration_us == 3_000_000
    assert timeline.plunger_steps(3_000_000) == stroke.figures.dose.steps > 17_000
    assert timeline.needle_steps(3_000_000) == 0
    assert max(timeline.needle_at) == 200
