"""A needle thrown by air against its stop: a stop that gave way shows in the needle's own encoder, whatever the stop's says."""

import pytest

from mesogun_fw import limits
from mesogun_fw.guard.cells import BACK, CONTACT, HELD, HOLD_UNTIL_MS, NATURAL, NEEDLE, PHASE, RUN, ZERO, fresh
from mesogun_fw.guard.expected import lay
from mesogun_fw.guard.inputs import ELAPSED_US, PLAYING
from mesogun_fw.guard.shot import follow
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import reasons
from mesogun_sim.desk import described_with

DEPTH_UM = 4_000


@pytest.mark.parametrize(("beyond_um", "overrun"), [(0, False), (limits.DEPTH_ERROR_UM, False), (limits.DEPTH_ERROR_UM + 1, True)])
def test_a_needle_past_its_stop_is_an_overrun(beyond_um: int, overrun: bool) -> None:
    air, stroke = described_with("pneumatic"), Stroke()
    compile(stroke, Settings(DEPTH_UM, 300_000, 10_000, 100_000, 0, 300_000, 12_060), air)
    flight = fresh()
    lay(flight, 0, stroke, air, 0)
    flight[PHASE], flight[NATURAL], flight[PLAYING] = BACK, 1, 1
    flight[NEEDLE] = flight[ZERO] + DEPTH_UM + beyond_um
    assert follow(flight) == (reasons.NEEDLE_OVERRUN if overrun else 0)


def test_a_thrown_needle_has_no_way_to_be_off_and_is_judged_by_the_depth_at_which_it_ends() -> None:
    air, stroke = described_with("pneumatic"), Stroke()
    compile(stroke, Settings(DEPTH_UM, 300_000, 10_000, 100_000, 0, 300_000, 12_060), air)
    figures = stroke.figures
    flight = fresh()
    lay(flight, 0, stroke, air, 5_000)
    flight[PHASE], flight[PLAYING], flight[HELD], flight[CONTACT], flight[HOLD_UNTIL_MS] = RUN, 1, 1, 1, 60_000
    for um in (0, DEPTH_UM // 2, DEPTH_UM):
        flight[ELAPSED_US], flight[NEEDLE] = 1_000, flight[ZERO] + um
        assert follow(flight) == 0
    for um, answer in ((DEPTH_UM - 200, 0), (DEPTH_UM - 201, reasons.DEPTH_WRONG)):
        flight[ELAPSED_US], flight[NEEDLE] = figures.out_us + 2_000, flight[ZERO] + um  # type: ignore[attr-defined]
        assert follow(flight) == answer
