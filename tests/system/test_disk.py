"""No record, no injection: a disk that cannot take the record keeps the gun unarmed, one that fills up stops it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from system import outside
from system.whole import LIBRARY, give, messages, plan_of, protocol, recorded, reported

from mesogun.gun import Gun
from mesogun.port import close_quietly, open_again, open_port
from mesogun.records import Records, RecordsFailed
from mesogun.records.opening import connect
from mesogun.tally import Progress
from mesogun_fw.messages import ARMED


def never_armed(trace: Path) -> bool:
    return not [line for line in messages(trace) if line.name == "arm" or line.fields.get("after") == ARMED]


# ---- before ----


def read_only(folder: Path) -> Path:
    with Records.open(f"sqlite:///{folder}/records.db"):
        pass
    (folder / "records.db").chmod(0o444)
    return folder / "records.db"


def no_database(folder: Path) -> Path:
    (folder / "records.db").write_text("Dear diary, today I injected\n" * 100)
    return folder / "records.db"


def full(folder: Path) -> Path:
    if not Path("/dev/full").exists():
        pytest.skip("no disk here that is always full")
    (folder / "records.db").symlink_to("/dev/full")
    return folder / "records.db"


@pytest.mark.parametrize("place", [read_only, no_database, full])
def test_a_record_that_cannot_be_written_is_refused_and_the_gun_is_never_armed(place: Callable[[Path], Path], tmp_path: Path) -> None:
    words = ["run", str(LIBRARY["mesolift"]), "--speed", "max", "--db", f"sqlite:///{place(tmp_path)}", "--trace", str(tmp_path / "trace")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    ran = subprocess.run(
        [sys.executable, "-c", "from mesogun.cli import main; main()", *words], env=env, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 2, ran.stderr
    assert "records.db" in ran.stderr
    assert never_armed(tmp_path / "trace")
    assert outside.strokes(tmp_path / "trace") == []


def test_no_session_begins_when_there_is_no_room_for_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ...
