"""What only one check of the audit can see, it refuses alone; what is just within it passes. Here: lists and blocks."""

from dataclasses import replace

import pytest
from rigs.airstrokes import air_gun
from rigs.audits import CRAWLING, DRY, FLOWING, HOW_DEEP, passed, refused
from rigs.strokes import GUN, PIN_BITS, Shot, compiled, entry, longer, more_rounds, play, round_us, words_of

from mesogun_fw import limits
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import RING_WORDS
from mesogun_fw.stroke.language import (
    BACK_CRUISE,
    DOSE_TAIL,
    DOSE_UP,
    DWELL,
    ENTRIES,
    OUT_BRAKE,
    OUT_CRUISE,
    REST,
    Stroke,
)
from mesogun_fw.stroke.retreat import NEEDLE_DIR

# ---- where a list may be left, how it ends ----


def test_a_list_that_is_left_before_it_is_entered_is_refused() -> None:
    stroke = compiled(FLOWING)
    stroke.leave, stroke.entry = OUT_BRAKE, DOSE_UP
    stroke.leave_us = play(words_of(stroke.words, stroke.lists[0][: 3 * OUT_BRAKE])).duration_us
    assert "cannot be left there for its entry" in refused(stroke, FLOWING)


def test_a_list_is_not_left_while_a_pin_is_on() -> None:
    stroke = compiled(FLOWING)
    offset, length, _ = entry(stroke, stroke.leave - 1)
    stroke.words[offset + length - 1] |= NEEDLE_DIR
    assert "cannot be left there for its entry" in refused(stroke, FLOWING)


def test_a_list_that_ends_with_a_pin_on_is_refused() -> None:
    stroke = compiled(FLOWING)
    stroke.words[entry(stroke, REST)[0]] |= NEEDLE_DIR
    assert refused(stroke, FLOWING) == "the needle does not end at home, or a pin stays on"


@pytest.mark.parametrize(("what", "by_us"), [("entry_us", 1), ("entry_us", -1), ("leave_us", 1), ("leave_us", -1)])
def test_a_stroke_that_is_wrong_about_where_it_is_left_or_entered_is_refused(what: str, by_us: int) -> None:
    stroke = compiled(FLOWING)
    setattr(stroke, what, getattr(stroke, what) + by_us)
    assert refused(stroke, FLOWING) == "the places to leave and to enter are not where the stroke says"


@pytest.mark.parametrize("by_us", [-1, 1])
def test_a_stroke_that_is_wrong_about_how_long_it_is_is_refused(by_us: int) -> None:
    stroke = compiled(FLOWING)
    stroke.list_us += by_us
    assert refused(stroke, FLOWING).startswith("the list is not as long as said")


def test_a_dose_before_the_place_to_enter_is_refused() -> None:
    """Steps on the way in are not among those of the seconds that are counted."""
    stroke = compiled(FLOWING)
    stroke.entry, stroke.entry_us = DOSE_TAIL, played_until(stroke, DOSE_TAIL)
    assert refused(stroke, FLOWING).startswith("the list is not as long as said, or its dose is not all between")


def played_until(stroke: Stroke, place: int) -> int:
    return play(words_of(stroke.words, stroke.lists[0][: 3 * place])).duration_us


# ---- rounds that are counted and not walked ----


def test_rounds_that_nobody_walks_do_not_lead_past_the_cap_or_behind_home() -> None:
    """Without a ramp the needle is at the end of its cruise where it will be deepest: no word walked afterwards would show it."""
    to_cap = limits.DEPTH_CAP_UM // 10 - CRAWLING.depth_um // 10
    stroke = compiled(CRAWLING)
    more_rounds(stroke, OUT_CRUISE, to_cap + 5)
    assert refused(stroke, CRAWLING) == HOW_DEEP
    stroke = compiled(CRAWLING)
    more_rounds(stroke, BACK_CRUISE, 5)
    assert refused(stroke, CRAWLING) == HOW_DEEP


def test_how_deep_rounds_lead_that_nobody_walks_is_known() -> None:
    deeper = compiled(CRAWLING)
    for place in (OUT_CRUISE, BACK_CRUISE):
        more_rounds(deeper, place, 50)
        longer(deeper, entry(deeper, REST)[0], -50 * round_us(deeper, place))
    assert refused(deeper, CRAWLING) == "depth is 4500 um, asked for 4000"


# ---- blocks ----


@pytest.mark.parametrize("more", [0, 1])
def test_no_block_reaches_behind_the_last_word_of_its_stroke(more: int) -> None:
    stroke = compiled(DRY)
    last = max(offset + length for offset, length, times in (entry(stroke, place) for place in range(ENTRIES)) if times)
    stroke.length = last - more
    if more:
        assert refused(stroke, DRY) == "a block lies outside the stroke"
    else:
        passed(stroke, DRY)


def test_no_block_begins_before_the_first_word_of_its_stroke() -> None:
    stroke = Stroke()
    stroke.first = 8
    drive.compile(stroke, DRY.settings(), GUN)
    passed(stroke, DRY)
    at = entry(stroke, DWELL)[0]
    stroke.words[7] = stroke.words[at]
    for listed in stroke.lists:
        listed[3 * DWELL] = 7
    assert refused(stroke, DRY) == "a block lies outside the stroke"


def a_rest_of(stroke: Stroke, length: int, times: int, at: int) -> None:
    """The rest becomes a block of `length` words, played so many times."""
    rest_us = stroke.words[entry(stroke, REST)[0]] >> PIN_BITS
    for listed in stroke.lists:
        listed[3 * REST : 3 * REST + 3] = listed.__class__("H", [at, length, times])
    each_us = rest_us // (length * times)
    for i in range(length):
        stroke.words[at + i] = each_us << PIN_BITS
    stroke.list_us -= rest_us - each_us * length * times
    stroke.leave_us = stroke.list_us
    stroke.length = max(stroke.length, at + length)


@pytest.mark.parametrize(
    ("length", "off", "ring"),
    [(64, 0, True), (32, 0, True), (128, 0, False), (48, 0, False), (3, 0, False), (64, 32, False), (32, 16, False), (2, 1, False)],
)
def test_a_repeated_block_is_a_ring_of_at_most_64_words_on_its_own_boundary(length: int, off: int, ring: bool) -> None:
    assert RING_WORDS == 64
    stroke = Stroke()
    stroke.first = 16  # its places count from here
    drive.compile(stroke, DRY.settings(), GUN)
    at = stroke.length + (-(stroke.length - stroke.first) % 384) + off
    a_rest_of(stroke, length, 4, at)
    shot = replace(DRY, period_us=stroke.list_us)
    if ring:
        passed(stroke, shot)
    else:
        assert refused(stroke, shot) == "a repeated block is no ring"


def test_a_block_that_is_played_once_need_not_be_a_ring() -> None:
    stroke = compiled(DRY)
    a_rest_of(stroke, 100, 1, stroke.length + 1)
    passed(stroke, replace(DRY, period_us=stroke.list_us))


# ---- which drive ----


def test_a_drive_of_air_is_known_by_the_description_and_a_depth() -> None:
    """Read as a motor's, the valves of an air stroke are pulses that never end; read as valves, a motor's are far too short."""
    assert "cut or repeated" in refused(drive_by_air(DRY), DRY)
    assert "valves are open" in refused(compiled(DRY), DRY, air_gun())


def drive_by_air(shot: Shot) -> Stroke:
    stroke, gun = Stroke(), air_gun()
    drive.compile(stroke, shot.settings(gun), gun)
    return stroke
