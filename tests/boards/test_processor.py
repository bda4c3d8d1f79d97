"""A tick as the board's own machine code makes it: the same as its source says, without the heap, and in time."""

import binascii
import random
from array import array
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rigs.pico.chip import Chip
from rigs.pico.gun import Gun
from rigs.pico.processor import ON_A_BOARD, Fast, Mpy, Processor, compiled, in_ram, processed, static_names
from rigs.pico.session import Assemble
from rigs.pico.visit import KINDS, LIMIT_US, STROKE_LIMIT_MS, longest_strokes, priced, visit

from mesogun_fw import crc
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.config import Description
from mesogun_fw.device import swept
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard import notes
from mesogun_fw.guard.cells import (
    ABORT,
    BACK,
    BEAT_MS,
    BUDGET_NL,
    GAUGE,
    HALT,
    HOME_CHECK,
    LATCHED,
    LOOP_MS,
    MARK_AT,
    MOVE,
    NEXT,
    NOTED,
    OFF,
    ORDER,
    PHASE,
    POWER,
    POWERED,
    PREPARED,
    READ,
    ROWS,
    RUN,
    START,
    VENT,
    VENTED,
    WAIT,
    WRITABLE,
    fresh,
)  # fmt: skip
from mesogun_fw.guard.inputs import (
    CLEAR,
    CONTACT_A,
    CONTACT_B,
    ELAPSED_US,
    ESTOP_OPEN,
    HOME,
    LATE_US,
    LISTS_PLAYED,
    NEEDLE_UM,
    PLAYING,
    PLUNGER_NM,
    PRESSURE_KPA,
    STOP_UM,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
    TRIGGER_A,
    TRIGGER_B,
)  # fmt: skip
from mesogun_fw.memory import layout
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import ENTRIES, Settings, Stroke
from mesogun_fw.talk.messages import CONSTANT_FLOW, CONTINUOUS, RETROGRADE
from mesogun_sim.desk import described_with

LIFE_MS = 6_000
PRESSED_MS = 260


def seen(gun: Gun) -> tuple[object, ...]:
    return gun.chip.pins, gun.events, bytes(gun.memory.bytes), gun.plunger.nm, gun.needle.most_nm


@pytest.mark.long
@pytest.mark.slow
def test_the_whole_gun_does_in_machine_code_what_its_source_says_in_time(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_written = assemble().start()
    visit(as_written)
    gun = assemble()
    with processed(gun.chip, monkeypatch) as processor:
        gun.start()
        cost_us = priced(gun, processor)
        visit(gun)
        assert seen(gun) == seen(as_written)
    assert set(KINDS) <= set(cost_us)
    slowest = {kind: max(ticks) for kind, ticks in cost_us.items()}
    assert max(slowest.values()) < LIMIT_US, slowest


@pytest.mark.slow
def test_the_longest_strokes_are_compiled_and_audited_in_time(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    """In machine code: what is bytecode of it does not grow with a stroke's words."""
    with processed(chip, monkeypatch) as processor:
        took_ms = longest_strokes(processor)
    assert 1 < max(took_ms) < STROKE_LIMIT_MS


@pytest.fixture
def processor(chip: Chip) -> Processor:
    return Processor(chip)


def fast(processor: Processor, source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Fast:
    """One fast function `f` of a file of its own."""
    path = folder / "some.py"
    path.write_text(f"import micropython\n@micropython.viper\n{source}\n")
    monkeypatch.setattr(notes, "__file__", str(path))
    return processor.load(notes)["f"]


@pytest.mark.parametrize(
    ("source", "values", "result"),
    [
        ("def f(a: int, b: int) -> int:\n    return a // b", (-7, 2), -4),
        ("def f(a: int, b: int) -> int:\n    return a % b", (-7, 2), 1),
        ("def f(a: int) -> int:\n    b = 0\n    while a:\n        b += a\n        a -= 1\n    return b", (100,), 5_050),
    ],
)
def test_it_reckons_as_python_does(
    processor: Processor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, values: tuple[int, ...], result: int
) -> None:
    assert fast(processor, source, tmp_path, monkeypatch)(*values) == result


def test_an_integer_that_would_be_allocated_is_noticed(
    processor: Processor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="allocates"):
        fast(processor, "def f(a: int) -> int:\n    return a << 4", tmp_path, monkeypatch)(1 << 27)


def test_a_function_that_is_no_machine_code_is_noticed(
    processor: Processor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "slow", lambda: 1, raising=False)
    with pytest.raises(AssertionError, match="is no machine code"):
        fast(processor, "def f() -> int:\n    return int(slow())", tmp_path, monkeypatch)()


def test_every_instruction_is_counted(processor: Processor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = fast(processor, "def f(a: int):\n    while a:\n        a -= 1", tmp_path, monkeypatch)
    counts = []
    for loops in (10, 20, 30):
        processor.cycles = 0
        wait(loops)
        counts.append(processor.cycles)
    assert counts[2] - counts[1] == counts[1] - counts[0] > 10 * 5


# What a shot, its line and a beat pass through in bytecode, by module.
WAY = {
    "device.gun": {"go", "done", "has_pass"},
    "device.shots": {
        "take_notes", "_take", "_keep", "ended", "_say_ended", "keep_ahead", "_prepare_ahead", "_report", "_close", "_done",
        "_count", "_tell", "_within", "stop",
    },
    "device.supervisor": {"stop", "redose"},
    "memory.journal": {"prepare", "done", "ahead", "in_flight", "waits_with", "dosed", "lay_dose"},
    "boards.pico.board": {"alone", "click", "show", "read", "write", "turn"},
    "boards.pico.lamp": {"turn", "_show"},
    "boards.pico.link": {"read", "write", "waiting"},
    "device.events": {"kept", "room", "new", "line", "_line", "ack"},
    "device.wire": {
        "request", "_understood", "_is_next", "answer", "_written", "flush", "_next_event", "_line", "_drop", "waiting",
    },
    "device.loop": {"step", "_watch_guard", "_request", "_answer", "_tidy"},
    "device.requests": {"answer_to", "beat"},
    "device.looking": {"status", "switches", "watch"},
}  # fmt: skip
ON_THE_STACK = 11  # words: MicroPython looks for a larger frame in its heap, for up to half a millisecond (VM_MAX_STATE_ON_STACK)


@pytest.mark.parametrize("module", WAY)
def test_a_shot_passes_only_through_functions_whose_frames_stay_off_the_heap(module: str) -> None:
    frames = Mpy(compiled(ON_A_BOARD.text(f"mesogun_fw.{module}")), static_names()).frames
    assert WAY[module] <= set(frames)
    assert {name: words for name, words in frames.items() if name in WAY[module] and words > ON_THE_STACK} == {}


def in_code(processor: Processor, module: ModuleType, monkeypatch: pytest.MonkeyPatch, *users: ModuleType) -> None:
    """The fast functions of this file are machine code, for itself and for these files that call them."""
    for name, fast in processor.load(module).items():
        for user in (module, *users):
            if hasattr(user, name):
                monkeypatch.setattr(user, name, fast)


def test_a_crc_in_machine_code_is_the_one_that_everybody_has(
    processor: Processor, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers of 32 bits pass through no object: the processor would notice."""
    there, r = in_ram(chip)("B", bytes(range(200, 256)) * 3), in_ram(chip)("I", crc.REGISTER.tobytes())
    r[crc.CRC] = 0
    in_code(processor, crc, monkeypatch)
    crc.crc32(there, 2, 100, r)
    crc.crc32(chip.addressof(there), 100, 165, chip.addressof(r))
    assert r[crc.CRC] == binascii.crc32(bytes(there)[2:165])


@pytest.mark.parametrize("travel_nm", [0, 1, 452, 17_508_000, -17_508_000, (1 << 30) - 1, 1 - (1 << 30)])
def test_the_volume_of_a_travel_is_the_same_in_32_bits(processor: Processor, travel_nm: int) -> None:
    there = processor.load(swept)["swept_nl"]
    for bore_um in (4_000, 10_000, 12_060, 17_000, 22_999):
        assert there(travel_nm, bore_um) == swept.swept_nl(travel_nm, bore_um)


def test_a_row_of_the_journal_is_the_same_in_machine_code(
    processor: Processor, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laid, judged and counted, with figures that are negative, and totals that are carried over every byte."""
    fresh = crc.REGISTER.tobytes()

    def life(do: Callable[[str], Callable[..., object]], made: Callable[..., Any]) -> list[object]:
        register = made("I", fresh)
        row, totals = made("B", bytes(35)), made("B", b"\xff" * 3 + bytes(17))
        said: list[object] = []
        do("lay_intent")(row, 0x12345678, 255, 65_535, 199_999, register)
        said += [do("judge")(row, 0x12345678, register), do("judge")(row, 0x12345679, register)]
        row[layout.MARK] = 0x5A
        said.append(do("judge")(row, 0x12345678, register))
        do("lay_end")(row, -1_234, -999_999, 7, register)
        said.append(do("judge")(row, 0x12345678, register))
        for _ in range(3):
            do("count")(totals, row, register)
        c = made("i", bytes(4 * 10))
        said.append(bytes(row))
        do("lay_dose")(row, 123_456, c, 2, register)
        row[layout.DOSE] ^= 1
        return [*said, do("judge")(row, 0x12345678, register), bytes(row), bytes(totals), list(c)]

    as_written = life(lambda name: getattr(layout, name), lambda form, values: array(form, values))
    assert as_written[:4] == [layout.IN_FLIGHT, layout.WRONG, layout.AHEAD, layout.CLOSED]
    in_code(processor, crc, monkeypatch, layout)
    in_code(processor, layout, monkeypatch)
    assert life(lambda name: getattr(layout, name), in_ram(chip)) == as_written


# ---- the guard and the way back, apart from a board ----

HOSTILE = {
    NEEDLE_UM: (0, 0, 200, 2_000, 5_000, 9_990, 10_020, -70, -60_000, 60_000),
    PLUNGER_NM: (0, 0, 625, -5_000, 90_000, -100_000_000, 100_000_000),
    ELAPSED_US: (0, 900, 5_000, 12_000, 20_000, 40_000, 300_000, 299_000, 6_000_000),
    LISTS_PLAYED: (1, 1, 1, 2, 3),
    PLAYING: (1, 1, 1, 1, 0, 2),
    LATE_US: (0, 0, 0, 0, 0, 1_000_000),
    HOME: (1, 0),
    ESTOP_OPEN: (0,) * 30 + (1,),
    TRIGGER_A: (1, 1, 1, 1, 1, 0),
    TRIGGER_B: (1, 1, 1, 1, 1, 0),
    CONTACT_A: (1, 1, 1, 1, 1, 1, 0),
    CONTACT_B: (1, 1, 1, 1, 1, 1, 0),
    SYRINGE: (1,) * 30 + (0,),
    CLEAR: (0, 0, 1),
    SUPPLY_MV: (24_000,) * 30 + (3_000,),
    PRESSURE_KPA: (400,) * 30 + (0,),
    STOP_UM: (4_000,) * 30 + (100,),
    TEMPERATURE_C: (30,) * 30 + (90,),
}


class Bare(Unhurried):
    """What a guard asks of a board. Orders are kept, and taken as obeyed."""

    def __init__(self, description: Description, made: "array[int]") -> None:
        self.description = description
        self.inputs = made
        self.orders: list[list[int]] = []

    def obey(self) -> None:
        c = self.inputs
        self.orders.append(list(c[ORDER : VENTED + 1]))
        c[ORDER] = c[MARK_AT] = 0
        c[POWERED], c[VENTED] = c[POWER], c[VENT]


def hostile_life(drive: str, seed: int, ticks: int, made: "array[int]") -> tuple[list[list[int]], list[list[int]]]:
    """Every cell after every tick of a guard whose inputs are drawn, mostly good ones; and its orders."""
    draw = random.Random(f"{drive} {seed}")
    description = described_with(drive)
    board = Bare(description, made)
    guard = Guard(board)
    cells = guard.cells
    stroke = Stroke()
    compile(stroke, Settings(4_000, 300_000, 10_000, 500_000, 20_000, 300_000, 12_060, CONTINUOUS), description)
    guard.lay(stroke, 0, 40_000)
    guard.lay(stroke, 1, 40_000)
    cells[ROWS], cells[PREPARED], cells[WRITABLE], cells[BUDGET_NL] = 200, 150, 1, 10_000_000
    told = []
    for now_ms in range(1, ticks):
        if cells[PHASE] in (OFF, LATCHED) and draw.random() < 0.05:
            cells[PHASE] = OFF
            guard.use(stroke, 0, CONTINUOUS, 1, 1_000, draw.choice((0, 0, 0, HOME_CHECK, GAUGE)))
            guard.place(-1 if drive == "stepper" or draw.random() < 0.5 else 1, 4_000)
            guard.arm(now_ms)
        at_ms = now_ms % 500
        if at_ms < PRESSED_MS:  # a good press ...
            for at, values in HOSTILE.items():
                cells[at] = values[0]
            cells[TRIGGER_A] = cells[TRIGGER_B] = at_ms > 230
            cells[CONTACT_A] = cells[CONTACT_B] = 0 if cells[MOVE] else 1
        else:  # ... and then anything
            for at, values in HOSTILE.items():
                if draw.random() < 0.03:
                    cells[at] = draw.choice(values)
            if draw.random() < 0.2:
                cells[NEEDLE_UM] += draw.randrange(-300, 900)
            if draw.random() < 0.01:
                guard.swap(stroke, 1, cells[NEXT])
        cells[READ] = cells[NOTED]
        cells[LOOP_MS] = cells[BEAT_MS] = now_ms if draw.random() < 0.999 else 0
        guard.tick(now_ms)
        told.append(list(cells))
    return told, board.orders


@pytest.mark.slow
@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
def test_whatever_its_inputs_the_guards_machine_code_does_what_its_source_says(
    drive: str, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_written = hostile_life(drive, 6, LIFE_MS, fresh())
    assert {row[PHASE] for row in as_written[0]} >= {OFF, WAIT, RUN, BACK, LATCHED}
    assert {order[0] for order in as_written[1]} >= {0, START, HALT, ABORT}
    with processed(chip, monkeypatch):
        assert hostile_life(drive, 6, LIFE_MS, in_ram(chip)("i", list(fresh()))) == as_written


STROKES = [
    ("stepper", Settings(10_000, 300_000, 20_000, 500_000, 5_000, 500_000, 12_060)),
    ("stepper", Settings(300, 100_000, 0, 500_000, 0, 500_000, 12_060)),
    ("stepper", Settings(5_000, 300_000, 20_000, 400_000, 0, 1_000_000, 12_060, CONSTANT_FLOW)),
    ("stepper", Settings(3_000, 300_000, 6_000, 100_000, 0, 500_000, 12_060, RETROGRADE)),
    ("pneumatic", Settings(4_000, 300_000, 10_000, 500_000, 5_000, 500_000, 12_060)),
    ("stepper", Settings(0, 10_000, 10_000, 100_000, 0, 500_000, 12_060)),
]


def ways_back(drive: str, asked: Settings) -> list[tuple[int, list[int]]]:
    """From every few words of a stroke: entries, and what they are."""
    stroke = Stroke()
    compile(stroke, asked, described_with(drive))
    found = []
    words = sum(stroke.lists[0][at + 1] * stroke.lists[0][at + 2] for at in range(0, 3 * ENTRIES, 3))
    for played in range(0, words, 1 + words // 150):
        entries = stroke.way_back(stroke, played, played & 1)  # type: ignore[operator]
        found.append((entries, [*stroke.away, stroke.words[stroke.away[0]]]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("drive", "asked"), STROKES)
def test_the_way_back_in_machine_code_is_the_one_its_source_finds(
    drive: str, asked: Settings, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_written = ways_back(drive, asked)
    assert len({entries for entries, _ in as_written}) == (2 if asked.depth_um else 1)
    with processed(chip, monkeypatch):
        assert ways_back(drive, asked) == as_written
