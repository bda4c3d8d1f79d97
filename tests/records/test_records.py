"""What a session leaves behind, written and read back."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.gun.events import Event
from mesogun.records import OUTCOMES, Answered, Records, RecordsFailed, SessionStart, ShotRow
from mesogun.records.history import result_of
from mesogun.refusal import Refused
from mesogun.reports import export
from mesogun_fw.talk.codes import DEPTH_OFF, PARTIAL, SHOT_KINDS, UNCERTAIN, UNKNOWN, kind_of
from mesogun_fw.talk.messages import BY_NAME, EVENT, MESSAGES

START = SessionStart(
    title="Mésolift, visage",
    protocol_text="schema = 1\n",
    protocol_digest="ab" * 32,
    plan_digest=(1 << 48) - 1,
    plan_json='{"passes": []}',
    gun_serial=(1 << 53) - 1,
    gun_version=102,
    gun_boot=77,
    simulated=True,
    host_version="0.1.0",
    operator="Dr. Example",
)


def shot(n: int, flags: int = 0, measured_dose_nl: int = 9_990) -> Event:
    values = {"at_us": 5, "pass_index": 0, "shot": n, "period_us": 200_000, "commanded_depth_um": 2_000}
    values |= {"measured_depth_um": 1_998, "commanded_dose_nl": 10_000, "measured_dose_nl": measured_dose_nl, "flags": flags}
    return Event(n, "shot", 1_000 + 200 * n, values)


ENDED = Event(3, "ended", 2_000, {"kind": 0, "reason": 0, "pass_index": 0, "done": 2})

NOT_ESTIMATED = {"estimated_at_depth_low_nl": None, "estimated_at_depth_high_nl": None}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as opened:
        yield opened


def test_a_session_is_read_back_as_it_was_begun_reported_and_finished(records: Records) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    session = records.begin(START)
    records.append(session, 77, [shot(1), shot(2)])
    records.append(session, 77, [ENDED])
    records.finish(session, "complete", {"shots": 2, "reason": "good"})

    row = records.session(session)
    assert {name: getattr(row, name) for name in asdict(START)} == asdict(START)
    assert (row.outcome, row.reason, row.acknowledged_by, row.note) == ("complete", "good", None, None)
    assert (row.whole, row.partial, row.uncertain, row.volume_nl, row.uncertain_nl) == (2, 0, 0, 19_980, 0)
    assert row.ended_utc is not None
    assert before <= datetime.fromisoformat(row.started_utc) <= datetime.fromisoformat(row.ended_utc) <= datetime.now(UTC)
    assert records.events(session) == [shot(1), shot(2), ENDED]
    assert records.shots(session)[1] == ShotRow(77, 2, 1_400, 5, 0, 2, 200_000, 2_000, 1_998, 10_000, 9_990, 0)


def test_every_shot_counts_once_as_whole_partial_wrong_or_uncertain(records: Records) -> None:
    session = records.begin(START)
    told = [shot(1), shot(2, PARTIAL, 4_000), shot(3, DEPTH_OFF), shot(4, PARTIAL | UNCERTAIN, 3_000), shot(5, UNCERTAIN, 0)]
    records.append(session, 77, told)
    row = records.session(session)
    assert (row.whole, row.partial, row.wrong, row.uncertain) == (1, 1, 1, 2)
    assert row.volume_nl == 2 * 9_990 + 4_000
    assert row.uncertain_nl == 2 * 10_000


def test_a_shot_in_flight_when_the_gun_lost_power_counts_as_given_and_as_measured_by_nobody(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1), shot(2)])
    for _ in range(2):
        records.uncertain(session, 77, 1_600, 0, 2_000, 10_000)
    records.append(session, 78, [shot(1)])

    assert [(s.boot, s.n, s.flags) for s in records.shots(session)] == [(77, 1, 0), (77, 2, 0), (77, 0, UNCERTAIN), (78, 1, 0)]
    uncertain = records.shots(session)[2]
    assert (uncertain.measured_depth_um, uncertain.measured_dose_nl) == (None, None)
    row = records.session(session)
    assert (row.whole, row.uncertain, row.volume_nl, row.uncertain_nl) == (3, 1, 3 * 9_990, 10_000)
    with pytest.raises(RecordsFailed, match="another content"):
        records.uncertain(session, 77, 1_600, 0, 2_000, 20_000)


def test_an_event_told_in_two_ways_is_an_error_and_nothing_of_its_batch_is_kept(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1)])
    with pytest.raises(RecordsFailed, match="event 1 of boot 77") as failed:
        records.append(session, 77, [shot(2), shot(1, PARTIAL)])
    assert "examined" in str(failed.value)
    with pytest.raises(RecordsFailed, match="event 3"):
        records.append(session, 77, [shot(3), shot(3, PARTIAL)])
    assert records.events(session) == [shot(1)]
    records.append(session, 78, [shot(1, PARTIAL)])
    assert len(records.events(session)) == 2


def test_an_unfinished_session_stays_so_until_somebody_acknowledges_it_and_keeps_everything(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1)])
    assert session in [row.id for row in records.unfinished()]
    assert records.session(session).outcome is None

    with pytest.raises(Refused, match="a person"):
        records.acknowledge(session, " ", "")
    records.acknowledge(session, "Dr. Example", "laptop fell")
    records.append(session, 77, [shot(2)])

    assert session not in [row.id for row in records.unfinished()]
    row = records.session(session)
    assert (row.outcome, row.acknowledged_by, row.note) == ("interrupted", "Dr. Example", "laptop fell")
    assert row.whole == 2


def test_the_first_ending_stands(records: Records) -> None:
    finished, acknowledged = records.begin(START), records.begin(START)
    for _ in range(2):
        records.finish(finished, "estop", {"shots": 0})
        records.acknowledge(acknowledged, "Dr. Example", "seen")
    with pytest.raises(RecordsFailed, match="has ended before, as estop"):
        records.finish(finished, "complete", {"shots": 0})
    with pytest.raises(Refused, match="has ended before, as estop"):
        records.acknowledge(finished, "Dr. Example", "seen")
    with pytest.raises(RecordsFailed, match="has ended before, as interrupted"):
        records.finish(acknowledged, "interrupted", {})
    assert records.session(finished).outcome == "estop"


def test_unfinished_is_what_neither_ended_nor_was_acknowledged_the_newest_first(records: Records) -> None:
    before = [row.id for row in records.unfinished()]
    first, ended, acknowledged, last = (records.begin(START) for _ in range(4))
    records.finish(ended, "complete", {})
    records.acknowledge(acknowledged, "Dr. Example", "seen")
    assert [row.id for row in records.unfinished()] == [last, first, *before]


@pytest.mark.parametrize("outcome", ["complete", "stopped", "fault", "estop", "interrupted"])
def test_every_outcome_can_be_recorded(records: Records, outcome: str) -> None:
    session = records.begin(START)
    records.finish(session, outcome, {})
    assert records.session(session).outcome == outcome
    assert outcome in OUTCOMES


def test_an_outcome_that_is_none_is_not_recorded(records: Records) -> None:
    session = records.begin(START)
    with pytest.raises(ValueError, match="finished"):
        records.finish(session, "finished", {})
    assert records.session(session).outcome is None


def test_the_newest_sessions_come_first_and_no_more_than_asked_for(records: Records) -> None:
    ids = [records.begin(replace(START, title=f"visit {number}")) for number in range(4)]
    assert [row.id for row in records.sessions(limit=3)] == ids[:0:-1]
    assert records.sessions(limit=1)[0].title == "visit 3"


def test_a_session_that_is_not_there_is_refused_or_fails_and_says_which(records: Records) -> None:
    looks = (lambda none: export.everything(records, none), lambda none: export.csv_of(records, none))
    for look in (records.session, *looks, lambda none: records.acknowledge(none, "me", "")):
        with pytest.raises(Refused, match="session = 99999") as refused:
            look(99_999)
        assert "mesogun records list" in refused.value.problems[0].remedy
    with pytest.raises(RecordsFailed, match="FOREIGN KEY"):
        records.append(99_999, 77, [shot(1)])
    with pytest.raises(RecordsFailed, match="FOREIGN KEY"):
        records.uncertain(99_999, 77, 0, 0, 2_000, 0)


def test_answers_are_on_disk_with_the_session_that_they_let_begin_or_neither_is(records: Records) -> None:
    before = len(records.sessions())
    confirmed = Answered("confirm-gun", "Its serial number:", "7", "Dr. A", "2026-01-02T03:04:05.000+00:00")
    with pytest.raises(Refused, match="NOT NULL"):
        records.begin(START, [confirmed, replace(confirmed, answer=None)])  # type: ignore[arg-type]
    assert len(records.sessions()) == before
    session = records.begin(START, [confirmed])
    went_on = replace(confirmed, question="go-on", answer="yes", answered_by="")
    records.answer(session, went_on)
    assert records.answers(session) == [confirmed, went_on]
    with pytest.raises(RecordsFailed, match="FOREIGN KEY"):
        records.answer(99_999, went_on)


def test_the_export_holds_everything_and_json_can_hold_it(records: Records) -> None:
    session = records.begin(START, [Answered("go-on", "Go on?", "yes", "Dr. A", "2026-01-02T03:04:05.000+00:00")])
    records.append(session, 77, [shot(1), shot(2), ENDED])
    records.uncertain(session, 77, 1_600, 0, 2_000, 10_000)
    exported = json.loads(json.dumps(export.everything(records, session)))
    assert exported["format"] == 1
    assert exported["answers"] == [asdict(row) for row in records.answers(session)] != []
    expected = asdict(records.session(session)) | {"summary": records.summary(session).to_dict(), "clock": []}
    assert exported["session"] == expected
    assert exported["shots"] == [asdict(row) | {"kind": SHOT_KINDS[row.kind]} | NOT_ESTIMATED for row in records.shots(session)]
    assert exported["events"] == [{"boot": 77} | asdict(event) for event in records.events(session)]


def test_the_shots_are_exported_as_a_table_with_nothing_where_no_sensor_spoke(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1)])
    records.uncertain(session, 77, 1_600, 0, 2_000, 10_000)
    table = list(csv.DictReader(io.StringIO(export.csv_of(records, session))))
    assert [row["measured_dose_nl"] for row in table] == ["9990", ""]
    assert table[0] == {name: str(value) for name, value in asdict(records.shots(session)[0]).items()} | {
        "kind": "whole", "estimated_at_depth_low_nl": "", "estimated_at_depth_high_nl": "",
    }  # fmt: skip


def test_what_of_a_measured_dose_is_at_depth_is_exported_as_estimated_and_of_an_uncertain_one_nothing(records: Records) -> None:
    band = {"low": 0.8704, "mean": 0.96, "high": 1.0}
    plan = {"passes": [{"index": 0, "shots": 2, "delivery": {"share": band}}, {"index": 1, "shots": 1, "delivery": None}]}
    session = records.begin(replace(START, plan_json=json.dumps(plan)))
    second = replace(shot(2), values=shot(2).values | {"pass_index": 1})
    records.append(session, 77, [shot(1), second])
    records.uncertain(session, 77, 1_600, 0, 2_000, 10_000)
    rows: Any = export.everything(records, session)["shots"]
    told = [(row["estimated_at_depth_low_nl"], row["estimated_at_depth_high_nl"]) for row in rows]
    assert told == [(8_695, 9_990), (None, None), (None, None)]
    known, unknown = result_of(records, session).passes
    assert known.estimated_at_depth is not None
    assert (known.estimated_at_depth.low, unknown.estimated_at_depth) == (0.8704, None)


def test_a_shot_is_stored_with_exactly_the_fields_of_its_message(records: Records) -> None:
    named = [field[0] for field in BY_NAME["shot"][2]]
    assert list(ShotRow.__dataclass_fields__) == ["boot", *named], "message `shot` has changed: write a migration of `shots`"


def test_what_was_written_is_there_after_closing_and_opening_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    with Records.open(url) as first:
        session = first.begin(START)
        first.append(session, 77, [shot(1)])
    with pytest.raises(RecordsFailed, match="closed"):
        first.append(session, 77, [shot(2)])
    with Records.open(url) as second:
        assert second.events(session) == [shot(1)]


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Events 1, 2, 3 … of one boot, anything the table of messages allows."""
    told = []
    for n in range(1, draw(st.integers(1, 12)) + 1):
        name, _, fields = draw(st.sampled_from([row for row in MESSAGES if row[1] == EVENT]))
        values = {field: draw(st.integers(low, high)) for field, low, high in fields}
        values.pop("n")
        told.append(Event(n, name, values.pop("at_ms"), values))
    return told


@given(boots=st.lists(events(), min_size=1, max_size=2), choose=st.data())
def test_events_are_recorded_once_however_they_are_split_and_repeated(
    records: Records, boots: list[list[Event]], choose: st.DataObject
) -> None:
    session = records.begin(START)
    for boot, told in enumerate(boots, start=1):
        batches = choose.draw(st.lists(st.lists(st.sampled_from(told), max_size=6), max_size=6))
        batches.insert(choose.draw(st.integers(0, len(batches))), told)
        for batch in batches:
            records.append(session, boot, batch)

    everything = [event for told in boots for event in told]
    shots = [event.values for event in everything if event.name == "shot"]
    assert records.events(session) == everything
    assert len(records.shots(session)) == len(shots)
    row = records.session(session)
    given_for_sure = [values for values in shots if kind_of(values["flags"]) != UNKNOWN]
    assert list(row.counts.values()) == [
        sum(kind_of(values["flags"]) == kind for values in shots) for kind in range(len(SHOT_KINDS))
    ]
    assert row.volume_nl == sum(values["measured_dose_nl"] for values in given_for_sure)
    summary = records.summary(session)
    assert (summary.shots, summary.wrong, summary.volume_nl) == (row.whole, row.wrong, row.volume_nl)
