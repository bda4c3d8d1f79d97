"""The practitioner's hand: trigger and skin contact. Part of the guard: no allocation, no float.

`cells` is an array that lookout.py keeps, every tick; the properties read it.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.shim import micropython

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


class Fingers:
    """What two trigger contacts and two skin contacts have come to."""

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

    @micropython.native
    def pressed(self, now_ms: int) -> bool:
        """A fresh press stands long enough to be meant."""
        c = self.cells
        return c[HELD] != 0 and c[FRESH] != 0 and now_ms - c[PRESS_MS] >= c[DEBOUNCE_MS]
