"""The plunger axis follows its step pins; its encoder has counts of half a micrometre."""

ENCODER_NM = 500


OCCLUDED_NM = 20_000  # a blocked line gives so much before its pressure stalls the motor (A)


class Plunger:
    """Faults are set from outside, on a plunger that else follows its steps.

    With `stalled_us` it does not follow from then on; `pushed_nm` is how far a hand moved it, which is free flow; with
    `occluded_us` it gets no further than OCCLUDED_NM from then on, and can go back.
    """

    def __init__(self, nm_per_step: int) -> None:
        self._nm_per_step = nm_per_step
        self.stalled_us = -1
        self._stalled_nm: int | None = None
        self.pushed_nm = 0
        self.occluded_us = -1
        self._blocked_nm: int | None = None
        self._lost_nm = 0

    def travel_nm(self, now_us: int, steps: int) -> int:
        travel = steps * self._nm_per_step
        if 0 <= self.stalled_us <= now_us:
            if self._stalled_nm is None:
                self._stalled_nm = travel
            travel = self._stalled_nm
        if 0 <= self.occluded_us <= now_us:
            if self._blocked_nm is None:
                self._blocked_nm = travel - self._lost_nm + OCCLUDED_NM
            self._lost_nm = max(self._lost_nm, travel - self._blocked_nm)
        else:
            self._blocked_nm = None
        return travel - self._lost_nm + self.pushed_nm

    def encoder_nm(self, now_us: int, steps: int) -> int:
        return self.travel_nm(now_us, steps) // ENCODER_NM * ENCODER_NM
