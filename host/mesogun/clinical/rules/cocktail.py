"""These rules are about what is in the syringe. A function is a rule: it gives (field, value) wherever it is broken."""

import re
from collections.abc import Callable

from mesogun.clinical.protocol import Ingredient, Pass, Protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.rules.finding import Breaches

INGREDIENTS_MAX = 5
DEOXYCHOLIC_POINTS_MAX = 50
DEOXYCHOLIC_MAX_ML = 10


def too_many(protocol: Protocol) -> Breaches:
    count = len(_ingredients(protocol))
    return [("cocktail.ingredients", f"{count} ingredients")] if count > INGREDIENTS_MAX else ()


def vasodilator(protocol: Protocol) -> Breaches:
    return _where(protocol, lambda one: one.group == "vasodilator")


def dht_blocker_outside_hair(protocol: Protocol) -> Breaches:
    named = _named(r"(fina|duta)steride")
    return () if protocol.area == "scalp" else _where(protocol, lambda one: one.group == "DHT blocker" or named(one))


def volumes_do_not_add_up(protocol: Protocol) -> Breaches:
    volume = QUANTITIES["volume_ml"]
    parts = [one.volume_ml for one in _ingredients(protocol)]
    if protocol.cocktail and protocol.cocktail.diluent:
        parts.append(protocol.cocktail.diluent.volume_ml)
    total_nl = sum(volume.counts(part) for part in parts)
    if total_nl != QUANTITIES["filled_ml"].counts(protocol.syringe.filled_ml):
        yield "syringe.filled_ml", f"{protocol.syringe.filled_ml:g} ml; the cocktail makes {volume.shown(total_nl)}"


def buflomedil(protocol: Protocol) -> Breaches:
    return _where(protocol, _named(r"buflomedil"))


def filler(protocol: Protocol) -> Breaches:
    named = _named(r"\bfiller|(?<!not )(?<!non[- ])\bcross-?linked")
    return _where(protocol, lambda one: one.group == "filler" or named(one))


def deoxycholic_beyond_label(protocol: Protocol) -> Breaches:
    if not _where(protocol, _named(r"de[sz]?oxycholi|de[sz]?oxycholate")):
        return
    if protocol.area != "submental":
        yield "area", protocol.area
    for index, one in enumerate(protocol.passes):
        if one.seconds:
            yield f"passes[{index}].mode", f"{one.mode}: it has no points to count"
    points = sum(one.points or 0 for one in protocol.passes)
    if points > DEOXYCHOLIC_POINTS_MAX:
        yield "passes", f"{points} points"
    given_nl = sum(_given_nl(one) for one in protocol.passes)
    if given_nl > DEOXYCHOLIC_MAX_ML * 1_000_000:
        yield "passes", f"{given_nl / 1e6:g} ml"


def for_the_surface(protocol: Protocol) -> Breaches:
    return _where(protocol, _named(r"\bppp\b|platelet[- ]poor|\bthrombin\b"))


def oil_or_alcohol(protocol: Protocol) -> Breaches:
    named = _named(r"\b(oil|ethanol|alcohol)\b")
    return _where(protocol, lambda one: one.base in ("oil", "alcohol") or named(one))


def other_therapies(protocol: Protocol) -> Breaches:
    return _where(protocol, _named(r"\bprp\b|platelet[- ]rich|botulinum|\bstem[- ]cell"))


def _given_nl(one: Pass) -> int:
    """Returns points times dose, or seconds times flow; a dose of 0 is dry needling."""
    dose_nl = QUANTITIES["dose_ul"].counts(one.dose_ul) if one.dose_ul else 0
    flow_nl_s = QUANTITIES["flow_ul_s"].counts(one.flow_ul_s) if one.flow_ul_s else 0
    return (one.points or 0) * dose_nl + (one.seconds or 0) * flow_nl_s


def _ingredients(protocol: Protocol) -> tuple[Ingredient, ...]:
    return protocol.cocktail.ingredients if protocol.cocktail else ()


def _named(pattern: str) -> Callable[[Ingredient], bool]:
    return lambda one: re.search(pattern, one.name, re.IGNORECASE) is not None


def _where(protocol: Protocol, broken: Callable[[Ingredient], bool]) -> list[tuple[str, str]]:
    return [(f"cocktail.ingredients[{i}]", one.name) for i, one in enumerate(_ingredients(protocol)) if broken(one)]
