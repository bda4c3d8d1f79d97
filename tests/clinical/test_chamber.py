"""One chamber behind one needle, against closed forms that are known from elsewhere, and against small steps of time."""

from math import exp, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.clinical.chamber import Chamber
from mesogun.clinical.needles import kinetic_kpa_s2_ul2, resistance_kpa_s_ul

LINEAR = Chamber(0.3, 0.765, 0.0)
JET = Chamber(0.3, 0.765, 0.0029)


def stepped(chamber: Chamber, kpa: float, against_kpa: float, inflow_ul_s: float, seconds: float, steps: int = 20_000) -> float:
    """The same by many small steps, and no formula of the chamber's but its flow."""
    for _ in range(steps):
        kpa += (inflow_ul_s - chamber.flow_ul_s(kpa - against_kpa)) / chamber.compliance_ul_kpa * seconds / steps
    return kpa


def test_without_the_jets_loss_a_pressure_falls_to_37_percent_in_one_tau() -> None:
    assert LINEAR.tau_s == pytest.approx(0.2295)
    assert LINEAR.drained(100.0, 0.0, LINEAR.tau_s) == pytest.approx(100 * exp(-1))
    assert LINEAR.drained(100.0, 20.0, LINEAR.tau_s) == pytest.approx(20 + 80 * exp(-1))


def test_without_the_jets_loss_an_even_flow_fills_by_the_same_tau() -> None:
    filled = LINEAR.filled(0.0, 0.0, 100.0, 2 * LINEAR.tau_s)
    assert filled == pytest.approx(76.5 * (1 - exp(-2)))
    assert LINEAR.filled(0.0, 20.0, 100.0, 1e6) == pytest.approx(96.5)


@pytest.mark.parametrize("viscosity_mpa_s", [1.0, 3.0, 10.0])
def test_a_slow_flow_takes_poiseuilles_pressure_and_a_fast_one_the_jets_as_well(viscosity_mpa_s: float) -> None:
    r, k = resistance_kpa_s_ul("30G", 4, viscosity_mpa_s), kinetic_kpa_s2_ul2("30G")
    assert r == pytest.approx(0.255 * viscosity_mpa_s, rel=0.001)
    reynolds_50_ul_s = 50 * viscosity_mpa_s * 3.1416 * 0.159 / 4  # Re = 4 q rho / (pi d eta)
    chamber = Chamber(0.1, r, k)
    assert chamber.kpa(reynolds_50_ul_s / 50) == pytest.approx(r * reynolds_50_ul_s / 50, rel=0.01)
    speed_m_s = 200 / 19.856 * 1e3 / 1e3  # 200 µl/s through 19,856 µm²
    assert chamber.kpa(200.0) - 200 * r == pytest.approx(1.15 * 1_000 * speed_m_s**2 / 1_000, rel=0.001)


@pytest.mark.parametrize("kpa", [0.0, 5.0, 20.0, 19.999])
def test_nothing_comes_out_or_goes_back_in_before_the_skin_gives_way(kpa: float) -> None:
    assert JET.drained(kpa, 20.0, 10.0) == kpa
    assert JET.filled(kpa, 20.0, 10.0, 0.0) == pytest.approx(kpa)


def test_what_the_skin_holds_back_is_stored_first() -> None:
    assert JET.filled(0.0, 20.0, 10.0, 0.6) == pytest.approx(20.0), "6 µl into 0.3 µl/kPa"
    assert JET.filled(0.0, 20.0, 10.0, 0.59) == pytest.approx(10 * 0.59 / 0.3)
    assert JET.filled(0.0, 20.0, 10.0, 0.61) > 20.0


@pytest.mark.parametrize("inflow_ul_s", [0.0, 5.0, 200.0])
@pytest.mark.parametrize("kpa", [0.0, 30.0, 300.0])
def test_the_closed_form_is_what_small_steps_come_to(kpa: float, inflow_ul_s: float) -> None:
    seconds = 0.15
    closed = JET.filled(kpa, 0.0, inflow_ul_s, seconds) if inflow_ul_s else JET.drained(kpa, 0.0, seconds)
    assert closed == pytest.approx(stepped(JET, kpa, 0.0, inflow_ul_s, seconds), rel=1e-3, abs=1e-3)


CHAMBERS = st.builds(Chamber, st.floats(0.002, 4), st.floats(0.02, 2_000), st.floats(0, 0.1))


@given(CHAMBERS, st.floats(0, 1_000), st.floats(0, 1_000), st.sampled_from([0.0, 8.0, 20.0, 30.0]), st.floats(1e-4, 100))
def test_a_pressure_stays_between_what_it_was_and_what_it_goes_to(
    chamber: Chamber, kpa: float, other: float, against: float, seconds: float
) -> None:
    """Never below the room's, never past its goal; and of two pressures the higher stays the higher."""
    lower, higher = sorted((kpa, other))
    for inflow in (0.0, 0.1, 10.0, 2_000.0):
        goal = against + chamber.kpa(inflow)
        off = 1e-6 * (1 + goal)

        def later(one: float) -> float:
            return chamber.filled(one, against, inflow, seconds) if inflow else chamber.drained(one, against, seconds)  # noqa: B023

        for was in (lower, higher):
            assert min(was, goal) - off <= later(was) <= max(was, goal) + off
        assert later(lower) <= later(higher) + off


@given(CHAMBERS, st.floats(0.1, 1_000), st.floats(1e-3, 1), st.floats(1e-3, 1))
def test_two_waits_are_as_good_as_one(chamber: Chamber, kpa: float, first: float, second: float) -> None:
    twice = chamber.drained(chamber.drained(kpa, 0.0, first), 0.0, second)
    assert isclose(twice, chamber.drained(kpa, 0.0, first + second), rel_tol=1e-5, abs_tol=1e-6)
