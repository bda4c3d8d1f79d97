"""How long a trigger may be held, and how long an armed gun waits: a minute each, to the tick."""

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard import cells
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, IDLE, PAUSE, RUNNING

FRESH_MS = limits.TRIGGER_RELEASED_MS + 20
MINUTE_MS = 60_000


def ended(rig: Rig) -> tuple[int, int]:
    last = rig.told("ended")[-1]
    return last["kind"], last["reason"]


@pytest.mark.slow
def test_a_trigger_held_for_a_minute_pauses_the_gun_with_the_needle_home() -> None:
    rig = Rig().ready(a_pass(shots=100, dose_nl=0, period_us=5_000_000))
    rig.press()
    rig.until_lamp(RUNNING)
    first_ms = rig.device.guard.cells[cells.START_MS]
    rig.wait(first_ms + MINUTE_MS - rig.now_ms - 1)
    assert rig.board.state == RUNNING
    rig.wait(200)
    assert (ended(rig), rig.board.state, rig.tip_um) == ((PAUSE, reasons.HELD_TOO_LONG), IDLE, 0)
    assert not rig.board.energised


@pytest.mark.slow
def test_an_armed_gun_that_nobody_presses_disarms_after_a_minute() -> None:
    rig = Rig().ready()
    armed_ms = rig.device.guard.cells[cells.LAST_MS]
    rig.wait(armed_ms + MINUTE_MS - rig.now_ms - 1)
    assert rig.board.state == ARMED
    rig.wait(60)
    assert (ended(rig), rig.board.state) == ((PAUSE, reasons.IDLE_TOO_LONG), IDLE)
    rig.press(in_ms=FRESH_MS)
    rig.wait(500)
    assert rig.told("shot") == []


@pytest.mark.slow
def test_the_minute_counts_from_the_last_press_on() -> None:
    rig = Rig().ready()
    rig.wait(50_000)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(400)
    rig.release()
    rig.until_lamp(ARMED)
    rig.wait(50_000)
    assert rig.board.state == ARMED
    rig.wait(10_100)
    assert (ended(rig), rig.board.state) == ((PAUSE, reasons.IDLE_TOO_LONG), IDLE)
