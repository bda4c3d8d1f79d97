"""How long the guard certainly does nothing while its inputs stay as they are. Runs on CPython and MicroPython.

Only for skipping ticks in virtual time; a property test holds it against running every tick.
"""

from mesogun_fw import limits
from mesogun_fw.flight import SETTLE_US
from mesogun_fw.guard import BACK, LATCHED, OFF, RUN, Guard
from mesogun_fw.inputs import ELAPSED_US, ESTOP_OPEN, PLAYING, TRIGGER_A, TRIGGER_B

LONG_MS = 1_000


def quiet_ms(guard: Guard, x: "object", now_ms: int) -> int:
    """Ticks after `now_ms` that need not be run. 0: run the next one."""
    if x[TRIGGER_A] != x[TRIGGER_B] or guard.noted != guard.read:  # type: ignore[index]
        return 0
    if guard.phase == OFF or guard.phase == LATCHED:
        return 0 if x[ESTOP_OPEN] and guard.phase == OFF else LONG_MS  # type: ignore[index]
    if guard.phase == BACK:
        return 0
    until = min(guard.beat_ms + limits.LINK_SILENT_MS, guard.loop_ms + limits.LOOP_DEAD_MS)
    if guard.phase == RUN:
        until = min(until, guard.hold_ms + limits.HOLD_MAX_MS)
        quiet_us = _stroke_us(guard, x[ELAPSED_US]) if x[PLAYING] == 1 else 0  # type: ignore[index]
        until = min(until, now_ms + quiet_us // 1000)
    else:
        until = min(until, guard.last_ms + limits.IDLE_MAX_MS)
        if guard.fingers.held and guard.fingers.fresh:
            return 0
    return max(0, until - now_ms - 1)


def _stroke_us(guard: Guard, elapsed: int) -> int:
    """Microseconds of this stroke in which nothing is judged that was not judged before."""
    flight = guard.flight
    if elapsed < flight.out.end_us + SETTLE_US + 1_000:
        return 0
    if elapsed < flight.dose_end_us + SETTLE_US:
        return min(flight.dose_end_us + SETTLE_US, flight.back_start_us) - elapsed
    if elapsed < flight.back_start_us:
        return flight.back_start_us - elapsed if flight.dosed else 0
    if elapsed < flight.back_end_us + SETTLE_US + 1_000 or not flight.dosed:
        return 0
    if guard.granted or guard.last_of_press():
        return flight.period_us - elapsed
    return flight.period_us - limits.GRANT_LEAD_US - elapsed
