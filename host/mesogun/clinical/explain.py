"""A protocol and its plan become plain figures here: what will be done, how long it takes, what to be aware of.

This is data only: `mesogun explain` decides how it looks on a screen and in JSON. Units are in the names.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

from mesogun.clinical.at_depth import HOLD_MAX_S, hand_mm_s
from mesogun.clinical.delivery import HAND_S, Delivery, percent, percent_up
from mesogun.clinical.plans import PassPlan, Plan
from mesogun.clinical.protocol import Pass, Protocol
from mesogun.clinical.rules import Finding, findings
from mesogun.clinical.techniques import depth_class
from mesogun.sheet import Sheet, Table
from mesogun.telling import to_dict
from mesogun_fw.talk.messages import CONSTANT_FLOW

NOTICE = (
    "This software is not a cleared medical device and gives no medical advice. "
    "No controlled study shows that the treatment works; nothing here claims that it does."
)


@dataclass(frozen=True)
class PassRow:
    """A row shows one pass; what its mode has not is None. `in_words` says what hand and gun do.

    `depth_mm` is along the needle, `depth_across_mm` across the skin, where the class of depth is read off.

    `stroke_s` is the gun's time, `hand_s` is an allowance for the hand's; `period_share` is how full a period is. A hand that
    glides draws the needle `hand_way_mm` through the skin. `estimated_at_depth` is no measurement (A), None where there is no
    dose; `estimate` says it in words.
    """

    number: int
    technique: str
    mode: str
    depth_class: str
    depth_mm: float
    angle_deg: int
    depth_across_mm: float
    rate_hz: float | None
    dose_ul: float | None
    flow_ul_s: float | None
    seconds: int | None
    dwell_ms: float | None
    points: int | None
    spacing_mm: float | None
    shots_per_press: int | None
    volume_ml: float
    stroke_s: float
    hand_s: float
    period_share: float
    in_words: str
    hand_way_mm: float
    estimated_at_depth: Delivery | None
    estimate: str


@dataclass(frozen=True)
class IngredientRow:
    """A row shows one ingredient of the syringe; the diluent is a row too, of group "diluent"."""

    name: str
    group: str
    volume_ml: float


@dataclass(frozen=True)
class Explanation:
    """An Explanation is everything a practitioner reads before a session.

    `residue_ml` is what stays in syringe and line, or is waste. `shots` are injections, one at a point each; `flow_s` are
    seconds of constant flow; `counted` is both in words.
    """

    schema: Literal["explanation/1"] = field(default="explanation/1", kw_only=True)
    title: str
    area: str
    indication: str
    needle: str
    syringe: str
    cocktail: tuple[IngredientRow, ...]
    passes: tuple[PassRow, ...]
    shots: int
    flow_s: int
    counted: str
    volume_ml: float
    filled_ml: float
    residue_ml: float
    deepest_mm: float
    deepest_across_mm: float
    stroke_s: float
    expected_s: float
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    protocol_digest: str
    notice: str = NOTICE

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it."""
        return to_dict(self)

    def __str__(self) -> str:
        return self._sheet().text()

    def _repr_html_(self) -> str:
        return self._sheet().html()

    def _sheet(self) -> Sheet:
        facts = {"for": self.indication, "area": self.area, "needle": self.needle, "syringe": self.syringe}
        facts["in all"] = f"{self.counted}, {self.volume_ml:g} ml, deepest {self.deepest_mm:g} mm"
        facts["time"] = f"about {self.expected_s:.0f} s, {self.stroke_s:.0f} s of it the gun's"
        passes = Table(
            (" pass", "technique", " depth mm", " volume ml", "what hand and gun do"),
            [(str(one.number), one.technique, f"{one.depth_mm:g}", f"{one.volume_ml:g}", one.in_words) for one in self.passes],
        )
        cocktail = Table(("ingredient", "group", " ml"), [(one.name, one.group, f"{one.volume_ml:g}") for one in self.cocktail])
        aware = [f"{one.severity}: {one.field} = {one.value}: {one.message}. {one.remedy}" for one in self.findings]
        mixed = [cocktail] if self.cocktail else []
        return Sheet(self.title, [facts, passes, *mixed, *aware, f"Sources: {'; '.join(self.sources)}", self.notice])


def explain(protocol: Protocol, plan: Plan) -> Explanation:
    """Explains this protocol; `plan` is the plan made of it. Raises nothing that making the plan did not."""
    passes = tuple(_row(wanted, planned) for wanted, planned in zip(protocol.passes, plan.passes, strict=True))
    filled_ml = protocol.syringe.filled_ml
    stroke_s = plan.duration_ms / 1000
    return Explanation(
        title=plan.title,
        area=protocol.area,
        indication=protocol.indication,
        needle=f"{protocol.needle.gauge}, {protocol.needle.length_mm:g} mm",
        syringe=_syringe(protocol),
        cocktail=_cocktail(protocol),
        passes=passes,
        shots=plan.shots - plan.flow_s,
        flow_s=plan.flow_s,
        counted=plan.counted,
        volume_ml=plan.volume_nl / 1e6,
        filled_ml=filled_ml,
        residue_ml=(plan.head.syringe_nl - plan.volume_nl) / 1e6,
        deepest_mm=plan.deepest_um / 1000,
        deepest_across_mm=protocol.deepest_across_mm,
        stroke_s=stroke_s,
        expected_s=stroke_s + sum(row.hand_s for row in passes),
        findings=findings(protocol),
        sources=protocol.sources,
        protocol_digest=plan.protocol_digest,
    )


def _syringe(protocol: Protocol) -> str:
    syringe = protocol.syringe
    kind = f"{syringe.size_ml:g} ml, {'glass or COC' if syringe.stiff else 'plastic'}"
    line = f", on a line of {syringe.line}" if syringe.line else ""
    return f"{kind}{line}, filled with {syringe.filled_ml:g} ml"


def _row(wanted: Pass, planned: PassPlan) -> PassRow:
    shots_per_press = None if wanted.mode in ("continuous", "constant flow") else planned.burst
    return PassRow(
        number=planned.number,
        technique=planned.technique,
        mode=wanted.mode,
        depth_class=depth_class(round(wanted.across_mm * 1000)),
        depth_mm=planned.depth_um / 1000,
        angle_deg=wanted.angle_deg,
        depth_across_mm=wanted.across_mm,
        rate_hz=wanted.rate_hz,
        dose_ul=wanted.dose_ul,
        flow_ul_s=wanted.flow_ul_s,
        seconds=wanted.seconds,
        dwell_ms=None if wanted.mode == "retrograde" else planned.dwell_us / 1000,
        points=wanted.points,
        spacing_mm=wanted.spacing_mm,
        shots_per_press=shots_per_press,
        volume_ml=planned.volume_nl / 1e6,
        stroke_s=planned.shots * planned.period_us / 1e6,
        hand_s=_presses(planned, shots_per_press) * HAND_S,
        period_share=planned.shortest_us / planned.period_us,
        in_words=_in_words(wanted, planned),
        hand_way_mm=round(hand_mm_s(wanted) * (planned.dispense_us + planned.dwell_us) / 1e6, 3),
        estimated_at_depth=planned.delivery,
        estimate=estimate(wanted, planned),
    )


def estimate(wanted: Pass, planned: PassPlan) -> str:
    """Returns in words what of a pass's doses is estimated to be at depth, "" where there is no dose."""
    found = planned.delivery
    if not found:
        return ""
    share, first = found.share, min(found.first.low, found.after_pause.low)
    hold = f", when a place is held for {planned.least_hold_s} s at least" if planned.least_hold_s else ""
    first_one = "press" if planned.mode == CONSTANT_FLOW else "shot"
    blocked = "one dose" if found.blocked_shots == 1 else f"{found.blocked_shots} doses"
    accepted = f"; from {wanted.least_share_percent} % on accepted: {wanted.less_share_because}" if wanted.accepts_less else ""
    skin = f"where the skin differs by 10 kPa a dose differs by {percent_up(found.uniformity)}"
    band = f"{percent(share.low)} to {percent_up(share.high)} of each dose, {percent(share.mean)} at the mean"
    return (
        f"{band}, and {percent(first)} of a first {first_one} at the least{hold}; up to {found.after_doses.high:.2g} doses run out "
        f"after the last; {skin}; behind a blocked needle {blocked} reach 20 kPa{accepted} (estimated, A)"
    )


def _presses(planned: PassPlan, shots_per_press: int | None) -> int:
    """Returns the least number of presses: flow goes on for as long as the trigger may be held."""
    if planned.mode == CONSTANT_FLOW:
        return ceil(planned.shots / HOLD_MAX_S)
    return ceil(planned.shots / shots_per_press) if shots_per_press else 1


def _in_words(wanted: Pass, planned: PassPlan) -> str:
    depth = f"{wanted.depth_mm:g} mm"
    if wanted.angle_deg != 90:
        depth += f" (held at {wanted.angle_deg}° to the skin: {wanted.across_mm:g} mm deep)"
    if wanted.mode == "constant flow":
        return (
            f"the needle goes in {depth} and stays while the trigger is held: {wanted.flow_ul_s:g} µl flow a second, "
            f"{wanted.seconds} s in all, at most {HOLD_MAX_S} s to a press. Letting go cuts a second short: what has flowed of it "
            "comes on top, and the second is given again"
        )
    dose = f"{wanted.dose_ul:g} µl" if wanted.dose_ul else "no drug"
    points = f"{wanted.points} points, {wanted.spacing_mm:g} mm apart"
    if wanted.mode == "retrograde":
        taking = f"in {planned.shortest_us / 1e6:.1f} s with its way in"
        return f"{points}: each press puts the needle in {depth} and gives {dose} along its way back, {taking}"
    if wanted.mode == "continuous":
        gliding = f"; a hand that glides at {hand_mm_s(wanted):g} mm/s takes the needle along" if hand_mm_s(wanted) else ""
        return f"{points}: {dose} at {depth}, {wanted.rate_hz:g} times a second while the trigger is held{gliding}"
    press = f"a burst of {planned.burst}, {wanted.rate_hz:g} a second" if wanted.mode == "burst" else "one shot"
    return f"{points}: each press makes {press}, {dose} at {depth}"


def _cocktail(protocol: Protocol) -> tuple[IngredientRow, ...]:
    if not protocol.cocktail:
        return ()
    rows = [IngredientRow(one.name, one.group, one.volume_ml) for one in protocol.cocktail.ingredients]
    if protocol.cocktail.diluent:
        rows.append(IngredientRow(protocol.cocktail.diluent.name, "diluent", protocol.cocktail.diluent.volume_ml))
    return tuple(rows)
