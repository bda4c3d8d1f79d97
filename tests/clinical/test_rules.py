"""The rules that judge a protocol alone. A rule that holds is silent; one that does not says where, and what to do."""

import pytest
from rigs.clinical import BODY, FACE, SCALP, in_area, of, with_ingredient, with_pass

from mesogun.clinical.protocol import Protocol
from mesogun.clinical.rules import BLOCK, CONFIRM, RULES, WARN, check
from mesogun.refusal import Refused

SIX_INGREDIENTS = FACE.model_copy(
    update={"cocktail": FACE.cocktail and FACE.cocktail.model_copy(update={"ingredients": FACE.cocktail.ingredients * 2})}
)
ACID = {"name": "Deoxycholic acid 10 mg/ml"}
CHIN = with_ingredient(in_area(BODY, "submental"), **ACID)

BROKEN = [
    ("P1", BLOCK, with_pass(FACE, depth_mm=4.1), "passes[0].depth_mm"),
    ("P4", CONFIRM, in_area(BODY, "neck"), "passes[0].depth_mm"),
    ("P5", CONFIRM, in_area(BODY, "joint"), "area"),
    ("P6", BLOCK, with_pass(in_area(FACE, "under-eye"), depth_mm=2.1), "passes[0].depth_mm"),
    ("P7", CONFIRM, in_area(BODY, "scalp"), "passes[0].depth_mm"),
    ("P8", CONFIRM, in_area(BODY, "face"), "passes[0].depth_mm"),
    ("P11", WARN, with_pass(FACE, spacing_mm=9.0), "passes[0].spacing_mm"),
    ("P14", BLOCK, with_ingredient(FACE, name="autologous PPP"), "cocktail.ingredients[0]"),
    ("P14", BLOCK, with_ingredient(FACE, name="Thrombin"), "cocktail.ingredients[0]"),
    ("P15", BLOCK, with_ingredient(FACE, base="oil"), "cocktail.ingredients[0]"),
    ("P15", BLOCK, with_ingredient(FACE, name="vitamin E in oil"), "cocktail.ingredients[0]"),
    ("D5", BLOCK, SIX_INGREDIENTS, "cocktail.ingredients"),
    ("D7", WARN, with_ingredient(FACE, group="vasodilator"), "cocktail.ingredients[0]"),
    ("D10", CONFIRM, with_ingredient(FACE, name="finasteride 0.05 %"), "cocktail.ingredients[0]"),
    ("D10", CONFIRM, with_ingredient(FACE, group="DHT blocker"), "cocktail.ingredients[0]"),
    ("D11", BLOCK, with_ingredient(FACE, volume_ml=0.99), "syringe.filled_ml"),
    ("D12", BLOCK, with_ingredient(FACE, name="Buflomedil"), "cocktail.ingredients[0]"),
    ("D13", BLOCK, with_ingredient(FACE, group="filler"), "cocktail.ingredients[0]"),
    ("D13", BLOCK, with_ingredient(FACE, name="cross-linked hyaluronic acid"), "cocktail.ingredients[0]"),
    ("D14", BLOCK, with_ingredient(BODY, **ACID), "area"),
    ("D14", BLOCK, CHIN, "passes"),
    ("not mesotherapy", BLOCK, with_ingredient(FACE, name="botulinum toxin A"), "cocktail.ingredients[0]"),
    ("not mesotherapy", BLOCK, with_ingredient(FACE, name="PRP"), "cocktail.ingredients[0]"),
    ("technique", WARN, with_pass(FACE, mode="single"), "passes[0].mode"),
    ("technique", WARN, with_pass(BODY, depth_mm=3.0), "passes[0].depth_mm"),
    ("technique", WARN, with_pass(FACE, dose_ul=5.0), "passes[0].dose_ul"),
    ("usual", WARN, with_pass(FACE, depth_mm=0.5), "passes[0].depth_mm"),
]

KEPT = [
    ("P1", with_pass(FACE, depth_mm=4.0)),
    ("P4", with_pass(in_area(BODY, "neck"), depth_mm=4.0)),
    ("P6", in_area(FACE, "under-eye")),
    ("P7", with_pass(SCALP, depth_mm=4.0)),
    ("P8", with_pass(FACE, depth_mm=4.0)),
    ("P14", with_ingredient(FACE, name="antithrombin")),
    ("D5", SCALP),
    ("D10", with_ingredient(SCALP, group="DHT blocker", name="dutasteride")),
    ("D13", with_ingredient(FACE, name="hyaluronic acid, not cross-linked")),
    ("D13", with_ingredient(FACE, name="non-crosslinked hyaluronic acid")),
    (
        "D14",
        CHIN.model_copy(update={"passes": (with_pass(CHIN, points=50, dose_ul=200.0).passes[0],)}),
    ),
    ("usual", with_pass(FACE, depth_mm=1.0)),
]


@pytest.mark.parametrize(("rule", "severity", "protocol", "field"), BROKEN)
def test_a_broken_rule_says_where_and_what_to_do(rule: str, severity: str, protocol: Protocol, field: str) -> None:
    found = of(rule, protocol)
    assert found
    assert {finding.severity for finding in found} == {severity}
    assert found[0].field == field
    assert found[0].value
    assert found[0].remedy


@pytest.mark.parametrize(("rule", "protocol"), KEPT)
def test_a_rule_that_holds_is_silent(rule: str, protocol: Protocol) -> None:
    assert not of(rule, protocol)


def test_every_rule_is_broken_by_an_example() -> None:
    assert {rule.id for rule in RULES} == {example[0] for example in BROKEN}
    assert {(rule.id, rule.severity) for rule in RULES} == {example[:2] for example in BROKEN}


def test_deoxycholic_acid_is_held_to_its_points_and_its_volume() -> None:
    much = with_pass(CHIN, points=51, dose_ul=200.0)
    assert [finding.value for finding in of("D14", much)] == ["131 points", "11.8 ml"]


def test_a_block_refuses_and_the_rest_is_listed() -> None:
    assert [finding.rule for finding in check(in_area(BODY, "neck"))] == ["P4"]
    with pytest.raises(Refused, match="buflomedil"):
        check(with_ingredient(in_area(BODY, "neck"), name="buflomedil"))


def test_a_rule_without_a_seed_says_what_it_rests_on() -> None:
    for rule in RULES:
        assert rule.source
        named = any(seed in rule.source for seed in ("000", "001", "002", "003", "004"))
        assert named or rule.source.startswith(("H", "A", "DOMAIN"))
    (finding,) = of("P6", with_pass(in_area(FACE, "under-eye"), depth_mm=2.1))
    assert "(rule P6: our assumption; eyelid dermis 0.76 mm, a label, guidance or paper)" in finding.message
