"""Each figure of a plan at its limit: the last that is planned, the first that is refused; and each refusal by itself."""

from dataclasses import replace
from typing import Any

import pytest
from rigs.clinical import BODY, FACE, LINES, with_pass
from rigs.fakegun import a_plan

from mesogun.clinical import plan_problems
from mesogun.clinical.planning import ANY_DEVICE, DeviceLimits, plan, rest
from mesogun.clinical.plans import PassPlan
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE

ONE = replace(a_plan(10, depth_um=4_000).passes[0], shortest_us=150_000)
WHOLE = plan(FACE)


def of_the_gun(one: PassPlan = ONE, device: DeviceLimits = ANY_DEVICE, **changed: int) -> list[str]:
    return [problem.field for problem in plan_problems.beyond_gun(replace(one, **changed), Description(), device)]


@pytest.mark.parametrize("cap_um", [4_000, 9_999, 10_000])
def test_a_pass_goes_to_the_guns_cap_and_not_a_micrometre_past_it(cap_um: int) -> None:
    device = DeviceLimits(depth_cap_um=cap_um)
    assert of_the_gun(device=device, depth_um=cap_um) == []
    assert of_the_gun(device=device, depth_um=cap_um + 1) == ["passes[0].depth_mm"]


def test_a_gun_that_boasts_of_its_depth_has_the_cap_of_the_firmware_all_the_same() -> None:
    assert of_the_gun(device=DeviceLimits(depth_cap_um=20_000), depth_um=10_001) == ["passes[0].depth_mm"]


def test_dose_period_and_speed_are_the_guns_to_the_unit() -> None:
    device = DeviceLimits(dose_max_nl=10_000, period_min_us=200_000)
    assert of_the_gun(device=device) == []
    assert of_the_gun(device=device, dose_nl=10_001) == ["passes[0].dose_ul"]
    assert of_the_gun(device=device, dose_nl=10_001, mode=CONSTANT_FLOW) == ["passes[0].flow_ul_s"]
    assert of_the_gun(device=device, period_us=199_999) == ["passes[0].rate_hz"]
    assert of_the_gun(device=device, needle_um_s=300_001) == ["passes[0].needle_mm_s"]
    assert of_the_gun(index=3, depth_um=10_001, dose_nl=200_001) == ["passes[3].depth_mm", "passes[3].dose_ul"]


def test_a_stroke_may_take_its_whole_period_and_no_microsecond_longer() -> None:
    assert list(plan_problems.too_long(replace(ONE, period_us=150_000))) == []
    (problem,) = plan_problems.too_long(replace(ONE, period_us=149_999))
    assert problem.field == "passes[0].rate_hz"
    assert "at most 6.6 shots/s" in problem.remedy


def test_a_rate_whose_period_is_rounded_up_to_the_stroke_is_the_fastest_that_works() -> None:
    (problem,) = plan_problems.too_long(replace(ONE, shortest_us=102_041, period_us=100_000))
    assert "at most 9.8 shots/s" in problem.remedy, "10,000,000 / 98 is 102,040.8"


def test_a_retrograde_shot_takes_the_longest_period_at_most() -> None:
    draw = replace(ONE, mode=RETROGRADE)
    assert list(plan_problems.too_long(replace(draw, period_us=limits.PERIOD_MAX_US))) == []
    (problem,) = plan_problems.too_long(replace(draw, period_us=limits.PERIOD_MAX_US + 1))
    assert problem.field == "passes[0].dose_ul"
    assert list(plan_problems.too_long(replace(ONE, period_us=limits.PERIOD_MAX_US + 1))) == [], "others have their rate's limit"


@pytest.mark.parametrize(("shortest_us", "remedy"), [(5_000_000, "Set at most 0.2"), (5_000_001, "No rate is slow enough")])
def test_the_slowest_rate_is_named_while_it_works(shortest_us: int, remedy: str) -> None:
    (problem,) = plan_problems.too_long(replace(ONE, shortest_us=shortest_us))
    assert problem.remedy.startswith(remedy)


def much(syringe_nl: int, drive_nl: int = 10_000_000, *passes: PassPlan) -> list[str]:
    return [problem.field for problem in plan_problems.too_much(passes or (ONE, replace(ONE, index=1)), syringe_nl, drive_nl)]


def test_the_syringe_holds_all_passes_together_to_the_nanolitre() -> None:
    assert much(200_000) == []
    assert much(199_999) == ["passes"]


def test_one_dose_is_no_more_than_the_syringe_holds() -> None:
    single = replace(ONE, shots=1)
    assert much(10_000, 10_000_000, single) == []
    assert much(9_999, 10_000_000, single) == ["passes[0].dose_ul", "passes"]
    assert much(9_999, 10_000_000, replace(single, mode=CONSTANT_FLOW)) == ["passes[0].flow_ul_s", "passes"]


def test_what_is_filled_is_within_the_plungers_travel() -> None:
    assert much(1_000_000, 1_000_000) == []
    assert much(1_000_000, 999_999) == ["syringe.filled_ml"]


def refused(protocol: Any, **how: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        plan(protocol, **how)
    return [problem.field for problem in caught.value.problems]


def test_the_slowest_flow_that_is_a_flow() -> None:
    slowest = DeviceLimits(flow_max_nl_s=limits.FLOW_MIN_NL_S)
    assert "needle.gauge" not in refused(FACE, device=slowest)
    assert "needle.gauge" in refused(FACE, device=replace(slowest, flow_max_nl_s=limits.FLOW_MIN_NL_S - 1))


def test_what_a_pass_says_is_what_is_planned() -> None:
    made = plan(with_pass(FACE, needle_mm_s=50.0, dwell_ms=81.0, dose_ul=10.1, points=7, depth_mm=1.9, rate_hz=2.5))
    one = made.passes[0]
    assert (one.needle_um_s, one.dwell_us, one.dose_nl, one.shots, one.depth_um, one.period_us) == (
        *(50_000, 81_000, 10_100, 7, 1_900, 400_000),
    )
    assert (one.burst, one.number, one.index, made.passes[1].number) == (1, 1, 0, 2)
    burst = plan(with_pass(BODY, mode="burst", burst=3))
    assert burst.passes[0].burst == 3


@pytest.mark.parametrize(("size_ml", "bore_um"), [(3.0, 8_660), (5.0, 12_060), (10.0, 14_500)])
def test_the_bore_is_that_of_the_syringe_of_the_protocol(size_ml: float, bore_um: int) -> None:
    syringe = FACE.syringe.model_copy(update={"size_ml": size_ml})
    assert plan(FACE.model_copy(update={"syringe": syringe})).head.syringe_bore_um == bore_um


def test_the_totals_are_of_all_passes_and_the_deepest_is_the_deepest() -> None:
    made = plan(FACE)
    assert made.deepest_um == max(one.depth_um for one in made.passes) > min(one.depth_um for one in made.passes)
    assert made.volume_nl == sum(one.shots * one.dose_nl for one in made.passes)
    assert made.shots == sum(one.shots for one in made.passes)


def test_a_period_that_is_drawn_is_not_below_the_guns_shortest() -> None:
    draw = LINES
    natural = plan(draw).passes[0].period_us
    assert natural % 100_000 == 0
    slow = plan(draw, device=DeviceLimits(period_min_us=natural + 1)).passes[0]
    assert slow.period_us == natural + 100_000
    assert slow.shortest_us <= natural


# ---- the rest of a plan ----


def of_rest(filled_nl: int, used_nl: int = 0, left: dict[int, int] | None = None) -> Any:
    return rest(FACE, WHOLE, left or {1: 0, 2: 5}, filled_nl, used_nl)


def test_a_rest_has_the_passes_with_something_left_under_their_own_numbers() -> None:
    made = of_rest(3_000_000)
    (one,) = made.passes
    assert (one.index, one.number, one.shots) == (0, 2, 5)
    assert (one.depth_um, one.dose_nl, one.technique) == (1_500, 20_000, WHOLE.passes[1].technique)
    assert (made.head.passes, made.shots, made.volume_nl, made.deepest_um) == (1, 5, 100_000, 1_500)
    assert made.digest != WHOLE.digest
    both = of_rest(3_000_000, left={1: 1, 2: 1})
    assert [(one.index, one.number, one.shots) for one in both.passes] == [(0, 1, 1), (1, 2, 1)]


@pytest.mark.parametrize(("filled_nl", "fits"), [(100_000, True), (99_999, False)])
def test_a_rest_fits_into_what_the_syringe_holds_now(filled_nl: int, fits: bool) -> None:
    if fits:
        assert of_rest(filled_nl).volume_nl == filled_nl
        return
    with pytest.raises(Refused) as caught:
        of_rest(filled_nl)
    assert caught.value.problems[0].field == "filled"


def test_what_left_the_syringe_before_is_on_top_of_what_it_holds_for_the_gun_takes_it_off() -> None:
    assert of_rest(1_000_000, 250_000).head.syringe_nl == 1_250_000
    assert of_rest(9_900_000, 250_000).head.syringe_nl == limits.SYRINGE_MAX_NL
    assert of_rest(1_000_000).head.syringe_bore_um == WHOLE.head.syringe_bore_um
    assert of_rest(1_000_000).head.flow_max_nl_s == WHOLE.head.flow_max_nl_s


def test_every_refusal_says_which_value_is_too_much_and_what_to_do() -> None:
    found: list[Problem] = list(plan_problems.beyond_gun(replace(ONE, depth_um=10_001), Description(), ANY_DEVICE))
    assert [(one.value, one.remedy) for one in found] == [("10.001 mm", "Set 10 mm or less")]
