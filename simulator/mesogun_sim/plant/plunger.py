"""The plunger axis follows its step pins; its encoder has counts of half a micrometre."""

ENCODER_NM = 500


class Plunger:
    """Faults are set from outside, on a plunger that else follows its steps.

    With `stalled_us` it does not follow from then on; `pushed_nm` is how far a hand moved it, which is free flow. `lost_nm` of
    its steps came to nothing against the pressure in the syringe.
    """

    def __init__(self, nm_per_step: int) -> None:
        self._nm_per_step = nm_per_step
        self.stalled_us = -1
        self._stalled_nm: int | None = None
        self.pushed_nm = 0
        self.lost_nm = 0

    def travel_nm(self, now_us: int, steps: int) -> int:
        travel = steps * self._nm_per_step
        if 0 <= self.stalled_us <= now_us:
            if self._stalled_nm is None:
                self._stalled_nm = travel
            travel = self._stalled_nm
        return travel - self.lost_nm + self.pushed_nm

    def encoder_nm(self, now_us: int, steps: int) -> int:
        return self.travel_nm(now_us, steps) // ENCODER_NM * ENCODER_NM
