"""What is at the port cannot take the firmware: said clearly, and nothing is written."""

import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from rigs.plugged import pico
from rigs.rawrepl import Board
from rigs.smallfirmware import NEW, flashed

from mesogun.gun.flash.flashing import prepare
from mesogun.gun.flash.repl import Repl
from mesogun.gun.ports import PROMPT, ports
from mesogun.refusal import Refused
from mesogun_sim.desk import Desk
from mesogun_sim.serve import serve_pty

MPY = 6 | 3 << 8 | 2 << 10


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ({"_mpy": 6 | 3 << 8 | 4 << 10}, "architecture = armv6m"),
        ({"_machine": "Raspberry Pi Pico with RP2040"}, "built for x64, the firmware runs on armv6m"),
        ({"_machine": "Raspberry Pi Pico 2 with RP2350", "_mpy": MPY | 8 << 10}, "the firmware runs on armv7emsp"),
        ({"_machine": "ESP32 module with ESP32"}, "knows boards with RP2040 and RP2350"),
        ({"version": [1, 27, 0, ""]}, "MicroPython = 1.27.0"),
        ({"_mpy": 7 | 2 << 10}, "version 7.0, mpy-cross here makes 6.3"),
        ({"name": "circuitpython"}, "it runs circuitpython"),
        ({"name": 5}, "does not tell what it is"),
    ],
)
def test_a_board_that_cannot_run_it_is_refused_and_not_written_to(
    says: dict[str, Any], told: str, packages: dict[int, Path], tmp_path: Path
) -> None:
    board = Board(tmp_path)
    with board.plugged_in(**says) as port, pytest.raises(Refused) as refused:
        flashed(port, packages[NEW])
    assert told in str(refused.value)
    assert board.ask("import os\nprint(os.listdir('/'))") == "[]"


def test_a_file_system_that_a_power_cut_can_break_is_refused(packages: dict[int, Path], tmp_path: Path) -> None:
    with Board(tmp_path, sectors=200, fat=True).plugged_in() as port, pytest.raises(Refused, match="littlefs only"):
        flashed(port, packages[NEW])


@pytest.mark.parametrize("file", ["boot.py", "main.py"])
def test_what_is_not_ours_is_not_overwritten(file: str, packages: dict[int, Path], tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.ask(f"with open('/{file}', 'w') as file:\n    file.write('print(1)')")
    with board.plugged_in() as port, pytest.raises(Refused, match=f"rm :{file}"):
        flashed(port, packages[NEW])
    assert board.ask("import os\nprint(os.listdir('/'))") == f"['{file}']"


def test_too_little_space_is_seen_before_anything_is_written(packages: dict[int, Path], tmp_path: Path) -> None:
    board = Board(tmp_path, sectors=12)
    with board.plugged_in() as port, Repl(port) as raw, pytest.raises(Refused, match="bytes are needed and"):
        prepare(raw, packages[NEW])
    assert board.ask("import os\nprint(os.listdir('/'))") == "[]"


def test_a_port_where_nobody_answers_is_refused(packages: dict[int, Path]) -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(Refused, match="nothing that answers like a MicroPython board"):
            flashed(os.ttyname(slave), packages[NEW])
    finally:
        os.close(slave)
        os.close(master)


def test_a_port_that_is_not_there_is_refused(packages: dict[int, Path]) -> None:
    with pytest.raises(Refused, match="there is no such port"):
        flashed("/dev/no-such-port", packages[NEW])


@pytest.mark.slow
@pytest.mark.parametrize("raw", [False, True])
def test_a_board_at_its_prompt_is_called_that_by_who_looks_for_a_gun_and_can_be_flashed_then(
    raw: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`raw` is how a program that was killed leaves it."""
    with Board(tmp_path).plugged_in() as port:
        if raw:
            terminal = os.open(port, os.O_RDWR | os.O_NOCTTY)
            os.write(terminal, b"\r\x01print(")
            os.close(terminal)
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [pico(port)])
        (one,) = ports()
        assert (one.kind, f"mesogun flash --port {port}" in one.remedy) == (PROMPT, True)
        with Repl(port) as repl:
            assert repl.run("print(6 * 7)").strip() == "42"


def test_a_running_gun_is_told_to_be_put_into_maintenance(packages: dict[int, Path]) -> None:
    class SwitchedOff(Exception):
        pass

    def watch() -> None:
        if over.is_set():
            raise SwitchedOff

    def say(path: str) -> None:
        ports.append(path)
        told.set()

    def serve() -> None:
        desk = Desk()
        desk.watch = watch
        with contextlib.suppress(SwitchedOff):
            serve_pty(desk, 1.0, say)

    ports: list[str] = []
    over, told = threading.Event(), threading.Event()
    gun = threading.Thread(target=serve)
    gun.start()
    told.wait(10)
    try:
        with pytest.raises(Refused, match="hold the clear button"):
            flashed(ports[0], packages[NEW])
    finally:
        over.set()
        gun.join()
