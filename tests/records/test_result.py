"""A result is what the record says of a session: every shot in one count, every figure a program may want, and its shots."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from rigs.schemas import valid

import mesogun
from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.words import reason_in_words
from mesogun.records import Records, SessionStart
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import FAULT, PAUSE

PASS = {"index": 0, "number": 2, "mode": 3, "shots": 6, "technique": "nappage", "depth_um": 2_000, "dose_nl": 10_000}
FLOW = {"index": 1, "number": 4, "mode": 4, "shots": 3, "technique": "mesoperfusion", "depth_um": 3_000, "dose_nl": 5_000}
START = SessionStart("Small", "", "ab" * 32, 0xABCDEF, json.dumps({"passes": [PASS, FLOW]}), 7, 203, 42, True, "0", "Dr. A")


def a_shot(n: int, flags: int = 0, index: int = 0, depth_um: int = 2_001, dose_nl: int = 9_990) -> Event:
    values = {"pass_index": index, "shot": n, "at_us": 0, "period_us": 250_000, "commanded_depth_um": 2_000}
    values |= {"measured_depth_um": depth_um, "commanded_dose_nl": 10_000, "measured_dose_nl": dose_nl, "flags": flags}
    return Event(n, "shot", 1_000 * n, values)


def ended(n: int, kind: int, reason: int) -> Event:
    return Event(n, "ended", 9_000, {"kind": kind, "reason": reason, "pass_index": 0, "done": 0})


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A session with one shot of each kind, and one assumed; stopped by a fault."""
    path = str(tmp_path / "records.db")
    with Records.open(path) as records:
        session = records.begin(START)
        shots = [
            a_shot(1),
            a_shot(2, DOSE_OFF, depth_um=1_996, dose_nl=8_000),
            a_shot(3, PARTIAL, dose_nl=4_000),
            a_shot(4, UNCERTAIN),
        ]
        records.append(session, 42, [*shots, ended(5, FAULT, reasons.NEEDLE_ASTRAY)])
        records.uncertain(session, 42, 8_000, 0, 2_000, 10_000)
        records.finish(session, "fault", {"reason": reason_in_words(Reason(reasons.NEEDLE_ASTRAY))})
    return path


def test_every_shot_is_in_one_count_and_what_is_left_is_what_nothing_has_filled(db: str) -> None:
    result = mesogun.records(db).result(1)
    counts = result.counts
    assert (counts.planned, counts.whole, counts.partial, counts.wrong, counts.uncertain, counts.left) == (9, 1, 1, 1, 2, 5)
    first, second = result.passes
    assert (first.number, first.technique, first.mode, first.counts.left) == (2, "nappage", "continuous", 2)
    assert (second.number, second.mode, second.counts.left, second.measured_depth_um) == (4, "constant flow", 3, None)


def test_volumes_are_measured_where_a_sensor_spoke_and_commanded_where_none_did(db: str) -> None:
    volumes = mesogun.records(db).result(1).volumes
    assert (volumes.planned_nl, volumes.measured_nl, volumes.uncertain_nl) == (75_000, 21_990, 20_000)
    assert volumes.commanded_nl == 40_000, "of all but the partial one"


def test_figures_of_a_pass_are_of_whole_and_wrong_shots(db: str) -> None:
    depth, dose = (getattr(mesogun.records(db).result(1).passes[0], f"measured_{name}") for name in ("depth_um", "dose_nl"))
    assert (depth.low, depth.mean, depth.high) == (1_996, 1_998.5, 2_001)
    assert (dose.low, dose.mean, dose.high) == (8_000, 8_995, 9_990)


def test_why_it_stopped_has_the_guns_code_with_name_words_and_remedy(db: str) -> None:
    why = mesogun.records(db).result(1).reason
    assert why is not None
    assert (why.code, why.name) == (reasons.NEEDLE_ASTRAY, "needle astray")
    assert "the needle is not where it was sent" in why.words
    assert why.remedy == "check the needle, press the clear button, home again"


@pytest.mark.parametrize(
    ("outcome", "reason", "event", "code"),
    [
        ("stopped", reason_in_words(Reason(reasons.LINK_SILENT)), (PAUSE, reasons.LINK_SILENT), reasons.LINK_SILENT),
        ("stopped", "stopped on the laptop", (PAUSE, reasons.DISARMED), None),
        ("fault", "the gun's journal has 3 shots more", (FAULT, reasons.DOSE_WRONG), None),
        ("interrupted", "the gun was restarted", (PAUSE, reasons.DISARMED), None),
    ],
)
def test_a_code_is_there_only_when_the_gun_ended_it(
    tmp_path: Path, outcome: str, reason: str, event: tuple[int, int], code: int | None
) -> None:
    path = str(tmp_path / "records.db")
    with Records.open(path) as records:
        session = records.begin(START)
        records.append(session, 42, [ended(1, *event)])
        records.finish(session, outcome, {"reason": reason})
    why = mesogun.records(path).result(1).reason
    assert why is not None
    assert (why.code, why.words) == (code, reason)
    assert why.remedy


def test_a_session_without_an_end_has_no_outcome_and_one_that_was_looked_at_says_by_whom(tmp_path: Path) -> None:
    path = str(tmp_path / "records.db")
    with Records.open(path) as records:
        records.begin(START)
        assert (mesogun.records(path).result(1).outcome, mesogun.records(path).result(1).ended) == (None, None)
        records.acknowledge(1, "Dr. B", "power cut")
    result = mesogun.records(path).result(1)
    assert result.reason is not None
    assert (result.outcome, result.reason.words) == ("interrupted", "acknowledged by Dr. B: power cut")
    with pytest.raises(mesogun.NotComplete):
        result.raise_for_outcome()


def test_a_shot_of_a_pass_that_was_never_planned_has_its_own_row(db: str) -> None:
    with Records.open(db) as records:
        records.append(1, 42, [a_shot(6, index=5)])
    last = mesogun.records(db).result(1).passes[-1]
    assert (last.number, last.technique, last.counts.planned, last.counts.whole, last.counts.left) == (None, None, 0, 1, 0)


def test_shots_are_an_array_of_the_wires_integers_and_what_nobody_measured_is_masked(db: str) -> None:
    shots = mesogun.records(db).result(1).shots
    assert isinstance(shots, numpy.ndarray)
    assert shots.dtype["measured_depth_um"] == numpy.int64
    assert list(shots["kind"]) == [0, 2, 1, 3, 3]
    assert list(shots["commanded_depth_um"]) == [2_000] * 5
    assert list(numpy.ma.getmaskarray(shots["measured_dose_nl"])) == [False, False, False, True, True]
    assert shots["measured_dose_nl"].sum() == 21_990
    assert not numpy.ma.getmaskarray(shots["flags"]).any()


def test_a_session_without_shots_has_an_empty_array_of_the_same_fields(tmp_path: Path) -> None:
    with Records.open(str(tmp_path / "records.db")) as records:
        records.begin(START)
    shots = mesogun.records(tmp_path / "records.db").result(1).shots
    assert (len(shots), "measured_depth_um" in (shots.dtype.names or ())) == (0, True)


@pytest.mark.slow
def test_shots_are_a_table_of_pandas_where_that_is_installed(db: str) -> None:
    table = mesogun.records(db).result(1).to_pandas()
    assert list(table["kind"]) == ["whole", "wrong", "partial", "uncertain", "uncertain"]
    assert list(table["measured_dose_nl"].isna()) == [False, False, False, True, True]
    assert table["measured_dose_nl"].sum() == 21_990


def test_without_pandas_it_is_said_how_to_get_it(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(mesogun.Refused, match="pip install pandas"):
        mesogun.records(db).result(1).to_pandas()


def test_what_a_result_says_of_itself_keeps_to_the_schema_and_needs_nothing_of_ours_to_read(db: str) -> None:
    told: dict[str, Any] = valid(json.loads(json.dumps(mesogun.records(db).result(1).to_dict())))
    assert told["digests"] == {"protocol": "ab" * 32, "plan": "000000abcdef"}
    assert (told["firmware"], told["began"][-1], told["outcome"]) == ("0.2.3", "Z", "fault")


def test_a_result_is_read_as_text_and_in_a_notebook(db: str) -> None:
    result = mesogun.records(db).result(1)
    for words in ("Session 1, Small: fault", "the needle is not where it was sent", "1.996 to 2.001", "0.022 ml measured"):
        assert words in str(result)
        assert words in result._repr_html_()


def test_records_are_listed_and_nothing_is_made_where_none_are(db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (brief,) = mesogun.records(db).sessions()
    assert (brief.session, brief.outcome, brief.whole, brief.uncertain, brief.measured_nl) == (1, "fault", 1, 2, 21_990)
    assert str(brief.began.tzinfo) == "UTC"
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))
    assert mesogun.records(simulated=True).sessions() == mesogun.records().sessions() == ()
    assert not (tmp_path / "home").exists()
    with pytest.raises(mesogun.Refused, match="no such record"):
        mesogun.records(tmp_path / "other.db").sessions()
    with pytest.raises(mesogun.Refused, match="no such session"):
        mesogun.records(db).result(9)
