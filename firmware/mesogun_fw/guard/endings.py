"""Here it ends: every stroke that is left, for any reason, comes home by the prepared way, by the spring, or by itself.

This is part of the guard: it has no allocation and no float. There are four kinds of ending, never confused; a worse one
overrules, and the first fault gives the reason.
"""

from mesogun_fw.guard import cells, expected, inputs, notes, shot
from mesogun_fw.guard.between import is_home
from mesogun_fw.guard.marks import void
from mesogun_fw.guard.notes import close_shot, note
from mesogun_fw.guard.shot import judge_dose
from mesogun_fw.shim import micropython, ptr32, whole
from mesogun_fw.talk import messages, reasons

const = micropython.const

_MOTION_GAP_US = const(500)  # a stroke this close to its own way back is left to finish

# For these reasons the motor is not trusted with the way back: it is de-energised, and the spring does it. Each reason is a
# bit, counted from the first fault.
_LIMP = const(
    1 << reasons.ESTOP_PRESSED - reasons.FIRST_FAULT
    | 1 << reasons.NEEDLE_OVERRUN - reasons.FIRST_FAULT
    | 1 << reasons.NEEDLE_ASTRAY - reasons.FIRST_FAULT
    | 1 << reasons.NOT_HOME - reasons.FIRST_FAULT
    | 1 << reasons.PLAYER_STOPPED - reasons.FIRST_FAULT
    | 1 << reasons.SUPPLY_LOW - reasons.FIRST_FAULT
)


@whole
@micropython.viper
def stop(g_, kind: int, reason: int):  # type: ignore[no-untyped-def]
    """Whatever goes on ends. A worse kind overrules, nothing is ever taken back; the first fault gives the reason."""
    g = ptr32(g_)
    phase = g[cells.PHASE]
    limp = (_LIMP >> (reason - reasons.FIRST_FAULT)) & 1 if reason >= reasons.FIRST_FAULT else 0
    if phase == cells.LATCHED or phase == cells.BACK:
        if kind > g[cells.KIND]:
            g[cells.KIND] = kind
            g[cells.REASON] = reason
            if phase == cells.LATCHED:
                note(g_, notes.NOTE_ENDED)
        if phase == cells.LATCHED or not limp or g[cells.LIMPING]:
            return
    elif kind < messages.FAULT and phase == cells.OFF:
        return
    else:
        g[cells.KIND] = kind
        g[cells.REASON] = reason
        if phase == cells.PLACE:
            g[cells.ORDER] = cells.HALT
            if kind == messages.HOLD:
                # Where the stop stands now is not where the next press would expect it.
                g[cells.KIND] = messages.PAUSE
                g[cells.REASON] = reasons.DEPTH_NOT_SET
        if phase != cells.RUN:
            finish(g_)
            return
        # A running stroke is left here.
        g[cells.PHASE] = cells.BACK
        g[cells.BACK_MS] = g[cells.TICK_MS]
        note(g_, notes.NOTE_STOPPING)

    if limp:
        let_go(g_)
        return
    k = g[cells.EXPECTED]
    elapsed = g[inputs.ELAPSED_US]
    dry = 0 if g[inputs.PLAYING] else 1  # it was played to its end, unseen
    if not g[cells.DOSED] and (dry or elapsed >= g[k + expected.DOSE_END_US]):
        if int(judge_dose(g_)) and kind < messages.FAULT:
            g[cells.KIND] = messages.FAULT
            g[cells.REASON] = reasons.DOSE_WRONG
    own_way = g[k + expected.BACK_END_US] if g[k + expected.DRAW] else g[k + expected.BACK_START_US]
    if dry or elapsed >= own_way - _MOTION_GAP_US:
        g[cells.NATURAL] = 1
        g[cells.ORDER] = cells.REVOKE
    else:
        g[cells.NATURAL] = 0
        g[cells.ORDER] = cells.ABORT
        g[cells.ORDER_SLOT] = g[cells.SLOT]
        g[cells.ORDER_FIGURE] = g[cells.TAIL]


@micropython.viper
def let_go(g_: int):  # type: ignore[no-untyped-def]
    """There is no pulse, no power, no air: the spring brings the needle home."""
    g = ptr32(g_)
    g[cells.LIMPING] = 1
    g[cells.BACK_MS] = g[cells.TICK_MS]
    g[cells.ORDER] = cells.HALT
    g[cells.POWER] = 0
    g[cells.VENT] = 1


@micropython.viper
def arrived(g_):  # type: ignore[no-untyped-def]
    """The way back has come to its end, or the last shot of a press to its."""
    g = ptr32(g_)
    home = int(is_home(g_))
    if not home and not g[cells.LIMPING]:
        g[cells.KIND] = messages.FAULT
        g[cells.REASON] = reasons.NOT_HOME
        let_go(g_)
        return
    relief_nm = 0
    if g[cells.REASON] == reasons.DOSE_WRONG and not g[cells.RELIEVED] and not g[cells.LIMPING]:
        # The dose did not go where it should: the pressure that it made is let off. The plunger goes back to where it stood before
        # this shot, never further, so that nothing is sucked in that this shot had not pushed out.
        plunger = g[cells.PLUNGER_END] if g[cells.DOSED] else (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
        relief_nm = plunger - g[cells.PLUNGER]
        pressed_nm = g[cells.PRESSED_NM] - cells.SHIFT if g[cells.PRESSED_NM] else 0
        if (pressed_nm if pressed_nm else relief_nm) < g[g[cells.EXPECTED] + expected.DOSE_NM]:
            relief_nm += pressed_nm
        else:
            relief_nm = 0  # too much went in, and nothing is stuck
    close_shot(g_, 0)
    if relief_nm > 0:
        g[cells.RELIEVED] = 1
        g[cells.NATURAL] = 0
        g[cells.ORDER] = cells.RELIEVE
        g[cells.ORDER_SLOT] = g[cells.SLOT]
        g[cells.ORDER_FIGURE] = relief_nm // g[g[cells.EXPECTED] + expected.STEP_NM]
    else:
        finish(g_)


@micropython.viper
def finish(g_):  # type: ignore[no-untyped-def]
    """The needle is home, or the spring had its time: it is said how it ended, and the phase that follows is settled into."""
    g = ptr32(g_)
    if g[cells.KIND] == messages.HOLD and not g[cells.LEFT] and not g[cells.MOVE]:
        g[cells.KIND] = messages.DONE
        g[cells.REASON] = reasons.PASS_DONE
    g[cells.POWER] = 0
    if g[cells.GRANTED]:
        # It was revoked in time: it never happened.
        g[cells.GRANTED] = 0
        void(g_)
    kind = g[cells.KIND]
    if kind == messages.HOLD and not g[cells.MOVE]:
        g[cells.LAST_MS] = g[cells.TICK_MS]
        g[cells.PLUNGER] = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
        g[cells.DOSED] = 0
        g[cells.JUDGED] = 0
        g[cells.SWITCH_OPEN] = 0
        g[cells.PHASE] = cells.WAIT
    elif kind >= messages.FAULT:
        g[cells.CLEAR_OPEN] = 0
        g[cells.PHASE] = cells.LATCHED
    else:
        g[cells.PHASE] = cells.OFF
    note(g_, notes.NOTE_ENDED)


@micropython.viper
def played_out(g_) -> int:  # type: ignore[no-untyped-def]
    """The list ran dry: that is right after the last shot of a press, which has ARRIVED then, and a fault otherwise."""
    g = ptr32(g_)
    home = int(is_home(g_))
    if g[cells.HOLD_LEFT] > 1:
        return reasons.PLAYER_STOPPED
    if g[cells.MOVE] == cells.HOME_CHECK:
        g[cells.IN_FLIGHT] = 0
        if not home or not g[cells.SWITCH_OPEN]:
            return reasons.HOME_SWITCH
        g[cells.POWER] = 0
        g[cells.PHASE] = cells.OFF
        note(g_, notes.NOTE_HOMED)
        return 0
    if not home:
        return reasons.NOT_HOME
    g[cells.KIND] = messages.HOLD
    g[cells.REASON] = reasons.PRESS_DONE
    return shot.ARRIVED


@micropython.viper
def latched(g_):  # type: ignore[no-untyped-def]
    """Only the clear button clears, when it is pressed after it was seen open, with nothing else held and the needle home.

    A press is debounced as the trigger's is: a spike on the wire is none.
    """
    g = ptr32(g_)
    if not g[inputs.CLEAR]:
        g[cells.CLEAR_OPEN] = g[cells.TICK_MS]
    elif (
        g[cells.CLEAR_OPEN]
        and g[inputs.HOME]
        and g[cells.LIFTED]
        and not g[inputs.ESTOP_OPEN]
        and not g[inputs.TRIGGER_A]
        and not g[inputs.TRIGGER_B]
        and g[cells.TICK_MS] - g[cells.CLEAR_OPEN] > g[cells.DEBOUNCE_MS]
    ):
        g[cells.CLEAR_OPEN] = 0
        g[cells.PHASE] = cells.OFF
        note(g_, notes.NOTE_CLEARED)


assert (messages.HOLD, messages.PAUSE, messages.FAULT, messages.ESTOP) == (1, 2, 3, 4)  # a worse ending is a larger number
