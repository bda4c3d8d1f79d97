"""The practitioner's hand: trigger and skin contact. A press is fresh, debounced and agreed on; a release is the first edge.

Part of the guard: no allocation, no float. `cells` is an array so that one fast function can keep it; the properties read it.
"""

from array import array

from mesogun_fw import faults, inputs, limits
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

HELD = const(0)  # both trigger contacts closed
FRESH = const(1)  # the trigger was open long enough since the last arming, start or clear
CONTACT = const(2)  # both skin contacts closed
LIFTED = const(3)  # both skin contacts open
OPEN_MS = const(4)
PRESS_MS = const(5)
CONTACT_MS = const(6)
DIFFER_MS = const(7)  # since when the two trigger contacts differ, 0 while they agree
DISAGREE_MS = const(8)
RELEASED_MS = const(9)
STABLE_MS = const(10)
DEBOUNCE_MS = const(11)
SIZE = 12

# of inputs.py: a fast function reads constants of its own file only
TRIGGER_A = const(1)
TRIGGER_B = const(2)
CONTACT_A = const(3)
CONTACT_B = const(4)
assert (TRIGGER_A, TRIGGER_B, CONTACT_A, CONTACT_B) == (inputs.TRIGGER_A, inputs.TRIGGER_B, inputs.CONTACT_A, inputs.CONTACT_B)


class Fingers:
    """Follows two trigger contacts and two skin contacts; `update` once a tick."""

    def __init__(self) -> None:
        self.cells = array("i", [0] * SIZE)
        self.cells[LIFTED] = 1
        self.cells[DISAGREE_MS] = limits.TRIGGER_DISAGREE_MS
        self.cells[RELEASED_MS] = limits.TRIGGER_RELEASED_MS
        self.cells[DEBOUNCE_MS] = limits.TRIGGER_DEBOUNCE_MS
        self.cells[STABLE_MS] = limits.CONTACT_STABLE_MS

    @property
    def held(self) -> bool:
        return self.cells[HELD] != 0

    @property
    def fresh(self) -> bool:
        return self.cells[FRESH] != 0

    @property
    def contact(self) -> bool:
        return self.cells[CONTACT] != 0

    @property
    def lifted(self) -> bool:
        return self.cells[LIFTED] != 0

    @micropython.native
    def rearm(self, now_ms: int) -> None:
        """From now on only a new press counts."""
        self.cells[FRESH] = 0
        self.cells[OPEN_MS] = now_ms

    def update(self, now_ms: int, x: "array[int]", in_the_air: bool) -> int:
        """Take in one tick; a reason of explanations.REASONS, or 0. A press in the wrong place is not fresh."""
        return faults.TRIGGER_DISAGREES if follow(self.cells, x, now_ms, 1 if in_the_air else 0) else 0

    @micropython.native
    def pressed(self, now_ms: int) -> bool:
        """A fresh press stands long enough to be meant."""
        c = self.cells
        return c[HELD] != 0 and c[FRESH] != 0 and now_ms - c[PRESS_MS] >= c[DEBOUNCE_MS]


@micropython.viper
def follow(c_: object, x_: object, now_ms: int, in_the_air: int) -> int:
    """One tick; 1 when the two trigger contacts have differed for too long."""
    c = ptr32(c_)
    x = ptr32(x_)
    contact = int(x[CONTACT_A]) & int(x[CONTACT_B])
    if contact and not int(c[CONTACT]):
        c[CONTACT_MS] = now_ms
    c[CONTACT] = contact
    c[LIFTED] = 1 - (int(x[CONTACT_A]) | int(x[CONTACT_B]))
    a = int(x[TRIGGER_A])
    b = int(x[TRIGGER_B])
    if not a & b:
        if int(c[HELD]):
            c[HELD] = 0
            c[OPEN_MS] = now_ms
        if a | b:
            if not int(c[DIFFER_MS]):
                c[DIFFER_MS] = now_ms + 1
            elif now_ms + 1 - int(c[DIFFER_MS]) > int(c[DISAGREE_MS]):
                return 1
            return 0
        c[DIFFER_MS] = 0
        if now_ms - int(c[OPEN_MS]) >= int(c[RELEASED_MS]):
            c[FRESH] = 1
        return 0
    c[DIFFER_MS] = 0
    if not int(c[HELD]):
        c[HELD] = 1
        c[PRESS_MS] = now_ms
    standing = int(c[LIFTED])
    if not in_the_air:
        standing = 0
        if contact and now_ms - int(c[CONTACT_MS]) >= int(c[STABLE_MS]):
            standing = 1
    if not standing:
        c[FRESH] = 0
    return 0
