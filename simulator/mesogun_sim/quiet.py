"""The guard certainly does nothing for so long while its inputs stay as they are. This runs on CPython and MicroPython.

It is only for skipping ticks in virtual time; a property test holds it against running every tick.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.guard.cells import (
    BACK,
    BEAT_MS,
    DOSED,
    EXPECTED,
    FRESH,
    GRANTED,
    HELD,
    HOLD_LEFT,
    HOLD_UNTIL_MS,
    LAST_MS,
    LATCHED,
    LOOP_MS,
    NEXT,
    NOTED,
    OFF,
    PHASE,
    PLACE,
    READ,
    RUN,
)  # fmt: skip
from mesogun_fw.guard.expected import BACK_END_US, BACK_START_US, DOSE_END_US, DRAW, LEAVE_US, OUT_END_US
from mesogun_fw.guard.inputs import ELAPSED_US, ESTOP_OPEN, PLAYING, TRIGGER_A, TRIGGER_B
from mesogun_fw.guard.shot import SETTLE_US

LONG_MS = 1_000


def quiet_ms(g: "array[int]", now_ms: int) -> int:
    """So many ticks after `now_ms` need not be run, by the guard's cells. 0 means that the next one is run."""
    if g[TRIGGER_A] != g[TRIGGER_B] or g[NOTED] != g[READ] or g[NEXT]:
        return 0
    phase = g[PHASE]
    if phase in (OFF, LATCHED):
        return 0 if g[ESTOP_OPEN] and phase == OFF else LONG_MS
    if phase in (BACK, PLACE):
        return 0
    until: int = min(g[BEAT_MS] + limits.LINK_SILENT_MS, g[LOOP_MS] + limits.LOOP_DEAD_MS)
    if phase == RUN:
        quiet_us = _stroke_us(g, g[ELAPSED_US]) if g[PLAYING] == 1 else 0
        until = min(until, g[HOLD_UNTIL_MS], now_ms + quiet_us // 1000)
    else:
        until = min(until, g[LAST_MS] + limits.IDLE_MAX_MS)
        if g[HELD] and g[FRESH]:
            return 0
    return max(0, until - now_ms - 1)


def _stroke_us(g: "array[int]", elapsed: int) -> int:
    """For so many microseconds of this stroke nothing is judged that was not judged before."""
    at = g[EXPECTED]
    out_end_us: int = g[at + OUT_END_US]
    dose_end_us: int = g[at + DOSE_END_US]
    back_start_us: int = g[at + BACK_START_US]
    back_end_us: int = g[at + BACK_END_US]
    leave_us: int = g[at + LEAVE_US]
    if elapsed < out_end_us + SETTLE_US + 1_000:
        return 0
    if not g[GRANTED] and g[HOLD_LEFT] > 1:
        leave_us -= limits.GRANT_LEAD_US  # the next list is granted before this one ends
    if elapsed < dose_end_us + SETTLE_US and not g[at + DRAW]:
        next_us: int = min(dose_end_us + SETTLE_US, back_start_us, leave_us)
        return next_us - elapsed
    if elapsed < back_start_us:
        return back_start_us - elapsed if g[DOSED] else 0
    if elapsed < back_end_us + SETTLE_US + 1_000 or not g[DOSED]:
        return 0
    return leave_us - elapsed
