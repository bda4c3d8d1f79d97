"""The FRAM over the emulated SPI: what is on the wire, select line included."""

import pytest
from rigs.pico import machine_of_tests
from rigs.pico.chip import Chip
from rigs.pico.fram import Memory

from mesogun_fw.boards.pico.fram import PicoFram


@pytest.fixture
def fram(chip: Chip) -> tuple[PicoFram, Memory]:
    return PicoFram(chip.k), Memory(chip)


def test_what_is_written_is_read_back(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    text = bytes(range(50, 150))
    store.write(8_000, text)
    assert memory.bytes[8_000:8_100] == text
    assert store.read(7_999, 102) == b"\0" + text + b"\0"


def test_a_mark_is_one_byte_and_the_next_mark_works_too(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    store.mark(0x1234, 0xA5)
    store.mark(0x1235, 0x5A)
    assert memory.frames == [[6], [2, 0x12, 0x34, 0xA5], [6], [2, 0x12, 0x35, 0x5A]]
    assert memory.bytes[0x1234:0x1236] == b"\xa5\x5a"
    assert machine_of_tests.alone == []


def test_the_tick_is_kept_away_from_pieces_of_a_transfer_only(fram: tuple[PicoFram, Memory]) -> None:
    store, memory = fram
    store.write(0, bytes(40))
    assert machine_of_tests.alone == [True, False] * 3
    assert max(map(len, memory.frames)) == 3 + 16


@pytest.mark.parametrize(("at", "size"), [(8_192, 1), (8_190, 3), (-1, 1)])
def test_no_place_outside_is_touched(fram: tuple[PicoFram, Memory], at: int, size: int) -> None:
    store, memory = fram
    with pytest.raises(ValueError, match="no such place"):
        store.read(at, size)
    with pytest.raises(ValueError, match="no such place"):
        store.write(at, bytes(size))
    assert memory.frames == []
