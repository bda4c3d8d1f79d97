"""A dose is rarely a whole number of plunger steps; what is left over is carried on, and a syringe shows no drift."""

from array import array
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.marks import mostly_slow
from rigs.strokes import GUN, Shot, compiled, exact_steps

from mesogun_fw import limits
from mesogun_fw.guard.carry import first, follow_on, following
from mesogun_fw.guard.cells import CARRY, DOSED, IN_FLIGHT, SHOT_CARRY, TAIL, fresh
from mesogun_fw.guard.expected import lay
from mesogun_fw.guard.notes import close_shot
from mesogun_fw.stroke.stepper import Figures

BORES_UM = (limits.SYRINGE_BORE_MIN_UM, 4_780, 8_660, 12_060, 14_500, 15_900, limits.SYRINGE_BORE_MAX_UM)


def flight_of(shot: Shot, flight: "array[int] | None" = None) -> "array[int]":
    flight = flight or fresh()
    lay(flight, 0, compiled(shot), GUN, 0)
    return flight


def hold(flight: "array[int]", shots: int, whole_steps: int, partial: bool = False) -> list[int]:
    """The plunger steps of every shot of one hold of the trigger; `partial`: one more is begun and cut short."""
    steps = []
    for i in range(shots):
        if i == 0:
            first(flight)
        steps.append(whole_steps + flight[TAIL])
        following(flight, 0)
        flight[IN_FLIGHT] = flight[DOSED] = 1
        close_shot(flight, 0)
        assert flight[CARRY] == flight[SHOT_CARRY]
        follow_on(flight)
    if partial:
        first(flight)
        close_shot(flight, 0)
    return steps


@pytest.mark.parametrize("bore_um", BORES_UM)
@pytest.mark.parametrize("dose_nl", mostly_slow([1_000, 1_037, 12_345]))
def test_over_a_whole_syringe_the_steps_add_up_to_within_one(bore_um: int, dose_nl: int) -> None:
    shot = Shot(dose_nl=dose_nl, bore_um=bore_um, dwell_us=0)
    flight = flight_of(shot)
    whole_steps = Figures(shot.settings(), GUN).dose.steps
    exact = exact_steps(shot)
    total = 0
    for count, steps in enumerate(hold(flight, limits.SYRINGE_MAX_NL // dose_nl, whole_steps), 1):
        total += steps
        assert abs(total - count * exact) <= 1


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=20))
def test_neither_a_release_nor_a_shot_cut_short_disturbs_the_carry(holds: list[tuple[int, bool]]) -> None:
    shot = Shot(dose_nl=1_000, bore_um=14_500)
    whole_steps = Figures(shot.settings(), GUN).dose.steps
    flight = flight_of(shot)
    steps = [n for count, partial in holds for n in hold(flight, count, whole_steps, partial)]
    assert steps == hold(flight_of(shot), len(steps), whole_steps)


@given(st.lists(st.tuples(st.integers(limits.DOSE_MIN_NL, 50_000), st.integers(1, 30)), min_size=1, max_size=6))
def test_the_carry_goes_on_across_passes_of_other_doses(passes: list[tuple[int, int]]) -> None:
    flight = None
    total = 0
    exact = Fraction(0)
    for dose_nl, shots in passes:
        shot = Shot(dose_nl=dose_nl, bore_um=12_060)
        flight = flight_of(shot, flight)
        total += sum(hold(flight, shots, Figures(shot.settings(), GUN).dose.steps))
        exact += shots * exact_steps(shot)
        assert abs(total - exact) <= 1


def test_a_dry_needle_never_moves_the_plunger() -> None:
    flight = flight_of(Shot(dose_nl=0))
    assert hold(flight, 300, 0) == [0] * 300


def test_a_dose_is_rounded_once_to_a_millionth_of_a_step() -> None:
    for bore_um in BORES_UM:
        shot = replace(Shot(bore_um=bore_um), dose_nl=limits.DOSE_MAX_NL, flow_nl_s=limits.FLOW_MAX_NL_S)
        figures = Figures(shot.settings(), GUN)
        error = exact_steps(shot) - figures.dose.steps - Fraction(figures.dose.part, 1 << 20)
        assert 0 <= error < Fraction(1, 1 << 20)
