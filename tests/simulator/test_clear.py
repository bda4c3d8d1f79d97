"""Clear is a press of the clear button: one that is held, or stuck, since before the fault clears nothing."""

from mesogun_fw.talk.messages import FAULTED, UNHOMED
from mesogun_sim.desk import Desk
from mesogun_sim.engines.inprocess import InProcess


def latched(clear: int) -> Desk:
    """A gun whose trigger was held when it was switched on, and is let go of now."""
    desk = Desk(hand=False)
    desk.board.trigger_a = desk.board.trigger_b = 1
    desk.board.clear = clear
    desk.advance(200)
    desk.board.trigger_a = desk.board.trigger_b = 0
    desk.advance(400)
    return desk


def state(desk: Desk) -> int:
    assert isinstance(desk.engine, InProcess)
    return desk.engine.device.state


def test_a_button_that_is_stuck_clears_nothing() -> None:
    desk = latched(clear=1)
    desk.advance(5_000)
    assert state(desk) == FAULTED


def test_a_button_that_is_let_go_of_and_pressed_again_clears() -> None:
    desk = latched(clear=1)
    desk.board.clear = 0
    desk.advance(450)
    desk.board.clear = 1
    desk.advance(600)
    assert state(desk) == UNHOMED
