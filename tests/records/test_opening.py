"""Which databases the record opens, what it makes of them, and how it refuses the others."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from mesogun.records import Records, SessionStart, opening
from mesogun.records.opening import connect
from mesogun.records.schema import HEAD, METADATA
from mesogun.refusal import Refused
from mesogun_fw.limits import LINK_SILENT_MS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def refusal(url: str) -> str:
    """The text of the one problem that opening `url` meets."""
    with pytest.raises(Refused) as refused:
        Records.open(url)
    (problem,) = refused.value.problems
    assert problem.field == "db"
    assert problem.limit
    assert problem.remedy
    return str(problem)


def printed(code: str, path: Path) -> str:
    """What `code` prints in a process of its own."""
    imports = "import os, sys; from mesogun.records import Records; from mesogun.refusal import Refused\n"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, "-c", imports + code, f"sqlite:///{path}"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout


def test_folder_and_file_are_made_and_the_tables_are_those_the_code_expects(tmp_path: Path) -> None:
    connection = connect(f"sqlite:///{tmp_path}/new/folders/records.db")
    assert (tmp_path / "new/folders/records.db").is_file()
    assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    connection.close()


def test_the_newest_migration_is_the_one_the_code_calls_the_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_commits_outlive_a_power_cut_and_no_other_writer_is_waited_for_until_the_gun_pauses(path: Path) -> None:
    connection = connect(f"sqlite:///{path}")
    pragmas = {"journal_mode": "wal", "synchronous": 2, "fullfsync": 1, "foreign_keys": 1, "busy_timeout": opening.OPENING_BUSY_MS}
    assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas} == pragmas
    connection.rollback()
    with Records(connection) as records:
        records.begin(SessionStart("Mesolift", "", "", 1, "{}", 1, 102, 77, True, "0.1.0", ""))
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == opening.BUSY_MS < LINK_SILENT_MS / 2


@pytest.mark.slow
def test_an_up_to_date_database_is_opened_without_the_migration_tool(path: Path) -> None:
    Records.open(f"sqlite:///{path}").close()
    assert printed("Records.open(sys.argv[1]).close(); print('alembic' in sys.modules)", path) == "False\n"


@pytest.mark.parametrize(
    "table", ["sessions", "endings", "events", "shots", "answers", "journals", "resolutions", "foreign_shots", "waivers", "clocks"]
)
def test_no_statement_changes_or_removes_a_row(path: Path, table: str) -> None:
    connection = connect(f"sqlite:///{path}")
    connection.exec_driver_sql("INSERT INTO sessions VALUES (1, '', '', '', '', 1, '', 1, 1, 1, 1, '', '', NULL, 0)")
    connection.exec_driver_sql("INSERT INTO endings VALUES (1, '', 'complete', '{}', NULL, NULL)")
    connection.exec_driver_sql("INSERT INTO events VALUES (1, 1, 77, 1, 'ended', 0, '{}')")
    connection.exec_driver_sql("INSERT INTO shots VALUES (1, 1, 77, 1, 0, 0, 0, 1, 200000, 2000, 2000, 10000, 9990, 0)")
    connection.exec_driver_sql("INSERT INTO answers VALUES (1, 1, '', 'go-on', 'Go on?', 'yes', 'Dr. A')")
    connection.exec_driver_sql("INSERT INTO journals VALUES (1, 1, 'begin', '', 3, 1, 0, 0, 0)")
    connection.exec_driver_sql("INSERT INTO resolutions VALUES (1, 1, 77, '', 5, 'the journal')")
    connection.exec_driver_sql("INSERT INTO foreign_shots VALUES (1, '', 7, 77, 1, 5, 99, '{}')")
    connection.exec_driver_sql("INSERT INTO waivers VALUES (1, '', 'Dr. A', 'enough')")
    connection.exec_driver_sql("INSERT INTO clocks VALUES (1, 1, 'end', '', -5, 'it')")
    connection.commit()
    row = tuple(connection.exec_driver_sql(f"SELECT * FROM {table}").one())
    connection.close()

    key = "session_id" if table in ("endings", "waivers") else "id"
    with sqlite3.connect(path) as somebody:
        for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                somebody.execute(statement)
    ours = connect(f"sqlite:///{path}")
    with pytest.raises(Exception, match="append-only"):
        ours.exec_driver_sql(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    ours.close()


def test_eight_that_open_a_new_file_at_once_all_get_it(path: Path) -> None:
    outcomes: list[object] = []
    together = threading.Barrier(8)

    def open_it() -> None:
        together.wait()
        try:
            Records.open(f"sqlite:///{path}").close()
            outcomes.append("opened")
        except Refused as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["opened"] * 8


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "names no database"),
        ("sqlite//:records.db", "no database URL"),
        ("sqlite:/records.db", "no database URL"),
        ("sqlite:///records.db?mode=memory", "further options"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite://host/records.db", "needs a file"),
        ("nosuch://x/y", "only SQLite"),
        ("postgresql://me:secret@host/records", "only SQLite"),
    ],
)
def test_a_bad_url_is_refused_with_one_that_would_do(url: str, says: str) -> None:
    told = refusal(url)
    assert says in told
    assert "sqlite:///" in told
    assert "secret" not in told


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "its folder cannot be used" in refusal(f"sqlite:///{tmp_path}/file/records.db")


def test_a_folder_named_as_the_database_is_refused(tmp_path: Path) -> None:
    assert "it is a folder" in refusal(f"sqlite:///{tmp_path}")


def test_a_read_only_file_is_refused_and_left_as_it_was(path: Path) -> None:
    Records.open(f"sqlite:///{path}").close()
    before = path.read_bytes()
    path.chmod(0o444)
    told = refusal(f"sqlite:///{path}")
    assert "cannot be written" in told
    assert "Make the file and its folder writable" in told
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="permissions of folders are POSIX's")
@pytest.mark.parametrize("there_before", [False, True])
def test_a_folder_without_permission_to_write_is_refused(there_before: bool) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        if there_before:
            Records.open(f"sqlite:///{folder}/records.db").close()
        folder.chmod(0o555)
        # Permissions do not stop the administrator; whoever it becomes may not be able to import any more.
        warm = "import tempfile; Records.open(f'sqlite:///{tempfile.mkdtemp()}/warm.db').close()\n"
        nobody = warm + "if os.geteuid() == 0: os.setuid(65534)\n"
        told = printed(nobody + "try: Records.open(sys.argv[1])\nexcept Refused as refused: print(refused)", folder / "records.db")
        assert "records.db: it cannot be written. Make the file" in told
    finally:
        folder.chmod(0o755)
        (folder / "records.db").unlink(missing_ok=True)
        folder.rmdir()


@pytest.mark.parametrize("content", [b"not a database at all, but a letter\n" * 50, bytes(range(256)) * 16])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "no database" in refusal(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused(path: Path) -> None:
    Records.open(f"sqlite:///{path}").close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8_000)
    assert "damaged" in refusal(f"sqlite:///{path}")


def test_a_database_of_another_program_is_refused_and_left_as_it_was(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (title)")
    other.close()
    before = path.read_bytes()
    assert "another program" in refusal(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_database_of_a_newer_mesogun_is_refused_and_left_as_it_was(path: Path) -> None:
    Records.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE alembic_version SET version_num = 'records_9999'")
    newer.close()
    before = path.read_bytes()
    told = refusal(f"sqlite:///{path}")
    assert "records_9999 is newer" in told
    assert "Update mesogun" in told
    assert path.read_bytes() == before


def test_a_disk_without_a_write_ahead_log_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_journal_mode", lambda _: "delete")
    assert "Name a database on a local disk" in refusal(f"sqlite:///{path}")


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN"])
def test_a_database_that_another_program_keeps_locked_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(opening, "OPENING_BUSY_MS", 20)
    Records.open(f"sqlite:///{path}").close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute(statement)
    other.execute("SELECT * FROM sessions").fetchall()
    assert "another program keeps it locked" in refusal(f"sqlite:///{path}")
    other.close()
    Records.open(f"sqlite:///{path}").close()


def test_a_migration_that_fails_leaves_no_half_of_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = opening._make_durable

    def room_for_three_pages(connection: Connection) -> None:
        made(connection)
        with connection.begin():
            connection.exec_driver_sql("PRAGMA max_page_count = 3")

    monkeypatch.setattr(opening, "_make_durable", room_for_three_pages)
    assert "the disk is full" in refusal(f"sqlite:///{path}")
    with sqlite3.connect(path) as left:
        assert left.execute("SELECT name FROM sqlite_master").fetchall() == []
    left.close()
    monkeypatch.undo()
    Records.open(f"sqlite:///{path}").close()
