"""A stop in the last milliseconds of a dose finds it all given: its place is filled, and nobody gives it a second one."""

from collections.abc import Callable

import pytest
from rigs.rig import Rig, a_pass, figures_of

from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import CONTINUOUS, RETROGRADE, SINGLE

STOPS: dict[str, Callable[[Rig], object]] = {
    "released": lambda rig: rig.release(),
    "lifted": lambda rig: rig.lift(),
    "disarmed": lambda rig: rig.ask("disarm"),
    "e-stop": lambda rig: rig.set(estop=1),
}


@pytest.mark.parametrize(("mode", "from_ms"), [(SINGLE, 46), (CONTINUOUS, 46), (RETROGRADE, 258)])
@pytest.mark.parametrize("stop", STOPS)
def test_a_shot_is_partial_when_a_step_of_its_dose_is_missing_and_only_then(stop: str, mode: int, from_ms: int) -> None:
    one = a_pass(mode=mode, shots=2, dwell_us=60_000)
    steps = figures_of(one).dose.steps
    given = set()
    for phase_us in (0, 400, 800):
        rig = Rig(phase_us=phase_us).ready(one)
        rig.press()
        rig.wait(from_ms)
        for _ in range(20):
            rig.wait(1)
            cut = rig.again()
            STOPS[stop](cut)
            cut.wait(250)
            shot, *_ = cut.told("shot")
            assert bool(shot["flags"] & PARTIAL) == (cut.dispensed() < steps), f"{cut.dispensed()} of {steps} steps"
            given.add(cut.dispensed())
    assert steps in given
    assert {steps - near for near in range(1, 30)} & given, "no stop came as late as in the last steps"
