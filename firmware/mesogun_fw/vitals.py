"""What the gun lives on: tick, loop and host; syringe, supply, temperature; air pressure and depth stop of a pneumatic drive.

Part of the guard: no allocation, no float. Looked at every tick while anything may start.
"""

from array import array

from mesogun_fw import faults, inputs, limits
from mesogun_fw.config import Hardware
from mesogun_fw.messages import PNEUMATIC
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

LOOP_MS = const(0)  # when the device loop last ran
BEAT_MS = const(1)  # when the host was last heard
LATE_MAX_US = const(2)
LOOP_DEAD_MS = const(3)
LINK_SILENT_MS = const(4)
SUPPLY_MIN_MV = const(5)
TEMPERATURE_MAX_C = const(6)
AIR = const(7)  # 1: a pneumatic drive
PRESSURE_MIN_KPA = const(8)
PRESSURE_MAX_KPA = const(9)
STOP_UM = const(10)  # where the depth stop must stand
STOP_ERROR_UM = const(11)
SIZE = 12

# of inputs.py: a fast function reads constants of its own file only
_LATE_US = const(9)
_SYRINGE = const(13)
_PRESSURE_KPA = const(14)
_SUPPLY_MV = const(15)
_TEMPERATURE_C = const(16)
_STOP_UM = const(17)
assert (_LATE_US, _SYRINGE, _PRESSURE_KPA, _SUPPLY_MV, _TEMPERATURE_C, _STOP_UM) == (
    inputs.LATE_US, inputs.SYRINGE, inputs.PRESSURE_KPA, inputs.SUPPLY_MV, inputs.TEMPERATURE_C, inputs.STOP_UM,
)  # fmt: skip

# What `look` answers, by place. A syringe that is taken out is a fault in a shot and a pause between presses.
REASONS = (
    0,
    faults.GUARD_LATE,
    faults.LOOP_DEAD,
    faults.LINK_SILENT,
    faults.SYRINGE_OUT,
    faults.SUPPLY_LOW,
    faults.TOO_HOT,
    faults.PRESSURE_WRONG,
    faults.STOP_ASTRAY,
)


def supply_min_mv(hardware: Hardware) -> int:
    return limits.SUPPLY_LOGIC_MIN_MV if hardware.drive == PNEUMATIC else limits.SUPPLY_MIN_MV


def vitals(hardware: Hardware) -> "array[int]":
    """The cells that `look` reads."""
    v = array("i", [0] * SIZE)
    v[LATE_MAX_US] = limits.TICK_LATE_US
    v[LOOP_DEAD_MS] = limits.LOOP_DEAD_MS
    v[LINK_SILENT_MS] = limits.LINK_SILENT_MS
    v[SUPPLY_MIN_MV] = supply_min_mv(hardware)
    v[TEMPERATURE_MAX_C] = limits.TEMPERATURE_MAX_C
    v[AIR] = 1 if hardware.drive == PNEUMATIC else 0
    v[PRESSURE_MIN_KPA] = limits.PRESSURE_MIN_KPA
    v[PRESSURE_MAX_KPA] = limits.PRESSURE_MAX_KPA
    v[STOP_ERROR_UM] = limits.STOP_ERROR_UM
    return v


@micropython.viper
def look(v_: object, x_: object, now_ms: int, dose_nl: int) -> int:
    """A place of REASONS, 0 when all is well. A dry pass needs no syringe."""
    v = ptr32(v_)
    x = ptr32(x_)
    if int(x[_LATE_US]) > int(v[LATE_MAX_US]):
        return 1
    if now_ms - int(v[LOOP_MS]) > int(v[LOOP_DEAD_MS]):
        return 2
    if now_ms - int(v[BEAT_MS]) > int(v[LINK_SILENT_MS]):
        return 3
    if dose_nl and not int(x[_SYRINGE]):
        return 4
    if int(x[_SUPPLY_MV]) < int(v[SUPPLY_MIN_MV]):
        return 5
    if int(x[_TEMPERATURE_C]) > int(v[TEMPERATURE_MAX_C]):
        return 6
    if int(v[AIR]):
        pressure = int(x[_PRESSURE_KPA])
        if pressure < int(v[PRESSURE_MIN_KPA]) or pressure > int(v[PRESSURE_MAX_KPA]):
            return 7
        off = int(x[_STOP_UM]) - int(v[STOP_UM])
        if off > int(v[STOP_ERROR_UM]) or off + int(v[STOP_ERROR_UM]) < 0:
            return 8
    return 0
