"""The practitioner's hand: trigger and skin contact. A press is fresh, debounced and agreed on; a release is the first edge.

Part of the guard: no allocation, no float.
"""

from array import array

from mesogun_fw import faults, limits
from mesogun_fw.inputs import CONTACT_A, CONTACT_B, TRIGGER_A, TRIGGER_B


class Fingers:
    """Follows two trigger contacts and two skin contacts; `update` once a tick."""

    def __init__(self) -> None:
        self.held = False  # both trigger contacts closed
        self.fresh = False  # the trigger was open long enough since the last arming, start or clear
        self.contact = False  # both skin contacts closed
        self.lifted = True  # both skin contacts open
        self._open_ms = 0
        self._press_ms = 0
        self._contact_ms = 0
        self._differ_ms = -1

    def rearm(self, now_ms: int) -> None:
        """From now on only a new press counts."""
        self.fresh = False
        self._open_ms = now_ms

    def update(self, now_ms: int, x: "array[int]", in_the_air: bool) -> int:
        """Take in one tick; a reason of faults.REASONS, or 0. A press in the wrong place is not fresh."""
        contact = x[CONTACT_A] != 0 and x[CONTACT_B] != 0
        if contact and not self.contact:
            self._contact_ms = now_ms
        self.contact = contact
        self.lifted = not x[CONTACT_A] and not x[CONTACT_B]

        a = x[TRIGGER_A]
        if a != x[TRIGGER_B]:
            self._release(now_ms)
            if self._differ_ms < 0:
                self._differ_ms = now_ms
            elif now_ms - self._differ_ms > limits.TRIGGER_DISAGREE_MS:
                return faults.TRIGGER_DISAGREES
            return 0
        self._differ_ms = -1
        if not a:
            self._release(now_ms)
            if now_ms - self._open_ms >= limits.TRIGGER_RELEASED_MS:
                self.fresh = True
            return 0
        if not self.held:
            self.held = True
            self._press_ms = now_ms
        standing = contact and now_ms - self._contact_ms >= limits.CONTACT_STABLE_MS
        if not (self.lifted if in_the_air else standing):
            self.fresh = False
        return 0

    def pressed(self, now_ms: int) -> bool:
        """A fresh press stands long enough to be meant."""
        return self.held and self.fresh and now_ms - self._press_ms >= limits.TRIGGER_DEBOUNCE_MS

    def _release(self, now_ms: int) -> None:
        if self.held:
            self.held = False
            self._open_ms = now_ms
