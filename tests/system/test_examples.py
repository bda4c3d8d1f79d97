"""The examples run as they stand, and so do the lines of docs/API.md."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from rigs.schemas import valid

import mesogun
from mesogun.clinical.library import library

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The mesolift protocol with 6 and 2 points."""
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "small.toml"
    path.write_text(text.replace("points = 60", "points = 6").replace("points = 15", "points = 2"))
    return str(path)


def script(*arguments: str) -> int:
    main = runpy.run_path(str(EXAMPLES / "ci_session.py"))["main"]
    code: int = main(*arguments)
    return code


def test_the_ci_script_gives_a_session_and_leaves_its_result(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert script(small) == 0
    assert valid(json.loads(Path("result.json").read_text()))["outcome"] == "complete"
    assert "in 8 shots" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("port", "code", "words"), [("sim://?fault=estop@4000", 4, "session 1 estop"), ("sim://?seed=x", 2, "sim://")]
)
def test_the_ci_script_fails_the_job_and_says_why(
    small: str, capsys: pytest.CaptureFixture[str], port: str, code: int, words: str
) -> None:
    assert script(small, port) == code
    told = valid(json.loads(capsys.readouterr().err.splitlines()[-1]))
    assert told["exit_code"] == code
    assert words in told["error"]


@pytest.fixture
def few(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is loaded is the small protocol, so that it takes no longer than it must."""
    load = mesogun.load
    monkeypatch.setattr(mesogun, "load", lambda source: load(small))


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_every_cell_of_the_notebook_runs_and_none_keeps_what_it_printed() -> None:
    cells = json.loads((EXAMPLES / "session.ipynb").read_text(encoding="utf-8"))["cells"]
    space: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), space)
    assert (space["result"].outcome, len(space["quarters"]) > 3) == ("complete", True)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_lines_of_the_document_run_as_written() -> None:
    space: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "API.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4, "a notebook, a CI script, a page, a person"
    for number, block in enumerate(blocks):
        exec(compile(block, f"block {number}", "exec"), space)
