"""One look around, the first thing in every tick: where the needle is, what the hand does, whether the gun is well.

Part of the guard: one fast function over three arrays of cells, because each call costs a board as much as fifty lines.
A press is fresh, debounced and agreed on; a release is the first edge. What a shot in flight should do is flight.py's.
"""

from mesogun_fw import fingers, flight, inputs, vitals
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# How it is called: bits.
IN_THE_AIR = const(1)  # a press counts off the skin, not on it
DRUG = const(2)  # a syringe is needed

# What it answers: a place of vitals.REASONS, and these bits.
DISAGREE = const(256)  # the two trigger contacts have differed for too long
PRESSED_STOP = const(512)  # the emergency stop
ANOTHER = const(1024)  # another list has begun than the one that is followed

# Of flight.py, fingers.py, vitals.py and inputs.py: a fast function reads constants of its own file only.
_NEEDLE = const(0)
_SPEED = const(1)
_SEEN_MS = const(2)
_BEFORE = const(3)
_BEFORE_MS = const(4)
_PERIOD = const(30)
assert (_NEEDLE, _SPEED, _SEEN_MS, _BEFORE, _BEFORE_MS, _PERIOD) == (
    flight.NEEDLE, flight.SPEED, flight.SEEN_MS, flight.BEFORE, flight.BEFORE_MS, flight.PERIOD,
)  # fmt: skip
_HELD = const(0)
_FRESH = const(1)
_CONTACT = const(2)
_LIFTED = const(3)
_OPEN_MS = const(4)
_PRESS_MS = const(5)
_CONTACT_MS = const(6)
_DIFFER_MS = const(7)
_DISAGREE_MS = const(8)
_RELEASED_MS = const(9)
_STABLE_MS = const(10)
assert (_HELD, _FRESH, _CONTACT, _LIFTED, _OPEN_MS, _PRESS_MS, _CONTACT_MS, _DIFFER_MS) == (
    fingers.HELD, fingers.FRESH, fingers.CONTACT, fingers.LIFTED, fingers.OPEN_MS, fingers.PRESS_MS, fingers.CONTACT_MS,
    fingers.DIFFER_MS,
)  # fmt: skip
assert (_DISAGREE_MS, _RELEASED_MS, _STABLE_MS) == (fingers.DISAGREE_MS, fingers.RELEASED_MS, fingers.STABLE_MS)
_LOOP_MS = const(0)
_BEAT_MS = const(1)
_LATE_MAX_US = const(2)
_LOOP_DEAD_MS = const(3)
_LINK_SILENT_MS = const(4)
_SUPPLY_MIN_MV = const(5)
_TEMPERATURE_MAX_C = const(6)
_AIR = const(7)
_PRESSURE_MIN_KPA = const(8)
_PRESSURE_MAX_KPA = const(9)
_STOP_WANTED_UM = const(10)
_STOP_ERROR_UM = const(11)
assert (_LOOP_MS, _BEAT_MS, _LATE_MAX_US, _LOOP_DEAD_MS, _LINK_SILENT_MS, _SUPPLY_MIN_MV, _TEMPERATURE_MAX_C, _AIR) == (
    vitals.LOOP_MS, vitals.BEAT_MS, vitals.LATE_MAX_US, vitals.LOOP_DEAD_MS, vitals.LINK_SILENT_MS, vitals.SUPPLY_MIN_MV,
    vitals.TEMPERATURE_MAX_C, vitals.AIR,
)  # fmt: skip
assert (_PRESSURE_MIN_KPA, _PRESSURE_MAX_KPA, _STOP_WANTED_UM, _STOP_ERROR_UM) == (
    vitals.PRESSURE_MIN_KPA, vitals.PRESSURE_MAX_KPA, vitals.STOP_WANTED_UM, vitals.STOP_ERROR_UM,
)  # fmt: skip
_ESTOP_OPEN = const(0)
_TRIGGER_A = const(1)
_TRIGGER_B = const(2)
_CONTACT_A = const(3)
_CONTACT_B = const(4)
_LATE_US = const(9)
_PERIODS = const(12)
_SYRINGE = const(13)
_PRESSURE_KPA = const(14)
_SUPPLY_MV = const(15)
_TEMPERATURE_C = const(16)
_STOP_UM = const(17)
assert (_TRIGGER_A, _TRIGGER_B, _CONTACT_A, _CONTACT_B, _LATE_US) == (
    inputs.TRIGGER_A, inputs.TRIGGER_B, inputs.CONTACT_A, inputs.CONTACT_B, inputs.LATE_US,
)  # fmt: skip
assert (_ESTOP_OPEN, _PERIODS) == (inputs.ESTOP_OPEN, inputs.PERIODS)
assert (_SYRINGE, _PRESSURE_KPA, _SUPPLY_MV, _TEMPERATURE_C, _STOP_UM) == (
    inputs.SYRINGE, inputs.PRESSURE_KPA, inputs.SUPPLY_MV, inputs.TEMPERATURE_C, inputs.STOP_UM,
)  # fmt: skip


@micropython.viper
def look_around(f_: object, h_: object, v_: object, x_: object, needle: int, now_ms: int, how: int) -> int:
    """`needle` is shifted, see flight.py. The answer is 0 when nothing is wrong."""
    f = ptr32(f_)
    h = ptr32(h_)
    v = ptr32(v_)
    x = ptr32(x_)

    # ---- where the needle is ----
    passed = now_ms - int(f[_BEFORE_MS])
    if passed > 0:
        # over two ticks: in one, a step more or less and the encoder's noise are most of a slow needle's speed
        moved = needle - int(f[_BEFORE])
        f[_SPEED] = moved // passed if moved > 0 else 0
    f[_BEFORE] = int(f[_NEEDLE])
    f[_BEFORE_MS] = int(f[_SEEN_MS])
    f[_NEEDLE] = needle
    f[_SEEN_MS] = now_ms

    # ---- what the hand does ----
    answer = 0
    if int(x[_PERIODS]) != int(f[_PERIOD]):
        answer = ANOTHER
    if int(x[_ESTOP_OPEN]):
        answer |= PRESSED_STOP
    contact = int(x[_CONTACT_A]) & int(x[_CONTACT_B])
    if contact and not int(h[_CONTACT]):
        h[_CONTACT_MS] = now_ms
    h[_CONTACT] = contact
    lifted = 1 - (int(x[_CONTACT_A]) | int(x[_CONTACT_B]))
    h[_LIFTED] = lifted
    a = int(x[_TRIGGER_A])
    b = int(x[_TRIGGER_B])
    if a & b:
        h[_DIFFER_MS] = 0
        if not int(h[_HELD]):
            h[_HELD] = 1
            h[_PRESS_MS] = now_ms
        if not how & IN_THE_AIR:
            lifted = 0
            if contact and now_ms - int(h[_CONTACT_MS]) >= int(h[_STABLE_MS]):
                lifted = 1
        if not lifted:
            # pressed in the wrong place
            h[_FRESH] = 0
    else:
        if int(h[_HELD]):
            h[_HELD] = 0
            h[_OPEN_MS] = now_ms
        if a | b:
            if not int(h[_DIFFER_MS]):
                h[_DIFFER_MS] = now_ms + 1
            elif now_ms + 1 - int(h[_DIFFER_MS]) > int(h[_DISAGREE_MS]):
                answer |= DISAGREE
        else:
            h[_DIFFER_MS] = 0
            if now_ms - int(h[_OPEN_MS]) >= int(h[_RELEASED_MS]):
                h[_FRESH] = 1

    # ---- whether the gun is well ----
    if int(x[_LATE_US]) > int(v[_LATE_MAX_US]):
        return answer | 1
    if now_ms - int(v[_LOOP_MS]) > int(v[_LOOP_DEAD_MS]):
        return answer | 2
    if now_ms - int(v[_BEAT_MS]) > int(v[_LINK_SILENT_MS]):
        return answer | 3
    if how & DRUG and not int(x[_SYRINGE]):
        return answer | 4
    if int(x[_SUPPLY_MV]) < int(v[_SUPPLY_MIN_MV]):
        return answer | 5
    if int(x[_TEMPERATURE_C]) > int(v[_TEMPERATURE_MAX_C]):
        return answer | 6
    if int(v[_AIR]):
        pressure = int(x[_PRESSURE_KPA])
        if pressure < int(v[_PRESSURE_MIN_KPA]) or pressure > int(v[_PRESSURE_MAX_KPA]):
            return answer | 7
        off = int(x[_STOP_UM]) - int(v[_STOP_WANTED_UM])
        if off > int(v[_STOP_ERROR_UM]) or off + int(v[_STOP_ERROR_UM]) < 0:
            return answer | 8
    return answer
