"""What is left to give, and the notes to the device loop of what happened. Part of the guard: no allocation, no float.

Notes are a ring in the guard's cells, written by the tick, read by the loop: kind, tick, five figures.
"""

from mesogun_fw.shim import micropython, ptr32

const = micropython.const

NOTE_STARTED = const(1)
NOTE_SHOT = const(2)  # start in ms and us, deepest point, plunger travel, flags
NOTE_STOPPING = const(3)
NOTE_ENDED = const(4)  # kind, reason
NOTE_HOMED = const(5)
NOTE_CLEARED = const(6)
NOTE_SWAPPED = const(7)
NOTES_FULL = 24

# Of cells.py, inputs.py, messages.py and faults.py: a fast function reads constants of its own file only.
_SHIFT = const(1 << 28)
_POSITIVE = const((1 << 30) - 1)
_PLUNGER_NM = const(8)
_TICK_MS = const(19)
_ZERO = const(31)
_DEEPEST = const(32)
_DOSED = const(34)
_PLUNGER = const(35)
_PLUNGER_END = const(36)
_MOVE = const(44)
_HOLD_LEFT = const(46)
_LAST_MS = const(50)
_KIND = const(83)
_REASON = const(84)
_OPEN = const(98)
_START_MS = const(99)
_START_US = const(100)
_CARRY = const(101)
_SHOT_CARRY = const(102)
_NOTED = const(107)
_LEFT = const(109)
_CEILING = const(110)
_BUDGET_NL = const(111)
_DOSE_NL = const(112)
_NOTES = const(32)
_NOTE_SIZE = const(7)
_NOTES_AT = const(184)
_PARTIAL = const(1)
_DEPTH_OFF = const(4)
_DOSE_OFF = const(8)
_DEPTH_WRONG = const(24)
_DOSE_WRONG = const(27)


@micropython.viper
def note(g_: int, kind: int):  # type: ignore[no-untyped-def]
    """Something other than a shot; how it ended is in the cells."""
    g = ptr32(g_)
    noted = g[_NOTED]
    at = _NOTES_AT + (noted & (_NOTES - 1)) * _NOTE_SIZE
    g[at] = kind
    g[at + 1] = g[_TICK_MS]
    g[at + 2] = g[_KIND]
    g[at + 3] = g[_REASON]
    g[_NOTED] = noted + 1


@micropython.viper
def close_shot(g_: int, flags: int):  # type: ignore[no-untyped-def]
    """Write down the shot in flight, unless it was a move that is none: whole if its dose went in completely, else partial."""
    g = ptr32(g_)
    if not g[_OPEN]:
        return
    g[_OPEN] = 0
    if g[_MOVE]:
        return
    reason = g[_REASON]
    if reason == _DEPTH_WRONG:
        flags |= _DEPTH_OFF
    elif reason == _DOSE_WRONG:
        flags |= _DOSE_OFF
    g[_LAST_MS] = g[_TICK_MS]
    if g[_HOLD_LEFT]:
        g[_HOLD_LEFT] = g[_HOLD_LEFT] - 1
    g[_CEILING] = g[_CEILING] - 1
    g[_BUDGET_NL] = g[_BUDGET_NL] - g[_DOSE_NL]
    if g[_DOSED]:
        plunger = g[_PLUNGER_END]
        if g[_LEFT]:
            g[_LEFT] = g[_LEFT] - 1
        g[_CARRY] = g[_SHOT_CARRY]
    else:
        plunger = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
        flags |= _PARTIAL
    noted = g[_NOTED]
    at = _NOTES_AT + (noted & (_NOTES - 1)) * _NOTE_SIZE
    g[at] = NOTE_SHOT
    g[at + 1] = g[_TICK_MS]
    g[at + 2] = g[_START_MS]
    g[at + 3] = g[_START_US]
    g[at + 4] = g[_DEEPEST] - g[_ZERO]
    g[at + 5] = plunger - g[_PLUNGER]
    g[at + 6] = flags
    g[_NOTED] = noted + 1
