"""Constant flow and retrograde as a person writes them: each mode has its own keys, and says which when they are wrong."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mesogun.clinical.protocol import Pass, Protocol, load_protocol, read_protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.rules import Finding, findings
from mesogun.clinical.techniques import ALSO, MODES, NEEDED
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits

LIBRARY = Path(__file__).parents[2] / "protocols"
FLOW = LIBRARY / "body/painful-places.toml"
DRAW = LIBRARY / "face/fine-lines.toml"

FLOWING = {"technique": "mesoperfusion", "mode": "constant flow", "depth_mm": 3.0, "flow_ul_s": 5, "seconds": 30, "dwell_ms": 60}
DRAWN = {"technique": "retrograde", "mode": "retrograde", "depth_mm": 4.0, "dose_ul": 22, "points": 20, "spacing_mm": 8}
SHOT = {
    "technique": "nappage", "mode": "continuous", "depth_mm": 2.0, "rate_hz": 4, "dose_ul": 10, "dwell_ms": 80,
    "points": 9, "spacing_mm": 4,
}  # fmt: skip
VALUES: dict[str, Any] = SHOT | FLOWING | DRAWN | {"burst": 3, "hand_mm_s": 4}


def problems(file: Path, *changes: tuple[str, str]) -> tuple[Problem, ...]:
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(Refused) as caught:
        read_protocol(text.encode())
    return caught.value.problems


def the_problem(file: Path, *changes: tuple[str, str]) -> Problem:
    (problem,) = problems(file, *changes)
    return problem


def of_mode(mode: str) -> dict[str, Any]:
    return {key: VALUES[key] for key in ("technique", "depth_mm", *NEEDED[mode])} | {"mode": mode, "technique": "nappage"}


def found(protocol: Protocol, **changes: Any) -> list[Finding]:
    first = protocol.passes[0].model_copy(update=changes)
    return list(findings(protocol.model_copy(update={"passes": (first,)})))


@pytest.mark.parametrize("mode", MODES)
def test_a_pass_has_exactly_the_keys_that_its_mode_needs(mode: str) -> None:
    whole = of_mode(mode)
    assert Pass.model_validate(whole).mode == mode
    for key in NEEDED[mode]:
        with pytest.raises(ValidationError) as without:
            Pass.model_validate({name: value for name, value in whole.items() if name != key})
        assert [error["loc"] for error in without.value.errors()] == [(key,)]
    for key in ALSO.get(mode, ()):
        assert getattr(Pass.model_validate(whole | {key: VALUES[key]}), key) == VALUES[key]
    for key in {key for keys in (*NEEDED.values(), *ALSO.values()) for key in keys} - {*NEEDED[mode], *ALSO.get(mode, ())}:
        with pytest.raises(ValidationError) as too_many:
            Pass.model_validate(whole | {key: VALUES[key]})
        assert [error["loc"] for error in too_many.value.errors()] == [(key,)]


def test_a_key_of_another_mode_is_refused_with_what_belongs_there() -> None:
    problem = the_problem(FLOW, ("seconds = 200", "seconds = 200\ndose_ul = 10"))
    assert (problem.field, problem.value) == ("passes[0].dose_ul", "10")
    assert problem.limit == "mode constant flow has no dose_ul"
    assert "flow_ul_s, seconds, dwell_ms" in problem.remedy
    assert "single or burst or continuous or retrograde" in problem.remedy


def test_a_key_that_a_mode_lacks_is_told_with_its_range() -> None:
    problem = the_problem(FLOW, ("flow_ul_s = 10", ""))
    assert (problem.field, problem.value) == ("passes[0].flow_ul_s", "missing")
    assert problem.limit == "mode constant flow needs the flow while the needle stays in"
    assert "from 2 to 50 µl/s in steps of 0.1" in problem.remedy


def test_a_file_in_the_wrong_mode_is_told_every_key_at_once_and_every_other_mistake() -> None:
    all_of_them = problems(DRAW, ('mode = "retrograde"', 'mode = "constant flow"'), ("depth_mm = 4.0", "depth_mm = 10.1"))
    fields = {problem.field.removeprefix("passes[0].") for problem in all_of_them}
    assert fields == {"depth_mm", "dose_ul", "points", "spacing_mm", "flow_ul_s", "seconds", "dwell_ms"}


@pytest.mark.parametrize("word", ["constant_flow", "constantflow", "retrogade"])
def test_a_mode_that_is_misspelt_is_told_the_nearest_and_nothing_else(word: str) -> None:
    problem = the_problem(FLOW, ('mode = "constant flow"', f'mode = "{word}"'))
    assert problem.field == "passes[0].mode"
    assert problem.remedy in ("Did you mean constant flow?", "Did you mean retrograde?")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("flow_ul_s", "1.9", "at least 2 µl/s: of a slower one the gun cannot tell"),
        ("flow_ul_s", "50.1", "at most 50 µl/s: in four seconds"),
        ("flow_ul_s", "2.05", "in steps of 0.1 µl/s"),
        ("flow_ul_s", "nan", "not nan"),
        ("flow_ul_s", "true", "must be a number"),
        ("seconds", "0", "at least 1 s"),
        ("seconds", "1.5", "in steps of 1 s"),
        ("seconds", "2001", "at most 2000 s"),
    ],
)
def test_flow_and_seconds_outside_their_range_are_refused(key: str, value: str, says: str) -> None:
    before = {"flow_ul_s": "flow_ul_s = 10", "seconds": "seconds = 200"}[key]
    problem = the_problem(FLOW, (before, f"{key} = {value}"))
    assert problem.field == f"passes[0].{key}"
    assert says in problem.limit


def test_the_slowest_flow_is_one_that_cannot_stop_unseen_for_a_second() -> None:
    slowest_nl_s = QUANTITIES["flow_ul_s"].low
    assert slowest_nl_s > max(limits.DOSE_ERROR_NL, slowest_nl_s * limits.DOSE_ERROR_PERCENT // 100)


def test_the_manual_gives_the_ranges_of_flow_and_seconds() -> None:
    manual = (LIBRARY / "README.md").read_text(encoding="utf-8").splitlines()
    for name in ("flow_ul_s", "seconds"):
        row = QUANTITIES[name]
        (line,) = [line for line in manual if line.startswith(f"| `{name}`")]
        assert f"{row.low / row.per_unit:g} to {row.high / row.per_unit:g}" in line


@pytest.mark.parametrize("whole", [FLOWING, DRAWN | {"dose_ul": 0}], ids=["constant flow", "retrograde"])
def test_dry_needling_has_no_mode_that_gives_drug(whole: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Pass.model_validate(whole | {"technique": "dry needling"})
    (breach,) = caught.value.errors()[0]["ctx"]["found"]
    assert breach.key == "mode"


def test_a_retrograde_pass_without_a_dose_is_refused() -> None:
    assert "dry needling only" in the_problem(DRAW, ("dose_ul = 22", "dose_ul = 0")).limit


# ---- rules ----


@pytest.mark.parametrize(
    ("file", "rule", "changes", "says"),
    [
        (FLOW, "technique", {"depth_mm": 1.5}, "mesoperfusion has 2 to 4 mm"),
        (FLOW, "technique", {"technique": "nappage"}, "constant flow; nappage is continuous"),
        (FLOW, "usual", {"flow_ul_s": 10.1}, "usual 2 to 10 µl/s"),
        (FLOW, "usual", {"seconds": 601}, "usual 1 to 600 s"),
        (DRAW, "technique", {"depth_mm": 2.0, "dose_ul": 11.0}, "retrograde has 2.8 to 7.7 mm"),
        (DRAW, "technique", {"dose_ul": 17.5}, "17.5 µl; retrograde has 17.6 to 26.4 µl along 4 mm"),
        (DRAW, "technique", {"dose_ul": 26.5}, "26.5 µl; retrograde has 17.6 to 26.4 µl along 4 mm"),
    ],
)
def test_what_is_unusual_for_the_technique_is_pointed_out(file: Path, rule: str, changes: dict[str, Any], says: str) -> None:
    (finding,) = found(load_protocol(file), **changes)
    assert finding.rule == rule
    assert says in finding.value


def test_deoxycholic_acid_is_never_given_by_the_second_and_its_volume_counts() -> None:
    flowing = load_protocol(FLOW)
    assert flowing.cocktail
    acid = flowing.cocktail.ingredients[0].model_copy(update={"name": "deoxycholic acid"})
    changed = flowing.cocktail.model_copy(update={"ingredients": (acid, *flowing.cocktail.ingredients[1:])})
    chin = flowing.model_copy(update={"area": "submental", "cocktail": changed})
    broken = [(one.field, one.value) for one in found(chin, seconds=1001) if one.rule == "D14"]
    assert broken == [("passes[0].mode", "constant flow: it has no points to count"), ("passes", "10.01 ml")]
