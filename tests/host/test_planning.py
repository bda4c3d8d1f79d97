"""From a protocol to the device's integers: exact, inside every limit, or refused with the reason."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mesogun.gun import Welcome
from mesogun.needles import GAUGES, SYRINGE_BORE_UM
from mesogun.planning import ANY_DEVICE, DeviceLimits, PassPlan, Plan, plan
from mesogun.protocol import Needle, Protocol, load_protocol
from mesogun.quantities import QUANTITIES
from mesogun.refusal import Problem, Refused
from mesogun.techniques import MODES, TECHNIQUES
from mesogun_fw import frames, limits
from mesogun_fw.audit import Audit
from mesogun_fw.config import REFERENCE, Hardware
from mesogun_fw.program import Program
from mesogun_fw.stroke import Figures, Settings, Stroke

LIBRARY = Path(__file__).parents[2] / "protocols"
MESOLIFT = load_protocol(LIBRARY / "face/mesolift.toml")
DEEP = load_protocol(LIBRARY / "body/cellulite.toml")


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
    assert made.begin == (2, 12_060, 3_000_000, 392_164)
    assert made.passes[0].values() == [0, 3, 150, 1, 2_000, 300_000, 10_000, 392_164, 80_000, 250_000]
    assert made.passes[1].values() == [1, 1, 60, 1, 1_500, 300_000, 20_000, 392_164, 100_000, 500_000]
    assert (made.shots, made.volume_nl, made.deepest_um, made.duration_ms) == (210, 2_700_000, 2_000, 67_500)
    assert made.protocol_digest == MESOLIFT.digest != ""


def the_device_accepts(made: Plan) -> None:
    """The firmware's own code stores the plan, derives the same from it, and compiles and audits every pass."""
    hardware = Hardware()
    program = Program(hardware)
    program.begin(list(made.begin))
    for one in made.passes:
        program.add(one.values())
    assert program.commit(made.digest) == [made.digest, made.shots, made.deepest_um, made.volume_nl, made.duration_ms]
    for one in program.passes:
        wanted, stroke = one.settings(program.syringe_bore_um), Stroke()
        stroke.compile(wanted, hardware)
        assert Audit(stroke, wanted, hardware).deepest_um == one.depth_um


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.toml")), ids=lambda file: file.stem)
def test_the_device_accepts_every_protocol_of_the_library(file: Path) -> None:
    the_device_accepts(plan(load_protocol(file)))


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
    wide = Welcome(1, 0, 100, 1, 1, 1, depth_cap_um=20_000, dose_max_nl=200_000, period_min_us=100_000, flow_max_nl_s=2_000_000)
    assert [problem.field for problem in problems(deep, device=wide)] == ["passes[0].depth_mm"]


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
    assert problem.limit == "a shot takes 153 ms (needle out and back 42, dispensing 28, dwell 80, turning 2) and has 111 ms"
    assert "at most 6.5 shots/s" in problem.remedy
    assert plan(with_pass(rate_hz=6.5))
    assert problems(with_pass(rate_hz=6.6))


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
    assert [problem.field for problem in problems(eyes)] == ["passes[0].depth_mm", "passes[1].depth_mm", "passes[0].rate_hz"]


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


def test_a_gun_that_allows_less_flow_is_given_less() -> None:
    made = plan(MESOLIFT, device=DeviceLimits(flow_max_nl_s=100_000))
    assert made.begin[3] == 100_000
    assert {one.flow_nl_s for one in made.passes} == {100_000}


def test_a_slow_plunger_sets_the_flow_but_not_what_the_needle_passes() -> None:
    slow = list(REFERENCE)
    slow[5] = 1_000
    made = plan(MESOLIFT, Hardware(tuple(slow)))
    assert made.begin[3] == 392_164
    assert made.passes[0].flow_nl_s == 114_231  # 1 mm/s in 12.06 mm, pi as 355/113


def test_a_needle_faster_than_the_gun_can_is_refused_and_not_slowed_down() -> None:
    slow = list(REFERENCE)
    slow[1] = 200_000
    hardware = Hardware(tuple(slow))
    assert plan(MESOLIFT, hardware).passes[0].needle_um_s == 200_000
    assert problems(with_pass(needle_mm_s=201.0), hardware=hardware)[0].field == "passes[0].needle_mm_s"


def test_a_syringe_longer_than_the_plunger_travels_is_refused() -> None:
    short = list(REFERENCE)
    short[7] = 20_000
    assert [problem.field for problem in problems(MESOLIFT, hardware=Hardware(tuple(short)))] == ["syringe.filled_ml"]


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
        if one["mode"] != "burst":
            one.pop("burst", None)
        elif "burst" not in one:
            one["burst"] = 2
    size_ml = draw(st.sampled_from(sorted(SYRINGE_BORE_UM)))
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
    frames.body("begin", list(made.begin))
    for one in made.passes:
        frames.body("pass", one.values())
    frames.body("program", [made.digest, made.shots, made.deepest_um, made.volume_nl, made.duration_ms])


def shortest_us(one: PassPlan, made: Plan) -> int:
    wanted = Settings(one.depth_um, one.needle_um_s, one.dose_nl, one.flow_nl_s, one.dwell_us, one.period_us, made.begin[1])
    return Figures(wanted, Hardware()).shortest_us


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
        assert one.flow_nl_s <= made.begin[3]
    assert made.volume_nl <= made.begin[2]


@settings(max_examples=30)
@given(written())
def test_the_device_accepts_whatever_was_planned(data: dict[str, Any]) -> None:
    try:
        made = plan(Protocol.model_validate(data))
    except (Refused, ValidationError):
        assume(False)
        return
    the_device_accepts(made)


@given(written())
def test_the_fastest_rate_that_is_named_works_and_the_next_does_not(data: dict[str, Any]) -> None:
    data["passes"] = data["passes"][:1]
    data["passes"][0] |= {"rate_hz": 10, "points": 1}
    try:
        protocol = Protocol.model_validate(data)
        plan(protocol)
        assume(False)
    except (Refused, ValidationError) as refused:
        named = [p for p in getattr(refused, "problems", ()) if isinstance(refused, Refused) and "Set at most" in p.remedy]
        assume(named and named[0].field == "passes[0].rate_hz" and len(refused.problems) == 1)
        rate_hz = float(named[0].remedy.split("at most ")[1].split(" ")[0])
    assert plan(with_pass(protocol, rate_hz=rate_hz))
    assert problems(with_pass(protocol, rate_hz=round(rate_hz + 0.1, 1)))


def test_a_gun_that_is_not_at_hand_has_the_ceilings_of_the_firmware() -> None:
    assert (ANY_DEVICE.depth_cap_um, ANY_DEVICE.period_min_us) == (limits.DEPTH_CAP_UM, limits.PERIOD_MIN_US)
