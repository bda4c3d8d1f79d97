"""Incidents that were published of other pumps and injectors (DOMAIN 5) happen here, to a whole gun, and harm nobody.

Those that are tried elsewhere stand in docs/alarms.toml, with the names of their tests.
"""

from collections.abc import Callable

import pytest
from rigs.guns import SETUPS, Gun, armed, shooting
from rigs.marks import mostly_slow
from rigs.rig import a_pass

from mesogun.refusal import Refused
from mesogun.visit.begin import filled_nl_of
from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, kind_of
from mesogun_fw.talk.messages import ARMED, FAULT, FAULTED, SINGLE, STOPPED

MOTOR = "motor, continuous"


def started(gun: Gun) -> int:
    """How often its needle or plunger was set going."""
    return len(gun.strokes()) + len(gun.tape.power)


# ---- key bounce: 4.8 became 44.8 ml/h ----


def test_key_bounce_a_trigger_that_bounces_at_both_ends_of_a_press_makes_the_one_shot_of_it() -> None:
    gun = Gun().ready(a_pass(mode=SINGLE, shots=9))
    for at_ms in (1, 700):
        closed = int(at_ms == 1)
        for bounce in range(6):
            gun.set(in_ms=at_ms + 4 * bounce, trigger_a=closed, trigger_b=closed)
            gun.set(in_ms=at_ms + 4 * bounce + 2, trigger_a=1 - closed, trigger_b=1 - closed)
        gun.set(in_ms=at_ms + 24, trigger_a=closed, trigger_b=closed)
    gun.wait(2_500)
    assert [kind_of(shot["flags"]) for shot in gun.told("shot")] == [0]
    assert gun.board.state == ARMED


def test_key_bounce_a_volume_with_a_digit_typed_twice_is_more_than_any_syringe_holds() -> None:
    assert filled_nl_of("4.8") == 4_800_000
    with pytest.raises(Refused):
        filled_nl_of("44.8")


# ---- spurious inputs from ESD ----

# What is seen wrongly for a millisecond, and what of it may end something where it is armed, and where it shoots: the switches
# of a hand end no more than a hold; what could mean that a motor has lost its way or its supply is believed at once.
SPIKES: dict[str, tuple[dict[str, int], set[int], set[int]]] = {
    "trigger a": ({"trigger_a": -1}, set(), {reasons.RELEASED}),
    "trigger b": ({"trigger_b": -1}, set(), {reasons.RELEASED}),
    "both of the trigger": ({"trigger_a": -1, "trigger_b": -1}, set(), {reasons.RELEASED}),
    "contact a": ({"contact_a": -1}, set(), {reasons.LIFTED}),
    "contact b": ({"contact_b": -1}, set(), {reasons.LIFTED}),
    "both of the skin": ({"contact_a": -1, "contact_b": -1}, set(), {reasons.LIFTED}),
    "clear": ({"clear": -1}, set(), set()),
    "syringe": ({"syringe": -1}, {reasons.SYRINGE_MISSING}, {reasons.SYRINGE_OUT}),
    "home": ({"home_stuck": 0}, {reasons.NOT_HOME}, {reasons.NOT_HOME}),
    "e-stop": ({"estop": -1}, {reasons.ESTOP_PRESSED}, {reasons.ESTOP_PRESSED}),
    "supply": ({"supply_mv": 0}, {reasons.SUPPLY_LOW}, {reasons.SUPPLY_LOW}),
    "temperature": ({"temperature_c": 200}, {reasons.TOO_HOT}, {reasons.TOO_HOT}),
}


def spiked(gun: Gun, spike: str, for_ms: int = 1) -> set[int]:
    """The reasons of what ended when these inputs are the other way round, or as told, for so long."""
    well = {field: getattr(gun.board, field) for field in SPIKES[spike][0]}
    wrong = {field: 1 - well[field] if value < 0 else value for field, value in SPIKES[spike][0].items()}
    ended = len(gun.told("ended"))
    gun.set(**wrong)
    gun.set(in_ms=1 + for_ms, **well)
    gun.wait(450)
    return {end["reason"] for end in gun.told("ended")[ended:]}


def switched_on() -> Gun:
    gun = Gun()
    gun.ask("hello", 1)
    gun.wait(300)
    return gun


def homed() -> Gun:
    gun = Gun()
    gun.home()
    gun.wait(300)
    return gun


def in_the_air() -> Gun:
    """Armed, and held above the skin."""
    gun = armed(MOTOR).again()
    gun.set(contact_a=0, contact_b=0)
    gun.wait(300)
    return gun


@pytest.mark.parametrize("spike", mostly_slow(SPIKES, 6))
@pytest.mark.parametrize("gun", [switched_on, homed, in_the_air])
def test_esd_nothing_moves_that_did_not_move_before_a_spike(gun: Callable[[], Gun], spike: str) -> None:
    before = gun()
    told = started(before)
    spiked(before, spike)
    assert started(before) == told


@pytest.mark.parametrize("spike", SPIKES)
def test_esd_a_spike_while_armed_makes_no_shot_and_latches_only_what_may_be_an_axis_or_its_supply(spike: str) -> None:
    gun = armed(MOTOR).again()
    told = started(gun)
    assert spiked(gun, spike) == SPIKES[spike][1]
    assert started(gun) == told


@pytest.mark.parametrize("spike", ["both of the trigger", "trigger a"])
def test_esd_a_burst_shorter_than_a_press_is_none(spike: str) -> None:
    gun = armed(MOTOR).again()
    assert spiked(gun, spike, limits.TRIGGER_DEBOUNCE_MS) == set()
    assert gun.told("shot") == []


@pytest.mark.parametrize("spike", SPIKES)
def test_esd_a_spike_between_shots_ends_no_more_than_it_may_and_what_a_hand_had_ended_goes_on_with_a_press(spike: str) -> None:
    gun = shooting(MOTOR).again()
    gun.wait(70)
    reasons_seen = spiked(gun, spike)
    assert reasons_seen <= SPIKES[spike][2]
    if reasons_seen <= {reasons.RELEASED, reasons.LIFTED, reasons.PASS_DONE}:
        assert gun.board.state not in (FAULTED, STOPPED)
        made = len(gun.told("shot"))
        gun.shoot(ms=200)
        assert len(gun.told("shot")) > made


@pytest.mark.parametrize("for_ms", [1, limits.TRIGGER_DEBOUNCE_MS])
def test_esd_a_spike_on_the_clear_button_clears_nothing(for_ms: int) -> None:
    gun = armed(MOTOR).again()
    gun.set(estop=1)
    gun.set(in_ms=10, estop=0, contact_a=0, contact_b=0)
    gun.wait(50)
    spiked(gun, "clear", for_ms)
    assert gun.board.state == STOPPED
    gun.clear()
    assert gun.board.state != STOPPED, "a press of it does"


def test_esd_a_spike_on_the_syringes_switch_does_not_make_the_gun_forget_what_has_left_it() -> None:
    gun = armed(MOTOR).again()
    gun.shoot(ms=300)
    gun.release()
    gun.wait(200)
    used_nl = gun.ask("watch")[1]["used_nl"]
    assert used_nl > 0
    for in_ms in range(200, 1_200, 200):
        gun.set(in_ms=in_ms, syringe=0)
        gun.set(in_ms=in_ms + 60, syringe=1)  # for as long as the loop looks away
    gun.wait(1_500)
    assert gun.ask("watch")[1]["used_nl"] == used_nl
    gun.board.syringe = 0
    gun.wait(500)
    assert gun.ask("watch")[1]["used_nl"] == 0, "a person has changed it"


# ---- the wrong syringe, and one that was not latched ----


@pytest.mark.parametrize("name", mostly_slow([name for name in SETUPS if "single" in name]))
def test_wrong_syringe_one_that_is_empty_before_the_gun_thinks_so_is_found_in_the_shot_that_it_does_not_give(name: str) -> None:
    gun = armed(name).again()
    gun.shoot(ms=300)
    gun.happen("plunger-stall")  # it has come to its bottom
    gun.release()
    gun.wait(300)
    gun.shoot(ms=300)
    assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.DOSE_WRONG)
    assert [bool(shot["flags"] & DOSE_OFF) for shot in gun.told("shot")] == [False, True]


@pytest.mark.parametrize(("moved_nm", "state"), [(limits.PLUNGER_STILL_NM, ARMED), (limits.PLUNGER_STILL_NM + 500, FAULTED)])
def test_missed_latch_a_plunger_that_flows_by_itself_while_the_gun_is_armed_is_a_fault(moved_nm: int, state: int) -> None:
    gun = armed(MOTOR).again()
    gun.board.plunger.pushed_nm += moved_nm
    gun.wait(2)
    assert gun.board.state == state
    assert gun.strokes() == []
    if state == FAULTED:
        assert (gun.told("ended")[-1]["kind"], gun.told("ended")[-1]["reason"]) == (FAULT, reasons.FREE_FLOW)


def test_missed_latch_drug_that_flows_while_the_needle_goes_in_is_a_fault_in_that_shot() -> None:
    gun = shooting("motor, single").again()
    gun.wait(10)
    gun.board.plunger.pushed_nm += limits.PLUNGER_STILL_NM + 500
    gun.wait(200)
    assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.FREE_FLOW)


# ---- plunger stiction at a low dose ----


@pytest.mark.parametrize("dose_nl", [limits.DOSE_MIN_NL, 1_900, 3_000])
def test_stiction_a_plunger_that_sticks_is_found_in_the_first_shot_of_the_smallest_doses_too(dose_nl: int) -> None:
    gun = Gun().ready(a_pass(dose_nl=dose_nl, shots=20))
    gun.happen("plunger-stall")
    gun.shoot(ms=700)
    assert [(shot["measured_dose_nl"], shot["flags"]) for shot in gun.told("shot")] == [(0, DOSE_OFF)]
    assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.DOSE_WRONG)


@pytest.mark.parametrize("dose_nl", [0, limits.DOSE_MIN_NL])
def test_stiction_looking_for_it_stops_no_dry_needle_and_no_smallest_dose_of_the_widest_syringe(dose_nl: int) -> None:
    gun = Gun()
    gun.home()
    gun.load(a_pass(dose_nl=dose_nl, shots=20), bore_um=limits.SYRINGE_BORE_MAX_UM)
    gun.arm()
    gun.shoot(ms=20 * 334)
    assert [shot["flags"] for shot in gun.told("shot")] == [0] * 20
    assert gun.told("ended")[-1]["reason"] == reasons.PASS_DONE
