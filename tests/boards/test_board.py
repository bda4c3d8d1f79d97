"""The board as a whole: what is safe at its start, what its tick is given, a link that never waits."""

import gc
import sys
from pathlib import Path
from typing import Any

import pytest
from rigs.pico import machine_of_tests as machine
from rigs.pico.chip import Chip
from rigs.pico.usb import Usb, activate, plug_in

from mesogun_fw import limits
from mesogun_fw.boards.pico import files, pins, tick
from mesogun_fw.boards.pico.board import PicoBoard
from mesogun_fw.boards.pico.link import READ_BYTES
from mesogun_fw.boards.pico.registers import BOARDS, UnknownBoard
from mesogun_fw.guard.cells import VENT, VENTED
from mesogun_fw.shim import addressof
from mesogun_fw.talk.messages import ARMED, FAULTED


@pytest.fixture
def host(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> Usb:
    """The other end of the cable: `say` and `hear`."""
    activate()
    return plug_in(monkeypatch)


@pytest.fixture
def board(chip: Chip, host: Usb, monkeypatch: pytest.MonkeyPatch) -> PicoBoard:
    monkeypatch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    return PicoBoard("nowhere")


def test_nothing_is_energised_and_every_switch_is_pulled_up(board: PicoBoard) -> None:
    for pin in (pins.ENABLE, pins.DUMP, *range(6)):
        assert machine.levels[pin] == 0
    assert {pins.ESTOP, pins.TRIGGER_A, pins.TRIGGER_B, pins.CONTACT_A, pins.CONTACT_B, pins.HOME, pins.CLEAR} <= machine.pulled_up
    assert {pins.NEEDLE_ENCODER + i for i in (0, 1)} | {pins.PLUNGER_ENCODER + i for i in (0, 1)} <= machine.pulled_up
    assert board.simulated == 0
    assert 0 <= board.serial < 1 << 47
    assert board.boot > 0


def test_every_analogue_pin_is_made_one(chip: Chip, host: Usb, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not reads what its pull says: a supply, a temperature or a pressure that nobody has measured."""
    made: list[int] = []

    class Converter(machine.ADC):
        def __init__(self, channel: object) -> None:
            made.append(channel.number if isinstance(channel, machine.Pin) else int(str(channel)))

    monkeypatch.setattr("mesogun_fw.boards.pico.board.machine.ADC", Converter)
    monkeypatch.setattr(sys.implementation, "_machine", BOARDS[0], raising=False)
    PicoBoard("nowhere")
    assert sorted(made) == sorted([pins.PRESSURE, pins.DRIVE, pins.LOGIC, machine.ADC.CORE_TEMP])


def test_the_enable_and_the_dump_are_one_pin_each(board: PicoBoard) -> None:
    board.enable(True)
    assert (machine.levels[pins.ENABLE], machine.levels[pins.DUMP]) == (1, 0)
    board.vent(False)
    board.enable(False)
    assert (machine.levels[pins.ENABLE], machine.levels[pins.DUMP]) == (0, 1)


def test_the_tick_gets_milliseconds_and_the_inputs_of_its_moment(
    board: PicoBoard, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = []
    board.run()
    monkeypatch.setattr(tick, "tick", lambda cells, ms: ticks.append((ms, board.inputs[0])))
    for _ in range(3):
        chip.rp.clock.tick(1_000_000)
        machine.timers[0](None)
    assert ticks == [(1, 0), (2, 0), (3, 0)]


def test_the_worst_tick_is_kept_until_asked(board: PicoBoard, chip: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    took = iter((70, 120, 90))
    board.run()
    monkeypatch.setattr(tick, "tick", lambda cells, ms: chip.rp.clock.tick(1_000 * next(took)))
    for us in (0, 930, 1_140):
        chip.rp.clock.tick(1_000 * us)
        machine.timers[0](None)
    assert board.worst() == (260, 120)
    assert board.worst() == (0, 0)


def test_the_watchdog_is_fed_only_while_the_guard_ticks(board: PicoBoard) -> None:
    board.run()
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
    board.run()
    board.flash.copy_write(0, b"one")
    assert machine.fed == [-1, 1_000, 4_000, -1, 1_000]


def test_memory_is_swept_when_little_is_free_and_sooner_while_nothing_can_start(
    board: PicoBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 40_000
    swept: list[int] = []

    def sweep() -> None:
        nonlocal free
        swept.append(free)
        free = 40_000

    monkeypatch.setattr(gc, "mem_free", lambda: free, raising=False)
    monkeypatch.setattr(gc, "collect", sweep)
    for idle, left in ((False, 16_384), (False, 16_383), (True, 37_952), (True, 37_951)):
        free = left
        board.tidy(idle)
    assert swept == [16_383, 37_951]


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


def test_reading_takes_what_is_there_and_never_waits(board: PicoBoard, host: Usb) -> None:
    got = bytearray(400)
    assert (board.read(got, 0), board.waiting()) == (0, False)
    said = b"1 hello\x03\n" + b"x" * 100
    host.say(said)
    assert board.waiting()
    size = board.read(got, 7)
    assert size == READ_BYTES, "a turn of the loop is short"
    size += board.read(got, 7 + size)
    assert got[7 : 7 + size] == said
    assert board.read(got, 7 + size) == 0


def test_reading_takes_no_more_than_there_is_room_for(board: PicoBoard, host: Usb) -> None:
    host.say(b"abcdef")
    got = bytearray(4)
    assert (board.read(got, 1), got) == (3, b"\0abc")
    assert board.read(got, 4) == 0
    assert host.to_gun == b"def"


def filled(text: bytes) -> bytearray:
    """A line in a buffer that held another one before."""
    return bytearray(text.ljust(limits.LINE_MAX, b"~"))


def test_a_line_is_sent_whole_whatever_becomes_of_its_buffer(board: PicoBoard, host: Usb) -> None:
    for text in (b"one\n", b"x" * (limits.LINE_MAX - 1) + b"\n", b"\n"):
        line = filled(text)
        assert board.write(line, len(text))
        line[:] = bytes(len(line))
        assert host.hear() == text
        board.waiting()


def test_a_host_that_does_not_read_has_one_line_in_flight_and_costs_no_other(board: PicoBoard, host: Usb) -> None:
    assert board.write(filled(b"one\n"), 4)
    for _ in range(100):
        assert not board.write(filled(b"two\n"), 4)
        assert not board.waiting()
    assert host.begun == 1
    assert host.hear() == b"one\n"
    assert not board.write(filled(b"two\n"), 4), "MicroPython has not yet seen that it was taken"
    board.waiting()
    assert board.write(filled(b"two\n"), 4)
    assert host.hear() == b"two\n"


def test_a_reset_of_the_bus_costs_the_line_in_flight_and_nothing_is_sent_before_a_host_is_there_again(
    board: PicoBoard, host: Usb
) -> None:
    assert board.write(filled(b"one\n"), 4)
    host.reset()
    for _ in range(10):
        assert not board.write(filled(b"two\n"), 4)
        board.waiting()
    assert host.begun == 1
    host.configure()
    assert board.write(filled(b"two\n"), 4)
    assert host.hear() == b"two\n"
    assert host.interrupt


def test_the_controllers_interrupt_is_let_in_again_when_a_line_cannot_be_begun(board: PicoBoard, host: Usb) -> None:
    assert board.write(filled(b"one\n"), 4)
    host.hear()
    assert not board.write(filled(b"two\n"), 4)
    assert host.interrupt


def test_the_first_word_of_a_block_is_on_256_bytes(board: PicoBoard, chip: Chip) -> None:
    words = chip.room(200)
    assert (chip.addressof(words) + 4 * board.align(words)) % 256 == 0  # type: ignore[arg-type]
    assert 0 < board.align(words) < 64  # type: ignore[arg-type]


def test_what_the_loop_asks_of_the_guard_is_done_with_the_tick_kept_away_and_so_is_what_it_orders(board: PicoBoard) -> None:
    seen = []

    def act(cells: int, a: int, b: int) -> int:
        seen.append((cells, a, b, machine.alone[:], machine.levels[pins.DUMP]))
        board.inputs[VENT] = 0
        return 5

    board.inputs[VENT] = board.inputs[VENTED] = 1
    enable = machine.enable_irq

    def let_in(state: int) -> None:
        seen.append(machine.levels[pins.DUMP])
        enable(state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mesogun_fw.boards.pico.tick.enable_irq", let_in)
        assert board.alone(act, 3, 4) == 5
    assert seen == [(addressof(board.inputs), 3, 4, [True], 0), 1]
    assert machine.alone == [True, False]


def test_another_board_is_refused(chip: Chip, host: Usb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.implementation, "_machine", "ESP32", raising=False)
    with pytest.raises(UnknownBoard, match="ESP32 is no board of this gun"):
        PicoBoard("nowhere")
