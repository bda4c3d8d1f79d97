"""docs/HARDWARE.md says what the code says: its pins, its figures, its arithmetic, its drawing."""

import ast
import doctest
import importlib
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from mesogun_fw.boards.pico import pins
from mesogun_fw.boards.pico.sensing import SWITCHES
from mesogun_fw.config import Description
from mesogun_fw.guard import inputs
from mesogun_fw.talk import codes

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HARDWARE = (DOCS / "HARDWARE.md").read_text()
FIRMWARE = ROOT / "firmware" / "mesogun_fw"
FILES = {
    "limits": FIRMWARE / "limits.py",
    "moves": FIRMWARE / "device" / "moves.py",
    "retreat": FIRMWARE / "stroke" / "retreat.py",
    "pins": FIRMWARE / "boards" / "pico" / "pins.py",
    "pico": FIRMWARE / "boards" / "pico" / "board.py",
    "sensing": FIRMWARE / "boards" / "pico" / "sensing.py",
    "needle": ROOT / "simulator" / "mesogun_sim" / "plant" / "needle.py",
}
FIGURES = re.findall(r"`(\w+)\.(\w+)`\s+= (-?[\d_]+)", HARDWARE)


@cache
def constants(file: Path) -> dict[str, int]:
    """The names that a file gives a plain number, `const(...)` or not. Read, not imported: a board's files need a board."""
    found = {}
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, int):
                found[node.targets[0].id] = value.value
    return found


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("make_wiring")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("wiring_table")


def test_there_are_figures_to_hold_to_the_code() -> None:
    assert len(FIGURES) > 30
    assert len(FIGURES) == len(re.findall(r"`\w+\.\w+`\s+=", HARDWARE)), "a figure that is no whole number"


@pytest.mark.parametrize(("place", "name", "value"), sorted(set(FIGURES)))
def test_a_figure_with_a_name_is_what_the_code_says(place: str, name: str, value: str) -> None:
    if place == "Description":
        assert int(value) == getattr(Description(), name)
    else:
        assert int(value) == constants(FILES[place])[name]


def test_every_figure_that_is_worked_out_comes_out_as_written() -> None:
    result = doctest.testfile(str(DOCS / "HARDWARE.md"), module_relative=False)
    assert result.attempted > 20
    assert result.failed == 0


# ---- pins ----


def test_the_pin_map_and_the_drawing_are_made_from_the_table(maker: ModuleType) -> None:
    assert maker.with_pin_map(HARDWARE) == HARDWARE, "run: python docs/make_wiring.py"
    assert (DOCS / "images" / "wiring.svg").read_text() == maker.drawing(), "run: python docs/make_wiring.py"


def test_every_pin_of_the_firmware_is_wired_once(table: ModuleType) -> None:
    wired = [pin.gpio for pin in table.PINS]
    assert len(wired) == len(set(wired))
    used = {value for name, value in vars(pins).items() if name.isupper() and isinstance(value, int) and name != "TIMELINE_PINS"}
    used |= set(range(pins.TIMELINE, pins.TIMELINE + pins.TIMELINE_PINS))
    used |= {pins.NEEDLE_ENCODER + 1, pins.PLUNGER_ENCODER + 1}
    assert set(wired) == used


def test_a_switch_is_an_input_by_its_own_name_closed_to_ground(table: ModuleType) -> None:
    wired = {pin.gpio: pin for pin in table.PINS}
    names = {inputs.ESTOP_OPEN: "e-stop sense"} | dict(enumerate(codes.SWITCHES[1:], 1))
    for which, gpio in enumerate(SWITCHES):
        pin = wired[gpio]
        assert (pin.name, pin.way, pin.pull) == (names[which], "in", table.UP)
        assert pin.safe.startswith("high")


def test_what_the_boards_first_lines_make_low_is_safe_low_and_pulled_down(table: ModuleType) -> None:
    first_loop = next(node for node in ast.parse((ROOT / "firmware" / "main.py").read_text()).body if isinstance(node, ast.For))
    assert set(ast.literal_eval(first_loop.iter)) == {
        pin.gpio for pin in table.PINS if pin.way == "out" and pin.safe.startswith("low")
    }
    for pin in table.PINS:
        if pin.way == "out" and pin.gpio not in (pins.LAMP, pins.FRAM_SELECT, pins.FRAM_CLOCK, pins.FRAM_OUT):
            assert pin.pull == table.DOWN, pin.name


def test_a_pin_named_in_the_text_is_that_pin(table: ModuleType) -> None:
    named = re.findall(r"\*\*([\w ]+)\*\* \(GPIO (\d+)\)", HARDWARE)
    assert named
    assert {(pin.name, str(pin.gpio)) for pin in table.PINS} >= set(named)


def test_the_header_is_that_of_a_pico(table: ModuleType) -> None:
    header = [signal for signal in table.LEFT + table.RIGHT if isinstance(signal, int)]
    assert len(table.LEFT) == len(table.RIGHT) == 20
    assert sorted(header) == [*range(23), 26, 27, 28]
    grounds = {3, 8, 13, 18, 23, 28}
    assert [table.header_pin(gpio) for gpio in range(23)] == [number for number in range(1, 30) if number not in grounds]
    assert [table.header_pin(gpio) for gpio in (25, 26, 27, 28, 29)] == [0, 31, 32, 34, 0]


def test_every_picture_it_shows_is_there_and_is_a_drawing() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", HARDWARE)
    assert len(shown) == 2
    for picture in shown:
        assert ElementTree.parse(DOCS / picture).getroot().tag.endswith("svg")
