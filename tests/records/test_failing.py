"""The disk, the power or another program fails while a session is written: what was committed is there, and only that."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection

from mesogun.gun.events import Event
from mesogun.records import Records, RecordsFailed, SessionStart, store
from mesogun.records.opening import connect
from mesogun.refusal import Refused

START = SessionStart("Mesolift", "schema = 1\n", "ab" * 32, 1, "{}", 1, 102, 77, True, "0.1.0", "Dr. Example")

SHOT = {"at_us": 5, "pass_index": 0, "shot": 1, "period_us": 200_000, "commanded_depth_um": 2_000, "measured_depth_um": 1_998}
SHOT |= {"commanded_dose_nl": 10_000, "measured_dose_nl": 9_990, "flags": 0}


def batch(number: int, size: int = 4) -> list[Event]:
    """The events of one acknowledgement: numbers follow one another over the batches 0, 1, 2 …"""
    return [Event(n, "shot", 200 * n, SHOT | {"shot": n}) for n in range(1 + number * size, 1 + (number + 1) * size)]


WRITER = """
import sys
from mesogun.gun.events import Event
from mesogun.records import Records, SessionStart
records = Records.open(sys.argv[1])
session = records.begin(SessionStart("Mesolift", "", "", 1, "{}", 1, 102, 77, True, "0.1.0", ""))
print(session, flush=True)
values = {"at_us": 0, "pass_index": 0, "shot": 1, "period_us": 200000, "commanded_depth_um": 2000, "measured_depth_um": 2000}
values |= {"commanded_dose_nl": 10000, "measured_dose_nl": 9990, "flags": 0}
n = 0
while True:
    records.append(session, 77, [Event(n + k, "shot", n + k, values) for k in (1, 2, 3, 4)])
    n += 4
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("appends", [1, 400])
def test_a_host_killed_in_mid_append_has_lost_nothing_that_append_returned_for(tmp_path: Path, appends: int) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        session = int(writer.stdout.readline())
        for _ in range(appends):
            writer.stdout.readline()
        writer.kill()
        returned_for = [4 * appends, *map(int, writer.stdout.read().split())][-1]

    with Records.open(url) as records:
        numbers = [event.n for event in records.events(session)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= returned_for
        assert len(numbers) % 4 == 0, "half a batch"
        assert len(records.shots(session)) == len(numbers)
        assert [row.id for row in records.unfinished()] == [session]
        records.append(session, 77, [])
        records.acknowledge(session, "Dr. Example", "killed")
        assert records.unfinished() == []


@pytest.mark.slow
def test_a_power_cut_at_any_byte_of_the_log_leaves_whole_batches(tmp_path: Path) -> None:
    written = tmp_path / "records.db"
    with Records.open(f"sqlite:///{written}") as records:
        session = records.begin(START)
        for number in range(4):
            records.append(session, 77, batch(number))
        whole = (written.read_bytes(), Path(f"{written}-wal").read_bytes())

    cut = tmp_path / "cut" / "records.db"
    cut.parent.mkdir()
    lengths = set()
    for size in [*range(0, len(whole[1]), 997), len(whole[1])]:
        cut.write_bytes(whole[0])
        Path(f"{cut}-wal").write_bytes(whole[1][:size])
        with Records.open(f"sqlite:///{cut}") as records:
            told = records.events(session)
            assert told == [event for number in range(len(told) // 4) for event in batch(number)]
            assert len(records.shots(session)) == len(told)
            lengths.add(len(told))
    assert lengths == {0, 4, 8, 12, 16}


def test_a_full_disk_stops_the_append_with_a_remedy_and_the_session_goes_on_once_there_is_room(tmp_path: Path) -> None:
    connection = connect(f"sqlite:///{tmp_path}/records.db")
    with Records(connection) as records:
        session = records.begin(START)
        records.append(session, 77, batch(0))
        _pages(connection, leave=2)
        done, failed = _append_until_it_fails(records, session, 1)
        assert "the disk is full" in failed.what
        assert "Free some space" in failed.remedy
        assert str(tmp_path) in str(failed)
        assert failed.exit_code not in (0, 1, 2, 3, 4)

        kept = [event for number in range(done) for event in batch(number)]
        assert records.events(session) == kept
        _pages(connection, leave=1_000_000)
        records.append(session, 77, batch(done))
        assert records.events(session) == kept + batch(done)


def test_no_session_begins_on_a_full_disk(tmp_path: Path) -> None:
    connection = connect(f"sqlite:///{tmp_path}/records.db")
    with Records(connection) as records:
        _pages(connection, leave=0)
        with pytest.raises(Refused, match="the disk is full") as refused:
            records.begin(SessionStart(**(vars(START) | {"protocol_text": "#" * 100_000})))
        assert refused.value.problems[0].field == "db"
        assert records.sessions() == []


def test_no_session_begins_where_the_rest_of_it_would_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=store.ROOM_BYTES - 1))
        with pytest.raises(Refused, match="no room for another session"):
            records.begin(START)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=store.ROOM_BYTES))
        assert records.begin(START) == 1


@pytest.mark.slow
def test_a_long_session_fits_into_the_room_that_is_asked_for(tmp_path: Path) -> None:
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records:
        session = records.begin(START)
        for number in range(2_000):
            records.append(session, 77, batch(number, 1))
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) < store.ROOM_BYTES / 2


def test_another_program_that_keeps_the_database_locked_is_named_as_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    with Records.open(f"sqlite:///{path}") as records:
        session = records.begin(START)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsFailed, match="another program keeps it locked"):
            records.append(session, 77, batch(0))
        with pytest.raises(Refused, match="another program keeps it locked"):
            records.begin(START)
        assert records.events(session) == [], "reading goes on"
        other.execute("ROLLBACK")
        other.close()
        records.append(session, 77, batch(0))
        assert records.events(session) == batch(0)


def test_two_that_have_the_record_open_at_once_both_write_theirs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    with Records.open(url) as one, Records.open(url) as two:
        mine, theirs = one.begin(START), two.begin(START)
        for number in range(20):
            one.append(mine, 77, batch(number))
            two.append(theirs, 77, batch(number))
        everything = [event for number in range(20) for event in batch(number)]
        assert one.events(theirs) == two.events(mine) == everything
        one.finish(mine, "complete", {})
        assert [row.id for row in two.unfinished()] == [theirs]


def test_a_disk_that_turns_read_only_in_mid_session_stops_the_append(tmp_path: Path) -> None:
    connection = connect(f"sqlite:///{tmp_path}/records.db")
    with Records(connection) as records:
        session = records.begin(START)
        with connection.begin():
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(RecordsFailed, match="cannot be written"):
            records.append(session, 77, batch(0))
        assert records.events(session) == []


def _append_until_it_fails(records: Records, session: int, number: int) -> tuple[int, RecordsFailed]:
    while True:
        try:
            records.append(session, 77, batch(number))
        except RecordsFailed as failed:
            return number, failed
        number += 1


def _pages(connection: Connection, leave: int) -> None:
    """Make the disk as good as full: the database may grow by `leave` pages."""
    with connection.begin():
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + leave}")


CLAIMER = """
import sys
from mesogun.records import Records
records = Records.open(sys.argv[1])
records.claim()
print("claimed", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_a_session_that_another_program_is_giving_is_not_taken_for_a_broken_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    other = subprocess.Popen([sys.executable, "-c", CLAIMER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"claimed\n"
    with Records.open(url) as records:
        with pytest.raises(Refused, match="another mesogun is giving a session"):
            records.claim()
        other.kill()
        other.communicate()
        records.claim()
