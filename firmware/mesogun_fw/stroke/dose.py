"""This is the plunger's part of a shot, the same in every drive: a stepper with its own encoder pushes the syringe."""

from mesogun_fw.config import Description
from mesogun_fw.stroke import language
from mesogun_fw.stroke.language import Ramp, Settings, Stroke, ceil_div
from mesogun_fw.talk import messages

ONE_STEP = 1 << 20  # doses are counted in 2^-20 plunger steps
TURN_US = 1_000  # the plunger stands still so long before it changes its direction
BODY_US = 1_000_000  # constant flow is given second by second


class Dose:
    """One dose has these step counts and times: `steps` + `part` / 2^20 plunger steps; `us` run from its start to its end.

    First come `up` + `cruise` + `down` steps, `step_us` apart where it cruises, then the tail, with one more step when the
    carry says so.
    """

    def __init__(self, settings: Settings, description: Description) -> None:
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        parts = settings.dose_nl * ONE_STEP * 452_000_000_000 // (355 * bore2 * description.plunger_nm_per_step)
        self.steps = parts // ONE_STEP
        self.part = parts % ONE_STEP
        self.step_us = max(
            ceil_div(355 * bore2 * description.plunger_nm_per_step, 452_000 * settings.flow_nl_s),
            ceil_div(description.plunger_nm_per_step * 1000, description.plunger_um_s),
        )
        self.up = self.down = self.cruise = self.us = self.tail_us = 0
        if parts == 0:
            return
        ramp = Ramp(description.plunger_nm_per_step, description.plunger_mm_s2)
        if settings.mode == messages.RETROGRADE:
            # A last step, if there is one, is as far from the way in as from the withdrawal.
            self.us = self.tail_us = 2 * max(ramp.at(1), self.step_us)
            return
        if settings.mode == messages.CONSTANT_FLOW:
            self._spread(ramp)
        else:
            self._lay_out(ramp)

    def _lay_out(self, ramp: Ramp) -> None:
        reach = ramp.steps_to(self.step_us)
        self.up = min(reach, self.steps // 2)
        self.down = min(reach, self.steps - self.up)
        self.cruise = self.steps - self.up - self.down
        self.tail_us = max(ramp.at(1), self.step_us)
        first_us = ramp.at(self.up + 1) if self.up else self.tail_us
        self.us = first_us + self.cruise * self.step_us + ramp.at(self.down) + self.tail_us

    def _spread(self, ramp: Ramp) -> None:
        """The dose goes over the whole body, as evenly as whole steps allow.

        It raises ValueError when even the fastest flow is too slow.
        """
        fastest_us = self.step_us
        room_us = BODY_US - language.LEAD_US
        self.step_us = room_us // (self.steps + 1)
        self.us = room_us + 1
        while self.us > room_us:
            if self.step_us < fastest_us:
                raise ValueError("flow")
            self._lay_out(ramp)
            # Never more than is needed is taken off: what is saved too much becomes a pause.
            self.step_us -= max(1, (self.us - room_us) // (self.steps + 2)) if self.us > room_us else 0
        self.tail_us += room_us - self.us
        self.us = BODY_US


def write_dose(stroke: Stroke, settings: Settings, description: Description, dose: Dose, held: int) -> None:
    """The blocks from DOSE_UP to BODY_END are written, with the pins `held` that keep the needle where it is.

    Outside the lists the plunger's way back after an occlusion is written too: it is slow enough to need no ramp.
    """
    if not dose.us:
        return
    if settings.mode != messages.RETROGRADE:
        ramp = Ramp(description.plunger_nm_per_step, description.plunger_mm_s2)
        stroke.up(language.DOSE_UP, ramp, dose.up, held, language.PLUNGER_STEP, dose.step_us)
        stroke.cell(language.DOSE_CRUISE, dose.step_us, dose.cruise, held, language.PLUNGER_STEP)
        stroke.down(language.DOSE_DOWN, ramp, dose.down, held, language.PLUNGER_STEP)
    stroke.enter(language.DOSE_TAIL, stroke.length, 1, 1, 0)
    stroke.put(held, dose.tail_us)
    start = stroke.length
    before_us = dose.tail_us // 2 if settings.mode == messages.RETROGRADE else 0
    if before_us:
        stroke.put(held, before_us)
    stroke.step(held, language.PLUNGER_STEP, dose.tail_us - before_us)
    stroke.enter(language.DOSE_TAIL, start, stroke.length - start, 1, 1)
    if settings.mode == messages.CONSTANT_FLOW:
        stroke.lead(language.BODY_END, held)
        stroke.leave, stroke.entry = language.DWELL, language.DOSE_UP
    stroke.align(2)
    stroke.relief_at = stroke.length
    stroke.put(language.PLUNGER_DIR, TURN_US)
    stroke.align(2)
    stroke.step(language.PLUNGER_DIR, language.PLUNGER_STEP, Ramp(description.plunger_nm_per_step, description.plunger_mm_s2).at(1))
