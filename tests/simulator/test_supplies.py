"""What the gun lives on: syringe, supply, temperature, air and depth stop; before the first press and between two.

In the middle of a shot: test_endings_drives.
"""

import pytest
from rigs.guns import ENCODER_STEP_UM, SETUPS, Gun, armed, shooting
from rigs.rig import a_pass

from mesogun_fw import limits
from mesogun_fw.guard.cells import PLACE
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.messages import ARMED, FAULTED, IDLE, PAUSE, RUNNING, UNHOMED
from mesogun_sim.costs import LATE_US

AIR = "air, continuous"
FRESH_MS = limits.TRIGGER_RELEASED_MS + 20


def between_presses(name: str) -> Gun:
    """Armed, one press made and let go."""
    gun = shooting(name).again()
    gun.wait(30)
    gun.release()
    gun.until_lamp(ARMED)
    gun.wait(20)
    return gun


def last(gun: Gun) -> tuple[int, int]:
    ended = gun.told("ended")[-1]
    return ended["kind"], ended["reason"]


# ---- the syringe ----


@pytest.mark.parametrize("name", ["motor, continuous", AIR])
def test_a_syringe_taken_out_between_presses_is_a_pause_and_nothing_starts_without_one(name: str) -> None:
    gun = between_presses(name)
    strokes = len(gun.strokes())
    gun.happen("syringe-out")
    gun.wait(20)
    assert (last(gun), gun.board.state) == ((PAUSE, reasons.SYRINGE_MISSING), IDLE)
    gun.ask("arm", 0)
    gun.press(in_ms=FRESH_MS)
    gun.wait(500)
    assert (len(gun.strokes()), gun.board.energised) == (strokes, False)
    gun.board.syringe = 1
    gun.arm()
    gun.shoot()
    assert len(gun.strokes()) == strokes + 1


def test_dry_needling_needs_no_syringe() -> None:
    gun = Gun()
    gun.board.syringe = 0
    gun.ready(a_pass(dose_nl=0))
    gun.shoot(ms=400)
    assert gun.told("shot")[-1]["flags"] == 0


# ---- power, heat, air ----


@pytest.mark.parametrize(
    ("name", "fault", "reason"),
    [
        ("motor, continuous", "supply-low", reasons.SUPPLY_LOW),
        (AIR, "supply-low", reasons.SUPPLY_LOW),
        ("motor, continuous", "too-hot", reasons.TOO_HOT),
        (AIR, "too-hot", reasons.TOO_HOT),
        (AIR, "air-low", reasons.PRESSURE_WRONG),
        (AIR, "stop-slips", reasons.STOP_ASTRAY),
    ],
)
def test_what_fails_between_presses_latches_before_the_next_one_and_again_until_it_is_mended(
    name: str, fault: str, reason: int
) -> None:
    gun = between_presses(name)
    strokes, powered = len(gun.strokes()), len(gun.tape.power)
    gun.happen(fault)
    gun.wait(5)
    assert (gun.board.state, last(gun)[1]) == (FAULTED, reason)
    gun.press(in_ms=FRESH_MS)
    gun.wait(400)
    gun.clear()
    assert gun.board.state in (UNHOMED, FAULTED)  # a supply is part of the self-test
    gun.ask("home")
    gun.press(in_ms=FRESH_MS)
    gun.wait(1_500)
    assert gun.told("ended")[-1]["reason"] in (reason, reasons.SELF_TEST, reasons.STOP_ASTRAY), "it is as bad as before"
    assert len(gun.strokes()) == strokes
    if fault != "stop-slips":
        assert len(gun.tape.power) == powered, "no power for a gun in this condition"


@pytest.mark.parametrize("ms", [3, 15, 40, 70])
def test_a_starving_motor_loses_its_power_in_the_same_tick_and_the_spring_brings_the_needle_home(ms: int) -> None:
    gun = shooting("motor, continuous").again()
    gun.wait(ms)
    assert gun.tip_um > 0
    gun.happen("supply-low")
    gun.wait(2)
    assert not gun.board.energised
    gun.wait(30)
    assert (gun.tip_um, last(gun)[1]) == (0, reasons.SUPPLY_LOW)
    assert gun.tape.plays[-1].timeline is gun.strokes()[-1].timeline, "no way back was played"


@pytest.mark.parametrize("kpa", [299, 601, 0])
def test_air_outside_its_range_starts_nothing(kpa: int) -> None:
    gun = armed(AIR).again()
    gun.board.pressure_kpa = kpa
    gun.press()
    gun.wait(300)
    assert (last(gun)[1], gun.strokes(), gun.board.needle.deepest_um) == (reasons.PRESSURE_WRONG, [], 0)


@pytest.mark.parametrize("kpa", [300, 600])
def test_air_at_the_ends_of_its_range_is_good(kpa: int) -> None:
    gun = armed(AIR).again()
    gun.board.pressure_kpa = kpa
    gun.shoot(ms=300)
    assert gun.board.state == RUNNING


def test_air_too_weak_to_arrive_in_time_is_a_fault_in_the_same_shot_and_no_deeper() -> None:
    gun = armed("air, single").again()
    gun.happen("air-weak")
    gun.shoot(ms=100)
    assert (gun.board.state, last(gun)[1]) == (FAULTED, reasons.DEPTH_WRONG)
    assert gun.tip_um < 100
    assert gun.board.needle.deepest_um <= SETUPS["air, single"].one[4]


# ---- the depth stop ----


def stop_moves(gun: Gun) -> list[tuple[int, int]]:
    """When the stop was on its way: (from, to)."""
    return [(play.start_us, play.until_us) for play in gun.tape.plays if play.timeline.stop_us]


def test_the_stop_moves_once_before_the_first_shot_with_the_needle_home_and_the_press_waits_for_it() -> None:
    gun = armed(AIR).again()
    before = len(stop_moves(gun))
    tips = []
    gun.desk.watch = lambda: tips.append(gun.tip_um) if gun.guard.phase == PLACE else None
    gun.shoot(ms=250)
    gun.desk.watch = None
    (way,) = stop_moves(gun)[before:]
    assert set(tips) == {0}
    assert len(tips) >= (6_000 - 2_000) // 5 - 2, "5 mm/s"
    assert way[1] <= gun.strokes()[0].start_us <= way[1] + 2 * (limits.TICK_US + LATE_US)
    assert abs(gun.board.axis.depth_stop_um() - 6_000) <= ENCODER_STEP_UM
    gun.release()
    gun.until_lamp(ARMED)
    gun.shoot(ms=50)
    assert len(stop_moves(gun)) == before + 1, "it stands"
    gun.release()
    gun.until_lamp(ARMED)
    gun.ask("disarm")
    gun.load(a_pass(depth_um=3_000))
    gun.arm()
    assert stop_moves(gun)[before + 1 :] == [], "nothing moves without a press"
    gun.shoot(ms=100)
    assert abs(gun.board.axis.depth_stop_um() - 3_000) <= ENCODER_STEP_UM
    assert gun.told("shot")[-1]["measured_depth_um"] <= 6_002


def test_no_other_depth_while_the_stop_stands_for_the_armed_one() -> None:
    gun = shooting(AIR).again()
    name, fields = gun.ask("adjust", 3_000, *SETUPS[AIR].one[5:])
    assert (name, fields["code"]) == ("refused", refusals.NOT_WHILE_ARMED)
    assert gun.ask("adjust", *SETUPS["air, single"].one[4:])[0] == "armed"


@pytest.mark.parametrize("leave", [{"trigger_b": 0}, {"contact_a": 0}])
def test_a_hand_that_leaves_while_the_stop_moves_pauses_whenever_it_is(leave: dict[str, int]) -> None:
    start = armed(AIR).again()
    start.press()
    start.wait(limits.TRIGGER_DEBOUNCE_MS)
    while start.guard.phase != PLACE:
        start.wait(1)
    for _ in range(60):
        gun = start.again()
        gun.set(**leave)
        gun.wait(30)
        assert (last(gun), gun.board.state) == ((PAUSE, reasons.DEPTH_NOT_SET), IDLE)
        assert (gun.strokes(), gun.board.energised, gun.board.needle.deepest_um) == ([], False, 0)
        start.wait(20)
        if start.guard.phase != PLACE:
            break
    else:
        raise AssertionError("it never arrived")
    gun.set(trigger_a=0, trigger_b=0)
    gun.arm()
    gun.shoot(ms=200)
    assert abs(gun.told("shot")[-1]["measured_depth_um"] - 6_000) <= ENCODER_STEP_UM


@pytest.mark.parametrize("estop", [True, False])
def test_a_stop_that_does_not_arrive_is_found_before_the_needle_moves(estop: bool) -> None:
    gun = armed(AIR).again()
    gun.press()
    gun.wait(200)
    gun.happen("estop" if estop else "stop-slips")
    gun.wait(1_500)
    assert last(gun)[1] == (reasons.ESTOP_PRESSED if estop else reasons.STOP_ASTRAY)
    assert (gun.strokes(), gun.board.needle.deepest_um, gun.board.energised) == ([], 0, False)


def test_a_needle_that_is_not_home_while_the_stop_moves_ends_its_way() -> None:
    gun = armed(AIR).again()
    gun.press()
    gun.wait(200)
    assert gun.guard.phase == PLACE
    gun.happen("home-open")
    gun.wait(1_500)
    assert last(gun)[1] == reasons.NOT_HOME
    assert gun.board.axis.depth_stop_um() < 4_000, "it went on"
    assert (gun.strokes(), gun.board.energised) == ([], False)
