"""This is the guard's memory: one flat array of integers, so that its machine code needs one pointer.

Of ours it imports only inputs, limits and shim. Inputs come first, filled by the board before a tick; the orders are what the
board has to do after it. No cell but inputs is ever negative: behind a pointer a 64-bit machine reads a large number. Positions
are shifted by SHIFT for that. What is read at every tick stands first: there the board's code reaches a cell in one instruction
or two.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.guard import inputs
from mesogun_fw.shim import micropython

const = micropython.const

SHIFT = const(1 << 28)  # it is in um and in nm
POSITIVE = const((1 << 30) - 1)  # what is shifted, cut to this, is the same number behind either machine's pointer
ONE_STEP = const(1 << 20)  # it is one step of the plunger, where fractions of one are counted
HIDDEN_UM = 10  # one look at the needle does not show this: it is a step, more or less
IMPOSSIBLE_UM_MS = 1_000  # no motor moves the needle so fast: an encoder has gone mad, and a square is too large for small integers

(
    PHASE,
    TICK_MS,
    HOW,  # lookout.py looks by these bits
    EXPECTED,  # what is expected of the stroke in use begins here: expected.py
    # These are of the hand.
    HELD,  # both trigger contacts are closed
    FRESH,  # the trigger was open long enough since the last arming or press
    CONTACT,  # both skin contacts are closed
    LIFTED,  # both skin contacts are open
    # These are of the needle, the plunger and the press.
    NEEDLE,
    SPEED,  # it is in um per ms of the clock, not per tick, outwards; inwards it is 0
    BEFORE,  # this is the look before the last one ...
    BEFORE_US,  # ... and so long passed from there to the last one
    ZERO,
    DEEPEST,
    JUDGED,
    DOSED,
    PLUNGER,  # it stood here before this dose, or when it was last known still
    PLUNGER_END,
    LISTS,  # so many lists have been played since start, as far as they are followed; the present one counts
    RELEASED_AT_MS,  # the trigger was let go last then
    PRESS_MS,
    CONTACT_MS,
    DIFFER_MS,  # the two trigger contacts have differed since then; it is 0 while they agree
    LOOP_MS,  # the device loop last ran then
    BEAT_MS,  # the host was last heard then
    MOVE,  # it says which move that is no shot; 0 means shots
    HOLD_UNTIL_MS,  # a hold of the trigger lasts until then at most
    HOLD_LEFT,  # so many shots of this press are still to make, the one in flight included
    GRANTED,
    SWITCH_OPEN,  # the home switch was seen open, out there
    TAIL,  # the shot in flight has this one: 1 is with the last step
    LAST_MS,  # the last shot ended then
    # These are limits; SUPPLY_MIN_MV and AIR are by description.
    DISAGREE_MS,
    RELEASED_MS,
    STABLE_MS,
    DEBOUNCE_MS,
    LATE_MAX_US,
    LOOP_DEAD_MS,
    LINK_SILENT_MS,
    SUPPLY_MIN_MV,
    TEMPERATURE_MAX_C,
    AIR,  # 1 means a pneumatic drive
    PRESSURE_MIN_KPA,
    PRESSURE_MAX_KPA,
    STOP_WANTED_UM,  # the depth stop must stand here
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
    # These are orders, and what has been obeyed of them.
    ORDER,
    ORDER_SLOT,
    ORDER_FIGURE,  # it is a tail, or steps
    MARK_AT,  # it is a place in the journal's memory; 0 means that there is nothing to write
    MARK,
    POWER,
    POWERED,
    VENT,  # 1 lets the air out
    VENTED,
    # These are of the guard itself.
    KIND,
    REASON,
    SLOT,
    NEXT,  # a new setting, of this slot + 1, waits for the end of a period
    GRANTED_SLOT,
    ROOM,  # the loop says whether the record can take more
    LIMPING,  # the motor is let go, the spring brings the needle home
    NATURAL,  # the stroke is on its own way home
    PLACED,  # it is known where the needle rests
    PLACING,  # the depth stop goes its way, of this slot + 1, before the first shot
    PLACE_UM,
    PRESSED_NM,  # a dose that went wrong pressed so far when the next one had begun already; it is shifted, 0 is none
    PER_PRESS,
    CLEAR_OPEN,  # the clear button was open last then, since the latch; 0 is never: one that is stuck clears nothing
    BACK_MS,
    IN_FLIGHT,  # a shot is in flight: neither judged nor noted yet
    START_MS,
    START_US,
    CARRY,  # the last whole shot left over this fraction of a plunger step ...
    SHOT_CARRY,  # ... the one in flight leaves over this ...
    NEXT_CARRY,  # ... and the one granted after it this
    NEXT_TAIL,
    ENTERED,  # the list in flight was entered from another
    RELIEVED,  # the plunger has been taken back
    # These are what is left to give, and the notes: notes.py.
    NOTED,  # so many notes were written since boot ...
    READ,  # ... and so many were read by the loop
    LEFT,  # so many whole shots of the pass are still to make
    CEILING,  # this arming may still make so many shots
    BUDGET_NL,  # the syringe still holds this
    DOSE_NL,
    SLOT_DOSE_NL,  # it is of slot 0, then of slot 1
    _SLOT_1_DOSE_NL,
    # These are the journal's: how many rows it has, and the rows of the oldest shot begun and not done, of the next to begin, of
    # the next to be prepared.
    ROWS,
    OLDEST,
    BEGIN,
    PREPARED,
    WRITABLE,
) = range(inputs.INPUTS, inputs.INPUTS + 101)

EXPECTED_SIZE = const(32)
EXPECTED_AT = const(124)  # slot 0's figures stand here, then slot 1's
NOTE_SIZE = const(7)
NOTES = const(32)
NOTES_AT = const(188)
# A new setting takes over together with the doses of the rows that wait, see asked.py: from this row on ...
REWRITE_ROW = const(NOTES_AT + NOTES * NOTE_SIZE)
REWRITES = const(REWRITE_ROW + 1)  # ... so many rows have theirs laid, of which the board writes these.
REWRITE_FROM = const(REWRITE_ROW + 2)
REWRITE_UNTIL = const(REWRITE_ROW + 3)
REWRITES_AT = const(REWRITE_ROW + 4)  # a row has four cells: its dose and its CRC, two bytes in each
REWRITES_MAX = const(4)
SIZE = REWRITES_AT + 4 * REWRITES_MAX

# The guard is in one of these phases.
(
    OFF,  # nothing may start
    WAIT,  # it is armed, or ready for a move that is no shot: a fresh press starts
    RUN,
    BACK,  # the needle comes home after a stop
    LATCHED,
    PLACE,  # the depth stop of a pneumatic drive moves, needle home
) = range(6)

# All but the first are moves that are no shot: they are made only in the air, and not while armed.
SHOTS, HOME_CHECK, GAUGE, PRIME = range(4)

# The player shall do this. HALT: all pins go low. ABORT: it halts, then plays the way back out of wherever it was. RELIEVE: it
# halts, then takes the plunger back by so many steps.
START, GRANT, REVOKE, HALT, ABORT, RELIEVE = range(1, 7)


def fresh() -> "array[int]":
    """A gun that has just been switched on knows this. What is by description is laid by expected.py."""
    c = array("i", bytes(4 * SIZE))
    c[LIFTED] = c[ROOM] = c[VENT] = c[VENTED] = 1
    c[EXPECTED] = EXPECTED_AT
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
assert WRITABLE < EXPECTED_AT
assert EXPECTED_AT + 2 * EXPECTED_SIZE == NOTES_AT
