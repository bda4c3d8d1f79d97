"""`mesogun device zero`: what a person measured, and what is to be done about it."""

import pytest
from rigs.device_calls import call, told


@pytest.mark.parametrize(("typed", "off_um"), [("1.0", 0), ("1.05", 50), ("0.95", -50)])
@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
def test_a_tip_that_stands_where_it_shall_needs_nothing(typed: str, off_um: int, drive: str) -> None:
    answer = told("zero", "--drive", drive, typed=f"{typed}\n")
    assert (answer["off_um"], answer["within"]) == (off_um, True)


@pytest.mark.parametrize(
    ("typed", "way"),
    [("1.051", "forward by 0.05 mm"), ("1.06", "forward by 0.06 mm"), ("0.949", "back by 0.05 mm"), ("0.8", "back by 0.20 mm")],
)
def test_a_tip_that_is_off_is_answered_with_how_far_to_turn_the_cone(typed: str, way: str) -> None:
    result = call("zero", typed=f"{typed}\n")
    assert result.exit_code == 1
    assert way in result.stderr


def test_a_long_needle_behind_a_short_ones_cone_is_said_to_be_that() -> None:
    assert "another needle's cone" in call("zero", typed="10\n").stderr


@pytest.mark.parametrize("typed", ["", "one\n", "1,0\n", "21\n"])
def test_a_reading_that_is_none_is_refused(typed: str) -> None:
    assert told("zero", typed=typed, code=2)["problems"]


def test_a_move_that_fails_measures_nothing() -> None:
    assert call("zero", "--port", "sim://?fault=needle-stall@1500", typed="1.0\n").exit_code == 4
