"""What the gun lives on: tick, loop and host; syringe, supply, temperature; air pressure and depth stop of a pneumatic drive.

Part of the guard: no allocation, no float. Looked at every tick, in lookout.py.
"""

from array import array

from mesogun_fw import faults, limits
from mesogun_fw.config import Hardware
from mesogun_fw.messages import PNEUMATIC
from mesogun_fw.shim import micropython

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
STOP_WANTED_UM = const(10)  # where the depth stop must stand
STOP_ERROR_UM = const(11)
SIZE = 12

# What lookout.py answers, by place. A syringe that is taken out is a fault in a shot and a pause between presses.
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
    """The cells that lookout.py reads."""
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
