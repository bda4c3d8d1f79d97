"""`mesogun device calibrate`: what is typed, what is said, what is refused."""

import json

import pytest
from rigs.device_calls import call, told


def test_a_needle_within_one_percent_needs_nothing() -> None:
    answer = told("calibrate", "needle", typed="2.01\n5.02\n9.03\n")
    assert answer["command"] is None
    assert {name: scale["within"] for name, scale in answer["scales"].items()} == {
        "needle_nm_per_step": True,
        "needle_encoder_nm": True,
    }
    assert [row[0] for row in answer["readings_um"]] == [2_000, 5_000, 9_000]
    assert [row[1] for row in answer["readings_um"]] == pytest.approx([2_000, 5_000, 9_000], abs=5)


def test_a_needle_that_goes_otherwise_is_answered_with_the_line_that_corrects_it() -> None:
    result = call("calibrate", "needle", "--port", "sim://", typed="1.25\n3.125\n5.625\n")
    assert result.exit_code == 1
    assert "mesogun device config set needle_nm_per_step=6250 needle_encoder_nm=3125 --port sim://" in result.stdout
    assert "outside 1%" in result.stdout


def test_steps_that_fit_no_figure_are_the_mechanics_fault() -> None:
    result = call("calibrate", "needle", typed="1.6\n4\n7.2\n")
    assert result.exit_code == 1
    assert "5000, 6250, 10000" in result.stdout
    assert "mechanics' fault" in result.stdout
    assert "config set" not in result.stdout


@pytest.mark.parametrize(("typed", "outside"), [("2\n5\n9\n", "needle_encoder_nm"), ("2.04\n5.1\n9.18\n", "needle_nm_per_step")])
def test_steps_or_encoder_alone_outside_is_outside(typed: str, outside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder_um = iter([2_040, 5_100, 9_180])
    monkeypatch.setattr("mesogun.gun.calibration.at_depth_um", lambda seen: next(encoder_um))
    scales = told("calibrate", "needle", typed=typed, code=1)["scales"]
    assert [name for name, scale in scales.items() if not scale["within"]] == [outside]


@pytest.mark.parametrize("typed", ["", "2,01\n", "nan\n", "21\n", "2.0\n\n", "2\n2\n2\n"])
def test_a_reading_that_is_none_is_refused(typed: str) -> None:
    assert told("calibrate", "needle", typed=typed, code=2)["problems"]


@pytest.mark.parametrize("fault", ["needle-scale@0", "needle-stall@1500"])
def test_a_move_that_fails_ends_the_calibration(fault: str) -> None:
    result = call("calibrate", "needle", "--json", "--port", f"sim://?fault={fault}")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["exit_code"] == 4
    assert "If steps or encoder are described wrongly" in result.stderr


def test_doses_within_their_limits_are_right() -> None:
    weighed = "10.1\n9.4\n10.9\n10\n"
    answer = told("calibrate", "dose", "--dose-ul", "10", "--syringe-ml", "5", "--times", "4", typed=weighed)
    assert (answer["outside"], answer["limit_ul"], answer["mean_ul"]) == (0, 1.0, 10.1)


def test_doses_outside_are_explained_by_a_bore_while_there_may_be_one() -> None:
    options = ("calibrate", "dose", "--dose-ul", "50", "--syringe-ml", "5", "--times", "2", "--density-g-ml", "1.1")
    result = call(*options, typed="60\n61\n")
    assert result.exit_code == 1
    assert "Outside 50 ± 2.5 µl: 2 of 2" in result.stdout
    assert "12.65 mm would explain it" in result.stdout
    assert "No 5 ml syringe" in call(*options, typed="20\n20\n").stdout
    assert "single doses are not" in call(*options, typed="50\n60\n").stdout


@pytest.mark.parametrize("typed", ["0\n", "0.0101\n", "1010\n", "nan\n", "10.1\n"])
def test_a_weight_that_cannot_be_this_dose_is_refused(typed: str) -> None:
    options = ("calibrate", "dose", "--dose-ul", "10", "--syringe-ml", "5", "--times", "2")
    assert told(*options, typed=typed, code=2)["problems"]


def test_a_density_that_is_no_number_is_refused() -> None:
    assert call("calibrate", "dose", "--dose-ul", "10", "--syringe-ml", "5", "--density-g-ml", "nan").exit_code == 2
