"""A needle thrown by air against its stop: a stop that gave way shows in the needle's own encoder, whatever the stop's says."""

import pytest

from mesogun_fw import limits
from mesogun_fw.guard.cells import BACK, NATURAL, NEEDLE, PHASE, ZERO, fresh
from mesogun_fw.guard.expected import lay
from mesogun_fw.guard.inputs import PLAYING
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
