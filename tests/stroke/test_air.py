"""A shot by air, from its words alone: when which valve is open, where the dose lies between them, and the way home."""

from dataclasses import replace
from math import floor

import pytest
from rigs.airstrokes import AIR, VALVE_BACK, VALVE_OUT, Open, air_gun, opened, thrown, valves_of
from rigs.strokes import Shot, exact_steps, play, played, words_of

from mesogun_fw.stroke import pneumatic
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.language import BACK_UP, ENTRIES, LEAD_US, TIME_SHIFT, Stroke
from mesogun_fw.stroke.pneumatic import SETTLE_US, STOP_DIR, STOP_SETTLE_US, STOP_STEP, compile_stop
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE

SHOT = Shot(depth_um=4_000, dose_nl=10_050, flow_nl_s=500_000, dwell_us=6_000, period_us=300_000)
DRY = replace(SHOT, dose_nl=0)
FLOWING = replace(SHOT, mode=CONSTANT_FLOW, dose_nl=20_000, flow_nl_s=200_000, period_us=BODY_US)


@pytest.mark.parametrize("shot", [SHOT, DRY, replace(SHOT, dwell_us=0)], ids=["a dose", "dry", "no dwell"])
def test_air_throws_the_needle_holds_it_for_dose_and_dwell_and_brings_it_back(shot: Shot) -> None:
    stroke = thrown(shot)
    dose_us = stroke.figures.dose.us
    held_us = AIR.valve_out_us + dose_us + shot.dwell_us
    home_us = held_us + AIR.valve_back_us
    for variant in (0, 1):
        assert opened(stroke, variant) == [
            Open(VALVE_OUT, 0, held_us),
            Open(VALVE_BACK, held_us, home_us),
            Open(0, home_us, shot.period_us),
        ]


def test_the_dose_goes_in_when_the_air_has_had_its_time_and_is_over_before_the_dwell() -> None:
    stroke = thrown(SHOT)
    for variant in (0, 1):
        steps_us = played(stroke, variant).plunger_us
        assert len(steps_us) == floor(exact_steps(SHOT)) + variant
        assert steps_us[0] > AIR.valve_out_us
        assert steps_us[-1] < opened(stroke)[0].until_us - SHOT.dwell_us


def test_what_the_figures_of_an_air_shot_say_is_when_it_happens() -> None:
    f = pneumatic.Figures(SHOT.settings(AIR), AIR)
    out, back, rest = opened(thrown(SHOT))
    assert (f.out_us, f.back_us) == (AIR.valve_out_us, AIR.valve_back_us)
    assert f.dose_end_us == f.out_us + f.dose.us
    assert f.back_start_us == out.until_us == f.dose_end_us + SHOT.dwell_us
    assert f.back_end_us == back.until_us == rest.from_us
    assert f.shortest_us == f.back_end_us + SETTLE_US + LEAD_US


def test_an_air_shot_one_microsecond_too_short_is_not_made() -> None:
    shortest_us = pneumatic.Figures(SHOT.settings(AIR), AIR).shortest_us
    with pytest.raises(ValueError, match="period"):
        thrown(replace(SHOT, period_us=shortest_us - 1))
    stroke = thrown(replace(SHOT, period_us=shortest_us))
    rest = opened(stroke)[-1]
    assert rest.until_us - rest.from_us == SETTLE_US + LEAD_US, "the valves are shut for a while before the next throw"
    assert (stroke.leave, stroke.entry) == (ENTRIES, 0)
    assert (stroke.entry_us, stroke.leave_us, stroke.list_us) == (0, shortest_us, shortest_us)


def test_air_cannot_draw_the_needle_slowly() -> None:
    with pytest.raises(ValueError, match="mode"):
        thrown(replace(SHOT, mode=RETROGRADE, period_us=1_000_000))


def test_constant_flow_by_air_is_out_a_body_that_is_left_and_entered_with_the_valve_open_and_back() -> None:
    stroke = thrown(FLOWING)
    body_us = AIR.valve_out_us + BODY_US
    held_us = body_us + FLOWING.dwell_us
    assert (stroke.entry_us, stroke.leave_us) == (AIR.valve_out_us, body_us)
    assert opened(stroke)[0] == Open(VALVE_OUT, 0, held_us)
    assert opened(stroke)[1] == Open(VALVE_BACK, held_us, held_us + AIR.valve_back_us)
    assert stroke.list_us == played(stroke).duration_us == held_us + AIR.valve_back_us + SETTLE_US
    for variant in (0, 1):
        body = words_of(stroke.words, stroke.lists[variant][3 * stroke.entry : 3 * stroke.leave])
        assert valves_of(body) == [Open(VALVE_OUT, 0, BODY_US)]
        assert len(play(body).plunger_us) == len(played(stroke, variant).plunger_us) == floor(exact_steps(FLOWING)) + variant


@pytest.mark.parametrize("shot", [SHOT, DRY, FLOWING], ids=["a dose", "dry", "constant flow"])
def test_from_every_word_of_an_air_shot_the_other_valve_brings_the_needle_home_unless_it_is_on_its_way(shot: Shot) -> None:
    stroke = thrown(shot)
    for variant in (0, 1):
        words = words_of(stroke.words, stroke.lists[variant])
        until_back = len(words_of(stroke.words, stroke.lists[variant][: 3 * BACK_UP]))
        for count in range(len(words) + 1):
            entries = stroke.way_back(stroke, count, variant)
            if count > until_back:
                assert entries == 0, "its own way home is finished"
                continue
            away = words_of(stroke.words, stroke.away[: 3 * entries])
            assert valves_of(away) == [
                Open(VALVE_BACK, 0, AIR.valve_back_us),
                Open(0, AIR.valve_back_us, AIR.valve_back_us + SETTLE_US),
            ]
            assert len(play(away).plunger_us) == 0


def test_air_shots_can_be_compiled_again_and_again_in_the_same_memory() -> None:
    """Nothing of what stood there is played, left for or entered, a depth stop's way included."""
    stroke, stop = Stroke(), Stroke()
    compile_stop(stop, 2_000, 6_000, AIR)
    for shot in (FLOWING, SHOT, None, DRY, FLOWING, None, SHOT):
        if shot:
            pneumatic.compile(stroke, shot.settings(AIR), AIR)
        else:
            compile_stop(stroke, 2_000, 6_000, AIR)
        fresh = thrown(shot) if shot else stop
        for name in ("leave", "entry", "leave_us", "list_us", "length", "lists", "away", "turns"):
            assert getattr(stroke, name) == getattr(fresh, name), name
        assert stroke.words[: stroke.length] == fresh.words[: fresh.length]


# ---- the depth stop ----


def stop_words(from_um: int, to_um: int, gun_nm: int = 5_000, um_s: int = 5_000) -> tuple[Stroke, int, list[tuple[int, int]]]:
    """(the stroke, where it says that the stop will stand, every word of it)."""
    gun = air_gun(stop_nm_per_step=gun_nm, stop_um_s=um_s)
    stroke = Stroke()
    stands_um = compile_stop(stroke, from_um, to_um, gun)
    words = words_of(stroke.words, stroke.lists[0]).tolist()
    assert stroke.lists[0] == stroke.lists[1]
    return stroke, stands_um, [(word & 63, word >> TIME_SHIFT) for word in words]


@pytest.mark.parametrize(("from_um", "to_um", "way"), [(2_000, 6_000, 0), (6_000, 2_000, STOP_DIR)], ids=["deeper", "shallower"])
def test_the_depth_stop_goes_its_way_by_steps_of_its_own_and_says_where_it_stands(from_um: int, to_um: int, way: int) -> None:
    stroke, stands_um, words = stop_words(from_um, to_um)
    pulses = [pins for pins, _ in words if pins & STOP_STEP]
    assert stands_um == to_um
    assert pulses == [STOP_STEP | way] * (4_000 // 5)
    assert {pins & ~STOP_STEP for pins, _ in words[:-1]} == {way}, "nothing but the stop, and its direction stands all along"
    assert words[0] == (way, SETTLE_US), "the valves are shut for a while before it moves"
    assert words[-1] == (0, STOP_SETTLE_US)
    assert sum(us for _, us in words[1:3]) == 1_000, "5 um a millisecond"
    assert stroke.way_back(stroke, len(words) // 2, 0) == 0
    assert (stroke.leave_us, stroke.list_us) == (0, 0), "nothing follows on it"


@pytest.mark.parametrize(
    ("from_um", "to_um", "stands_um"),
    [(1_997, 6_000, 5_997), (6_003, 2_000, 1_998), (9_981, 10_000, 9_996), (2_000, 2_000, 2_000), (2_000, 1_999, 1_995)],
)
def test_a_way_that_is_no_whole_number_of_steps_ends_on_the_shallower_side(from_um: int, to_um: int, stands_um: int) -> None:
    _, said_um, words = stop_words(from_um, to_um)
    steps = sum(-1 if pins & STOP_DIR else 1 for pins, _ in words if pins & STOP_STEP)
    assert said_um == from_um + 5 * steps == stands_um


def test_the_depth_stop_is_never_faster_than_it_can() -> None:
    _, _, words = stop_words(0, 100, um_s=3_333)
    assert words[1][1] + words[2][1] == 1_501, "5 um at 3.333 mm/s, rounded up"
