"""A move in the air that was not completed is none: nothing is measured after it, and the exit code says why."""

import io

import pytest
from rich.console import Console

from mesogun.cli.device.moves import demand_whole, exit_code, say_ending
from mesogun.gun.explanations import Reason
from mesogun.gun.moves import Moved
from mesogun.refusal import GunStopped, MesogunError
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import FAULTED, IDLE, STOPPED, UNHOMED

WHOLE = Moved(IDLE, Reason(reasons.PRESS_DONE), True)
LET_GO = Moved(IDLE, Reason(reasons.RELEASED), False)
NOT_HOME = Moved(UNHOMED, Reason(reasons.RELEASED), False)
FAULT = Moved(FAULTED, Reason(reasons.DEPTH_WRONG), False)
STOP = Moved(STOPPED, Reason(reasons.ESTOP_PRESSED), False)


def test_a_move_that_was_completed_or_not_needed_is_passed() -> None:
    demand_whole(WHOLE)
    demand_whole(None)


@pytest.mark.parametrize("moved", [LET_GO, NOT_HOME, FAULT, STOP])
def test_a_move_that_was_not_completed_is_an_error_and_a_latched_one_says_that_the_gun_stopped(moved: Moved) -> None:
    with pytest.raises(MesogunError, match="Not done") as caught:
        demand_whole(moved)
    assert isinstance(caught.value, GunStopped) == moved.latched == (moved.state in (FAULTED, STOPPED))


def test_the_exit_code_says_whether_it_was_let_go_or_latched() -> None:
    assert [exit_code(moved) for moved in (WHOLE, LET_GO, NOT_HOME, FAULT, STOP)] == [0, 1, 1, 4, 4]


def test_only_a_needle_and_an_encoder_that_disagree_are_hinted_to_be_described_wrongly() -> None:
    def said(moved: Moved) -> str:
        console = Console(file=io.StringIO(), width=300)
        say_ending(console, moved)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    assert said(WHOLE) == ""
    assert ["described wrongly" in said(moved) for moved in (LET_GO, FAULT, STOP)] == [False, True, False]
