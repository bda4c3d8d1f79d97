"""The shot in the air, judged: is the needle where it should be, would it stop in time, did the plunger do its part.

Part of the guard: no allocation, no float, products below 2^31. `follow` is run at every tick of a shot and of its way back,
`rest` between two presses. They answer with a code of faults.py, or with what else there is to do; 0 is nothing.
"""

from mesogun_fw.shim import micropython, ptr32

const = micropython.const

SETTLE_US = const(2_000)  # after a movement, before its result is judged

# What else there is to do.
PLAYED_OUT = const(100)
_GRANT_DUE = const(101)
PRESSED = const(102)
_ARRIVED = const(103)
_ARRIVED_BY_ITSELF = const(104)  # on the stroke's own way, which is not played to its end

# Of cells.py, inputs.py, course.py, landing.py and faults.py: a fast function reads constants of its own file only.
_SHIFT = const(1 << 28)
_POSITIVE = const((1 << 30) - 1)
_ONE_STEP = const(1 << 20)
_HOME = const(5)
_PLUNGER_NM = const(8)
_PLAYING = const(10)
_ELAPSED_US = const(11)
_PHASE = const(18)
_COURSE = const(21)
_HELD = const(22)
_FRESH = const(23)
_CONTACT = const(24)
_LIFTED = const(25)
_NEEDLE = const(26)
_SPEED = const(27)
_SEEN_MS = const(28)
_ZERO = const(31)
_DEEPEST = const(32)
_JUDGED = const(33)
_DOSED = const(34)
_PLUNGER = const(35)
_PLUNGER_END = const(36)
_PRESS_MS = const(39)
_MOVE = const(44)
_HOLD_UNTIL_MS = const(45)
_HOLD_LEFT = const(46)
_GRANTED = const(47)
_SWITCH_OPEN = const(48)
_VARIANT = const(49)
_LAST_MS = const(50)
_DEBOUNCE_MS = const(54)
_FOLLOW_UM = const(65)
_STILL_NM = const(66)
_FAST_UM_MS = const(67)
_NEXT_TICK_UM = const(68)
_NOW_UM = const(69)
_HOME_UM = const(70)
_GRANT_LEAD_US = const(71)
_IDLE_MS = const(72)
_LIMP_MS = const(73)
_LIMPING = const(89)
_NATURAL = const(90)
_BACK_MS = const(97)
_OPEN = const(98)
_START_MS = const(99)
_START_US = const(100)
_CARRY = const(101)
_SHOT_CARRY = const(102)
_NEXT_CARRY = const(103)
_NEXT_VARIANT = const(104)
_ENTERED = const(105)
_COURSES = const(120)
_DEPTH_UM = const(0)
_ENVELOPE_UM = const(1)
_TOLERANCE_UM = const(2)
_OUT_END_US = const(3)
_DOSE_END_US = const(4)
_BACK_START_US = const(5)
_BACK_END_US = const(6)
_DOSE_NM = const(7)
_STEP_NM = const(8)
_DOSE_TOLERANCE_NM = const(9)
_ACC_MM_S2 = const(10)
_UNPACED = const(11)
_ENTRY_US = const(13)
_LINK_US = const(14)
_PART = const(15)
_WAY_OUT = const(16)
_WAY_BACK = const(24)
_RUN = const(2)
_HOME_CHECK = const(1)
_RELEASED = const(1)
_FAULT_LIFTED = const(2)
_IDLE_TOO_LONG = const(12)
_HELD_TOO_LONG = const(13)
_NEEDLE_OVERRUN = const(22)
_NEEDLE_ASTRAY = const(23)
_DEPTH_WRONG = const(24)
_NOT_HOME = const(25)
_FREE_FLOW = const(26)
_DOSE_WRONG = const(27)
_HOME_SWITCH = const(32)


@micropython.viper
def follow(g_: int) -> int:
    """All that is looked at in every tick of a running stroke, and of its way back after a stop."""
    g = ptr32(g_)
    running = g[_PHASE] == _RUN
    k = g[_COURSE]
    elapsed = g[_ELAPSED_US]
    home = g[_HOME]
    raw = g[_NEEDLE]
    needle = raw - g[_ZERO]
    judged = 0
    if running:
        if g[_PLAYING] != 1:
            return PLAYED_OUT
        if not g[_HELD]:
            return _RELEASED
        if not (g[_LIFTED] if g[_MOVE] else g[_CONTACT]):
            return _FAULT_LIFTED
        if g[_SEEN_MS] > g[_HOLD_UNTIL_MS]:
            return _HELD_TOO_LONG
        judged = g[_JUDGED]
    if not judged and raw > g[_DEEPEST]:
        g[_DEEPEST] = raw
    if not running and g[_LIMPING]:
        if (home and needle < g[_HOME_UM]) or g[_SEEN_MS] - g[_BACK_MS] > g[_LIMP_MS]:
            return _ARRIVED
        return 0

    # ---- whether the needle, braked as hard as an abort can, would stop too deep: out of the stroke's envelope if that happens
    # two ticks from now, past the cap if at the next tick; or is past the cap already. Two ticks for the cap too would stop good
    # shots: a stroke of 10.0 mm, seen through the encoder, looks up to 0.06 mm longer than it ends, 0.03 mm by one tick. Where
    # a stop ends the way and not a brake, speed tells nothing. ----
    speed = g[_SPEED]
    unpaced = g[k + _UNPACED]
    if speed > g[_FAST_UM_MS] or needle > g[_NOW_UM]:
        return _NEEDLE_OVERRUN
    if unpaced:
        if needle > g[k + _ENVELOPE_UM]:
            return _NEEDLE_OVERRUN
    elif speed:
        stop_um = needle + speed * speed * 500 // g[k + _ACC_MM_S2] + speed
        if stop_um + speed > g[k + _ENVELOPE_UM] or stop_um > g[_NEXT_TICK_UM]:
            return _NEEDLE_OVERRUN
    elif needle > g[k + _ENVELOPE_UM] or needle > g[_NEXT_TICK_UM]:
        return _NEEDLE_OVERRUN

    back_end_us = g[k + _BACK_END_US]
    if not running:
        if not g[_PLAYING]:
            return _ARRIVED_BY_ITSELF if g[_NATURAL] else _ARRIVED
        if g[_NATURAL] and elapsed >= back_end_us + SETTLE_US:
            return _ARRIVED_BY_ITSELF
        return 0

    # ---- where in the stroke this is: on a way (of which `us` have passed), at depth, or home again ----
    plunger = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
    still = plunger - g[_PLUNGER]
    depth = g[k + _DEPTH_UM]
    out_end_us = g[k + _OUT_END_US]
    back_start_us = g[k + _BACK_START_US]
    path = 0
    us = elapsed
    look = 0  # at the depth reached
    if elapsed < out_end_us:
        path = _WAY_OUT
    elif elapsed < back_start_us:
        if elapsed >= out_end_us + SETTLE_US:
            look = raw
    elif elapsed < back_end_us:
        path = _WAY_BACK
        us = elapsed - back_start_us
        if not judged:
            look = g[_DEEPEST]
    elif elapsed >= back_end_us + SETTLE_US:
        if not home or needle > g[_HOME_UM] or needle + g[_HOME_UM] < 0:
            return _NOT_HOME

    # ---- the needle against its way: speed up, cruise, brake ----
    if path and not unpaced:
        p = k + path
        at = depth
        if us < g[p + 4]:
            if us < g[p + 2]:
                # a t^2 / 2; units of 16 us keep the square below 2^30
                t = us >> 4
                at = t * t // 1000 * g[p + 5] // 7812
            elif us < g[p + 3]:
                t = (g[p + 3] - g[p + 2]) >> 6
                at = g[p] + g[p + 1] * ((us - g[p + 2]) >> 6) // (t + 1)
            else:
                t = (g[p + 4] - us) >> 4
                at = depth - t * t // 1000 * g[p + 6] // 7812
        if path == _WAY_BACK:
            at = depth - at
        off = at - needle
        if off > g[_FOLLOW_UM] or off + g[_FOLLOW_UM] < 0:
            return _NEEDLE_ASTRAY
    still_nm = g[_STILL_NM]
    if path == _WAY_OUT and (still > still_nm or still + still_nm < 0):
        return _FREE_FLOW

    # ---- the depth reached, the dose given ----
    if look:
        if not judged:
            g[_JUDGED] = 1
            g[_DEEPEST] = look
        if not home:
            g[_SWITCH_OPEN] = 1
        off = look - g[_ZERO] - depth
        if off > g[k + _TOLERANCE_UM] or off + g[k + _TOLERANCE_UM] < 0:
            return _DEPTH_WRONG
    if g[_DOSED]:
        still = plunger - g[_PLUNGER_END]
        if still > still_nm or still + still_nm < 0:
            return _FREE_FLOW
    elif elapsed >= g[k + _DOSE_END_US] + SETTLE_US:
        g[_DOSED] = 1
        g[_PLUNGER_END] = plunger
        off = still - g[k + _DOSE_NM] - g[_VARIANT] * g[k + _STEP_NM]
        if off > g[k + _DOSE_TOLERANCE_NM] or off + g[k + _DOSE_TOLERANCE_NM] < 0:
            return _DOSE_WRONG
    if elapsed + g[_GRANT_LEAD_US] >= g[k + _LINK_US] and g[_HOLD_LEFT] > 1 and not g[_GRANTED]:
        return _GRANT_DUE
    return 0


@micropython.viper
def rest(g_: int) -> int:
    """All that is looked at in every tick between two presses: needle home, plunger still; PRESSED when a press is meant."""
    g = ptr32(g_)
    now_ms = g[_SEEN_MS]
    if now_ms - g[_LAST_MS] > g[_IDLE_MS]:
        return _IDLE_TOO_LONG
    needle = g[_NEEDLE] - g[_ZERO]
    if not g[_HOME] or needle > g[_HOME_UM] or needle + g[_HOME_UM] < 0:
        # nobody pressed: the needle was moved from outside, or the switch is broken
        return _HOME_SWITCH if g[_MOVE] == _HOME_CHECK else _NOT_HOME
    plunger = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
    still = plunger - (g[_PLUNGER_END] if g[_DOSED] else g[_PLUNGER])
    if still > g[_STILL_NM] or still + g[_STILL_NM] < 0:
        return _FREE_FLOW
    if g[_HELD] and g[_FRESH] and now_ms - g[_PRESS_MS] >= g[_DEBOUNCE_MS]:
        return PRESSED
    return 0


@micropython.viper
def is_home(g_: int) -> int:
    g = ptr32(g_)
    needle = g[_NEEDLE] - g[_ZERO]
    return 1 if g[_HOME] and needle <= g[_HOME_UM] and needle + g[_HOME_UM] >= 0 else 0


@micropython.viper
def judge_dose(g_: int) -> int:
    """The dispensing is over: keep what the plunger did. DOSE_WRONG, or 0."""
    g = ptr32(g_)
    k = g[_COURSE]
    plunger = (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
    g[_DOSED] = 1
    g[_PLUNGER_END] = plunger
    off = plunger - g[_PLUNGER] - g[k + _DOSE_NM] - g[_VARIANT] * g[k + _STEP_NM]
    if off > g[k + _DOSE_TOLERANCE_NM] or off + g[k + _DOSE_TOLERANCE_NM] < 0:
        return _DOSE_WRONG
    return 0


@micropython.viper
def assume_dose(g_: int):  # type: ignore[no-untyped-def]
    """The dispensing was over before the guard looked again, and the next one begun: what follows belongs to that."""
    g = ptr32(g_)
    k = g[_COURSE]
    g[_DOSED] = 1
    g[_PLUNGER_END] = g[_PLUNGER] + g[k + _DOSE_NM] + g[_VARIANT] * g[k + _STEP_NM]


# ---- one shot after the other; the carry: fractions of a plunger step that a dose leaves over ----


@micropython.viper
def first(g_: int) -> int:
    """Variant of the tail for the first shot of a press."""
    g = ptr32(g_)
    carry = g[_CARRY] + g[g[_COURSE] + _PART]
    g[_SHOT_CARRY] = carry & (_ONE_STEP - 1)
    g[_VARIANT] = carry >> 20
    return carry >> 20


@micropython.viper
def following(g_: int, slot: int) -> int:
    """Variant for the shot after the one in flight, which is of `slot`."""
    g = ptr32(g_)
    carry = g[_SHOT_CARRY] + g[_COURSES + 32 * slot + _PART]
    g[_NEXT_CARRY] = carry & (_ONE_STEP - 1)
    g[_NEXT_VARIANT] = carry >> 20
    return carry >> 20


@micropython.viper
def follow_on(g_: int):  # type: ignore[no-untyped-def]
    """One shot follows another without a gap: its start by the period, its plunger by where the dose before ended."""
    g = ptr32(g_)
    k = g[_COURSE]
    period_us = g[k + _LINK_US]
    if g[_ENTERED]:
        period_us -= g[k + _ENTRY_US]
    us = g[_START_US] + period_us
    ms = us // 1000
    g[_START_MS] = g[_START_MS] + ms
    g[_START_US] = us - 1000 * ms
    g[_VARIANT] = g[_NEXT_VARIANT]
    g[_SHOT_CARRY] = g[_NEXT_CARRY]
    # what moved since then belongs to no dose
    g[_PLUNGER] = g[_PLUNGER_END] if g[_DOSED] else (g[_PLUNGER_NM] + _SHIFT) & _POSITIVE
    g[_DEEPEST] = g[_NEEDLE]
    g[_OPEN] = 1
    g[_ENTERED] = 1
    g[_DOSED] = 0
    g[_JUDGED] = 0
    g[_SWITCH_OPEN] = 0
