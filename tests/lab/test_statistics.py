"""The tolerance interval of ISO 11608-1's method, against published factors."""

import pytest

from mesogun_lab.statistics import interval, k_factor


@pytest.mark.parametrize(
    ("count", "part", "k"),
    [(60, 0.95, 2.333), (60, 0.975, 2.668), (30, 0.95, 2.550), (30, 0.975, 2.916), (20, 0.95, 2.752), (20, 0.975, 3.147)],
)
def test_the_factor_is_that_of_the_tables(count: int, part: float, k: float) -> None:
    assert k_factor(count, part) == pytest.approx(k, abs=0.0006)


def test_one_dose_has_no_spread_and_no_interval() -> None:
    with pytest.raises(ValueError, match="no spread"):
        k_factor(1, 0.975)


def test_limits_are_the_larger_of_a_microlitre_and_five_per_cent() -> None:
    limits = [(one.low_limit_nl, one.high_limit_nl) for one in (interval([dose] * 3, dose, 0.975) for dose in (5e3, 20e3, 200e3))]
    assert limits == [(4_000, 6_000), (19_000, 21_000), (190_000, 210_000)]


def test_it_holds_when_the_whole_interval_lies_inside_and_not_when_only_its_mean_does() -> None:
    narrow, wide = [19_900.0, 20_100.0] * 30, [19_400.0, 20_600.0] * 30
    assert interval(narrow, 20_000, 0.975).holds
    judged = interval(wide, 20_000, 0.975)
    assert (judged.mean_nl, judged.holds) == (20_000, False)
    assert judged.high_nl - judged.mean_nl == pytest.approx(2.668 * judged.sd_nl, rel=1e-3)


def test_a_mean_that_is_off_by_more_than_the_limit_misses_however_narrow_its_spread() -> None:
    assert not interval([18_950.0, 18_951.0] * 30, 20_000, 0.975).holds
    assert not interval([21_049.0, 21_050.0] * 30, 20_000, 0.975).holds
