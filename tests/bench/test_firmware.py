"""Pieces of the firmware on real MicroPython for PC. What they take on a board is in docs/HARDWARE.md; here their ratios count."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mesogun_fw
from mesogun_build.fold import folded
from mesogun_sim.engines.micropython import HEAP_64_BIT, find_micropython

FIRMWARE = folded(Path(mesogun_fw.__file__).parent).parent
SCRIPTS = Path(__file__).parents[1] / "rigs" / "on_micropython"
TIMES = {"tick": 1_000, "line": 100, "compile": 1, "audit": 1}


@pytest.fixture(scope="module")
def micropython() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [find_micropython(), "-X", f"heapsize={HEAP_64_BIT}", "-m", "pieces"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MICROPYPATH": f"{FIRMWARE}:{SCRIPTS}:.frozen"},
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("piece", TIMES)
def test_on_micropython(benchmark: BenchmarkFixture, micropython: "subprocess.Popen[str]", piece: str) -> None:
    """tick: the guard's, while the needle moves. line: one message of ten fields taken. Longest stroke compiled, audited."""

    def run() -> None:
        assert micropython.stdin
        assert micropython.stdout
        micropython.stdin.write(f"{piece} {TIMES[piece]}\n")
        micropython.stdin.flush()
        assert micropython.stdout.readline() == "done\n"

    benchmark.pedantic(run, rounds=20, warmup_rounds=2)
    benchmark.extra_info.update(times=TIMES[piece])
