"""Whatever is planned fits the device: its messages, its own checks, its stroke and its audit."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from rigs.accepted import the_device_accepts
from rigs.search import examples

from mesogun.clinical.needles import GAUGES
from mesogun.clinical.planning import plan
from mesogun.clinical.plans import PassPlan, Plan
from mesogun.clinical.protocol import Protocol, load_protocol
from mesogun.clinical.syringes import PLASTIC
from mesogun.clinical.techniques import MODES, TECHNIQUES
from mesogun.refusal import Problem, Refused
from mesogun_fw.config import Description
from mesogun_fw.stroke.drive import figures
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import frames

LIBRARY = Path(__file__).parents[2] / "protocols"


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.toml")), ids=lambda file: file.stem)
def test_the_device_accepts_every_protocol_of_the_library(file: Path) -> None:
    the_device_accepts(plan(load_protocol(file)), Description())


def tenths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda value: value / 10)


PASS = st.fixed_dictionaries(
    {
        "technique": st.sampled_from(sorted(TECHNIQUES)),
        "mode": st.sampled_from(sorted(MODES)),
        "depth_mm": tenths(2, 40) | tenths(2, 130),
        "rate_hz": tenths(2, 30) | tenths(2, 100),
        "dose_ul": tenths(10, 200) | tenths(10, 2_000),
        "dwell_ms": st.integers(0, 300),
        "points": st.integers(1, 30) | st.integers(1, 2_000),
        "spacing_mm": tenths(5, 300),
        "least_share_percent": st.just(0),
        "less_share_because": st.just("a test"),
    },
    optional={"needle_mm_s": st.integers(5, 300), "burst": st.integers(2, 20)},
)


@st.composite
def written(draw: st.DrawFn) -> dict[str, Any]:
    """A protocol as a file could have it: mostly sensible, so that many are accepted."""
    passes = draw(st.lists(PASS, min_size=1, max_size=3))
    for one in passes:
        if one["technique"] == "dry needling":
            one["dose_ul"] = 0
        if one["mode"] == "continuous":
            one["hand_mm_s"] = 0
        if one["mode"] != "burst":
            one.pop("burst", None)
        elif "burst" not in one:
            one["burst"] = 2
    size_ml = draw(st.sampled_from(sorted(PLASTIC)))
    return {
        "schema": 1,
        "title": "drawn",
        "area": draw(st.sampled_from(["face", "body", "scalp"])),
        "indication": "none",
        "sources": ["A"],
        "needle": {"gauge": draw(st.sampled_from(sorted(GAUGES))), "length_mm": draw(st.sampled_from([4, 6, 13]))},
        "syringe": {"size_ml": size_ml, "filled_ml": size_ml},
        "cocktail": {
            "viscosity_mpa_s": draw(st.sampled_from([0.7, 1, 3, 10])),
            "ingredients": [{"name": "water", "group": "other", "volume_ml": size_ml}],
        },
        "passes": passes,
    }


def fits_every_message(made: Plan) -> None:
    frames.body("begin", list(made.head))
    for one in made.passes:
        frames.body("pass", list(one.fields().values()))
    frames.body("program", [made.digest, made.shots, made.deepest_um, made.volume_nl, made.duration_ms])


def shortest_us(one: PassPlan, made: Plan) -> int:
    shot = (one.depth_um, one.needle_um_s, one.dose_nl, one.flow_nl_s, one.dwell_us, one.period_us)
    wanted = Settings(*shot, made.head.syringe_bore_um, one.mode)
    return figures(wanted, Description()).shortest_us


@pytest.mark.slow
@given(written())
def test_an_accepted_protocol_fits_every_message_and_every_period(data: dict[str, Any]) -> None:
    try:
        protocol = Protocol.model_validate(data)
        made = plan(protocol)
    except (Refused, ValidationError):
        assume(False)
        return
    fits_every_message(made)
    for wanted, one in zip(protocol.passes, made.passes, strict=True):
        assert shortest_us(one, made) == one.shortest_us <= one.period_us
        assert one.depth_um == round(wanted.depth_mm * 1000)
        assert one.depth_um / 1000 <= protocol.needle.length_mm
        assert one.flow_nl_s <= made.head.flow_max_nl_s
    assert made.volume_nl <= made.head.syringe_nl


@examples(30)
@given(written())
def test_the_device_accepts_whatever_was_planned(data: dict[str, Any]) -> None:
    try:
        made = plan(Protocol.model_validate(data))
    except (Refused, ValidationError):
        assume(False)
        return
    the_device_accepts(made, Description())


@given(written())
def test_the_fastest_rate_that_is_named_works_and_the_next_does_not(data: dict[str, Any]) -> None:
    data["passes"] = [data["passes"][0] | {"rate_hz": 10, "points": 1}]
    try:
        protocol = Protocol.model_validate(data)
    except ValidationError:
        assume(False)
        return
    problems = refused(protocol)
    assume(len(problems) == 1 and "Set at most" in problems[0].remedy and problems[0].field == "passes[0].rate_hz")
    fastest_hz = float(problems[0].remedy.split("at most ")[1].split(" ")[0])
    assert not refused(at_rate(protocol, fastest_hz))
    assert refused(at_rate(protocol, round(fastest_hz + 0.1, 1)))


def refused(protocol: Protocol) -> tuple[Problem, ...]:
    try:
        plan(protocol)
    except Refused as refusal:
        return refusal.problems
    return ()


def at_rate(protocol: Protocol, rate_hz: float) -> Protocol:
    return protocol.model_copy(update={"passes": (protocol.passes[0].model_copy(update={"rate_hz": rate_hz}),)})
