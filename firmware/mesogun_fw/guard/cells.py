"""The guard's memory: one flat array of integers, so that its machine code needs one pointer. Imports nothing of ours but inputs.

Inputs come first, filled by the board before a tick; the orders are what the board has to do after it. No cell but inputs is
ever negative: behind a pointer a 64-bit machine reads a large number. Positions are shifted by SHIFT for that.
What reads them at every tick stands first: there the board's code reaches a cell in one instruction or two.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.guard import inputs
from mesogun_fw.shim import micropython

const = micropython.const

SHIFT = const(1 << 28)  # in um and in nm
POSITIVE = const((1 << 30) - 1)  # what is shifted, cut to this, is the same number behind either machine's pointer
ONE_STEP = const(1 << 20)  # of the plunger, where fractions of one are counted
HIDDEN_UM = 10  # a step of the needle, more or less: what one look at it does not show
IMPOSSIBLE_UM_MS = 1_000  # no motor moves the needle so fast: an encoder gone mad, and a square too large for small integers

(
    PHASE,
    TICK_MS,
    HOW,  # lookout.py is to look
    COURSE,  # where the course of the stroke in use begins: expected.py
    # the hand
    HELD,  # both trigger contacts closed
    FRESH,  # the trigger was open long enough since the last arming, start or clear
    CONTACT,  # both skin contacts closed
    LIFTED,  # both skin contacts open
    # the needle
    NEEDLE,
    SPEED,  # um per ms, outwards; 0 inwards
    SEEN_MS,
    BEFORE,  # the look before the last one
    BEFORE_MS,
    ZERO,
    DEEPEST,
    JUDGED,
    DOSED,
    PLUNGER,  # where it stood before this dose, or when it was last known still
    PLUNGER_END,
    PERIOD,  # lists begun since start, as far as they are followed
    OPEN_MS,
    PRESS_MS,
    CONTACT_MS,
    DIFFER_MS,  # since when the two trigger contacts differ, 0 while they agree
    LOOP_MS,  # when the device loop last ran
    BEAT_MS,  # when the host was last heard
    MOVE,  # which move that is no shot; 0 means shots
    HOLD_UNTIL_MS,  # longest hold of the trigger
    HOLD_LEFT,  # shots of this press still to make, the one in flight included
    GRANTED,
    SWITCH_OPEN,  # the home switch was seen open, out there
    VARIANT,
    LAST_MS,  # end of the last shot
    # limits; those of supply, air and drive are by hardware
    DISAGREE_MS,
    RELEASED_MS,
    STABLE_MS,
    DEBOUNCE_MS,
    LATE_MAX_US,
    LOOP_DEAD_MS,
    LINK_SILENT_MS,
    SUPPLY_MIN_MV,
    TEMPERATURE_MAX_C,
    AIR,  # 1: a pneumatic drive
    PRESSURE_MIN_KPA,
    PRESSURE_MAX_KPA,
    STOP_WANTED_UM,  # where the depth stop must stand
    STOP_ERROR_UM,
    FOLLOW_UM,
    STILL_NM,
    FAST_UM_MS,
    NEXT_TICK_UM,
    NOW_UM,
    HOME_UM,
    GRANT_LEAD_US,
    IDLE_MS,
    LIMP_MS,
    # orders, and what has been obeyed of them
    ORDER,
    ORDER_SLOT,
    ORDER_FIGURE,  # a variant, or steps
    MARK_AT,  # in the journal's memory; 0: nothing to write
    MARK,
    POWER,
    POWERED,
    VENT,  # the air let out
    VENTED,
    # the guard
    KIND,
    REASON,
    SLOT,
    NEXT,  # slot of a new setting that waits for the end of a period, + 1
    GRANTED_SLOT,
    ROOM,  # the loop says whether the record can take more
    LIMPING,  # the motor is let go, the spring brings the needle home
    NATURAL,  # the stroke is on its own way home
    PLACED,  # whether it is known where the needle rests
    PLACING,  # slot of the depth stop's way, before the first shot, + 1
    PLACE_UM,
    PRESSED_NM,  # by a dose that went wrong, when the next one had begun already; shifted, 0: none
    PER_PRESS,
    CLEAR_OPEN,  # the clear button was open since the latch: one that is stuck clears nothing
    BACK_MS,
    OPEN,  # a shot is in flight: neither judged nor noted yet
    START_MS,
    START_US,
    CARRY,  # fraction of a plunger step left over by the last whole shot ...
    SHOT_CARRY,  # ... by the one in flight ...
    NEXT_CARRY,  # ... and by the one granted after it
    NEXT_VARIANT,
    ENTERED,  # the list in flight was entered from another
    RELIEVED,  # the plunger has been taken back
    # what is noted, and what is left to give
    NOTED,  # notes written since boot ...
    READ,  # ... and read by the loop
    LEFT,  # whole shots of the pass still to make
    CEILING,  # shots this arming may still make
    BUDGET_NL,  # what the syringe still holds
    DOSE_NL,
    SLOT_DOSE_NL,  # of slot 0, then of slot 1
    _SLOT_1_DOSE_NL,
    # the journal: rows, of the oldest shot begun and not done, of the next to begin, of the next to be prepared
    ROWS,
    OLDEST,
    BEGIN,
    PREPARED,
    WRITABLE,
) = range(inputs.INPUTS, inputs.INPUTS + 102)

COURSE_SIZE = const(32)
COURSES = const(120)  # slot 0's, then slot 1's
NOTE_SIZE = const(7)
NOTES = const(32)
NOTES_AT = const(184)
SIZE = NOTES_AT + NOTES * NOTE_SIZE

# Phases.
(
    OFF,  # nothing may start
    WAIT,  # armed, or ready for a move that is no shot: a fresh press starts
    RUN,
    BACK,  # the needle comes home after a stop
    LATCHED,
    PLACE,  # the depth stop of a pneumatic drive moves, needle home
) = range(6)

# Moves that are no shot: only in the air, and not while armed.
SHOTS, HOME_CHECK, GAUGE, PRIME = range(4)

# What the player shall do. HALT: all pins low. ABORT: halt, then the way back out of wherever it was. RELIEVE: halt, then the
# plunger back by so many steps.
START, GRANT, REVOKE, HALT, ABORT, RELIEVE = range(1, 7)


def fresh() -> "array[int]":
    """What a gun knows that has just been switched on. What is by hardware: expected.py."""
    c = array("i", bytes(4 * SIZE))
    c[LIFTED] = c[ROOM] = c[VENT] = c[VENTED] = 1
    c[COURSE] = COURSES
    c[ZERO] = c[NEEDLE] = c[BEFORE] = c[DEEPEST] = c[PLUNGER] = c[PLUNGER_END] = SHIFT
    c[CARRY] = c[SHOT_CARRY] = c[NEXT_CARRY] = ONE_STEP // 2
    c[DISAGREE_MS] = limits.TRIGGER_DISAGREE_MS
    c[RELEASED_MS] = limits.TRIGGER_RELEASED_MS
    c[DEBOUNCE_MS] = limits.TRIGGER_DEBOUNCE_MS
    c[STABLE_MS] = limits.CONTACT_STABLE_MS
    c[FOLLOW_UM] = limits.FOLLOW_ERROR_UM
    c[STILL_NM] = limits.PLUNGER_STILL_NM
    c[FAST_UM_MS] = IMPOSSIBLE_UM_MS
    c[NEXT_TICK_UM] = limits.DEPTH_FAULT_UM - HIDDEN_UM
    c[NOW_UM] = limits.DEPTH_CAP_UM + 2 * HIDDEN_UM
    c[GRANT_LEAD_US] = limits.GRANT_LEAD_US
    c[HOME_UM] = limits.HOME_ERROR_UM
    c[IDLE_MS] = limits.IDLE_MAX_MS
    c[LIMP_MS] = limits.SPRING_MS
    c[LATE_MAX_US] = limits.TICK_LATE_US
    c[LOOP_DEAD_MS] = limits.LOOP_DEAD_MS
    c[LINK_SILENT_MS] = limits.LINK_SILENT_MS
    c[TEMPERATURE_MAX_C] = limits.TEMPERATURE_MAX_C
    c[PRESSURE_MIN_KPA] = limits.PRESSURE_MIN_KPA
    c[PRESSURE_MAX_KPA] = limits.PRESSURE_MAX_KPA
    c[STOP_ERROR_UM] = limits.STOP_ERROR_UM
    return c


assert _SLOT_1_DOSE_NL == SLOT_DOSE_NL + 1
assert WRITABLE < COURSES
assert COURSES + 2 * COURSE_SIZE == NOTES_AT
