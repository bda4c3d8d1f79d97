"""`mesogun-lab occlusion`: until a block is found, and what comes out when it clears."""

import pytest

from mesogun_lab import occlusion
from mesogun_lab.cases import PLASTIC, STIFF_1_ML, Case
from mesogun_lab.occlusion import Job


@pytest.mark.slow
def test_a_stiff_path_stalls_the_plunger_within_a_few_shots_and_the_gun_says_so() -> None:
    found = occlusion.measure(Job(Case(STIFF_1_ML), 50))
    assert found.shots == 2
    assert "occlusion" in found.why
    assert found.highest_kpa > 1_000
    assert found.released_nl == pytest.approx(50_000, rel=0.05), "the stalled shot is taken back, the one before it is not"


def test_a_soft_one_swallows_every_shot_and_gives_them_all_at_once_when_it_clears() -> None:
    """The gun notices nothing: its encoder counts whole doses."""
    found = occlusion.measure(Job(Case(PLASTIC[2]), 10, most=5))
    assert (found.shots, found.why, found.most) == (None, "", 5)
    assert found.shots_to_20_kpa == 3, "10 µl raise 10 kPa: a bit less than 20 after two, and creep takes of it"
    assert found.released_nl > 5 * 10_000
    assert found.highest_kpa < 200
