"""Each rule at its limit: the last value that is kept, the first that is not; every area, name and pass that it is about."""

from typing import Any

import pytest
from rigs.clinical import BODY, FACE, FILES, LINES, SCALP, in_area, of, with_ingredient, with_pass

from mesogun.clinical.protocol import AREAS, Pass, Protocol
from mesogun.clinical.quantities import TABLE
from mesogun.clinical.rules import BLOCK, CONFIRM, RULES, WARN
from mesogun.clinical.techniques import TECHNIQUES

FLOW = FILES["painful-places"].passes[0]


def with_passes(protocol: Protocol, *passes: Pass) -> Protocol:
    return protocol.model_copy(update={"passes": passes})


def points_of(protocol: Protocol, *points: int, dose_ul: float = 10.0) -> Protocol:
    one = protocol.passes[0]
    return with_passes(protocol, *(one.model_copy(update={"points": count, "dose_ul": dose_ul}) for count in points))


def test_which_rules_block_which_a_physician_confirms_and_which_only_warn() -> None:
    by_severity = {severity: {rule.id for rule in RULES if rule.severity == severity} for severity in (BLOCK, CONFIRM, WARN)}
    assert by_severity == {
        BLOCK: {"P1", "P6", "P14", "P15", "D5", "D11", "D12", "D13", "D14", "not mesotherapy"},
        CONFIRM: {"P4", "P5", "P7", "P8", "D10"},
        WARN: {"P11", "D7", "technique", "usual"},
    }


# ---- depth and area ----


def test_p1_a_depth_is_at_most_the_needles_length_in_every_pass() -> None:
    long = FACE.model_copy(update={"needle": FACE.needle.model_copy(update={"length_mm": 6.0})})
    assert of("P1", with_pass(long, depth_mm=6.0)) == []
    second = FACE.passes[1].model_copy(update={"depth_mm": 6.1})
    assert [one.field for one in of("P1", with_passes(long, FACE.passes[0], second))] == ["passes[1].depth_mm"]


AT_MOST_4_MM = [
    ("P4", ("face", "neck", "decollete", "hands", "scalp")),
    ("P7", ("scalp",)),
    ("P8", ("face",)),
]


@pytest.mark.parametrize(("rule", "areas"), AT_MOST_4_MM)
def test_past_4_mm_is_for_a_physician_where_the_skin_is_thin_and_nowhere_else(rule: str, areas: tuple[str, ...]) -> None:
    assert tuple(area for area in AREAS if of(rule, in_area(with_pass(BODY, depth_mm=4.1), area))) == areas
    shallow = with_passes(BODY, BODY.passes[0].model_copy(update={"depth_mm": 4.0}))
    assert not any(of(rule, in_area(shallow, area)) for area in AREAS)


def test_p5_joint_muscle_and_ligament_are_for_a_physician_however_shallow() -> None:
    assert [area for area in AREAS if of("P5", in_area(FACE, area))] == ["joint", "muscle", "ligament"]


def test_p6_under_the_eyes_2_mm_are_the_deepest_in_every_pass() -> None:
    eyes = with_passes(FACE, *(one.model_copy(update={"depth_mm": 2.0}) for one in FACE.passes))
    deeper = with_passes(FACE, eyes.passes[0], eyes.passes[1].model_copy(update={"depth_mm": 2.1}))
    assert of("P6", in_area(eyes, "under-eye")) == []
    assert [one.field for one in of("P6", in_area(deeper, "under-eye"))] == ["passes[1].depth_mm"]
    assert [area for area in AREAS if of("P6", in_area(deeper, area))] == ["under-eye"]


# ---- what is in the syringe ----


@pytest.mark.parametrize(("count", "broken"), [(5, False), (6, True)])
def test_d5_five_ingredients_are_allowed_and_six_are_not_and_the_diluent_is_none(count: int, broken: bool) -> None:
    assert BODY.cocktail
    assert BODY.cocktail.diluent
    ingredients = BODY.cocktail.ingredients[:1] * count
    many = BODY.model_copy(update={"cocktail": BODY.cocktail.model_copy(update={"ingredients": ingredients})})
    assert bool(of("D5", many)) == broken


NAMES: list[tuple[str, list[str], list[str]]] = [
    (
        "P14",
        ["PPP gel", "platelet-poor plasma", "Platelet poor plasma", "bovine thrombin"],
        ["antithrombin", "prothrombin", "pppx"],
    ),
    (
        "P15",
        ["peppermint oil", "Ethanol 5 %", "benzyl alcohol", "oil"],
        ["aloe, boiled", "oils-free water", "ethanolamine", "alcoholate"],
    ),
    ("D10", ["Finasteride", "dutasteride 0.5 mg"], ["minoxidil"]),
    ("D12", ["buflomedil", "Buflomedil HCl"], ["pentoxifylline"]),
    (
        "D13",
        ["Filler", "fillers", "cross-linked HA", "crosslinked HA"],
        ["not cross-linked HA", "non-cross-linked HA", "non crosslinked HA", "refiller"],
    ),
    (
        "not mesotherapy",
        ["PRP", "platelet-rich plasma", "Platelet rich plasma", "Botulinum toxin", "stem cells", "stem-cell extract"],
        ["prpx", "platelets"],
    ),
    (
        "D14",
        ["deoxycholic acid", "Sodium deoxycholate", "desoxycholic acid", "dezoxycholic acid", "dezoxycholate", "desoxycholate"],
        ["cholic acid"],
    ),
]


@pytest.mark.parametrize(("rule", "meant", "others"), NAMES, ids=[rule for rule, *_ in NAMES])
def test_a_substance_is_known_by_each_of_its_names_and_no_other_is_taken_for_it(
    rule: str, meant: list[str], others: list[str]
) -> None:
    assert [name for name in meant + others if of(rule, with_ingredient(FACE, name=name))] == meant


def test_a_substance_is_found_whichever_ingredient_it_is() -> None:
    assert FACE.cocktail
    last = FACE.cocktail.ingredients[-1].model_copy(update={"name": "buflomedil"})
    ingredients = (*FACE.cocktail.ingredients[:-1], last)
    changed = FACE.model_copy(update={"cocktail": FACE.cocktail.model_copy(update={"ingredients": ingredients})})
    assert [one.field for one in of("D12", changed)] == [f"cocktail.ingredients[{len(ingredients) - 1}]"]


@pytest.mark.parametrize(("base", "broken"), [("water", False), ("oil", True), ("alcohol", True)])
def test_p15_what_is_based_on_oil_or_alcohol_is_refused_under_an_innocent_name(base: str, broken: bool) -> None:
    assert bool(of("P15", with_ingredient(FACE, name="vitamin", base=base))) == broken


@pytest.mark.parametrize(("rule", "group"), [("D7", "vasodilator"), ("D10", "DHT blocker"), ("D13", "filler")])
def test_a_group_is_enough_whatever_the_name(rule: str, group: str) -> None:
    assert len(of(rule, with_ingredient(FACE, name="vitamin", group=group))) == 1
    assert of(rule, with_ingredient(FACE, name="vitamin", group="vitamin")) == []


def test_d10_a_dht_blocker_is_for_the_scalp_alone() -> None:
    blocker = with_ingredient(SCALP, name="finasteride", group="other")
    assert [area for area in AREAS if not of("D10", in_area(blocker, area))] == ["scalp"]


@pytest.mark.parametrize("off_ml", [-0.01, 0.01])
def test_d11_a_cocktail_adds_up_to_the_hundredth_of_a_millilitre_its_diluent_counted(off_ml: float) -> None:
    assert BODY.cocktail
    diluent = BODY.cocktail.diluent
    assert diluent
    off = diluent.model_copy(update={"volume_ml": round(diluent.volume_ml + off_ml, 2)})
    assert of("D11", BODY) == []
    assert of("D11", BODY.model_copy(update={"cocktail": BODY.cocktail.model_copy(update={"diluent": off})}))
    dry = BODY.model_copy(update={"cocktail": None})
    assert of("D11", dry), "a syringe that is filled with nothing that is known"
    assert of("D11", dry.model_copy(update={"syringe": BODY.syringe.model_copy(update={"filled_ml": 0.0})})) == []


CHIN = with_ingredient(in_area(BODY, "submental"), name="deoxycholic acid")


@pytest.mark.parametrize(("points", "broken"), [((50,), []), ((51,), ["51 points"]), ((30, 20), []), ((30, 21), ["51 points"])])
def test_d14_deoxycholic_acid_has_at_most_50_points_over_all_passes(points: tuple[int, ...], broken: list[str]) -> None:
    assert [one.value for one in of("D14", points_of(CHIN, *points))] == broken


def test_d14_deoxycholic_acid_is_at_most_10_ml_by_points_and_flow_together() -> None:
    ten = points_of(CHIN, 25, 25, dose_ul=200.0)
    assert of("D14", ten) == []
    more = with_passes(CHIN, *ten.passes, FLOW.model_copy(update={"seconds": 1, "flow_ul_s": 2.0}))
    assert [one.value for one in of("D14", more)] == ["constant flow: it has no points to count", "10.002 ml"]
    dry = with_passes(CHIN, ten.passes[0].model_copy(update={"dose_ul": 0, "points": 50}))
    assert of("D14", dry) == []


def test_d14_deoxycholic_acid_is_for_the_chin_alone() -> None:
    assert [area for area in AREAS if not of("D14", in_area(points_of(CHIN, 50), area))] == ["submental"]


def test_d14_one_second_of_flow_is_flow() -> None:
    flowing = with_passes(CHIN, FLOW.model_copy(update={"seconds": 1, "flow_ul_s": 2.0}))
    assert [one.field for one in of("D14", flowing)] == ["passes[0].mode"]


# ---- what is unusual ----


@pytest.mark.parametrize(
    ("rule", "key", "low", "high"),
    [("P11", "spacing_mm", 1.0, 4.0), ("technique", "depth_mm", 1.0, 4.0), ("technique", "dose_ul", 10.0, 40.0)],
)
def test_outside_the_figures_of_its_technique_a_pass_is_pointed_out(rule: str, key: str, low: float, high: float) -> None:
    assert FACE.passes[0].technique == "nappage"
    values = (round(low - 0.1, 1), low, high, round(high + 0.1, 1))
    assert [bool(of(rule, with_pass(FACE, **{key: value}))) for value in values] == [True, False, False, True]


def test_what_is_unusual_is_found_in_a_later_pass_as_well() -> None:
    odd: dict[str, Any] = {"spacing_mm": 40.0, "mode": "burst", "burst": 2}
    later = with_passes(FACE, FACE.passes[0], FACE.passes[1].model_copy(update=odd))
    fields = [one.field for rule in ("P11", "technique", "usual") for one in of(rule, later)]
    assert fields == ["passes[1].spacing_mm", "passes[1].mode", "passes[1].spacing_mm"]


def test_along_the_way_back_44_to_66_microlitres_a_centimetre_are_usual() -> None:
    draw = LINES
    doses = {17.5: True, 17.6: False, 26.4: False, 26.5: True}
    for dose_ul, broken in doses.items():
        assert bool(of("technique", with_pass(draw, depth_mm=4.0, dose_ul=dose_ul))) == broken, dose_ul


@pytest.mark.parametrize("key", [row.name for row in TABLE if row.name in Pass.model_fields])
def test_a_value_outside_its_usual_range_is_pointed_out_by_its_field(key: str) -> None:
    row = next(row for row in TABLE if row.name == key)
    low, high = row.usual
    for counts in (low - row.step, low, high, high + row.step):
        if row.low <= counts <= row.high:
            found = [one.field for one in of("usual", with_pass(FACE, **{key: counts / row.per_unit})) if one.field.endswith(key)]
            assert bool(found) == (not low <= counts <= high), counts


def test_every_technique_says_what_is_usual_of_it() -> None:
    usual = {name: (one.modes, one.depth_mm, one.dose_ul, one.spacing_mm) for name, one in TECHNIQUES.items()}
    assert usual == {
        "epidermic": (("continuous",), (0.2, 1), (1, 10), (1, 5)),
        "nappage": (("continuous",), (1, 4), (10, 40), (1, 4)),
        "papule": (("single",), (1.5, 2), (10, 50), (8, 12)),
        "point by point": (("single",), (2, 10), (10, 200), (10, 30)),
        "mesoperfusion": (("constant flow",), (2, 4), (), ()),
        "retrograde": (("retrograde",), (2.8, 7.7), (), ()),
        "hypodermic": (("single", "burst"), (4, 10), (1, 200), (10, 25)),
        "skin booster": (("single", "continuous"), (1, 2), (1, 25), (8, 12)),
        "dry needling": (("continuous",), (0.5, 3), (0, 0), (1, 3)),
    }
