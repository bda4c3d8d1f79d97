"""What the guard's limits are on this very hardware. Laid into its cells once, looked at every tick by lookout.py."""

from array import array

from mesogun_fw import cells, limits, messages
from mesogun_fw.config import Hardware


def supply_min_mv(hardware: Hardware) -> int:
    return limits.SUPPLY_LOGIC_MIN_MV if hardware.drive == messages.PNEUMATIC else limits.SUPPLY_MIN_MV


def lay_vitals(c: "array[int]", hardware: Hardware) -> None:
    c[cells.SUPPLY_MIN_MV] = supply_min_mv(hardware)
    c[cells.AIR] = 1 if hardware.drive == messages.PNEUMATIC else 0
