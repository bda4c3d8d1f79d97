"""Passes as loaded: collected in order, checked, fingerprinted, then immutable. The device's own check of every figure.

Net 2 for depth, first half: whatever the host believes, a pass outside the ceilings of limits.py is refused here.
"""

from mesogun_fw import limits
from mesogun_fw.config import Hardware
from mesogun_fw.stroke import dose
from mesogun_fw.stroke.drive import figures
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import frames, messages, refusals


class Refusal(Exception):
    """Why a request is not done: code of explanations.REFUSALS, field index or -1, value, lowest and highest accepted."""

    def __init__(self, code: int, field: int = -1, value: int = 0, low: int = 0, high: int = 0) -> None:
        super().__init__(code)
        self.row = [code, field, value, low, high]


class Pass:
    """One pass: the fields of message `pass`, and how many whole shots of it were made."""

    def __init__(self, values: list) -> None:  # type: ignore[type-arg]
        (
            self.index,
            self.mode,
            self.shots,
            self.burst,
            self.depth_um,
            self.needle_um_s,
            self.dose_nl,
            self.flow_nl_s,
            self.dwell_us,
            self.period_us,
        ) = values
        self.values = values
        self.done = 0

    def settings(self, syringe_bore_um: int) -> Settings:
        return Settings(
            self.depth_um,
            self.needle_um_s,
            self.dose_nl,
            self.flow_nl_s,
            self.dwell_us,
            self.period_us,
            syringe_bore_um,
            self.mode,
        )

    def adjusted(self, values: list) -> "Pass":  # type: ignore[type-arg]
        """The same pass with depth, needle speed, dose, flow, dwell and period of message `adjust`."""
        return Pass(self.values[:4] + values)


class Program:
    """begin → add … → commit. Every method raises Refusal and then changes nothing."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self.passes: list = []  # type: ignore[type-arg]
        self.committed = False
        self._expected = 0
        self._bodies: list = []  # type: ignore[type-arg]
        self.syringe_bore_um = 0
        self.syringe_nl = 0
        self._flow_max_nl_s = 0
        self.digest = 0

    def begin(self, values: list) -> None:  # type: ignore[type-arg]
        bore = values[1]
        if not limits.SYRINGE_BORE_MIN_UM <= bore <= limits.SYRINGE_BORE_MAX_UM:
            raise Refusal(refusals.OUT_OF_RANGE, 1, bore, limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM)
        self.committed = False
        self.passes = []
        self._expected, self.syringe_bore_um, self.syringe_nl, self._flow_max_nl_s = values
        self._bodies = [frames.body("begin", values)]

    def add(self, values: list) -> None:  # type: ignore[type-arg]
        if self.committed or not self._bodies or len(self.passes) >= self._expected or values[0] != len(self.passes):
            raise Refusal(refusals.WRONG_ORDER, 0, values[0], len(self.passes), len(self.passes))
        one = Pass(values)
        self.check(one)
        self._bodies.append(frames.body("pass", values))
        self.passes.append(one)

    def commit(self, digest: int) -> list:  # type: ignore[type-arg]
        """Values of the answer `program`: what this device derives from what it stored."""
        if not self._bodies or len(self.passes) != self._expected:
            raise Refusal(refusals.WRONG_ORDER, -1, len(self.passes), self._expected, self._expected)
        stored = frames.digest(self._bodies)
        if stored != digest:
            raise Refusal(refusals.DIGEST_DIFFERS, 0, digest, stored, stored)
        shots = deepest_um = volume_nl = duration_us = 0
        for one in self.passes:
            shots += one.shots
            deepest_um = max(deepest_um, one.depth_um)
            volume_nl += one.shots * one.dose_nl
            duration_us += one.shots * one.period_us
        if volume_nl > self.syringe_nl:
            raise Refusal(refusals.VOLUME_TOO_LARGE, -1, volume_nl, 0, self.syringe_nl)
        self.committed = True
        self.digest = stored
        return [stored, shots, deepest_um, volume_nl, duration_us // 1000]

    def check(self, one: Pass) -> None:
        """Raises Refusal unless the gun can do this pass, whatever the host believes."""
        for field, low, high in (
            (1, messages.SINGLE, messages.RETROGRADE),
            (2, 1, limits.SHOTS_PER_PASS_MAX),
            (3, 1, limits.BURST_MAX),
            (4, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
            (5, limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
            (6, 0, limits.DOSE_MAX_NL),
            (7, limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
            (8, 0, limits.DWELL_MAX_US),
            (9, limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
        ):
            if not low <= one.values[field] <= high:
                raise Refusal(refusals.OUT_OF_RANGE, field, one.values[field], low, high)
        if one.depth_um % limits.DEPTH_STEP_UM:
            raise Refusal(refusals.NOT_A_STEP, 4, one.depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM)
        if 0 < one.dose_nl < limits.DOSE_MIN_NL:
            raise Refusal(refusals.OUT_OF_RANGE, 6, one.dose_nl, limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)
        if 0 < one.dwell_us < limits.DWELL_MIN_US:
            raise Refusal(refusals.OUT_OF_RANGE, 8, one.dwell_us, limits.DWELL_MIN_US, limits.DWELL_MAX_US)
        if one.burst > 1 and one.mode != messages.BURST:
            raise Refusal(refusals.MODE_CONFUSED, 3, one.burst, 1, 1)
        if one.flow_nl_s > self._flow_max_nl_s:
            raise Refusal(refusals.FLOW_TOO_FAST, 7, one.flow_nl_s, limits.FLOW_MIN_NL_S, self._flow_max_nl_s)
        if one.dose_nl > self.syringe_nl:
            raise Refusal(refusals.NO_SYRINGE, 6, one.dose_nl, 0, self.syringe_nl)
        if one.mode == messages.CONSTANT_FLOW and one.period_us != dose.BODY_US:
            raise Refusal(refusals.OUT_OF_RANGE, 9, one.period_us, dose.BODY_US, dose.BODY_US)
        if one.mode in (messages.CONSTANT_FLOW, messages.RETROGRADE) and not one.dose_nl:
            raise Refusal(refusals.OUT_OF_RANGE, 6, 0, limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)
        try:
            shortest_us = figures(one.settings(self.syringe_bore_um), self._hardware).shortest_us
        except ValueError as wrong:
            if str(wrong) == "mode":
                raise Refusal(refusals.MODE_NOT_HERE, 1, one.mode, messages.SINGLE, messages.CONSTANT_FLOW)
            raise Refusal(refusals.FLOW_TOO_FAST, 7, one.flow_nl_s, limits.FLOW_MIN_NL_S, self._flow_max_nl_s)
        if shortest_us > one.period_us:
            raise Refusal(refusals.PERIOD_TOO_SHORT, 9, one.period_us, shortest_us, limits.PERIOD_MAX_US)
