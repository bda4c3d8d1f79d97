"""A board does what the guard orders in this order: the journal's mark, the air, the power, then the pins; and each once."""

from array import array

import pytest

from mesogun_fw.boards.board import Board
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.guard import cells


class Recorder:
    """Says what it was told, by name, to the list of its board."""

    def __init__(self, said: list[tuple[object, ...]]) -> None:
        self._said = said

    def __getattr__(self, name: str) -> object:
        def told(*values: object) -> None:
            self._said.append((name, *values))

        return told


class Desk(Unhurried):
    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []
        self.inputs: array[int] = cells.fresh()
        self.fram = self.player = Recorder(self.said)  # type: ignore[assignment]

    def enable(self, on: bool) -> None:
        self.said.append(("enable", on))

    def vent(self, open_: bool) -> None:
        self.said.append(("vent", open_))


def ordered(order: int) -> Desk:
    board = Desk()
    c = board.inputs
    c[cells.MARK_AT], c[cells.MARK] = 91, 0xA5
    c[cells.VENT], c[cells.VENTED], c[cells.POWER], c[cells.POWERED] = 0, 1, 1, 0
    c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE] = order, 1, 7
    return board


def test_the_journal_has_a_shot_as_begun_before_it_gets_air_power_or_a_pin() -> None:
    board = ordered(cells.START)
    board.obey()
    assert board.said == [("mark", 91, 0xA5), ("vent", False), ("enable", True), ("start", 1, 7)]


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (cells.START, ("start", 1, 7)),
        (cells.GRANT, ("grant", 1, 7)),
        (cells.REVOKE, ("revoke",)),
        (cells.HALT, ("halt",)),
        (cells.ABORT, ("abort", 1, 7)),
        (cells.RELIEVE, ("relieve", 1, 7)),
    ],
)
def test_each_order_is_done_as_it_was_given_and_once(order: int, told: tuple[object, ...]) -> None:
    board = ordered(order)
    board.obey()
    assert board.said[-1] == told
    done = board.said[:]
    board.obey()
    assert board.said == done


def test_power_and_air_go_when_they_are_ordered_off() -> None:
    board = ordered(cells.START)
    board.obey()
    board.said.clear()
    board.inputs[cells.VENT], board.inputs[cells.POWER] = 1, 0
    board.obey()
    assert board.said == [("vent", True), ("enable", False)]


def test_what_the_loop_asks_of_the_guard_is_obeyed_before_it_is_answered() -> None:
    board = Desk()

    def act(c: "array[int]", a: int, b: int) -> int:
        c[cells.ORDER] = cells.HALT
        return a + b

    assert board.alone(act, 2, 3) == 5
    assert board.said == [("halt",)]
    assert isinstance(board, Board)
