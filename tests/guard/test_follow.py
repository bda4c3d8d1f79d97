"""A shot in flight is looked at in full at every tick: each thing that ends it, alone, at its last good number and the next."""

import pytest
from rigs.guards import NOW_MS, SHOT, Cells, figures_of, fly, flying, stand
from rigs.strokes import GUN, Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import DEPTH_UM, ENVELOPE_UM, UNPACED
from mesogun_fw.guard.shot import PLAYED_OUT, follow
from mesogun_fw.talk import reasons

F = figures_of()
SETTLED_US = 2_000
AT_DEPTH_US = F.out_us + SETTLED_US
AT_HOME_US = F.back_end_us + SETTLED_US
MOVES = pytest.mark.parametrize("move", [cells.SHOTS, cells.HOME_CHECK, cells.GAUGE])


def seen(c: Cells) -> int:
    answer: int = follow(c)
    return answer


def off_by(c: Cells, um: int) -> Cells:
    """The needle stands so much farther out than it should; its switch is as it should be."""
    switch = c[inputs.HOME]
    stand(c, c[inputs.NEEDLE_UM] + um)
    c[cells.DEEPEST] = max(c[cells.DEEPEST], c[cells.NEEDLE])
    c[inputs.HOME] = switch
    return c


# ---- the hand, and the list ----


@MOVES
def test_a_shot_in_order_is_let_go_on_at_every_millisecond(move: int) -> None:
    shot = Shot(dose_nl=0 if move else SHOT.dose_nl)
    c = flying(0, shot, move=move)
    for us in range(0, F.back_end_us + 8_000, 997):
        assert seen(fly(c, us, shot)) == 0, us
    assert (c[cells.JUDGED], c[cells.DOSED], c[cells.SWITCH_OPEN]) == (1, 1, 1)


@pytest.mark.parametrize("us", [1_000, AT_DEPTH_US, AT_HOME_US])
def test_a_list_that_ran_dry_a_release_and_a_lift_are_seen_at_any_time(us: int) -> None:
    for cell, value, answer in (
        (inputs.PLAYING, 0, PLAYED_OUT),
        (inputs.PLAYING, 2, PLAYED_OUT),
        (cells.HELD, 0, reasons.RELEASED),
        (cells.CONTACT, 0, reasons.LIFTED),
    ):
        c = flying(us)
        c[cell] = value
        assert seen(c) == answer


def test_a_move_is_made_in_the_air_and_either_skin_contact_ends_it() -> None:
    c = flying(1_000, move=cells.GAUGE)
    assert seen(c) == 0
    c[cells.LIFTED] = 0
    assert seen(c) == reasons.LIFTED


@pytest.mark.parametrize(("held_ms", "answer"), [(60_000, 0), (60_001, reasons.HELD_TOO_LONG)])
def test_a_trigger_is_held_for_a_minute_at_most(held_ms: int, answer: int) -> None:
    c = flying(1_000)
    c[cells.TICK_MS] = NOW_MS + held_ms
    assert seen(c) == answer


# ---- where the needle may be ----


@pytest.mark.parametrize(("beyond_um", "overrun"), [(100, False), (101, True)])
def test_a_needle_that_stands_more_than_a_tenth_of_a_millimetre_past_its_depth_is_an_overrun(beyond_um: int, overrun: bool) -> None:
    c = off_by(flying(F.out_us + 1_000), beyond_um)
    assert seen(c) == (reasons.NEEDLE_OVERRUN if overrun else 0)


@pytest.mark.parametrize("phase", [cells.RUN, cells.BACK])
@pytest.mark.parametrize(("um", "overrun"), [(10_020, False), (10_021, True)])
def test_a_needle_that_stands_past_the_cap_is_an_overrun_whatever_it_was_sent_to(phase: int, um: int, overrun: bool) -> None:
    deep = Shot(depth_um=10_000)
    c = flying(figures_of(deep).out_us + 1_000, deep)
    c[cells.PHASE] = phase
    assert seen(stand(c, um)) == (reasons.NEEDLE_OVERRUN if overrun else 0)


@pytest.mark.parametrize("unpaced", [0, 1])
def test_past_the_cap_it_is_one_also_where_the_envelope_is_wrong(unpaced: int) -> None:
    c = flying(F.out_us + 1_000)
    k = c[cells.EXPECTED]
    c[k + ENVELOPE_UM], c[k + UNPACED] = 20_000, unpaced
    c[cells.NEXT_TICK_UM] = 20_000
    assert seen(stand(c, 10_020)) == 0
    assert seen(stand(c, 10_021)) == reasons.NEEDLE_OVERRUN


@pytest.mark.parametrize(("um_ms", "overrun"), [(1_000, False), (1_001, True)])
def test_a_needle_faster_than_any_motor_is_an_overrun_by_that_alone(um_ms: int, overrun: bool) -> None:
    c = flying(F.out_us + 1_000)
    c[c[cells.EXPECTED] + UNPACED] = 1  # where speed tells nothing else
    c[cells.SPEED] = um_ms
    assert seen(c) == (reasons.NEEDLE_OVERRUN if overrun else 0)


def stops_at_um(needle_um: int, um_ms: int) -> int:
    """Where a needle this fast would come to rest when it is braked from the next tick on, by the gun's own figures."""
    return needle_um + um_ms + um_ms * um_ms * 500 // GUN.needle_out_mm_s2


@pytest.mark.parametrize("um_ms", [10, 100, 300])
def test_a_needle_that_would_stop_past_its_envelope_two_ticks_from_now_is_an_overrun(um_ms: int) -> None:
    last_um = SHOT.depth_um + 100 - (stops_at_um(0, um_ms) + um_ms)
    for um, overrun in ((last_um, False), (last_um + 1, True)):
        c = flying(F.out_us + 1_000)
        c[cells.PHASE], c[cells.SPEED] = cells.BACK, um_ms
        assert seen(stand(c, um)) == (reasons.NEEDLE_OVERRUN if overrun else 0), um


@pytest.mark.parametrize("um_ms", [10, 100, 300])
def test_a_needle_that_would_stop_past_the_cap_one_tick_from_now_is_an_overrun(um_ms: int) -> None:
    last_um = 10_040 - stops_at_um(0, um_ms)
    for um, overrun in ((last_um, False), (last_um + 1, True)):
        c = flying(F.out_us + 1_000)
        c[cells.PHASE], c[cells.SPEED] = cells.BACK, um_ms
        c[c[cells.EXPECTED] + ENVELOPE_UM] = c[cells.NOW_UM] = 20_000
        assert seen(stand(c, um)) == (reasons.NEEDLE_OVERRUN if overrun else 0), um


# ---- on its way ----

LONG = Shot(depth_um=6_000, needle_um_s=60_000)
L = figures_of(LONG)
WAYS = {
    "from rest": 0,
    "faster": L.up_us // 2,
    "at its speed": (L.up_us + L.cruise_end_us) // 2,
    "slower": (L.cruise_end_us + L.out_us) // 2,
    "to rest": L.out_us - 1,
    "back from rest": L.back_start_us,
    "back, faster": L.back_start_us + L.back_up_us // 2,
    "back at its speed": L.back_start_us + (L.back_up_us + L.back_cruise_end_us) // 2,
    "back, slower": L.back_start_us + (L.back_cruise_end_us + L.back_us) // 2,
    "back to rest": L.back_end_us - 1,
}


def on_its_way(us: int, move: int = cells.SHOTS) -> Cells:
    c = flying(us, LONG, move=move)
    c[cells.JUDGED] = 1
    c[c[cells.EXPECTED] + ENVELOPE_UM] = 9_000  # its envelope is another test's
    return c


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sign", [1, -1], ids=["ahead", "behind"])
def test_a_needle_more_than_a_quarter_of_a_millimetre_off_its_way_is_astray(way: str, sign: int) -> None:
    near_um = 0 if way.endswith("rest") else 20  # one step and rounding
    assert seen(off_by(on_its_way(WAYS[way]), sign * (250 - near_um))) == 0
    assert seen(off_by(on_its_way(WAYS[way]), sign * (251 + near_um))) == reasons.NEEDLE_ASTRAY


# ---- at depth ----


@pytest.mark.parametrize(
    ("depth_um", "within_um"), [(500, 100), (1_000, 100), (2_000, 100), (4_000, 200), (6_000, 300), (10_000, 500)]
)
@pytest.mark.parametrize("sign", [1, -1], ids=["deep", "shallow"])
def test_a_depth_is_wrong_by_a_tenth_of_a_millimetre_or_5_percent_whichever_is_more(
    depth_um: int, within_um: int, sign: int
) -> None:
    shot = Shot(depth_um=depth_um)
    for off_um, answer in ((within_um, 0), (within_um + 1, reasons.DEPTH_WRONG)):
        c = flying(figures_of(shot).out_us + SETTLED_US, shot)
        c[c[cells.EXPECTED] + ENVELOPE_UM] = c[cells.NEXT_TICK_UM] = c[cells.NOW_UM] = 20_000  # too deep is an overrun before that
        assert seen(off_by(c, sign * off_um)) == answer, off_um


def test_a_depth_is_measured_from_home_and_not_from_where_the_encoder_has_its_zero() -> None:
    c = flying(AT_DEPTH_US)
    c[cells.ZERO] += 700
    assert seen(off_by(c, 700)) == 0
    c = flying(AT_DEPTH_US)
    c[cells.ZERO] += 700
    assert seen(c) == reasons.DEPTH_WRONG


@MOVES
def test_the_depth_of_a_move_is_judged_as_that_of_a_shot(move: int) -> None:
    assert seen(off_by(flying(AT_DEPTH_US, Shot(dose_nl=0), move=move), -101)) == reasons.DEPTH_WRONG


@MOVES
def test_so_is_its_way(move: int) -> None:
    assert seen(off_by(on_its_way(WAYS["at its speed"], move), -300)) == reasons.NEEDLE_ASTRAY


def test_the_depth_is_judged_2_ms_after_it_was_reached_and_kept() -> None:
    c = off_by(flying(AT_DEPTH_US - 1), -300)
    assert (seen(c), c[cells.JUDGED]) == (0, 0)
    c = flying(AT_DEPTH_US)
    c[cells.DEEPEST] += 40
    assert (seen(c), c[cells.JUDGED]) == (0, 1)
    assert c[cells.DEEPEST] == cells.SHIFT + SHOT.depth_um, "where the dose goes, and not how far it swung"
    off_by(c, 50)
    c[cells.DEEPEST] = cells.SHIFT + SHOT.depth_um
    assert (seen(c), c[cells.DEEPEST]) == (0, cells.SHIFT + SHOT.depth_um), "what is judged is not deepened by noise"


def test_a_needle_that_leaves_its_depth_after_it_was_judged_is_wrong_too() -> None:
    c = flying(AT_DEPTH_US)
    seen(c)
    assert seen(off_by(c, -101)) == reasons.DEPTH_WRONG


def test_a_shot_without_a_look_at_depth_is_judged_on_its_way_back_by_the_deepest_that_was_seen() -> None:
    """So it is without a rest at depth, and with a drive whose needle is thrown."""
    for seen_um, answer in ((SHOT.depth_um - 100, 0), (SHOT.depth_um - 101, reasons.DEPTH_WRONG)):
        c = flying(F.back_start_us + F.back_up_us)
        c[cells.DEEPEST] = cells.SHIFT + seen_um
        assert seen(c) == answer
        assert c[cells.JUDGED] == 1


def test_the_deepest_is_what_was_seen_deepest_until_it_is_judged_and_on_the_way_back_of_a_stop() -> None:
    c = flying(F.out_us + 500)
    c[cells.DEEPEST] = cells.SHIFT
    seen(off_by(c, 20))
    assert c[cells.DEEPEST] == cells.SHIFT + SHOT.depth_um + 20
    seen(stand(c, SHOT.depth_um - 20))
    assert c[cells.DEEPEST] == cells.SHIFT + SHOT.depth_um + 20, "and not what was seen last"
    c[cells.JUDGED], c[cells.PHASE] = 1, cells.BACK
    seen(stand(c, SHOT.depth_um + 30))
    assert c[cells.DEEPEST] == cells.SHIFT + SHOT.depth_um + 30


@pytest.mark.parametrize("needle_um", [150, 151])
def test_a_home_switch_that_is_closed_out_there_is_broken(needle_um: int) -> None:
    """At the shallowest depth too: out there begins 0.15 mm from home."""
    shot = Shot(depth_um=200)
    c = stand(flying(figures_of(shot).out_us + SETTLED_US, shot), needle_um)
    c[inputs.HOME] = 1
    assert seen(c) == (0 if needle_um == 150 else reasons.HOME_SWITCH)
    assert c[cells.SWITCH_OPEN] == 0


def test_a_home_switch_that_opens_was_seen_open() -> None:
    c = flying(AT_DEPTH_US)
    assert (seen(c), c[cells.SWITCH_OPEN]) == (0, 1)


# ---- home again ----


@pytest.mark.parametrize("sign", [1, -1])
def test_after_its_way_back_the_needle_is_home_within_60_um(sign: int) -> None:
    for um, switch, answer in ((60, 1, 0), (61, 1, reasons.NOT_HOME), (60, 0, reasons.NOT_HOME)):
        c = stand(flying(AT_HOME_US), sign * um)
        c[inputs.HOME] = switch
        assert seen(c) == answer, (um, switch)


def test_it_has_2_ms_to_settle_there() -> None:
    c = stand(flying(AT_HOME_US - 1), 90)
    assert seen(c) == 0


def test_a_shot_is_held_against_the_stroke_in_use() -> None:
    c = flying(AT_DEPTH_US)
    c[cells.EXPECTED] = cells.EXPECTED_AT + cells.EXPECTED_SIZE
    c[c[cells.EXPECTED] + DEPTH_UM] = 1_000
    assert seen(c) == reasons.DEPTH_WRONG
