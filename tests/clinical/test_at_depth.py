"""How long a needle rests at depth, and which protocol is refused because too little of its dose would be there."""

from pathlib import Path
from typing import Any

import pytest
from rigs.clinical import FILES, LIBRARY, with_pass

from mesogun.clinical import needles, syringes
from mesogun.clinical.delivery import LEAST_FIRST, LEAST_MEAN, MOST, MOST_AFTER
from mesogun.clinical.explain import explain
from mesogun.clinical.needles import GAUGES, Gauge
from mesogun.clinical.planning import plan
from mesogun.clinical.plans import PassPlan
from mesogun.clinical.protocol import Pass, Protocol, load_protocol, read_protocol
from mesogun.clinical.syringes import Barrel
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits

FACE, SCALP, BODY, FLOW = (FILES[name] for name in ("mesolift", "hair-loss", "cellulite", "painful-places"))
SINGLE = BODY.model_copy(update={"passes": BODY.passes[:1]})
ACCEPTS = {"least_share_percent": 0, "less_share_because": "a test"}


def first(protocol: Protocol) -> PassPlan:
    return plan(protocol).passes[0]


def problems(protocol: Protocol) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        plan(protocol)
    return caught.value.problems


def in_syringe(protocol: Protocol, **changes: Any) -> Protocol:
    return protocol.model_copy(update={"syringe": protocol.syringe.model_copy(update=changes)})


# ---- every protocol of the library ----


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.toml")), ids=lambda file: file.stem)
def test_every_protocol_of_the_library_has_its_doses_at_depth_by_the_planners_band(file: Path) -> None:
    protocol = load_protocol(file)
    for wanted, one in zip(protocol.passes, plan(protocol).passes, strict=True):
        found = one.delivery
        assert found
        assert not wanted.accepts_less, "the library accepts no less"
        assert 0.85 <= found.share.low <= found.share.high <= MOST
        assert LEAST_MEAN <= found.share.mean <= MOST
        assert min(found.first.low, found.after_pause.low) >= LEAST_FIRST
        assert found.after_doses.high <= MOST_AFTER


# ---- rest at depth ----


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 2.0, 3.3])
@pytest.mark.parametrize("mode", ["single", "burst"])
def test_where_the_gun_stands_still_the_needle_rests_at_depth_for_all_that_the_period_leaves(mode: str, rate_hz: float) -> None:
    one = first(with_pass(SINGLE, mode=mode, burst=3 if mode == "burst" else None, rate_hz=rate_hz))
    assert one.dwell_us % 1_000 == 0
    assert one.dwell_us == limits.DWELL_MAX_US or one.period_us - 1_000 < one.shortest_us <= one.period_us
    assert one.dwell_us <= limits.DWELL_MAX_US


@pytest.mark.parametrize("hand_mm_s", [None, 1.0, 4.0, 10.0])
def test_a_gliding_hand_drags_the_needle_half_a_millimetre_at_the_most(hand_mm_s: float | None) -> None:
    one = first(with_pass(FACE, hand_mm_s=hand_mm_s, **ACCEPTS))
    dragged_mm = (hand_mm_s or 2 * 2) * (one.dispense_us + one.dwell_us) / 1e6
    assert dragged_mm <= 0.5
    assert dragged_mm > 0.5 - (hand_mm_s or 4) * 0.001 or one.shortest_us > one.period_us - 1_000


def test_a_hand_that_stands_still_leaves_the_needle_all_that_the_period_holds() -> None:
    one = first(with_pass(FACE, hand_mm_s=0.0))
    assert one.period_us - 1_000 < one.shortest_us <= one.period_us


def test_a_dwell_that_drags_the_needle_is_refused_with_the_longest_that_does_not() -> None:
    (problem,) = problems(with_pass(FACE, dwell_ms=95.0))
    assert problem.field == "passes[0].dwell_ms"
    assert "glides at 4 mm/s" in problem.limit
    assert "a dwell of 94 ms" in problem.limit
    assert problem.remedy.startswith("Leave out `dwell_ms`")
    assert first(with_pass(FACE, dwell_ms=94.0)).dwell_us == 94_000


def test_a_hand_too_fast_for_the_dispensing_alone_is_told_how_fast_it_may_be() -> None:
    (problem,) = problems(with_pass(FACE, hand_mm_s=20.0, dwell_ms=0.0))
    assert "16.4 mm/s without any dwell" in problem.limit
    hand_mm_s = float(problem.remedy.split("at most ")[1].split(" ")[0])
    assert plan(with_pass(FACE, hand_mm_s=hand_mm_s))


def test_a_dwell_that_the_period_does_not_hold_is_refused_with_the_longest_that_it_does() -> None:
    (problem,) = problems(with_pass(SINGLE, dwell_ms=781.0))
    assert "a dwell of at most 780 ms" in problem.remedy
    assert first(with_pass(SINGLE, dwell_ms=780.0)).dwell_us == 780_000


def test_dry_needling_rests_nowhere_and_has_no_dose_to_estimate() -> None:
    one = first(with_pass(FACE, technique="dry needling", dose_ul=0.0))
    assert (one.dwell_us, one.delivery) == (0, None)


def test_a_press_of_flow_has_to_last_until_little_enough_of_it_is_left_behind() -> None:
    least_s = first(FLOW).least_hold_s
    assert least_s
    assert 1 < least_s <= 20, "the library's comment says 20 s at a place"
    assert first(with_pass(FLOW, seconds=least_s)).least_hold_s == least_s
    assert problems(with_pass(FLOW, seconds=least_s - 1))


# ---- too little at depth ----


def test_the_remedy_leads_with_rest_at_depth_then_a_stiff_syringe_and_is_enough() -> None:
    soft = in_syringe(with_pass(SINGLE, dwell_ms=150.0), size_ml=10.0, stiff=False)
    (problem,) = problems(soft)
    assert problem.field == "passes[0].dwell_ms"
    assert "estimated, A" in problem.value
    assert problem.remedy.startswith("Leave out `dwell_ms`: the needle rests at depth, then take a stiff syringe of 1 ml")
    assert plan(in_syringe(with_pass(soft, dwell_ms=None), size_ml=1.0, stiff=True))


def test_rest_at_depth_alone_is_named_where_it_is_enough() -> None:
    (problem,) = problems(with_pass(SINGLE, dwell_ms=0.0))
    assert problem.remedy.startswith("Leave out `dwell_ms`: the needle rests at depth, or accept less")


def test_a_wider_needle_comes_before_a_slower_rate_and_both_before_nothing() -> None:
    fine = FACE.model_copy(update={"needle": FACE.needle.model_copy(update={"gauge": "30G"})})
    (problem,) = problems(fine)
    assert problem.field == "needle.gauge"
    assert problem.remedy.startswith("A wider needle: 27G, 4 mm, or accept less")
    (faster,) = problems(with_pass(FACE, rate_hz=3.0, spacing_mm=2.0))
    assert faster.field == "passes[0].rate_hz"
    slower_hz = float(faster.remedy.split("at most ")[1].split(" ")[0])
    assert plan(with_pass(FACE, rate_hz=slower_hz))
    assert problems(with_pass(FACE, rate_hz=round(slower_hz + 0.1, 1)))


def test_what_nothing_cures_names_what_comes_later() -> None:
    thick = FACE.cocktail.model_copy(update={"viscosity_mpa_s": 400.0}) if FACE.cocktail else None
    found = problems(FACE.model_copy(update={"cocktail": thick, "passes": (FACE.passes[0].model_copy(update={"rate_hz": 0.2}),)}))
    assert any("not enough yet" in one.remedy and "a valve at the needle" in one.remedy.lower() for one in found)


@pytest.mark.parametrize(("dose_ul", "says"), [(10.0, "stiff syringe of 1 ml"), (200.0, "Take a syringe of 3 ml")])
def test_small_doses_are_sent_to_a_stiff_syringe_and_large_ones_to_the_roomiest_that_will_do(dose_ul: float, says: str) -> None:
    short = SINGLE.model_copy(update={"needle": SINGLE.needle.model_copy(update={"length_mm": 6.0})})
    soft = in_syringe(with_pass(short, dose_ul=dose_ul, points=2, rate_hz=0.5), size_ml=10.0, stiff=False)
    (problem,) = problems(soft)
    assert says in problem.remedy


def test_no_shot_is_topped_up_for_what_stays_behind() -> None:
    soft = in_syringe(with_pass(SINGLE, **ACCEPTS), size_ml=10.0, stiff=False)
    assert first(soft).dose_nl == first(SINGLE).dose_nl == 50_000


# ---- what nobody knows ----


def test_a_stiff_syringe_of_which_nobody_knows_what_it_gives_is_refused() -> None:
    (problem,) = problems(in_syringe(SINGLE, size_ml=3.0))
    assert problem.field == "syringe.stiff"
    assert "stiff syringe of 3 ml" in problem.limit
    assert "stiff one of 1 ml" in problem.remedy


def test_a_plastic_syringe_without_that_figure_is_refused_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(syringes.PLASTIC, 3.0, Barrel(8_660, "(A)", (), "not found"))
    (problem,) = problems(in_syringe(SINGLE, size_ml=3.0, stiff=False))
    assert "plastic syringe of 3 ml" in problem.limit


def test_a_needle_without_a_wall_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needles.GAUGES, "27G", Gauge(413, 210, ()))
    (problem,) = problems(SINGLE)
    assert (problem.field, problem.value) == ("needle.gauge", "27G")
    assert set(problem.remedy.removeprefix("Take one of ").split(", ")) == set(GAUGES) - {"27G"}


# ---- less is accepted ----


def test_less_is_accepted_with_a_reason_down_to_what_is_said() -> None:
    soft = in_syringe(SINGLE, size_ml=10.0, stiff=False)
    assert problems(soft)
    found = first(with_pass(soft, **ACCEPTS)).delivery
    assert found
    percent = int(100 * found.share.low)
    assert plan(with_pass(soft, least_share_percent=percent, less_share_because="no other syringe"))
    assert problems(with_pass(soft, least_share_percent=percent + 1, less_share_because="no other syringe"))


def test_less_without_a_reason_is_no_protocol() -> None:
    text = FACE.text.replace("dose_ul = 10\n", "dose_ul = 10\nleast_share_percent = 84\n", 1)
    with pytest.raises(Refused) as caught:
        read_protocol(text.encode())
    (problem,) = caught.value.problems
    assert problem.field == "passes[0].less_share_because"
    read_protocol(text.replace("percent = 84", "percent = 85").encode())


def test_more_than_is_usual_may_be_wanted() -> None:
    (problem,) = problems(with_pass(FACE, least_share_percent=90))
    assert "90 % are wanted" in problem.limit


def test_a_pass_knows_whether_it_accepts_less() -> None:
    assert not FACE.passes[0].accepts_less
    assert Pass.model_validate(FACE.passes[0].model_dump() | ACCEPTS).accepts_less


# ---- told ----


def test_an_explanation_tells_the_estimate_with_its_band_and_that_it_is_none_that_was_measured() -> None:
    told = explain(FACE, plan(FACE))
    (row, _) = told.passes
    assert row.estimated_at_depth == plan(FACE).passes[0].delivery
    assert row.estimate.startswith("87 % to 100 % of each dose, 96 % at the mean")
    assert row.estimate.endswith("(estimated, A)")
    assert row.dwell_ms == 94
    assert row.hand_way_mm == pytest.approx(0.498)
    assert told.to_dict()["passes"][0]["estimated_at_depth"]["share"] == pytest.approx(
        {"low": 0.87, "mean": 0.964, "high": 1.0}, abs=0.001
    )
    assert "glides at 4 mm/s" in row.in_words


def test_an_explanation_says_what_was_accepted_and_why() -> None:
    less = with_pass(FACE, least_share_percent=40, less_share_because="nothing else at hand")
    assert "from 40 % on accepted: nothing else at hand" in explain(less, plan(less)).passes[0].estimate


def test_an_explanation_of_flow_says_how_long_a_place_has_to_be_held() -> None:
    assert "held for 14 s at least" in explain(FLOW, plan(FLOW)).passes[0].estimate


def test_what_is_recorded_of_a_plan_has_the_estimate() -> None:
    assert plan(FACE).recorded()["passes"][0]["delivery"]["share"]["low"] == pytest.approx(0.87, abs=0.001)
