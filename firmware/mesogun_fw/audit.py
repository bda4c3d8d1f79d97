"""Walks a compiled stroke and proves it, independently of the compiler: depth, home, dose, period, rates, flow.

Net 2 for depth, second half. Shares no code with stroke.py: it reads words and lists as the hardware will play them, and
judges them by settings, hardware and limits alone.
"""

from mesogun_fw import limits
from mesogun_fw.config import Hardware
from mesogun_fw.stroke import Settings, Stroke

NEEDLE_STEP = 0b0001
NEEDLE_IN = 0b0010
PLUNGER_STEP = 0b0100
KNOWN_PINS = 0b0111  # the plunger never turns back in a stroke

WINDOW = 8  # steps over which speed is judged: one microsecond of rounding is too much for a single interval
STANDSTILL_US = 3_000  # slower than this is a new start


class AuditFailed(Exception):
    """The stroke must not be played; the text says what it would have done."""


class Axis:
    """Follows one axis: time since its last step, speed over windows, acceleration between windows."""

    def __init__(self, name: str, nm_per_step: int, um_s: int, mm_s2: int) -> None:
        self._name = name
        self._step_nm = nm_per_step
        self._fastest_us = nm_per_step * 1000 // um_s
        # (nm/ms)^2 gained or lost over one window at full acceleration, a quarter of a window of slack at either end
        self._gain = 2 * mm_s2 * nm_per_step * (WINDOW + WINDOW // 2)
        self._window_us = self._count = self._energy = self._doubt = 0
        self.since_us = STANDSTILL_US
        self.steps = 0

    def step(self) -> None:
        if self.since_us < self._fastest_us:
            raise AuditFailed("%s: a step after %d us, the motor needs %d" % (self._name, self.since_us, self._fastest_us))
        if self.since_us >= STANDSTILL_US:
            self.rest()
        else:
            self._window_us += self.since_us
            self._count += 1
            if self._count == WINDOW:
                self._close()
        self.since_us = 0
        self.steps += 1

    def rest(self) -> None:
        """The axis stands still: what is left of a window, and then zero speed, must be reachable."""
        if self._count:
            self._close()
        self._judge(0, 0)

    def _close(self) -> None:
        speed = self._count * self._step_nm * 1000 // self._window_us
        # both ends of a window are rounded to a microsecond
        self._judge(speed * speed, 4 * speed * speed // self._window_us)
        self._window_us = self._count = 0

    def _judge(self, energy: int, doubt: int) -> None:
        if abs(energy - self._energy) > self._gain + doubt + self._doubt:
            raise AuditFailed("%s: accelerates harder than its motor can" % self._name)
        self._energy = energy
        self._doubt = doubt


class Audit:
    """What a stroke does by its words: `deepest_um`, `dose_steps`, `dose_nl`, `period_us`. Raises AuditFailed."""

    def __init__(self, stroke: Stroke, settings: Settings, hardware: Hardware) -> None:
        self._stroke = stroke
        self._settings = settings
        self._hardware = hardware
        without = self._walk(0)
        with_last = self._walk(1)
        if without[0] != with_last[0] or without[2] != with_last[2]:
            raise AuditFailed("the two variants differ in depth or period")
        if with_last[1] != without[1] + (1 if settings.dose_nl else 0):
            raise AuditFailed("the two variants do not differ by one plunger step")
        self.deepest_um = without[0] * hardware.needle_nm_per_step // 1000
        self.dose_steps = without[1]
        self.period_us = without[2]
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        unit = 355 * bore2 * hardware.plunger_nm_per_step  # one step in nl / 452e9
        wanted = settings.dose_nl * 452_000_000_000
        if not self.dose_steps * unit <= wanted < (self.dose_steps + 1) * unit:
            raise AuditFailed("the dose is not within a step of %d nl" % settings.dose_nl)
        self.dose_nl = self.dose_steps * unit // 452_000_000_000
        if self.deepest_um != settings.depth_um or self.deepest_um > limits.DEPTH_CAP_UM:
            raise AuditFailed("depth is %d um, asked for %d" % (self.deepest_um, settings.depth_um))
        if self.period_us != settings.period_us:
            raise AuditFailed("period is %d us, asked for %d" % (self.period_us, settings.period_us))

    def _walk(self, variant: int) -> tuple:  # type: ignore[type-arg]
        hw = self._hardware
        self._needle = Axis("needle", hw.needle_nm_per_step, hw.needle_um_s, hw.needle_out_mm_s2)
        self._plunger = Axis("plunger", hw.plunger_nm_per_step, hw.plunger_um_s, hw.plunger_mm_s2)
        bore2 = self._settings.syringe_bore_um * self._settings.syringe_bore_um
        self._flow_us = 355 * bore2 * hw.plunger_nm_per_step // (452_000 * self._settings.flow_nl_s)
        self._cap = limits.DEPTH_CAP_UM * 1000 // hw.needle_nm_per_step
        self._position = self._deepest = self._time_us = self._pins = 0
        self._turning = -1
        listed = self._stroke.lists[variant]
        for at in range(0, len(listed), 3):
            offset, length, times = listed[at], listed[at + 1], listed[at + 2]
            if offset + length > self._stroke.length:
                raise AuditFailed("a block lies outside the stroke")
            self._block(offset, length, times)
        if self._position:
            raise AuditFailed("the needle does not end at home")
        self._needle.rest()
        self._plunger.rest()
        return self._deepest, self._plunger.steps, self._time_us

    def _block(self, offset: int, length: int, times: int) -> None:
        words = self._stroke.words
        # A repeated block settles into the same speed after a few rounds: walk those, then count the rest.
        walked = min(times, 2 * WINDOW + 2)
        for self._round in range(walked):
            before = (self._position, self._plunger.steps, self._time_us)
            for i in range(offset, offset + length):
                self._word(words[i])
        more = times - walked
        if more > 0:
            self._position += more * (self._position - before[0])
            self._plunger.steps += more * (self._plunger.steps - before[1])
            self._time_us += more * (self._time_us - before[2])
            self._deepest = max(self._deepest, self._position)
            self._reach()

    def _word(self, word: int) -> None:
        pins = word & 63
        hold_us = word >> 6
        if pins & ~KNOWN_PINS or hold_us < 1:
            raise AuditFailed("a word is no pin pattern of a stroke")
        rising = pins & ~self._pins
        inwards = pins & NEEDLE_IN
        if inwards != self._pins & NEEDLE_IN and pins & NEEDLE_STEP:
            raise AuditFailed("the needle turns and steps at once")
        if rising & NEEDLE_STEP:
            self._needle_step(inwards)
        if rising & PLUNGER_STEP:
            self._plunger_step()
        for step in (NEEDLE_STEP, PLUNGER_STEP):
            if pins & step and (not rising & step or hold_us < 2):
                raise AuditFailed("a step pulse is cut or repeated")
        self._pins = pins
        self._needle.since_us += hold_us
        self._plunger.since_us += hold_us
        self._time_us += hold_us

    def _needle_step(self, inwards: int) -> None:
        if inwards != self._turning:
            # only walked rounds are looked into: to and fro in a round not walked would hide how deep it goes
            if self._round:
                raise AuditFailed("the needle turns inside a repeated block")
            self._needle.rest()
            self._turning = inwards
        self._needle.step()
        self._position += -1 if inwards else 1
        self._deepest = max(self._deepest, self._position)
        self._reach()

    def _plunger_step(self) -> None:
        if self._position != self._deepest or self._position * self._hardware.needle_nm_per_step != self._settings.depth_um * 1000:
            raise AuditFailed("the plunger moves while the needle is not at depth")
        if self._plunger.since_us < self._flow_us:
            raise AuditFailed("flow is more than %d nl/s" % self._settings.flow_nl_s)
        self._plunger.step()

    def _reach(self) -> None:
        if not 0 <= self._position <= self._cap:
            raise AuditFailed("the needle would go to %d um" % (self._position * self._hardware.needle_nm_per_step // 1000))
