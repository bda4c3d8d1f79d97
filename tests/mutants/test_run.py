"""A mutant counts as noticed only when every test of its row failed in its call, of this very copy, and for the mutant's sake."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mutants import run
from mutants.rows import Row, read
from mutants.trial import BAD, LIVES, NOTICED, Copy, Verdict, does_not_compile, files_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="a copy holds the files that git knows: git is not here")

FIRMWARE = """
LIMIT = 10

def over(x):
    return x > LIMIT

def steps(x):
    while x > 0:
        x -= 1
    return x

def set_up():
    return 1

def worded(x):
    return "%d" % x
"""
TESTS = """
import pytest
from hypothesis import given, strategies as st
from tiny_fw import limits

@pytest.mark.parametrize("x", [9, 10, 11])
def test_over(x): assert limits.over(x) == (x > 10)

def test_at_ten(): assert not limits.over(10)

def test_far(): assert limits.over(1000)

@pytest.fixture
def one():
    assert limits.set_up() == 1

def test_with_one(one): assert limits.set_up() == 1

def test_steps(): assert limits.steps(3) == 0

@given(st.integers(11, 10_000))
def test_search(x): assert limits.over(x)

def test_imports():
    if limits.set_up() != 1:
        import there_is_no_such_thing
"""
CONFTEST = """
from hypothesis import Phase, settings
settings.register_profile("mutants", derandomize=True, phases=[Phase.explicit, Phase.generate])
"""
CONTROL = '[[hazard]]\nid = "H1"\nharm = "x"\n[[hazard.control]]\nid = "H1.1"\nwhat = "x"\nwhere = "firmware/tiny_fw/limits.py"\n'

# id, place, was, now, tests; what becomes of it, and why.
CASES = (
    ("noticed", "LIMIT", "10", "12", "test_over test_over[11] test_search", NOTICED, ""),
    ("one stays green", "LIMIT", "10", "12", "test_over[11] test_over[9]", LIVES, "test_over[9] stays green"),
    ("set-up", "set_up", "1", "2", "test_with_one", BAD, "fails in its set-up"),
    ("import in the call", "set_up", "1", "2", "test_imports", BAD, "does not run at all"),
    ("import of the file", "LIMIT", "10", "there", "test_over", BAD, "pytest ended with 4"),
    ("syntax", "over", "x > LIMIT", "x >", "test_over", BAD, "does not compile: line 5"),
    ("not on a board", "worded", '"%d" % x', "(lambda x, /: x)(x)", "test_over", BAD, "does not compile: mpy-cross"),
)
HANGS = ("steps", "x -= 1", "x -= 0", "test_steps")


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def row_text(name: str, place: str, was: str, now: str, tests: str, more: str = "") -> str:
    nodes = [f"tests/test_limits.py::{test}" for test in tests.split()]
    return (
        f"[[mutant]]\nid = '{name}'\ncontrol = 'H1.1'\nat = 'firmware/tiny_fw/limits.py::{place}'\n"
        f"was = '{was}'\nnow = '{now}'\nmeaning = 'x.'\ntests = {nodes}\n{more}\n"
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as small as can be, whose rows end in every way there is."""
    root = tmp_path_factory.mktemp("tiny")
    write(root, "firmware/tiny_fw/__init__.py", "")
    write(root, "firmware/tiny_fw/limits.py", FIRMWARE)
    write(root, "tests/test_limits.py", TESTS)
    write(root, "tests/conftest.py", CONFTEST)
    write(root, "pyproject.toml", "[tool.pytest.ini_options]\n")
    write(root, ".gitignore", "ignored\n")
    write(root, "ignored", "")
    write(root, "docs/hazards.toml", CONTROL)
    rows = [row_text(*case[:5]) for case in CASES]
    rows += [row_text("hangs", *HANGS), row_text("may hang", *HANGS, "hang = true")]
    rows += [row_text("for a reason", "LIMIT", "10", "12", "", "lives = 'proof'")]
    write(root, "docs/mutants.toml", "\n".join(rows))
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def rows_of(root: Path) -> list[Row]:
    return read(root / "docs" / "mutants.toml")


@pytest.fixture(scope="module")
def verdicts(tiny: Path) -> dict[str, Verdict]:
    rows = [row for row in rows_of(tiny) if row.id in [case[0] for case in CASES]]
    return {verdict.id: verdict for verdict in run.tried(rows, tiny)}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_what_becomes_of_a_mutant(verdicts: dict[str, Verdict], case: tuple[str, ...]) -> None:
    verdict = verdicts[case[0]]
    assert verdict.result == case[5], verdict.why
    assert case[6] in verdict.why


@pytest.mark.slow
@pytest.mark.slow
def test_the_tree_itself_is_never_written_to(tiny: Path, verdicts: dict[str, Verdict]) -> None:
    assert (tiny / "firmware" / "tiny_fw" / "limits.py").read_text() == FIRMWARE
    assert not list(tiny.rglob("__pycache__"))


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Iterator[Copy]:
    with closing(Copy(tiny, tmp_path)) as one:
        yield one


def test_a_copy_holds_what_is_not_ignored(tiny: Path, copy: Copy) -> None:
    assert "ignored" not in files_of(tiny)
    assert (copy.tree / "tests" / "test_limits.py").read_text() == TESTS
    assert not (copy.tree / "ignored").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "result", "why"),
    [
        ("noticed", NOTICED, ""),
        ("syntax", BAD, "does not compile: line 5"),
        ("hangs", BAD, "its tests hang, and the row does not say so"),
        ("may hang", NOTICED, "by a hang"),
    ],
)
def test_the_file_is_restored_however_it_ends(tiny: Path, copy: Copy, name: str, result: str, why: str) -> None:
    (row,) = (row for row in rows_of(tiny) if row.id == name)
    said = copy.tried(row, 0.5 if "hang" in name else 120.0)
    assert (copy.tree / row.file).read_text() == FIRMWARE
    assert said[0] == result
    assert why in said[1]


@pytest.mark.slow
def test_a_test_that_is_not_green_as_things_are_judges_nothing(copy: Copy) -> None:
    assert "pytest ended with 4" in copy.not_green(["tests/test_limits.py::test_far", "tests/test_limits.py::test_over[12]"])
    write(copy.tree, "tests/test_limits.py", TESTS.replace("limits.over(1000)", "limits.over(1)"))
    assert "test_far does not pass" in copy.not_green(["tests/test_limits.py::test_far"])
    write(copy.tree, "tests/test_limits.py", TESTS.replace("def test_far():", "def test_far():\n    pytest.skip('no')\n   "))
    assert "test_far does not pass" in copy.not_green(["tests/test_limits.py::test_far"])


@pytest.mark.slow
def test_another_tree_than_the_copy_is_never_tested(copy: Copy, tmp_path: Path) -> None:
    shutil.copytree(copy.tree / "firmware", tmp_path / "elsewhere")
    write(copy.tree, "tests/conftest.py", f"import sys\nsys.path.insert(0, {str(tmp_path / 'elsewhere')!r})\n{CONFTEST}")
    assert "not the copy's tiny_fw was tested" in copy.not_green(["tests/test_limits.py::test_far"])


def test_a_file_of_the_host_need_not_compile_for_a_board(tmp_path: Path) -> None:
    write(tmp_path, "host/a.py", "match 1:\n    case 1: pass\n")
    write(tmp_path, "firmware/tiny_fw/a.py", "match 1:\n    case 1: pass\n")
    assert does_not_compile(tmp_path, "host/a.py") == ""
    assert does_not_compile(tmp_path, "firmware/tiny_fw/a.py").startswith("mpy-cross")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--only", "for a reason"], 0, "1 mutants are as they should be, 0 problems"),
        (["--only", "one stays green,syntax", "-j", "1"], 1, "one stays green: LIVES"),
        (["--only", "nobody"], 1, "nobody: NOT TRIED: there is no such row"),
    ],
)
def test_the_run_says_in_words_what_is_wrong(
    tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert run.main(words, tiny) == code
    assert said in capsys.readouterr().out


def test_a_row_that_is_wrong_or_a_control_without_one_ends_the_run_before_anything_is_tried(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "other"
    shutil.copytree(tiny, root)
    (root / "docs" / "hazards.toml").write_text(CONTROL + CONTROL[CONTROL.index("[[hazard.") :].replace("H1.1", "H1.2"))
    write(root, "docs/mutants.toml", row_text("one", "over", "x < LIMIT", "x", "test_far"))
    assert run.main([], root) == 1
    printed = capsys.readouterr().out
    assert "one: NOT TRIED: gone: x < LIMIT" in printed
    assert "H1.2: NOT TRIED: no mutant breaks this control" in printed
