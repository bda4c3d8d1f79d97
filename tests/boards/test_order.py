"""In which order a Pico does what its guard has ordered, by what reaches the chip: journal, air, power, pins; each order once."""

import sys

import pytest
from rigs.pico import machine_of_tests as machine
from rigs.pico.bench import shots
from rigs.pico.chip import Chip, Words
from rigs.pico.fram import Memory
from rigs.pico.usb import activate, plug_in

from mesogun_fw.boards.pico import pins, registers
from mesogun_fw.boards.pico.board import PicoBoard
from mesogun_fw.boards.pico.registers import BOARDS
from mesogun_fw.guard import cells

MARK_AT, MARK = 0x0234, 0xA5
PLAYERS = (registers.PIO0, registers.DMA)
REGION = 0xFFF0_0000


@pytest.fixture
def board(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> PicoBoard:
    activate()
    plug_in(monkeypatch)
    monkeypatch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    one = PicoBoard("nowhere")
    one.player.load(shots(chip), 0)
    return one


@pytest.fixture
def memory(chip: Chip, board: PicoBoard) -> Memory:
    return Memory(chip)


@pytest.fixture
def said(board: PicoBoard, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reached the chip, in its order: the byte of a mark, the two pins of the processor, the player's first register."""
    told: list[str] = []
    put = Words.__setitem__

    def seen(words: Words, i: int, value: int) -> None:
        put(words, i, value)
        at = words._address + 4 * i
        if words._address == registers.SIO_BASE and value in (1 << pins.ENABLE, 1 << pins.DUMP):
            told.append("power" if value == 1 << pins.ENABLE else "air")
        elif at & REGION in PLAYERS and "player" not in told:
            told.append("player")
        elif memory.bytes[MARK_AT] == MARK and "journal" not in told:
            told.append("journal")

    monkeypatch.setattr(Words, "__setitem__", seen)
    return told


def order(board: PicoBoard, what: int) -> None:
    c = board.inputs
    c[cells.MARK_AT], c[cells.MARK] = MARK_AT, MARK
    c[cells.VENT], c[cells.VENTED], c[cells.POWER], c[cells.POWERED] = 0, 1, 1, 0
    c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE] = what, 0, 0


def test_the_journal_has_a_shot_as_begun_before_air_power_and_the_players_first_register(board: PicoBoard, said: list[str]) -> None:
    order(board, cells.START)
    board.obey()
    assert said == ["journal", "air", "power", "player"]
    assert (machine.levels[pins.DUMP], machine.levels[pins.ENABLE]) == (1, 1)


def test_so_it_is_for_what_the_loop_asks_with_the_tick_kept_away(board: PicoBoard, said: list[str]) -> None:
    order(board, cells.START)
    board.alone(lambda at, a, b: 0, 0, 0)
    assert said == ["journal", "air", "power", "player"]


def test_what_was_obeyed_is_not_obeyed_again(board: PicoBoard, memory: Memory) -> None:
    order(board, cells.START)
    board.obey()
    c = board.inputs
    assert (c[cells.ORDER], c[cells.MARK_AT], c[cells.POWERED], c[cells.VENTED]) == (0, 0, 1, 0)
    memory.bytes[MARK_AT] = 0
    board.obey()
    assert memory.bytes[MARK_AT] == 0


def test_power_and_air_that_are_ordered_off_are_off_before_the_pulses_end(board: PicoBoard, said: list[str]) -> None:
    order(board, cells.START)
    board.obey()
    c = board.inputs
    c[cells.POWER], c[cells.VENT], c[cells.ORDER] = 0, 1, cells.HALT
    said.clear()
    board.obey()
    assert [what for what in said if what != "journal"] == ["air", "power", "player"]
    assert (machine.levels[pins.DUMP], machine.levels[pins.ENABLE]) == (0, 0)
