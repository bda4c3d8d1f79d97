"""What `mesogun records` shows of a session besides its figures: when it was, by an odd clock too, whether it was practice."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.records import Records, SessionStart
from mesogun.records.places import command, database
from mesogun.records.rows import ForeignShot

TITLE = "Mesolift of the face, hyaluronic acid with vitamins and trace elements"
START = SessionStart(TITLE, "", "ab" * 32, 1, '{"passes": []}', 7, 100, 42, False, "0", "Dr. A")
PRACTICE = "Practice with simulated guns is kept apart: mesogun records"
VALUES = {"pass_index": 0, "measured_depth_um": 1, "measured_dose_nl": 1, "flags": 0}
FOREIGN = ForeignShot("2026-01-02T03:04:05.000+00:00", 7, 42, 3, 12, 7, VALUES)


@pytest.fixture(autouse=True)
def _berlin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("not every system lets a program choose its zone")
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def kept(simulated: bool = False, *times_utc: str, path: str = "") -> str:
    """A record of sessions that began at these times; the last one ended an hour later, when its clock was a year behind."""
    path = path or database(simulated)
    with Records.open(path) as records, pytest.MonkeyPatch.context() as patch:
        for utc in times_utc:
            patch.setattr("mesogun.records.store.now_utc", lambda utc=utc: utc)
            session = records.begin(replace(START, simulated=simulated))
        records.finish(session, "complete", {}, times_utc[-1].replace("T03", "T04"), -365 * 86_400_000)
        records.keep_foreign([FOREIGN])
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, ["records", *arguments])


WINTER, SUMMER = "2026-01-02T03:04:05.000+00:00", "2026-07-02T03:04:05.000+00:00"
ODD = "at its end this computer's clock was 365 d 0 h behind the gun's"


def test_times_are_those_of_the_clock_on_the_wall_with_their_zone_and_an_export_has_utc() -> None:
    kept(False, WINTER)
    assert "began (+01:00)" in call("list").stdout
    assert "2026-01-02 04:04" in call("list").stdout
    shown = call("show", "1").stdout
    assert "2026-01-02 04:04 +01:00" in shown
    assert "2026-01-02 05:04 +01:00" in shown
    assert json.loads(call("export", "1").stdout)["session"]["started_utc"] == WINTER
    assert "2026-01-02 04:04" in call("foreign").stdout
    assert "seen (+01:00)" in call("foreign").stdout
    kept(False, SUMMER)
    listed = call("list").stdout
    assert "2026-01-02 04:04 +01:00" in listed
    assert "2026-07-02 05:04 +02:00" in listed


def test_an_odd_clock_is_listed_shown_and_exported() -> None:
    kept(False, WINTER)
    assert f"Session 1: {ODD}" in call("list").stdout
    assert ODD in call("show", "1").stdout
    (odd,) = json.loads(call("export", "1").stdout)["session"]["clock"]
    assert (odd["moment"], odd["off_ms"], odd["against"]) == ("end", -365 * 86_400_000, "the gun's")


def test_a_title_is_one_line_of_a_list_in_80_columns_and_whole_where_the_session_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(False, WINTER, WINTER, WINTER)
    monkeypatch.setenv("COLUMNS", "80")
    rows = [line for line in call("list").stdout.splitlines() if "2026-01-02" in line]
    assert len(rows) == 3
    assert all("Mesolift" in row and "…" in row and row.endswith("0.000") for row in rows)
    assert TITLE in call("show", "1").stdout
    monkeypatch.setenv("COLUMNS", "200")
    assert TITLE in call("list").stdout


# ---- practice ----


def test_practice_is_never_among_what_people_got_and_every_command_says_how_to_see_it() -> None:
    kept(True, WINTER)
    assert f"No sessions yet. {PRACTICE} list --simulated" in call("list").stdout
    assert f"No foreign shots. {PRACTICE} foreign --simulated" in call("foreign").stdout
    for words in (["show", "1"], ["export", "1"]):
        refused = call(*words)
        assert refused.exit_code == 2
        assert f"{PRACTICE} {' '.join(words)} --simulated" in refused.stderr
    for words in (["acknowledge", "1", "--by", "A", "--note", "b"], ["waive", "1", "--by", "A", "--note", "b"]):
        assert call(*words).exit_code == 2
    assert not Path(database(simulated=False)).exists()
    kept(False, WINTER)
    assert f"{PRACTICE} list --simulated" in call("list").stdout


def test_practice_is_called_so() -> None:
    kept(True, WINTER)
    listed = call("list", "--simulated").stdout
    assert listed.startswith("Practice, with simulated guns")
    assert PRACTICE not in listed
    assert "7, simulated" in call("show", "1", "--simulated").stdout


def test_where_there_is_no_practice_none_is_offered() -> None:
    assert call("list").stdout.strip() == "No sessions yet."
    assert "Practice" not in call("show", "1").output


def test_a_command_that_is_offered_names_the_record_it_is_about(tmp_path: Path) -> None:
    assert command("records list", database(simulated=False)) == "mesogun records list"
    assert command("records list", database(simulated=True)) == "mesogun records list --simulated"
    assert command("records list", "/x/records.db") == "mesogun records list --db /x/records.db"
    assert command("records list", "/my x/records.db") == 'mesogun records list --db "/my x/records.db"'
    other = kept(False, WINTER, path=str(tmp_path / "other.db"))
    kept(True, WINTER)
    assert f"mesogun records list --db {other}" in call("show", "9", "--db", other).stderr
    assert "mesogun records list --simulated" in call("show", "9", "--simulated").stderr
