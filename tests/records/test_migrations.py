"""Records of earlier editions are read as they were, and take what is new."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from mesogun.records import Answered, Records, opening
from mesogun.records.opening import connect
from mesogun.records.schema import METADATA
from mesogun.visit.left import left_of
from mesogun.visit.rest import not_proven


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def of_edition(revision: str, path: Path) -> AbstractContextManager[Connection]:
    """A database of an earlier edition, to be filled."""
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))

    @contextmanager
    def made() -> Iterator[Connection]:
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            yield connection
        engine.dispose()

    return made()


def test_a_session_of_before_is_read_as_it_was_and_what_it_cannot_tell_is_said(path: Path) -> None:
    """A database of the second edition: nothing in it says what the gun's journal held."""
    with of_edition("records_0002", path) as connection:
        plan = '{"passes": [{"index": 0, "shots": 3, "depth_um": 2000}]}'
        connection.exec_driver_sql("INSERT INTO sessions VALUES (1, '', 'T', '', 'd', 1, ?, 1, 1, 1, 1, '', '')", (plan,))
        connection.exec_driver_sql("INSERT INTO endings VALUES (1, '', 'stopped', '{}', NULL, NULL)")
        connection.exec_driver_sql("INSERT INTO shots VALUES (1, 1, 77, 1, 0, 0, 0, 1, 200000, 2000, 2000, 10000, 9990, 0)")
    with Records.open(f"sqlite:///{path}") as records:
        row = records.session(1)
        assert (row.whole, row.rest_of, row.tag, row.began, row.accounted, row.waived) == (1, None, 0, None, None, None)
        assert row.clock == ()
        order = left_of(records, 1)
        assert (order.left, order.sessions) == ({1: 2}, (row,))
        (problem,) = not_proven(order, path)
    assert "does not say what the gun's journal held before" in str(problem)


def test_a_database_from_before_the_answers_keeps_its_sessions_and_takes_answers(path: Path) -> None:
    with of_edition("records_0001", path) as old:
        old.exec_driver_sql("INSERT INTO sessions VALUES (1, '2026', 'Old', '', '', 1, '', 7, 1, 1, 1, '', '')")

    answered = Answered("go-on", "Go on?", "yes", "Dr. A", "2026-01-02T03:04:05.000+00:00")
    with Records.open(f"sqlite:///{path}") as records:
        assert records.session(1).title == "Old"
        assert records.answers(1) == []
        records.answer(1, answered)
        assert records.answers(1) == [answered]
    upgraded = connect(f"sqlite:///{path}")
    assert compare_metadata(MigrationContext.configure(upgraded), METADATA) == []
    with pytest.raises(Exception, match="append-only"):
        upgraded.exec_driver_sql("DELETE FROM answers")
    upgraded.close()


@pytest.mark.parametrize("revision", ["records_0001", "records_0002", "records_0003"])
def test_records_of_before_can_be_looked_at_where_nothing_can_be_written_and_stay_as_they_are(
    revision: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a medium that was put away."""
    columns = "id, started_utc, title, protocol_text, protocol_digest, plan_digest, plan_json, gun_serial, gun_version, gun_boot"
    with of_edition(revision, path) as old:
        old.exec_driver_sql(
            f"INSERT INTO sessions ({columns}, simulated, host_version, operator) "
            "VALUES (1, '2026', 'Old', '', '', 1, '', 7, 1, 1, 1, '', '')"
        )
    before = path.read_bytes()
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    with Records.look(str(path)) as records:
        (row,) = records.sessions()
        assert (row.title, row.clock, records.path) == ("Old", (), path)
        assert records.answers(1) == []
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]
