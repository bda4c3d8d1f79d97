"""What is wrong when a gun is switched on, with itself or with what it is told it is, is found before anybody can be hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.guns import Gun
from rigs.rig import a_pass
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.memory.description import store
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import TESTS
from mesogun_fw.talk.messages import FAULTED, HOLD, IDLE, STATES, STOPPED, UNHOMED
from mesogun_sim.desk import Desk

FRESH_MS = limits.TRIGGER_RELEASED_MS + 20

# ---- a gun that is wrong about itself ----


@examples(25)
@given(st.integers(2, 100), st.integers(20_000, 300_000), st.integers(1_020_000, 1_500_000))
def test_more_travel_a_step_than_described_never_reaches_the_mechanical_stop(tenths: int, speed_um_s: int, scale: int) -> None:
    gun = Gun()
    gun.home()
    gun.load(a_pass(depth_um=100 * tenths, needle_um_s=speed_um_s, period_us=2_000_000))
    gun.arm()
    gun.board.needle.stop_um = 10**9
    gun.board.needle.scale_ppm = scale
    gun.touch()
    gun.press(in_ms=FRESH_MS)
    gun.wait(2_500)
    assert gun.board.needle.deepest_um <= limits.DEPTH_FAULT_UM
    if scale >= 1_200_000 and tenths > 5:
        assert gun.board.state == FAULTED


@pytest.mark.parametrize("body_nm", [5_000, 10_000])
def test_a_description_with_another_travel_a_step_than_the_body_has_does_not_pass_homing(body_nm: int) -> None:
    """Of two kinds of gun, each described as the other."""
    described = Description((15_000 - body_nm, *REFERENCE[1:]))
    desk = Desk(hand=False, skip=False)
    store(desk.board.flash, described)
    body = Description((body_nm, *REFERENCE[1:]))
    gun = Gun(desk=Desk(hand=False, skip=False, description=body, fram=desk.board.fram, flash=desk.board.flash))
    gun.ask("hello", 1)
    assert gun.ask("hardware")[1]["needle_nm_per_step"] == 15_000 - body_nm
    gun.ask("home")
    gun.press(in_ms=FRESH_MS)
    gun.wait(1_000)
    assert gun.board.state == FAULTED
    assert gun.told("ended")[-1]["reason"] in (reasons.NEEDLE_OVERRUN, reasons.NEEDLE_ASTRAY, reasons.DEPTH_WRONG)
    assert gun.board.needle.deepest_um <= 1_000
    assert gun.ask("arm", 0)[0] == "refused"


# ---- the self-test at power-on ----

WRONG = {
    "trigger pressed at start": {"trigger_a": 1, "trigger_b": 1},
    "skin contact closed at start": {"contact_a": 1, "contact_b": 1},
    "e-stop open": {"estop": 1},
    "supply": {"supply_mv": 1_700},
}


@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_gun_switched_on_with_something_wrong_is_locked_until_that_is_gone_and_the_button_pressed(drive: str, wrong: str) -> None:
    gun = Gun(drive)
    well = {field: getattr(gun.board, field) for field in WRONG[wrong]}
    for field, value in WRONG[wrong].items():
        setattr(gun.board, field, value)
    gun.wait(100)
    gun.ask("hello", 1)
    assert gun.ask("beat", 0)[1]["state"] == gun.board.state, STATES[gun.board.state]
    assert gun.board.state in (FAULTED, STOPPED)
    gun.set(clear=1)
    gun.set(in_ms=40, clear=0)
    gun.wait(80)
    assert gun.board.state in (FAULTED, STOPPED), "the cause is still there"
    assert gun.ask("home")[0] == "refused"
    gun.set(**well)
    gun.wait(300)
    assert gun.board.state in (FAULTED, STOPPED), "it does not clear itself"
    gun.clear()
    assert gun.board.state == UNHOMED
    assert gun.ask("selftest")[1]["failed"] == 0
    gun.home()
    assert (gun.board.state, gun.told("shot")) == (IDLE, [])


@pytest.mark.parametrize("part", ["memory", "firmware files", "needle encoder", "plunger encoder", "sounder and lamp"])
def test_a_board_that_finds_itself_failing_stays_locked(part: str) -> None:
    gun = Gun()
    gun.board.failing = 1 << TESTS.index(part)
    gun.wait(100)
    gun.ask("hello", 1)
    for _ in range(3):
        assert (gun.board.state, gun.ask("home")[0]) == (FAULTED, "refused")
        gun.clear()
        gun.wait(50)
    assert gun.told("ended")[-1]["reason"] == reasons.SELF_TEST
    assert gun.tape.power == []
    assert HOLD not in [ended["kind"] for ended in gun.told("ended")]
