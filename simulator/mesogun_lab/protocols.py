"""Protocols that are written for a measurement: the planner makes their strokes as it makes those of any other."""

import json
from collections.abc import Mapping

from mesogun.clinical.library import loads
from mesogun.clinical.protocol import Protocol
from mesogun_lab.cases import GAUGE, VISCOSITY_MPA_S, Barrel

Pass = Mapping[str, str | float]
_HEAD = """schema = 1
title = "A measurement"
area = "legs"
indication = "None: a simulated gun is measured"
sources = ["A"]

[needle]
gauge = "{gauge}"
length_mm = {length_mm}

[syringe]
size_ml = {size_ml}
filled_ml = {size_ml}
stiff = {stiff}

[cocktail]
viscosity_mpa_s = {viscosity}

[[cocktail.ingredients]]
name = "water"
group = "other"
volume_ml = {size_ml}
"""
# What of a dose is at depth is what is measured: less than is wanted is no reason to measure nothing.
_ACCEPTED: Pass = {"least_share_percent": 0, "less_share_because": "it is measured"}


def protocol(barrel: Barrel, *passes: Pass, length_mm: int) -> Protocol:
    head = _HEAD.format(
        gauge=GAUGE,
        length_mm=length_mm,
        size_ml=f"{barrel.size_ml:g}",
        stiff=json.dumps(barrel.stiff),
        viscosity=VISCOSITY_MPA_S,
    )
    tables = [[f"{key} = {json.dumps(value)}" for key, value in {**one, **_ACCEPTED}.items()] for one in passes]
    return loads(head + "".join("\n".join(["\n[[passes]]", *table, ""]) for table in tables))


def single(points: int, *, dose_ul: float, depth_mm: float, rate_hz: float) -> Pass:
    """Point by point, one shot a press, and the needle rests at depth as long as its period leaves."""
    technique = "point by point" if depth_mm < 4 else "hypodermic"
    one: Pass = {"technique": technique, "mode": "single", "depth_mm": depth_mm, "rate_hz": rate_hz, "dose_ul": dose_ul}
    return {**one, "points": points, "spacing_mm": 10}
