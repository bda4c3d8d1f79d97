"""A gun that is armed and left alone disarms itself; a trigger that is held for too long, or taped down, ends its own hold."""

from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard.cells import LAST_MS, START_MS
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, IDLE, PAUSE, RUNNING

MINUTE_MS = 60_000  # DOMAIN 5, whatever limits.py says
SLOWEST = a_pass(period_us=limits.PERIOD_MAX_US)


def last(rig: Rig) -> tuple[int, int]:
    ended = rig.told("ended")[-1]
    return ended["kind"], ended["reason"]


def test_an_armed_gun_that_nobody_presses_is_disarmed_after_a_minute_and_no_press_counts_then() -> None:
    rig = Rig().ready(SLOWEST)
    rig.wait(rig.device.guard.cells[LAST_MS] + MINUTE_MS - rig.now_ms)
    assert rig.board.state == ARMED
    rig.wait(3)
    assert (rig.board.state, last(rig)) == (IDLE, (PAUSE, reasons.IDLE_TOO_LONG))
    rig.press()
    rig.wait(500)
    assert rig.told("shot") == []


def test_the_minute_begins_anew_with_every_press() -> None:
    rig = Rig().ready(SLOWEST)
    for _ in range(2):
        rig.wait(MINUTE_MS - 2_000)
        rig.press()
        rig.until_lamp(RUNNING)
        rig.release()
        rig.until_lamp(ARMED)
    assert len(rig.told("shot")) == 2
    rig.wait(MINUTE_MS + 3)
    assert last(rig) == (PAUSE, reasons.IDLE_TOO_LONG)


def test_a_trigger_that_is_held_for_a_minute_ends_its_shots_and_only_arming_and_a_fresh_press_make_more() -> None:
    rig = Rig().ready(SLOWEST)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(rig.device.guard.cells[START_MS] + MINUTE_MS - rig.now_ms)
    assert rig.board.state == RUNNING
    rig.wait(100)
    assert (rig.board.state, last(rig)) == (IDLE, (PAUSE, reasons.HELD_TOO_LONG))
    made = len(rig.told("shot"))
    rig.arm()
    rig.wait(1_000)
    assert (rig.board.state, len(rig.told("shot"))) == (ARMED, made), "it is still held"
    rig.release()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(500)
    assert rig.board.state == RUNNING
