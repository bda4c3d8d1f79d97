"""Depth is held by nets that do not need each other. Here the device's own two, on what is commanded; see also tests/simulator.

The other nets are switched off by patching them: the product has no switch.
"""

from types import SimpleNamespace

import pytest
from rigs.anydepth import any_depth
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.device.program import Program
from mesogun_fw.stroke import audit
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import IDLE

ANY_UM = 1_000_000
TOO_DEEP_UM = limits.DEPTH_CAP_UM + limits.DEPTH_STEP_UM
DEPTH = 4  # place of depth_um in a pass


@pytest.fixture(autouse=True)
def _a_wire_that_takes_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    any_depth(monkeypatch, ANY_UM)


@pytest.fixture
def unchecked_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "check", lambda self, one: None)


@pytest.fixture
def gullible_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "limits", SimpleNamespace(DEPTH_CAP_UM=ANY_UM))


def nothing_moves(rig: Rig) -> bool:
    """Pressing on the skin, as if it were armed, does nothing."""
    steps = len(rig.tape.plays)
    rig.touch()
    rig.wait(limits.TRIGGER_RELEASED_MS + 50)
    rig.press()
    rig.wait(1_000)
    return len(rig.tape.plays) == steps and rig.board.state == IDLE and not rig.told("shot")


@pytest.mark.parametrize("depth_um", [TOO_DEEP_UM, 13_000, ANY_UM])
@pytest.mark.usefixtures("gullible_audit")
def test_the_program_alone_refuses_to_go_too_deep(depth_um: int) -> None:
    rig = Rig()
    rig.home()
    rig.ask("begin", 1, 12_060, 5_000_000, 2_000_000)
    name, refusal = rig.ask("pass", *a_pass(depth_um=depth_um, period_us=5_000_000))
    assert name == "refused"
    assert (refusal["code"], refusal["field"], refusal["value"]) == (refusals.OUT_OF_RANGE, DEPTH, depth_um)
    assert refusal["high"] == limits.DEPTH_CAP_UM
    assert rig.ask("arm", 0)[1]["code"] == refusals.WRONG_ORDER
    assert nothing_moves(rig)


@pytest.mark.parametrize("depth_um", [TOO_DEEP_UM, 13_000])
@pytest.mark.usefixtures("unchecked_program")
def test_the_audit_alone_refuses_to_go_too_deep(depth_um: int) -> None:
    rig = Rig()
    rig.home()
    rig.load(a_pass(depth_um=depth_um, period_us=5_000_000))
    name, refusal = rig.ask("arm", 0)
    assert (name, refusal["code"]) == ("refused", refusals.AUDIT_FAILED)
    assert nothing_moves(rig)


@pytest.mark.usefixtures("unchecked_program")
def test_the_deepest_depth_of_all_passes_the_same_way() -> None:
    rig = Rig()
    rig.home()
    rig.load(a_pass(depth_um=limits.DEPTH_CAP_UM, period_us=1_000_000))
    assert rig.arm()["deepest_um"] == limits.DEPTH_CAP_UM


@pytest.mark.usefixtures("unchecked_program", "gullible_audit")
def test_without_both_it_would_be_armed_so_it_is_each_of_them_that_refuses() -> None:
    rig = Rig()
    rig.home()
    rig.load(a_pass(depth_um=TOO_DEEP_UM, period_us=1_000_000))
    assert rig.arm()["deepest_um"] == TOO_DEEP_UM
