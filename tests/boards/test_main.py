"""main.py: outputs safe before anything can fail, maintenance by the button, no REPL otherwise."""

import ast
import gc
import runpy
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rigs.pico import machine_of_tests as machine
from rigs.pico.main import MAIN, Reset

from mesogun_fw.boards.pico import container, pins


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the interrupt character was set to."""
    said: list[int] = []
    micropython: Any = ModuleType("micropython")
    micropython.kbd_intr = said.append
    micropython.alloc_emergency_exception_buf = lambda size: None
    monkeypatch.setitem(sys.modules, "micropython", micropython)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(gc, "threshold", lambda amount: None, raising=False)
    monkeypatch.setattr(sys, "print_exception", lambda why: said.append(-2), raising=False)

    def sleep_ms(ms: int) -> None:
        raise Reset

    monkeypatch.setattr(time, "sleep_ms", sleep_ms, raising=False)
    machine.forget()
    return said


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "mount", lambda folder: None)
    monkeypatch.setattr(container, "unmount", lambda: None)
    board: Any = ModuleType("mesogun_fw.boards.pico.board")
    board.PicoBoard = SimpleNamespace  # a board that lacks everything
    monkeypatch.setitem(sys.modules, "mesogun_fw.boards.pico.board", board)


def test_the_first_statements_make_every_output_safe() -> None:
    first, loop = ast.parse(MAIN.read_text()).body[:2]
    assert ast.unparse(first) == "import machine"
    assert isinstance(loop, ast.For)
    assert sorted(ast.literal_eval(loop.iter)) == sorted((*range(6), pins.ENABLE, pins.DUMP, pins.LAMP))
    assert ast.unparse(loop.body[0]) == "machine.Pin(pin, machine.Pin.OUT, value=0)"


def test_the_slot_stands_once_where_it_can_be_rewritten() -> None:
    text = MAIN.read_text()
    assert text.count('SLOT = "/mesogun-a"') == text.count('\nSLOT = "/mesogun-a"\n') == 1


def test_the_button_held_leaves_to_the_repl_with_pins_safe_and_no_watchdog(interrupts: list[int]) -> None:
    machine.levels[pins.CLEAR] = 0
    names = runpy.run_path(str(MAIN))
    assert names["SLOT"] not in sys.path
    assert interrupts == [-1, 3]
    assert machine.fed == []
    assert not machine.usb.active, "the REPL has the serial port as it was"
    assert {machine.levels[pin] for pin in (*range(6), pins.ENABLE, pins.DUMP)} == {0}


def test_a_broken_firmware_waits_for_the_watchdog_with_pins_safe(interrupts: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    with pytest.raises(Reset):
        runpy.run_path(str(MAIN))
    assert interrupts == [-1, -2]
    assert machine.fed == [1_000]
    assert (machine.usb.active, machine.usb.builtin_driver) == (True, machine.USBDevice.BUILTIN_DEFAULT)
    assert {machine.levels[pin] for pin in (*range(6), pins.ENABLE, pins.DUMP)} == {0}


def test_a_board_that_breaks_while_it_is_made_leaves_no_power(interrupts: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none yet that could give up: what it has switched on is switched off here."""
    broken(monkeypatch)

    def half_made(folder: str) -> None:
        machine.levels[pins.ENABLE] = 1
        raise ValueError("a pin that is not there")

    sys.modules["mesogun_fw.boards.pico.board"].PicoBoard = half_made  # type: ignore[attr-defined]
    with pytest.raises(Reset):
        runpy.run_path(str(MAIN))
    assert machine.levels[pins.ENABLE] == 0
    assert machine.fed == [1_000]
