"""One chamber with a needle at its end, against what is known in closed form and against DOMAIN 4's table."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.referenceshots import MESOLIFT, REFERENCES
from rigs.search import examples

from mesogun_sim.plant.chamber import AIR, AMBIENT_KPA, BLOCKED, DEPTH, Chamber, Elastic, Outlet
from mesogun_sim.plant.drawn import ONE_CHAMBER, Fitted, SetUp
from mesogun_sim.plant.needle_flow import GAUGES, Fluid, Resistance, resistance, reynolds

OPEN, SHUT = Outlet(AIR), Outlet(BLOCKED)
WATER, DRUG, GEL = Fluid(1.0), Fluid(3.0), Fluid(10.0)
THIRTY = resistance(159, 4, DRUG, 22)


def charged(nl: float, compliance: float, needle: Resistance = THIRTY, bubble_nl: float = 0.0) -> Chamber:
    chamber = Chamber(Elastic(compliance, 0.0, 1.0), needle, bubble_nl)
    chamber.run(0, nl, SHUT)
    return chamber


# ---- the needle ----

# DOMAIN 3: 10 µl at 300 kPa, in ms, through 4 mm and 13 mm, of 1, 3 and 10 mPa·s
TIMES_MS = {
    "27G": ((19, 23, 37), (23, 36, 94)),
    "30G": ((36, 46, 95), (48, 93, 280)),
    "31G": ((54, 78, 184), (81, 180, 568)),
    "32G": ((90, 150, 410), (159, 401, 1301)),
}


@pytest.mark.parametrize("gauge", TIMES_MS)
def test_a_needle_passes_10_microlitres_in_the_times_of_the_domain(gauge: str) -> None:
    for length_mm, times in zip((4, 13), TIMES_MS[gauge], strict=True):
        for fluid, ms in zip((WATER, DRUG, GEL), times, strict=True):
            flow, _ = resistance(GAUGES[gauge][1], length_mm, fluid, 22).flow(300)
            assert 10_000 / flow == pytest.approx(ms, abs=0.5 + 0.004 * ms)


def test_at_a_reynolds_number_below_50_poiseuilles_law_holds_but_for_a_kinetic_loss_that_is_small() -> None:
    flow = 18.0  # µl/s
    assert reynolds(flow, 159, DRUG) < 50
    poiseuille_kpa = 128 * 3e-3 * 4e-3 * flow * 1e-9 / (math.pi * 159e-6**4) / 1_000
    steady = Chamber(Elastic(10.0, 0.0, 1.0), THIRTY)
    steady.run(500, 500 * flow, OPEN)
    assert steady.pressure_kpa == pytest.approx(poiseuille_kpa, rel=0.08)
    assert steady.pressure_kpa > poiseuille_kpa


def test_the_kinetic_loss_is_1_15_rho_v_squared() -> None:
    speed_m_s = 200e-9 / (math.pi / 4 * 159e-6**2)
    nothing_thick = resistance(159, 4, replace(WATER, viscosity_mpa_s=1e-6), 22)
    assert nothing_thick.flow(1.15 * 1_000 * speed_m_s**2 / 1_000)[0] == pytest.approx(200, rel=1e-4)


def test_a_fluid_that_thins_flows_as_its_law_says_and_is_thicker_when_it_is_slow() -> None:
    gel = resistance(159, 4, Fluid(8.0, index=0.4), 22)
    for kpa in (0.5, 5, 50, 500):
        flow, slope = gel.flow(kpa)
        assert gel.drop(flow) == pytest.approx(kpa, rel=1e-9)
        assert slope == pytest.approx((gel.flow(kpa * 1.001)[0] - flow) / (0.001 * kpa), rel=1e-2)
    assert gel.flow(5)[0] < gel.flow(50)[0] / 10
    shear = 32e9 / (math.pi * 159**3)
    at = 100_000 / shear  # µl/s: there it is as thick as it is said to be
    assert gel.drop(at) == pytest.approx(resistance(159, 4, Fluid(8.0), 22).drop(at), rel=0.3)


def test_warm_drug_is_thinner() -> None:
    assert resistance(159, 4, DRUG, 32).laminar == pytest.approx(THIRTY.laminar / 1.25)


# ---- the chamber ----


@pytest.mark.parametrize("compliance", [5, 100, 1_000, 3_600])
@pytest.mark.parametrize("ms", [1, 100, 60_000])
def test_what_is_stored_runs_out_by_an_exponential(compliance: float, ms: float) -> None:
    needle = Resistance(0.765, 0.0)
    chamber = charged(10_000, compliance, needle)
    chamber.run(ms, 0, OPEN)
    out = 10_000 * (1 - math.exp(-ms / (0.765 * compliance)))
    assert chamber.sinks.out[AIR] == pytest.approx(out, abs=5)
    assert chamber.pressure_kpa == pytest.approx((10_000 - out) / compliance, abs=5 / compliance)


def test_a_bubble_gives_as_its_law_says_and_stays() -> None:
    chamber = charged(3_000, 500, bubble_nl=8_000)
    kpa = chamber.pressure_kpa
    assert 500 * kpa + 8_000 * kpa / (AMBIENT_KPA + kpa) == pytest.approx(3_000)
    assert kpa < charged(3_000, 500).pressure_kpa
    chamber.run(60_000, 0, OPEN)
    assert (chamber.bubble_nl, chamber.sinks.out[AIR]) == pytest.approx((8_000, 3_000), abs=1)


def test_a_plunger_that_is_drawn_back_in_the_air_sucks_air_and_that_stays() -> None:
    chamber = Chamber(Elastic(500.0, 0.0, 1.0), THIRTY)
    chamber.run(1_000, -2_000, OPEN)
    chamber.run(30_000, 0, OPEN)
    assert chamber.sinks.drawn == pytest.approx(2_000, abs=2)
    assert chamber.bubble_nl == chamber.sinks.drawn
    assert abs(chamber.missing_nl) < 1e-6


def test_a_creeping_wall_takes_its_part_later_and_gives_it_back_later() -> None:
    creeping = Chamber(Elastic(750.0, 250.0, 2_000.0), THIRTY)
    creeping.run(0, 10_000, SHUT)
    assert creeping.pressure_kpa == pytest.approx(10_000 / 750)
    creeping.run(60_000, 0, SHUT)
    assert creeping.pressure_kpa == pytest.approx(10_000 / 1_000, rel=1e-3)
    creeping.run(2_000, 0, OPEN)
    assert 200 < creeping.stored_nl < 10_000 * 0.25, "some of it has not come back yet"


def test_a_blocked_shot_raises_the_pressures_of_the_domain() -> None:
    """DOMAIN 4: 82, 19, 8, 5 kPa by 10 µl with 1, 3, 5, 10 ml, within what one size is drawn from."""
    for bore_um, kpa in ((4_780, 82), (8_660, 19), (12_060, 8), (14_500, 5)):
        drawn = Fitted(1, ONE_CHAMBER, bore_um).syringe.compliance_nl_kpa
        chamber = Fitted(1, replace(ONE_CHAMBER, compliance_nl_kpa=drawn), bore_um).chamber()
        chamber.run(20, 10_000, SHUT)
        assert kpa / 2.5 < chamber.pressure_kpa < kpa * 2.5


def test_what_never_comes_out_is_more_than_a_whole_face_of_small_doses() -> None:
    """DOMAIN 4: 5 ml by standard 75 µl, a hub 50 to 80, a line of 15 cm 118."""
    assert 243_000 <= Fitted(1, SetUp(), 12_060).residue_nl <= 273_000
    assert Fitted(1, SetUp(line_mm=0.0), 4_780).residue_nl < 150_000


# ---- one chamber under a series of shots ----


def share(name: str, compliance: float, shots: int) -> float:
    """In per cent of its dose, what the last of so many shots gives until its needle leaves: DOMAIN 4's model.

    Even flow over the time that the stroke dispenses, then the dwell: that is the time at depth which gives its table.
    """
    of = REFERENCES[name]
    chamber = Fitted(1, of.fitted(replace(ONE_CHAMBER, compliance_nl_kpa=compliance)), of.bore_um).chamber()
    dispense_ms, dwell_ms = of.dispense_us / 1_000, of.dwell_us / 1_000
    for _ in range(shots):
        before = chamber.sinks.out[DEPTH]
        chamber.run(dispense_ms, of.dose_nl, Outlet(DEPTH))
        chamber.run(dwell_ms, 0, Outlet(DEPTH))
        given = chamber.sinks.out[DEPTH] - before
        chamber.run(of.period_us / 1_000 - dispense_ms - dwell_ms, 0, OPEN)
    return 100 * given / of.dose_nl


# DOMAIN 4: in per cent of each dose; by C in nl/kPa: (in a long series, of the first shot)
TABLE = {
    "mesolift": {100: (74, 71), 300: (54, 34), 1_000: (46, 12), 1_800: (45, 7)},
    "hair loss": {100: (80, 80), 300: (48, 42), 1_000: (35, 15), 1_800: (32, 9)},
    "cellulite": {100: (99, 99), 300: (78, 78), 1_000: (41, 36), 1_800: (32, 22)},
}


@pytest.mark.parametrize("name", TABLE)
def test_reduced_to_one_chamber_it_gives_the_domains_table_within_a_point(name: str) -> None:
    for compliance, (series, first) in TABLE[name].items():
        assert share(name, compliance, 40) == pytest.approx(series, abs=1), compliance
        assert share(name, compliance, 1) == pytest.approx(first, abs=1), compliance


def test_when_the_path_is_slow_against_the_period_the_share_is_the_time_at_depth_by_the_period() -> None:
    at_depth_us = MESOLIFT.dispense_us + MESOLIFT.dwell_us
    assert share("mesolift", 20_000, 400) == pytest.approx(100 * at_depth_us / MESOLIFT.period_us, abs=0.5)


@pytest.mark.parametrize("kpa", [8, 20])
def test_what_is_held_by_the_skins_opening_pressure_runs_out_after_the_shot(kpa: int) -> None:
    chamber = charged(60_000, 1_000)
    chamber.run(30_000, 0, Outlet(DEPTH, opens_kpa=kpa))
    assert chamber.stored_nl == pytest.approx(1_000 * kpa, rel=0.01), "C times Pt"
    chamber.run(60_000, 0, Outlet(AIR, opens_kpa=1.5, sucks_kpa=-1.5))
    assert chamber.sinks.out[AIR] == pytest.approx(1_000 * (kpa - 1.5), rel=0.01)


PIECES = st.lists(
    st.tuples(
        st.integers(0, 5_000_000),
        st.floats(-20_000, 60_000),
        st.sampled_from((OPEN, SHUT, Outlet(DEPTH, 12.0, -2.0, 0.05), Outlet(DEPTH, 0.0), Outlet(AIR, 1.5, -1.5))),
    ),
    max_size=12,
)


@examples(80)
@given(st.floats(1, 4_000), st.floats(0, 0.4), st.floats(50, 30_000), st.floats(0.02, 20), st.floats(0, 30_000), PIECES)
def test_whatever_is_pushed_and_drawn_no_nanolitre_is_lost(
    fast: float, creep: float, creep_ms: float, laminar: float, bubble_nl: float, pieces: list[tuple[int, float, Outlet]]
) -> None:
    chamber = Chamber(Elastic(fast, fast * creep, creep_ms), Resistance(laminar, 0.003), bubble_nl)
    for us, nl, outlet in pieces:
        chamber.run(us / 1_000, nl, outlet)
        assert abs(chamber.missing_nl) < 1e-3
