"""What the loop hands to the guard and asks of it, cell by cell."""

import pytest
from rigs.rig import Rig
from rigs.strokes import Shot, compiled

from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.asked import CHANGED, STALE
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE

ONE, OTHER = compiled(Shot(dose_nl=10_000)), compiled(Shot(dose_nl=13_000))


@pytest.fixture
def guard() -> Guard:
    return Rig().device.guard


@pytest.mark.parametrize(("mode", "shots"), [(SINGLE, 1), (RETROGRADE, 1), (BURST, 4), (CONTINUOUS, 2_000), (CONSTANT_FLOW, 2_000)])
def test_a_press_makes_as_many_shots_as_its_mode_says(guard: Guard, mode: int, shots: int) -> None:
    guard.use(ONE, 0, mode, 4, 37)
    assert guard.cells[cells.PER_PRESS] == shots


@pytest.mark.parametrize("move", [cells.SHOTS, cells.GAUGE])
def test_an_arming_is_of_its_own_stroke_with_a_full_ceiling_and_no_setting_that_waits(guard: Guard, move: int) -> None:
    c = guard.cells
    c[cells.NEXT], c[cells.CEILING], c[cells.LEFT], c[cells.MOVE] = 2, 5, 9, cells.PRIME
    guard.use(OTHER, 1, CONTINUOUS, 1, 37, move)
    assert (c[cells.NEXT], c[cells.CEILING], c[cells.LEFT], c[cells.MOVE]) == (0, 2_000, 37, move)
    assert (guard.slot, guard.stroke, c[cells.DOSE_NL]) == (1, OTHER, 13_000)


@pytest.mark.parametrize(("slot", "placing", "error_um"), [(-1, 0, 50), (1, 2, 1 << 20)])
def test_a_depth_stop_that_has_to_move_may_be_anywhere_until_it_does_and_else_must_stand_there(
    guard: Guard, slot: int, placing: int, error_um: int
) -> None:
    guard.place(slot, 3_000)
    c = guard.cells
    assert (c[cells.PLACING], c[cells.PLACE_UM]) == (placing, 3_000)
    assert (c[cells.STOP_WANTED_UM], c[cells.STOP_ERROR_UM]) == (3_000, error_um)


def test_a_setting_waits_with_its_own_dose_until_it_is_taken_back() -> None:
    device = Rig().device
    device.journal.lay_dose(13_000)
    guard, c = device.guard, device.guard.cells
    guard.use(ONE, 0, CONTINUOUS, 1, 37)
    assert guard.swap(OTHER, 1, 0) == CHANGED
    assert (c[cells.NEXT], c[cells.SLOT_DOSE_NL], c[cells.SLOT_DOSE_NL + 1], guard.stroke) == (2, 10_000, 13_000, ONE)
    assert (guard.redose(), c[cells.NEXT]) == (CHANGED, 2)
    assert (guard.stay(0), c[cells.NEXT]) == (STALE, 2)
    assert (guard.stay(2), c[cells.NEXT]) == (CHANGED, 0)


def test_where_needle_and_plunger_are_is_told_from_home_and_from_where_the_shot_began(guard: Guard) -> None:
    c = guard.cells
    c[cells.NEEDLE], c[cells.ZERO] = cells.SHIFT + 2_040, cells.SHIFT + 40
    c[cells.PLUNGER], c[inputs.PLUNGER_NM], c[cells.PLUNGER_END] = cells.SHIFT + 1_000, 5_000, cells.SHIFT + 4_000
    assert guard.needle_um == 2_000
    for dosed, travel_nm in ((0, 4_000), (1, 3_000)):
        c[cells.DOSED] = dosed
        assert guard.travel_nm == travel_nm
