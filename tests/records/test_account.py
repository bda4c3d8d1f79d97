"""What a gun tells later of a session is put on record once: its events, shots that only its journal has, what became of one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.events import Event
from mesogun.records import Records, RecordsFailed, SessionStart
from mesogun.records.rows import Account, Resolution, ShotRow
from mesogun_fw.talk.codes import GOOD, PARTIAL, UNCERTAIN

PLAN = {"passes": [{"depth_um": 2_000}, {"depth_um": 3_500}]}
START = SessionStart("late", "", "", 1, json.dumps(PLAN), 7, 100, 77, True, "0", "")
ROW = Logged(12, 1, 1, 4, 10_000, 3_490, 9_870, PARTIAL, 9)
BEFORE, AFTER = Journaled(GOOD, 1, 11, 5, 2), Journaled(GOOD, 1, 12, 6, 3)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path}/records.db") as opened:
        yield opened


def changed(n: int, at_ms: int) -> Event:
    return Event(n, "changed", at_ms, {"before": 0, "after": 1, "event": 0})


def test_a_shot_that_only_the_journal_has_is_on_record_with_all_that_it_says_and_the_depth_that_was_planned(
    records: Records,
) -> None:
    session = records.begin(START)
    records.account(session, Account(77, events=[changed(1, 500), changed(2, 900)], logged=[ROW]))
    assert records.shots(session) == [ShotRow(77, -12, 900, 0, 1, 4, 0, 3_500, 3_490, 10_000, 9_870, PARTIAL)]
    assert records.events(session) == [changed(1, 500), changed(2, 900)]


def test_telling_it_twice_is_telling_it_once(records: Records) -> None:
    session = records.begin(START, journal=BEFORE)
    records.uncertain(session, 77, 900, 1, 3_500, 10_000)
    told = Account(77, [changed(1, 500)], [ROW], Resolution(77, 12, "the journal"), AFTER)
    for _ in range(2):
        records.account(session, told)
    row = records.session(session)
    assert (row.made, row.partial, row.uncertain) == (1, 1, 0)
    assert (row.began, row.accounted) == (BEFORE, AFTER)
    assert records.resolutions(session) == [Resolution(77, 12, "the journal")]
    records.account(session, Account(77, journal=Journaled(GOOD, 1, 99, 0, 0)))
    assert records.session(session).accounted == AFTER, "the first account stands"


def test_all_of_an_account_is_on_record_or_nothing(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [changed(1, 500)])
    with pytest.raises(RecordsFailed, match="event 1"):
        records.account(session, Account(77, [changed(1, 501)], [ROW], None, AFTER))
    assert records.shots(session) == []
    assert records.session(session).accounted is None


def test_an_assumed_shot_counts_until_it_is_known_what_became_of_it_and_its_row_stays(records: Records) -> None:
    session, other = records.begin(START), records.begin(START)
    for one in (session, other):
        records.uncertain(one, 77, 900, 0, 2_000, 10_000)
    records.account(session, Account(77, resolution=Resolution(77, None, "never made")))
    assert [records.session(one).uncertain for one in (session, other)] == [0, 1], "that of no other session"
    assert [len(records.shots(one)) for one in (session, other)] == [0, 1]
    assert (records.session(other).uncertain_nl, records.shots(other)[0].flags) == (10_000, UNCERTAIN)


def test_a_resolution_is_of_the_assumed_shot_of_its_start_and_of_none_that_was_told(records: Records) -> None:
    session = records.begin(START)
    records.uncertain(session, 77, 900, 0, 2_000, 10_000)
    records.uncertain(session, 78, 900, 0, 2_000, 10_000)
    records.account(session, Account(77, logged=[ROW], resolution=Resolution(77, 12, "the journal")))
    assert {(shot.boot, shot.n) for shot in records.shots(session)} == {(77, -12), (78, 0)}


def test_what_was_heard_is_known_by_gun_start_and_number(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [changed(n, 100 * n) for n in (1, 2, 3)])
    records.append(session, 78, [changed(2, 999)])
    assert records.heard(7, 77, 2, 3) == {2: changed(2, 200), 3: changed(3, 300)}
    assert records.heard(8, 77, 1, 9) == records.heard(7, 79, 1, 9) == {}


def test_sessions_of_a_gun_come_oldest_first_and_an_order_has_its_rests(records: Records) -> None:
    first, other, foreign = (records.begin(one) for one in (START, START, replace(START, gun_serial=8)))
    rest = records.begin(replace(START, rest_of=first))
    again = records.begin(replace(START, rest_of=first))
    assert [row.id for row in records.of_gun(7)] == [first, other, rest, again]
    assert [row.id for row in records.of_gun(8)] == [foreign]
    for one in (first, rest, again):
        assert [row.id for row in records.order(one)] == [first, rest, again]
    assert [row.id for row in records.order(other)] == [other]
