"""`mesogun-lab dose`: three doses that are never one, from the firmware's own strokes."""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest

from mesogun_lab import dose
from mesogun_lab.cases import PLASTIC, STIFF_1_ML, Case
from mesogun_lab.dose import DoseMeasured, Job

SOFT = Case(PLASTIC[2], skin_kpa=8.0)
STIFF = Case(STIFF_1_ML, skin_kpa=8.0)


@cache
def measured(job: Job) -> DoseMeasured:
    return dose.measure(job)


def test_a_soft_syringe_s_plunger_gives_every_dose_and_little_of_it_is_at_depth() -> None:
    """The encoder shows a perfect dose: no figure of the gun's own says otherwise."""
    found = measured(Job(SOFT, 20, a_third=3))
    assert found.encoder.holds
    assert found.plunger.holds
    assert not found.at_depth.holds
    assert found.at_depth.mean_nl < 0.6 * 20_000


def test_a_stiff_one_has_most_of_it_there_from_the_first_shot_on() -> None:
    soft, stiff = (measured(Job(case, 20, a_third=3)) for case in (SOFT, STIFF))
    assert stiff.at_depth.mean_nl > 0.9 * 20_000
    assert min(stiff.first_shares) > 0.9 > max(soft.first_shares)
    assert stiff.after_doses < 0.1 < soft.after_doses
    assert stiff.after_pause_share > 0.9 > soft.after_pause_share


def test_air_that_was_left_in_a_stiff_path_makes_it_soft() -> None:
    airy = measured(Job(replace(STIFF, bubble_nl=8_000.0), 5, a_third=1))
    assert airy.at_depth.mean_nl < 0.85 * 5_000


@pytest.mark.slow
def test_the_syringe_on_the_gun_and_not_the_planner_s_says_how_much_it_gives() -> None:
    hard, soft = (measured(Job(replace(SOFT, softness=softness), 20, a_third=1)) for softness in (0, 2))
    assert hard.at_depth.mean_nl > 1.5 * soft.at_depth.mean_nl
    assert hard.plunger.mean_nl == pytest.approx(soft.plunger.mean_nl, abs=2)


def test_its_figures_are_those_of_the_trace(tmp_path: Path) -> None:
    found = dose.measure(Job(SOFT, 50, a_third=2), trace=tmp_path)
    with (tmp_path / "shots.csv").open() as file:
        rows = [{key: int(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == found.encoder.count == 6
    for column, interval in (("measured_dose_nl", found.encoder), ("plunger_nl", found.plunger), ("at_depth_nl", found.at_depth)):
        assert interval.mean_nl == pytest.approx(fmean(row[column] for row in rows), abs=0.5)
    assert found.spilt_share == pytest.approx(fmean(row["spilt_nl"] for row in rows) / 50_000, abs=1e-4)


def test_shots_come_from_all_thirds_of_the_syringe(tmp_path: Path) -> None:
    """Between two thirds the plunger is primed on to the next: 1 ml, two shots of 50 µl in each."""
    dose.measure(Job(STIFF, 50, a_third=2), trace=tmp_path)
    steps: list[int] = []
    at, back = 0, 0
    shot_us = [int(row["start_us"]) for row in csv.DictReader((tmp_path / "shots.csv").open())]
    with (tmp_path / "pins.csv").open() as file:
        for row in csv.DictReader(file):
            while len(steps) < len(shot_us) and int(row["time_ns"]) >= 1_000 * shot_us[len(steps)]:
                steps.append(at)
            back = int(row["level"]) if row["pin"] == "plunger_dir" else back
            at += (-1 if back else 1) if (row["pin"], row["level"]) == ("plunger_step", "1") else 0
    nl_per_step = 3.141593 / 4 * 6.35**2 * 0.625
    assert [round(count * nl_per_step / 1_000) for count in steps] == [0, 50, 333, 383, 667, 717]


def test_more_shots_than_a_third_holds_take_more_fillings() -> None:
    found = measured(Job(STIFF, 200, a_third=2))
    assert found.at_depth.count == 6, "1 ml holds one of 200 µl in each third"
    assert found.plunger.mean_nl == pytest.approx(200_000, rel=0.001)


def test_a_needle_thrown_by_air_is_measured_alike() -> None:
    found = measured(Job(replace(STIFF, drive="pneumatic"), 20, a_third=2))
    assert (found.drive, found.plunger.holds) == ("pneumatic", True)
    assert found.at_depth.mean_nl > 0.9 * 20_000


def test_everything_is_every_corner_with_both_drives() -> None:
    everything, some = list(dose.jobs(True)), list(dose.jobs(False))
    assert len(everything) == 5 * 2 * 3 * 2 * 3 * 4
    assert len(some) == 20
    assert {job.dose_ul for job in everything} == {5, 20, 50, 200}
