"""What a tick costs on a Pico, by what it does, and the longest strokes; how it is counted: processor.py. Run by `make bench`."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rigs.pico.chip import Chip
from rigs.pico.processor import processed
from rigs.pico.session import Assemble
from rigs.pico.visit import longest_strokes, priced, visit


def test_ticks_of_a_pico(benchmark: BenchmarkFixture, assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = assemble()
    with processed(gun.chip, monkeypatch) as processor:
        gun.start()
        shares: list[float] = []
        cost_us = priced(gun, processor, shares)
        benchmark.pedantic(visit, args=(gun,))
    rows = {kind: [len(us), sorted(us)[len(us) // 2], max(us)] for kind, us in cost_us.items()}
    benchmark.extra_info.update(ticks=rows, counted=[min(shares), max(shares)])


def test_longest_strokes_of_a_pico(benchmark: BenchmarkFixture, chip: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    with processed(chip, monkeypatch) as processor:
        took_ms = benchmark.pedantic(longest_strokes, args=(processor,))
    benchmark.extra_info.update(strokes_ms=took_ms)
