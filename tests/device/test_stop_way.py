"""The depth stop of a pneumatic gun: when it has a way to go, and that each of two accounts of where it will stand is heeded."""

from functools import cache

import pytest
from rigs.guns import Gun
from rigs.rig import a_pass

from mesogun_fw import limits
from mesogun_fw.device import ready
from mesogun_fw.device.ready import STOP_NEAR_UM, way_of_the_stop
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.supervisor import ANYWHERE_UM
from mesogun_fw.guard import cells, inputs
from mesogun_fw.stroke.audit import AuditFailed
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import IDLE, SINGLE

DEPTH_UM = 4_000


@cache
def _homed(drive: str) -> Gun:
    gun = Gun(drive)
    gun.home()
    gun.wait(50)
    return gun


def standing(at_um: int, drive: str = "pneumatic") -> Gun:
    """A gun whose depth stop is seen there."""
    gun = _homed(drive).again()
    gun.board.inputs[inputs.STOP_UM] = at_um
    return gun


@pytest.mark.parametrize("off_um", [0, STOP_NEAR_UM, -STOP_NEAR_UM])
def test_a_stop_that_stands_there_but_for_its_sensors_noise_has_no_way_to_go(off_um: int) -> None:
    assert way_of_the_stop(standing(DEPTH_UM + off_um).device, DEPTH_UM) == (-1, DEPTH_UM)


@pytest.mark.parametrize("off_um", [STOP_NEAR_UM + 1, -STOP_NEAR_UM - 1, 3_000, -3_000])
def test_a_stop_that_stands_elsewhere_has_a_way_in_the_other_slot(off_um: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = standing(DEPTH_UM + off_um)
    loaded: list[int] = []
    monkeypatch.setattr(gun.board.player, "load", lambda stroke, slot: loaded.append(slot))
    assert way_of_the_stop(gun.device, DEPTH_UM) == (1, DEPTH_UM)
    assert loaded == [1]


def test_a_plunger_alone_and_a_motor_need_no_stop() -> None:
    assert way_of_the_stop(standing(2_500).device, 0) == (-1, 2_500)
    assert way_of_the_stop(standing(0, "stepper").device, DEPTH_UM) == (-1, 0)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("account", ["audit_stop", "compile_stop"])
def test_a_way_that_would_end_elsewhere_by_either_account_alone_is_refused(
    account: str, sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gun = standing(1_000)
    real = getattr(ready, account)
    for off_um, right in ((STOP_NEAR_UM, True), (STOP_NEAR_UM + 1, False)):

        def said(*given: object, to_um: int = DEPTH_UM + sign * off_um) -> int:
            real(*given)
            return to_um

        monkeypatch.setattr(ready, account, said)
        if right:
            assert way_of_the_stop(gun.device, DEPTH_UM) == (1, DEPTH_UM)
        else:
            with pytest.raises(Refusal) as refusal:
                way_of_the_stop(gun.device, DEPTH_UM)
            assert refusal.value.code == refusals.AUDIT_FAILED


def test_a_way_that_its_audit_does_not_accept_is_refused_and_nothing_is_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    gun = standing(1_000)
    gun.load(a_pass(mode=SINGLE, depth_um=DEPTH_UM))

    def fails(*_: object) -> int:
        raise AuditFailed("said so")

    monkeypatch.setattr(ready, "audit_stop", fails)
    name, row = gun.ask("arm", 0)
    assert (name, row["code"], gun.board.state, gun.guard.phase) == ("refused", refusals.AUDIT_FAILED, IDLE, cells.OFF)


def test_the_stop_may_be_anywhere_while_it_is_on_its_way_and_nowhere_else_when_it_has_none() -> None:
    gun = _homed("pneumatic").again()
    gun.load(a_pass(mode=SINGLE, depth_um=DEPTH_UM, shots=2))
    gun.arm()
    c = gun.guard.cells
    assert (c[cells.PLACING], c[cells.PLACE_UM], c[cells.STOP_WANTED_UM], c[cells.STOP_ERROR_UM]) == (
        2,
        DEPTH_UM,
        DEPTH_UM,
        ANYWHERE_UM,
    )
    gun.shoot(500)
    gun.release()
    gun.wait(50)
    gun.ask("disarm")
    gun.arm()
    assert (c[cells.PLACING], c[cells.PLACE_UM], c[cells.STOP_WANTED_UM], c[cells.STOP_ERROR_UM]) == (
        0,
        DEPTH_UM,
        DEPTH_UM,
        limits.STOP_ERROR_UM,
    )
