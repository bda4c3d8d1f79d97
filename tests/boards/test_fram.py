"""The FRAM over the emulated SPI: what is on the wire, select line included."""

import pytest
from rigs.pico import machine_of_tests
from rigs.pico.chip import Chip

from mesogun_fw.boards.pico import pins
from mesogun_fw.boards.pico.fram import PicoFram

SIO_OUT = 0xD000_0010


class Memory:
    """An MB85RS64V as its data sheet has it: a write counts byte by byte, and only after an enable of its own."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.bytes = bytearray(8_192)
        self.frames: list[list[int]] = []
        self._enabled = False
        chip.rp.spi[0].on_transmit = self.transmit
        chip.rp.write_uint32(chip.k[20] + 4, 2)  # enabled, as machine.SPI leaves it
        chip.rp.write_uint32(chip.k[20], 7)
        chip.rp.write_uint32(SIO_OUT, 1 << pins.FRAM_SELECT)
        self._selects = 0
        self._watch()

    def _watch(self) -> None:
        """Begin a frame at each fall of the select line."""
        write = self.chip.rp.sio.write_uint32
        sio = self.chip.rp.sio

        def seen(offset: int, value: int) -> None:
            before = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            write(offset, value)
            after = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            if before and not after:
                self.frames.append([])
            if after and not before and self.frames[-1][0] == 2:
                self._enabled = False

        sio.write_uint32 = seen

    def transmit(self, value: int) -> None:
        frame = self.frames[-1]
        frame.append(value)
        answer = 0xFF
        at = (frame[1] << 8 | frame[2]) + len(frame) - 4 if len(frame) > 3 else 0
        if frame == [6]:
            self._enabled = True
        elif len(frame) > 3 and frame[0] == 3:
            answer = self.bytes[at % 8_192]
        elif len(frame) > 3 and frame[0] == 2 and self._enabled:
            self.bytes[at % 8_192] = value
        self.chip.rp.spi[0].complete_transmit(answer)


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
