"""A path is what it says; what was asked for is written whole or not at all, and never over a record."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.clinical.library import library
from mesogun.records import Records
from mesogun.records.places import home
from mesogun.refusal import Refused


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "tiny.toml"
    path.write_text(text.replace("points = 60", "points = 2").replace("points = 15", "points = 1"))
    return str(path)


@pytest.fixture
def record(tiny: str, tmp_path: Path) -> Path:
    """A record with one session."""
    path = tmp_path / "clinic" / "records.db"
    assert call("run", tiny, "--db", str(path)).exit_code == 0
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, arguments)


def export(record: Path, to: Path, *more: str) -> Result:
    return call("records", "export", "1", "--db", str(record), "-o", str(to), *more)


# ---- what is written over what ----


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", ".lock"])
@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_nothing_is_written_over_the_record_or_what_is_kept_beside_it(
    record: Path, tmp_path: Path, ending: str, link: object
) -> None:
    with Records.open(str(record)) as records:  # all its files are there
        records.claim()
        target = Path(f"{record}{ending}")
        if link:
            target = tmp_path / "innocent"
            link(f"{record}{ending}", target)  # type: ignore[operator]
        before = record.read_bytes()
        for refused in (
            export(record, target, "--overwrite"),
            call("run", "face/mesolift", "--db", str(record), "--trace", str(target)),
        ):
            assert refused.exit_code == 2
        assert "where the record is kept" in export(record, target, "--overwrite").stderr
        assert record.read_bytes() == before


def test_a_file_that_somebody_else_made_is_not_replaced_unasked(record: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.json"
    letter.write_text("Dear colleague")
    refused = export(record, letter)
    assert (refused.exit_code, letter.read_text()) == (2, "Dear colleague")
    assert "--overwrite" in refused.stderr
    assert export(record, letter, "--overwrite").exit_code == 0
    assert json.loads(letter.read_text())["format"] == 1


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_of_ours_is_replaced_and_one_that_fails_leaves_the_one_before(
    record: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "session"
    assert export(record, target, "--format", form).exit_code == 0
    whole = target.read_bytes()
    target.write_bytes(whole + b"\n")
    assert export(record, target, "--format", form).exit_code == 0
    assert target.read_bytes() == whole

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    failed = export(record, target, "--format", form)
    assert (failed.exit_code, target.read_bytes()) == (2, whole)
    assert "no space left" in failed.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "nothing half made is left"


def test_standard_output_can_be_named(record: Path) -> None:
    assert json.loads(export(record, Path("-")).stdout)["session"]["id"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_ending_says_what_kind_of_picture_it_is(tiny: str, tmp_path: Path, name: str, begins: bytes) -> None:
    for _ in range(2):  # ours may be replaced
        assert call("run", tiny, "--plot", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize("name", ["picture", "picture.jpg", "picture.png.txt"])
def test_another_ending_is_refused_before_anything_is_given(tiny: str, tmp_path: Path, name: str) -> None:
    refused = call("run", tiny, "--plot", str(tmp_path / name))
    assert (refused.exit_code, home().exists()) == (2, False)
    assert ".png, .svg, .pdf" in refused.stderr


def test_a_trace_is_not_written_over_somebody_elses_files(tiny: str, tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_text("mine")
    assert call("run", tiny, "--trace", str(tmp_path)).exit_code == 2
    assert (tmp_path / "shots.csv").read_text() == "mine"


# ---- where records are ----


@pytest.mark.parametrize("name", ["a%20b", "a?b=c", "a#b", "a b & c", "ü ş"])
def test_a_folder_is_called_what_it_is_called(tiny: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / name))
    assert call("run", tiny).exit_code == 0
    assert (tmp_path / name / "simulated-records.db").is_file()
    assert call("records", "show", "1", "--db", str(tmp_path / name / "simulated-records.db")).exit_code == 0


def test_a_home_in_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MESOGUN_HOME", "~/mesogun")
    assert home() == tmp_path / "mesogun"


@pytest.mark.skipif(os.name != "posix", reason="these variables are POSIX's")
@pytest.mark.parametrize(("home_is", "data_is"), [("", ""), ("/home/somebody", "data"), ("relative", "")])
def test_records_never_lie_where_mesogun_happens_to_be_started(
    home_is: str, data_is: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MESOGUN_HOME")
    monkeypatch.setenv("HOME", home_is)
    monkeypatch.setenv("XDG_DATA_HOME", data_is)
    assert home().is_absolute()
    assert not home().is_relative_to(tmp_path)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: "data/mesogun")
    with pytest.raises(Refused, match="Set MESOGUN_HOME"):
        home()


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_records_are_private(record: Path) -> None:
    with Records.open(str(record)) as records:
        records.claim()
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in record.parent.iterdir()}
    assert found == {f"records.db{ending}": 0o600 for ending in ("", "-wal", "-shm", ".lock")}
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700


def test_a_linked_database_is_the_same_database_its_lock_too(record: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(record)
    with Records.open(str(record)) as one, Records.open(str(link)) as other:
        one.claim()
        with pytest.raises(Refused, match="another mesogun"):
            other.claim()


@pytest.mark.parametrize("option", ["--port", "--db"])
def test_an_option_that_names_nothing_is_no_default(tiny: str, option: str) -> None:
    assert call("run", tiny, option, "").exit_code == 2
    assert call("records", "list", "--db", "").exit_code == 2
    assert call("device", "info", "--port", "").exit_code == 2


# ---- who only reads ----


def test_a_name_that_is_mistyped_makes_no_empty_record(tmp_path: Path) -> None:
    for command in (["list"], ["show", "1"], ["export", "1"], ["foreign"]):
        refused = call("records", *command, "--db", str(tmp_path / "recrods.db"))
        assert refused.exit_code == 2
        assert "no such record" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_looking_where_there_is_no_record_yet_makes_none(tmp_path: Path) -> None:
    assert "No sessions yet" in call("records", "list").stdout
    assert "No foreign shots" in call("records", "foreign", "--simulated").stdout
    assert call("records", "show", "1").exit_code == call("records", "export", "1", "--simulated").exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_records_are_read_where_nothing_can_be_written(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A medium that is read only: nobody, the administrator neither, writes there."""
    before = sorted(record.parent.iterdir())
    monkeypatch.setattr(os, "access", lambda *_: False)
    record.chmod(0o400)
    record.parent.chmod(0o500)
    try:
        assert "complete" in call("records", "list", "--db", str(record)).stdout
        assert export(record, Path("-")).exit_code == 0
        assert sorted(record.parent.iterdir()) == before
    finally:
        record.parent.chmod(0o700)
