"""A plunger that moves though no dose is given, by a hand, by gravity, by a syringe that was not seated: free flow."""

from collections.abc import Callable

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, FAULT, FAULTED, RUNNING

STILL_NM = 4_000
ENCODER_NM = 500


def not_pressed() -> Rig:
    return Rig(skip=False).ready()


def pressed_once() -> Rig:
    rig = not_pressed()
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(400)
    rig.release()
    rig.until_lamp(ARMED)
    return rig


AT_REST = pytest.mark.parametrize("at_rest", [not_pressed, pressed_once])


@AT_REST
@pytest.mark.parametrize("way", [1, -1], ids=["forward", "back"])
def test_a_plunger_that_creeps_at_rest_latches_as_soon_as_it_was_moved_further_than_noise(
    at_rest: Callable[[], Rig], way: int
) -> None:
    rig = at_rest()
    crept_nm = 0
    while rig.board.state == ARMED:
        assert crept_nm <= STILL_NM + 2 * ENCODER_NM, "it was let creep on"
        rig.board.plunger.pushed_nm += way * 250
        crept_nm += 250
        rig.wait(20)
    assert crept_nm > STILL_NM - ENCODER_NM
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"], rig.board.state) == (FAULT, reasons.FREE_FLOW, FAULTED)


@AT_REST
def test_what_noise_and_a_knock_do_to_it_is_none(at_rest: Callable[[], Rig]) -> None:
    rig = at_rest()
    for nm in (3_000, 0, -3_000, 0, 3_000):
        rig.board.plunger.pushed_nm = nm
        rig.wait(20)
    assert rig.board.state == ARMED


def test_a_plunger_pushed_while_the_needle_goes_out_ends_that_shot_before_it_gives_anything() -> None:
    rig = Rig(skip=False).ready(a_pass(depth_um=8_000, needle_um_s=60_000, dose_nl=10_000, period_us=800_000))
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(20)
    rig.board.plunger.pushed_nm = STILL_NM + ENCODER_NM
    rig.wait(limits.SPRING_MS)
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"]) == (FAULT, reasons.FREE_FLOW)
    assert (rig.dispensed(), rig.tip_um) == (0, 0)
