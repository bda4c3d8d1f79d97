"""No record, no injection: a disk that cannot take the record keeps the gun unarmed, one that fills up stops it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from rigs import outside
from rigs.whole import LIBRARY, give, messages, plan_of, program, protocol, recorded, reported
from sqlalchemy import Connection

from mesogun.gun.client import Gun
from mesogun.gun.port import close_quietly, open_again, open_port
from mesogun.records import Records, RecordsFailed
from mesogun.records.opening import connect
from mesogun.records.tally import Progress
from mesogun.refusal import Refused
from mesogun_fw.talk.messages import ARMED

PROTOCOL = protocol()


def never_armed(trace: Path) -> bool:
    return not [line for line in messages(trace) if line.name == "arm" or line.fields.get("after") == ARMED]


# ---- before ----


def read_only(folder: Path) -> Path:
    with Records.open(f"sqlite:///{folder}/records.db"):
        pass
    (folder / "records.db").chmod(0o444)
    return folder / "records.db"


def full(folder: Path) -> Path:
    if not Path("/dev/full").exists():
        pytest.skip("no disk here that is always full")
    (folder / "records.db").symlink_to("/dev/full")
    return folder / "records.db"


@pytest.mark.slow
@pytest.mark.parametrize("place", [read_only, full])
def test_a_record_that_cannot_be_written_is_refused_and_no_gun_is_armed(place: Callable[[Path], Path], tmp_path: Path) -> None:
    path = place(tmp_path)
    words = ["run", str(LIBRARY["mesolift"]), "--db", f"sqlite:///{path}", "--trace", str(tmp_path / "trace")]
    mesogun = program("from mesogun.cli import main; main()", *words)
    _, said = mesogun.communicate(timeout=60)
    assert mesogun.returncode == 2, said
    assert str(path.resolve()) in said
    assert never_armed(tmp_path / "trace")
    assert outside.strokes(tmp_path / "trace") == []


def test_a_disk_without_room_for_a_whole_session_is_refused_and_the_gun_is_never_armed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records:
        with Gun.connect(f"sim://?trace={tmp_path}/trace") as gun, pytest.raises(Refused, match="no room"):
            give(gun, records, plan_of(PROTOCOL))
        assert records.sessions() == []
    assert never_armed(tmp_path / "trace")


# ---- in the middle of it ----

Fill = Callable[[Connection], AbstractContextManager[None]]


@contextmanager
def no_page_more(connection: Connection) -> Iterator[None]:
    """The database may not grow."""
    allowed = pages(connection, "PRAGMA max_page_count")
    pages(connection, f"PRAGMA max_page_count = {pages(connection, 'PRAGMA page_count')}")
    yield
    pages(connection, f"PRAGMA max_page_count = {allowed}")


@contextmanager
def no_file_larger(connection: Connection) -> Iterator[None]:
    """No file of this process may grow beyond what the log of the database is now."""
    resource = pytest.importorskip("resource")
    log = Path(f"{connection.engine.url.database}-wal")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def pages(connection: Connection, pragma: str) -> int:
    with connection.begin():
        return int(connection.exec_driver_sql(pragma).scalar_one())


@pytest.mark.parametrize("fill", [no_page_more, no_file_larger])
def test_a_disk_that_fills_up_stops_the_gun_and_what_was_not_written_is_still_in_it(fill: Fill, tmp_path: Path) -> None:
    port = open_port(f"sim://?trace={tmp_path}/trace")
    connection = connect(f"sqlite:///{tmp_path}/records.db")
    with Records(connection) as records, ExitStack() as disk:

        def watch(now: Progress) -> None:
            if now.done == 12:
                disk.enter_context(fill(connection))

        with pytest.raises(RecordsFailed, match="disk"):
            give(Gun(port), records, plan_of(PROTOCOL), on_progress=watch)
        disk.close()
        committed = recorded(records)
        close_quietly(port)

        assert 5 < len(committed) < 30
        given = outside.strokes(tmp_path / "trace")
        assert len(given) > len(committed)
        assert all(stroke.ends_at == 0 for stroke in given)
        assert [line.name for line in messages(tmp_path / "trace") if line.way == ">" and line.name != "beat"][-1] == "disarm"
        assert [row.id for row in records.unfinished()] == [1]

        open_again(port)  # the next start, with room again
        gun = Gun(port)
        records.acknowledge(1, "Dr. Example", "the disk was full")
        assert give(gun, records, plan_of(PROTOCOL)).outcome == "complete"
        gun.close()
        first, second = recorded(records, 1), recorded(records, 2)
    assert first[: len(committed)] == committed
    assert len(first) == len(given)
    assert first + second == reported(tmp_path / "trace")
