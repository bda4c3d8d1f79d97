"""What the guard's limits are on this very hardware. Laid into its cells once, looked at every tick by lookout.py."""

from array import array

from mesogun_fw import limits
from mesogun_fw.cells import AIR, SUPPLY_MIN_MV
from mesogun_fw.config import Hardware
from mesogun_fw.messages import PNEUMATIC


def supply_min_mv(hardware: Hardware) -> int:
    return limits.SUPPLY_LOGIC_MIN_MV if hardware.drive == PNEUMATIC else limits.SUPPLY_MIN_MV


def lay_vitals(cells: "array[int]", hardware: Hardware) -> None:
    cells[SUPPLY_MIN_MV] = supply_min_mv(hardware)
    cells[AIR] = 1 if hardware.drive == PNEUMATIC else 0
