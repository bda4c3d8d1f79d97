"""The guard's tick with everything that it calls put in does what its source says, over cells of every kind."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rigs.micropython import FIRMWARE, SCRIPTS, Run, as_folded

from mesogun_fw.guard.cells import ABORT, GRANT, HALT, RELIEVE, REVOKE, START

SEEDS = range(1, 3_000)


def on_cpython(firmware: Path, stdin: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(firmware), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(SCRIPTS / "cells.py")]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True, env=environment).stdout.splitlines()


@pytest.mark.slow
def test_over_cells_of_every_kind_the_tick_in_one_piece_does_what_its_source_says(micropython: Run) -> None:
    stdin = "".join(f"{seed}\n" for seed in SEEDS)
    as_written = on_cpython(FIRMWARE, stdin)
    assert len(as_written) == 3 * len(SEEDS)
    phases, endings, reasons, orders = (Counter(column) for column in list(zip(*map(str.split, as_written), strict=True))[:4])
    assert len(phases) == 6
    assert len(endings) == 5
    assert len(reasons) > 25
    assert {str(order) for order in (0, START, GRANT, REVOKE, HALT, ABORT, RELIEVE)} == set(orders)
    assert on_cpython(as_folded(), stdin) == as_written
    there = micropython("cells", stdin=stdin)
    assert there.returncode == 0, there.stderr
    assert there.stdout.splitlines() == as_written
