"""What a broken or a malicious compiler would make, each hidden as well as it can be: the audit refuses it for what it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from rigs.strokes import GUN, Shot, compiled, entry, longer, play, words_of

from mesogun_fw.stroke.audit import Audit, AuditFailed
from mesogun_fw.stroke.language import (
    BACK_BRAKE,
    BACK_CRUISE,
    BACK_UP,
    DOSE_CRUISE,
    DOSE_DOWN,
    DOSE_UP,
    DWELL,
    OUT_BRAKE,
    OUT_CRUISE,
    OUT_UP,
    PLUNGER_STEP,
    REST,
    REST_END,
    TIME_SHIFT,
    Stroke,
)
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP

LARGE = Shot(depth_um=9_000, dose_nl=10_000, period_us=300_000)


def refused(stroke: Stroke, shot: Shot) -> str:
    with pytest.raises(AuditFailed) as failed:
        Audit(stroke, shot.settings(), GUN)
    return str(failed.value)


def in_the_rest(stroke: Stroke, saved_us: int) -> None:
    """Hide saved time in the rest, so that the period stays exact."""
    longer(stroke, entry(stroke, REST)[0], saved_us)


def deeper(stroke: Stroke) -> None:
    for place in (OUT_CRUISE, BACK_CRUISE):
        offset, _, times = entry(stroke, place)
        in_the_rest(stroke, -sum(stroke.words[i] >> TIME_SHIFT for i in (offset, offset + 1)))
        for listed in stroke.lists:
            listed[3 * place + 2] = times + 1


def faster(place: int, by_us: int) -> Callable[[Stroke], None]:
    def change(stroke: Stroke) -> None:
        offset, _, times = entry(stroke, place)
        longer(stroke, offset + 1, -by_us)
        in_the_rest(stroke, by_us * times)

    return change


def without_ramp(place: int, cruise: int) -> Callable[[Stroke], None]:
    """A ramp taken at the speed of the cruise."""

    def change(stroke: Stroke) -> None:
        low_us = stroke.words[entry(stroke, cruise)[0] + 1] >> TIME_SHIFT
        offset, length, _ = entry(stroke, place)
        for i in range(offset, offset + length):
            saved_us = (stroke.words[i] >> TIME_SHIFT) - low_us
            if saved_us > 0:
                longer(stroke, i, -saved_us)
                in_the_rest(stroke, saved_us)

    return change


def early_plunger(place: int, at_once: bool = False) -> Callable[[Stroke], None]:
    """One of the plunger's steps moved into a block of the needle's, between two of its steps or `at_once` with one."""

    def change(stroke: Stroke) -> None:
        stroke.words[entry(stroke, place)[0] + 1 - at_once] |= PLUNGER_STEP
        offset, _, times = entry(stroke, DOSE_CRUISE)
        in_the_rest(stroke, sum(stroke.words[i] >> TIME_SHIFT for i in (offset, offset + 1)))
        for listed in stroke.lists:
            listed[3 * DOSE_CRUISE + 2] = times - 1

    return change


def same_tails(stroke: Stroke) -> None:
    stroke.lists[1][:] = stroke.lists[0]


def beyond_its_words(stroke: Stroke) -> None:
    stroke.length = entry(stroke, REST)[0]


def turns_and_steps_at_once(stroke: Stroke) -> None:
    offset, length, _ = entry(stroke, DWELL)
    stroke.words[offset + length - 1] &= ~NEEDLE_DIR
    stroke.words[entry(stroke, BACK_UP)[0]] &= ~NEEDLE_DIR


def behind_home(stroke: Stroke) -> None:
    """In the rest, a step further in than home and back out."""
    whole_us = stroke.words[entry(stroke, REST)[0]] >> TIME_SHIFT
    moves = [(NEEDLE_DIR, 1_000), (NEEDLE_DIR | NEEDLE_STEP, 5), (NEEDLE_DIR, 995), (0, 1_000), (NEEDLE_STEP, 5)]
    moves.append((0, whole_us - sum(hold for _, hold in moves)))
    for i, (pins, hold) in enumerate(moves):
        stroke.words[stroke.length + i] = pins | hold << TIME_SHIFT
    for listed in stroke.lists:
        listed[3 * REST : 3 * REST + 2] = listed.__class__("H", [stroke.length, len(moves)])
    stroke.length += len(moves)


def half_a_pulse(stroke: Stroke) -> None:
    offset = entry(stroke, OUT_CRUISE)[0]
    longer(stroke, offset, -4)
    longer(stroke, offset + 1, 4)


def no_end_of_a_pulse(stroke: Stroke) -> None:
    stroke.words[entry(stroke, OUT_CRUISE)[0] + 1] |= NEEDLE_STEP


def no_ring(stroke: Stroke) -> None:
    """The cruise's two words repeated from the odd place of an even ring: DMA would play the word before them."""
    offset = entry(stroke, OUT_CRUISE)[0]
    cell = stroke.words[offset : offset + 2]
    stroke.words[stroke.length + 1 : stroke.length + 3] = cell
    for listed in stroke.lists:
        listed[3 * OUT_CRUISE] = stroke.length + 1
    assert stroke.length % 2 == 0
    stroke.length += 3


def another_link(stroke: Stroke) -> None:
    """Left before the last block, the list would be shorter than its period."""
    stroke.leave = REST_END


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (deeper, "the plunger moves while"),
        (faster(OUT_CRUISE, 2), "sooner than its motor"),
        (faster(BACK_CRUISE, 2), "sooner than its motor"),
        (faster(DOSE_CRUISE, 2), "flow is more than"),
        (without_ramp(OUT_UP, OUT_CRUISE), "accelerates harder"),
        (without_ramp(OUT_BRAKE, OUT_CRUISE), "accelerates harder"),
        (without_ramp(BACK_UP, BACK_CRUISE), "accelerates harder"),
        (without_ramp(BACK_BRAKE, BACK_CRUISE), "accelerates harder"),
        (early_plunger(OUT_CRUISE, at_once=True), "both axes step at once"),
        (early_plunger(OUT_CRUISE), "the plunger moves while"),
        (early_plunger(BACK_CRUISE), "the plunger moves while"),
        (same_tails, "the two variants do not differ"),
        (beyond_its_words, "outside the stroke"),
        (turns_and_steps_at_once, "turns and steps at once"),
        (behind_home, "too deep, or behind home"),
        (half_a_pulse, "no pin pattern"),
        (no_end_of_a_pulse, "a step pulse is cut"),
        (no_ring, "no ring"),
        (another_link, "to leave and to enter are not where"),
    ],
)
def test_a_stroke_that_would_do_otherwise_is_refused_for_that(change: Callable[[Stroke], None], why: str) -> None:
    stroke = compiled(LARGE)
    change(stroke)
    assert why in refused(stroke, LARGE)


def test_a_dry_stroke_one_step_too_deep_is_refused() -> None:
    dry = replace(LARGE, dose_nl=0)
    stroke = compiled(dry)
    deeper(stroke)
    assert refused(stroke, dry) == "depth is 9010 um, asked for 9000"


@pytest.mark.parametrize("ramp", [DOSE_UP, DOSE_DOWN])
def test_a_plunger_without_its_ramp_is_refused(ramp: int) -> None:
    shot = Shot(dose_nl=100_000, flow_nl_s=2_000_000)
    stroke = compiled(shot)
    without_ramp(ramp, DOSE_CRUISE)(stroke)
    assert entry(stroke, ramp)[1] > 100
    assert "accelerates harder" in refused(stroke, shot)


def to_and_fro() -> Iterator[tuple[int, int]]:
    """Eight steps out and seven back, over and over, a ring of 32 words: each round ends a step deeper, was seven deeper still."""
    for way, steps in ((0, 8), (NEEDLE_DIR, 7)):
        yield way, 1_000
        for _ in range(steps):
            yield way | NEEDLE_STEP, 5
            yield way, 600


def test_a_repeated_block_cannot_hide_how_deep_it_goes() -> None:
    shot = Shot(depth_um=8_000, dose_nl=0, period_us=14_000_000)
    stroke = compiled(shot)
    there = [pins | hold << TIME_SHIFT for pins, hold in to_and_fro()]
    moves = ((NEEDLE_DIR, 500), (NEEDLE_DIR, 500), (NEEDLE_DIR | NEEDLE_STEP, 5), (NEEDLE_DIR, 995))
    back = [pins | hold << TIME_SHIFT for pins, hold in moves]
    rounds = shot.depth_um * 1000 // GUN.needle_nm_per_step
    rest_us = shot.period_us - rounds * sum(word >> TIME_SHIFT for word in there) - 1_000 - rounds * 1_000
    words = [*there, *back, rest_us // 2 << TIME_SHIFT]
    stroke.words[: len(words)] = stroke.words.__class__("I", words)
    stroke.length = len(words)
    for listed in stroke.lists:
        for i in range(len(listed)):
            listed[i] = 0
        listed[0:3] = listed.__class__("H", [0, len(there), rounds])
        listed[3:6] = listed.__class__("H", [len(there), 2, 1])
        listed[6:9] = listed.__class__("H", [len(there) + 2, 2, rounds])
        listed[9:12] = listed.__class__("H", [len(words) - 1, 1, 2])
    assert play(words_of(stroke.words, stroke.lists[0])).positions().max() * 10 == shot.depth_um + 70
    assert "turns inside a repeated block" in refused(stroke, shot)
