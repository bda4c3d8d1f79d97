"""What a measured figure may be off is what the gun itself holds it to; and a gun is used for a move only when it is free."""

import pytest
from rigs.fakegun import FakeGun
from rigs.rig import BORE_UM, Rig, a_pass

from mesogun.gun import moves
from mesogun.gun.client import Gun, State
from mesogun.gun.tolerances import depth_tolerance_um, dose_tolerance_nl, plunger_step_nl, plunger_still_nl
from mesogun.refusal import Refused
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.swept import swept_nl
from mesogun_fw.guard.cells import EXPECTED
from mesogun_fw.guard.expected import DOSE_TOLERANCE_NM
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import (
    ARMED,
    FAULT,
    FAULTED,
    HOLD,
    HOMING,
    IDLE,
    PAUSE,
    RETURNING,
    RUNNING,
    STATES,
    STOPPED,
    UNHOMED,
)


@pytest.mark.parametrize(
    ("depth_um", "off_um"), [(200, 100), (2_000, 100), (2_019, 100), (2_020, 101), (4_000, 200), (10_000, 500)]
)
def test_a_depth_may_be_off_by_a_tenth_of_a_millimetre_or_five_percent(depth_um: int, off_um: int) -> None:
    assert depth_tolerance_um(depth_um) == off_um


@pytest.mark.parametrize(("dose_nl", "off_nl"), [(0, 1_000), (20_000, 1_000), (20_019, 1_000), (20_020, 1_001), (200_000, 10_000)])
def test_a_dose_may_be_off_by_a_microlitre_or_five_percent(dose_nl: int, off_nl: int) -> None:
    assert dose_tolerance_nl(dose_nl) == off_nl


@pytest.mark.parametrize(
    ("dose_nl", "off_nl"), [(0, 1_000), (limits.DOSE_MIN_NL, 500), (1_900, 950), (2_000, 1_000), (20_000, 1_000), (200_000, 10_000)]
)
def test_a_dose_may_be_off_by_a_microlitre_or_five_percent_and_by_half_at_most(dose_nl: int, off_nl: int) -> None:
    """The host holds a gun to the limits to which the gun holds itself."""
    rig = Rig().ready(a_pass(dose_nl=dose_nl, shots=1, period_us=limits.PERIOD_MAX_US))
    cells = rig.device.guard.cells
    assert dose_tolerance_nl(dose_nl) == off_nl
    assert abs(swept_nl(cells[cells[EXPECTED] + DOSE_TOLERANCE_NM], BORE_UM) - off_nl) <= 1


def test_a_step_and_the_noise_of_a_still_plunger_are_volumes_of_the_bore_rounded_up() -> None:
    """pi/4 x bore^2 x travel: 78.54 mm2 of 10 mm give 49.09 nl a step of 625 nm, and 314.2 nl in 4 um."""
    assert plunger_step_nl(Description(), 10_000) == 50
    assert plunger_step_nl(Description(), 20_000) == 197
    assert plunger_still_nl(10_000) == 315


def nothing(state: State) -> None:
    pass


@pytest.mark.parametrize("state", range(len(STATES)), ids=STATES)
def test_a_gun_is_free_when_it_is_unhomed_or_idle_and_otherwise_says_why_not(state: int) -> None:
    port = FakeGun()
    gun = Gun(port)
    port.state = state
    port.lies["state"] = {"fault": reasons.TOO_HOT if state in (FAULTED, STOPPED) else 0}
    if state in (UNHOMED, IDLE):
        moves.check_free(gun)
        return
    with pytest.raises(Refused) as refused:
        moves.check_free(gun)
    (problem,) = refused.value.problems
    assert problem.value == STATES[state]
    assert ("press the clear button" in problem.remedy) == (state in (FAULTED, STOPPED))
    assert ("Wait until it is idle" in problem.remedy) == (state in (HOMING, ARMED, RUNNING, RETURNING))


class Ends(FakeGun):
    """Its move ends so: (kind, reason), and in this state."""

    def __init__(self, kind: int, reason: int, state: int, by_way_of: int = HOMING) -> None:
        super().__init__()
        self.ending, self.after_it, self.by_way_of = (kind, reason), state, by_way_of

    def _move(self) -> tuple[str, list[int]]:
        self.go(HOMING)
        self.after(150, lambda: self.go(self.by_way_of))
        self.after(300, lambda: self.event("ended", *self.ending, -1, 0))
        self.after(300, lambda: self.go(self.after_it))
        return self._status()


@pytest.mark.parametrize(
    ("kind", "reason", "state", "whole"),
    [
        (HOLD, reasons.PRESS_DONE, IDLE, True),
        (HOLD, reasons.RELEASED, IDLE, False),
        (HOLD, reasons.PRESS_DONE, UNHOMED, False),
        (PAUSE, reasons.LINK_SILENT, IDLE, False),
        (FAULT, reasons.DOSE_WRONG, FAULTED, False),
    ],
)
def test_a_move_is_whole_only_when_it_ended_by_itself_and_the_gun_is_idle(kind: int, reason: int, state: int, whole: bool) -> None:
    port = Ends(kind, reason, state)
    gun = Gun(port)
    port.go(IDLE)
    moved = moves.move(gun, lambda: gun.gauge(2_000), nothing)
    assert (moved.state, moved.reason, moved.whole, moved.latched) == (state, reason, whole, state in (FAULTED, STOPPED))


def test_a_homing_that_told_of_any_ending_is_not_whole_though_the_gun_is_idle() -> None:
    assert not moves.home(Gun(Ends(HOLD, reasons.PRESS_DONE, IDLE)), nothing).whole
    assert moves.home(Gun(FakeGun()), nothing).whole


def test_a_needle_on_its_way_back_is_still_moving() -> None:
    port = Ends(HOLD, reasons.RELEASED, IDLE, by_way_of=RETURNING)
    gun = Gun(port)
    port.go(IDLE)
    seen: list[int] = []
    moves.move(gun, lambda: gun.gauge(2_000), lambda state: seen.append(state.state))
    assert set(seen) == {HOMING, RETURNING}


def test_of_several_endings_the_last_one_is_how_it_ended() -> None:
    port = Ends(FAULT, reasons.NOT_HOME, FAULTED)
    gun = Gun(port)
    port.go(IDLE)
    port.after(200, lambda: port.event("ended", HOLD, reasons.RELEASED, -1, 0))
    assert moves.move(gun, lambda: gun.gauge(2_000), nothing).reason == reasons.NOT_HOME


def test_a_move_that_told_nothing_is_said_by_the_state_of_the_gun() -> None:
    assert "unhomed" in moves.Moved(UNHOMED, moves.Reason(0), False).in_words
    assert "above 70 C" in moves.Moved(FAULTED, moves.Reason(reasons.TOO_HOT), False).in_words
