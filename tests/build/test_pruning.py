"""A board gets no names for numbers that are put in everywhere: they would take memory, and time at its start."""

from pathlib import Path

import pytest

from mesogun_build.numbers import Numbers
from mesogun_build.pruning import pruned

CELLS = """A, B, C = range(5, 8)
D = 40


def fresh():
    return [B, D - B]


assert C == B + 1
"""


def of(tmp_path: Path, text: str, others: str = "") -> str:
    package = tmp_path / "gun"
    package.mkdir()
    (package / "cells.py").write_text(text)
    return pruned({"gun.cells": text}, [others], Numbers(package))["gun.cells"]


def test_what_a_module_uses_of_its_own_numbers_is_put_in_and_their_names_go(tmp_path: Path) -> None:
    left = of(tmp_path, CELLS)
    assert left.splitlines() == ["", "", "", "", "def fresh():", "    return [6, 40 - 6]", "", "", "assert 7 == 6 + 1"]


@pytest.mark.parametrize("others", ["from gun.cells import B", "x = anything.B"])
def test_a_number_that_somebody_names_stays_with_all_of_its_statement(tmp_path: Path, others: str) -> None:
    left = of(tmp_path, CELLS, others)
    assert left.splitlines()[:2] == ["A, B, C = range(5, 8)", ""]


@pytest.mark.parametrize(
    "use",
    [
        "def f(A):\n    return A",
        "def f():\n    A = 3\n    return A",
        "def f():\n    global A\n    A = 3",
        "class F:\n    A = 3",
        "for A in (1, 2):\n    pass",
        "x = f'{A}'",
        "@micropython.viper\ndef f() -> int:\n    return int(A)",
    ],
)
def test_a_name_that_means_something_else_somewhere_or_cannot_be_put_in_stays(tmp_path: Path, use: str) -> None:
    text = f"A = 4\n{use}\n"
    assert of(tmp_path, text) == text


def test_machine_code_gets_what_its_compiler_would_put_in_itself(tmp_path: Path) -> None:
    text = "A = const(4)\n\n\n@micropython.viper\ndef f() -> int:\n    return A\n"
    assert of(tmp_path, text) == "\n\n\n@micropython.viper\ndef f() -> int:\n    return 4\n"


def test_a_negative_number_keeps_its_place_in_an_expression(tmp_path: Path) -> None:
    assert of(tmp_path, "A = -1\nx = [3 - A ** 2]\n") == "\nx = [3 - (-1) ** 2]\n"


def test_a_number_that_stays_is_computed_from_numbers_that_do_not(tmp_path: Path) -> None:
    assert of(tmp_path, "A = 4\nB = A + 1\n", "from gun.cells import B") == "\nB = 4 + 1\n"
