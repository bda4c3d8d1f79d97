"""What a stroke should look like from outside, figure by figure, as it is laid for the guard."""

import pytest
from rigs.guards import TOLERANCE_NM, Cells, stroke_of
from rigs.strokes import GUN, Shot

from mesogun_fw.guard import cells
from mesogun_fw.guard import expected as place
from mesogun_fw.guard.expected import lay
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE
from mesogun_sim.desk import described_with

LONG = Shot(depth_um=6_000, needle_um_s=60_000)


def laid(shot: Shot, slot: int = 0) -> tuple[Cells, int]:
    c = cells.fresh()
    lay(c, slot, stroke_of(shot), GUN, TOLERANCE_NM)
    return c, cells.EXPECTED_AT + slot * cells.EXPECTED_SIZE


@pytest.mark.parametrize("slot", [0, 1])
def test_each_figure_of_a_shot_has_its_place_in_its_slot_and_the_other_slot_is_left_alone(slot: int) -> None:
    c, k = laid(LONG, slot)
    stroke = stroke_of(LONG)
    f = stroke.figures
    assert {at: c[k + at] for at in range(place.WAY_OUT)} == {
        place.DEPTH_UM: 6_000,
        place.ENVELOPE_UM: 6_100,
        place.TOLERANCE_UM: 300,
        place.OUT_END_US: f.out_us,  # type: ignore[attr-defined]
        place.DOSE_END_US: f.dose_end_us,  # type: ignore[attr-defined]
        place.BACK_START_US: f.back_start_us,  # type: ignore[attr-defined]
        place.BACK_END_US: f.back_end_us,  # type: ignore[attr-defined]
        place.DOSE_NM: f.dose.steps * 625,  # type: ignore[attr-defined]
        place.STEP_NM: 625,
        place.DOSE_TOLERANCE_NM: TOLERANCE_NM,
        place.ACC_MM_S2: 30_000,
        place.UNPACED: 0,
        place.DRAW: 0,
        place.ENTRY_US: stroke.entry_us,
        place.LEAVE_US: stroke.leave_us,
        place.PART: f.dose.part,  # type: ignore[attr-defined]
    }
    other = cells.EXPECTED_AT + (1 - slot) * cells.EXPECTED_SIZE
    assert set(c[other : other + cells.EXPECTED_SIZE]) == {0}


def test_its_way_out_and_back_are_those_of_its_stroke() -> None:
    c, k = laid(LONG)
    f = stroke_of(LONG).figures
    steps = {name: getattr(f, name) for name in ("out_up", "out_cruise", "back_up", "back_cruise")}
    out, back = (c[k + at : k + at + 7].tolist() for at in (place.WAY_OUT, place.WAY_BACK))
    assert out == [
        10 * steps["out_up"], 10 * steps["out_cruise"], f.up_us, f.cruise_end_us, f.out_us, 30_000, 7_500,  # type: ignore[attr-defined]
    ]  # fmt: skip
    assert back == [
        10 * steps["back_up"], 10 * steps["back_cruise"], f.back_up_us, f.back_cruise_end_us, f.back_us, 30_000, 30_000,  # type: ignore[attr-defined]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("depth_um", "tolerance_um"),
    [(200, 100), (1_900, 100), (2_000, 100), (2_100, 105), (4_000, 200), (10_000, 500)],
)
def test_a_depth_may_be_off_by_a_tenth_of_a_millimetre_or_5_percent_and_never_deeper_than_the_tenth(
    depth_um: int, tolerance_um: int
) -> None:
    c, k = laid(Shot(depth_um=depth_um))
    assert (c[k + place.TOLERANCE_UM], c[k + place.ENVELOPE_UM]) == (tolerance_um, depth_um + 100)


def test_a_shot_that_gives_its_dose_while_withdrawing_is_known_as_one() -> None:
    c, k = laid(Shot(mode=RETROGRADE, depth_um=2_500, dose_nl=6_000))
    assert c[k + place.DRAW] == 1
    c, k = laid(Shot(mode=CONSTANT_FLOW, dose_nl=20_000))
    assert (c[k + place.DRAW], c[k + place.LEAVE_US] - c[k + place.ENTRY_US]) == (0, 1_000_000)


def test_a_needle_that_is_thrown_has_no_way_to_be_followed_and_priming_none_either() -> None:
    air, stroke = described_with("pneumatic"), Stroke()
    compile(stroke, Settings(4_000, 300_000, 10_000, 100_000, 0, 300_000, 12_060), air)
    c = cells.fresh()
    lay(c, 0, stroke, air, 0)
    k = cells.EXPECTED_AT
    assert c[k + place.UNPACED] == 1
    assert set(c[k + place.WAY_OUT : k + cells.EXPECTED_SIZE]) == {0}
    prime = Stroke()
    compile(prime, Settings(0, 300_000, 10_000, 100_000, 0, 900_000, 12_060), GUN)
    lay(c, 0, prime, GUN, 0)
    assert c[k + place.UNPACED] == 1
