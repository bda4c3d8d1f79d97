"""`mesogun flash`: what it tells a person and a program, and its exit codes."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rigs.marks import mostly_slow
from rigs.rawrepl import Board
from rigs.schemas import valid
from rigs.smallfirmware import NEW, OLD, what_starts

from mesogun.cli import mesogun
from mesogun.gun.flash import flashing
from mesogun.gun.flash.board import ARCHITECTURES
from mesogun.gun.flash.repl import Repl


@pytest.fixture
def command(packages: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(flashing, "firmware", lambda: packages[NEW])
    return lambda *arguments: CliRunner().invoke(mesogun, ["flash", *arguments])


def test_the_command_tells_a_program_what_it_did(board: Board, command: Callable[..., Result]) -> None:
    with board.plugged_in() as port:
        result = command("--port", port, "--json")
    assert result.exit_code == 0
    told = valid(json.loads(result.stdout))
    assert (told["written"], told["version_before"], told["version"], told["slot"]) == (True, OLD, NEW, "/mesogun-b")
    assert told["micropython"].count(".") == 2
    assert [file["path"] for file in told["files"]][:2] == ["/main.py", "/mesogun-b/container.mpy"]
    assert told["needed_bytes"] > sum(file["size"] for file in told["files"]) > 6_000
    assert what_starts(board) == NEW


def test_the_command_tells_a_person_both_versions(board: Board, command: Callable[..., Result]) -> None:
    with board.plugged_in() as port:
        result = command("--port", port)
    assert "0.1.0 -> 0.2.0, in /mesogun-b" in result.stdout
    assert "without holding the clear button" in result.stdout


def test_a_dry_run_does_all_but_write(board: Board, command: Callable[..., Result]) -> None:
    stored = board.stored()
    with board.plugged_in() as port:
        told = json.loads(command("--port", port, "--json", "--dry-run").stdout)
        assert "Nothing was written" in command("--port", port, "--dry-run").stdout
    assert (told["written"], told["version_before"], told["version"]) == (False, OLD, NEW)
    assert told["free_bytes"] > told["needed_bytes"]
    assert board.stored() == stored


@pytest.mark.parametrize("march", ["armv6m", "armv7emsp"])
def test_a_dry_run_for_each_chip_makes_files_of_its_architecture(march: str, board: Board, command: Callable[..., Result]) -> None:
    chip = {"armv6m": "RP2040", "armv7emsp": "RP2350"}[march]
    mpy = 6 | 3 << 8 | ARCHITECTURES.index(march) << 10
    with board.plugged_in(_machine=f"Raspberry Pi Pico with {chip}", _mpy=mpy, maxsize=(1 << 31) - 1) as port:
        result = command("--port", port, "--dry-run")
    assert result.exit_code == 0
    assert march in result.stdout


@pytest.mark.parametrize("piece", mostly_slow([1, 4, 9]))
def test_ctrl_c_half_way_leaves_the_version_before(
    piece: int, board: Board, command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, pieces = Repl.run, []

    def run(self: Repl, code: str) -> str:
        pieces.extend([1] * code.startswith("file.write"))
        if len(pieces) == piece:
            signal.raise_signal(signal.SIGINT)  # in the midst of it, and again at every line that follows
        return real(self, code)

    with board.plugged_in() as port, monkeypatch.context() as patch:
        patch.setattr(Repl, "run", run)
        assert command("--port", port).exit_code == 130
    assert len(pieces) == piece
    assert what_starts(board) == OLD
    assert board.ask("import os\nprint(os.listdir('/'))") == "['main.py', 'mesogun-a']"


def test_an_unplugged_board_is_a_lost_link_and_a_refusal_is_a_refusal(board: Board, command: Callable[..., Result]) -> None:
    with board.plugged_in(cut_at=9) as port:
        lost = command("--port", port, "--json")
    assert lost.exit_code == 3
    assert "it starts what it started before" in json.loads(lost.stdout)["error"]
    with board.plugged_in(flip="/firmware") as port:
        assert command("--port", port).exit_code == 2
