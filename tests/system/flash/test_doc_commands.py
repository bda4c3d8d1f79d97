"""The documents' commands that put firmware on a board run as they are written, on the board of these tests."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rigs.doc_commands import DOCUMENTS, written
from rigs.rawrepl import Board
from rigs.smallfirmware import NEW

from mesogun.cli import mesogun
from mesogun.gun.flash import flashing
from mesogun.gun.flash.repl import RASPBERRY_PI

COMMANDS = sorted({one.words for document in DOCUMENTS for one in written(document) if one.words[0] == "flash"})


def test_there_are_some() -> None:
    assert {("flash",), ("flash", "--dry-run")} <= set(COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_to_flash_runs_as_it_is_written(
    words: tuple[str, ...], board: Board, packages: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flashing, "firmware", lambda: packages[NEW])
    with board.plugged_in() as port:
        plugged_in = [SimpleNamespace(device=port, vid=RASPBERRY_PI, description="Pico")]
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: plugged_in)
        result = CliRunner().invoke(mesogun, [port if word in ("PORT", "/dev/ttyACM0") else word for word in words])
    assert result.exit_code == 0, result.output
