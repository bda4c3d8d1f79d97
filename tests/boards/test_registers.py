"""Tables of addresses: the chips' registers, the board's pins, the player's own figures."""

import pytest

from mesogun_fw.boards.pico import figures, pins, registers
from mesogun_fw.boards.pico.registers import BOARDS, UnknownBoard, registers_of
from mesogun_fw.stroke import language


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
