"""`mesogun-lab uniformity`: the same amount at every point of a pass."""

import csv
from pathlib import Path
from statistics import stdev

import pytest

from mesogun.clinical.library import load, names
from mesogun_lab import uniformity
from mesogun_lab.uniformity import Job

CELLULITE = Job("body/cellulite", 0, 1)  # ten points


def test_points_differ_at_depth_where_the_plunger_s_doses_do_not(tmp_path: Path) -> None:
    found = uniformity.measure(CELLULITE, trace=tmp_path)
    assert len(found.at_depth_nl) == load("body/cellulite").passes[0].points
    assert stdev(found.at_depth_nl) > 10 * stdev(found.plunger_nl)
    with (tmp_path / "shots.csv").open() as file:
        assert [round(nl) for nl in found.at_depth_nl] == [int(row["at_depth_nl"]) for row in csv.DictReader(file)]


def test_a_softer_syringe_of_the_same_size_leaves_less_there() -> None:
    hard, soft = (uniformity.measure(Job("body/cellulite", 1, softness)) for softness in (0, 2))
    assert sum(soft.at_depth_nl) < sum(hard.at_depth_nl)
    assert soft.after_doses > hard.after_doses > 0
    assert soft.by_10_kpa == 50 * 10 / 20_000


@pytest.mark.slow
def test_a_retrograde_dose_belongs_along_its_way_in_the_skin() -> None:
    name = next(name for name in names() if load(name).passes[0].mode == "retrograde")
    found = uniformity.measure(Job(name, 0, 0))
    assert min(found.at_depth_nl) > 0.8 * found.dose_nl


def test_every_pass_of_the_library_that_gives_doses_is_measured() -> None:
    doses = {(name, at) for name in names() for at, one in enumerate(load(name).passes) if one.dose_ul}
    assert {(job.protocol, job.index) for job in uniformity.jobs(False)} == doses
