"""A protocol becomes a plan: the integers that go to the device, in the order of its messages. The only place of conversion.

What cannot be done is refused here, with the reason and the nearest thing that works. Net 1 for depth: whatever checked the
protocol before, no plan goes past limits.DEPTH_CAP_UM.
"""

import typing
from collections.abc import Iterator
from dataclasses import dataclass

from mesogun.needles import DRIVE_KPA, SYRINGE_BORE_UM, needle_flow_nl_s, swept_nl
from mesogun.protocol import Pass, Protocol
from mesogun.protocol_problems import shown
from mesogun.quantities import QUANTITIES, SECOND_US
from mesogun.refusal import Problem, Refused
from mesogun.rules import BLOCK, findings
from mesogun.techniques import MODES, depth_class
from mesogun_fw import frames, limits
from mesogun_fw.config import Hardware
from mesogun_fw.drives import figures as figures_of
from mesogun_fw.messages import BY_NAME
from mesogun_fw.stroke import Settings

WATER_MPA_S = 1.0


class Ceilings(typing.Protocol):
    """What the gun at hand accepts: its `welcome` has these fields. Never taken as wider than limits.py."""

    @property
    def depth_cap_um(self) -> int: ...
    @property
    def dose_max_nl(self) -> int: ...
    @property
    def period_min_us(self) -> int: ...
    @property
    def flow_max_nl_s(self) -> int: ...


@dataclass(frozen=True)
class DeviceLimits:
    """The ceilings of limits.py, for a gun that is not at hand."""

    depth_cap_um: int = limits.DEPTH_CAP_UM
    dose_max_nl: int = limits.DOSE_MAX_NL
    period_min_us: int = limits.PERIOD_MIN_US
    flow_max_nl_s: int = limits.FLOW_MAX_NL_S


REFERENCE = Hardware()
ANY_DEVICE = DeviceLimits()


@dataclass(frozen=True)
class PassPlan:
    """One pass: the fields of message `pass`, then its technique in words and the times within a stroke."""

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
    technique: str
    needle_us: int
    dispense_us: int
    shortest_us: int

    @property
    def depth_class(self) -> str:
        return depth_class(self.depth_um)

    @property
    def volume_nl(self) -> int:
        return self.shots * self.dose_nl

    def values(self) -> list[int]:
        """The values of message `pass`, in the order of its table row."""
        return [getattr(self, field[0]) for field in BY_NAME["pass"][3]]


@dataclass(frozen=True)
class Plan:
    """Everything the device is told, and what it must derive from it: `digest`, shots, volume, deepest point, duration.

    `begin` are the values of message `begin`; `protocol_digest` is the SHA-256 of the protocol's file. `duration_ms` is
    time in strokes: the hand's own is not in it.
    """

    title: str
    protocol_digest: str
    begin: tuple[int, ...]
    passes: tuple[PassPlan, ...]
    digest: int
    shots: int
    volume_nl: int
    deepest_um: int
    duration_ms: int


def plan(protocol: Protocol, hardware: Hardware = REFERENCE, device: Ceilings = ANY_DEVICE) -> Plan:
    """The plan of a protocol on this gun. Raises Refused with every reason why it cannot be done, all in clinical words."""
    _refuse(_unconvertible(protocol))
    syringe_nl = QUANTITIES["filled_ml"].counts(protocol.syringe.filled_ml)
    bore_um = SYRINGE_BORE_UM[int(protocol.syringe.size_ml)]
    viscosity_mpa_s = protocol.cocktail.viscosity_mpa_s if protocol.cocktail else WATER_MPA_S
    needle_nl_s = needle_flow_nl_s(protocol.needle.gauge, protocol.needle.length_mm, viscosity_mpa_s)
    flow_max_nl_s = min(needle_nl_s, device.flow_max_nl_s, limits.FLOW_MAX_NL_S)
    flow_nl_s = min(flow_max_nl_s, swept_nl(bore_um, hardware.plunger_um_s))

    problems = [finding.problem() for finding in findings(protocol) if finding.severity == BLOCK]
    if flow_nl_s < limits.FLOW_MIN_NL_S:
        _refuse([*problems, _too_thick(protocol, flow_nl_s)])
    passes = tuple(_pass(index, one, flow_nl_s, bore_um, hardware) for index, one in enumerate(protocol.passes))
    for one in passes:
        problems += _beyond_gun(one, hardware, device)
        problems += _too_fast(one)
    problems += _too_much(passes, syringe_nl, swept_nl(bore_um, hardware.plunger_travel_um))
    _refuse(problems)
    return _whole(protocol, passes, (len(passes), bore_um, syringe_nl, flow_max_nl_s))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(*problems)


def _unconvertible(protocol: Protocol) -> list[Problem]:
    """Every number again: a protocol that was built without its models' checks is no reason to pass a wrong one on."""
    problems = []
    for field, quantity, value in protocol.numbers():
        wrong = quantity.wrong(value)
        if wrong:
            problems.append(Problem(field, shown(value), wrong.limit, wrong.remedy))
    return problems


def _pass(index: int, one: Pass, flow_nl_s: int, bore_um: int, hardware: Hardware) -> PassPlan:
    depth_um = QUANTITIES["depth_mm"].counts(one.depth_mm)
    needle_um_s = QUANTITIES["needle_mm_s"].counts(one.needle_mm_s) if one.needle_mm_s else hardware.needle_um_s
    dose_nl = QUANTITIES["dose_ul"].counts(one.dose_ul) if one.dose_ul else 0
    dwell_us = QUANTITIES["dwell_ms"].counts(one.dwell_ms)
    period_us = round(SECOND_US / one.rate_hz)
    mode = MODES[one.mode]
    figures = figures_of(Settings(depth_um, needle_um_s, dose_nl, flow_nl_s, dwell_us, period_us, bore_um, mode), hardware)
    return PassPlan(
        index=index,
        mode=mode,
        shots=QUANTITIES["points"].counts(one.points),
        burst=QUANTITIES["burst"].counts(one.burst) if one.burst else 1,
        depth_um=depth_um,
        needle_um_s=needle_um_s,
        dose_nl=dose_nl,
        flow_nl_s=flow_nl_s,
        dwell_us=dwell_us,
        period_us=period_us,
        technique=one.technique,
        needle_us=figures.out_us + figures.back_us,
        dispense_us=figures.dose.us,
        shortest_us=figures.shortest_us,
    )


def _whole(protocol: Protocol, passes: tuple[PassPlan, ...], begin: tuple[int, ...]) -> Plan:
    """Totals as the device derives them (program.py), so that both can be compared before arming."""
    bodies = [frames.body("begin", list(begin)), *(frames.body("pass", one.values()) for one in passes)]
    return Plan(
        title=protocol.title,
        protocol_digest=protocol.digest,
        begin=begin,
        passes=passes,
        digest=frames.digest(bodies),
        shots=sum(one.shots for one in passes),
        volume_nl=sum(one.volume_nl for one in passes),
        deepest_um=max(one.depth_um for one in passes),
        duration_ms=sum(one.shots * one.period_us for one in passes) // 1000,
    )


def _too_thick(protocol: Protocol, flow_nl_s: int) -> Problem:
    passes_ul_s = f"{protocol.needle.gauge}, {protocol.needle.length_mm:g} mm passes {flow_nl_s / 1000:g} µl/s"
    limit = f"at {DRIVE_KPA} kPa at least {limits.FLOW_MIN_NL_S / 1000:g} µl/s must flow"
    return Problem("needle.gauge", passes_ul_s, limit, "Take a wider or shorter needle, or a thinner cocktail")


def _beyond_gun(one: PassPlan, hardware: Hardware, device: Ceilings) -> Iterator[Problem]:
    where = f"passes[{one.index}]"
    cap_um = min(device.depth_cap_um, limits.DEPTH_CAP_UM)
    if one.depth_um > cap_um:
        limit = f"this gun goes no deeper than {cap_um / 1000:g} mm"
        yield Problem(f"{where}.depth_mm", f"{one.depth_um / 1000:g} mm", limit, f"Set {cap_um / 1000:g} mm or less")
    if one.dose_nl > device.dose_max_nl:
        limit = f"this gun gives at most {device.dose_max_nl / 1000:g} µl a shot"
        yield Problem(f"{where}.dose_ul", f"{one.dose_nl / 1000:g} µl", limit, "Set a smaller dose at more points")
    if one.period_us < device.period_min_us:
        limit = f"this gun makes at most {SECOND_US / device.period_min_us:.3g} shots/s"
        yield Problem(f"{where}.rate_hz", _rate(one), limit, "Set a slower rate")
    if one.needle_um_s > hardware.needle_um_s:
        limit = f"this gun's needle moves at most at {hardware.needle_um_s / 1000:g} mm/s"
        yield Problem(f"{where}.needle_mm_s", f"{one.needle_um_s / 1000:g} mm/s", limit, "Set a slower one, or leave the key out")


def _too_fast(one: PassPlan) -> Iterator[Problem]:
    """A stroke longer than its period, with where the time goes and the fastest rate that works."""
    if one.shortest_us <= one.period_us:
        return
    turning_us = one.shortest_us - one.needle_us - one.dispense_us - one.dwell_us
    parts = (
        ("needle out and back", one.needle_us),
        ("dispensing", one.dispense_us),
        ("dwell", one.dwell_us),
        ("turning", turning_us),
    )
    spent = ", ".join(f"{name} {time_us / 1000:.0f}" for name, time_us in parts)
    limit = f"a shot takes {one.shortest_us / 1000:.0f} ms ({spent}) and has {one.period_us / 1000:.0f} ms"
    other = "a smaller dose, a shorter dwell, a wider or shorter needle, or a thinner cocktail"
    fastest = 10 * SECOND_US // one.shortest_us  # tenths of a shot a second, as rates are set
    slowest = QUANTITIES["rate_hz"].low
    remedy = (
        f"Set at most {fastest / 10:g} shots/s, or choose {other}"
        if fastest >= slowest
        else f"No rate is slow enough: choose {other}"
    )
    yield Problem(f"passes[{one.index}].rate_hz", _rate(one), limit, remedy)


def _too_much(passes: tuple[PassPlan, ...], syringe_nl: int, drive_nl: int) -> Iterator[Problem]:
    filled = f"the syringe is filled with {syringe_nl / 1e6:g} ml"
    for one in passes:
        if one.dose_nl > syringe_nl:
            remedy = "Set a smaller dose, or fill a larger syringe"
            yield Problem(
                f"passes[{one.index}].dose_ul", f"{one.dose_nl / 1000:g} µl", f"larger than all there is: {filled}", remedy
            )
    volume_nl = sum(one.volume_nl for one in passes)
    if volume_nl > syringe_nl:
        spent = " + ".join(f"{one.shots} x {one.dose_nl / 1000:g} µl" for one in passes)
        remedy = "Set fewer points or a smaller dose, fill more, or make two protocols of it"
        yield Problem("passes", f"{volume_nl / 1e6:g} ml ({spent})", filled, remedy)
    if syringe_nl > drive_nl:
        limit = f"this gun's plunger travels {drive_nl / 1e6:.3g} ml in this syringe"
        yield Problem("syringe.filled_ml", f"{syringe_nl / 1e6:g} ml", limit, "Fill less, or take a wider syringe")


def _rate(one: PassPlan) -> str:
    return f"{SECOND_US / one.period_us:.3g} shots/s"
