"""What the guard orders is done by the board in one order, whole, and once: the journal's mark, then air and power, then pins."""

import sys
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from rigs.pico import machine_of_tests as machine
from rigs.pico.bench import shots
from rigs.pico.chip import CLEAR, SET, Chip
from rigs.pico.fram import Memory
from rigs.pico.usb import activate, plug_in

from mesogun_fw.boards.pico import figures, pins, registers, tick
from mesogun_fw.boards.pico.board import PicoBoard
from mesogun_fw.boards.pico.lists import LISTS
from mesogun_fw.boards.pico.registers import BOARDS, SIO_BASE
from mesogun_fw.guard import cells, marks

MARK_AT = marks.ROWS_AT + 3 * marks.ROW_SIZE


@pytest.fixture
def board(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> PicoBoard:
    """A Pico with a stroke in both slots, and a memory of its own."""
    activate()
    plug_in(monkeypatch)
    monkeypatch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    one = PicoBoard("nowhere")
    for slot in (0, 1):
        one.player.load(shots(chip), slot)
    return one


@pytest.fixture
def memory(board: PicoBoard, chip: Chip) -> Memory:
    return Memory(chip)


class Witness:
    """What was done to the chip, one after the other: 'mark', 'power on', 'air off', 'play', 'grant'."""

    def __init__(self, chip: Chip, memory: Memory, board: PicoBoard) -> None:
        self.seen: list[str] = []
        self._memory, self._k = memory, board._k
        first = board.player._s[figures.CELLS]
        self._cells = range(first, first + 12 * LISTS, 12)
        write = chip.rp.write_uint32

        def seen(address: int, value: int) -> None:
            before = bytes(memory.bytes)
            write(address, value)
            self._saw(address, value, before)

        chip.rp.write_uint32 = seen

    def _saw(self, address: int, value: int, before: bytes) -> None:
        if bytes(self._memory.bytes) != before:
            self.seen.append("mark")
        for pin, name in ((pins.ENABLE, "power"), (pins.DUMP, "air")):
            if address in (SIO_BASE + SET, SIO_BASE + CLEAR) and value >> pin & 1:
                self.seen.append(name + (" on" if address == SIO_BASE + SET else " off"))
        if address == self._k[registers.CONTROL] + 4 * 15:
            self.seen.append("play")
        if address in self._cells and "play" in self.seen:
            self.seen.append("grant")


@pytest.fixture
def witness(chip: Chip, memory: Memory, board: PicoBoard) -> Witness:
    return Witness(chip, memory, board)


def begin_a_shot(x: "array[int]") -> None:
    x[cells.MARK_AT], x[cells.MARK] = MARK_AT, marks.BEGUN
    x[cells.POWER], x[cells.VENT] = 1, 0
    x[cells.ORDER], x[cells.ORDER_SLOT], x[cells.ORDER_FIGURE] = cells.START, 0, 0


def test_a_shot_is_written_down_before_it_has_power_and_has_power_before_it_moves(
    board: PicoBoard, memory: Memory, witness: Witness
) -> None:
    begin_a_shot(board.inputs)
    board.obey()
    assert memory.bytes[MARK_AT] == marks.BEGUN
    assert witness.seen == ["mark", "air on", "power on", "play"]


def test_a_shot_that_follows_is_written_down_before_it_is_granted(board: PicoBoard, memory: Memory, witness: Witness) -> None:
    begin_a_shot(board.inputs)
    board.obey()
    done = len(witness.seen)
    x = board.inputs
    x[cells.MARK_AT], x[cells.MARK], x[cells.ORDER], x[cells.ORDER_SLOT] = MARK_AT + 1, marks.BEGUN, cells.GRANT, 1
    board.obey()
    order = witness.seen[done:]
    assert (order[0], order[-1]) == ("mark", "grant")


def test_what_was_obeyed_is_not_obeyed_again(board: PicoBoard, memory: Memory, witness: Witness) -> None:
    x = board.inputs
    begin_a_shot(x)
    board.obey()
    assert (x[cells.MARK_AT], x[cells.ORDER], x[cells.POWERED], x[cells.VENTED]) == (0, 0, 1, 0)
    memory.bytes[MARK_AT] = 0
    done = len(witness.seen)
    board.obey()
    assert memory.bytes[MARK_AT] == 0
    assert "play" not in witness.seen[done:]


def by_the_tick(board: PicoBoard, act: Callable[["array[int]"], None], patch: pytest.MonkeyPatch) -> None:
    board.run()
    patch.setattr(tick, "tick", lambda x, ms: act(board.inputs))
    machine.timers[0](None)


def by_the_loop(board: PicoBoard, act: Callable[["array[int]"], None], patch: pytest.MonkeyPatch) -> None:
    def asked(at: int, a: int, b: int) -> int:
        act(board.inputs)
        return 0

    board.alone(asked, 0, 0)


ALONE: dict[str, tuple[Callable[["array[int]"], None], str]] = {
    "a mark": (lambda x: x.__setitem__(slice(cells.MARK_AT, cells.MARK + 1), array("i", (MARK_AT, marks.BEGUN))), "mark"),
    "power": (lambda x: x.__setitem__(cells.POWER, 1), "power on"),
    "air": (lambda x: x.__setitem__(cells.VENT, 0), "air on"),
    "a start": (lambda x: x.__setitem__(cells.ORDER, cells.START), "play"),
}


@pytest.mark.parametrize("way", [by_the_tick, by_the_loop])
@pytest.mark.parametrize("what", ALONE)
def test_each_kind_of_order_alone_is_obeyed_at_once(
    board: PicoBoard, witness: Witness, monkeypatch: pytest.MonkeyPatch, way: Callable[..., None], what: str
) -> None:
    order, done = ALONE[what]
    way(board, order, monkeypatch)
    assert done in witness.seen


@pytest.mark.parametrize("way", [by_the_tick, by_the_loop])
@pytest.mark.parametrize(("cell", "done"), [(cells.POWER, "power off"), (cells.VENT, "air off")])
def test_power_and_air_are_let_go_at_once(
    board: PicoBoard, witness: Witness, monkeypatch: pytest.MonkeyPatch, way: Callable[..., None], cell: int, done: str
) -> None:
    begin_a_shot(board.inputs)
    board.obey()
    way(board, lambda x: x.__setitem__(cell, int(cell == cells.VENT)), monkeypatch)
    assert done in witness.seen[-2:]
    assert machine.levels[pins.ENABLE if cell == cells.POWER else pins.DUMP] == 0


def test_another_dose_is_enabled_written_and_read_back_with_the_tick_kept_away(board: PicoBoard, memory: Memory) -> None:
    """A tick between the chip's enable and its write would use the enable up: the row would keep the dose it had."""
    x, heard = board.inputs, []
    take = memory.transmit

    def told(value: int) -> None:
        heard.append((machine.alone[:], x[cells.POWERED]))
        take(value)

    memory.chip.rp.spi[0].on_transmit = told

    def act(at: int, a: int, b: int) -> int:
        x[cells.ROWS], x[cells.WRITABLE], x[cells.REWRITE_ROW] = 6, 1, 2
        x[cells.REWRITE_FROM], x[cells.REWRITE_UNTIL] = 0, 2
        for i in range(8):
            x[cells.REWRITES_AT + i] = 0x1111 * (i + 1)
        x[cells.POWER] = 1
        return 0

    board.alone(act, 0, 0)
    assert len(heard) == 2 * (1 + 3 + 8 + 3 + 8), "an enable, a write and a look for each row"
    assert all(away == [True] for away, _ in heard)
    assert all(not powered for _, powered in heard), "what is ordered comes after"
    assert machine.alone == [True, False]
    at = marks.ROWS_AT + 2 * marks.ROW_SIZE + 16
    assert memory.bytes[at : at + 2] == b"\x11\x11"
    assert (x[cells.WRITABLE], x[cells.REWRITE_UNTIL]) == (1, 0)


def test_giving_up_leaves_no_tick_that_could_start_anything(board: PicoBoard) -> None:
    board.run()
    assert len(machine.timers) == 1
    board.give_up()
    assert machine.timers == []


def test_the_watchdog_runs_before_the_first_tick_can_be(board: PicoBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[list[int]] = []

    class Timer(machine.Timer):
        def __init__(self, *values: int, **more: Any) -> None:
            fed.append(machine.fed[:])
            super().__init__(*values, **more)

    monkeypatch.setattr("mesogun_fw.boards.pico.board.machine.Timer", Timer)
    board.run()
    assert fed == [[1_000]]
