"""From a protocol to the device's integers: exact, inside every limit, or refused with the reason."""

import math
from pathlib import Path
from typing import Any

import pytest
from rigs.clinical import BODY, FACE

from mesogun.clinical.planning import ANY_DEVICE, DeviceLimits, plan
from mesogun.clinical.protocol import Needle, Protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.gun.client import Welcome
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description

LIBRARY = Path(__file__).parents[2] / "protocols"
MESOLIFT, DEEP = FACE, BODY
BOASTER = Welcome(1, 0, 100, 1, 1, 1, depth_cap_um=20_000, dose_max_nl=400_000, period_min_us=1, flow_max_nl_s=9_000_000)


def with_pass(protocol: Protocol = MESOLIFT, **changes: Any) -> Protocol:
    """The protocol with its first pass changed, past every check of its models."""
    first = protocol.passes[0].model_copy(update=changes)
    return protocol.model_copy(update={"passes": (first, *protocol.passes[1:])})


def problems(protocol: Protocol, **how: Any) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        plan(protocol, **how)
    return caught.value.problems


def test_a_plan_holds_the_integers_of_the_messages() -> None:
    made = plan(MESOLIFT)
    assert made.head == (2, 12_060, 3_000_000, 215_342)
    assert list(made.passes[0].fields().values()) == [0, 3, 150, 1, 2_000, 300_000, 10_000, 215_342, 80_000, 250_000]
    assert list(made.passes[1].fields().values()) == [1, 1, 60, 1, 1_500, 300_000, 20_000, 215_342, 100_000, 500_000]
    assert (made.shots, made.volume_nl, made.deepest_um, made.duration_ms) == (210, 2_700_000, 2_000, 67_500)
    assert made.protocol_digest == MESOLIFT.digest != ""


@pytest.mark.parametrize(
    "depth_mm", [10.1, 10.05, 10.0001, 100.0, 1e300, math.inf, math.nan, -1.0, 0.0, True, "2.0", None, 10**400]
)
def test_no_protocol_however_built_is_planned_past_the_cap(depth_mm: object) -> None:
    field = problems(with_pass(DEEP, depth_mm=depth_mm))[0].field
    assert field == "passes[0].depth_mm"


def test_the_cap_holds_with_the_table_of_quantities_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = with_pass(DEEP, depth_mm=10.1)
    monkeypatch.setitem(QUANTITIES, "depth_mm", _without_limits())
    assert [problem.field for problem in problems(deep)] == ["passes[0].depth_mm"]
    assert [problem.field for problem in problems(deep, device=BOASTER)] == ["passes[0].depth_mm"]


def _without_limits() -> Any:
    class Unlimited(type(QUANTITIES["depth_mm"])):  # type: ignore[misc]
        def wrong(self, value: object) -> None:
            return None

    row = QUANTITIES["depth_mm"]
    return Unlimited(**{name: getattr(row, name) for name in row.__dataclass_fields__})


def test_ten_millimetres_are_planned_and_are_exactly_ten() -> None:
    assert plan(with_pass(DEEP, depth_mm=10.0)).deepest_um == 10_000 == limits.DEPTH_CAP_UM


def test_a_depth_beyond_the_needle_is_refused_however_the_protocol_was_built() -> None:
    assert problems(with_pass(depth_mm=4.1))[0].field == "passes[0].depth_mm"


def test_a_period_too_short_is_refused_with_where_the_time_goes_and_the_fastest_rate_that_works() -> None:
    (problem,) = problems(with_pass(rate_hz=9.0))
    assert problem.field == "passes[0].rate_hz"
    assert problem.limit == "a shot takes 176 ms (needle out and back 42, dispensing 48, dwell 80, turning 6) and has 111 ms"
    assert "at most 5.6 shots/s" in problem.remedy
    assert "a dwell of at most 14 ms" in problem.remedy
    assert plan(with_pass(rate_hz=9.0, dwell_ms=14.0))
    assert plan(with_pass(rate_hz=5.6))
    assert problems(with_pass(rate_hz=5.7))


def test_nine_shots_of_ten_microlitres_do_not_pass_a_long_fine_needle() -> None:
    fine = DEEP.model_copy(update={"needle": Needle(gauge="32G", length_mm=13.0)})
    assert "dispensing" in problems(with_pass(fine, rate_hz=9.0, dose_ul=10.0, depth_mm=4.0))[0].limit


def test_a_dose_that_no_rate_is_slow_enough_for_is_refused_without_naming_one() -> None:
    assert MESOLIFT.cocktail
    gel = MESOLIFT.model_copy(update={"cocktail": MESOLIFT.cocktail.model_copy(update={"viscosity_mpa_s": 500.0})})
    assert problems(with_pass(gel, dose_ul=200.0, points=1))[0].remedy.startswith("No rate is slow enough")


def test_a_cocktail_too_thick_for_its_needle_is_refused() -> None:
    assert DEEP.cocktail
    gel = DEEP.model_copy(
        update={
            "cocktail": DEEP.cocktail.model_copy(update={"viscosity_mpa_s": 500.0}),
            "needle": Needle(gauge="34G", length_mm=13.0),
        }
    )
    assert problems(gel)[0].field == "needle.gauge"


def test_more_than_the_syringe_holds_is_refused() -> None:
    (problem,) = problems(with_pass(points=181))
    assert (problem.field, problem.value) == ("passes", "3.01 ml (181 x 10 µl + 60 x 20 µl)")
    assert plan(with_pass(points=180)).volume_nl == 3_000_000


def test_a_dose_larger_than_the_syringe_is_refused_by_its_name() -> None:
    little = MESOLIFT.model_copy(update={"syringe": MESOLIFT.syringe.model_copy(update={"filled_ml": 0.01})})
    assert "passes[1].dose_ul" in [problem.field for problem in problems(little)]


def test_a_blocking_rule_refuses_the_plan_together_with_everything_else() -> None:
    eyes = with_pass(DEEP.model_copy(update={"area": "under-eye"}), rate_hz=10.0)
    assert [problem.field for problem in problems(eyes)] == ["passes[0].depth_mm", "passes[0].rate_hz", "passes[1].depth_mm"]


@pytest.mark.parametrize(
    ("device", "field"),
    [
        (DeviceLimits(depth_cap_um=5_000), "passes[0].depth_mm"),
        (DeviceLimits(dose_max_nl=40_000), "passes[0].dose_ul"),
        (DeviceLimits(period_min_us=600_000), "passes[1].rate_hz"),
        (DeviceLimits(flow_max_nl_s=400), "needle.gauge"),
    ],
)
def test_what_this_gun_does_not_allow_is_refused(device: DeviceLimits, field: str) -> None:
    assert [problem.field for problem in problems(DEEP, device=device)] == [field]


def test_no_gun_is_believed_to_allow_more_than_the_firmware_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DEEP.cocktail
    water = DEEP.cocktail.model_copy(update={"viscosity_mpa_s": 1.0})
    wide_open = DEEP.model_copy(update={"cocktail": water, "needle": Needle(gauge="27G", length_mm=6.0)})
    monkeypatch.setattr(limits, "FLOW_MAX_NL_S", 400_000)
    assert plan(wide_open, device=BOASTER).head.flow_max_nl_s == 400_000


def test_a_gun_that_allows_less_flow_is_given_less() -> None:
    made = plan(MESOLIFT, device=DeviceLimits(flow_max_nl_s=100_000))
    assert made.head.flow_max_nl_s == 100_000
    assert {one.flow_nl_s for one in made.passes} == {100_000}


def test_a_slow_plunger_sets_the_flow_but_not_what_the_needle_passes() -> None:
    slow = list(REFERENCE)
    slow[5] = 1_000
    made = plan(MESOLIFT, Description(tuple(slow)))
    assert made.head.flow_max_nl_s == 215_342
    assert made.passes[0].flow_nl_s == 114_231  # 1 mm/s in 12.06 mm, pi as 355/113


def test_a_needle_faster_than_the_gun_can_is_refused_and_not_slowed_down() -> None:
    slow = list(REFERENCE)
    slow[1] = 200_000
    description = Description(tuple(slow))
    assert plan(MESOLIFT, description).passes[0].needle_um_s == 200_000
    assert problems(with_pass(needle_mm_s=201.0), description=description)[0].field == "passes[0].needle_mm_s"


def test_a_syringe_longer_than_the_plunger_travels_is_refused() -> None:
    short = list(REFERENCE)
    short[7] = 20_000
    assert [problem.field for problem in problems(MESOLIFT, description=Description(tuple(short)))] == ["syringe.filled_ml"]


def test_a_gun_that_is_not_at_hand_has_the_ceilings_of_the_firmware() -> None:
    assert (ANY_DEVICE.depth_cap_um, ANY_DEVICE.period_min_us) == (limits.DEPTH_CAP_UM, limits.PERIOD_MIN_US)
