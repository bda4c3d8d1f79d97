"""A row is what it says it is: its text is there once, its control and tests exist, and every watched control is broken by one."""

from pathlib import Path
from typing import Any

import pytest

from mutants.rows import Edit, Wrong, bare, controls, mutated, problems, read

ROOT = Path(__file__).parents[2]
ROWS = read(ROOT / "docs" / "mutants.toml")
CONTROLS = controls(ROOT / "docs" / "hazards.toml")

SOURCE = '''
"""A file."""
LIMIT = 100
BOTH = (1, 2)

def judge(x, y):
    """One."""
    if x > LIMIT:  # too much
        return 1
    y = 0
    x = 0
    return 0


class Guard:
    @property
    def judge(self):
        def near(x):
            return x + 100
        if self.x > \\
                LIMIT:
            return near(  self.x,
            )
        return near(0)

    def stop(self): return 1
'''


def change(place: str, *edits: tuple[str, str]) -> str:
    return mutated(SOURCE, place, tuple(Edit(was, now) for was, now in edits))


def refused(place: str, *edits: tuple[str, str]) -> str:
    with pytest.raises(Wrong) as caught:
        change(place, *edits)
    return str(caught.value)


# ---- an edit ----


@pytest.mark.parametrize("was", ["x > LIMIT", "x>LIMIT", "x  > # why\n   LIMIT"])
def test_spacing_and_comments_do_not_matter(was: str) -> None:
    assert change("judge", (was, "x >= LIMIT")) == SOURCE.replace("if x > LIMIT:", "if x >= LIMIT:")


def test_nor_do_line_ends_and_commas_in_brackets_and_continued_lines() -> None:
    assert "near(0)\n" in change("Guard.judge", ("near(self.x,)", "near(0)"))
    assert "if self.y:" in change("Guard.judge", ("self.x > LIMIT", "self.y"))


def test_only_its_own_place_is_looked_at() -> None:
    assert change("judge", ("0\n    x", "1\n    x")).count("y = 1") == 1
    assert change("Guard.stop", ("return 1", "return 2")) == SOURCE.replace("self): return 1", "self): return 2")
    assert change("LIMIT", ("100", "50")) == SOURCE.replace("LIMIT = 100", "LIMIT = 50")
    assert change("BOTH", ("2", "3")) == SOURCE.replace("(1, 2)", "(1, 3)")


def test_a_nested_function_is_part_of_the_one_around_it_and_a_place_of_its_own() -> None:
    expected = SOURCE.replace("x + 100", "x - 100")
    assert change("Guard.judge", ("x + 100", "x - 100")) == expected
    assert change("Guard.judge.near", ("x + 100", "x - 100")) == expected


def test_a_decorator_belongs_to_its_function() -> None:
    assert "@property" not in change("Guard.judge", ("@property", ""))


def test_statements_are_swapped_at_the_indent_of_the_first() -> None:
    after = change("judge", ("y = 0\nx = 0", "\nx = 0\ny = 0\n"))
    assert after == SOURCE.replace("    y = 0\n    x = 0\n", "    x = 0\n    y = 0\n")


def test_several_edits_are_made_where_they_stood_before_any_of_them() -> None:
    after = change("judge", ("return 1", "return 100"), ("x > LIMIT", "x > 100"))
    assert after == SOURCE.replace("x > LIMIT", "x > 100").replace("        return 1\n", "        return 100\n")
    assert refused("judge", ("x > LIMIT", "x"), ("LIMIT:", "0:")) == "two edits overlap"


@pytest.mark.parametrize(
    ("place", "was", "now", "why"),
    [
        ("judge", "x < LIMIT", "x", "gone"),
        ("judge", "self.x", "x", "gone"),  # it is in another function
        ("judge", "LIMI", "x", "gone"),  # a part of a name is no token
        ("judge", "too much", "x", "gone"),  # a comment is none
        ("judge", "return", "raise", "ambiguous, 2 times"),
        ("", "judge", "x", "ambiguous, 2 times"),
        ("judge", "x > LIMIT", "x  >  LIMIT", "nothing would be changed"),
        ("judge", "", "x", "was is empty"),
        ("judge", "# too much", "x", "was is empty"),
        ("judge", "(x", "x", "no Python"),
        ("Guard.stop", "return 1", "pass", "a body would be emptied"),
        ("Guard.start", "x", "y", "there is no Guard.start"),
    ],
)
def test_what_is_not_one_small_change_in_one_place_is_refused(place: str, was: str, now: str, why: str) -> None:
    assert refused(place, (was, now)).startswith(why)


# ---- a row ----

GOOD = {
    "id": "one",
    "control": "H1",
    "at": "a.py::f",
    "was": "1",
    "now": "2",
    "meaning": "m",
    "tests": ["tests/test_a.py::test_it"],
}


def project(folder: Path, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    (folder / "tests" / "mutants").mkdir(parents=True, exist_ok=True)
    (folder / "a.py").write_text("def f():\n    return 1\n")
    for name in ("test_a.py", "test_golden.py", "test_docs.py", "mutants/test_rows.py"):
        (folder / "tests" / name).write_text("def test_it():\n    pass\n")
    lines = ["[[mutant]]\n" + "\n".join(f"{key} = {_toml(value)}" for key, value in row.items()) + "\n" for row in rows]
    (folder / "mutants.toml").write_text("\n".join(lines))
    return problems(read(folder / "mutants.toml"), ["H1"], folder)


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def test_a_row_as_it_should_be(tmp_path: Path) -> None:
    assert project(tmp_path, GOOD) == []
    assert project(tmp_path, GOOD | {"tests": ["tests/test_a.py::test_it[case 1]"], "hang": True}) == []
    assert project(tmp_path, {key: GOOD[key] for key in GOOD if key != "tests"} | {"lives": "proof"}) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"control": "H9"}, "there is no control H9"),
        ({"at": "b.py::f"}, "No such file"),
        ({"at": "a.py::g"}, "there is no g"),
        ({"was": "3"}, "gone"),
        ({"tests": ["tests/test_b.py::test_it"]}, "there is no such file"),
        ({"tests": ["tests/test_a.py::test_that"]}, "there is no such test"),
        ({"tests": ["tests/test_a.py"]}, "there is no such test"),
        ({"tests": ["tests/test_golden.py::test_it"]}, "it does not count"),
        ({"tests": ["tests/test_docs.py::test_it"]}, "it does not count"),
        ({"tests": ["tests/mutants/test_rows.py::test_it"]}, "it does not count"),
    ],
)
def test_a_row_that_names_what_is_not_there_or_does_not_count_is_a_problem(
    tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    ((name, said),) = project(tmp_path, GOOD | change)
    assert name == "one"
    assert why in said


def test_two_rows_have_two_names(tmp_path: Path) -> None:
    assert project(tmp_path, GOOD, GOOD) == [("one", "two rows have this id")]


@pytest.mark.parametrize(
    "change",
    [{"wos": "1"}, {"lives": "proof"}, {"tests": []}, {"edits": [{"was": "1", "now": "2"}]}, {"meaning": ""}],
)
def test_a_row_of_another_shape_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    rows = [GOOD | change]
    if "edits" in change:
        rows = [GOOD | {"edits": []}]
    with pytest.raises(Wrong):
        project(tmp_path, *rows)


def test_a_control_that_no_mutant_breaks_is_bare_and_so_is_one_whose_mutant_lives(tmp_path: Path) -> None:
    lives = {key: value for key, value in GOOD.items() if key != "tests"} | {"id": "two", "control": "H3", "lives": "proof"}
    project(tmp_path, GOOD, lives)
    assert bare(read(tmp_path / "mutants.toml"), ["H1", "H2", "H3"]) == ["H2", "H3"]


# ---- the rows there are ----


@pytest.mark.long
@pytest.mark.slow
def test_every_row_can_be_tried() -> None:
    assert problems(ROWS, CONTROLS, ROOT) == []
    assert all(row.meaning.endswith(".") for row in ROWS)


def test_every_control_has_a_mutant_that_is_noticed() -> None:
    assert bare(ROWS, CONTROLS) == []


def test_few_live_for_a_reason() -> None:
    assert sum(bool(row.lives) for row in ROWS) <= 0.15 * len(ROWS)
