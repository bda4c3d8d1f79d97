"""Passes are collected in order, checked, fingerprinted, and then immutable. This is the device's own check of every figure.

It is the first half of net 2 for depth: whatever the host believes, a pass outside the ceilings of limits.py is refused here.
"""

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.stroke import dose
from mesogun_fw.stroke.drive import figures
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import frames, messages, refusals

DIGEST_BITS = 48


class Pass:
    """One pass has the fields of message `pass`, and counts how many whole shots of it were made."""

    index: int
    mode: int
    shots: int
    burst: int
    depth_um: int
    needle_um_s: int
    dose_nl: int
    flow_nl_s: int
    dwell_us: int
    period_us: int

    def __init__(self, fields: dict) -> None:  # type: ignore[type-arg]
        self.fields = fields
        for name in fields:
            setattr(self, name, fields[name])
        self.done = 0

    def left(self) -> int:
        """So many whole shots are still to make."""
        return self.shots - self.done

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

    def adjusted(self, fields: dict) -> "Pass":  # type: ignore[type-arg]
        """This is the same pass with the fields of message `adjust`."""
        wanted = dict(self.fields)
        wanted.update(fields)
        return Pass(wanted)


class Program:
    """A program goes load → add … → commit. Every method raises Refusal and then changes nothing."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self.passes: list = []  # type: ignore[type-arg]
        self.committed = False
        self._expected = 0
        self._bodies: list = []  # type: ignore[type-arg]
        self.syringe_bore_um = 0
        self.holds_nl = 0  # the syringe, when this program was loaded
        self._flow_max_nl_s = 0
        self.number = 0  # the journal knows it by this: its digest, and above that whose it is

    def load(self, fields: dict, used_nl: int = 0) -> None:  # type: ignore[type-arg]
        """A program is loaded anew: its head is the `fields` of message `begin`, by name. So much has left the syringe already."""
        bore_um = fields["syringe_bore_um"]
        low, high = limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM
        if not low <= bore_um <= high:
            raise Refusal(refusals.OUT_OF_RANGE, "syringe_bore_um", bore_um, low, high)
        self.committed = False
        self.passes = []
        self._expected = fields["passes"]
        self.syringe_bore_um = bore_um
        self.holds_nl = max(0, fields["syringe_nl"] - used_nl)
        self._flow_max_nl_s = fields["flow_max_nl_s"]
        self._bodies = [frames.body("begin", frames.row("begin", fields))]

    def add(self, fields: dict) -> None:  # type: ignore[type-arg]
        """A pass is added by the `fields` of message `pass`, by name."""
        due = len(self.passes)
        if self.committed or not self._bodies or due >= self._expected or fields["index"] != due:
            raise Refusal(refusals.WRONG_ORDER, "index", fields["index"], due, due)
        one = Pass(fields)
        self.check(one)
        self._bodies.append(frames.body("pass", frames.row("pass", fields)))
        self.passes.append(one)

    def commit(self, digest: int, tag: int = 0) -> list:  # type: ignore[type-arg]
        """The answer `program` has these values: this device derives them from what it stored."""
        if not self._bodies or len(self.passes) != self._expected:
            raise Refusal(refusals.WRONG_ORDER, "", len(self.passes), self._expected, self._expected)
        stored = frames.digest(self._bodies)
        if stored != digest:
            raise Refusal(refusals.DIGEST_DIFFERS, "digest", digest, stored, stored)
        shots = deepest_um = volume_nl = duration_us = 0
        for one in self.passes:
            shots += one.shots
            deepest_um = max(deepest_um, one.depth_um)
            volume_nl += one.shots * one.dose_nl
            duration_us += one.shots * one.period_us
        if volume_nl > self.holds_nl:
            raise Refusal(refusals.VOLUME_TOO_LARGE, "", volume_nl, 0, self.holds_nl)
        self.committed = True
        self.number = stored | tag << DIGEST_BITS
        return [stored, shots, deepest_um, volume_nl, duration_us // 1000]

    def check(self, one: Pass) -> None:
        """It raises Refusal unless the gun can do this pass, whatever the host believes."""
        for field, low, high in (
            ("mode", messages.SINGLE, messages.RETROGRADE),
            ("shots", 1, limits.SHOTS_PER_PASS_MAX),
            ("burst", 1, limits.BURST_MAX),
            ("depth_um", limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
            ("needle_um_s", limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
            ("dose_nl", 0, limits.DOSE_MAX_NL),
            ("flow_nl_s", limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
            ("dwell_us", 0, limits.DWELL_MAX_US),
            ("period_us", limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
        ):
            if not low <= one.fields[field] <= high:
                raise Refusal(refusals.OUT_OF_RANGE, field, one.fields[field], low, high)
        if one.depth_um % limits.DEPTH_STEP_UM:
            raise Refusal(refusals.NOT_A_STEP, "depth_um", one.depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM)
        if 0 < one.dose_nl < limits.DOSE_MIN_NL:
            raise Refusal(refusals.OUT_OF_RANGE, "dose_nl", one.dose_nl, limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)
        if 0 < one.dwell_us < limits.DWELL_MIN_US:
            raise Refusal(refusals.OUT_OF_RANGE, "dwell_us", one.dwell_us, limits.DWELL_MIN_US, limits.DWELL_MAX_US)
        if one.burst > 1 and one.mode != messages.BURST:
            raise Refusal(refusals.MODE_CONFUSED, "burst", one.burst, 1, 1)
        if one.flow_nl_s > self._flow_max_nl_s:
            raise Refusal(refusals.FLOW_TOO_FAST, "flow_nl_s", one.flow_nl_s, limits.FLOW_MIN_NL_S, self._flow_max_nl_s)
        if one.dose_nl > self.holds_nl:
            raise Refusal(refusals.NO_SYRINGE, "dose_nl", one.dose_nl, 0, self.holds_nl)
        if one.mode == messages.CONSTANT_FLOW and one.period_us != dose.BODY_US:
            raise Refusal(refusals.OUT_OF_RANGE, "period_us", one.period_us, dose.BODY_US, dose.BODY_US)
        if one.mode in (messages.CONSTANT_FLOW, messages.RETROGRADE) and not one.dose_nl:
            raise Refusal(refusals.OUT_OF_RANGE, "dose_nl", 0, limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)
        try:
            shortest_us = figures(one.settings(self.syringe_bore_um), self._description).shortest_us
        except ValueError as wrong:
            if str(wrong) == "mode":
                raise Refusal(refusals.MODE_NOT_HERE, "mode", one.mode, messages.SINGLE, messages.CONSTANT_FLOW)
            raise Refusal(refusals.FLOW_TOO_FAST, "flow_nl_s", one.flow_nl_s, limits.FLOW_MIN_NL_S, self._flow_max_nl_s)
        if shortest_us > one.period_us:
            raise Refusal(refusals.PERIOD_TOO_SHORT, "period_us", one.period_us, shortest_us, limits.PERIOD_MAX_US)
