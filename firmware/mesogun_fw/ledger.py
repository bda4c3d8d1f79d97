"""What is left to give, and the notes to the device loop of what happened. Part of the guard: no allocation, no float.

`counts` and `notes` are arrays so that fast functions can keep them. Notes are a ring, written by the tick, read by the loop.
"""

from array import array

from mesogun_fw import flight
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# Notes: kind, tick, five figures.
NOTE_STARTED, NOTE_SHOT, NOTE_STOPPING, NOTE_ENDED, NOTE_HOMED, NOTE_CLEARED, NOTE_SWAPPED = range(1, 8)
NOTE_SIZE = const(7)
NOTES = const(32)
NOTES_FULL = 24

# Counts.
NOTED = const(0)  # notes written since boot
TICK_MS = const(1)
LEFT = const(2)  # whole shots of the pass still to make
HOLD_LEFT = const(3)  # shots of this press still to make, the one in flight included
CEILING = const(4)  # shots this arming may still make
BUDGET_NL = const(5)  # what the syringe still holds
DOSE_NL = const(6)
LAST_MS = const(7)  # end of the last shot
SIZE = 8

# of flight.py: a fast function reads constants of its own file only
_ZERO = const(5)
_DEEPEST = const(6)
_DOSED = const(8)
_PLUNGER = const(10)
_PLUNGER_END = const(11)
_OPEN = const(21)
_START_MS = const(22)
_START_US = const(23)
_CARRY = const(24)
_SHOT_CARRY = const(25)
assert (_ZERO, _DEEPEST, _DOSED, _PLUNGER, _PLUNGER_END, _OPEN, _START_MS, _START_US, _CARRY, _SHOT_CARRY) == (
    flight.ZERO, flight.DEEPEST, flight.DOSED, flight.PLUNGER, flight.PLUNGER_END, flight.OPEN, flight.START_MS,
    flight.START_US, flight.CARRY, flight.SHOT_CARRY,
)  # fmt: skip
_NOTE_SHOT = const(2)
_PARTIAL = const(1)
assert _NOTE_SHOT == NOTE_SHOT


def counts() -> "array[int]":
    return array("i", [0] * SIZE)


def notes() -> "array[int]":
    return array("i", bytes(4 * NOTE_SIZE * NOTES))


@micropython.viper
def note(counts_: object, notes_: object, kind: int, a: int, b: int, c: int, d: int, e: int):  # type: ignore[no-untyped-def]
    counts = ptr32(counts_)
    notes = ptr32(notes_)
    noted = int(counts[NOTED])
    at = (noted & (NOTES - 1)) * NOTE_SIZE
    notes[at] = kind
    notes[at + 1] = int(counts[TICK_MS])
    notes[at + 2] = a
    notes[at + 3] = b
    notes[at + 4] = c
    notes[at + 5] = d
    notes[at + 6] = e
    counts[NOTED] = noted + 1


@micropython.viper
def close_shot(counts_: object, notes_: object, f_: object, flags: int, plunger: int):  # type: ignore[no-untyped-def]
    """Write down the shot in flight: whole if its dose went in completely, else partial. `plunger` is shifted."""
    counts = ptr32(counts_)
    f = ptr32(f_)
    counts[LAST_MS] = int(counts[TICK_MS])
    counts[HOLD_LEFT] = int(counts[HOLD_LEFT]) - 1
    counts[CEILING] = int(counts[CEILING]) - 1
    counts[BUDGET_NL] = int(counts[BUDGET_NL]) - int(counts[DOSE_NL])
    if int(f[_DOSED]):
        plunger = int(f[_PLUNGER_END])
        counts[LEFT] = int(counts[LEFT]) - 1
        f[_CARRY] = int(f[_SHOT_CARRY])
    else:
        flags |= _PARTIAL
    deepest = int(f[_DEEPEST]) - int(f[_ZERO])
    note(counts_, notes_, _NOTE_SHOT, int(f[_START_MS]), int(f[_START_US]), deepest, plunger - int(f[_PLUNGER]), flags)
