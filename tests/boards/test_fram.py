"""The FRAM over the emulated SPI: what is on the wire, select line included, and a tick that takes it at any moment."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest
from rigs.pico import machine_of_tests
from rigs.pico.chip import Chip, Words
from rigs.pico.fram import Memory
from rigs.pico.processor import Fast, Processor, in_ram

from mesogun_fw.boards.pico import fram as fram_module
from mesogun_fw.boards.pico import pins
from mesogun_fw.boards.pico.fram import PicoFram
from mesogun_fw.guard import cells, marks

MARK_AT, MARK = 0x0234, 0xA5


@pytest.fixture
def fram(chip: Chip) -> tuple[PicoFram, Memory]:
    return PicoFram(chip.k), Memory(chip)


def test_what_is_written_is_read_back(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    text, there = array("B", range(50, 150)), array("B", bytes(102))
    assert store.write(7_990, text, 10, 100) == 1
    assert memory.bytes[7_989:8_091] == b"\0" * 11 + bytes(text[10:]) + b"\0"
    store.read(7_999, there, 1, 91)
    assert there == array("B", b"\0" + bytes(text[10:]) + b"\0" * 11)


def test_the_memory_is_not_selected_before_anybody_speaks_to_it(fram: tuple[PicoFram, Memory]) -> None:
    """What is sent before would be a frame that nobody began: a write of anything to anywhere."""
    assert machine_of_tests.levels[pins.FRAM_SELECT] == 1


def test_a_mark_is_one_byte_and_the_next_mark_works_too(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    store.mark(0x1234, 0xA5)
    store.mark(0x1235, 0x5A)
    assert memory.frames == [[6], [2, 0x12, 0x34, 0xA5], [6], [2, 0x12, 0x35, 0x5A]]
    assert memory.bytes[0x1234:0x1236] == b"\xa5\x5a"


def test_the_tick_is_never_kept_away_from_the_bus_and_nothing_is_repeated_without_it(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    row = array("B", range(35))
    store.write(56, row, 0, 35)
    store.read(56, row, 0, 35)
    assert machine_of_tests.alone == []
    assert memory.frames == [[6], [2, 0, 56, *range(35)], *[[3, 0, 56, *[0] * 35]] * 2], "what is written is read back"


def test_the_bus_is_asked_for_what_the_chip_and_its_clock_allow(fram: tuple[PicoFram, Memory]) -> None:
    """The board's peripherals have 48 MHz, of which an SPI has an even part."""
    assert machine_of_tests.baud == [12_000_000]
    assert 48_000_000 % (2 * machine_of_tests.baud[0]) == 0


@pytest.mark.parametrize(("at", "start", "end"), [(8_192, 0, 1), (8_190, 0, 3), (-1, 0, 1), (10, 2, 1), (0, -1, 1)])
def test_no_place_outside_is_touched(fram: tuple[PicoFram, Memory], at: int, start: int, end: int) -> None:
    store, memory = fram
    for transfer in (store.read, store.write):
        with pytest.raises(ValueError, match="no such place"):
            transfer(at, array("B", bytes(3)), start, end)
    assert memory.frames == []


class Stuck(bytearray):
    """The lowest bit of whatever is written is lost."""

    def __setitem__(self, at: Any, value: Any) -> None:
        super().__setitem__(at, value & 0xFE)


def test_a_memory_that_does_not_hold_a_byte_is_noticed(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    memory.bytes = Stuck(8_192)
    for last in range(256):
        assert store.write(100, array("B", [2, 4, last]), 0, 3) == 1 - (last & 1)
        assert store.write(100, array("B", [last, 4, 2]), 0, 3) == 1 - (last & 1)


# ---- a mark at every point of a transfer ----

ROW_AT = 0x0230  # the mark is amid the row, as one of another row would be beside it
OLD, NEW = bytes(range(100, 110)), bytes(range(200, 210))


class Interrupted:
    """Before the n-th touch of SPI or pins by the loop, the tick marks."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._amid = False
        self.touches = 0
        self.at = -1

    def touch(self) -> None:
        if self._amid:
            return
        if self.touches == self.at:
            self._amid = True
            self._act()
            self._amid = False
        self.touches += 1


def ticking(chip: Chip, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Interrupted:
    """Every look at a register, and every word put into one, may be interrupted before it."""
    interrupted = Interrupted(act)
    for name in ("__getitem__", "__setitem__"):
        honest: Any = getattr(Words, name)

        def touched(words: Words, *values: int, honest: Any = honest) -> Any:
            interrupted.touch()
            return honest(words, *values)

        monkeypatch.setattr(Words, name, touched)
    return interrupted


@pytest.mark.parametrize("looks", [0, 1, 3])
def test_a_mark_at_every_touch_of_the_bus_is_there_and_so_is_the_row(
    looks: int, chip: Chip, fram: tuple[PicoFram, Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, memory = fram
    memory.looks_a_byte = looks
    interrupted = ticking(chip, monkeypatch, lambda: store.mark(MARK_AT, MARK))
    new, there = array("B", NEW), array("B", bytes(10))

    def life(at: int) -> int:
        memory.bytes[:] = bytes(8_192)
        memory.bytes[ROW_AT : ROW_AT + 10] = OLD
        memory.frames.clear()
        interrupted.touches, interrupted.at = 0, at
        assert store.write(ROW_AT, new, 5, 10) == 1  # the mark's place is not among them
        store.read(ROW_AT, there, 5, 10)
        assert memory.bytes[ROW_AT + 5 : ROW_AT + 10] == NEW[5:] == bytes(there[5:])
        assert memory.bytes[ROW_AT : ROW_AT + 4] == OLD[:4]
        assert memory.bytes[MARK_AT] == (OLD[4] if at < 0 else MARK)
        assert memory.bytes.count(0) == 8_192 - 10, "nothing else is touched"
        return interrupted.touches

    whole = life(-1)
    assert whole > 50
    assert memory.unheard == 0
    for at in range(whole):
        life(at)
    assert memory.unheard > 0, "the loop went on, to nobody"


@pytest.mark.slow
@pytest.mark.parametrize("transfer", ["read", "write"])
def test_a_mark_between_any_two_instructions_of_machine_code_is_there_and_so_is_the_row(
    transfer: str, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(chip)
    chip.k = in_ram(chip)("I", chip.k.tobytes())
    store = PicoFram(chip.k)
    processor = Processor(chip)
    fast = processor.load(fram_module)
    place = in_ram(chip)("B", bytes(3))

    def life(at: int) -> int:
        memory.bytes[:] = bytes(8_192)
        memory.bytes[ROW_AT : ROW_AT + 3] = OLD[:3]
        for i in range(3):
            place[i] = NEW[i]
        left = at

        def between() -> None:
            nonlocal left
            left -= 1
            if left == -1:
                tick(processor, fast["mark"], chip.addressof(chip.k))

        monkeypatch.setattr(processor, "between", between)
        fast[f"PicoFram.{transfer}"](store, ROW_AT, place, 0, 3)
        assert memory.bytes[ROW_AT : ROW_AT + 3] == bytes(place) == (NEW if transfer == "write" else OLD)[:3]
        assert memory.bytes[MARK_AT] == (MARK if left < 0 else 0)
        return at - left

    whole = life(1 << 20)
    assert whole > 300
    for at in range(whole):
        life(at)


def tick(processor: Processor, mark: Fast, k: int) -> None:
    """An interrupt: the processor keeps what the interrupted code has in its registers and flags."""
    with processor.interrupted():
        mark(k, MARK_AT, MARK)


# ---- doses that are written with the tick kept away ----


def laid(c: Any, first: int, from_: int, doses: list[bytes]) -> None:
    c[cells.ROWS] = 6
    c[cells.WRITABLE] = 1
    c[cells.REWRITE_ROW], c[cells.REWRITE_FROM], c[cells.REWRITE_UNTIL] = first, from_, len(doses)
    for i, dose in enumerate(doses):
        for j in range(4):
            c[cells.REWRITES_AT + 4 * i + j] = dose[2 * j] | dose[2 * j + 1] << 8


DOSES = [bytes(range(10 * i, 10 * i + 8)) for i in range(1, 4)]


def test_doses_are_written_into_their_rows_round_the_ring_and_read_back(chip: Chip, fram: tuple[PicoFram, Memory]) -> None:
    _, memory = fram
    c = cells.fresh()
    chip.k[fram_module.registers.INPUTS] = chip.addressof(c)
    laid(c, 4, 1, DOSES)
    fram_module.rewrite(chip.addressof(chip.k))
    wanted = bytearray(8_192)
    for row, dose in ((5, DOSES[1]), (0, DOSES[2])):
        at = marks.ROWS_AT + row * marks.ROW_SIZE + 16
        wanted[at : at + 8] = dose
    assert memory.bytes == wanted
    assert (c[cells.WRITABLE], c[cells.REWRITE_UNTIL]) == (1, 0)


def test_a_dose_that_the_memory_does_not_hold_lets_no_shot_begin(chip: Chip, fram: tuple[PicoFram, Memory]) -> None:
    _, memory = fram
    c = cells.fresh()
    chip.k[fram_module.registers.INPUTS] = chip.addressof(c)
    laid(c, 4, 0, DOSES)

    memory.bytes = Stuck(8_192)
    fram_module.rewrite(chip.addressof(chip.k))
    assert c[cells.WRITABLE] == 0
