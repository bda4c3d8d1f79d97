"""`mesogun-lab flow`: constant flow at depth, second by second."""

import csv
from pathlib import Path

import pytest

from mesogun_lab import flow
from mesogun_lab.cases import PLASTIC, STIFF_1_ML, Case
from mesogun_lab.flow import Job, furthest


def test_a_soft_syringe_begins_late_and_runs_on_when_the_trigger_is_let_go(tmp_path: Path) -> None:
    stiff = flow.measure(Job(Case(STIFF_1_ML, skin_kpa=8.0), 10, seconds=12), trace=tmp_path)
    soft = flow.measure(Job(Case(PLASTIC[2], skin_kpa=8.0), 10, seconds=12))
    assert stiff.begins_s is not None
    assert stiff.begins_s <= 2
    assert soft.begins_s is None or soft.begins_s > 3
    assert soft.missing_s > stiff.missing_s + 1
    assert soft.after_nl > 5_000 > 1_000 > stiff.after_nl
    with (tmp_path / "shots.csv").open() as file:
        assert [round(nl) for nl in stiff.at_depth_nl] == [int(row["at_depth_nl"]) for row in csv.DictReader(file)][:-1]


def test_a_window_tells_the_furthest_mean_with_its_sign() -> None:
    seconds = [1_000.0, 1_000.0, 700.0, 1_200.0, 1_000.0]
    assert furthest(seconds, 1, 1_000) == pytest.approx(-0.3)
    assert furthest(seconds, 2, 1_000) == pytest.approx(-0.15)
    assert furthest(seconds, 5, 1_000) == pytest.approx(-0.02)
    assert furthest([1_000.0, 1_500.0], 1, 1_000) == pytest.approx(0.5)
