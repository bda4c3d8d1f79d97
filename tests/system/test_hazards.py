"""Hazard -> control -> test: every hazard is controlled, every control has its place and its tests, and none is a name only."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mesogun.gun import explanations
from mesogun_fw.talk.messages import ESTOP, FAULT

ROOT = Path(__file__).parents[2]
HAZARDS: list[dict[str, Any]] = tomllib.loads((ROOT / "docs" / "hazards.toml").read_text())["hazard"]
CONTROLS = [control for hazard in HAZARDS for control in hazard["control"]]


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_hazard_and_control_has_a_name_of_its_own() -> None:
    names = [row["id"] for row in HAZARDS + CONTROLS]
    assert len(names) == len(set(names))
    assert all(hazard["harm"] and hazard["control"] for hazard in HAZARDS)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control["id"])
def test_a_control_has_a_place_in_the_code_and_tests_that_exist(control: dict[str, Any]) -> None:
    assert (ROOT / control["where"]).is_file()
    assert control["tests"], "a control without a test is a hope"
    for node in control["tests"]:
        file, _, name = node.partition("::")
        assert name in names_in(file), f"{node}: there is no such test"


def test_every_fault_that_the_gun_can_latch_controls_a_hazard() -> None:
    latched = {name for name, kind, *_ in explanations.REASONS.values() if kind in (FAULT, ESTOP)}
    named = {reason for control in CONTROLS for reason in control.get("reasons", [])}
    assert latched == named
