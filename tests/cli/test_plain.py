"""Control characters, escapes and line feeds, from wherever they come, reach no screen and no record raw."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from mesogun.cli import mesogun
from mesogun.clinical.library import library
from mesogun.plain import one_line, visible
from mesogun.records import Records

EVIL = "Dr.\x1b[2J\x9b31m\r\nB\u202eob\x00\x07\udcff"


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))
    return str(tmp_path / "records.db")


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(mesogun, arguments)
    for one in "\x1b\x9b\r\x00\x07\u202e\udcff":
        assert one not in result.output, ascii(result.output)
    return result


def test_what_an_operator_is_called_and_what_is_noted_is_one_line_in_the_record(db: str, tmp_path: Path) -> None:
    text = (library() / "face" / "mesolift.toml").read_text()
    tiny = tmp_path / "tiny.toml"
    tiny.write_text(text.replace("points = 60", "points = 2").replace("points = 15", "points = 1"))
    assert call("run", str(tiny), "--db", db, "--operator", EVIL).exit_code == 0
    assert call("records", "waive", "1", "--db", db, "--by", EVIL, "--note", EVIL).exit_code in (0, 2)
    with Records.open(db) as records:
        (session,) = records.sessions()
    assert session.operator == "Dr. [2J 31m B ob"
    for command in (["list"], ["show", "1"], ["export", "1"]):
        call("records", *command, "--db", db)


@pytest.mark.parametrize("command", [["check"], ["explain"], ["run"]])
def test_a_file_and_its_name_are_shown_with_their_controls_spelt_out(db: str, tmp_path: Path, command: list[str]) -> None:
    name = str(tmp_path / "a\x1b[2J\u202e.toml")
    shown = call(*command, name)
    assert shown.exit_code == 2
    assert "\\x1b[2J" in shown.output
    Path(name).write_text('title = "\\u001b[2J"\n')
    assert call(*command, name).exit_code == 2


@given(st.text())
def test_whatever_is_visible_commands_nothing_and_loses_nothing_readable(text: str) -> None:
    assert "\x1b" not in visible(text)
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)
    assert one_line(text) == "" or one_line(text).isprintable() or not text.isascii()
    if text.isprintable():
        assert visible(text) == text
