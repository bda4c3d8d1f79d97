"""A protocol and its plan as plain figures for the practitioner: what will be done, how long it takes, what to be aware of.

Only data: faces (terminal, page, JSON) decide how it looks. Units are in the names.
"""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from mesogun.planning import PassPlan, Plan
from mesogun.protocol import Pass, Protocol
from mesogun.rules import Finding, findings

NOTICE = (
    "This software is not a cleared medical device and gives no medical advice. "
    "No controlled study shows that the treatment works; nothing here claims that it does."
)
HAND_S_PER_PRESS = 1.0  # A: lift, move, set down, press. In continuous mode the hand moves while the needle rests


@dataclass(frozen=True)
class PassRow:
    """One pass. `stroke_s` is the gun's time, `hand_s` an allowance for the hand's; `period_share` is how full a period is."""

    number: int
    technique: str
    mode: str
    depth_class: str
    depth_mm: float
    rate_hz: float
    dose_ul: float
    dwell_ms: float
    points: int
    spacing_mm: float
    shots_per_press: int | None
    volume_ml: float
    stroke_s: float
    hand_s: float
    period_share: float


@dataclass(frozen=True)
class IngredientRow:
    name: str
    group: str
    volume_ml: float


@dataclass(frozen=True)
class Explanation:
    """Everything a practitioner reads before a session; `residue_ml` is what stays in syringe and line, or is waste."""

    title: str
    area: str
    indication: str
    needle: str
    syringe: str
    cocktail: tuple[IngredientRow, ...]
    passes: tuple[PassRow, ...]
    shots: int
    volume_ml: float
    filled_ml: float
    residue_ml: float
    deepest_mm: float
    stroke_s: float
    expected_s: float
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    protocol_digest: str
    notice: str = NOTICE

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def explain(protocol: Protocol, plan: Plan) -> Explanation:
    """The explanation of this protocol; `plan` is the plan made of it. Raises nothing that `plan` did not."""
    passes = tuple(_row(wanted, planned) for wanted, planned in zip(protocol.passes, plan.passes, strict=True))
    filled_ml = protocol.syringe.filled_ml
    stroke_s = plan.duration_ms / 1000
    return Explanation(
        title=plan.title,
        area=protocol.area,
        indication=protocol.indication,
        needle=f"{protocol.needle.gauge}, {protocol.needle.length_mm:g} mm",
        syringe=f"{protocol.syringe.size_ml:g} ml, filled with {filled_ml:g} ml",
        cocktail=_cocktail(protocol),
        passes=passes,
        shots=plan.shots,
        volume_ml=plan.volume_nl / 1e6,
        filled_ml=filled_ml,
        residue_ml=(plan.begin[2] - plan.volume_nl) / 1e6,
        deepest_mm=plan.deepest_um / 1000,
        stroke_s=stroke_s,
        expected_s=stroke_s + sum(row.hand_s for row in passes),
        findings=findings(protocol),
        sources=protocol.sources,
        protocol_digest=plan.protocol_digest,
    )


def _row(wanted: Pass, planned: PassPlan) -> PassRow:
    shots_per_press = None if wanted.mode == "continuous" else planned.burst
    presses = ceil(planned.shots / shots_per_press) if shots_per_press else 1
    return PassRow(
        number=planned.index + 1,
        technique=planned.technique,
        mode=wanted.mode,
        depth_class=planned.depth_class,
        depth_mm=planned.depth_um / 1000,
        rate_hz=wanted.rate_hz,
        dose_ul=planned.dose_nl / 1000,
        dwell_ms=planned.dwell_us / 1000,
        points=planned.shots,
        spacing_mm=wanted.spacing_mm,
        shots_per_press=shots_per_press,
        volume_ml=planned.volume_nl / 1e6,
        stroke_s=planned.shots * planned.period_us / 1e6,
        hand_s=presses * HAND_S_PER_PRESS,
        period_share=planned.shortest_us / planned.period_us,
    )


def _cocktail(protocol: Protocol) -> tuple[IngredientRow, ...]:
    if not protocol.cocktail:
        return ()
    rows = [IngredientRow(one.name, one.group, one.volume_ml) for one in protocol.cocktail.ingredients]
    if protocol.cocktail.diluent:
        rows.append(IngredientRow(protocol.cocktail.diluent.name, "diluent", protocol.cocktail.diluent.volume_ml))
    return tuple(rows)
