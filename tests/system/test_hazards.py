"""Hazard -> control -> test: how bad, how likely, what remains; and what is asked of pumps is answered row by row.

No control is a name only: it has its place in the code, tests that exist, and a reason for which the gun stops belongs to one.
"""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mesogun.gun import explanations

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

Row = dict[str, Any]

FILE: Row = tomllib.loads((DOCS / "hazards.toml").read_text())
HAZARDS: list[Row] = FILE["hazard"]
CONTROLS: dict[str, Row] = {control["id"]: control for hazard in HAZARDS for control in hazard["control"]}

MUTANTS: list[Row] = tomllib.loads((DOCS / "mutants.toml").read_text())["mutant"]

ASKED: Row = tomllib.loads((DOCS / "alarms.toml").read_text())
# A list of DOMAIN.md: what it is called there, and what stands between its items.
LISTS = {
    "alarm": ("Alarms a pump must have (FDA, 18)", ", "),
    "pump_control": ("Controls (FDA, 11)", ", "),
    "incident": ("Incidents to replay as tests", "; "),
}
ROWS = [(kind, row) for kind in LISTS for row in ASKED[kind]]

KEYS = {
    "hazard": {"id", "harm", "severity", "control"},
    "control": {"id", "what", "where", "without", "remains", "tests"},
    "answered": {"name", "controls", "tests"},
    "not applicable": {"name", "not_applicable"},
    "missing": {"name", "missing", "later"},
}
TRUST = re.compile(r"\([SHMCA]\)$")


def named(row: Row) -> str:
    return str(row["id"])


def asked(case: Any) -> str:
    return str(case["name"]) if isinstance(case, dict) else str(case)


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def has_tests(row: Row) -> None:
    assert row["tests"], "without a test it is a hope"
    assert len(row["tests"]) == len(set(row["tests"]))
    for node in row["tests"]:
        file, _, name = node.partition("::")
        assert name.startswith("test_"), node
        assert name in names_in(file), f"{node}: there is no such test"


def one_of(scale: str, judged: Row) -> str:
    """Why it is judged so: one word of the scale, with what that stands on."""
    ((word, why),) = judged.items()
    assert word in FILE[scale], f"{word} is not in [{scale}]"
    assert TRUST.search(why), f"{why!r} does not say how far it is to be trusted"
    return str(why)


# ---- hazards and controls ----


def test_every_hazard_and_control_has_a_name_of_its_own() -> None:
    names = [row["id"] for row in [*HAZARDS, *(control for hazard in HAZARDS for control in hazard["control"])]]
    assert len(names) == len(set(names))
    assert all(control["id"].partition(".")[0] == hazard["id"] for hazard in HAZARDS for control in hazard["control"])
    assert all(hazard["harm"] and hazard["control"] for hazard in HAZARDS)


def test_both_scales_say_in_words_what_a_step_means() -> None:
    for scale in ("severity", "likelihood"):
        assert len(FILE[scale]) >= 3
        assert all(words.strip() for words in FILE[scale].values())
    assert set(FILE) == {"severity", "likelihood", "hazard"}


@pytest.mark.parametrize("hazard", HAZARDS, ids=named)
def test_a_hazard_says_how_bad_it_is_and_why(hazard: Row) -> None:
    assert set(hazard) == KEYS["hazard"]
    one_of("severity", hazard["severity"])


@pytest.mark.parametrize("control", CONTROLS.values(), ids=named)
def test_a_control_has_a_place_in_the_code_and_tests_that_exist(control: Row) -> None:
    assert (ROOT / control["where"]).is_file()
    has_tests(control)


@pytest.mark.parametrize("control", CONTROLS.values(), ids=named)
def test_a_control_says_how_likely_harm_is_without_it_and_what_remains_with_it(control: Row) -> None:
    assert set(control) - {"reasons"} == KEYS["control"]
    one_of("likelihood", control["without"])
    assert control["remains"].endswith("."), "a sentence"


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_was_shown_to_work_by_a_mistake_in_it_that_its_tests_noticed(control: str) -> None:
    assert [row["id"] for row in MUTANTS if row["control"] == control and "lives" not in row], "it may be a name only"


def test_nothing_is_said_twice() -> None:
    said = [one_of("likelihood", control["without"]) for control in CONTROLS.values()]
    said += [control[key] for control in CONTROLS.values() for key in ("what", "remains")]
    said += [row[key] for _, row in ROWS for key in ("gap", "missing", "not_applicable") if key in row]
    assert [words for words, times in Counter(said).items() if times > 1] == []


def test_every_reason_for_which_the_gun_stops_belongs_to_one_control() -> None:
    told = [name for name, *_ in explanations.REASONS.values()]
    assert sorted(reason for control in CONTROLS.values() for reason in control.get("reasons", [])) == sorted(told)


# ---- what is asked of pumps ----


def listed(kind: str) -> list[str]:
    """The items of a list of DOMAIN.md, as they stand there."""
    head, between = LISTS[kind]
    found = re.search(rf"\*\*{re.escape(head)}:\*\* (.*?)\.\n(?=- \*\*)", (DOCS / "DOMAIN.md").read_text(), re.DOTALL)
    assert found, f"DOMAIN.md has no {head}"
    return " ".join(found[1].split()).split(between)


@pytest.mark.parametrize(("kind", "count"), [("alarm", 19), ("pump_control", 11), ("incident", 11)])
def test_every_item_of_the_lists_is_a_row_and_nothing_else_is(kind: str, count: int) -> None:
    assert [row["name"] for row in ASKED[kind]] == listed(kind)
    assert len(ASKED[kind]) == count
    assert set(ASKED) == {*LISTS, "later"}


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=asked)
def test_a_row_is_answered_or_not_applicable_or_missing_and_says_no_more(kind: str, row: Row) -> None:
    shapes = [shape for shape in ("answered", "not applicable", "missing") if KEYS[shape] == set(row) - {"reasons", "gap"}]
    assert len(shapes) == 1, f"{kind} {row['name']} has {', '.join(row)}"
    if shapes != ["answered"]:
        assert not {"reasons", "gap"} & set(row)
        assert row.get("missing") or row.get("not_applicable")


@pytest.mark.parametrize(("kind", "row"), [(kind, row) for kind, row in ROWS if "controls" in row], ids=asked)
def test_what_answers_a_row_is_there(kind: str, row: Row) -> None:
    assert row["controls"], f"{kind} {row['name']}: which control is it?"
    assert set(row["controls"]) <= set(CONTROLS)
    has_tests(row)
    theirs = {reason for control in row["controls"] for reason in CONTROLS[control].get("reasons", [])}
    assert set(row.get("reasons", [])) <= theirs, "it stops for this by another control"


def test_what_is_missing_has_a_later_work_and_every_later_work_something_that_is_missing() -> None:
    assert {row["later"] for _, row in ROWS if "missing" in row} == set(ASKED["later"])


def test_what_a_row_says_of_controls_in_words_are_controls() -> None:
    words = " ".join(row[key] for _, row in ROWS for key in ("not_applicable", "missing", "gap") if key in row)
    assert set(re.findall(r"\bH\d+\.\d+\b", words)) <= set(CONTROLS)
