"""`mesogun-lab depth`: along the needle and in the skin, two depths."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from mesogun_lab import depth
from mesogun_lab.depth import Job, holds

SHALLOW, TWO_MM, CAP = (Job(mm, area="body", shots=4) for mm in (0.5, 2.0, 10.0))


def test_along_the_needle_it_is_what_was_set_and_in_the_skin_it_is_less(tmp_path: Path) -> None:
    found = depth.measure(TWO_MM, trace=tmp_path)
    assert found.holds
    assert all(1_900 <= along <= 2_100 for along in found.along_um)
    assert max(found.skin_um) < 2_000
    with (tmp_path / "shots.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["measured_depth_um"]) for row in rows] == list(found.along_um)
    assert [int(row["skin_um"]) for row in rows] == list(found.skin_um)


def test_skin_that_gives_further_than_the_needle_goes_is_counted_as_not_pierced_and_got_nothing() -> None:
    found = depth.measure(replace(SHALLOW, shots=10, hand_n=2.0))
    assert found.holds, "the gun did what it was told"
    assert found.pierced_share < 1
    assert found.at_depth_share <= found.pierced_share


@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
def test_at_the_cap_the_tip_itself_stays_at_ten_millimetres(drive: str) -> None:
    found = depth.measure(replace(CAP, drive=drive))
    assert (found.holds, found.deepest_um) == (True, 10_000)


def test_one_shot_that_is_off_or_a_tip_past_the_stop_is_enough_to_miss() -> None:
    assert holds(1.0, [900, 1_100], 1_100)
    assert not holds(1.0, [1_000, 1_101], 1_101)
    assert not holds(1.0, [899, 1_000], 1_000)
    assert holds(4.0, [3_800, 4_200], 4_200)
    assert holds(10.0, [10_000], 10_050)
    assert not holds(10.0, [10_000], 10_051)


def test_every_depth_of_the_list_is_measured_with_both_drives() -> None:
    assert {(job.depth_mm, job.drive) for job in depth.jobs(False)} == {
        (mm, drive) for mm in (0.5, 1.0, 2.0, 4.0, 6.0, 10.0) for drive in ("stepper", "pneumatic")
    }
