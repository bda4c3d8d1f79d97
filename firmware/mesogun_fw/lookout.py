"""One look around, the first thing in every tick: where the needle is, what the hand does, whether the gun is well.

Part of the guard. A press is fresh, debounced and agreed on; a release is the first edge. What a shot in flight should do is
flight.py's.
"""

from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# How it looks, cell HOW: bits.
IN_THE_AIR = const(1)  # a press counts off the skin, not on it
_DRUG = const(2)  # a syringe is needed

# What it answers: what is wrong, a code of faults.py, and these bits.
DISAGREE = const(256)  # the two trigger contacts have differed for too long
_PRESSED_STOP = const(512)  # the emergency stop
_ANOTHER = const(1024)  # another list has begun than the one that is followed

# Of cells.py, inputs.py and faults.py: a fast function reads constants of its own file only. A test holds them equal.
_SHIFT = const(1 << 28)
_POSITIVE = const((1 << 30) - 1)
_HOW = const(20)
_HELD = const(22)
_FRESH = const(23)
_CONTACT = const(24)
_LIFTED = const(25)
_NEEDLE = const(26)
_SPEED = const(27)
_SEEN_MS = const(28)
_BEFORE = const(29)
_BEFORE_MS = const(30)
_PERIOD = const(37)
_OPEN_MS = const(38)
_PRESS_MS = const(39)
_CONTACT_MS = const(40)
_DIFFER_MS = const(41)
_LOOP_MS = const(42)
_BEAT_MS = const(43)
_DISAGREE_MS = const(51)
_RELEASED_MS = const(52)
_STABLE_MS = const(53)
_LATE_MAX_US = const(55)
_LOOP_DEAD_MS = const(56)
_LINK_SILENT_MS = const(57)
_SUPPLY_MIN_MV = const(58)
_TEMPERATURE_MAX_C = const(59)
_AIR = const(60)
_PRESSURE_MIN_KPA = const(61)
_PRESSURE_MAX_KPA = const(62)
_STOP_WANTED_UM = const(63)
_STOP_ERROR_UM = const(64)
_ESTOP_OPEN = const(0)
_TRIGGER_A = const(1)
_TRIGGER_B = const(2)
_CONTACT_A = const(3)
_CONTACT_B = const(4)
_NEEDLE_UM = const(7)
_LATE_US = const(9)
_PERIODS = const(12)
_SYRINGE = const(13)
_PRESSURE_KPA = const(14)
_SUPPLY_MV = const(15)
_TEMPERATURE_C = const(16)
_STOP_UM = const(17)
_GUARD_LATE = const(28)
_LOOP_DEAD = const(29)
_LINK_SILENT = const(11)
_SYRINGE_OUT = const(34)
_SUPPLY_LOW = const(35)
_TOO_HOT = const(36)
_PRESSURE_WRONG = const(37)
_STOP_ASTRAY = const(38)


@micropython.viper
def look_around(g_: int, now_ms: int) -> int:
    """The answer is 0 when nothing is wrong."""
    g = ptr32(g_)

    # ---- where the needle is ----
    needle = (g[_NEEDLE_UM] + _SHIFT) & _POSITIVE
    passed = now_ms - g[_BEFORE_MS]
    if passed > 0:
        # over two ticks: in one, a step more or less and the encoder's noise are most of a slow needle's speed
        moved = needle - g[_BEFORE]
        if moved > 0:
            g[_SPEED] = moved >> 1 if passed == 2 else moved // passed
        else:
            g[_SPEED] = 0
    g[_BEFORE] = g[_NEEDLE]
    g[_BEFORE_MS] = g[_SEEN_MS]
    g[_NEEDLE] = needle
    g[_SEEN_MS] = now_ms

    # ---- what the hand does ----
    answer = 0
    if g[_PERIODS] != g[_PERIOD]:
        answer = _ANOTHER
    if g[_ESTOP_OPEN]:
        answer |= _PRESSED_STOP
    how = g[_HOW]
    a = g[_CONTACT_A]
    b = g[_CONTACT_B]
    contact = a & b
    lifted = 1 - (a | b)
    if contact and not g[_CONTACT]:
        g[_CONTACT_MS] = now_ms
    g[_CONTACT] = contact
    g[_LIFTED] = lifted
    a = g[_TRIGGER_A]
    b = g[_TRIGGER_B]
    if a & b:
        g[_DIFFER_MS] = 0
        if not g[_HELD]:
            g[_HELD] = 1
            g[_PRESS_MS] = now_ms
        if not how & IN_THE_AIR:
            lifted = 0
            if contact and now_ms - g[_CONTACT_MS] >= g[_STABLE_MS]:
                lifted = 1
        if not lifted:
            # pressed in the wrong place
            g[_FRESH] = 0
    else:
        if g[_HELD]:
            g[_HELD] = 0
            g[_OPEN_MS] = now_ms
        if a | b:
            if not g[_DIFFER_MS]:
                g[_DIFFER_MS] = now_ms + 1
            elif now_ms + 1 - g[_DIFFER_MS] > g[_DISAGREE_MS]:
                answer |= DISAGREE
        else:
            g[_DIFFER_MS] = 0
            if now_ms - g[_OPEN_MS] >= g[_RELEASED_MS]:
                g[_FRESH] = 1

    # ---- whether the gun is well ----
    if g[_LATE_US] > g[_LATE_MAX_US]:
        return answer | _GUARD_LATE
    if now_ms - g[_LOOP_MS] > g[_LOOP_DEAD_MS]:
        return answer | _LOOP_DEAD
    if now_ms - g[_BEAT_MS] > g[_LINK_SILENT_MS]:
        return answer | _LINK_SILENT
    if how & _DRUG and not g[_SYRINGE]:
        return answer | _SYRINGE_OUT
    if g[_SUPPLY_MV] < g[_SUPPLY_MIN_MV]:
        return answer | _SUPPLY_LOW
    if g[_TEMPERATURE_C] > g[_TEMPERATURE_MAX_C]:
        return answer | _TOO_HOT
    if g[_AIR]:
        pressure = g[_PRESSURE_KPA]
        if pressure < g[_PRESSURE_MIN_KPA] or pressure > g[_PRESSURE_MAX_KPA]:
            return answer | _PRESSURE_WRONG
        off = g[_STOP_UM] - g[_STOP_WANTED_UM]
        if off > g[_STOP_ERROR_UM] or off + g[_STOP_ERROR_UM] < 0:
            return answer | _STOP_ASTRAY
    return answer
