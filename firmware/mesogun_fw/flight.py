"""The shot in flight, judged: is the needle where it should be, would it stop in time, did the plunger do its part.

Part of the guard: no allocation, no float, products below 2^31. Answers are reasons of explanations.REASONS, 0 is fine. What
happens at every tick of a shot is in one fast function, `follow_shot`, over two arrays: the flight's cells and the stroke's
course. Positions in the cells are the encoders', shifted so that none is negative.
"""

from array import array

from mesogun_fw import course as courses
from mesogun_fw import faults, fingers, inputs, limits
from mesogun_fw.config import Hardware
from mesogun_fw.course import DOSE_NM, DOSE_TOLERANCE_NM, PART, STEP_NM
from mesogun_fw.drives import dose
from mesogun_fw.inputs import HOME, NEEDLE_UM, PLUNGER_NM
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.stroke import Stroke

const = micropython.const

IMPOSSIBLE_UM_MS = 1_000  # no motor moves the needle so fast: an encoder gone mad, and a square too large for small integers
HIDDEN_UM = 10  # a step of the needle, more or less: what one look at it does not show
SETTLE_US = const(2_000)  # after a movement, before its result is judged
SHIFT = const(1 << 28)  # keeps positions positive, in um and in nm

NEEDLE = const(0)
SPEED = const(1)  # um per ms, outwards; 0 inwards
SEEN_MS = const(2)
BEFORE = const(3)  # the look before the last one
BEFORE_MS = const(4)
ZERO = const(5)
DEEPEST = const(6)
JUDGED = const(7)
DOSED = const(8)
SWITCH_OPEN = const(9)  # the home switch was seen open, out there
PLUNGER = const(10)  # at the beginning
PLUNGER_END = const(11)
VARIANT = const(12)
FOLLOW_UM = const(13)  # limits from here on
STILL_NM = const(14)
FAST = const(15)
NEXT_TICK_UM = const(16)
NOW_UM = const(17)
HOME_UM = const(18)
HOLD_UNTIL_MS = const(19)  # longest hold of the trigger
GRANT_LEAD_US = const(20)
OPEN = const(21)  # a shot is in flight
START_MS = const(22)
START_US = const(23)
CARRY = const(24)  # fraction of a plunger step, in 2^-20, left over by the last whole shot ...
SHOT_CARRY = const(25)  # ... by the one in flight ...
NEXT_CARRY = const(26)  # ... and by the one granted after it
NEXT_VARIANT = const(27)
ENTERED = const(28)  # the list in flight was entered from another
RELIEVED = const(29)  # the plunger has been taken back
PERIOD = const(30)  # lists begun since start, as far as they are followed
SIZE = 31
ONE_STEP = const(1 << 20)

# What `follow_shot` and `rest_well` answer: a fault of FAULTS by its place, or what else there is to do.
FAULTS = (
    0,
    faults.NEEDLE_OVERRUN,
    faults.NEEDLE_ASTRAY,
    faults.FREE_FLOW,
    faults.DEPTH_WRONG,
    faults.NOT_HOME,
    faults.DOSE_WRONG,
)
PLAYED_OUT = const(7)
RELEASED = const(8)
LIFTED = const(9)
HELD_TOO_LONG = const(10)
GRANT_DUE = const(11)
PRESSED = const(12)

# of inputs.py, fingers.py and course.py: a fast function reads constants of its own file only
_HOME = const(5)
_PLAYING = const(10)
_ELAPSED_US = const(11)
_HELD = const(0)
_FRESH = const(1)
_CONTACT = const(2)
_LIFTED = const(3)
_PRESS_MS = const(5)
_DEBOUNCE_MS = const(11)
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
_OUT = const(16)
_BACK = const(24)


class Flight:
    """One shot from its start to its report. lookout.py keeps where the needle is, `follow_shot` judges it."""

    def __init__(self, x: "array[int]") -> None:
        self._x = x
        self.cells = array("i", [0] * SIZE)
        self.cells[ZERO] = SHIFT
        self.cells[FOLLOW_UM] = limits.FOLLOW_ERROR_UM
        self.cells[STILL_NM] = limits.PLUNGER_STILL_NM
        self.cells[FAST] = IMPOSSIBLE_UM_MS
        self.cells[NEXT_TICK_UM] = limits.DEPTH_FAULT_UM - HIDDEN_UM
        self.cells[NOW_UM] = limits.DEPTH_CAP_UM + 2 * HIDDEN_UM
        self.cells[GRANT_LEAD_US] = limits.GRANT_LEAD_US
        self.cells[HOME_UM] = limits.HOME_ERROR_UM
        self.courses = (courses.course(), courses.course())
        self.course = self.courses[0]
        self.cells[CARRY] = self.cells[SHOT_CARRY] = self.cells[NEXT_CARRY] = ONE_STEP // 2

    def lay(self, stroke: Stroke, slot: int, hardware: Hardware, dose_tolerance_nm: int) -> None:
        """Take in what a compiled stroke should look like. Called by the loop for a slot that is not in play."""
        courses.lay(self.courses[slot], stroke, hardware, dose_tolerance_nm)

    def use(self, slot: int) -> None:
        self.course = self.courses[slot]

    @property
    def needle_um(self) -> int:
        return self.cells[NEEDLE] - self.cells[ZERO]

    @property
    def deepest_um(self) -> int:
        return self.cells[DEEPEST] - self.cells[ZERO]

    @property
    def dosed(self) -> bool:
        return self.cells[DOSED] != 0

    @property
    def saw_switch_open(self) -> bool:
        return self.cells[SWITCH_OPEN] != 0

    # ---- position ----

    def zero(self) -> None:
        """Here is home."""
        c = self.cells
        c[ZERO] = c[NEEDLE] = c[BEFORE] = c[DEEPEST] = self._x[NEEDLE_UM] + SHIFT
        c[SPEED] = 0

    @micropython.native
    def is_home(self) -> bool:
        return self._x[HOME] != 0 and -limits.HOME_ERROR_UM <= self.needle_um <= limits.HOME_ERROR_UM

    @micropython.native
    def would_overrun(self) -> bool:
        return _would_overrun(self.cells, self.course) != 0

    def went_deeper(self) -> None:
        """On the way back too the deepest point counts."""
        c = self.cells
        if c[NEEDLE] > c[DEEPEST]:
            c[DEEPEST] = c[NEEDLE]

    # ---- one shot ----

    @micropython.native
    def begin(self, ms: int) -> None:
        c = self.cells
        c[OPEN] = 1
        c[START_MS] = ms
        c[START_US] = c[ENTERED] = c[RELIEVED] = 0
        c[DEEPEST] = c[NEEDLE]
        self.rest()

    @micropython.native
    def rest(self) -> None:
        """From here on the plunger must be still until the needle is at depth."""
        c = self.cells
        c[PLUNGER] = self._x[PLUNGER_NM] + SHIFT
        c[DOSED] = c[JUDGED] = c[SWITCH_OPEN] = 0

    def follow_on(self) -> None:
        """The granted list has been entered by itself, one period after this one."""
        follow_on(self.cells, self.course, self._x[PLUNGER_NM] + SHIFT)

    def judge_dose(self) -> int:
        """The dispensing is over: keep what the plunger did."""
        c = self.cells
        c[DOSED] = 1
        c[PLUNGER_END] = self._x[PLUNGER_NM] + SHIFT
        off = self.travel_nm() - self.course[DOSE_NM] - c[VARIANT] * self.course[STEP_NM]
        return 0 if -self.course[DOSE_TOLERANCE_NM] <= off <= self.course[DOSE_TOLERANCE_NM] else faults.DOSE_WRONG

    def assume_dose(self) -> None:
        """The dispensing was over before the guard looked again, and the next one begun: what follows belongs to that."""
        c = self.cells
        c[DOSED] = 1
        c[PLUNGER_END] = c[PLUNGER] + self.course[DOSE_NM] + c[VARIANT] * self.course[STEP_NM]

    def travel_nm(self) -> int:
        """What the plunger has done in this shot, by its encoder."""
        c = self.cells
        return (c[PLUNGER_END] if c[DOSED] else self._x[PLUNGER_NM] + SHIFT) - c[PLUNGER]

    # ---- the carry: fractions of a plunger step that a dose leaves over ----

    @micropython.native
    def first(self) -> int:
        """Variant of the tail for the first shot of a press."""
        c = self.cells
        carry = c[CARRY] + self.course[PART]
        c[SHOT_CARRY] = carry & (ONE_STEP - 1)
        c[VARIANT] = carry >> 20
        return carry >> 20

    @micropython.native
    def next(self, slot: int) -> int:
        """Variant for the shot after the one in flight, which is of `slot`."""
        c = self.cells
        carry = c[SHOT_CARRY] + self.courses[slot][PART]
        c[NEXT_CARRY] = carry & (ONE_STEP - 1)
        c[NEXT_VARIANT] = carry >> 20
        return carry >> 20


@micropython.viper
def follow_on(c_: object, k_: object, plunger: int):  # type: ignore[no-untyped-def]
    """One shot follows another without a gap: its start by the period, its plunger by where the dose before ended."""
    c = ptr32(c_)
    k = ptr32(k_)
    period_us = int(k[_LINK_US])
    if int(c[ENTERED]):
        period_us -= int(k[_ENTRY_US])
    us = int(c[START_US]) + period_us
    c[START_MS] = int(c[START_MS]) + us // 1000
    c[START_US] = us % 1000
    c[VARIANT] = int(c[NEXT_VARIANT])
    c[SHOT_CARRY] = int(c[NEXT_CARRY])
    c[PLUNGER] = int(c[PLUNGER_END]) if int(c[DOSED]) else plunger  # what moved since then belongs to no dose
    c[DEEPEST] = int(c[NEEDLE])
    c[OPEN] = 1
    c[ENTERED] = 1
    c[DOSED] = 0
    c[JUDGED] = 0
    c[SWITCH_OPEN] = 0


@micropython.viper
def follow_shot(c_: object, k_: object, h_: object, x_: object, plunger: int, in_the_air: int) -> int:
    """All that is looked at in every tick of a running stroke; 0 when there is nothing to do. `plunger` is shifted."""
    c = ptr32(c_)
    k = ptr32(k_)
    h = ptr32(h_)
    x = ptr32(x_)
    if int(x[_PLAYING]) != 1:
        return PLAYED_OUT
    if not int(h[_HELD]):
        return RELEASED
    if not int(h[_LIFTED if in_the_air else _CONTACT]):
        return LIFTED
    if int(c[SEEN_MS]) > int(c[HOLD_UNTIL_MS]):
        return HELD_TOO_LONG

    elapsed = int(x[_ELAPSED_US])
    home = int(x[_HOME])
    raw = int(c[NEEDLE])
    needle = raw - int(c[ZERO])
    depth = int(k[_DEPTH_UM])
    judged = int(c[JUDGED])
    if not judged and raw > int(c[DEEPEST]):
        c[DEEPEST] = raw
    if int(_would_overrun(c_, k_)):
        return 1

    # ---- where in the stroke this is: on a way (of which `us` have passed), at depth, or home again ----
    still = plunger - int(c[PLUNGER])
    path = 0
    us = elapsed
    look = 0  # at the depth reached
    if elapsed < int(k[_OUT_END_US]):
        path = _OUT
    elif elapsed < int(k[_BACK_START_US]):
        if elapsed >= int(k[_OUT_END_US]) + SETTLE_US:
            look = raw
    elif elapsed < int(k[_BACK_END_US]):
        path = _BACK
        us = elapsed - int(k[_BACK_START_US])
        if not judged:
            look = int(c[DEEPEST])
    elif elapsed >= int(k[_BACK_END_US]) + SETTLE_US:
        if not home or needle > int(c[HOME_UM]) or needle + int(c[HOME_UM]) < 0:
            return 5

    # ---- the needle against its way: speed up, cruise, brake ----
    if path and not int(k[_UNPACED]):
        at = depth
        if us < int(k[path + 4]):
            if us < int(k[path + 2]):
                # a t^2 / 2; units of 16 us keep the square below 2^30
                t = us >> 4
                at = t * t // 1000 * int(k[path + 5]) // 7812
            elif us < int(k[path + 3]):
                t = (int(k[path + 3]) - int(k[path + 2])) >> 6
                at = int(k[path]) + int(k[path + 1]) * ((us - int(k[path + 2])) >> 6) // (t + 1)
            else:
                t = (int(k[path + 4]) - us) >> 4
                at = depth - t * t // 1000 * int(k[path + 6]) // 7812
        if path == _BACK:
            at = depth - at
        off = at - needle
        if off > int(c[FOLLOW_UM]) or off + int(c[FOLLOW_UM]) < 0:
            return 2
    if path == _OUT and (still > int(c[STILL_NM]) or still + int(c[STILL_NM]) < 0):
        return 3

    # ---- the depth reached, the dose given ----
    if look:
        if not judged:
            c[JUDGED] = 1
            c[DEEPEST] = look
        if not home:
            c[SWITCH_OPEN] = 1
        off = look - int(c[ZERO]) - depth
        if off > int(k[_TOLERANCE_UM]) or off + int(k[_TOLERANCE_UM]) < 0:
            return 4
    if int(c[DOSED]):
        still = plunger - int(c[PLUNGER_END])
        if still > int(c[STILL_NM]) or still + int(c[STILL_NM]) < 0:
            return 3
    elif elapsed >= int(k[_DOSE_END_US]) + SETTLE_US:
        c[DOSED] = 1
        c[PLUNGER_END] = plunger
        off = still - int(k[_DOSE_NM]) - int(c[VARIANT]) * int(k[_STEP_NM])
        if off > int(k[_DOSE_TOLERANCE_NM]) or off + int(k[_DOSE_TOLERANCE_NM]) < 0:
            return 6
    if elapsed + int(c[GRANT_LEAD_US]) >= int(k[_LINK_US]):
        return GRANT_DUE
    return 0


@micropython.viper
def rest_well(c_: object, h_: object, x_: object, plunger: int) -> int:
    """All that is looked at in every tick between two presses: needle home, plunger still; PRESSED when a press is meant."""
    c = ptr32(c_)
    h = ptr32(h_)
    needle = int(c[NEEDLE]) - int(c[ZERO])
    if not int(ptr32(x_)[_HOME]) or needle > int(c[HOME_UM]) or needle + int(c[HOME_UM]) < 0:
        return 5
    still = plunger - (int(c[PLUNGER_END]) if int(c[DOSED]) else int(c[PLUNGER]))
    if still > int(c[STILL_NM]) or still + int(c[STILL_NM]) < 0:
        return 3
    if int(h[_HELD]) and int(h[_FRESH]) and int(c[SEEN_MS]) - int(h[_PRESS_MS]) >= int(h[_DEBOUNCE_MS]):
        return PRESSED
    return 0


@micropython.viper
def _would_overrun(c_: object, k_: object) -> int:
    """Whether the needle, braked as hard as an abort can, would stop too deep: out of the stroke's envelope if that happens
    two ticks from now, past the cap if at the next tick; or is past the cap already.

    Two ticks for the cap too would stop good shots: a stroke of 10.0 mm, seen through the encoder, looks up to 0.06 mm
    longer than it ends, 0.03 mm by one tick. Where a stop ends the way and not a brake, speed tells nothing.
    """
    c = ptr32(c_)
    k = ptr32(k_)
    speed = int(c[SPEED])
    needle = int(c[NEEDLE]) - int(c[ZERO])
    if speed > int(c[FAST]) or needle > int(c[NOW_UM]):
        return 1
    if int(k[_UNPACED]):
        return 1 if needle > int(k[_ENVELOPE_UM]) else 0
    stop_um = needle + speed * speed * 500 // int(k[_ACC_MM_S2])
    if stop_um + 2 * speed > int(k[_ENVELOPE_UM]) or stop_um + speed > int(c[NEXT_TICK_UM]):
        return 1
    return 0


assert tuple([getattr(courses, name) for name in (
    "DEPTH_UM", "ENVELOPE_UM", "TOLERANCE_UM", "OUT_END_US", "DOSE_END_US", "BACK_START_US", "BACK_END_US", "DOSE_NM",
    "STEP_NM", "DOSE_TOLERANCE_NM", "ACC_MM_S2", "UNPACED", "ENTRY_US", "LINK_US", "OUT", "BACK",
)]) == (
    _DEPTH_UM, _ENVELOPE_UM, _TOLERANCE_UM, _OUT_END_US, _DOSE_END_US, _BACK_START_US, _BACK_END_US, _DOSE_NM,
    _STEP_NM, _DOSE_TOLERANCE_NM, _ACC_MM_S2, _UNPACED, _ENTRY_US, _LINK_US, _OUT, _BACK,
)  # fmt: skip
assert (_HOME, _PLAYING, _ELAPSED_US) == (inputs.HOME, inputs.PLAYING, inputs.ELAPSED_US)
assert (_HELD, _FRESH, _CONTACT, _LIFTED) == (fingers.HELD, fingers.FRESH, fingers.CONTACT, fingers.LIFTED)
assert (_PRESS_MS, _DEBOUNCE_MS) == (fingers.PRESS_MS, fingers.DEBOUNCE_MS)
assert ONE_STEP == dose.ONE_STEP
