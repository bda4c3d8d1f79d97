"""How long the guard certainly does nothing while its inputs stay as they are. Runs on CPython and MicroPython.

Only for skipping ticks in virtual time; a property test holds it against running every tick.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.course import BACK_END_US, BACK_START_US, DOSE_END_US, DRAW, LINK_US, OUT_END_US
from mesogun_fw.flight import HOLD_UNTIL_MS, SETTLE_US
from mesogun_fw.guard import BACK, LATCHED, OFF, RUN, Guard
from mesogun_fw.inputs import ELAPSED_US, ESTOP_OPEN, PLAYING, TRIGGER_A, TRIGGER_B
from mesogun_fw.landing import PLACE
from mesogun_fw.ledger import LAST_MS, NOTED
from mesogun_fw.vitals import BEAT_MS, LOOP_MS

LONG_MS = 1_000


def quiet_ms(guard: Guard, x: "array[int]", now_ms: int) -> int:
    """Ticks after `now_ms` that need not be run. 0: run the next one."""
    if x[TRIGGER_A] != x[TRIGGER_B] or guard.counts[NOTED] != guard.read or guard.next_slot >= 0:
        return 0
    if guard.phase == OFF or guard.phase == LATCHED:
        return 0 if x[ESTOP_OPEN] and guard.phase == OFF else LONG_MS
    if guard.phase == BACK or guard.phase == PLACE:
        return 0
    until: int = min(guard.vitals[BEAT_MS] + limits.LINK_SILENT_MS, guard.vitals[LOOP_MS] + limits.LOOP_DEAD_MS)
    if guard.phase == RUN:
        until = min(until, guard.flight.cells[HOLD_UNTIL_MS])
        quiet_us = _stroke_us(guard, x[ELAPSED_US]) if x[PLAYING] == 1 else 0
        until = min(until, now_ms + quiet_us // 1000)
    else:
        until = min(until, guard.counts[LAST_MS] + limits.IDLE_MAX_MS)
        if guard.fingers.held and guard.fingers.fresh:
            return 0
    return max(0, until - now_ms - 1)


def _stroke_us(guard: Guard, elapsed: int) -> int:
    """Microseconds of this stroke in which nothing is judged that was not judged before."""
    flight = guard.flight
    course: array[int] = flight.course
    if elapsed < course[OUT_END_US] + SETTLE_US + 1_000:
        return 0
    # when the next list is granted, or entered
    link_us: int = course[LINK_US] if guard.granted or guard.last_of_press() else course[LINK_US] - limits.GRANT_LEAD_US
    if elapsed < course[DOSE_END_US] + SETTLE_US and not course[DRAW]:
        next_us: int = min(course[DOSE_END_US] + SETTLE_US, course[BACK_START_US], link_us)
        return next_us - elapsed
    if elapsed < course[BACK_START_US]:
        return course[BACK_START_US] - elapsed if flight.dosed else 0
    if elapsed < course[BACK_END_US] + SETTLE_US + 1_000 or not flight.dosed:
        return 0
    return link_us - elapsed
