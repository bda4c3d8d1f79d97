"""Tests stand by room, beside nothing else; what they are built with stands in tests/rigs."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOMS = {
    "talk", "stroke", "guard", "memory", "boards", "device", "build",
    "clinical", "gun", "records", "reports", "visit", "cli", "lab",
    "simulator", "system", "bench",
}  # fmt: skip
# Not rooms: what tests are built with, and the runner of mutants with its own tests.
BESIDE = {"rigs", "mutants"}
PROGRAMS = {"bench/report.py"}  # makes docs/BENCHMARKS.md of what was measured
TAKES = re.compile(r"(from|import) .*\b(test_\w+|conftest)\b")
FILES = sorted(path.relative_to(TESTS) for path in TESTS.rglob("*.py"))


def test_every_test_has_a_room() -> None:
    assert {path.parts[0] for path in FILES if len(path.parts) > 1} == ROOMS | BESIDE


def test_helpers_are_in_rigs_and_tests_are_not() -> None:
    for path in FILES:
        is_test = path.name.startswith("test_") or path.name == "conftest.py"
        if path.parts[0] == "rigs":
            assert not is_test, path
        elif path.parts[0] != "mutants" and path.as_posix() not in PROGRAMS:
            assert is_test, path


def test_no_test_takes_anything_from_another_test() -> None:
    for path in FILES:
        for line in (TESTS / path).read_text().splitlines():
            assert not TAKES.match(line), f"{path}: {line}"
