"""A protocol becomes a plan: the integers that go to the device, in the order of its messages. It is converted nowhere else.

What cannot be done is refused here, with the reason and the nearest thing that works. This is net 1 for depth: whatever
checked the protocol before, no plan goes past limits.DEPTH_CAP_UM.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mesogun.clinical import at_depth, delivery_problems, plan_problems
from mesogun.clinical.delivery import Path
from mesogun.clinical.needles import needle_flow_nl_s
from mesogun.clinical.plan_problems import Ceilings
from mesogun.clinical.plans import Head, PassPlan, Plan, told
from mesogun.clinical.protocol import Pass, Protocol
from mesogun.clinical.protocol_problems import shown
from mesogun.clinical.quantities import QUANTITIES, SECOND_US
from mesogun.clinical.rules import BLOCK, findings
from mesogun.clinical.syringes import swept_nl
from mesogun.clinical.techniques import MODES
from mesogun.clinical.toml_places import in_order, located
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.drive import figures as figures_of
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE

DRAW_PERIOD_STEP_US = 100_000  # A: nobody sets the period of a retrograde shot; it is told in tenths of a second


@dataclass(frozen=True)
class DeviceLimits:
    """These are the ceilings of limits.py: they stand for a gun that is not at hand."""

    depth_cap_um: int = limits.DEPTH_CAP_UM
    dose_max_nl: int = limits.DOSE_MAX_NL
    period_min_us: int = limits.PERIOD_MIN_US
    flow_max_nl_s: int = limits.FLOW_MAX_NL_S


REFERENCE = Description()
ANY_DEVICE = DeviceLimits()


def plan(protocol: Protocol, description: Description = REFERENCE, device: Ceilings = ANY_DEVICE) -> Plan:
    """Returns the plan of a protocol on this gun. Raises Refused with every reason why it cannot be done, in clinical words."""
    _refuse(_unconvertible(protocol), protocol)
    _refuse(list(delivery_problems.unknown(protocol)), protocol)
    syringe_nl = QUANTITIES["filled_ml"].counts(protocol.syringe.filled_ml)
    bore_um = at_depth.barrel_of(protocol).bore_um
    flow_max_nl_s, flow_nl_s = _flows(protocol, description, device)

    problems = [finding.problem() for finding in findings(protocol) if finding.severity == BLOCK]
    if flow_nl_s < limits.FLOW_MIN_NL_S:
        _refuse([*problems, plan_problems.too_thick(protocol, flow_nl_s)], protocol)
    passes: list[PassPlan] = []
    way = at_depth.path_of(protocol)
    for index, one in enumerate(protocol.passes):
        settings = _settings(one, flow_nl_s, bore_um, description)
        cannot = list(plan_problems.beyond_drive(index, one, settings, description))
        problems += cannot
        if not cannot:
            passes.append(_pass(index, one, settings, way, description, device))
    for planned in passes:
        problems += plan_problems.beyond_gun(planned, description, device)
        problems += plan_problems.too_long(planned)
    problems += plan_problems.too_much(passes, syringe_nl, swept_nl(bore_um, description.plunger_travel_um))
    _refuse(problems, protocol)

    def tried(other: Protocol, one: Pass) -> PassPlan:
        settings = _settings(one, _flows(other, description, device)[1], at_depth.barrel_of(other).bore_um, description)
        return _pass(0, one, settings, at_depth.path_of(other), description, device)

    for made, one in zip(passes, protocol.passes, strict=True):
        problems += delivery_problems.not_at_depth(made, one, protocol, tried)
    _refuse(problems, protocol)
    return _whole(protocol, tuple(passes), Head(len(passes), bore_um, syringe_nl, flow_max_nl_s))


def rest(protocol: Protocol, whole: Plan, left: Mapping[int, int], filled_nl: int, used_nl: int) -> Plan:
    """Returns the plan of what is left of a whole one: `left` shots by number of the pass, from a syringe that holds this now.

    It has only passes with something left. `used_nl` left this syringe before, which the device takes off. Raises Refused when
    the syringe does not hold it.
    """
    passes = [one for one in whole.passes if left[one.number]]
    ours = tuple(replace(one, index=index, shots=left[one.number]) for index, one in enumerate(passes))
    volume_nl = sum(one.volume_nl for one in ours)
    if volume_nl > filled_nl:
        limit = f"what is left takes {volume_nl / 1e6:g} ml"
        _refuse([Problem("filled", f"{filled_nl / 1e6:g} ml", limit, "Put in a syringe that holds that")], protocol)
    return _whole(protocol, ours, whole.head._replace(passes=len(ours), syringe_nl=min(filled_nl + used_nl, limits.SYRINGE_MAX_NL)))


def _refuse(problems: list[Problem], protocol: Protocol) -> None:
    if problems:
        raise Refused(*in_order(located(protocol.text, problems)))


def _unconvertible(protocol: Protocol) -> list[Problem]:
    """Judges every number again: a protocol that was built without its models' checks is no reason to pass a wrong one on."""
    problems = []
    for field, quantity, value in protocol.numbers():
        wrong = quantity.wrong(value)
        if wrong:
            problems.append(Problem(field, shown(value), wrong.limit, wrong.remedy))
    return problems


def _counts(one: Pass, key: str) -> int:
    """Returns the value in the device's unit: 0 for a key that the pass leaves out, and for the dose of dry needling."""
    value = getattr(one, key)
    return QUANTITIES[key].counts(value) if value else 0


def _flows(protocol: Protocol, description: Description, device: Ceilings) -> tuple[int, int]:
    """Returns what needle and gun allow at all, and what this plunger makes of it in this syringe, in nl/s."""
    needle_nl_s = needle_flow_nl_s(protocol.needle.gauge, protocol.needle.length_mm, at_depth.viscosity_mpa_s(protocol))
    most_nl_s = min(needle_nl_s, device.flow_max_nl_s, limits.FLOW_MAX_NL_S)
    return most_nl_s, min(most_nl_s, swept_nl(at_depth.barrel_of(protocol).bore_um, description.plunger_um_s))


def _settings(one: Pass, flow_nl_s: int, bore_um: int, description: Description) -> Settings:
    """Returns one shot, or one second of flow. The period of a retrograde shot is 0: it follows from the shot's figures."""
    mode = MODES[one.mode]
    dose_nl, dwell_us, period_us = _counts(one, "dose_ul"), _counts(one, "dwell_ms"), 0
    if mode == CONSTANT_FLOW:
        dose_nl, period_us = _counts(one, "flow_ul_s"), BODY_US
    elif mode != RETROGRADE:
        period_us = round(QUANTITIES["rate_hz"].per_unit * SECOND_US / _counts(one, "rate_hz"))
    needle_um_s = _counts(one, "needle_mm_s") or description.needle_um_s
    return Settings(_counts(one, "depth_mm"), needle_um_s, dose_nl, flow_nl_s, dwell_us, period_us, bore_um, mode)


def _pass(index: int, one: Pass, settings: Settings, way: Path, description: Description, device: Ceilings) -> PassPlan:
    figures = figures_of(settings, description)
    if one.dwell_ms is None and settings.dose_nl and settings.mode != RETROGRADE:
        settings.dwell_us = at_depth.rest_us(one, settings, figures.shortest_us, figures.dose.us)
        figures = figures_of(settings, description)
    drawn_us = max(figures.shortest_us, device.period_min_us, limits.PERIOD_MIN_US)
    given_us = figures.dose.us + (figures.back_us if settings.mode == RETROGRADE else 0)
    period_us = settings.period_us or -(-drawn_us // DRAW_PERIOD_STEP_US) * DRAW_PERIOD_STEP_US
    return PassPlan(
        index=index,
        mode=settings.mode,
        shots=_counts(one, "seconds" if settings.mode == CONSTANT_FLOW else "points"),
        burst=_counts(one, "burst") or 1,
        depth_um=settings.depth_um,
        needle_um_s=settings.needle_um_s,
        dose_nl=settings.dose_nl,
        flow_nl_s=settings.flow_nl_s,
        dwell_us=settings.dwell_us,
        period_us=period_us,
        technique=one.technique,
        needle_us=figures.out_us + figures.back_us,
        dispense_us=figures.dose.us,
        shortest_us=figures.shortest_us,
        number=index + 1,
        delivery=at_depth.delivery_of(one, settings, way, given_us, period_us),
        least_hold_s=at_depth.least_hold_s(one, settings, way),
    )


def _whole(protocol: Protocol, passes: tuple[PassPlan, ...], head: Head) -> Plan:
    """Adds up totals as the device derives them (device/program.py), so that both can be compared before arming."""
    texts = [frames.body(name, list(fields.values())) for name, fields in told(head, passes)]
    return Plan(
        title=protocol.title,
        protocol_digest=protocol.digest,
        head=head,
        passes=passes,
        digest=frames.digest(texts),
        shots=sum(one.shots for one in passes),
        volume_nl=sum(one.volume_nl for one in passes),
        deepest_um=max(one.depth_um for one in passes),
        duration_ms=sum(one.shots * one.period_us for one in passes) // 1000,
    )
