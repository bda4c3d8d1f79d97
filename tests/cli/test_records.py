"""`mesogun records`: what was done can be looked at and taken elsewhere, and an interrupted session acknowledged."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.gun.events import Event
from mesogun.records import Records, SessionStart
from mesogun.records.places import database
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL, UNCERTAIN

START = SessionStart("Small", "", "ab" * 32, 1, '{"passes": []}', 7, 100, 42, False, "0", "Dr. A")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Records of one whole session of two shots, the second partial, and of one that never ended."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    with Records.open(url) as records:
        first = records.begin(START)
        records.append(first, 42, [a_shot(1, 0), a_shot(2, PARTIAL), Event(3, "ended", 62_000, {"kind": 2})])
        records.finish(first, "stopped", {"reason": "the needle bent"})
        records.begin(START)
    return url


def a_shot(n: int, flags: int) -> Event:
    values = {"pass_index": 0, "shot": n, "at_us": 0, "period_us": 250_000, "commanded_depth_um": 2_000, "measured_depth_um": 2_001}
    return Event(n, "shot", 1_000 * n, values | {"commanded_dose_nl": 10_000, "measured_dose_nl": 9_995, "flags": flags})


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, ["records", *arguments])


def test_the_list_tells_how_every_session_ended_the_newest_first(url: str) -> None:
    lines = call("list", "--db", url).stdout.splitlines()
    assert ["not ended" in line for line in lines[-2:]] == [True, False]
    assert "stopped" in lines[-1]
    assert "0.020" in lines[-1]


def test_a_session_is_shown_with_its_reason_and_what_each_pass_gave(url: str) -> None:
    shown = call("show", "1", "--db", url).stdout
    for words in (
        "the needle bent",
        "1 whole, 1 partial, 0 wrong, 0 uncertain",
        "Dr. A",
        "1 min 1 s",
        "2.001 to 2.001",
        "0.020 ml",
    ):
        assert words in shown


def test_an_export_is_everything_as_json_or_the_shots_as_csv(url: str) -> None:
    everything = json.loads(call("export", "1", "--db", url).stdout)
    rows = list(csv.DictReader(io.StringIO(call("export", "1", "--format", "csv", "--db", url).stdout)))
    assert everything["session"]["outcome"] == "stopped"
    assert [row["flags"] for row in rows] == [str(shot["flags"]) for shot in everything["shots"]] == ["0", str(PARTIAL)]


def test_an_export_into_a_file_leaves_standard_output_empty(url: str, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    assert call("export", "1", "-o", str(path), "--db", url).stdout == ""
    assert json.loads(path.read_text())["format"] == 1
    assert call("export", "1", "-o", str(tmp_path), "--db", url).exit_code == 2


def test_an_acknowledged_session_is_no_longer_unfinished_and_says_by_whom(url: str) -> None:
    assert call("acknowledge", "2", "--by", "Dr. B", "--note", "power cut", "--db", url).exit_code == 0
    assert "by Dr. B: power cut" in call("show", "2", "--db", url).stdout
    with Records.open(url) as records:
        assert records.unfinished() == []


def test_a_wrong_shot_is_listed_shown_and_exported_as_one(url: str) -> None:
    with Records.open(url) as records:
        records.append(1, 42, [a_shot(4, DOSE_OFF)])
    listed = call("list", "--db", url).stdout.splitlines()
    assert listed[0].split()[-5:] == ["shots", "part.", "wrong", "unc.", "ml"]
    assert listed[-1].split()[-5:] == ["1", "1", "1", "0", "0.030"]
    assert "1 whole, 1 partial, 1 wrong, 0 uncertain" in call("show", "1", "--db", url).stdout
    session = json.loads(call("export", "1", "--db", url).stdout)["session"]
    assert (session["wrong"], session["summary"]["wrong"], session["reason"]) == (1, 1, "the needle bent")


def test_what_an_uncertain_shot_says_is_not_shown_as_measured(url: str) -> None:
    with Records.open(url) as records:
        shot = a_shot(4, UNCERTAIN)
        records.append(1, 42, [replace(shot, values=shot.values | {"measured_depth_um": 9_000, "measured_dose_nl": 70_000})])
    shown = call("show", "1", "--db", url).stdout
    for words in ("2.001 to 2.001", "9.99 to 9.99", "0.020 ml measured, 0.010 ml uncertain"):
        assert words in shown


@pytest.mark.parametrize("command", [["show"], ["export"], ["acknowledge", "--by", "a", "--note", "b"]])
def test_a_session_that_does_not_exist_is_refused(url: str, command: list[str]) -> None:
    result = call(*command, "99", "--db", url)
    assert result.exit_code == 2
    assert "session = 99" in result.stderr


def test_simulated_sessions_are_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))
    with Records.open(database(simulated=True)) as records:
        records.begin(START)
    assert "Small" in call("list", "--simulated").stdout
    assert "No sessions yet" in call("list").stdout
    assert call("list", "--simulated", "--db", "sqlite:///x.db").exit_code == 2
