"""`mesogun new`: a protocol of one's own begins as another one, and nothing that is there is lost for it."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.cli import new as command
from mesogun.clinical.library import library, names
from mesogun.clinical.protocol import load_protocol


@pytest.fixture(autouse=True)
def _records_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, arguments)


@pytest.mark.parametrize("name", names())
def test_a_new_protocol_is_the_old_one_with_its_comments_and_a_title_of_its_own_and_passes_check(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "cheeks_and-chin.toml"
    assert call("new", "--from", name, str(mine)).exit_code == 0
    _, begun, *lines = mine.read_text(encoding="utf-8").splitlines()
    old = (library() / f"{name}.toml").read_text(encoding="utf-8").splitlines()[1:]
    assert f"Begun as {name}" in begun
    assert [line for line in lines if line not in old] == ['title = "cheeks and chin"']
    assert len(lines) == len(old)
    assert json.loads(call("check", "--json", str(mine)).stdout)["files"][0]["findings"] == []


def test_without_a_name_it_begins_as_one_of_the_library_and_says_what_to_type_next(tmp_path: Path) -> None:
    mine = tmp_path / "my face.toml"
    told = call("new", str(mine)).stdout
    assert load_protocol(mine).passes == load_protocol(library() / "face/mesolift.toml").passes
    assert f"mesogun check '{mine}'" in told


def test_a_new_protocol_names_the_schema_where_it_is_so_that_an_editor_finds_it(tmp_path: Path) -> None:
    mine = tmp_path / "my.toml"
    call("new", str(mine))
    mark, url = mine.read_text(encoding="utf-8").splitlines()[0].split(" ")
    assert mark == "#:schema"
    assert Path(url2pathname(urlparse(url).path)) == library().absolute() / "protocol.schema.json"


def test_a_protocol_of_ones_own_is_begun_from_as_well_line_ends_and_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    call("new", str(first))
    first.write_bytes(b"\xef\xbb\xbf" + first.read_bytes().replace(b"depth_mm = 2.0", b"depth_mm = 3.0").replace(b"\n", b"\r\n"))
    assert call("new", "--from", str(first), str(second)).exit_code == 0
    assert load_protocol(second).passes[0].depth_mm == 3.0
    assert second.read_text(encoding="utf-8").count("#:schema") == 1
    assert second.read_bytes().count(b"\r\n") > 50


def test_tables_in_one_line_dotted_keys_and_a_comment_behind_the_title_stay_as_they_are(tmp_path: Path) -> None:
    text = (library() / "face/mesolift.toml").read_text(encoding="utf-8")
    for before, after in (
        ('[needle]\ngauge = "27G"', '# [needle]\n# gauge = "27G"'),
        ("\nlength_mm = 4\n", "\n"),
        ("[syringe]\nsize_ml = 1\n", "[syringe] # the barrel\n 'size_ml'   = 1.0\n"),
        ('two passes"\n', 'two passes"   # as we call it\nneedle = { gauge = "27G", length_mm = 4 } # mine\n'),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    assert call("new", "--from", str(tmp_path / "odd.toml"), str(tmp_path / "mine.toml")).exit_code == 0
    made = (tmp_path / "mine.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in made[2:] if line not in text.splitlines()] == ['title = "mine"   # as we call it']
    assert len(made) == len(text.splitlines()) + 1


def test_what_is_there_is_not_replaced_when_nobody_agrees(tmp_path: Path) -> None:
    mine = tmp_path / "my.toml"
    call("new", str(mine))
    mine.write_text(mine.read_text() + "# an evening's work\n")
    result = call("new", "--from", "body/cellulite", str(mine))
    assert result.exit_code == 2
    assert "it is there already" in result.stderr
    assert "--overwrite" in result.stderr
    assert "an evening's work" in mine.read_text()
    assert call("new", "--from", "body/cellulite", str(mine), "--overwrite").exit_code == 0
    assert load_protocol(mine).area == "legs"


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_a_person_is_asked_once_before_anything_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int
) -> None:
    asked = []

    def agreeing(at_once: bool) -> Callable[[str], bool]:
        return lambda question: bool(asked.append(question)) or answer

    monkeypatch.setitem(command.callback.__globals__, "agreeing", agreeing)
    mine = tmp_path / "my.toml"
    mine.write_text("mine")
    assert call("new", str(mine)).exit_code == code
    assert asked == [f"{mine} is there already. Replace it?"]


def test_a_record_is_never_replaced_under_whatever_name(tmp_path: Path) -> None:
    record = tmp_path / "home" / "records.db"
    record.parent.mkdir()
    record.write_text("shots")
    (tmp_path / "my.toml").symlink_to(record)
    result = call("new", str(tmp_path / "my.toml"), "--overwrite")
    assert result.exit_code == 2
    assert "this is where the record is kept" in result.stderr
    assert record.read_text() == "shots"


@pytest.mark.parametrize("name", ["my", "my.txt", "", "."])
def test_a_file_that_check_would_not_take_for_a_protocol_is_not_made(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("new", name)
    assert result.exit_code == 2
    assert "ends in .toml" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_template_that_cannot_be_given_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text((library() / "face/mesolift.toml").read_text().replace("depth_mm = 2.0", "depth_mm = 2,0"))
    for template, says in ((str(bad), "a decimal comma"), ("face/mesolfit", "face/mesolift")):
        result = call("new", "--from", template, str(tmp_path / "my.toml"))
        assert result.exit_code == 2
        assert says in result.stderr
    assert not (tmp_path / "my.toml").exists()


@pytest.mark.parametrize("name", ['"quoted" \\ name', "\u202enam", "  ", "x" * 200])
def test_the_title_is_one_line_that_a_record_can_have_whatever_the_file_is_called(name: str, tmp_path: Path) -> None:
    mine = tmp_path / f"{name}.toml"
    assert call("new", str(mine)).exit_code == 0
    assert load_protocol(mine).title.isprintable()
