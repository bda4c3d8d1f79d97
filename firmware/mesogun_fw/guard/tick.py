"""The guard supervises safety: once a tick, inputs go in and orders come out.

It starts and grants strokes, and ends them for any reason. It runs from a hard timer on the board: it is machine code over one
array of integers, with no allocation, no float and nothing long. Every stroke that is played was started or granted here, one
period at a time; when this code does not run, the finite list brings the needle home.
"""

from mesogun_fw.guard import between, cells, inputs, lookout, shot, starting
from mesogun_fw.guard.between import look_between
from mesogun_fw.guard.endings import arrived, latched, played_out, stop
from mesogun_fw.guard.lookout import look_around
from mesogun_fw.guard.shot import follow
from mesogun_fw.guard.starting import grant, next_period, placing, press, start, swap, zero
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import messages, reasons

const = micropython.const


@micropython.viper
def tick(g_, now_ms: int):  # type: ignore[no-untyped-def]
    """One millisecond passes, by a `now_ms` that counts from boot and never wraps within limits.UPTIME_MAX_MS."""
    g = ptr32(g_)
    g[cells.TICK_MS] = now_ms
    seen = int(look_around(g_, now_ms))
    if seen >= lookout.DISAGREE:
        # These come before all else: a list that was entered, the emergency stop, a broken trigger.
        if seen & lookout.ANOTHER and (g[inputs.PLAYING] == 1 or g[cells.PHASE] == cells.RUN):
            # Whatever stops this tick stops the shot that is in flight now, or that nobody saw ending.
            next_period(g_)
        if seen & lookout.PRESSED_STOP:
            stop(g_, messages.ESTOP, reasons.ESTOP_PRESSED)
        if seen & lookout.DISAGREE:
            stop(g_, messages.FAULT, reasons.TRIGGER_DISAGREES)
        seen &= lookout.DISAGREE - 1
    phase = g[cells.PHASE]
    answer = 0
    if seen and (phase == cells.RUN or phase == cells.WAIT or phase == cells.PLACE):
        kind = messages.PAUSE if seen == reasons.LINK_SILENT else messages.FAULT
        if seen == reasons.SYRINGE_OUT and phase == cells.WAIT:
            kind = messages.PAUSE
            seen = reasons.SYRINGE_MISSING
        stop(g_, kind, seen)
        phase = g[cells.PHASE]
        if phase != cells.BACK:
            return
    if phase == cells.RUN or phase == cells.BACK:
        answer = int(follow(g_))
    elif phase == cells.WAIT:
        if not g[cells.PLACED]:
            g[cells.PLACED] = 1
            zero(g_)
        if g[cells.NEXT]:
            swap(g_)
        answer = int(look_between(g_))
    elif phase == cells.PLACE:
        answer = int(placing(g_))
    elif phase == cells.LATCHED:
        latched(g_)
    paused = 0
    if answer == between.PRESSED:
        answer = int(press(g_))
    elif answer == shot.PLAYED_OUT:
        answer = int(played_out(g_))
    elif answer == shot.GRANT_DUE:
        paused = int(grant(g_))
        answer = paused
    if answer == starting.START_DUE:
        paused = int(start(g_))
        answer = paused
    elif answer == shot.ARRIVED or answer == shot.ARRIVED_BY_ITSELF:
        if answer == shot.ARRIVED_BY_ITSELF:
            g[cells.ORDER] = cells.HALT
        arrived(g_)
        answer = 0
    if answer:
        kind = messages.FAULT
        if answer < reasons.FIRST_PAUSE:
            kind = messages.HOLD
        elif paused or answer < reasons.FIRST_FAULT:
            kind = messages.PAUSE
        stop(g_, kind, answer)
