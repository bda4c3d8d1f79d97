"""Rules about where, how deep and how the passes inject. A function a rule: it yields (field, value) wherever it is broken."""

from collections.abc import Callable, Iterator

from mesogun.protocol import Pass, Protocol
from mesogun.quantities import QUANTITIES
from mesogun.rules.finding import Breaches
from mesogun.techniques import TECHNIQUES, depth_class

THIN_SKIN = ("face", "scalp", "neck", "decollete", "hands")
UNDER_EYE_MAX_MM = 2


def beyond_needle(protocol: Protocol) -> Breaches:
    return _depths(protocol, lambda one: one.depth_mm > protocol.needle.length_mm)


def hypodermic_where_skin_is_thin(protocol: Protocol) -> Breaches:
    return _depths(protocol, _hypodermic) if protocol.area in THIN_SKIN else ()


def joint_muscle_ligament(protocol: Protocol) -> Breaches:
    return [("area", protocol.area)] if protocol.area in ("joint", "muscle", "ligament") else ()


def deep_under_the_eyes(protocol: Protocol) -> Breaches:
    return _depths(protocol, lambda one: one.depth_mm > UNDER_EYE_MAX_MM) if protocol.area == "under-eye" else ()


def deep_in_the_scalp(protocol: Protocol) -> Breaches:
    return _depths(protocol, _hypodermic) if protocol.area == "scalp" else ()


def deep_in_the_face(protocol: Protocol) -> Breaches:
    return _depths(protocol, _hypodermic) if protocol.area == "face" else ()


def odd_spacing(protocol: Protocol) -> Breaches:
    for field, one in _passes(protocol):
        low, high = TECHNIQUES[one.technique].spacing_mm
        if not low <= one.spacing_mm <= high:
            yield f"{field}.spacing_mm", f"{one.spacing_mm:g} mm; {one.technique} has {low:g} to {high:g} mm"


def unusual_for_the_technique(protocol: Protocol) -> Breaches:
    for field, one in _passes(protocol):
        usual = TECHNIQUES[one.technique]
        if one.mode not in usual.modes:
            yield f"{field}.mode", f"{one.mode}; {one.technique} is {' or '.join(usual.modes)}"
        if not usual.depth_mm[0] <= one.depth_mm <= usual.depth_mm[1]:
            yield f"{field}.depth_mm", f"{one.depth_mm:g} mm; {one.technique} has {usual.depth_mm[0]:g} to {usual.depth_mm[1]:g} mm"
        if not usual.dose_ul[0] <= one.dose_ul <= usual.dose_ul[1]:
            yield f"{field}.dose_ul", f"{one.dose_ul:g} µl; {one.technique} has {usual.dose_ul[0]:g} to {usual.dose_ul[1]:g} µl"


def unusual_values(protocol: Protocol) -> Breaches:
    for field, quantity, value in protocol.numbers():
        if quantity.unusual(value):
            low, high = quantity.usual
            yield field, f"{value:g} {quantity.unit}; usual {low / quantity.per_unit:g} to {quantity.shown(high)}"


def _passes(protocol: Protocol) -> Iterator[tuple[str, Pass]]:
    for index, one in enumerate(protocol.passes):
        yield f"passes[{index}]", one


def _depths(protocol: Protocol, broken: Callable[[Pass], bool]) -> Breaches:
    return [(f"{field}.depth_mm", f"{one.depth_mm:g} mm") for field, one in _passes(protocol) if broken(one)]


def _hypodermic(one: Pass) -> bool:
    return depth_class(QUANTITIES["depth_mm"].counts(one.depth_mm)) == "hypodermic"
