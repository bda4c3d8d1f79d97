"""The guard looks around, first of all in every tick: where the needle is, what the hand does, whether the gun is well.

This is part of the guard. A press is fresh and agreed on here, and debounced in between.py; a release is the first edge. What a
shot in flight should do is shot.py's.
"""

from mesogun_fw.guard import cells, inputs
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import reasons

const = micropython.const

_FAR_UM = const(1 << 20)  # no needle has moved so far, and a thousand times that is a small integer

# Cell HOW says how it looks, in bits.
IN_THE_AIR = const(1)  # a press counts off the skin, not on it
DRUG = const(2)  # a syringe is needed

# It answers what is wrong, a code of reasons.py, and these bits.
DISAGREE = const(256)  # the two trigger contacts have differed for too long
PRESSED_STOP = const(512)  # the emergency stop is pressed
ANOTHER = const(1024)  # another list has begun than the one that is followed


@micropython.viper
def look_around(g_: int, now_ms: int) -> int:
    """The answer is 0 when nothing is wrong."""
    g = ptr32(g_)

    # ---- where the needle is ----
    needle = (g[inputs.NEEDLE_UM] + cells.SHIFT) & cells.POSITIVE
    since_us = g[inputs.SINCE_US]
    passed_us = since_us + g[cells.BEFORE_US]
    # This is over two ticks: in one, a step more or less and the encoder's noise are most of a slow needle's speed. It is by
    # microseconds: two ticks are of any two milliseconds, of one, or of three.
    moved = needle - g[cells.BEFORE]
    speed = 0
    if moved > _FAR_UM:
        moved = _FAR_UM
    if moved > 0 and passed_us > 0:
        speed = moved * 1000 // passed_us
    g[cells.SPEED] = speed
    g[cells.BEFORE] = g[cells.NEEDLE]
    g[cells.BEFORE_US] = since_us
    g[cells.NEEDLE] = needle

    # ---- what the hand does ----
    answer = 0
    if g[inputs.LISTS_PLAYED] != g[cells.LISTS]:
        answer = ANOTHER
    if g[inputs.ESTOP_OPEN]:
        answer |= PRESSED_STOP
    how = g[cells.HOW]
    a = g[inputs.CONTACT_A]
    b = g[inputs.CONTACT_B]
    contact = a & b
    lifted = 1 - (a | b)
    if contact and not g[cells.CONTACT]:
        g[cells.CONTACT_MS] = now_ms
    g[cells.CONTACT] = contact
    g[cells.LIFTED] = lifted
    a = g[inputs.TRIGGER_A]
    b = g[inputs.TRIGGER_B]
    if a & b:
        g[cells.DIFFER_MS] = 0
        if not g[cells.HELD]:
            g[cells.HELD] = 1
            g[cells.PRESS_MS] = now_ms
        if not how & IN_THE_AIR:
            lifted = 0
            if contact and now_ms - g[cells.CONTACT_MS] >= g[cells.STABLE_MS]:
                lifted = 1
        if not lifted:
            # It was pressed in the wrong place.
            g[cells.FRESH] = 0
    else:
        if g[cells.HELD]:
            g[cells.HELD] = 0
            g[cells.RELEASED_AT_MS] = now_ms
        if a | b:
            if not g[cells.DIFFER_MS]:
                g[cells.DIFFER_MS] = now_ms + 1
            elif now_ms + 1 - g[cells.DIFFER_MS] > g[cells.DISAGREE_MS]:
                answer |= DISAGREE
        else:
            g[cells.DIFFER_MS] = 0
            if now_ms - g[cells.RELEASED_AT_MS] >= g[cells.RELEASED_MS]:
                g[cells.FRESH] = 1

    # ---- whether the gun is well ----
    if g[inputs.LATE_US] > g[cells.LATE_MAX_US]:
        return answer | reasons.GUARD_LATE
    if now_ms - g[cells.LOOP_MS] > g[cells.LOOP_DEAD_MS]:
        return answer | reasons.LOOP_DEAD
    if now_ms - g[cells.BEAT_MS] > g[cells.LINK_SILENT_MS]:
        return answer | reasons.LINK_SILENT
    if how & DRUG and not g[inputs.SYRINGE]:
        return answer | reasons.SYRINGE_OUT
    if g[inputs.SUPPLY_MV] < g[cells.SUPPLY_MIN_MV]:
        return answer | reasons.SUPPLY_LOW
    if g[inputs.TEMPERATURE_C] > g[cells.TEMPERATURE_MAX_C]:
        return answer | reasons.TOO_HOT
    if g[cells.AIR]:
        pressure = g[inputs.PRESSURE_KPA]
        if pressure < g[cells.PRESSURE_MIN_KPA] or pressure > g[cells.PRESSURE_MAX_KPA]:
            return answer | reasons.PRESSURE_WRONG
        off = g[inputs.STOP_UM] - g[cells.STOP_WANTED_UM]
        if off > g[cells.STOP_ERROR_UM] or off + g[cells.STOP_ERROR_UM] < 0:
            return answer | reasons.STOP_ASTRAY
    return answer
