"""What flags make of a shot is said once, in kind_of: the record's counts, a tally and an export go by it, as the gun does."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from mesogun.gun.answers import Logged
from mesogun.gun.events import Event
from mesogun.records import Records, SessionStart
from mesogun.records.rows import Account, Resolution
from mesogun.records.tally import Tally
from mesogun.reports.export import csv_of, everything
from mesogun_fw.talk.codes import CUT_SHORT, DEPTH_OFF, DOSE_OFF, PARTIAL, SHOT_KINDS, UNCERTAIN, UNKNOWN, kind_of
from mesogun_fw.talk.messages import BY_NAME, CONSTANT_FLOW, CONTINUOUS

FLAGS = range(next(high for name, _, high in BY_NAME["shot"][2] if name == "flags") + 1)
START = SessionStart("kinds", "", "", 1, json.dumps({"passes": [{"mode": CONTINUOUS}, {}]}), 7, 100, 77, True, "0", "")


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records.open(f"sqlite:///{tmp_path}/records.db")


def shot(n: int, flags: int = 0, *, index: int = 0, depth_um: int = 1_998, dose_nl: int = 9_990) -> Event:
    values = {"at_us": 5, "pass_index": index, "shot": n, "period_us": 200_000, "commanded_depth_um": 2_000, "flags": flags}
    return Event(
        n, "shot", 1_000 * n, values | {"measured_depth_um": depth_um, "commanded_dose_nl": 10_000, "measured_dose_nl": dose_nl}
    )


@pytest.mark.parametrize("flags", FLAGS)
def test_the_record_counts_a_shot_as_what_its_flags_make_of_it(flags: int, records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1, flags)])
    kind = SHOT_KINDS[kind_of(flags)]
    row, summary = records.session(session), records.summary(session)
    assert [name for name in SHOT_KINDS if getattr(row, name)] == [kind]
    assert [row.whole, row.partial, row.wrong, row.uncertain] == [
        *(summary.shots, summary.partial, summary.wrong, summary.uncertain)
    ]
    assert (row.volume_nl, row.uncertain_nl) == ((0, 10_000) if kind_of(flags) == UNKNOWN else (9_990, 0))
    assert summary.volume_nl == row.volume_nl
    assert summary.commanded_volume_nl == (0 if kind_of(flags) == CUT_SHORT else 10_000)


def test_kinds_are_disjoint_and_add_up(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(n, flags) for n, flags in enumerate(FLAGS, 1)])
    row = records.session(session)
    assert {name: getattr(row, name) for name in SHOT_KINDS} == Counter(SHOT_KINDS[kind_of(flags)] for flags in FLAGS)
    assert row.whole + row.partial + row.wrong + row.uncertain == len(FLAGS)


def test_all_but_a_part_fill_their_place_in_their_own_pass() -> None:
    tally = Tally()
    for n, flags in enumerate((0, PARTIAL, DOSE_OFF, UNCERTAIN, DEPTH_OFF | PARTIAL), 1):
        tally.take(shot(n, flags, index=3))
    tally.take(shot(6, index=0))
    tally.lost(0, 10_000)
    assert dict(tally.filled) == {3: 3, 0: 2}
    assert dict(tally.attempts) == {3: 5, 0: 2}


def test_what_an_uncertain_shot_says_of_itself_is_not_measured() -> None:
    tally = Tally()
    tally.take(shot(1))
    tally.take(shot(2, UNCERTAIN, depth_um=9_000, dose_nl=55_000))
    assert (tally.last_depth_um, tally.last_dose_nl) == (1_998, 9_990)
    summary = tally.summary(1, "stopped", "")
    assert (summary.deepest_um, summary.depth_spread_um, summary.volume_nl) == (1_998, 0, 9_990)


def test_what_is_shown_and_taken_elsewhere_is_counted_from_the_shots_there_are(records: Records) -> None:
    """A gun may tell late what it did: then what was summed up before is not what the record says."""
    session = records.begin(START)
    records.append(session, 77, [shot(1)])
    records.finish(session, "interrupted", {"shots": 1, "reason": "the cable", "duration_ms": 0})
    records.append(session, 77, [shot(2), shot(3, DOSE_OFF, dose_nl=1_100), Event(4, "ended", 4_000, {"kind": 3})])
    summary = everything(records, session)["session"]["summary"]  # type: ignore[index]
    assert summary == records.summary(session).to_dict()
    assert (summary["shots"], summary["wrong"], summary["duration_ms"]) == (2, 1, 3_000)
    assert (summary["outcome"], summary["reason"]) == ("interrupted", "the cable")


def test_a_shot_that_no_event_reports_counts_in_the_summary_too(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(1)])
    records.uncertain(session, 77, 2_000, 0, 2_000, 10_000)
    summary = records.summary(session)
    assert (summary.shots, summary.uncertain, summary.volume_nl, summary.commanded_volume_nl) == (1, 1, 9_990, 20_000)
    assert (summary.outcome, summary.reason) == ("", "")


def test_shots_that_only_the_journal_holds_count_and_an_assumed_one_of_which_the_gun_has_told_does_not(records: Records) -> None:
    plan = {"passes": [{"mode": CONTINUOUS, "depth_um": 2_000}]}
    session = records.begin(replace(START, plan_json=json.dumps(plan)))
    records.append(session, 77, [shot(1)])
    records.uncertain(session, 77, 1_000, 0, 2_000, 10_000)
    told = [Logged(5, 1, 0, 2, 10_000, 1_990, 9_900, 0, 9), Logged(6, 1, 0, 3, 10_000, 1_500, 4_000, PARTIAL, 9)]
    records.account(session, Account(77, logged=told, resolution=Resolution(77, 5, "the journal")))
    row, summary = records.session(session), records.summary(session)
    assert (summary.shots, summary.partial, summary.wrong, summary.uncertain) == tuple(row.counts.values()) == (2, 1, 0, 0)
    assert summary.volume_nl == row.volume_nl == 9_990 + 9_900 + 4_000


def test_seconds_of_flow_are_no_points_in_the_summary_of_a_record_either(records: Records) -> None:
    plan = {"passes": [{"mode": CONSTANT_FLOW}, {"mode": CONTINUOUS}]}
    session = records.begin(replace(START, plan_json=json.dumps(plan)))
    records.append(session, 77, [shot(1), shot(2, depth_um=1_950), shot(3, index=1), shot(4, index=1, depth_um=2_001)])
    assert records.summary(session).depth_spread_um == 3


def test_every_shot_of_an_export_has_its_kind(records: Records) -> None:
    session = records.begin(START)
    records.append(session, 77, [shot(n, flags) for n, flags in enumerate(FLAGS, 1)])
    kinds = [SHOT_KINDS[kind_of(flags)] for flags in FLAGS]
    assert [one["kind"] for one in everything(records, session)["shots"]] == kinds  # type: ignore[attr-defined]
    assert [one["kind"] for one in csv.DictReader(io.StringIO(csv_of(records, session)))] == kinds
