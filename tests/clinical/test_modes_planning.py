"""Constant flow and retrograde become a plan that the gun at hand accepts, compiles and audits; or say what works instead."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from rigs.accepted import the_device_accepts
from rigs.clinical import FACE, LINES
from rigs.search import examples

from mesogun.clinical.needles import GAUGES
from mesogun.clinical.planning import DeviceLimits, plan
from mesogun.clinical.protocol import Needle, Protocol, load_protocol
from mesogun.clinical.syringes import PLASTIC
from mesogun.refusal import Problem, Refused
from mesogun_fw.config import Description
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE
from mesogun_sim.desk import described_with

LIBRARY = Path(__file__).parents[2] / "protocols"
_FLOW = load_protocol(LIBRARY / "body/painful-places.toml")
DRAW = LINES
ANY_SHARE = {"least_share_percent": 0, "less_share_because": "a test"}
FLOWS = {
    "technique": "mesoperfusion", "mode": "constant flow", "depth_mm": 3.0, "flow_ul_s": 5, "seconds": 5, "dwell_ms": 60,
    **ANY_SHARE,
}  # fmt: skip
DRAWS = {
    "technique": "retrograde", "mode": "retrograde", "depth_mm": 4.0, "dose_ul": 22, "points": 5, "spacing_mm": 8, **ANY_SHARE,
}  # fmt: skip
MOTOR, AIR = described_with("stepper"), described_with("pneumatic")


def with_pass(protocol: Protocol, **changes: Any) -> Protocol:
    return protocol.model_copy(update={"passes": (protocol.passes[0].model_copy(update=changes), *protocol.passes[1:])})


FLOW = with_pass(_FLOW, least_share_percent=0, dwell_ms=60)


def with_needle(protocol: Protocol, gauge: str, length_mm: float, viscosity_mpa_s: float) -> Protocol:
    assert protocol.cocktail
    cocktail = protocol.cocktail.model_copy(update={"viscosity_mpa_s": viscosity_mpa_s})
    return protocol.model_copy(update={"needle": Needle(gauge=gauge, length_mm=length_mm), "cocktail": cocktail})


def watery(*passes: dict[str, Any], size_ml: int, needle: tuple[str, int] = ("27G", 4), viscosity_mpa_s: float = 1) -> Protocol:
    """A protocol of one ingredient, which fills the syringe."""
    data = {
        "schema": 1, "title": "a test", "area": "body", "indication": "none", "sources": ["A"],
        "needle": {"gauge": needle[0], "length_mm": needle[1]},
        "syringe": {"size_ml": size_ml, "filled_ml": size_ml},
        "cocktail": {
            "viscosity_mpa_s": viscosity_mpa_s,
            "ingredients": [{"name": "water", "group": "other", "volume_ml": size_ml}],
        },
        "passes": passes,
    }  # fmt: skip
    return Protocol.model_validate(data)


def problems(protocol: Protocol, **how: Any) -> tuple[Problem, ...]:
    try:
        plan(protocol, **how)
    except Refused as refused:
        return refused.problems
    return ()


def the_problem(protocol: Protocol, **how: Any) -> Problem:
    (problem,) = problems(protocol, **how)
    return problem


# ---- constant flow ----


def test_seconds_of_flow_are_shots_of_a_second_that_give_the_flow() -> None:
    made = plan(FLOW)
    assert list(made.passes[0].fields().values()) == [0, CONSTANT_FLOW, 200, 1, 3_000, 300_000, 10_000, 272_507, 60_000, 1_000_000]
    assert (made.shots, made.flow_s, made.volume_nl, made.duration_ms) == (200, 200, 2_000_000, 200_000)
    assert made.counted == "200 s of flow"


def test_a_flow_that_the_needle_does_not_pass_is_refused_with_the_fastest_that_works() -> None:
    fine = with_needle(with_pass(FLOW, seconds=10), "32G", 13.0, 10.0)
    problem = the_problem(fine)
    assert (problem.field, problem.value) == ("passes[0].flow_ul_s", "10 µl/s")
    assert "pass 7.68 µl/s" in problem.limit
    fastest_ul_s = float(problem.remedy.split("at most ")[1].split(" ")[0])
    assert 7 < fastest_ul_s <= 7.7
    assert not problems(with_pass(fine, flow_ul_s=fastest_ul_s))
    assert problems(with_pass(fine, flow_ul_s=round(fastest_ul_s + 0.1, 1)))


def test_a_needle_that_passes_no_flow_at_all_is_refused_without_naming_one() -> None:
    gel = with_needle(FLOW, "34G", 13.0, 20.0)
    assert the_problem(gel).remedy.startswith("No flow is slow enough: choose a wider or shorter needle")


def test_a_plunger_too_slow_for_the_flow_is_refused_as_well() -> None:
    figures = list(MOTOR.figures())
    figures[5] = 1_000  # mm/s in a syringe of 1 ml: 17.9 µl/s
    slow = Description(tuple(figures))
    flow = FLOWS | {"flow_ul_s": 18.0}
    assert "pass 17.9 µl/s" in the_problem(watery(flow, size_ml=1), description=slow).limit
    assert not problems(watery(flow, size_ml=1))
    assert not problems(watery(flow | {"flow_ul_s": 17.0}, size_ml=1), description=slow)


def test_more_seconds_than_the_syringe_lasts_are_refused_in_seconds() -> None:
    problem = the_problem(with_pass(FLOW, seconds=241))
    assert (problem.field, problem.value) == ("passes", "2.41 ml (241 s x 10 µl/s)")
    assert problem.remedy.startswith("Set fewer seconds or a slower flow")
    assert plan(with_pass(FLOW, seconds=240)).volume_nl == 2_400_000


def test_a_gun_that_gives_less_in_a_second_says_so() -> None:
    assert the_problem(FLOW, device=DeviceLimits(dose_max_nl=9_000)).field == "passes[0].flow_ul_s"


# ---- retrograde ----


def test_a_retrograde_shot_has_the_shortest_period_in_tenths_of_a_second() -> None:
    made = plan(DRAW)
    assert list(made.passes[0].fields().values()) == [0, RETROGRADE, 100, 1, 4_000, 300_000, 22_000, 215_342, 0, 700_000]
    assert 600_000 < made.passes[0].shortest_us <= 700_000
    assert made.counted == "100 shots"


def test_a_slower_gun_is_given_a_longer_period() -> None:
    assert plan(DRAW, device=DeviceLimits(period_min_us=810_000)).passes[0].period_us == 900_000


def test_a_dose_that_takes_too_long_along_the_way_back_is_refused() -> None:
    fine = with_needle(DRAW, "34G", 13.0, 10.0)
    problem = the_problem(with_pass(fine, points=10))
    assert problem.field == "passes[0].dose_ul"
    assert "on the needle's way back takes 12 s" in problem.limit
    assert "5 s are allowed" in problem.limit


def test_a_dose_too_large_for_so_short_a_way_is_refused_with_the_largest_that_works() -> None:
    short = DRAWS | {"depth_mm": 0.2, "dose_ul": 10.0}
    problem = the_problem(watery(short, size_ml=1))
    assert (problem.field, problem.value) == ("passes[0].dose_ul", "10 µl")
    most_ul = float(problem.limit.split("at most ")[1].split(" ")[0])
    assert most_ul == 6.7  # 30 plunger steps of 11.2 nl beside each of 20 needle steps
    the_device_accepts(plan(watery(short | {"dose_ul": most_ul}, size_ml=1)), MOTOR)
    assert problems(watery(short | {"dose_ul": round(most_ul + 0.1, 1)}, size_ml=1))


@pytest.mark.parametrize("size_ml", [1, 10])
def test_a_flow_slower_than_a_plunger_step_on_the_way_in_is_given_all_the_same(size_ml: int) -> None:
    slow = {"needle": ("34G", 13), "viscosity_mpa_s": 10.0}
    the_device_accepts(plan(watery(DRAWS | {"depth_mm": 0.5, "dose_ul": 2}, size_ml=size_ml, **slow)), MOTOR)


# ---- the gun at hand ----


def test_a_needle_thrown_by_air_makes_no_retrograde_shot() -> None:
    problem = the_problem(DRAW, description=AIR)
    assert (problem.field, problem.value) == ("passes[0].mode", "retrograde")
    assert "cannot draw it back slowly" in problem.limit
    assert "driven by a motor" in problem.remedy


def test_a_needle_thrown_by_air_has_no_speed_to_set() -> None:
    for protocol in (FACE, FLOW):
        assert not problems(protocol, description=AIR)
        problem = the_problem(with_pass(protocol, needle_mm_s=100.0), description=AIR)
        assert problem.field == "passes[0].needle_mm_s"
        assert problem.remedy == "Leave the key out"


def test_a_needle_thrown_by_air_can_stay_in_while_drug_flows() -> None:
    the_device_accepts(plan(FLOW, AIR), AIR)


def test_one_pass_that_cannot_be_does_not_hide_what_is_wrong_with_another() -> None:
    both = DRAW.model_copy(update={"passes": (DRAW.passes[0], FACE.passes[0].model_copy(update={"rate_hz": 10.0, "points": 1}))})
    assert [problem.field for problem in problems(both, description=AIR)] == ["passes[0].mode", "passes[1].rate_hz"]


@pytest.mark.parametrize(("protocol", "key"), [(FLOW, "flow_ul_s"), (FLOW, "seconds"), (DRAW, "dose_ul"), (FACE, "rate_hz")])
def test_a_pass_that_lacks_what_its_mode_needs_is_refused_however_it_was_built(protocol: Protocol, key: str) -> None:
    assert the_problem(with_pass(protocol, **{key: None})).field == f"passes[0].{key}"


# ---- whatever is written ----


def tenths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda value: value / 10)


SPEED = {"needle_mm_s": st.integers(5, 300)}
FLOWING = st.fixed_dictionaries(
    {
        **{key: st.just(FLOWS[key]) for key in ("technique", "mode", *ANY_SHARE)},
        "depth_mm": tenths(2, 100),
        "flow_ul_s": tenths(20, 100) | tenths(20, 500),
        "seconds": st.integers(1, 20) | st.integers(1, 2_000),
        "dwell_ms": st.integers(0, 2_000),
    },
    optional=SPEED,
)
DRAWN = st.fixed_dictionaries(
    {
        **{key: st.just(DRAWS[key]) for key in ("technique", "mode", "spacing_mm", *ANY_SHARE)},
        "depth_mm": tenths(2, 100),
        "dose_ul": tenths(10, 300) | tenths(10, 2_000),
        "points": st.integers(1, 20),
    },
    optional=SPEED,
)


@st.composite
def written(draw: st.DrawFn, one: st.SearchStrategy[dict[str, Any]]) -> Protocol:
    try:
        return watery(
            *draw(st.lists(one, min_size=1, max_size=3)),
            size_ml=draw(st.sampled_from(sorted(PLASTIC))),
            needle=(draw(st.sampled_from(sorted(GAUGES))), draw(st.sampled_from([4, 13]))),
            viscosity_mpa_s=draw(st.sampled_from([0.7, 1, 3, 30])),
        )
    except ValidationError:
        assume(False)
        raise


@pytest.mark.slow
@examples(100)
@given(written(FLOWING | DRAWN), st.sampled_from([MOTOR, AIR]))
def test_the_device_accepts_compiles_and_audits_whatever_was_planned(protocol: Protocol, description: Description) -> None:
    try:
        made = plan(protocol, description)
    except Refused:
        assume(False)
        return
    the_device_accepts(made, description)
    for wanted, one in zip(protocol.passes, made.passes, strict=True):
        assert one.shortest_us <= one.period_us
        assert one.volume_nl == round(1000 * ((wanted.flow_ul_s or wanted.dose_ul or 0) * (wanted.seconds or wanted.points or 0)))


@pytest.mark.slow
@examples(30)
@given(written(FLOWING))
def test_a_flow_that_is_refused_names_one_that_works_and_the_next_does_not(protocol: Protocol) -> None:
    shallow = with_pass(protocol, seconds=1, depth_mm=2.0)
    alone = shallow.model_copy(update={"passes": shallow.passes[:1]})
    found = problems(alone)
    assume(len(found) == 1 and "at most" in found[0].remedy)
    assert found[0].field == "passes[0].flow_ul_s"
    fastest_ul_s = float(found[0].remedy.split("at most ")[1].split(" ")[0])
    assert not problems(with_pass(alone, flow_ul_s=fastest_ul_s))
    assert problems(with_pass(alone, flow_ul_s=round(fastest_ul_s + 0.1, 1)))
