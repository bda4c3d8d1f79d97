"""A board without a timer, as the simulator's is, does what the guard orders in the same order as a Pico, and once."""

from array import array
from typing import Any

import pytest

from mesogun_fw.boards.player import Player
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.guard import cells, marks

MARK_AT = marks.ROWS_AT + 3 * marks.ROW_SIZE


class Told(Unhurried):
    """It tells what is asked of it."""

    def __init__(self) -> None:
        self.inputs = cells.fresh()
        self.did: list[Any] = []
        self.fram = self._telling("mark", "write")
        self.player = self._telling("start", "grant", "revoke", "halt", "abort", "relieve")

    def _telling(self, *names: str) -> Any:
        class One:
            pass

        for name in names:
            setattr(One, name, lambda one, *values, name=name: self.did.append((name, *values)) or 1)
        return One()

    def enable(self, on: bool) -> None:
        self.did.append(("power", on))

    def vent(self, open_: bool) -> None:
        self.did.append(("vent", open_))


@pytest.mark.parametrize(
    ("order", "name", "figures"),
    [
        (cells.START, "start", (1, 1)),
        (cells.GRANT, "grant", (1, 1)),
        (cells.REVOKE, "revoke", ()),
        (cells.HALT, "halt", ()),
        (cells.ABORT, "abort", (1, 1)),
        (cells.RELIEVE, "relieve", (1, 1)),
    ],
)
def test_a_board_without_a_timer_obeys_in_the_same_order(order: int, name: str, figures: tuple[int, ...]) -> None:
    board = Told()
    x = board.inputs
    x[cells.MARK_AT], x[cells.MARK] = MARK_AT, marks.BEGUN
    x[cells.POWER], x[cells.VENT] = 1, 0
    x[cells.ORDER], x[cells.ORDER_SLOT], x[cells.ORDER_FIGURE] = order, 1, 1
    board.obey()
    assert board.did == [("mark", MARK_AT, marks.BEGUN), ("vent", False), ("power", True), (name, *figures)]
    board.obey()
    assert len(board.did) == 4, "once"
    x[cells.POWER], x[cells.VENT] = 0, 1
    board.obey()
    assert board.did[4:] == [("vent", True), ("power", False)]


def test_a_board_without_a_timer_writes_another_dose_before_it_does_what_was_ordered() -> None:
    board = Told()

    def act(at: int, a: int, b: int) -> int:
        x = board.inputs
        x[cells.ROWS], x[cells.REWRITE_ROW], x[cells.REWRITE_FROM], x[cells.REWRITE_UNTIL] = 6, 5, 0, 2
        x[cells.REWRITES_AT] = 0x2211
        x[cells.POWER] = 1
        return a + b

    assert board.alone(act, 3, 4) == 7
    rows = [marks.ROWS_AT + row * marks.ROW_SIZE + 16 for row in (5, 0)]
    assert [did[0] for did in board.did] == ["write", "write", "power"]
    assert [did[1] for did in board.did[:2]] == rows
    assert board.did[0][2][:2] == array("B", b"\x11\x22")
    assert board.inputs[cells.REWRITE_UNTIL] == 0


def test_a_dose_that_its_memory_does_not_hold_lets_no_shot_begin_there_either() -> None:
    board = Told()
    board.fram.write = lambda at, place, start, end: 0
    board.inputs[cells.WRITABLE] = 1

    def act(at: int, a: int, b: int) -> int:
        board.inputs[cells.ROWS], board.inputs[cells.REWRITE_UNTIL] = 6, 1
        return 0

    board.alone(act, 0, 0)
    assert board.inputs[cells.WRITABLE] == 0


# ---- what a player does of itself: boards/player.py ----


class Plain(Player):
    """A player of which only what a board has to write itself is there."""

    def __init__(self) -> None:
        self.did: list[Any] = []
        self.strokes = [self._stroke("a"), self._stroke("b")]

    def _stroke(self, name: str) -> Any:
        class One:
            pass

        one: Any = One()
        one.way_back = lambda stroke, played, variant: self.did.append((name, stroke is one, played, variant)) or 4
        one.relieve = lambda steps: self.did.append((name, steps)) or 2
        return one

    def halt(self) -> int:
        self.did.append("halt")
        return 77

    def go_away(self, slot: int, entries: int) -> None:
        self.did.append(("away", slot, entries))


@pytest.mark.parametrize(("slot", "name"), [(0, "a"), (1, "b")])
def test_a_player_halts_before_it_looks_for_the_way_back_of_the_list_that_was_played(slot: int, name: str) -> None:
    for variant in (0, 1):
        player = Plain()
        player.abort(slot, variant)
        assert player.did == ["halt", (name, True, 77, variant), ("away", slot, 4)]


@pytest.mark.parametrize(("slot", "name"), [(0, "a"), (1, "b")])
def test_a_player_halts_before_it_takes_the_plunger_back(slot: int, name: str) -> None:
    player = Plain()
    player.relieve(slot, 9)
    assert player.did == ["halt", (name, 9), ("away", slot, 2)]
