"""What anyone can find out about a gun from its trace, with the documents in docs/TRACES.md and nothing of mesogun.

Needle and plunger are counted from pins.csv, edge by edge; device.json says how far a step goes; the protocol's file says
what should have been. This module imports nothing but the standard library.
"""

import csv
import json
import math
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CAP_NM = 10_000_000  # never deeper than 10 mm
FRESH_PRESS_US = 200_000  # a trigger is open this long before the next press counts
FLOW, DRAW = "constant flow", "retrograde"


@dataclass
class Stroke:
    """The needle left home and came back. Positions are steps from home; a step counts at its rising edge."""

    start_us: int
    deepest: int = 0
    ends_at: int = 0
    turned_us: int = 0
    end_us: int = 0
    plunger_at: list[int] = field(default_factory=list)  # where the needle was at each plunger step
    plunger_us: list[int] = field(default_factory=list)  # and when


@dataclass(frozen=True)
class Device:
    needle_nm: int
    plunger_nl: float  # dispensed by a step


@dataclass(frozen=True)
class Pass:
    """One pass of a protocol. In constant flow a point is a second of it, and a press makes one stroke, however long."""

    steps: int  # of the needle, to depth
    dose: float  # plunger steps
    points: int
    period_us: int  # 0: nobody sets it
    mode: str

    def held(self, apart_us: int) -> bool:
        """Whether two shots so far apart are of one press."""
        return abs(apart_us - self.period_us) <= 1


def device(trace: Path) -> Device:
    told = json.loads((trace / "device.json").read_text())
    area_um2 = math.pi / 4 * told["syringe_bore_um"] ** 2
    return Device(told["needle_nm_per_step"], area_um2 * told["plunger_nm_per_step"] * 1e-9)


def passes(protocol: str, gun: Device) -> list[Pass]:
    return [
        Pass(
            round(one["depth_mm"] * 1e6 / gun.needle_nm),
            one["flow_ul_s" if one["mode"] == FLOW else "dose_ul"] * 1000 / gun.plunger_nl,
            one["seconds" if one["mode"] == FLOW else "points"],
            round(1e6 / one["rate_hz"]) if "rate_hz" in one else 0,
            one["mode"],
        )
        for one in tomllib.loads(protocol)["passes"]
    ]


def shots(trace: Path) -> list[dict[str, int]]:
    with (trace / "shots.csv").open() as rows:
        return [{key: int(value) for key, value in row.items()} for row in csv.DictReader(rows)]


def strokes(trace: Path) -> list[Stroke]:
    """pins.csv cut where the needle leaves home."""
    found: list[Stroke] = []
    inwards = backwards = needle = 0
    with (trace / "pins.csv").open() as file:
        rows = csv.reader(file)
        assert next(rows) == ["time_ns", "pin", "level"]
        for time_ns, pin, level in rows:
            at_us = int(time_ns) // 1000
            if pin == "needle_dir":
                inwards = int(level)
                if inwards and found:
                    found[-1].turned_us = at_us
            elif pin == "plunger_dir":
                backwards = int(level)
            elif pin == "needle_step" and level == "1":
                if needle == 0 and not inwards:
                    found.append(Stroke(at_us))
                needle += -1 if inwards else 1
                stroke = found[-1]
                stroke.deepest = max(stroke.deepest, needle)
                stroke.ends_at = needle
                stroke.end_us = at_us
            elif pin == "plunger_step" and level == "1":
                assert not backwards, f"{time_ns}: the plunger pulls"
                found[-1].plunger_at.append(needle)
                found[-1].plunger_us.append(at_us)
                found[-1].end_us = at_us
    return found


def check(trace: Path, protocol: str) -> list[list[Stroke]]:
    """Pass by pass the strokes that are whole shots, after all was found to be as the protocol says; else AssertionError.

    In constant flow: every stroke of the pass, whole or not.
    """
    gun = device(trace)
    made = strokes(trace)
    for stroke in made:
        assert stroke.deepest * gun.needle_nm <= CAP_NM, f"{stroke.start_us}: deeper than 10 mm"
        assert stroke.ends_at == 0, f"{stroke.start_us}: the needle did not come home"
    rest = iter(made)
    whole = [_flow(one, rest) if one.mode == FLOW else _pass(one, rest) for one in passes(protocol, gun)]
    assert next(rest, None) is None, "more strokes than the protocol has points"
    return whole


def _pass(one: Pass, rest: Iterator[Stroke]) -> list[Stroke]:
    whole: list[Stroke] = []
    given = 0
    before: Stroke | None = None
    while len(whole) < one.points:
        stroke = next(rest, None)
        assert stroke is not None, f"{len(whole)} whole shots of {one.points}"
        assert stroke.deepest <= one.steps, f"{stroke.start_us}: deeper than the protocol's depth"
        _dispensed_in_place(one, stroke)
        if before is not None:
            apart_us = stroke.start_us - before.start_us
            fresh = apart_us > FRESH_PRESS_US + before.end_us - before.start_us
            assert one.held(apart_us) or fresh, f"{stroke.start_us}: neither a period after the last one nor a new press"
        before = stroke
        if len(stroke.plunger_at) <= one.dose - 1:
            continue  # cut short: a volume, not a point
        whole.append(stroke)
        given += len(stroke.plunger_at)
        assert abs(stroke.deepest - one.steps) <= 1, f"{stroke.start_us}: not the protocol's depth"
        assert abs(given - len(whole) * one.dose) <= 1, f"{stroke.start_us}: the doses so far are off by more than a step"
    return whole


def _dispensed_in_place(one: Pass, stroke: Stroke) -> None:
    """At full depth; or, drawn back, from there on inwards and never outside the skin."""
    at = stroke.plunger_at
    if one.mode != DRAW:
        assert set(at) <= {stroke.deepest}, f"{stroke.start_us}: dispensed on the way"
    elif at:
        assert at[0] <= stroke.deepest, f"{stroke.start_us}: dispensed too deep"
        assert at[-1] > 0, f"{stroke.start_us}: dispensed outside the skin"
        assert at == sorted(at, reverse=True), f"{stroke.start_us}: dispensed on the way out"
        assert stroke.deepest == one.steps, f"{stroke.start_us}: drawn back from somewhere else"


def _flow(one: Pass, rest: Iterator[Stroke]) -> list[Stroke]:
    """All that was asked for, and for each press at most the second that its release cut short."""
    made: list[Stroke] = []
    given = 0
    while given <= one.points * one.dose - 1:
        stroke = next(rest, None)
        assert stroke is not None, f"{given} plunger steps of {one.points * one.dose:.0f}"
        assert not stroke.plunger_at or stroke.deepest == one.steps, f"{stroke.start_us}: not the protocol's depth"
        _dispensed_in_place(one, stroke)
        times_us = stroke.plunger_us
        for first in range(len(times_us)):
            within = bisect_left(times_us, times_us[first] + 1_000_000) - first
            assert within <= one.dose + 2, f"{times_us[first]}: {within} steps in a second"
        made.append(stroke)
        given += len(stroke.plunger_at)
        # what a release cuts short is not counted by the gun
        given -= round(len(stroke.plunger_at) % one.dose) if _cut_short(one, stroke) else 0
    return made


def _cut_short(one: Pass, stroke: Stroke) -> bool:
    seconds = len(stroke.plunger_at) / one.dose
    return abs(seconds - round(seconds)) * one.dose > 2
