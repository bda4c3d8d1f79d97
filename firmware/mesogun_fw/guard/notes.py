"""What is left to give is counted here, and notes tell the device loop what happened.

This is part of the guard: it has no allocation and no float. Notes are a ring in the guard's cells, written by the tick, read
by the loop: kind, tick, five figures.
"""

from mesogun_fw.guard import cells, expected, inputs
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import codes, messages, reasons

const = micropython.const

NOTE_STARTED = const(1)
NOTE_SHOT = const(2)
NOTE_STOPPING = const(3)
NOTE_ENDED = const(4)
NOTE_HOMED = const(5)
NOTE_CLEARED = const(6)
NOTE_SWAPPED = const(7)
NOTES_FULL = 24

# A note has these places: its kind, the tick, and of an ending ...
NOTE_KIND = const(0)
NOTE_AT_MS = const(1)
NOTE_ENDING = const(2)
NOTE_REASON = const(3)
# ... or these of a shot.
NOTE_START_MS = const(2)
NOTE_START_US = const(3)
NOTE_DEPTH_UM = const(4)
NOTE_TRAVEL_NM = const(5)
NOTE_FLAGS = const(6)


@micropython.viper
def note(g_: int, kind: int):  # type: ignore[no-untyped-def]
    """Something other than a shot is noted; how it ended is taken from the cells."""
    g = ptr32(g_)
    noted = g[cells.NOTED]
    at = cells.NOTES_AT + (noted & (cells.NOTES - 1)) * cells.NOTE_SIZE
    g[at] = kind
    g[at + NOTE_AT_MS] = g[cells.TICK_MS]
    g[at + NOTE_ENDING] = g[cells.KIND]
    g[at + NOTE_REASON] = g[cells.REASON]
    g[cells.NOTED] = noted + 1


@micropython.viper
def close_shot(g_: int, flags: int):  # type: ignore[no-untyped-def]
    """The shot in flight is written down, unless it is a move: it is whole if its dose went in completely, else partial.

    A stop brakes along the dose's own last steps: by the plunger's encoder they are all in, and this place is not given once
    more. A plunger that went further than a dose can be, the carry's step and a count of the encoder on it, shows no dose; and in a
    fault nobody asks the encoder.
    """
    g = ptr32(g_)
    if not g[cells.IN_FLIGHT]:
        return
    g[cells.IN_FLIGHT] = 0
    if g[cells.MOVE]:
        return
    reason = g[cells.REASON]
    if reason == reasons.DEPTH_WRONG or reason == reasons.NEEDLE_OVERRUN or reason == reasons.STOP_ASTRAY:
        flags |= codes.DEPTH_OFF
    elif reason == reasons.DOSE_WRONG:
        flags |= codes.DOSE_OFF
    g[cells.LAST_MS] = g[cells.TICK_MS]
    if g[cells.HOLD_LEFT]:
        g[cells.HOLD_LEFT] = g[cells.HOLD_LEFT] - 1
    g[cells.CEILING] = g[cells.CEILING] - 1
    g[cells.BUDGET_NL] = g[cells.BUDGET_NL] - g[cells.DOSE_NL]
    if not g[cells.DOSED] and g[cells.KIND] != messages.FAULT:
        k = g[cells.EXPECTED]
        plunger = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
        more_nm = plunger - g[cells.PLUNGER] - g[k + expected.DOSE_NM]
        step_nm = g[k + expected.STEP_NM]
        if g[k + expected.DOSE_NM] and more_nm + step_nm > 0 and more_nm <= 2 * step_nm:
            g[cells.DOSED] = 1
            g[cells.PLUNGER_END] = plunger
    if g[cells.DOSED]:
        plunger = g[cells.PLUNGER_END]
        if g[cells.LEFT]:
            g[cells.LEFT] = g[cells.LEFT] - 1
        g[cells.CARRY] = g[cells.SHOT_CARRY]
    else:
        plunger = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
        flags |= codes.PARTIAL
    noted = g[cells.NOTED]
    at = cells.NOTES_AT + (noted & (cells.NOTES - 1)) * cells.NOTE_SIZE
    g[at] = NOTE_SHOT
    g[at + NOTE_AT_MS] = g[cells.TICK_MS]
    g[at + NOTE_START_MS] = g[cells.START_MS]
    g[at + NOTE_START_US] = g[cells.START_US]
    g[at + NOTE_DEPTH_UM] = g[cells.DEEPEST] - g[cells.ZERO]
    g[at + NOTE_TRAVEL_NM] = plunger - g[cells.PLUNGER]
    g[at + NOTE_FLAGS] = flags
    g[cells.NOTED] = noted + 1
