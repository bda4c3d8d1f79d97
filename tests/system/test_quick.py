"""`make quick` leaves out what is slow, and still runs most tests and one of every control."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST = 0.85  # of all test functions


@pytest.fixture
def quick(collected: dict[str, bool]) -> dict[str, bool]:
    """Every test function, and whether at least one of its cases is in `make quick`."""
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    missing = files - {node.partition("::")[0] for node in collected}
    if any(not file.startswith("tests/bench/") for file in missing):
        pytest.skip("judged when all tests are collected: make test, make quick")
    functions = dict.fromkeys((_function(node) for node in collected), False)
    return functions | {_function(node): True for node, slow in collected.items() if not slow}


def _function(node: str) -> str:
    return node.partition("[")[0]


def test_most_test_functions_are_in_make_quick(quick: dict[str, bool]) -> None:
    share = sum(quick.values()) / len(quick)
    assert share >= LEAST, f"{share:.1%}: {sorted(name for name in quick if not quick[name])}"


def test_a_test_of_every_control_is_in_make_quick(quick: dict[str, bool]) -> None:
    hazards = tomllib.loads((ROOT / "docs" / "hazards.toml").read_text())["hazard"]
    controls = [control for hazard in hazards for control in hazard["control"]]
    assert [control["id"] for control in controls if not any(quick[node] for node in control["tests"])] == []
