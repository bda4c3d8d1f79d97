"""How it begins: a press becomes shots, one is granted after the other, a new setting takes over between two.

Part of the guard: no allocation, no float. Nothing starts but from here, and only what is affordable and in the journal.
"""

from mesogun_fw.flight import assume_dose, first, follow_on, following, is_home, judge_dose
from mesogun_fw.journal import begin
from mesogun_fw.landing import stop
from mesogun_fw.ledger import close_shot, note
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# Of cells.py, inputs.py, messages.py, faults.py and the guard's other files: a fast function reads constants of its own file
# only. A test holds them equal.
_SHIFT = const(1 << 28)
_POSITIVE = const((1 << 30) - 1)
_PLUNGER_NM = const(8)
_LATE_US = const(9)
_PLAYING = const(10)
_PERIODS = const(12)
_PHASE = const(18)
_TICK_MS = const(19)
_HOW = const(20)
_COURSE = const(21)
_HELD = const(22)
_FRESH = const(23)
_CONTACT = const(24)
_LIFTED = const(25)
_NEEDLE = const(26)
_SPEED = const(27)
_BEFORE = const(29)
_ZERO = const(31)
_DEEPEST = const(32)
_JUDGED = const(33)
_DOSED = const(34)
_PLUNGER = const(35)
_PLUNGER_END = const(36)
_PERIOD = const(37)
_OPEN_MS = const(38)
_MOVE = const(44)
_HOLD_UNTIL_MS = const(45)
_HOLD_LEFT = const(46)
_GRANTED = const(47)
_SWITCH_OPEN = const(48)
_VARIANT = const(49)
_LATE_MAX_US = const(55)
_STOP_WANTED_UM = const(63)
_STOP_ERROR_UM = const(64)
_ORDER = const(74)
_ORDER_SLOT = const(75)
_ORDER_FIGURE = const(76)
_POWER = const(79)
_VENT = const(81)
_SLOT = const(85)
_NEXT = const(86)
_GRANTED_SLOT = const(87)
_ROOM = const(88)
_LIMPING = const(89)
_NATURAL = const(90)
_PLACING = const(92)
_PLACE_UM = const(93)
_PRESSED_NM = const(94)
_PER_PRESS = const(95)
_OPEN = const(98)
_START_MS = const(99)
_START_US = const(100)
_ENTERED = const(105)
_RELIEVED = const(106)
_NOTED = const(107)
_READ = const(108)
_LEFT = const(109)
_CEILING = const(110)
_BUDGET_NL = const(111)
_DOSE_NL = const(112)
_SLOT_DOSE_NL = const(113)
_COURSES = const(120)
_COURSE_SIZE = const(32)
_START = const(1)
_GRANT = const(2)
_ABORT = const(5)
_WAIT = const(1)
_RUN = const(2)
_BACK = const(3)
_PLACE = const(5)
_IN_THE_AIR = const(1)
_DRUG = const(2)
_NOTE_STARTED = const(1)
_NOTE_SWAPPED = const(7)
_PAUSE = const(2)
_FAULT = const(3)
_UNCERTAIN = const(2)
_RELEASED = const(1)
_FAULT_LIFTED = const(2)
_RECORD_FULL = const(14)
_SYRINGE_EMPTY = const(15)
_SHOTS_CEILING = const(16)
_NOT_HOME = const(25)
_JOURNAL_BEHIND = const(42)
_HOLD_MAX_MS = const(60_000)
_LIMIT_STOP_ERROR_UM = const(50)
_NOTES_FULL = const(24)
_HOME_CHECK = const(1)


@micropython.viper
def zero(g_: int):  # type: ignore[no-untyped-def]
    """Here is home."""
    g = ptr32(g_)
    needle = g[_NEEDLE]
    g[_ZERO] = needle
    g[_BEFORE] = needle
    g[_DEEPEST] = needle
    g[_SPEED] = 0


@micropython.viper
def use(g_: int, slot: int):  # type: ignore[no-untyped-def]
    """From here on the stroke of this slot is the one in use."""
    g = ptr32(g_)
    dose_nl = g[_SLOT_DOSE_NL + slot]
    g[_SLOT] = slot
    g[_DOSE_NL] = dose_nl
    g[_COURSE] = _COURSES + _COURSE_SIZE * slot
    how = _IN_THE_AIR if g[_MOVE] else 0
    if dose_nl:
        how |= _DRUG
    g[_HOW] = how


@micropython.viper
def swap(g_):  # type: ignore[no-untyped-def]
    """The new setting takes over."""
    g = ptr32(g_)
    use(g_, g[_NEXT] - 1)
    g[_NEXT] = 0
    note(g_, _NOTE_SWAPPED)


@micropython.viper
def afford(g_) -> int:  # type: ignore[no-untyped-def]
    """0 when one more full dose may be given, beside the one in flight, and stands in the journal as begun; else why not."""
    g = ptr32(g_)
    if not g[_ROOM] or g[_NOTED] - g[_READ] >= _NOTES_FULL:
        return _RECORD_FULL
    dose_nl = g[_SLOT_DOSE_NL + g[_NEXT] - 1] if g[_NEXT] else g[_DOSE_NL]
    shots = 1
    if g[_OPEN]:
        dose_nl += g[_DOSE_NL]
        shots = 2
    if g[_BUDGET_NL] < dose_nl:
        return _SYRINGE_EMPTY
    if g[_CEILING] < shots:
        return _SHOTS_CEILING
    return 0 if int(begin(g_)) else _JOURNAL_BEHIND


@micropython.viper
def grant(g_):  # type: ignore[no-untyped-def]
    """One more shot after the one in flight."""
    g = ptr32(g_)
    reason = int(afford(g_))
    if reason:
        stop(g_, _PAUSE, reason)
        return
    slot = g[_NEXT] - 1 if g[_NEXT] else g[_SLOT]
    g[_GRANTED] = 1
    g[_GRANTED_SLOT] = slot
    g[_ORDER] = _GRANT
    g[_ORDER_SLOT] = slot
    g[_ORDER_FIGURE] = int(following(g_, slot))


@micropython.viper
def press(g_):  # type: ignore[no-untyped-def]
    """A fresh press is meant. It counts on the skin; for a move that is no shot, off it."""
    g = ptr32(g_)
    g[_FRESH] = 0
    g[_OPEN_MS] = g[_TICK_MS]
    if not (g[_LIFTED] if g[_MOVE] else g[_CONTACT]):
        return
    if g[_PLACING]:
        g[_PHASE] = _PLACE
        g[_PERIOD] = 1
        g[_POWER] = 1
        g[_ORDER] = _START
        g[_ORDER_SLOT] = g[_PLACING] - 1
        g[_ORDER_FIGURE] = 0
    else:
        start(g_)


@micropython.viper
def placing(g_) -> int:  # type: ignore[no-untyped-def]
    """The depth stop moves: the needle stays home, the trigger stays held. Then the press goes on to its shots."""
    g = ptr32(g_)
    if not g[_HELD]:
        return _RELEASED
    if not (g[_LIFTED] if g[_MOVE] else g[_CONTACT]):
        return _FAULT_LIFTED
    if not int(is_home(g_)):
        return _NOT_HOME
    if g[_PLAYING] == 1:
        return 0
    if g[_PLACING]:
        g[_PLACING] = 0
        g[_STOP_WANTED_UM] = g[_PLACE_UM]  # and the next tick sees whether it stands there
        g[_STOP_ERROR_UM] = _LIMIT_STOP_ERROR_UM
    else:
        g[_PHASE] = _WAIT
        start(g_)
    return 0


@micropython.viper
def start(g_):  # type: ignore[no-untyped-def]
    """The first shot of a press, or the move."""
    g = ptr32(g_)
    variant = 0
    if g[_MOVE]:
        if g[_MOVE] == _HOME_CHECK:
            zero(g_)
        g[_HOLD_LEFT] = 1
        g[_VARIANT] = 0
    else:
        reason = int(afford(g_))
        if reason:
            stop(g_, _PAUSE, reason)
            return
        left = g[_LEFT]
        g[_HOLD_LEFT] = left if left < g[_PER_PRESS] else g[_PER_PRESS]
        variant = int(first(g_))
    now_ms = g[_TICK_MS]
    g[_PERIOD] = 1
    g[_PRESSED_NM] = 0
    g[_GRANTED] = 0
    g[_HOLD_UNTIL_MS] = now_ms + _HOLD_MAX_MS
    g[_OPEN] = 1
    g[_START_MS] = now_ms
    g[_START_US] = 0
    g[_ENTERED] = 0
    g[_RELIEVED] = 0
    g[_DEEPEST] = g[_NEEDLE]
    g[_PLUNGER] = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
    g[_DOSED] = 0
    g[_JUDGED] = 0
    g[_SWITCH_OPEN] = 0
    g[_PHASE] = _RUN
    # no power before the press: until then the spring alone holds the needle
    g[_VENT] = 0
    g[_POWER] = 1
    g[_ORDER] = _START
    g[_ORDER_SLOT] = g[_SLOT]
    g[_ORDER_FIGURE] = variant
    note(g_, _NOTE_STARTED)


@micropython.viper
def next_period(g_):  # type: ignore[no-untyped-def]
    """The granted list has been entered: close the shot before, open this one."""
    g = ptr32(g_)
    revoked = g[_PHASE] == _BACK
    unseen = 0
    if not g[_DOSED] and not g[_MOVE]:
        if g[_LATE_US] > g[_LATE_MAX_US]:
            unseen = _UNCERTAIN
            assume_dose(g_)
        else:
            # constant flow: the body before ended just now
            reason = int(judge_dose(g_))
            if reason:
                g[_PRESSED_NM] = (g[_PLUNGER_END] - g[_PLUNGER] + _SHIFT) & _POSITIVE
                stop(g_, _FAULT, reason)
    close_shot(g_, unseen)
    g[_PERIOD] = g[_PERIODS]
    g[_GRANTED] = 0
    follow_on(g_)
    if g[_GRANTED_SLOT] != g[_SLOT]:
        swap(g_)
    if g[_ORDER] == _ABORT or (revoked and not g[_LIMPING]):
        # stopped just now, so the way back is out of this list; or it was faster than its revocation
        g[_NATURAL] = 0
        g[_ORDER] = _ABORT
        g[_ORDER_SLOT] = g[_SLOT]
        g[_ORDER_FIGURE] = g[_VARIANT]
