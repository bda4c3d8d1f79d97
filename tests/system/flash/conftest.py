"""A board that stands for a Pico, and two versions of a small firmware. The board is this computer's MicroPython."""

import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rigs.micropython import needed_micropython
from rigs.rawrepl import CHIP, Board
from rigs.smallfirmware import NEW, OLD, flashed, write_firmware

from mesogun.gun import link
from mesogun.gun.flash import board as board_module
from mesogun.gun.flash import repl


@contextmanager
def the_chip_is_known_and_nobody_waits_long() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(board_module.CHIPS, CHIP, "x64")
        patch.setattr(repl, "WAIT_S", 0.6)
        patch.setattr(link, "TRIES", 3)
        yield


@pytest.fixture(scope="session")
def micropython() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the board of these tests is Linux x86_64 in disguise")
    needed_micropython()


@pytest.fixture(autouse=True)
def _in_these_tests_only(micropython: None) -> Iterator[None]:
    with the_chip_is_known_and_nobody_waits_long():
        yield


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The folder of the package, by version."""
    return {version: write_firmware(tmp_path_factory.mktemp("firmware"), version) for version in (OLD, NEW)}


@pytest.fixture(scope="session")
def with_old(micropython: None, packages: dict[int, Path], tmp_path_factory: pytest.TempPathFactory) -> Board:
    board = Board(tmp_path_factory.mktemp("board"))
    with the_chip_is_known_and_nobody_waits_long(), board.plugged_in() as port:
        flashed(port, packages[OLD])
    return board


@pytest.fixture
def board(with_old: Board, tmp_path: Path) -> Board:
    """A board that has the old version."""
    return with_old.copy(tmp_path)
