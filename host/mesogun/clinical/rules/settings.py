"""These rules are about where, how deep and how the passes inject. A function is a rule: it gives (field, value) at a breach."""

from collections.abc import Callable, Iterator

from mesogun.clinical.protocol import Pass, Protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.rules.finding import Breaches
from mesogun.clinical.techniques import TECHNIQUES, Range, depth_class

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
        yield from _outside(field, one, "spacing_mm", one.spacing_mm, TECHNIQUES[one.technique].spacing_mm)


def unusual_for_the_technique(protocol: Protocol) -> Breaches:
    for field, one in _passes(protocol):
        usual = TECHNIQUES[one.technique]
        if one.mode not in usual.modes:
            yield f"{field}.mode", f"{one.mode}; {one.technique} is {' or '.join(usual.modes)}"
        yield from _outside(field, one, "depth_mm", one.depth_mm, usual.depth_mm)
        yield from _outside(field, one, "dose_ul", one.dose_ul, usual.dose_ul)
        if usual.dose_ul_cm and one.dose_ul and not usual.dose_ul_cm[0] <= 10 * one.dose_ul / one.depth_mm <= usual.dose_ul_cm[1]:
            low, high = (limit * one.depth_mm / 10 for limit in usual.dose_ul_cm)
            along = f"{one.technique} has {low:.3g} to {high:.3g} µl along {one.depth_mm:g} mm"
            yield f"{field}.dose_ul", f"{one.dose_ul:g} µl; {along}"


def unusual_values(protocol: Protocol) -> Breaches:
    for field, quantity, value in protocol.numbers():
        if quantity.unusual(value):
            low, high = quantity.usual
            yield field, f"{value:g} {quantity.unit}; usual {low / quantity.per_unit:g} to {quantity.shown(high)}"


def _outside(field: str, one: Pass, key: str, value: float | None, usual: Range | tuple[()]) -> Breaches:
    """Yields the value that is not usual for the technique. It is silent where there is no value, or no figure."""
    if usual and value is not None and not usual[0] <= value <= usual[1]:
        unit = QUANTITIES[key].unit
        yield f"{field}.{key}", f"{value:g} {unit}; {one.technique} has {usual[0]:g} to {usual[1]:g} {unit}"


def _passes(protocol: Protocol) -> Iterator[tuple[str, Pass]]:
    for index, one in enumerate(protocol.passes):
        yield f"passes[{index}]", one


def _depths(protocol: Protocol, broken: Callable[[Pass], bool]) -> Breaches:
    along = {True: "", False: " along the needle, whatever its angle"}
    return [
        (f"{field}.depth_mm", f"{one.depth_mm:g} mm{along[one.angle_deg == 90]}") for field, one in _passes(protocol) if broken(one)
    ]


def _hypodermic(one: Pass) -> bool:
    return depth_class(QUANTITIES["depth_mm"].counts(one.depth_mm)) == "hypodermic"
