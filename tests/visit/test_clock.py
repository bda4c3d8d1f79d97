"""A computer's clock that is set amid a session, or was wrong before it, changes nothing of when that ended, and is on record."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rigs.fakegun import a_plan
from rigs.visit import Visit, press

from mesogun import times
from mesogun.records import SessionRow
from mesogun.records.rows import ClockOff
from mesogun.times import local, local_column, span
from mesogun.visit import begin
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import PAUSE

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


class Desk:
    """A visit whose gun and computer count the same seconds, and a clock on the wall of the computer that can be set."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.visit = Visit(folder, a_plan(20, 10))
        self.off = timedelta()
        self.asleep_s = 0.0
        port = self.visit.port
        self.truly: Callable[[], datetime] = lambda: NOON + timedelta(seconds=port.monotonic_s())
        monkeypatch.setattr(times, "now", self.says)
        monkeypatch.setattr("mesogun.visit.clock.now", self.says)
        monkeypatch.setattr(time, "monotonic", lambda: port.monotonic_s() - self.asleep_s)

    def says(self) -> datetime:
        return self.truly() + self.off

    def set(self, at_ms: int, off: timedelta) -> None:
        self.visit.port.after(at_ms, lambda: setattr(self, "off", off))

    def row(self, session: int = 1) -> SessionRow:
        return self.visit.records.session(session)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def lasted(row: SessionRow) -> float:
    assert row.ended_utc
    return (datetime.fromisoformat(row.ended_utc) - datetime.fromisoformat(row.started_utc)).total_seconds()


def test_a_clock_that_nobody_sets_is_believed(desk: Desk) -> None:
    desk.visit.run()
    assert desk.row().clock == ()
    assert lasted(desk.row()) == pytest.approx(desk.visit.port.monotonic_s() - 1, abs=0.2)


@pytest.mark.parametrize("off", [-YEAR, -timedelta(hours=1), -timedelta(seconds=6), timedelta(seconds=6), YEAR], ids=str)
def test_a_session_lasts_as_long_as_the_gun_counted_however_the_clock_is_set_meanwhile(desk: Desk, off: timedelta) -> None:
    desk.set(2_000, off)
    desk.visit.run()
    row = desk.row()
    assert lasted(row) == pytest.approx(desk.visit.port.monotonic_s() - 1, abs=0.2)
    (odd,) = row.clock
    assert (odd.moment, odd.against) == ("end", "the gun's")
    assert odd.off_ms == pytest.approx(off.total_seconds() * 1000, abs=1)
    assert abs(times.apart_ms(odd.clock_utc, times.as_utc(desk.says()))) < 10


@pytest.mark.parametrize("seconds", [-4, 4])
def test_a_clock_that_is_set_right_by_seconds_is_not_odd_and_no_session_ends_before_it_began(desk: Desk, seconds: int) -> None:
    desk.set(1, timedelta(seconds=seconds))
    desk.visit.port.after(10, desk.visit.session.stop)
    desk.visit.run()
    assert desk.row().clock == ()
    assert lasted(desk.row()) >= 0


def test_a_computer_that_slept_is_believed_when_the_gun_counted_as_long(desk: Desk) -> None:
    desk.visit.port.after(2_000, lambda: setattr(desk, "asleep_s", 600.0))
    desk.visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    desk.visit.run()
    assert desk.row().clock == ()


def test_a_gun_that_was_switched_off_and_on_counts_for_nothing(desk: Desk) -> None:
    desk.visit.port.after(2_000, desk.visit.port.power_cut)
    desk.set(1_500, -YEAR)
    assert desk.visit.run().outcome == "interrupted"
    assert lasted(desk.row()) == pytest.approx(desk.visit.port.monotonic_s() - 1, abs=0.2)
    assert len(desk.row().clock) == 1


def test_an_answer_is_given_between_the_beginning_and_the_end(desk: Desk) -> None:
    desk.visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    desk.set(1_000, -YEAR)
    desk.visit.run()
    (answered,) = desk.visit.records.answers(1)
    row = desk.row()
    assert row.ended_utc
    assert row.started_utc < answered.answered_utc < row.ended_utc


def test_a_session_that_begins_before_the_newest_record_says_so(desk: Desk) -> None:
    records, start = desk.visit.records, desk.visit.session._start
    records.finish(records.begin(start), "complete", {})
    desk.off = -timedelta(seconds=4)
    assert desk.row(records.begin(start)).clock == (), "a clock is set right by so much"
    desk.off = -YEAR
    (odd,) = desk.row(records.begin(start)).clock
    assert (odd.moment, odd.against, odd.clock_utc) == ("begin", "the newest record", times.as_utc(desk.says()))
    assert odd.off_ms == pytest.approx(-YEAR.total_seconds() * 1000, abs=1)
    assert odd.words == "at its begin this computer's clock was 365 d 0 h behind the newest record"


def test_before_it_begins_a_person_is_told_that_the_clock_is_behind_the_newest_record(desk: Desk) -> None:
    records = desk.visit.records
    records.begin(desk.visit.session._start)
    assert begin._clock_behind(records) is None
    desk.off = -YEAR
    behind = begin._clock_behind(records)
    assert behind
    assert (behind.clock_utc, behind.newest_utc) == (times.as_utc(desk.says()), desk.row().started_utc)


def test_a_session_is_not_acknowledged_before_it_began(desk: Desk) -> None:
    records = desk.visit.records
    records.begin(desk.visit.session._start)
    desk.off = -YEAR
    records.acknowledge(1, "Dr. B", "it fell")
    row = desk.row()
    assert row.ended_utc == row.started_utc
    assert [(odd.moment, odd.against) for odd in row.clock] == [("end", "its beginning")]


# ---- as it is read ----


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> object:
    if not hasattr(time, "tzset"):
        pytest.skip("not every system lets a program choose its zone")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield None
    monkeypatch.undo()
    time.tzset()


WINTER, SUMMER = "2026-01-02T03:04:05.000+00:00", "2026-07-02T23:04:05.000+00:00"


@pytest.mark.usefixtures("berlin")
def test_a_time_is_shown_as_the_clock_on_the_wall_has_it_with_its_zone() -> None:
    assert local(WINTER) == "2026-01-02 04:04 +01:00"
    assert local(SUMMER) == "2026-07-03 01:04 +02:00"
    assert local_column("began", [WINTER, WINTER]) == ("began (+01:00)", ["2026-01-02 04:04"] * 2)
    assert local_column("began", [WINTER, SUMMER]) == ("began", ["2026-01-02 04:04 +01:00", "2026-07-03 01:04 +02:00"])
    assert local_column("began", []) == ("began", [])


@pytest.mark.parametrize("recorded", ["", "2026", "0001-01-01T00:00:00.000+00:00", "soon"])
def test_a_time_that_cannot_be_told_stands_as_it_is_recorded(recorded: str) -> None:
    assert local(recorded) in (recorded, "0001-01-01 00:00 +00:00")


@pytest.mark.parametrize(("seconds", "words"), [(86_399, "23 h 59 min"), (86_400, "1 d 0 h"), (31_540_000, "365 d 1 h")])
def test_days_are_said_as_days(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_an_odd_clock_is_ahead_or_behind() -> None:
    assert "6 s ahead of the gun's" in ClockOff("end", "", 6_000, "the gun's").words
