"""The shot in flight is judged: is the needle where it should be, would it stop in time, did the plunger do its part.

This is part of the guard: it has no allocation and no float, and products stay below 2^31. `follow` is run at every tick of a
shot and of its way back. It answers with a code of reasons.py, or with what else there is to do; 0 is nothing.
"""

from mesogun_fw import limits
from mesogun_fw.guard import cells, expected, inputs
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import reasons

const = micropython.const

SETTLE_US = const(2_000)  # the result of a movement is judged so long after it

# This is what else there is to do.
PLAYED_OUT = const(100)
GRANT_DUE = const(101)
ARRIVED = const(103)
ARRIVED_BY_ITSELF = const(104)  # it arrived on the stroke's own way, which is not played to its end


@micropython.viper
def follow(g_: int) -> int:
    """A running stroke, and its way back after a stop, is looked at in full at every tick."""
    g = ptr32(g_)
    running = g[cells.PHASE] == cells.RUN
    k = g[cells.EXPECTED]
    elapsed = g[inputs.ELAPSED_US]
    home = g[inputs.HOME]
    raw = g[cells.NEEDLE]
    needle = raw - g[cells.ZERO]
    judged = 0
    if running:
        if g[inputs.PLAYING] != 1:
            return PLAYED_OUT
        if not g[cells.HELD]:
            return reasons.RELEASED
        if not (g[cells.LIFTED] if g[cells.MOVE] else g[cells.CONTACT]):
            return reasons.LIFTED
        if g[cells.TICK_MS] > g[cells.HOLD_UNTIL_MS]:
            return reasons.HELD_TOO_LONG
        judged = g[cells.JUDGED]
    if not judged and raw > g[cells.DEEPEST]:
        g[cells.DEEPEST] = raw
    if not running and g[cells.LIMPING]:
        if (home and needle < g[cells.HOME_UM]) or g[cells.TICK_MS] - g[cells.BACK_MS] > g[cells.LIMP_MS]:
            return ARRIVED
        return 0

    # ---- whether the needle would stop too deep, braked as hard as an abort can ----
    # It would be out of the stroke's envelope if that happens two ticks from now, past the cap if at the next tick; or it is past
    # the cap already. Two ticks for the cap too would stop good shots: a stroke of 10.0 mm, seen through the encoder, looks up to
    # 0.06 mm longer than it ends, 0.03 mm by one tick. Where a stop ends the way and not a brake, speed tells nothing.
    speed = g[cells.SPEED]
    unpaced = g[k + expected.UNPACED]
    if speed > g[cells.FAST_UM_MS] or needle > g[cells.NOW_UM]:
        return reasons.NEEDLE_OVERRUN
    if unpaced:
        if needle > g[k + expected.ENVELOPE_UM]:
            return reasons.NEEDLE_OVERRUN
    elif speed:
        stop_um = needle + speed * speed * 500 // g[k + expected.ACC_MM_S2] + speed
        if stop_um + speed > g[k + expected.ENVELOPE_UM] or stop_um > g[cells.NEXT_TICK_UM]:
            return reasons.NEEDLE_OVERRUN
    elif needle > g[k + expected.ENVELOPE_UM] or needle > g[cells.NEXT_TICK_UM]:
        return reasons.NEEDLE_OVERRUN

    back_end_us = g[k + expected.BACK_END_US]
    if not running:
        if not g[inputs.PLAYING]:
            return ARRIVED_BY_ITSELF if g[cells.NATURAL] else ARRIVED
        if g[cells.NATURAL] and elapsed >= back_end_us + SETTLE_US:
            return ARRIVED_BY_ITSELF
        return 0

    # ---- where in the stroke this is: on a way (of which `us` have passed), at depth, or home again ----
    plunger = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    still = plunger - g[cells.PLUNGER]
    depth = g[k + expected.DEPTH_UM]
    out_end_us = g[k + expected.OUT_END_US]
    back_start_us = g[k + expected.BACK_START_US]
    path = 0
    us = elapsed
    look = 0  # it is looked at at the depth reached
    if elapsed < out_end_us:
        path = expected.WAY_OUT
    elif elapsed < back_start_us:
        if elapsed >= out_end_us + SETTLE_US:
            look = raw
    elif elapsed < back_end_us:
        path = expected.WAY_BACK
        us = elapsed - back_start_us
        if not judged:
            look = g[cells.DEEPEST]
    elif elapsed >= back_end_us + SETTLE_US:
        if not home or needle > g[cells.HOME_UM] or needle + g[cells.HOME_UM] < 0:
            return reasons.NOT_HOME

    # ---- the needle against its way: speed up, cruise, brake ----
    if path and not unpaced:
        p = k + path
        at = depth
        if us < g[p + expected.END_US]:
            if us < g[p + expected.UP_US]:
                # This is a t^2 / 2; units of 16 us keep the square below 2^30.
                t = us >> 4
                at = t * t // 1000 * g[p + expected.PATH_ACC] // 7812
            elif us < g[p + expected.CRUISE_END_US]:
                t = (g[p + expected.CRUISE_END_US] - g[p + expected.UP_US]) >> 6
                at = g[p] + g[p + expected.CRUISE_UM] * ((us - g[p + expected.UP_US]) >> 6) // (t + 1)
            else:
                t = (g[p + expected.END_US] - us) >> 4
                at = depth - t * t // 1000 * g[p + expected.PATH_BRAKE] // 7812
        if path == expected.WAY_BACK:
            at = depth - at
        off = at - needle
        if off > g[cells.FOLLOW_UM] or off + g[cells.FOLLOW_UM] < 0:
            return reasons.NEEDLE_ASTRAY
    still_nm = g[cells.STILL_NM]
    if path == expected.WAY_OUT and (still > still_nm or still + still_nm < 0):
        return reasons.FREE_FLOW

    # ---- the depth reached, the dose given ----
    if look:
        if not judged:
            g[cells.JUDGED] = 1
            g[cells.DEEPEST] = look
        if not home:
            g[cells.SWITCH_OPEN] = 1
        elif needle > limits.HOME_OPEN_UM:
            return reasons.HOME_SWITCH
        off = look - g[cells.ZERO] - depth
        if off > g[k + expected.TOLERANCE_UM] or off + g[k + expected.TOLERANCE_UM] < 0:
            return reasons.DEPTH_WRONG
    if g[cells.DOSED]:
        still = plunger - g[cells.PLUNGER_END]
        if still > still_nm or still + still_nm < 0:
            return reasons.FREE_FLOW
    elif elapsed >= g[k + expected.DOSE_END_US] + SETTLE_US:
        g[cells.DOSED] = 1
        g[cells.PLUNGER_END] = plunger
        off = still - g[k + expected.DOSE_NM] - g[cells.TAIL] * g[k + expected.STEP_NM]
        if off > g[k + expected.DOSE_TOLERANCE_NM] or off + g[k + expected.DOSE_TOLERANCE_NM] < 0:
            return reasons.DOSE_WRONG
    if elapsed + g[cells.GRANT_LEAD_US] >= g[k + expected.LEAVE_US] and g[cells.HOLD_LEFT] > 1 and not g[cells.GRANTED]:
        return GRANT_DUE
    return 0


@micropython.viper
def judge_dose(g_: int) -> int:
    """The dispensing is over, and what the plunger did is kept. The answer is DOSE_WRONG, or 0."""
    g = ptr32(g_)
    k = g[cells.EXPECTED]
    plunger = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    g[cells.DOSED] = 1
    g[cells.PLUNGER_END] = plunger
    off = plunger - g[cells.PLUNGER] - g[k + expected.DOSE_NM] - g[cells.TAIL] * g[k + expected.STEP_NM]
    if off > g[k + expected.DOSE_TOLERANCE_NM] or off + g[k + expected.DOSE_TOLERANCE_NM] < 0:
        return reasons.DOSE_WRONG
    return 0


@micropython.viper
def assume_dose(g_: int):  # type: ignore[no-untyped-def]
    """The dose is taken as commanded: it was over before the guard looked again, and what follows belongs to the next one."""
    g = ptr32(g_)
    k = g[cells.EXPECTED]
    g[cells.DOSED] = 1
    g[cells.PLUNGER_END] = g[cells.PLUNGER] + g[k + expected.DOSE_NM] + g[cells.TAIL] * g[k + expected.STEP_NM]
