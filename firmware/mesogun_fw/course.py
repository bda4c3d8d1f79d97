"""What one stroke should look like from outside: figures of the settings alone, no words involved. One per slot.

So many of the guard's cells, filled by the loop while its slot is not in play and read by the guard every tick.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.cells import COURSE_SIZE, COURSES
from mesogun_fw.config import Hardware
from mesogun_fw.messages import PNEUMATIC, RETROGRADE
from mesogun_fw.shim import micropython
from mesogun_fw.stroke import Stroke

const = micropython.const

# Places in a course.
DEPTH_UM = const(0)
_ENVELOPE_UM = const(1)
_TOLERANCE_UM = const(2)
OUT_END_US = const(3)
DOSE_END_US = const(4)
BACK_START_US = const(5)
BACK_END_US = const(6)
_DOSE_NM = const(7)  # plunger travel of the smaller dose
_STEP_NM = const(8)
_DOSE_TOLERANCE_NM = const(9)
_ACC_MM_S2 = const(10)
_UNPACED = const(11)  # the needle's way is not commanded step by step, only its ends are
DRAW = const(12)  # dispensing while withdrawing
_ENTRY_US = const(13)
LINK_US = const(14)
_PART = const(15)  # of a plunger step, in 2^-20, that a dose leaves over
_WAY_OUT = const(16)  # a path, see below
_WAY_BACK = const(24)
# of a path
_UP_UM = const(0)
_CRUISE_UM = const(1)
_UP_US = const(2)
_CRUISE_END_US = const(3)
_END_US = const(4)
_PATH_ACC = const(5)
_PATH_BRAKE = const(6)


def lay(cells: "array[int]", slot: int, stroke: Stroke, hardware: Hardware, dose_tolerance_nm: int) -> None:
    """Take in what a compiled stroke should look like. Called by the loop for a slot that is not in play."""
    c = [0] * COURSE_SIZE
    f = stroke.figures
    settings = stroke.settings
    depth = settings.depth_um
    unpaced = hardware.drive == PNEUMATIC or not depth
    c[DEPTH_UM] = depth
    c[_ENVELOPE_UM] = depth + limits.DEPTH_ERROR_UM
    c[_TOLERANCE_UM] = max(limits.DEPTH_ERROR_UM, depth * limits.DEPTH_ERROR_PERCENT // 100)
    c[OUT_END_US] = f.out_us  # type: ignore[attr-defined]
    c[DOSE_END_US] = f.dose_end_us  # type: ignore[attr-defined]
    c[BACK_START_US] = f.back_start_us  # type: ignore[attr-defined]
    c[BACK_END_US] = f.back_end_us  # type: ignore[attr-defined]
    c[_DOSE_NM] = f.dose.steps * hardware.plunger_nm_per_step  # type: ignore[attr-defined]
    c[_STEP_NM] = hardware.plunger_nm_per_step
    c[_DOSE_TOLERANCE_NM] = dose_tolerance_nm
    c[_ACC_MM_S2] = hardware.needle_out_mm_s2
    c[_UNPACED] = 1 if unpaced else 0
    c[DRAW] = 1 if settings.mode == RETROGRADE else 0
    c[_ENTRY_US], c[LINK_US] = stroke.entry_us, stroke.link_us
    c[_PART] = f.dose.part  # type: ignore[attr-defined]
    if not unpaced:
        _lay_paths(c, f, depth, hardware)
    for i in range(COURSE_SIZE):
        cells[COURSES + slot * COURSE_SIZE + i] = c[i]


def _lay_paths(c: list, f: "object", depth: int, hardware: Hardware) -> None:  # type: ignore[type-arg]
    steps = f.needle_steps  # type: ignore[attr-defined]
    c[_WAY_OUT + _UP_UM] = f.out_up * depth // steps  # type: ignore[attr-defined]
    c[_WAY_OUT + _CRUISE_UM] = f.out_cruise * depth // steps  # type: ignore[attr-defined]
    c[_WAY_OUT + _UP_US] = f.up_us  # type: ignore[attr-defined]
    c[_WAY_OUT + _CRUISE_END_US] = f.cruise_end_us  # type: ignore[attr-defined]
    c[_WAY_OUT + _END_US] = f.out_us  # type: ignore[attr-defined]
    c[_WAY_OUT + _PATH_ACC], c[_WAY_OUT + _PATH_BRAKE] = hardware.needle_out_mm_s2, hardware.needle_brake_mm_s2
    c[_WAY_BACK + _UP_UM] = f.back_up * depth // steps  # type: ignore[attr-defined]
    c[_WAY_BACK + _CRUISE_UM] = f.back_cruise * depth // steps  # type: ignore[attr-defined]
    c[_WAY_BACK + _UP_US] = f.back_up_us  # type: ignore[attr-defined]
    c[_WAY_BACK + _CRUISE_END_US] = f.back_cruise_end_us  # type: ignore[attr-defined]
    c[_WAY_BACK + _END_US] = f.back_us  # type: ignore[attr-defined]
    c[_WAY_BACK + _PATH_ACC] = c[_WAY_BACK + _PATH_BRAKE] = hardware.needle_out_mm_s2
