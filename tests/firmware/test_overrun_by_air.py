"""A needle thrown by air against its stop: a stop that gave way shows in the needle's own encoder, whatever the stop's says."""

from array import array

import pytest

from mesogun_fw import limits
from mesogun_fw.drives import compile
from mesogun_fw.flight import NEEDLE, ZERO, Flight
from mesogun_fw.inputs import INPUTS
from mesogun_fw.stroke import Settings, Stroke
from mesogun_sim.desk import hardware_with

DEPTH_UM = 4_000


@pytest.mark.parametrize(("beyond_um", "overrun"), [(0, False), (limits.DEPTH_ERROR_UM, False), (limits.DEPTH_ERROR_UM + 1, True)])
def test_a_needle_past_its_stop_is_an_overrun(beyond_um: int, overrun: bool) -> None:
    air, stroke = hardware_with("pneumatic"), Stroke()
    compile(stroke, Settings(DEPTH_UM, 300_000, 10_000, 100_000, 0, 300_000, 12_060), air)
    flight = Flight(array("i", [0] * INPUTS))
    flight.lay(stroke, 0, air, 0)
    flight.use(0)
    flight.cells[NEEDLE] = flight.cells[ZERO] + DEPTH_UM + beyond_um
    assert flight.would_overrun() == overrun
