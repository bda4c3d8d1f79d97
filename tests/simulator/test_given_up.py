"""A guard that died is given up: from then on nothing that anybody asks or presses gives the motor its power again."""

from functools import cache

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard import cells
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ASK, FAULTED, MESSAGES, RUNNING

REQUESTS = [row for row in MESSAGES if row[1] == ASK and row[0] != "restart"]


@cache
def first_dead() -> Rig:
    """Its guard stopped in the middle of a shot, and the loop has found that."""
    rig = Rig(skip=False).ready(a_pass(depth_um=6_000, dwell_us=60_000))
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(20)
    assert rig.board.energised
    rig.happen("guard-dead")
    rig.until_lamp(FAULTED, limit_ms=200)
    return rig


def dead() -> Rig:
    return first_dead().again()


def test_it_is_without_power_air_and_pulse_and_its_needle_comes_home() -> None:
    rig = dead()
    c = rig.device.guard.cells
    assert (rig.board.energised, c[cells.POWER], c[cells.VENT], c[cells.PHASE]) == (False, 0, 1, cells.LATCHED)
    rig.wait(limits.SPRING_MS)
    assert (rig.tip_um, rig.told("ended")[-1]["reason"]) == (0, reasons.GUARD_DEAD)


@pytest.mark.parametrize("name", [row[0] for row in REQUESTS])
def test_no_request_gives_power_again(name: str) -> None:
    rig = dead()
    before = len(rig.tape.power)
    values = next([low for _, low, _ in fields] for asked, _, fields in REQUESTS if asked == name)
    rig.ask(name, *values)
    rig.set(clear=1)
    rig.release()
    rig.lift()
    rig.wait(50)
    rig.set(clear=0, trigger_a=1, trigger_b=1)
    rig.wait(300)
    assert (rig.board.energised, rig.tape.power[before:]) == (False, [])
    assert rig.board.state == FAULTED, "no tick, no button"
