"""What is seen first in every tick: each limit at its number, one on either side, and each alone.

Numbers stand here as DOMAIN 5 and the field say them, not as limits.py does: a limit that is changed by accident is noticed.
"""

import pytest
from rigs.guards import NOW_MS, Cells, armed, hold, well
from rigs.strokes import Shot

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import lay_vitals
from mesogun_fw.guard.lookout import ANOTHER, DISAGREE, PRESSED_STOP, look_around
from mesogun_fw.talk import reasons
from mesogun_sim.desk import described_with


def by_air() -> Cells:
    c = armed()
    lay_vitals(c, described_with("pneumatic"))
    c[inputs.SUPPLY_MV], c[inputs.PRESSURE_KPA] = 5_000, 400
    c[inputs.STOP_UM] = c[cells.STOP_WANTED_UM] = 2_000
    return c


def seen(c: Cells, now_ms: int = NOW_MS) -> int:
    answer: int = look_around(c, now_ms)
    return answer


# ---- whether the gun is well ----


@pytest.mark.parametrize(
    ("cell", "good", "bad", "reason"),
    [
        (inputs.LATE_US, 2_000, 2_001, reasons.GUARD_LATE),
        (cells.LOOP_MS, NOW_MS - 300, NOW_MS - 301, reasons.LOOP_DEAD),
        (cells.BEAT_MS, NOW_MS - 500, NOW_MS - 501, reasons.LINK_SILENT),
        (inputs.SYRINGE, 1, 0, reasons.SYRINGE_OUT),
        (inputs.SUPPLY_MV, 20_000, 19_999, reasons.SUPPLY_LOW),
        (inputs.TEMPERATURE_C, 70, 71, reasons.TOO_HOT),
    ],
)
def test_each_limit_of_a_motor_gun_holds_to_the_last_unit_and_alone(cell: int, good: int, bad: int, reason: int) -> None:
    c = armed()
    c[cell] = good
    assert seen(c) == 0
    c[cell] = bad
    assert seen(c) == reason


@pytest.mark.parametrize(
    ("cell", "good", "bad", "reason"),
    [
        (inputs.SUPPLY_MV, 4_500, 4_499, reasons.SUPPLY_LOW),
        (inputs.TEMPERATURE_C, 70, 71, reasons.TOO_HOT),
        (inputs.PRESSURE_KPA, 300, 299, reasons.PRESSURE_WRONG),
        (inputs.PRESSURE_KPA, 600, 601, reasons.PRESSURE_WRONG),
        (inputs.STOP_UM, 2_050, 2_051, reasons.STOP_ASTRAY),
        (inputs.STOP_UM, 1_950, 1_949, reasons.STOP_ASTRAY),
    ],
)
def test_each_limit_of_a_gun_driven_by_air_holds_to_the_last_unit_and_alone(cell: int, good: int, bad: int, reason: int) -> None:
    c = by_air()
    c[cell] = good
    assert seen(c) == 0
    c[cell] = bad
    assert seen(c) == reason


def test_a_motor_gun_has_no_air_and_no_depth_stop_to_look_at() -> None:
    c = armed()
    c[inputs.PRESSURE_KPA], c[inputs.STOP_UM], c[cells.STOP_WANTED_UM] = 0, 9_000, 2_000
    assert seen(c) == 0


def test_dry_needling_and_homing_need_no_syringe() -> None:
    for c in (armed(Shot(dose_nl=0)), well()):
        c[inputs.SYRINGE] = 0
        assert seen(c) == 0


@pytest.mark.parametrize(("drive", "supply_min_mv", "air"), [("stepper", 20_000, 0), ("pneumatic", 4_500, 1)])
def test_what_a_gun_lives_on_is_by_its_drive(drive: str, supply_min_mv: int, air: int) -> None:
    c = cells.fresh()
    lay_vitals(c, described_with(drive))
    assert (c[cells.SUPPLY_MIN_MV], c[cells.AIR]) == (supply_min_mv, air)


def test_what_is_wrong_comes_beside_what_the_hand_does_and_hides_none_of_it() -> None:
    c = hold(armed())
    c[inputs.TRIGGER_B], c[cells.HELD] = 0, 0
    c[cells.DIFFER_MS] = NOW_MS - 200
    c[inputs.ESTOP_OPEN] = c[inputs.LISTS_PLAYED] = 1
    c[inputs.TEMPERATURE_C] = 90
    assert seen(c) == reasons.TOO_HOT | DISAGREE | PRESSED_STOP | ANOTHER


@pytest.mark.parametrize(("cell", "bit"), [(inputs.ESTOP_OPEN, PRESSED_STOP), (inputs.LISTS_PLAYED, ANOTHER)])
def test_an_open_emergency_stop_and_another_list_are_told_apart(cell: int, bit: int) -> None:
    c = armed()
    c[cell] = 1
    assert seen(c) == bit


# ---- where the needle is ----


def look(c: Cells, needle_um: int, since_us: int) -> int:
    """The speed found at a look at the needle, `since_us` after the last one."""
    c[inputs.NEEDLE_UM], c[inputs.SINCE_US] = needle_um, since_us
    look_around(c, NOW_MS)
    return c[cells.SPEED]


def test_speed_is_the_way_of_the_last_two_looks_by_the_microseconds_between_them() -> None:
    c = well()
    assert look(c, 0, 0) == 0
    assert look(c, 100, 1_000) == 100
    assert look(c, 300, 1_000) == 150
    assert look(c, 600, 500) == 500 * 1_000 // 1_500
    assert look(c, 600, 1_000) == 300 * 1_000 // 1_500
    assert look(c, 600, 1_000) == 0
    assert c[cells.NEEDLE] - cells.SHIFT == 600


def test_a_needle_on_its_way_back_has_no_speed_outwards() -> None:
    c = well()
    for um in (2_000, 2_000, 1_800, 1_500):
        look(c, um, 1_000)
    assert c[cells.SPEED] == 0


def test_an_encoder_that_goes_mad_is_as_fast_as_can_be_told_and_no_number_grows_too_large() -> None:
    c = well()
    look(c, 0, 1_000)
    assert look(c, 1 << 27, 1_000) == (1 << 20) * 1_000 // 2_000


def test_a_needle_is_known_on_either_side_of_where_it_was_at_power_on() -> None:
    c = well()
    look(c, -700, 1_000)
    assert c[cells.NEEDLE] == cells.SHIFT - 700


# ---- what the hand does ----


def contacts(c: Cells, trigger: str, skin: str, now_ms: int) -> int:
    c[inputs.TRIGGER_A], c[inputs.TRIGGER_B] = int("a" in trigger), int("b" in trigger)
    c[inputs.CONTACT_A], c[inputs.CONTACT_B] = int("a" in skin), int("b" in skin)
    c[cells.LOOP_MS] = c[cells.BEAT_MS] = now_ms
    return seen(c, now_ms)


@pytest.mark.parametrize(("skin", "contact", "lifted"), [("", 0, 1), ("a", 0, 0), ("b", 0, 0), ("ab", 1, 0)])
def test_on_the_skin_is_both_contacts_closed_and_lifted_is_both_open(skin: str, contact: int, lifted: int) -> None:
    c = well()
    contacts(c, "", skin, NOW_MS)
    assert (c[cells.CONTACT], c[cells.LIFTED]) == (contact, lifted)


@pytest.mark.parametrize(("open_ms", "fresh"), [(199, 0), (200, 1)])
def test_a_trigger_let_go_of_is_fresh_again_after_200_ms(open_ms: int, fresh: int) -> None:
    c = hold(armed())
    c[cells.FRESH] = c[cells.CONTACT_MS] = 0
    for ms in range(open_ms + 1):
        contacts(c, "", "ab", NOW_MS + ms)
    assert c[cells.FRESH] == fresh
    assert c[cells.RELEASED_AT_MS] == NOW_MS


@pytest.mark.parametrize(("open_", "again"), [("a", "b"), ("b", "a")])
def test_either_contact_that_opens_is_a_release_and_the_time_goes_by_the_first(open_: str, again: str) -> None:
    c = hold(armed())
    contacts(c, again, "ab", NOW_MS)
    assert (c[cells.HELD], c[cells.RELEASED_AT_MS]) == (0, NOW_MS)
    contacts(c, "", "ab", NOW_MS + 50)
    assert c[cells.RELEASED_AT_MS] == NOW_MS


@pytest.mark.parametrize(("stood_ms", "fresh"), [(99, 0), (100, 1)])
def test_a_press_counts_on_a_gun_that_has_stood_for_100_ms(stood_ms: int, fresh: int) -> None:
    c = armed()
    c[cells.FRESH] = 1
    contacts(c, "", "ab", NOW_MS)
    contacts(c, "ab", "ab", NOW_MS + stood_ms)
    assert c[cells.FRESH] == fresh


def test_it_has_stood_since_it_was_set_down_last() -> None:
    c = armed()
    for ms, skin in ((0, "ab"), (200, "a"), (201, "ab"), (300, "ab")):
        contacts(c, "", skin, NOW_MS + ms)
    c[cells.FRESH] = 1
    contacts(c, "ab", "ab", NOW_MS + 300)
    assert (c[cells.CONTACT_MS], c[cells.FRESH]) == (NOW_MS + 201, 0)


def test_a_press_is_as_old_as_the_moment_in_which_both_contacts_closed() -> None:
    c = armed()
    for ms, trigger in ((0, "a"), (5, "ab"), (9, "ab")):
        contacts(c, trigger, "", NOW_MS + ms)
    assert (c[cells.HELD], c[cells.PRESS_MS]) == (1, NOW_MS + 5)


@pytest.mark.parametrize("skin", ["a", "b", "ab"])
def test_in_the_air_either_skin_contact_uses_a_press_up(skin: str) -> None:
    for touching, fresh in (("", 1), (skin, 0)):
        c = armed(move=cells.GAUGE)
        c[cells.FRESH] = 1
        contacts(c, "ab", touching, NOW_MS)
        assert c[cells.FRESH] == fresh


@pytest.mark.parametrize("agree", ["", "ab"])
def test_contacts_have_differed_since_they_agreed_last(agree: str) -> None:
    c = armed()
    answers = [contacts(c, "a", "", NOW_MS + ms) for ms in range(101)]
    answers.append(contacts(c, agree, "", NOW_MS + 101))
    answers += [contacts(c, "b", "", NOW_MS + 102 + ms) for ms in range(101)]
    assert answers == [0] * len(answers)
    assert contacts(c, "b", "", NOW_MS + 203) == DISAGREE
