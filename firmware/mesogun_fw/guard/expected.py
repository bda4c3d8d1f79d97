"""One stroke should look like this from outside: these are figures of the settings alone, and no words are involved.

Each slot has so many of the guard's cells, filled by the loop while the slot is not in play and read by the guard every tick.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.config import Description, supply_min_mv
from mesogun_fw.guard import cells
from mesogun_fw.shim import micropython
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk import messages

const = micropython.const

# A slot's figures have these places.
DEPTH_UM = const(0)
ENVELOPE_UM = const(1)
TOLERANCE_UM = const(2)
OUT_END_US = const(3)
DOSE_END_US = const(4)
BACK_START_US = const(5)
BACK_END_US = const(6)
DOSE_NM = const(7)  # the plunger travels so far with the smaller dose
STEP_NM = const(8)
DOSE_TOLERANCE_NM = const(9)
ACC_MM_S2 = const(10)
UNPACED = const(11)  # the needle's way is not commanded step by step, only its ends are
DRAW = const(12)  # 1 means dispensing while withdrawing
ENTRY_US = const(13)
LEAVE_US = const(14)
PART = const(15)  # a dose leaves over this part of a plunger step, in 2^-20
WAY_OUT = const(16)  # a path begins here, see below
WAY_BACK = const(24)
# A path has these places.
UP_UM = const(0)
CRUISE_UM = const(1)
UP_US = const(2)
CRUISE_END_US = const(3)
END_US = const(4)
PATH_ACC = const(5)
PATH_BRAKE = const(6)


def lay(c: "array[int]", slot: int, stroke: Stroke, description: Description, dose_tolerance_nm: int) -> None:
    """What a compiled stroke should look like is taken in. The loop calls this for a slot that is not in play."""
    row = [0] * cells.EXPECTED_SIZE
    f = stroke.figures
    settings = stroke.settings
    depth = settings.depth_um
    unpaced = description.drive == messages.PNEUMATIC or not depth
    row[DEPTH_UM] = depth
    row[ENVELOPE_UM] = depth + limits.DEPTH_ERROR_UM
    row[TOLERANCE_UM] = max(limits.DEPTH_ERROR_UM, depth * limits.DEPTH_ERROR_PERCENT // 100)
    row[OUT_END_US] = f.out_us  # type: ignore[attr-defined]
    row[DOSE_END_US] = f.dose_end_us  # type: ignore[attr-defined]
    row[BACK_START_US] = f.back_start_us  # type: ignore[attr-defined]
    row[BACK_END_US] = f.back_end_us  # type: ignore[attr-defined]
    row[DOSE_NM] = f.dose.steps * description.plunger_nm_per_step  # type: ignore[attr-defined]
    row[STEP_NM] = description.plunger_nm_per_step
    row[DOSE_TOLERANCE_NM] = dose_tolerance_nm
    row[ACC_MM_S2] = description.needle_out_mm_s2
    row[UNPACED] = 1 if unpaced else 0
    row[DRAW] = 1 if settings.mode == messages.RETROGRADE else 0
    row[ENTRY_US], row[LEAVE_US] = stroke.entry_us, stroke.leave_us
    row[PART] = f.dose.part  # type: ignore[attr-defined]
    if not unpaced:
        _lay_paths(row, f, depth, description)
    for i in range(cells.EXPECTED_SIZE):
        c[cells.EXPECTED_AT + slot * cells.EXPECTED_SIZE + i] = row[i]


def _lay_paths(row: list, f: "object", depth: int, description: Description) -> None:  # type: ignore[type-arg]
    steps = f.needle_steps  # type: ignore[attr-defined]
    row[WAY_OUT + UP_UM] = f.out_up * depth // steps  # type: ignore[attr-defined]
    row[WAY_OUT + CRUISE_UM] = f.out_cruise * depth // steps  # type: ignore[attr-defined]
    row[WAY_OUT + UP_US] = f.up_us  # type: ignore[attr-defined]
    row[WAY_OUT + CRUISE_END_US] = f.cruise_end_us  # type: ignore[attr-defined]
    row[WAY_OUT + END_US] = f.out_us  # type: ignore[attr-defined]
    row[WAY_OUT + PATH_ACC], row[WAY_OUT + PATH_BRAKE] = description.needle_out_mm_s2, description.needle_brake_mm_s2
    row[WAY_BACK + UP_UM] = f.back_up * depth // steps  # type: ignore[attr-defined]
    row[WAY_BACK + CRUISE_UM] = f.back_cruise * depth // steps  # type: ignore[attr-defined]
    row[WAY_BACK + UP_US] = f.back_up_us  # type: ignore[attr-defined]
    row[WAY_BACK + CRUISE_END_US] = f.back_cruise_end_us  # type: ignore[attr-defined]
    row[WAY_BACK + END_US] = f.back_us  # type: ignore[attr-defined]
    row[WAY_BACK + PATH_ACC] = row[WAY_BACK + PATH_BRAKE] = description.needle_out_mm_s2


def lay_vitals(c: "array[int]", description: Description) -> None:
    """Limits that are by description are taken in."""
    c[cells.SUPPLY_MIN_MV] = supply_min_mv(description)
    c[cells.AIR] = 1 if description.drive == messages.PNEUMATIC else 0
