"""From readings of a gauge and a balance to the figures that would be true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.gun import calibration
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.talk.messages import GUN, PNEUMATIC

DEPTHS_UM = (2_000, 5_000, 9_000)


def readings(share: float, encoder: float = 1.0, zero_um: float = 0.0) -> list[tuple[int, float, float]]:
    """What is read when the needle goes `share` times as far as described and its encoder shows `encoder` times that."""
    return [(um, um * share * encoder, um * share + zero_um) for um in DEPTHS_UM]


def described(**changed: int) -> Description:
    names = [field[0] for field in GUN]
    return Description(tuple(changed.get(name, figure) for name, figure in zip(names, REFERENCE, strict=True)))


@given(st.floats(-0.009, 0.009), st.floats(-500, 500))
def test_a_needle_within_one_percent_needs_no_correction_wherever_the_gauge_is_zeroed(error: float, zero_um: float) -> None:
    found = calibration.needle(Description(), readings(1 + error, zero_um=zero_um))
    assert found.step.within
    assert found.encoder.within
    assert found.corrections == {}
    assert found.step.error == pytest.approx(error, abs=1e-6)
    assert found.zero_um == pytest.approx(zero_um, abs=0.01)
    assert found.zero_within == (abs(found.zero_um) <= calibration.ZERO_UM)


@pytest.mark.parametrize(("share", "within"), [(1.0099, True), (1.0101, False), (0.9901, True), (0.9899, False)])
def test_the_line_between_within_and_outside_is_one_percent(share: float, within: bool) -> None:
    assert calibration.needle(Description(), readings(share)).step.within == within


@pytest.mark.parametrize(
    ("share", "fitting_nm"), [(0.5, 5_000), (0.625, 6_250), (0.63, 6_250), (0.8, None), (1.02, None), (2.0, None)]
)
def test_a_step_is_corrected_only_to_one_that_divides_a_depth_setting(share: float, fitting_nm: int | None) -> None:
    found = calibration.needle(Description(), readings(share, 1 / share))
    assert found.step.fitting_nm == fitting_nm
    assert found.encoder.measured_nm == pytest.approx(5_000 * share)
    assert ("needle_nm_per_step" in found.corrections) == (fitting_nm is not None)
    if fitting_nm is None:
        assert not found.corrections, "an encoder corrected to false steps would hide them"


def test_what_a_correction_names_the_gun_takes_and_then_nothing_is_off() -> None:
    found = calibration.needle(Description(), readings(0.625, 1 / 0.625))
    assert calibration.needle(described(**found.corrections), readings(1.0)).corrections == {}


def test_an_encoder_alone_is_told_from_the_steps() -> None:
    found = calibration.needle(Description(), readings(1.0, encoder=1.04))
    assert found.step.within
    assert found.corrections == {"needle_encoder_nm": round(5_000 / 1.04)}


def test_of_a_pneumatic_gun_it_is_the_depth_stop_that_is_measured() -> None:
    found = calibration.needle(described(drive=PNEUMATIC), readings(0.8, 1 / 0.8))
    assert found.corrections["stop_nm_per_step"] == 4_000


@pytest.mark.parametrize("gauge_um", [(0, 0, 0), (9_000, 5_000, 2_000), (2_000, 2_000, 2_000)])
def test_a_gauge_that_did_not_follow_the_needle_gives_no_figure(gauge_um: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="did not follow"):
        calibration.needle(Description(), [(um, um, gauge) for um, gauge in zip(DEPTHS_UM, gauge_um, strict=True)])


def test_the_encoder_is_read_while_the_needle_stands() -> None:
    assert calibration.at_depth_um([0, 0, 1_200, 3_000, 4_999, 5_001, 5_000, 5_000, 4_980, 2_000, 0]) == 5_000
    with pytest.raises(ValueError, match="not heard"):
        calibration.at_depth_um([])


@pytest.mark.parametrize(("asked_ul", "limit_ul"), [(1, 1), (10, 1), (20, 1), (21, 1.05), (200, 10)])
def test_a_dose_may_be_off_by_the_larger_of_a_microlitre_and_five_percent(asked_ul: float, limit_ul: float) -> None:
    just, more = asked_ul + limit_ul - 1e-6, asked_ul + limit_ul + 1e-6
    assert calibration.dose(asked_ul, [just, asked_ul], 1.0, 12_060).limit_ul == pytest.approx(limit_ul)
    assert calibration.dose(asked_ul, [just, asked_ul], 1.0, 12_060).outside == 0
    assert calibration.dose(asked_ul, [more, asked_ul], 1.0, 12_060).outside == 1


def test_milligrams_become_microlitres_by_the_density_and_the_bore_follows_their_root() -> None:
    found = calibration.dose(10, [12.1 * 1.25] * 3, 1.25, 10_000)
    assert found.mean_ul == pytest.approx(12.1)
    assert found.error == pytest.approx(0.21)
    assert found.spread_ul == pytest.approx(0)
    assert found.bore_um == 11_000


def test_a_cup_that_stays_empty_gives_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing came out"):
        calibration.dose(10, [0, 0], 1.0, 12_060)
