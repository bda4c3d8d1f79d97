"""Moves that are no shot, as the device asks them of the guard: how far, how fast, how much, and what may not be asked."""

from itertools import pairwise

import pytest
from rigs.atrest import FIRST, FRESH_MS, homed, past_the_wire, press, status
from rigs.guns import Gun
from rigs.rig import BORE_UM, Rig

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.guard import cells
from mesogun_fw.stroke.language import PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.messages import HOMING, IDLE, UNHOMED

STEP_UM = 10  # of the reference gun


def needle_us(rig: Rig) -> tuple[list[int], list[int]]:
    """When the needle was stepped outwards, and when back, in the last move."""
    rises = [(at, inwards) for at, inwards in rig.tape.rises(NEEDLE_STEP) if at >= rig.tape.plays[-1].start_us]
    return [at for at, inwards in rises if not inwards], [at for at, inwards in rises if inwards]


# ---- homing ----


def test_homing_is_half_a_millimetre_slowly_out_and_back_once() -> None:
    rig = Rig()
    rig.home()
    out, back = needle_us(rig)
    assert (len(out), len(back), len(rig.tape.plays)) == (500 // STEP_UM, 500 // STEP_UM, 1)
    assert min(later - sooner for sooner, later in pairwise(out)) >= STEP_UM * 1000 // 20, "20 mm/s"
    assert back[0] - out[-1] >= 50_000
    assert rig.tape.count(PLUNGER_STEP) == 0
    assert rig.device.used_nl == rig.device.waste_nl == 0


def test_homing_may_be_asked_again_while_it_waits_and_begins_nothing_anew() -> None:
    rig = Rig()
    rig.ask("hello", 1)
    assert rig.ask("home")[1]["state"] == HOMING
    rig.press(in_ms=FRESH_MS)
    rig.wait(FRESH_MS + 40)
    assert rig.ask("home")[1]["state"] == HOMING
    rig.until_lamp(IDLE)
    assert len(rig.tape.plays) == 1
    rig.release()
    rig.wait(50)
    assert rig.ask("home")[1]["state"] == HOMING, "homed once it may be asked for another time"


def test_a_homing_that_nobody_makes_leaves_the_needle_unknown_and_a_move_that_nobody_makes_does_not() -> None:
    rig = Rig()
    rig.ask("hello", 1)
    rig.ask("home")
    assert rig.ask("disarm")[1]["state"] == UNHOMED
    rig.home()
    rig.wait(50)
    for move in (("gauge", 2_000), ("prime", 2_000, 100_000, BORE_UM)):
        rig.ask(*move)
        assert rig.ask("disarm")[1]["state"] == IDLE
    rig.ask("home")
    assert rig.ask("disarm")[1]["state"] == UNHOMED, "of a known needle too: it was to be proved anew"


def test_a_home_that_is_asked_for_after_a_move_is_a_homing_again() -> None:
    rig = homed()
    rig.ask("prime", 2_000, 100_000, BORE_UM)
    press(rig)
    used_nl = rig.device.used_nl
    assert used_nl == rig.device.waste_nl > 0
    rig.ask("home")
    press(rig)
    assert rig.board.state == IDLE
    assert len(needle_us(rig)[0]) == 500 // STEP_UM
    assert rig.device.used_nl == used_nl, "what was primed before is not counted again"


# ---- gauging ----


@pytest.mark.parametrize("depth_um", [limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM])
def test_the_gauge_goes_as_far_as_it_was_told_and_no_drug_moves(depth_um: int) -> None:
    rig = homed()
    rig.ask("gauge", depth_um)
    press(rig, 8_000)
    out, back = needle_us(rig)
    assert (len(out), len(back)) == (depth_um // STEP_UM, depth_um // STEP_UM)
    assert min(later - sooner for sooner, later in pairwise(out)) >= STEP_UM * 1000 // 10, "10 mm/s"
    assert back[0] - out[-1] >= 2_000_000, "a person reads a gauge meanwhile"
    assert rig.tape.count(PLUNGER_STEP) == rig.device.used_nl == 0
    assert (rig.board.state, rig.told("ended")[-1]["reason"]) == (IDLE, reasons.PRESS_DONE)


def test_what_the_plungers_encoder_seems_to_move_in_a_gauge_move_is_no_drug() -> None:
    rig = homed()
    rig.ask("gauge", 2_000)
    rig.press(in_ms=FRESH_MS)
    rig.wait(FRESH_MS + 500)
    rig.device.plunger_nm -= 1_000
    rig.wait(3_000)
    assert rig.told("ended")[-1]["reason"] == reasons.PRESS_DONE
    assert rig.device.used_nl == rig.device.waste_nl == 0


@pytest.mark.parametrize("depth_um", [2_050, 201, 9_999])
def test_a_gauge_move_is_whole_tenths_of_a_millimetre(depth_um: int) -> None:
    name, row = homed().ask("gauge", depth_um)
    assert (name, list(row.values())) == (
        "refused",
        [refusals.NOT_A_STEP, 0, depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM],
    )


def test_the_audit_alone_refuses_a_gauge_move_past_the_cap() -> None:
    rig = homed()
    row = past_the_wire(rig, "gauge", limits.DEPTH_CAP_UM + limits.DEPTH_STEP_UM)
    assert row == [refusals.AUDIT_FAILED, -1, 0, 0, 0]
    assert (rig.board.state, rig.device.guard.phase) == (IDLE, cells.OFF)


# ---- priming ----

FASTEST_NL_S = Description().plunger_um_s * 355 * BORE_UM * BORE_UM // 452_000_000


def test_priming_is_no_faster_than_the_plunger_goes() -> None:
    narrow_um = 6_000
    fastest_nl_s = Description().plunger_um_s * 355 * narrow_um * narrow_um // 452_000_000
    rig = homed()
    name, row = rig.ask("prime", 2_000, fastest_nl_s + 1, narrow_um)
    assert (name, list(row.values())) == (
        "refused",
        [refusals.FLOW_TOO_FAST, 1, fastest_nl_s + 1, limits.FLOW_MIN_NL_S, fastest_nl_s],
    )
    assert rig.board.state == IDLE
    assert rig.ask("prime", 2_000, fastest_nl_s, narrow_um)[1]["state"] == HOMING


@pytest.mark.parametrize("volume_nl", [limits.DOSE_MIN_NL, 50_000])
def test_priming_pushes_what_it_was_told_with_the_needle_at_home(volume_nl: int) -> None:
    rig = homed()
    plays = len(rig.tape.plays)
    steps = rig.tape.count(PLUNGER_STEP)
    rig.ask("prime", volume_nl, 100_000, BORE_UM)
    press(rig, 2_000)
    assert len(rig.tape.plays) == plays + 1
    assert rig.tape.count(NEEDLE_STEP) == 2 * (500 // STEP_UM), "those of homing"
    assert (rig.tape.count(PLUNGER_STEP) - steps) * 71.4 == pytest.approx(volume_nl, abs=72)


def test_what_was_primed_is_waste_and_used_and_off_the_budget_each_time_by_the_bore_it_was_primed_with() -> None:
    rig = homed()
    rig.load(FIRST, syringe_nl=1_000_000)
    device = rig.device
    told: list[int] = []
    for bore_um in (BORE_UM, 8_000):
        rig.ask("prime", 20_000, 100_000, bore_um)
        press(rig, 2_000)
        told.append(rig.ask("watch")[1]["waste_nl"])
    assert told == [pytest.approx(20_000, abs=150), pytest.approx(40_000, abs=250)]
    assert device.used_nl == device.waste_nl == told[-1]
    assert device.guard.cells[cells.BUDGET_NL] == 1_000_000 - told[-1]
    assert rig.ask("beat", 0)[1]["left_nl"] == 1_000_000 - told[-1]


def test_what_is_shot_after_priming_is_a_dose_and_no_waste() -> None:
    rig = homed()
    rig.ask("prime", 20_000, 100_000, BORE_UM)
    press(rig, 2_000)
    primed_nl = rig.device.waste_nl
    rig.load(FIRST)
    rig.arm()
    rig.touch()
    press(rig)
    assert len(rig.told("shot")) == 1
    assert (rig.device.waste_nl, rig.device.used_nl) == (primed_nl, primed_nl + FIRST[6])


# ---- any of them ----


@pytest.mark.parametrize("move", [("home",), ("gauge", 2_000), ("prime", 2_000, 100_000, BORE_UM)], ids=lambda move: move[0])
def test_a_move_takes_the_armed_pass_away_and_is_made_once_by_one_press(move: tuple[str, int]) -> None:
    rig = homed()
    rig.load(FIRST)
    rig.arm()
    rig.ask("disarm")
    plays = len(rig.tape.plays)
    assert rig.ask(*move)[0] == "state"
    assert status(rig)["index"] == -1
    press(rig, 6_000)
    press(rig, 1_000)
    assert len(rig.tape.plays) == plays + 1
    assert rig.board.state == IDLE
    assert rig.told("shot") == []
    assert rig.arm()["left"] == 2, "and it can be armed as before"


@pytest.mark.parametrize("move", [("home",), ("gauge", 2_000), ("prime", 2_000, 100_000, BORE_UM)], ids=lambda move: move[0])
def test_a_gun_without_a_description_of_its_own_makes_no_move(move: tuple[str, int]) -> None:
    rig = homed()
    rig.board.described = False
    name, row = rig.ask(*move)
    assert (name, list(row.values())) == ("refused", [refusals.NO_DESCRIPTION, -1, 0, 0, 0])
    assert rig.board.state == IDLE


def test_the_depth_stop_of_a_gauge_move_goes_where_the_needle_shall_stop() -> None:
    gun = Gun("pneumatic")
    gun.home()
    gun.wait(50)
    for depth_um in (3_000, 6_000):
        gun.ask("gauge", depth_um)
        assert gun.guard.cells[cells.STOP_WANTED_UM] == depth_um
        gun.press(in_ms=FRESH_MS)
        gun.wait(FRESH_MS + 3_500)
        gun.release()
        gun.wait(100)
        assert gun.board.axis.depth_stop_um() == pytest.approx(depth_um, abs=20)
        assert gun.told("ended")[-1]["reason"] == reasons.PRESS_DONE
