"""`mesogun run` when the record fails in the midst of a session: what is not in it is said, to a person and to a program."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mesogun.cli import mesogun
from mesogun.clinical.library import library
from mesogun.records import Records, opening
from mesogun.visit import hearing


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The mesolift protocol with 6 and 2 points."""
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "small.toml"
    path.write_text(text.replace("points = 60", "points = 6").replace("points = 15", "points = 2"))
    return str(path)


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another program locks the record at the third batch of a session, and keeps it so."""
    monkeypatch.setattr(opening, "BUSY_MS", 1)
    monkeypatch.setattr(hearing, "LOCKED_S", 2.0)
    append = Records.append
    batches = iter(range(1_000))
    with ExitStack() as others:

        def appends(records: Records, *batch: Any) -> None:
            if next(batches) == 2:
                other = others.enter_context(closing(sqlite3.connect(records.path, isolation_level=None)))
                other.execute("BEGIN EXCLUSIVE")
            append(records, *batch)

        monkeypatch.setattr(Records, "append", appends)
        yield


@pytest.mark.usefixtures("locked")
def test_a_record_that_stays_locked_is_told_with_how_many_shots_are_not_in_it(small: str) -> None:
    result = CliRunner().invoke(mesogun, ["run", "--json", small])
    assert result.exit_code == 5
    answer = json.loads(result.stdout)
    assert (answer["exit_code"], answer["session"]) == (5, 1)
    assert answer["made"] >= answer["unrecorded"] > 0
    for words in (
        f"{answer['unrecorded']} of them are not in the record",
        "another program keeps it locked",
        "waiting for the record",
    ):
        assert words in result.stderr
