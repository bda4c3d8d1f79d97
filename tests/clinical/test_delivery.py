"""What of a dose is at depth: the figures of DOMAIN 4, closed forms, and what may never get worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.clinical.delivery import HAND_S, MOST_AFTER, Band, Delivery, Path, Shot, delivery, misses, path
from mesogun.clinical.needles import ANY_WALL, GAUGES, kinetic_kpa_s2_ul2, resistance_kpa_s_ul
from mesogun.clinical.syringes import AT_ONCE, LINES_UL_KPA, PLASTIC, STIFF, barrel

# Strokes of the library before anybody asked: needle, viscosity, dose, dispensing, dwell, period.
MESOLIFT = (("30G", 4.0, 3.0), Shot(10, 0.028294, 0.08, 0.25 - 0.108294))
HAIR = (("30G", 4.0, 1.2), Shot(10, 0.019348, 0.04, 0.2 - 0.059348))
CELLULITE = (("27G", 13.0, 1.5), Shot(50, 0.071387, 0.15, 1 - 0.221387))
GIVES = (0.1, 0.3, 1.0, 1.8)


def one_chamber(needle: tuple[str, float, float], gives_ul_kpa: float, *, jet: bool = False, wall: float = 1.0) -> Path:
    kinetic = kinetic_kpa_s2_ul2(needle[0]) if jet else 0.0
    return Path((gives_ul_kpa,), resistance_kpa_s_ul(*needle), kinetic, (wall,))


@pytest.mark.parametrize(
    ("of", "steady", "first"),
    [
        (MESOLIFT, (74, 54, 46, 45), (71, 34, 12, 7)),
        (HAIR, (80, 48, 35, 32), (None, 42, 15, 9)),
        (CELLULITE, (99, 78, 41, 32), (None, None, 36, 22)),
    ],
    ids=["mesolift", "hair-loss", "cellulite"],
)
def test_reduced_to_one_chamber_the_shares_are_those_of_domain_4(
    of: tuple[tuple[str, float, float], Shot], steady: tuple[float, ...], first: tuple[float | None, ...]
) -> None:
    needle, shot = of
    for gives, percent, first_percent in zip(GIVES, steady, first, strict=True):
        found = delivery(one_chamber(needle, gives), shot, (0.0,))
        assert 100 * found.steady.mean == pytest.approx(percent, abs=1)
        if first_percent is not None:
            assert 100 * found.first.mean == pytest.approx(first_percent, abs=1)


@pytest.mark.parametrize(("of", "steady"), [(MESOLIFT, (68, 51, 46, 44)), (HAIR, (57, 38, 32, 31)), (CELLULITE, (95, 67, 36, 30))])
def test_with_the_jets_loss_they_are_those_of_domain_4_as_well(
    of: tuple[tuple[str, float, float], Shot], steady: tuple[float, ...]
) -> None:
    needle, shot = of
    for gives, percent in zip(GIVES, steady, strict=True):
        assert 100 * delivery(one_chamber(needle, gives, jet=True), shot, (0.0,)).steady.mean == pytest.approx(percent, abs=2)


def test_a_line_slower_than_its_period_gives_the_share_of_the_period_that_the_needle_is_in() -> None:
    shot = Shot(10, 0.05, 0.05, 0.15)
    found = delivery(one_chamber(("30G", 4.0, 3.0), 50.0), shot, (0.0,))
    assert found.steady.mean == pytest.approx(0.1 / 0.25, abs=0.01)
    assert found.first.mean < 0.01


def test_what_stands_against_it_stays_in_the_path_and_runs_out_after_every_shot() -> None:
    """A needle that waits long enough loses the give times the skin's pressure, no more and no less."""
    found = delivery(one_chamber(("27G", 4.0, 1.0), 0.1), Shot(50, 0.2, 2.0, 2.0), (20.0,))
    assert found.steady.mean == pytest.approx(1 - 0.1 * 20 / 50, abs=1e-3)
    assert found.after_doses.mean == pytest.approx(0.1 * 20 / 50, abs=1e-3)


def test_what_skin_makes_of_two_points_is_the_give_times_10_kpa() -> None:
    assert delivery(one_chamber(("27G", 4.0, 1.0), 0.3), Shot(20, 0.1, 0.3, 0.1)).uniformity == 0.15


@pytest.mark.parametrize(("size_ml", "shots"), [(1.0, 1), (3.0, 2), (5.0, 5), (10.0, 8)])
def test_a_soft_syringe_takes_several_doses_of_10_ul_until_a_blocked_needle_can_be_seen(size_ml: float, shots: int) -> None:
    gives = PLASTIC[size_ml].gives_ul_kpa
    assert gives
    assert delivery(path("30G", 4, 3, gives, None), Shot(10, 0.05, 0.2, 0.1)).blocked_shots == shots


def test_a_band_is_over_every_corner_of_give_wall_and_skin() -> None:
    """Each end of the band is some corner alone; a corner that is left out would narrow it."""
    way, shot = path("30G", 4, 3, (0.05, 0.3), None), Shot(20, 0.1, 0.25, 0.15)
    band = delivery(way, shot)
    corners = [
        delivery(Path((gives,), way.resistance_kpa_s_ul, way.kinetic_kpa_s2_ul2, (wall,)), shot, (against,)).steady.mean
        for gives in (AT_ONCE * 0.05, 0.3)
        for wall in (0.5, 1.0, 2.0)
        for against in (0.0, 8.0, 20.0)
    ]
    assert band.steady.low == pytest.approx(min(corners), abs=2e-4)
    assert band.steady.high == pytest.approx(max(corners), abs=2e-4)
    assert band.steady.mean == band.share.mean == pytest.approx(sum(corners) / len(corners), abs=2e-4)
    assert band.share.low <= band.steady.low
    assert band.share.high >= band.steady.high


def test_a_thicker_wall_than_the_nominal_one_is_in_the_band() -> None:
    way, shot = path("30G", 4, 3, (0.05, 0.05), None), Shot(10, 0.05, 0.05, 0.2)
    nominal = Path(way.gives_ul_kpa, way.resistance_kpa_s_ul, way.kinetic_kpa_s2_ul2, (1.0,))
    assert delivery(way, shot).share.low < delivery(nominal, shot).share.low - 0.1


def test_skin_that_holds_back_is_in_the_band() -> None:
    way, shot = path("27G", 4, 1, (0.05, 0.3), None), Shot(20, 0.1, 0.5, 1.0)
    assert delivery(way, shot).steady.low == pytest.approx(1 - 0.3 * 20 / 20, abs=0.01)
    assert delivery(way, shot, (0.0,)).steady.low > 0.99


def test_what_was_stored_behind_firm_skin_comes_out_in_softer_skin() -> None:
    """At a rate at which the path does not empty, the next point gets more than its dose: 20 kPa of it at the most."""
    way = one_chamber(("32G", 4.0, 3.0), 0.3)
    found = delivery(way, Shot(20, 0.3, 1.0, 0.05))
    assert 1.0 < found.share.high <= 1 + 0.3 * 20 / 20
    assert found.steady.high <= 1.0


def test_a_pause_empties_the_path_so_that_the_next_shot_is_a_first_one() -> None:
    found = delivery(path("30G", 4, 3, (0.3, 0.9), None), Shot(10, 0.05, 0.1, 0.1, (0.0, HAND_S)))
    assert found.after_pause.low == pytest.approx(found.first.low, abs=1e-3)
    assert found.first.low < found.steady.high


@pytest.mark.parametrize("line", sorted(LINES_UL_KPA))
def test_a_line_gives_on_top_of_the_syringe(line: str) -> None:
    bare, with_line = (path("30G", 4, 3, (0.02, 0.05), one) for one in (None, line))
    assert with_line.gives_ul_kpa[1] == pytest.approx(bare.gives_ul_kpa[1] + LINES_UL_KPA[line])
    assert with_line.gives_ul_kpa[0] == pytest.approx(bare.gives_ul_kpa[0] + LINES_UL_KPA[line])


def test_the_tables_are_those_of_domain_4_and_every_figure_says_where_it_is_from() -> None:
    gives = {size_ml: one.gives_ul_kpa for size_ml, one in PLASTIC.items()}
    assert gives == {1: (0.05, 0.3), 2: (0.3, 1.1), 2.5: (0.3, 1.1), 3: (0.3, 0.9), 5: (0.7, 2.1), 10: (1.2, 3.6)}
    assert STIFF[1.0].gives_ul_kpa == (0.02, 0.05)
    assert barrel(1.0, stiff=True) is STIFF[1.0] is not barrel(1.0, stiff=False)
    assert ANY_WALL == (0.5, 2.0)
    for one in (*PLASTIC.values(), *STIFF.values()):
        assert "(" in one.bore_source
        assert one.gives_source
    assert all(one.walls == ANY_WALL for one in GAUGES.values())


# ---- what is wanted ----


def found(low: float = 0.9, mean: float = 0.97, high: float = 1.0, first: float = 0.9, after: float = 0.1) -> Delivery:
    share, steady = Band(low, mean, high), Band(low, mean, 1.0)
    return Delivery(share, steady, Band(first, 1, 1), Band(first, 1, 1), Band(0, 0, after), 0.05, 1)


@pytest.mark.parametrize(
    ("limit", "just_missed"),
    [
        ({"low": 0.85}, {"low": 0.8499}),
        ({"mean": 0.95}, {"mean": 0.9499}),
        ({"high": 1.05}, {"high": 1.0501}),
        ({"first": 0.80}, {"first": 0.7999}),
        ({"after": MOST_AFTER}, {"after": 0.5001}),
    ],
    ids=["low", "mean", "high", "first", "after"],
)
def test_each_figure_holds_at_its_limit_and_not_past_it(limit: dict[str, float], just_missed: dict[str, float]) -> None:
    assert misses(found(**limit), 0.85) == []
    assert len(misses(found(**just_missed), 0.85)) == 1


def test_who_accepts_less_is_refused_below_that_and_above_what_is_allowed() -> None:
    poor = found(low=0.4, mean=0.6, high=1.3, first=0.2, after=2)
    assert misses(poor, 0.4) == []
    assert len(misses(poor, 0.41)) == 1
    too_much = Delivery(poor.share, Band(0.4, 0.6, 1.0501), poor.first, poor.after_pause, poor.after_doses, 0.1, 1)
    assert len(misses(too_much, 0.4)) == 1


# ---- whatever is planned ----

NEEDLES = st.tuples(st.sampled_from(sorted(GAUGES)), st.sampled_from([4.0, 13.0]), st.sampled_from([0.7, 1, 3, 10]))
SHOTS = st.builds(Shot, st.sampled_from([1, 10, 50, 200]), st.floats(0.01, 1), st.floats(0, 2), st.floats(0.02, 2))


@given(NEEDLES, SHOTS, st.floats(0.005, 4))
def test_no_share_is_below_nothing_or_above_the_whole_dose_where_the_skin_is_alike(
    needle: tuple[str, float, float], shot: Shot, gives: float
) -> None:
    of = delivery(path(*needle, (gives, gives), None), shot)
    for band in (of.steady, of.first, of.after_pause):
        assert -1e-3 <= band.low <= band.mean <= band.high <= 1.001
    assert of.after_doses.low >= 0


@given(NEEDLES, SHOTS, st.floats(0.005, 2), st.floats(1.1, 10))
def test_a_stiffer_path_never_gives_less_of_a_first_shot(
    needle: tuple[str, float, float], shot: Shot, gives: float, softer: float
) -> None:
    stiff, soft = (delivery(one_chamber(needle, one, jet=True), shot, (8.0,)) for one in (gives, softer * gives))
    assert stiff.first.mean >= soft.first.mean - 1e-3


@given(NEEDLES, SHOTS, st.floats(0.005, 4), st.floats(0.01, 1))
def test_resting_longer_at_depth_never_gives_less(
    needle: tuple[str, float, float], shot: Shot, gives: float, more_s: float
) -> None:
    """Within the same period: what the needle rests at depth it is not in the air."""
    more_s = min(more_s, shot.air_s / 2)
    rested = Shot(shot.dose_ul, shot.dispense_s, shot.dwell_s + more_s, shot.air_s - more_s)
    way = one_chamber(needle, gives, jet=True)
    for against in (0.0, 8.0, 20.0):
        assert delivery(way, rested, (against,)).steady.mean >= delivery(way, shot, (against,)).steady.mean - 1e-3


@given(NEEDLES, SHOTS, st.floats(0.005, 4))
def test_a_wider_needle_never_gives_less_of_a_first_shot(needle: tuple[str, float, float], shot: Shot, gives: float) -> None:
    thin, thick = (delivery(one_chamber(needle, gives, jet=True, wall=wall), shot, (8.0,)) for wall in (0.5, 2.0))
    assert thin.first.mean >= thick.first.mean - 1e-3
