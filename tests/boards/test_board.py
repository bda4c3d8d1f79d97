"""The board as a whole: what is safe at its start, what its tick is given, a link that never waits."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rigs.pico import machine_of_tests as machine
from rigs.pico.chip import Chip

from mesogun_fw.boards.pico import files, pins
from mesogun_fw.boards.pico.board import PicoBoard
from mesogun_fw.boards.pico.link import READ_BYTES
from mesogun_fw.boards.pico.registers import BOARDS, UnknownBoard
from mesogun_fw.talk.messages import ARMED, FAULTED


class Stream:
    def __init__(self, fd: int, mode: str) -> None:
        self.buffer = os.fdopen(fd, mode, buffering=0)

    def fileno(self) -> int:
        return self.buffer.fileno()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The other end of the cable: `say` and `hear`."""
    to_gun, from_host = os.pipe()[::-1], None
    del from_host
    hear, speak = os.pipe()
    gun_in, gun_out = Stream(to_gun[1], "rb"), Stream(speak, "wb")
    monkeypatch.setattr(sys, "stdin", gun_in)
    monkeypatch.setattr(sys, "stdout", gun_out)
    yield SimpleNamespace(say=lambda text: os.write(to_gun[0], text), hear=lambda: os.read(hear, 1 << 20))
    monkeypatch.undo()
    gun_in.buffer.close()
    gun_out.buffer.close()
    os.close(to_gun[0])
    os.close(hear)


@pytest.fixture
def board(chip: Chip, host: Any, monkeypatch: pytest.MonkeyPatch) -> PicoBoard:
    monkeypatch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    return PicoBoard("nowhere")


def test_nothing_is_energised_and_every_switch_is_pulled_up(board: PicoBoard) -> None:
    for pin in (pins.ENABLE, pins.DUMP, *range(6)):
        assert machine.levels[pin] == 0
    assert {pins.ESTOP, pins.TRIGGER_A, pins.TRIGGER_B, pins.CONTACT_A, pins.CONTACT_B, pins.HOME, pins.CLEAR} <= machine.pulled_up
    assert board.simulated == 0
    assert 0 <= board.serial < 1 << 47
    assert board.boot > 0


def test_the_enable_and_the_dump_are_one_pin_each(board: PicoBoard) -> None:
    board.enable(True)
    assert (machine.levels[pins.ENABLE], machine.levels[pins.DUMP]) == (1, 0)
    board.vent(False)
    board.enable(False)
    assert (machine.levels[pins.ENABLE], machine.levels[pins.DUMP]) == (0, 1)


def test_the_tick_gets_milliseconds_and_the_inputs_of_its_moment(board: PicoBoard, chip: Chip) -> None:
    ticks = []
    board.run(lambda cells, ms: ticks.append((ms, board.inputs[0])))
    for _ in range(3):
        chip.rp.clock.tick(1_000_000)
        machine.timers[0](None)
    assert ticks == [(1, 0), (2, 0), (3, 0)]


def test_the_worst_tick_is_kept_until_asked(board: PicoBoard, chip: Chip) -> None:
    took = iter((70, 120, 90))
    board.run(lambda cells, ms: chip.rp.clock.tick(1_000 * next(took)))
    for us in (0, 930, 1_140):
        chip.rp.clock.tick(1_000 * us)
        machine.timers[0](None)
    assert board.worst() == (260, 120)
    assert board.worst() == (0, 0)


def test_the_watchdog_is_fed_only_while_the_guard_ticks(board: PicoBoard) -> None:
    board.run(lambda cells, ms: None)
    for guard_ms in (0, 1, 1, 1, 2):
        board.turn(guard_ms)
    assert machine.fed == [1_000, 0, 0, 0]


def test_the_watchdog_waits_longer_only_while_flash_is_written(
    board: PicoBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: str, mode: str) -> Any:
        machine.fed.append(-1)
        return (tmp_path / "copy").open(mode)

    monkeypatch.setattr(files, "open", opened, raising=False)
    board.flash.copy_write(0, b"one")
    assert machine.fed == [-1], "before it runs nothing is to be kept quiet"
    board.run(lambda cells, ms: None)
    board.flash.copy_write(0, b"one")
    assert machine.fed == [-1, 1_000, 4_000, -1, 1_000]


def test_memory_is_swept_when_little_is_free_and_not_before(board: PicoBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[int] = []
    free = iter((57_000, 24_576, 24_575))
    monkeypatch.setattr(gc, "mem_free", lambda: next(free), raising=False)
    monkeypatch.setattr(gc, "collect", lambda: swept.append(1))
    board.tidy()
    board.tidy()
    assert not swept
    board.tidy()
    assert swept


def test_giving_up_cuts_power_and_pulses_and_shows_it(board: PicoBoard, chip: Chip) -> None:
    board.enable(True)
    board.vent(False)
    board.give_up()
    assert (machine.levels[pins.ENABLE], machine.levels[pins.DUMP], chip.levels) == (0, 0, 0)
    assert machine.sent[-1][:3] == b"\xff\0\0"


def test_lamp_and_sounder_are_sent_when_they_change(board: PicoBoard) -> None:
    board.show(ARMED)
    board.lamp.turn(0)
    board.lamp.turn(40)
    board.click()
    board.lamp.turn(80)
    board.lamp.turn(120)
    board.show(FAULTED)
    board.lamp.turn(130)
    board.lamp.turn(300)
    green, red, off = b"\0\x50\0", b"\xff\0\0", b"\0\0\0"
    assert machine.sent == [green + off, green + b"\xff\xff\xff", green + off, red + b"\xff\xff\xff", off + off]


def test_reading_takes_what_is_there_and_never_waits(board: PicoBoard, host: Any) -> None:
    assert (board.read(), board.waiting()) == (b"", False)
    said = b"1 hello\x03\n" + b"x" * 100
    host.say(said)
    assert board.waiting()
    read = [board.read() for _ in range(-(-len(said) // READ_BYTES))]
    assert len(read[0]) == READ_BYTES
    assert b"".join(read) == said
    assert board.read() == b""


def test_writing_to_a_host_that_does_not_read_takes_nothing_and_returns(board: PicoBoard, host: Any) -> None:
    line = b"y" * 400
    taken = 0
    while (now := board.write(line)) == len(line):
        taken += now
    assert board.write(line) == 0
    assert host.hear() == b"y" * (taken + now)
    assert board.write(b"z\n") == 2


def test_the_first_word_of_a_block_is_on_256_bytes(board: PicoBoard, chip: Chip) -> None:
    words = chip.room(200)
    assert (chip.addressof(words) + 4 * board.align(words)) % 256 == 0  # type: ignore[arg-type]
    assert 0 < board.align(words) < 64  # type: ignore[arg-type]


def test_the_loop_is_alone_between_on_and_off(board: PicoBoard) -> None:
    board.alone(True)
    board.alone(False)
    assert machine.alone == [True, False]


def test_another_board_is_refused(chip: Chip, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.implementation, "_machine", "ESP32", raising=False)
    with pytest.raises(UnknownBoard, match="ESP32 is no board of this gun"):
        PicoBoard("nowhere")
