"""A press that leaves its place before it counts starts nothing, and stays used up."""

import pytest
from rigs.rig import Rig

from mesogun_fw import limits
from mesogun_fw.talk.messages import ARMED, HOMING, RUNNING

FRESH_MS = limits.TRIGGER_RELEASED_MS + 20


@pytest.mark.parametrize("after_ms", [1, 10, limits.TRIGGER_DEBOUNCE_MS - 1])
def test_lifted_before_the_press_counts_no_shot_is_made_until_a_new_press(after_ms: int) -> None:
    rig = Rig(skip=False).ready()
    rig.press()
    rig.lift(in_ms=1 + after_ms)
    rig.wait(200)
    rig.touch()
    rig.wait(500)
    assert (rig.board.state, rig.told("shot"), rig.dispensed()) == (ARMED, [], 0)
    rig.release()
    rig.wait(FRESH_MS)
    rig.press()
    rig.until_lamp(RUNNING)


@pytest.mark.parametrize("after_ms", [1, 10, limits.TRIGGER_DEBOUNCE_MS - 1])
def test_set_down_before_the_press_counts_the_needle_does_not_move_in_homing(after_ms: int) -> None:
    rig = Rig(skip=False)
    rig.ask("hello", 1)
    rig.ask("home")
    rig.wait(FRESH_MS)
    rig.press()
    rig.touch(in_ms=1 + after_ms)
    rig.wait(500)
    assert (rig.board.state, rig.board.needle.deepest_um) == (HOMING, 0)
