"""Tables of addresses, and the numbers that machine code keeps for itself because looking them up is slow."""

import ast
from pathlib import Path

import pytest

from mesogun_fw import cells, inputs, stroke
from mesogun_fw.boards import fram, lists, pins, player, registers, sensing, tick
from mesogun_fw.boards.registers import BOARDS, UnknownBoard, registers_of

# Machine code's own name for what another file calls otherwise, by file.
ELSEWHERE = {
    "sensing": {
        "_ESTOP_OPEN",
        "_TRIGGER_A",
        "_TRIGGER_B",
        "_CONTACT_A",
        "_CONTACT_B",
        "_HOME",
        "_CLEAR",
        "_NEEDLE_UM",
        "_PLUNGER_NM",
        "_LATE_US",
        "_SYRINGE",
        "_PRESSURE_KPA",
        "_SUPPLY_MV",
        "_TEMPERATURE_C",
        "_STOP_UM",
    },
    "tick": {"_LATE_US"},
    "player": {"_IN_PLAYING", "_IN_ELAPSED_US", "_IN_PERIODS"},
}
CHIP = {"_PIO", "_PIO_SET", "_PIO_CLEAR", "_DATA", "_DATA_CLEAR", "_CONTROL", "_CONTROL_CLEAR", "_ABORT", "_FIFO", "_PLAY", "_WALK"}
CHIP |= {
    "_STATE",
    "_BEFORE",
    "_CLOCK",
    "_NM",
    "_RING_SHIFT",
    "_TIMER",
    "_SIO",
    "_ADC",
    "_SPI",
    "_OUT_SET",
    "_OUT_CLEAR",
    "_COUNTERS",
}


def constants(module: object) -> dict[str, int]:
    """The `_NAME = const(...)` of a file."""
    tree = ast.parse(Path(str(module.__file__)).read_text())  # type: ignore[attr-defined]
    said = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "const":
            said[ast.unparse(node.targets[0])] = int(eval(compile(ast.Expression(node.value.args[0]), "", "eval")))
    return said


@pytest.mark.parametrize("module", [lists, player, sensing, fram, tick])
def test_numbers_repeated_for_machine_code_are_those_of_their_own_file(module: object) -> None:
    names = constants(module)
    another = {fram: {"_DATA"}, tick: {"_ABORT"}}.get(module, set())  # a word's offset; an order
    for name in (CHIP & set(names)) - another:
        assert names[name] == getattr(registers, name[1:]), name
    for name in ELSEWHERE.get(str(module.__name__).rsplit(".", 1)[1], ()):  # type: ignore[attr-defined]
        assert names[name] == getattr(inputs, name.removeprefix("_IN").removeprefix("_")), name
    for name in [name for name in names if name.endswith("_PIN") and name != "_STOP_PIN"]:
        assert names[name] == getattr(pins, name[1:-4]), name


def test_lists_and_player_mean_the_same_by_their_figures() -> None:
    ours, theirs = constants(lists), constants(player)
    for name in {"_TABLE", "_CELLS", "_SLOTS", "_CHANNELS"}:
        assert ours[name] == theirs[name]
    names = ("_PLAYING", "_LIST", "_GRANTED", "_START", "_PERIODS", "_AT", "_SENT", "_TABLE", "_CELLS")
    assert max(theirs[name] for name in names) < theirs["_SLOTS"]
    assert theirs["_SLOTS"] + 2 * theirs["_SLOT_SIZE"] == lists.FIGURES
    assert ours["_CHANNELS"] == 1 << registers.DATA_CHANNEL | 1 << registers.CONTROL_CHANNEL
    assert theirs["_RELIEF_ENTRIES"] == stroke.RELIEF_ENTRIES
    assert theirs["_CLEAR_PINS"] == lists.CLEAR_PINS
    assert stroke.REPEATED_WORDS_MAX * 4 <= 256
    ours, theirs = constants(tick), constants(sensing)
    for name in ("_LAST_US", "_WORST_LATE_US", "_WORST_TICK_US", "_NOW", "_US"):
        assert ours[name] == theirs[name]
    theirs = constants(player)
    for name in ("_SLOTS", "_SLOT_SIZE", "_WORDS", "_AWAY"):
        assert ours[name] == theirs[name]
    for name in [name for name in ours if hasattr(cells, name[1:]) and name != "_INPUTS"]:
        assert ours[name] == getattr(cells, name[1:]), name
    assert constants(fram)["_SELECT"] == 1 << pins.FRAM_SELECT


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
