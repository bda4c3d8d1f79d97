"""Here it begins: a press becomes shots, one is granted after the other, a new setting takes over between two.

This is part of the guard: it has no allocation and no float. Nothing starts but from here, and of shots only what is affordable
and in the journal.
"""

from mesogun_fw import limits
from mesogun_fw.guard import cells, inputs, lookout, notes
from mesogun_fw.guard.between import is_home
from mesogun_fw.guard.carry import first, follow_on, following
from mesogun_fw.guard.endings import stop
from mesogun_fw.guard.marks import begin
from mesogun_fw.guard.notes import close_shot, note
from mesogun_fw.guard.shot import assume_dose, judge_dose
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import codes, messages, reasons

const = micropython.const

START_DUE = const(105)  # press and placing answer this when the first shot is to start: see shot.py for what else there is to do


@micropython.viper
def zero(g_: int):  # type: ignore[no-untyped-def]
    """Home is where the needle is now."""
    g = ptr32(g_)
    needle = g[cells.NEEDLE]
    g[cells.ZERO] = needle
    g[cells.BEFORE] = needle
    g[cells.DEEPEST] = needle
    g[cells.SPEED] = 0


@micropython.viper
def use(g_: int, slot: int):  # type: ignore[no-untyped-def]
    """From here on the stroke of this slot is the one in use."""
    g = ptr32(g_)
    dose_nl = g[cells.SLOT_DOSE_NL + slot]
    g[cells.SLOT] = slot
    g[cells.DOSE_NL] = dose_nl
    g[cells.EXPECTED] = cells.EXPECTED_AT + cells.EXPECTED_SIZE * slot
    how = lookout.IN_THE_AIR if g[cells.MOVE] else 0
    if dose_nl:
        how |= lookout.DRUG
    g[cells.HOW] = how


@micropython.viper
def swap(g_):  # type: ignore[no-untyped-def]
    """The new setting takes over."""
    g = ptr32(g_)
    use(g_, g[cells.NEXT] - 1)
    g[cells.NEXT] = 0
    note(g_, notes.NOTE_SWAPPED)


@micropython.viper
def afford(g_) -> int:  # type: ignore[no-untyped-def]
    """It is 0 when one more full dose may be given, beside the one in flight, and the journal has it as begun; else why not."""
    g = ptr32(g_)
    if not g[cells.ROOM] or g[cells.NOTED] - g[cells.READ] >= notes.NOTES_FULL:
        return reasons.RECORD_FULL
    dose_nl = g[cells.SLOT_DOSE_NL + g[cells.NEXT] - 1] if g[cells.NEXT] else g[cells.DOSE_NL]
    shots = 1
    if g[cells.IN_FLIGHT]:
        dose_nl += g[cells.DOSE_NL]
        shots = 2
    if g[cells.BUDGET_NL] < dose_nl:
        return reasons.SYRINGE_EMPTY
    if g[cells.CEILING] < shots:
        return reasons.SHOTS_CEILING
    return 0 if int(begin(g_)) else reasons.JOURNAL_BEHIND


@micropython.viper
def grant(g_) -> int:  # type: ignore[no-untyped-def]
    """One more shot follows the one in flight, or the answer is why the gun pauses."""
    g = ptr32(g_)
    reason = int(afford(g_))
    if reason:
        return reason
    slot = g[cells.NEXT] - 1 if g[cells.NEXT] else g[cells.SLOT]
    g[cells.GRANTED] = 1
    g[cells.GRANTED_SLOT] = slot
    g[cells.ORDER] = cells.GRANT
    g[cells.ORDER_SLOT] = slot
    g[cells.ORDER_FIGURE] = int(following(g_, slot))
    return 0


@micropython.viper
def press(g_) -> int:  # type: ignore[no-untyped-def]
    """A fresh press is meant. It counts on the skin; for a move that is no shot, off it."""
    g = ptr32(g_)
    g[cells.FRESH] = 0
    g[cells.RELEASED_AT_MS] = g[cells.TICK_MS]
    if not (g[cells.LIFTED] if g[cells.MOVE] else g[cells.CONTACT]):
        return 0
    if not g[cells.PLACING]:
        return START_DUE
    g[cells.PHASE] = cells.PLACE
    g[cells.LISTS] = 1
    g[cells.POWER] = 1
    g[cells.ORDER] = cells.START
    g[cells.ORDER_SLOT] = g[cells.PLACING] - 1
    g[cells.ORDER_FIGURE] = 0
    return 0


@micropython.viper
def placing(g_) -> int:  # type: ignore[no-untyped-def]
    """While the depth stop moves, the needle stays home and the trigger stays held. Then the press goes on to its shots."""
    g = ptr32(g_)
    if not g[cells.HELD]:
        return reasons.RELEASED
    if not (g[cells.LIFTED] if g[cells.MOVE] else g[cells.CONTACT]):
        return reasons.LIFTED
    if not int(is_home(g_)):
        return reasons.NOT_HOME
    if g[inputs.PLAYING] == 1:
        return 0
    if not g[cells.PLACING]:
        g[cells.PHASE] = cells.WAIT
        return START_DUE
    g[cells.PLACING] = 0
    g[cells.STOP_WANTED_UM] = g[cells.PLACE_UM]  # the next tick sees whether it stands there
    g[cells.STOP_ERROR_UM] = limits.STOP_ERROR_UM
    return 0


@micropython.viper
def start(g_) -> int:  # type: ignore[no-untyped-def]
    """The first shot of a press starts, or the move, or the answer is why the gun pauses."""
    g = ptr32(g_)
    tail = 0
    if g[cells.MOVE]:
        if g[cells.MOVE] == cells.HOME_CHECK:
            zero(g_)
        g[cells.HOLD_LEFT] = 1
        g[cells.TAIL] = 0
    else:
        reason = int(afford(g_))
        if reason:
            return reason
        left = g[cells.LEFT]
        g[cells.HOLD_LEFT] = left if left < g[cells.PER_PRESS] else g[cells.PER_PRESS]
        tail = int(first(g_))
    now_ms = g[cells.TICK_MS]
    g[cells.LISTS] = 1
    g[cells.PRESSED_NM] = 0
    g[cells.GRANTED] = 0
    g[cells.HOLD_UNTIL_MS] = now_ms + limits.HOLD_MAX_MS
    g[cells.IN_FLIGHT] = 1
    g[cells.START_MS] = now_ms
    g[cells.START_US] = g[inputs.PAST_US]
    g[cells.ENTERED] = 0
    g[cells.RELIEVED] = 0
    g[cells.DEEPEST] = g[cells.NEEDLE]
    g[cells.PLUNGER] = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    g[cells.DOSED] = 0
    g[cells.JUDGED] = 0
    g[cells.SWITCH_OPEN] = 0
    g[cells.PHASE] = cells.RUN
    # There is no power before the press: until then the spring alone holds the needle.
    g[cells.VENT] = 0
    g[cells.POWER] = 1
    g[cells.ORDER] = cells.START
    g[cells.ORDER_SLOT] = g[cells.SLOT]
    g[cells.ORDER_FIGURE] = tail
    note(g_, notes.NOTE_STARTED)
    return 0


@micropython.viper
def next_period(g_):  # type: ignore[no-untyped-def]
    """The granted list has been entered: the shot before is closed, this one is taken up."""
    g = ptr32(g_)
    revoked = g[cells.PHASE] == cells.BACK
    unseen = 0
    if not g[cells.DOSED] and not g[cells.MOVE]:
        if g[inputs.LATE_US] > g[cells.LATE_MAX_US]:
            unseen = codes.UNCERTAIN
            assume_dose(g_)
        else:
            # In constant flow the body before ended just now.
            reason = int(judge_dose(g_))
            if reason:
                g[cells.PRESSED_NM] = (g[cells.PLUNGER_END] - g[cells.PLUNGER] + cells.SHIFT) & cells.POSITIVE
                stop(g_, messages.FAULT, reason)
    close_shot(g_, unseen)
    g[cells.LISTS] = g[inputs.LISTS_PLAYED]
    g[cells.GRANTED] = 0
    follow_on(g_)
    if g[cells.GRANTED_SLOT] != g[cells.SLOT]:
        swap(g_)
    if g[cells.ORDER] == cells.ABORT or (revoked and not g[cells.LIMPING]):
        # It was stopped just now, so the way back is out of this list; or it was faster than its revocation.
        g[cells.NATURAL] = 0
        g[cells.ORDER] = cells.ABORT
        g[cells.ORDER_SLOT] = g[cells.SLOT]
        g[cells.ORDER_FIGURE] = g[cells.TAIL]
