"""The depth of a gun driven by air is its stop's: net 2 of that drive is the way the stop is sent, judged before anybody presses.

Each check alone, the others taken away by patching them.
"""

from collections.abc import Callable
from functools import cache

import pytest
from rigs.guns import SETUPS, Gun

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.ready import way_of_the_stop
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.guard.inputs import STOP_UM
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.stroke.pneumatic import compile_stop
from mesogun_fw.talk import refusals

DEPTH_UM = SETUPS["air, single"].one[4]
STANDS_UM = 3_000
NEAR_UM = 20  # the noise of the stop's sensor
Compile = Callable[[Stroke, int, int, Description], int]


@cache
def loaded() -> Gun:
    gun = Gun("pneumatic")
    gun.home()
    gun.load(list(SETUPS["air, single"].one))
    return gun


def asked(depth_um: int = DEPTH_UM, stands_um: int = STANDS_UM) -> tuple[int, int]:
    gun = loaded()
    gun.board.inputs[STOP_UM] = stands_um
    slot, to_um = way_of_the_stop(gun.device, depth_um)
    return slot, to_um


def refused(depth_um: int = DEPTH_UM, stands_um: int = STANDS_UM) -> int:
    with pytest.raises(Refusal) as why:
        asked(depth_um, stands_um)
    return int(why.value.code)


def test_the_stop_is_sent_to_the_depth_of_the_pass() -> None:
    assert asked() == (1, DEPTH_UM)


def beyond(by_um: int) -> Compile:
    """It sends the stop too far, and says that it did not."""

    def compile_and_lie(stroke: Stroke, from_um: int, to_um: int, description: Description) -> int:
        compile_stop(stroke, from_um, to_um + by_um, description)
        return to_um

    return compile_and_lie


@pytest.mark.parametrize("by_um", [25, -25, 1_000])
def test_a_way_that_leads_elsewhere_is_refused_whatever_its_compiler_says(by_um: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesogun_fw.device.ready.compile_stop", beyond(by_um))
    assert refused() == refusals.AUDIT_FAILED


@pytest.mark.parametrize("by_um", [25, -25])
def test_a_way_that_says_itself_that_it_leads_elsewhere_is_refused(by_um: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def honest(stroke: Stroke, from_um: int, to_um: int, description: Description) -> int:
        return compile_stop(stroke, from_um, to_um, description) + by_um

    monkeypatch.setattr("mesogun_fw.device.ready.compile_stop", honest)
    assert refused() == refusals.AUDIT_FAILED


def test_a_way_that_leads_a_little_short_of_its_depth_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesogun_fw.device.ready.compile_stop", beyond(-NEAR_UM))
    assert asked() == (1, DEPTH_UM)


def test_a_way_past_the_cap_is_refused_by_the_audit_of_the_way_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step: near enough to the depth asked for, and too deep."""
    monkeypatch.setattr("mesogun_fw.device.ready.compile_stop", beyond(5))
    assert refused(limits.DEPTH_CAP_UM) == refusals.AUDIT_FAILED


@pytest.mark.parametrize("off_um", [NEAR_UM, -NEAR_UM])
def test_a_stop_that_stands_there_to_its_sensors_noise_stays(off_um: int) -> None:
    assert asked(DEPTH_UM, DEPTH_UM + off_um) == (-1, DEPTH_UM)
    assert asked(DEPTH_UM, DEPTH_UM + off_um + (1 if off_um > 0 else -1)) == (1, DEPTH_UM)


def test_a_way_is_audited_before_the_player_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gun = loaded()
    had: list[int] = []
    monkeypatch.setattr(gun.board.player, "load", lambda stroke, slot: had.append(slot))
    asked()
    assert had == [1]
    monkeypatch.setattr("mesogun_fw.device.ready.compile_stop", beyond(1_000))
    refused()
    assert had == [1]


def test_priming_moves_no_stop() -> None:
    assert asked(0) == (-1, STANDS_UM)
