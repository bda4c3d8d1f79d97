"""What the firmware takes of memory, compiled as for a board, on MicroPython for PC, whose objects are twice as large."""

import platform

import pytest
from rigs.micropython import Run

HEAP = "196K"


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="only here does it run compiled")
def test_it_imports_and_idles_beside_its_two_strokes(micropython: Run, as_on_a_board: str) -> None:
    idled = micropython("idle", heap=HEAP, path=as_on_a_board)
    assert idled.stdout.split()[:3] == ["0", "0", "True"], idled.stdout + idled.stderr
