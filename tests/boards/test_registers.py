"""Tables of addresses: the chips' registers, the board's pins, the player's own figures."""

import pytest

from mesogun_fw.boards.pico import figures, pins, registers
from mesogun_fw.boards.pico.registers import BOARDS, UnknownBoard, registers_of
from mesogun_fw.stroke import language, pneumatic, retreat, stepper


def test_lists_and_player_mean_the_same_by_their_figures() -> None:
    own = (
        figures.PLAYING, figures.LIST, figures.GRANTED, figures.START_US, figures.LISTS_PLAYED, figures.TABLE, figures.CELLS,
        figures.AT, figures.SENT,
    )  # fmt: skip
    assert len(set(own)) == len(own) == figures.SLOTS
    assert max(figures.WORDS, figures.LISTED + 1, figures.AWAY, figures.TURNS, figures.RELIEF) < figures.SLOT_SIZE
    assert language.REPEATED_WORDS_MAX * 4 <= 256


def test_an_unknown_board_is_refused_with_what_to_use() -> None:
    with pytest.raises(UnknownBoard, match="runs on a Raspberry Pi Pico with RP2040 or a Raspberry Pi Pico 2"):
        registers_of("Raspberry Pi Pico W with RP2040", 125_000_000)


@pytest.mark.parametrize(("board", "clock_hz"), [(BOARDS[0], 133_000_000), (BOARDS[1], 125_000_000)])
def test_another_clock_is_refused(board: str, clock_hz: int) -> None:
    with pytest.raises(UnknownBoard, match=r"set no machine\.freq"):
        registers_of(board, clock_hz)


@pytest.mark.parametrize(
    ("board", "clock_hz", "play", "walk", "timer", "cycles"),
    [
        # RP2040 datasheet 2.5.7: enabled, word, increment read, chain to 11, quiet; ring of 16 bytes on writes, chain to itself
        (BOARDS[0], 125_000_000, 1 | 2 << 2 | 1 << 4 | 11 << 11 | 1 << 21,
         1 | 2 << 2 | 1 << 4 | 1 << 5 | 4 << 6 | 1 << 10 | 11 << 11 | 63 << 15 | 1 << 21, 0x40054000, 25),
        # RP2350 datasheet 12.6.10
        (BOARDS[1], 150_000_000, 1 | 2 << 2 | 1 << 4 | 11 << 13 | 1 << 23,
         1 | 2 << 2 | 1 << 4 | 1 << 6 | 4 << 8 | 1 << 12 | 11 << 13 | 63 << 17 | 1 << 23, 0x400B0000, 30),
    ],
)  # fmt: skip
def test_both_chips_have_their_own_control_words(board: str, clock_hz: int, play: int, walk: int, timer: int, cycles: int) -> None:
    k = registers_of(board, clock_hz)
    assert (k[registers.PLAY], k[registers.WALK], k[registers.TIMER], k[registers.CYCLES]) == (play, walk, timer, cycles)


def test_no_two_things_share_a_pin() -> None:
    used = [*range(pins.TIMELINE, pins.TIMELINE + pins.TIMELINE_PINS)]
    used += [pins.NEEDLE_ENCODER, pins.NEEDLE_ENCODER + 1, pins.PLUNGER_ENCODER, pins.PLUNGER_ENCODER + 1]
    used += [value for name, value in vars(pins).items() if name.isupper() and isinstance(value, int)]
    for twice in ("TIMELINE", "TIMELINE_PINS", "NEEDLE_ENCODER", "PLUNGER_ENCODER"):
        used.remove(getattr(pins, twice))
    assert len(used) == len(set(used))
    assert max(used) <= 29


def test_every_pin_is_where_its_wire_is() -> None:
    """What is soldered does not follow a number that is changed here: power on another pin is power that nobody cuts."""
    wired = {
        "TIMELINE": 0, "TIMELINE_PINS": 6, "NEEDLE_ENCODER": 6, "PLUNGER_ENCODER": 8, "ESTOP": 10, "TRIGGER_A": 11,
        "TRIGGER_B": 12, "CONTACT_A": 13, "CONTACT_B": 14, "LAMP": 15, "FRAM_IN": 16, "FRAM_SELECT": 17, "FRAM_CLOCK": 18,
        "FRAM_OUT": 19, "CLEAR": 20, "ENABLE": 21, "DUMP": 22, "PRESSURE": 26, "HOME": 27, "DRIVE": 28, "LOGIC": 29,
    }  # fmt: skip
    assert {name: value for name, value in vars(pins).items() if name.isupper()} == wired


def test_both_drives_put_their_pins_where_their_wires_are() -> None:
    """One after the other from the first of the timeline on: bit n of a word is pin n."""
    assert (retreat.NEEDLE_STEP, retreat.NEEDLE_DIR) == (pneumatic.VALVE_OUT, pneumatic.VALVE_BACK) == (1, 2)
    assert (language.PLUNGER_STEP, language.PLUNGER_DIR) == (4, 8)
    assert (pneumatic.STOP_STEP, pneumatic.STOP_DIR) == (16, 32)
    assert stepper.PIN_NAMES == ("needle_step", "needle_dir", "plunger_step", "plunger_dir")
    assert pneumatic.PIN_NAMES == ("valve_out", "valve_back", "plunger_step", "plunger_dir", "stop_step", "stop_dir")
