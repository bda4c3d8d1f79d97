"""Another program keeps the record locked, as a backup does: the gun pauses for it, and what was given is nowhere lost."""

import itertools
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from rigs.fakegun import a_plan
from rigs.visit import Visit, cut, press

from mesogun.gun.client import Gun
from mesogun.gun.link import BEAT_S
from mesogun.records import RecordsFailed, opening
from mesogun.records.tally import Progress
from mesogun.visit import hearing
from mesogun.visit.accounting import account
from mesogun.visit.recording import NotRecorded
from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import FAULT, IDLE, PAUSE, RUNNING

FOR_EVER = 10**9


class Backup:
    """A second connection to the record, which has it locked for a while."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._other = sqlite3.connect(visit.records.path, isolation_level=None)

    def at(self, ms: float, for_ms: float) -> None:
        self._visit.port.after(ms, self.begin)
        self._visit.port.after(ms + for_ms, self.end)

    def begin(self) -> None:
        self._other.execute("BEGIN EXCLUSIVE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Visit:
    monkeypatch.setattr(opening, "BUSY_MS", 1)  # it is real time, and the gun's is not
    return Visit(tmp_path, a_plan(20, 10))


@pytest.fixture
def backup(visit: Visit) -> Iterator[Backup]:
    backup = Backup(visit)
    yield backup
    backup.close()


def waits_for_the_record(visit: Visit) -> list[Progress]:
    return [progress for progress in visit.progress if progress.waits_for == "the record"]


def test_a_lock_of_a_moment_is_not_noticed(visit: Visit, backup: Backup) -> None:
    backup.at(2_000, 100)
    assert visit.run().outcome == "complete"
    assert visit.questions == []
    assert waits_for_the_record(visit) == []


@pytest.mark.parametrize("at_ms", range(500, 6_500, 1_500))
def test_a_lock_of_some_seconds_is_waited_for_with_the_gun_at_rest_and_the_session_goes_on(
    visit: Visit, backup: Backup, at_ms: int
) -> None:
    backup.at(at_ms, 4_000)
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("complete", 30)
    assert visit.shots_on_record() == visit.port.shots_made()
    assert [event.n for event in visit.records.events(1)] == list(range(1, len(visit.port.events) + 1))
    assert visit.port.acked == len(visit.port.events)
    assert all("locked" in question for question in visit.questions)
    waited = waits_for_the_record(visit)
    assert waited
    assert all(progress.state != RUNNING for progress in waited)
    assert all("Another program keeps the record locked" in progress.prompt for progress in waited)


def test_the_gun_is_heard_all_the_while_and_is_armed_only_by_a_word(visit: Visit, backup: Backup) -> None:
    backup.at(2_000, 8_000)
    beats_us: list[int] = []
    visit.port.wire = lambda line: beats_us.append(visit.port.now_us) or [line]  # type: ignore[func-returns-value]
    visit.run()
    assert max(later - earlier for earlier, later in itertools.pairwise(beats_us)) < limits.LINK_SILENT_MS * 1000 / 2
    (question,) = visit.questions
    assert "the record was locked" in question
    assert visit.port.asked.count(("arm", [0])) == 2


def test_a_try_to_write_takes_no_longer_than_a_beat_once_a_gun_may_be_armed(tmp_path: Path) -> None:
    visit = Visit(tmp_path, a_plan(3))
    visit.run()
    waits_ms = visit.records._connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert waits_ms == opening.BUSY_MS < BEAT_S * 1000


def test_a_record_that_stays_locked_ends_the_session_and_says_what_is_not_in_it(visit: Visit, backup: Backup) -> None:
    backup.at(2_000, FOR_EVER)
    with pytest.raises(NotRecorded) as raised:
        visit.run()
    lost = raised.value
    port = visit.port
    assert hearing.LOCKED_S <= port.monotonic_s() - 3 <= hearing.LOCKED_S + 5, "it is waited for once"
    assert port.state == IDLE
    made, on_record = len(port.shots_made()), len(visit.shots_on_record())
    assert (lost.session, lost.made, lost.unrecorded) == (1, made, made - on_record)
    assert lost.unrecorded > 0
    words = str(lost)
    assert f"{lost.made} shots were made in session 1, and {lost.unrecorded} of them are not in the record" in words
    assert "another program keeps it locked" in words
    assert "leave it switched on" in words
    assert lost.exit_code == 5

    backup.end()  # the next start asks the gun for them
    account(Gun(port), visit.records)
    assert visit.shots_on_record() == port.shots_made()


def test_a_lock_while_a_person_thinks_disturbs_nobody_and_the_answer_is_on_disk_before_it_counts(
    visit: Visit, backup: Backup
) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    visit.person.turns = 20
    visit.go_on = lambda reason: backup.begin() or visit.port.after(3_000, backup.end) or visit.asked(reason)  # type: ignore[func-returns-value]
    assert visit.run().shots == 30
    assert visit.person.withdrawn == []
    assert len(visit.questions) == len(visit.records.answers(1)) == 1
    assert waits_for_the_record(visit)


def test_what_the_gun_does_while_the_record_is_locked_is_asked_about_when_it_is_not(visit: Visit, backup: Backup) -> None:
    backup.at(2_000, 5_000)
    visit.port.after(4_000, lambda: visit.port.ended(FAULT, reasons.TOO_HOT))
    assert visit.run().outcome == "fault"
    assert visit.questions == []
    assert visit.shots_on_record() == visit.port.shots_made()


def test_a_lock_at_the_end_is_waited_for_too(visit: Visit, backup: Backup) -> None:
    backup.at(6_600, 5_000)
    assert visit.run().outcome == "complete"
    row = visit.records.session(1)
    assert (row.outcome, row.whole) == ("complete", 30)
    assert row.accounted is not None


def test_a_lock_while_the_cable_is_out_too_is_waited_for(visit: Visit, backup: Backup) -> None:
    backup.at(1_900, 6_000)
    cut(visit, 2_000, 3_000)
    assert visit.run().shots == 30
    assert visit.shots_on_record() == visit.port.shots_made()


def test_ctrl_c_while_the_record_is_locked_ends_the_session_and_the_record_is_still_waited_for(
    visit: Visit, backup: Backup
) -> None:
    backup.at(2_000, 8_000)
    visit.port.after(4_000, lambda: signal.raise_signal(signal.SIGINT))
    assert visit.run().outcome == "stopped"
    assert visit.records.session(1).outcome == "stopped"
    assert visit.questions == []
    assert visit.shots_on_record() == visit.port.shots_made()


def test_another_ctrl_c_ends_the_waiting_and_what_is_not_recorded_is_said(visit: Visit, backup: Backup) -> None:
    backup.at(2_000, FOR_EVER)
    for ms in (4_000, 6_000):
        visit.port.after(ms, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(NotRecorded):
        visit.run()
    assert visit.port.monotonic_s() < 10
    assert visit.port.state == IDLE


def test_whatever_else_keeps_the_record_from_being_written_what_is_not_in_it_is_said(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = visit.records.append

    def full(*batch: object) -> None:
        if visit.progress[-1].total_done > 10:
            raise RecordsFailed("the disk is full", "Free some space.")
        append(*batch)  # type: ignore[arg-type]

    monkeypatch.setattr(visit.records, "append", full)
    with pytest.raises(NotRecorded, match="disk is full") as raised:
        visit.run()
    assert raised.value.made == len(visit.port.shots_made())
    assert raised.value.unrecorded == len(visit.port.shots_made()) - len(visit.shots_on_record()) > 0
    assert "Free some space" in str(raised.value)
