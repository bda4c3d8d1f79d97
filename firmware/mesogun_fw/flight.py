"""The shot in flight, judged: is the needle where it should be, would it stop in time, did the plunger do its part.

Part of the guard: no allocation, no float, products below 2^30. Answers are reasons of faults.REASONS, 0 is fine.
"""

from array import array

from mesogun_fw import faults, limits
from mesogun_fw.inputs import ELAPSED_US, HOME, NEEDLE_UM, PLUNGER_NM
from mesogun_fw.stroke import ONE_STEP, Stroke

IMPOSSIBLE_UM_MS = 1_000  # no motor moves the needle so fast: an encoder gone mad, and a square too large for small integers
HIDDEN_UM = 10  # a step of the needle, more or less: what one look at it does not show
SETTLE_US = 2_000  # after a movement, before its result is judged


class Path:
    """Travel over time of one way of the needle: speed up, cruise, brake. From settings alone, no words involved."""

    def follow(
        self, travel_um: int, up_um: int, cruise_um: int, up_us: int, cruise_end_us: int, end_us: int, acc: int, brake: int
    ) -> None:
        self.travel_um = travel_um
        self.end_us = end_us
        self._up_um = up_um
        self._cruise_um = cruise_um
        self._up_us = up_us
        self._cruise_end_us = cruise_end_us
        self._acc = acc
        self._brake = brake

    def at(self, us: int) -> int:
        if us >= self.end_us:
            return self.travel_um
        if us < self._up_us:
            return fallen(us, self._acc)
        if us < self._cruise_end_us:
            return self._up_um + self._cruise_um * ((us - self._up_us) >> 6) // (((self._cruise_end_us - self._up_us) >> 6) + 1)
        return self.travel_um - fallen(self.end_us - us, self._brake)


class Flight:
    """One shot from its start to its report. `see` and then `judge` once a tick."""

    def __init__(self, inputs: "array[int]") -> None:
        self._x = inputs
        self.out = Path()
        self.back = Path()
        self.needle_um = 0
        self._speed = 0  # um per ms, outwards
        self._seen_ms = 0
        self._before_um = self._before_ms = 0  # the look before the last one
        self._zero_um = 0
        self.open = False
        self.start_ms = self.start_us = 0
        self.deepest_um = 0
        self.variant = self._next_variant = 0
        self._carry = self._shot_carry = self._next_carry = ONE_STEP // 2
        self._plunger_nm = self._plunger_end_nm = 0
        self.dosed = self._judged = self.saw_switch_open = False

    def use(self, stroke: Stroke, step_nm: int, dose_tolerance_nm: int, acc_mm_s2: int, brake_mm_s2: int) -> None:
        """Take over what a compiled stroke should look like from outside. Called by the loop while unarmed."""
        f = stroke.figures
        depth = stroke.settings.depth_um
        self._depth_um = depth
        self.period_us = stroke.settings.period_us
        self._acc = acc_mm_s2
        self._envelope_um = depth + limits.DEPTH_ERROR_UM
        self._depth_tolerance_um = max(limits.DEPTH_ERROR_UM, depth * limits.DEPTH_ERROR_PERCENT // 100)
        steps = f.needle_steps
        self.out.follow(
            depth,
            f.out_up * depth // steps,
            f.out_cruise * depth // steps,
            f.up_us,
            f.cruise_end_us,
            f.out_us,
            acc_mm_s2,
            brake_mm_s2,
        )
        self.back.follow(
            depth,
            f.back_up * depth // steps,
            f.back_cruise * depth // steps,
            f.back_up_us,
            f.back_cruise_end_us,
            f.back_us,
            acc_mm_s2,
            acc_mm_s2,
        )
        self.dose_end_us = f.out_us + f.dose_total_us
        self.back_start_us = f.back_start_us
        self.back_end_us = f.back_start_us + f.back_us
        self._steps = f.dose_steps
        self._part = f.dose_part
        self._step_nm = step_nm
        self._dose_tolerance_nm = dose_tolerance_nm

    # ---- position ----

    def see(self, now_ms: int) -> None:
        needle = self._x[NEEDLE_UM] - self._zero_um
        passed = now_ms - self._before_ms
        if passed > 0:
            # over two ticks: in one, a step more or less and the encoder's noise are most of a slow needle's speed
            self._speed = (needle - self._before_um) // passed
        self._before_um = self.needle_um
        self._before_ms = self._seen_ms
        self.needle_um = needle
        self._seen_ms = now_ms

    def zero(self) -> None:
        """Here is home."""
        self._zero_um = self._x[NEEDLE_UM]
        self.needle_um = self._before_um = self._speed = 0

    def is_home(self) -> bool:
        return self._x[HOME] != 0 and -limits.HOME_ERROR_UM <= self.needle_um <= limits.HOME_ERROR_UM

    def would_overrun(self) -> bool:
        """Whether the needle, braked as hard as an abort can, would stop too deep: out of the stroke's envelope if that happens
        two ticks from now, past the cap if at the next tick; or is past the cap already.

        Two ticks for the cap too would stop good shots: a stroke of 10.0 mm, seen through the encoder, looks up to 0.06 mm
        longer than it ends, 0.03 mm by one tick.
        """
        speed = max(self._speed, 0)
        if speed > IMPOSSIBLE_UM_MS:
            return True
        stop_um = self.needle_um + speed * speed * 500 // self._acc
        if stop_um + 2 * speed > self._envelope_um or stop_um + speed > limits.DEPTH_FAULT_UM - HIDDEN_UM:
            return True
        return self.needle_um > limits.DEPTH_CAP_UM + 2 * HIDDEN_UM

    def plunger_still(self) -> bool:
        travel = self._x[PLUNGER_NM] - (self._plunger_end_nm if self.dosed else self._plunger_nm)
        return -limits.PLUNGER_STILL_NM <= travel <= limits.PLUNGER_STILL_NM

    # ---- one shot ----

    def begin(self, ms: int, us: int) -> None:
        self.open = True
        self.start_ms = ms
        self.start_us = us
        self.deepest_um = self.needle_um
        self.rest()

    def rest(self) -> None:
        """From here on the plunger must be still until the needle is at depth."""
        self._plunger_nm = self._x[PLUNGER_NM]
        self.dosed = self._judged = self.saw_switch_open = False

    def follow_on(self) -> None:
        """The granted period has begun by itself, one period after this one."""
        us = self.start_us + self.period_us % 1000
        self.variant = self._next_variant
        self._shot_carry = self._next_carry
        ended_nm = self._plunger_end_nm if self.dosed else self._x[PLUNGER_NM]
        self.begin(self.start_ms + self.period_us // 1000 + us // 1000, us % 1000)
        self._plunger_nm = ended_nm  # what moved since then belongs to no dose

    def judge(self) -> int:
        needle = self.needle_um
        elapsed = self._x[ELAPSED_US]
        if needle > self.deepest_um and not self._judged:
            self.deepest_um = needle
        if self.would_overrun():
            return faults.NEEDLE_OVERRUN
        reason = 0
        if elapsed < self.out.end_us:
            reason = self._on_path(needle - self.out.at(elapsed))
            if not reason and not self.plunger_still():
                reason = faults.FREE_FLOW
        elif elapsed < self.back_start_us:
            if elapsed >= self.out.end_us + SETTLE_US:
                reason = self._depth(needle)
        elif elapsed < self.back_end_us:
            reason = self._on_path(self._depth_um - self.back.at(elapsed - self.back_start_us) - needle)
            if not self._judged and not reason:
                reason = self._depth(self.deepest_um)
        elif elapsed >= self.back_end_us + SETTLE_US and not self.is_home():
            reason = faults.NOT_HOME
        if reason:
            return reason
        if not self.dosed:
            return self.judge_dose() if elapsed >= self.dose_end_us + SETTLE_US else 0
        return 0 if self.plunger_still() else faults.FREE_FLOW

    def judge_dose(self) -> int:
        """The dispensing is over: keep what the plunger did."""
        self.dosed = True
        self._plunger_end_nm = self._x[PLUNGER_NM]
        off = self.travel_nm() - (self._steps + self.variant) * self._step_nm
        return 0 if -self._dose_tolerance_nm <= off <= self._dose_tolerance_nm else faults.DOSE_WRONG

    def travel_nm(self) -> int:
        """What the plunger has done in this shot, by its encoder."""
        return (self._plunger_end_nm if self.dosed else self._x[PLUNGER_NM]) - self._plunger_nm

    def _on_path(self, off_um: int) -> int:
        return 0 if -limits.FOLLOW_ERROR_UM <= off_um <= limits.FOLLOW_ERROR_UM else faults.NEEDLE_ASTRAY

    def _depth(self, needle_um: int) -> int:
        if not self._judged:
            self._judged = True
            self.deepest_um = needle_um
        if not self._x[HOME]:
            self.saw_switch_open = True
        off = needle_um - self._depth_um
        return 0 if -self._depth_tolerance_um <= off <= self._depth_tolerance_um else faults.DEPTH_WRONG

    # ---- the carry: fractions of a plunger step that a dose leaves over ----

    def first(self) -> int:
        """Variant of the tail for the first shot of a press."""
        self._shot_carry = self._carry + self._part
        self.variant = self._shot_carry >> 20
        self._shot_carry &= ONE_STEP - 1
        return self.variant

    def next(self) -> int:
        """Variant for the shot after the one in flight."""
        self._next_carry = self._shot_carry + self._part
        self._next_variant = self._next_carry >> 20
        self._next_carry &= ONE_STEP - 1
        return self._next_variant

    def keep_carry(self) -> None:
        """The shot in flight is whole."""
        self._carry = self._shot_carry


def fallen(us: int, mm_s2: int) -> int:
    """a t^2 / 2 in um; t in us, up to 300 mm/s. Units of 16 us keep the square below 2^30."""
    t = us >> 4
    return t * t // 1000 * mm_s2 // 7812
