"""How it ends: every stroke that is left, for any reason, comes home by the prepared way, by the spring, or by itself.

Part of the guard: no allocation, no float. Four kinds of ending, never confused; a worse one overrules, the first fault
gives the reason.
"""

from mesogun_fw import faults
from mesogun_fw.flight import is_home, judge_dose
from mesogun_fw.journal import void
from mesogun_fw.ledger import close_shot, note
from mesogun_fw.messages import ESTOP, FAULT, HOLD, PAUSE
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# Phases.
OFF = const(0)  # nothing may start
WAIT = const(1)  # armed, or ready for a move that is no shot: a fresh press starts
RUN = const(2)
BACK = const(3)  # the needle comes home after a stop
LATCHED = const(4)
PLACE = const(5)  # the depth stop of a pneumatic drive moves, needle home

_MOTION_GAP_US = const(500)  # this close to its own way back a stroke is left to finish

# The motor is not to be trusted with the way back: de-energise and let the spring do it.
LIMP = (
    faults.ESTOP_PRESSED,
    faults.NEEDLE_OVERRUN,
    faults.NEEDLE_ASTRAY,
    faults.NOT_HOME,
    faults.PLAYER_STOPPED,
    faults.SUPPLY_LOW,
)

# Of cells.py, inputs.py, course.py, ledger.py, messages.py and faults.py: a fast function reads constants of its own file only.
_SHIFT = const(1 << 28)
_POSITIVE = const((1 << 30) - 1)
_ESTOP_OPEN = const(0)
_TRIGGER_A = const(1)
_TRIGGER_B = const(2)
_HOME = const(5)
_CLEAR = const(6)
_PLUNGER_NM = const(8)
_PLAYING = const(10)
_ELAPSED_US = const(11)
_PHASE = const(18)
_TICK_MS = const(19)
_COURSE = const(21)
_LIFTED = const(25)
_JUDGED = const(33)
_DOSED = const(34)
_PLUNGER = const(35)
_PLUNGER_END = const(36)
_MOVE = const(44)
_GRANTED = const(47)
_SWITCH_OPEN = const(48)
_VARIANT = const(49)
_LAST_MS = const(50)
_ORDER = const(74)
_ORDER_SLOT = const(75)
_ORDER_FIGURE = const(76)
_POWER = const(79)
_VENT = const(81)
_KIND = const(83)
_REASON = const(84)
_SLOT = const(85)
_LIMPING = const(89)
_NATURAL = const(90)
_PRESSED_NM = const(94)
_CLEAR_OPEN = const(96)
_BACK_MS = const(97)
_RELIEVED = const(106)
_LEFT = const(109)
_REVOKE = const(3)
_HALT = const(4)
_ABORT = const(5)
_RELIEVE = const(6)
_DOSE_END_US = const(4)
_BACK_START_US = const(5)
_BACK_END_US = const(6)
_DOSE_NM = const(7)
_STEP_NM = const(8)
_DRAW = const(12)
_NOTE_STOPPING = const(3)
_NOTE_ENDED = const(4)
_NOTE_CLEARED = const(6)
_DONE = const(0)
_HOLD = const(1)
_PAUSE = const(2)
_FAULT = const(3)
_PASS_DONE = const(0)
_ESTOP_PRESSED = const(20)
_LIMP_REASONS = const(1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 11 | 1 << 15)  # those of LIMP, counted from _ESTOP_PRESSED
_NOT_HOME = const(25)
_DOSE_WRONG = const(27)
_PLAYER_STOPPED = const(31)
_HOLD_LEFT = const(46)
_OPEN = const(98)
_NOTE_HOMED = const(5)
_PRESS_DONE = const(3)
_HOME_SWITCH = const(32)
_HOME_CHECK = const(1)
_DEPTH_NOT_SET = const(41)


@micropython.viper
def stop(g_, kind: int, reason: int):  # type: ignore[no-untyped-def]
    """End whatever goes on. A worse kind overrules, nothing is ever taken back; the first fault gives the reason."""
    g = ptr32(g_)
    phase = g[_PHASE]
    limp = (_LIMP_REASONS >> (reason - _ESTOP_PRESSED)) & 1 if reason >= _ESTOP_PRESSED else 0
    if phase == LATCHED or phase == BACK:
        if kind > g[_KIND]:
            g[_KIND] = kind
            g[_REASON] = reason
            if phase == LATCHED:
                note(g_, _NOTE_ENDED)
        if phase == LATCHED or not limp or g[_LIMPING]:
            return
    elif kind < _FAULT and phase == OFF:
        return
    else:
        g[_KIND] = kind
        g[_REASON] = reason
        if phase == PLACE:
            g[_ORDER] = _HALT
            if kind == _HOLD:
                # where the stop stands now is not where the next press would expect it
                g[_KIND] = _PAUSE
                g[_REASON] = _DEPTH_NOT_SET
        if phase != RUN:
            finish(g_)
            return
        # out of a running stroke
        g[_PHASE] = BACK
        g[_BACK_MS] = g[_TICK_MS]
        note(g_, _NOTE_STOPPING)

    if limp:
        let_go(g_)
        return
    k = g[_COURSE]
    elapsed = g[_ELAPSED_US]
    dry = 0 if g[_PLAYING] else 1  # it was played to its end, unseen
    if not g[_DOSED] and (dry or elapsed >= g[k + _DOSE_END_US]):
        if int(judge_dose(g_)) and kind < _FAULT:
            g[_KIND] = _FAULT
            g[_REASON] = _DOSE_WRONG
    own_way = g[k + _BACK_END_US] if g[k + _DRAW] else g[k + _BACK_START_US]
    if dry or elapsed >= own_way - _MOTION_GAP_US:
        g[_NATURAL] = 1
        g[_ORDER] = _REVOKE
    else:
        g[_NATURAL] = 0
        g[_ORDER] = _ABORT
        g[_ORDER_SLOT] = g[_SLOT]
        g[_ORDER_FIGURE] = g[_VARIANT]


@micropython.viper
def let_go(g_: int):  # type: ignore[no-untyped-def]
    """No pulse, no power, no air: the spring brings the needle home."""
    g = ptr32(g_)
    g[_LIMPING] = 1
    g[_BACK_MS] = g[_TICK_MS]
    g[_ORDER] = _HALT
    g[_POWER] = 0
    g[_VENT] = 1


@micropython.viper
def arrived(g_):  # type: ignore[no-untyped-def]
    """The way back has come to its end."""
    g = ptr32(g_)
    if not g[_LIMPING] and not int(is_home(g_)):
        g[_KIND] = _FAULT
        g[_REASON] = _NOT_HOME
        let_go(g_)
        return
    relief_nm = 0
    if g[_REASON] == _DOSE_WRONG and not g[_RELIEVED] and not g[_LIMPING]:
        # The dose did not go where it should: let the pressure off that it made. The plunger goes back to where it stood
        # before this shot, never further, so that nothing is sucked in that this shot had not pushed out.
        plunger = g[_PLUNGER_END] if g[_DOSED] else (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
        relief_nm = plunger - g[_PLUNGER]
        pressed_nm = g[_PRESSED_NM] - _SHIFT if g[_PRESSED_NM] else 0
        if (pressed_nm if pressed_nm else relief_nm) < g[g[_COURSE] + _DOSE_NM]:
            relief_nm += pressed_nm
        else:
            relief_nm = 0  # too much went in, and nothing is stuck
    close_shot(g_, 0)
    if relief_nm > 0:
        g[_RELIEVED] = 1
        g[_NATURAL] = 0
        g[_ORDER] = _RELIEVE
        g[_ORDER_SLOT] = g[_SLOT]
        g[_ORDER_FIGURE] = relief_nm // g[g[_COURSE] + _STEP_NM]
    else:
        finish(g_)


@micropython.viper
def finish(g_):  # type: ignore[no-untyped-def]
    """The needle is home, or the spring had its time: say how it ended and settle into the phase that follows."""
    g = ptr32(g_)
    if g[_KIND] == _HOLD and not g[_LEFT] and not g[_MOVE]:
        g[_KIND] = _DONE
        g[_REASON] = _PASS_DONE
    g[_POWER] = 0
    if g[_GRANTED]:
        # revoked in time: it never happened
        g[_GRANTED] = 0
        void(g_)
    kind = g[_KIND]
    if kind == _HOLD and not g[_MOVE]:
        g[_LAST_MS] = g[_TICK_MS]
        g[_PLUNGER] = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
        g[_DOSED] = 0
        g[_JUDGED] = 0
        g[_SWITCH_OPEN] = 0
        g[_PHASE] = WAIT
    elif kind >= _FAULT:
        g[_CLEAR_OPEN] = 0
        g[_PHASE] = LATCHED
    else:
        g[_PHASE] = OFF
    note(g_, _NOTE_ENDED)


@micropython.viper
def played_out(g_):  # type: ignore[no-untyped-def]
    """The list ran dry: right after the last shot of a press, a fault otherwise."""
    g = ptr32(g_)
    if g[_HOLD_LEFT] > 1:
        stop(g_, _FAULT, _PLAYER_STOPPED)
    elif g[_MOVE] == _HOME_CHECK:
        g[_OPEN] = 0
        if g[_SWITCH_OPEN] and int(is_home(g_)):
            g[_POWER] = 0
            g[_PHASE] = OFF
            note(g_, _NOTE_HOMED)
        else:
            stop(g_, _FAULT, _HOME_SWITCH)
    elif not int(is_home(g_)):
        stop(g_, _FAULT, _NOT_HOME)
    else:
        g[_KIND] = _HOLD
        g[_REASON] = _PRESS_DONE
        close_shot(g_, 0)
        finish(g_)


@micropython.viper
def latched(g_):  # type: ignore[no-untyped-def]
    """Only the button at the gun clears, pressed after it was seen open, with nothing else held and the needle home."""
    g = ptr32(g_)
    if not g[_CLEAR]:
        g[_CLEAR_OPEN] = 1
    elif g[_CLEAR_OPEN] and g[_HOME] and g[_LIFTED] and not g[_ESTOP_OPEN] and not g[_TRIGGER_A] and not g[_TRIGGER_B]:
        g[_CLEAR_OPEN] = 0
        g[_PHASE] = OFF
        note(g_, _NOTE_CLEARED)


assert (HOLD, PAUSE, FAULT, ESTOP) == (1, 2, 3, 4)  # a worse ending is a larger number
