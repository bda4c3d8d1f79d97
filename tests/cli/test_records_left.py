"""`mesogun records`: what is left of a session and who does not want it, shots that are nobody's, what a pass gave."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.gun.answers import Journaled
from mesogun.gun.events import Event
from mesogun.records import Records, SessionStart
from mesogun.records.rows import ForeignShot
from mesogun_fw.talk.codes import DOSE_OFF, GOOD, PARTIAL, UNCERTAIN

PASSES = [{"index": 0, "number": 1, "shots": 4}, {"index": 1, "number": 2, "shots": 2}]
START = SessionStart("Small", "", "ab" * 32, 1, json.dumps({"passes": PASSES}), 7, 100, 42, False, "0", "Dr. A")
REST = replace(START, plan_json=json.dumps({"passes": [{"index": 0, "number": 2, "shots": 2}]}), rest_of=1)


def a_shot(n: int, index: int, flags: int = 0, *, depth_um: int = 2_001, dose_nl: int = 9_990) -> Event:
    values = {"pass_index": index, "shot": n, "at_us": 0, "period_us": 250_000, "commanded_depth_um": 2_000, "flags": flags}
    return Event(
        n, "shot", 1_000 * n, values | {"measured_depth_um": depth_um, "commanded_dose_nl": 10_000, "measured_dose_nl": dose_nl}
    )


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Records of one session that gave 3 of 6 places, one of them by a wrong shot, and a partial one besides."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    with Records.open(url) as records:
        session = records.begin(START, journal=Journaled(GOOD, 1, 0, 0, 0))
        records.append(session, 42, [a_shot(1, 0), a_shot(2, 0, PARTIAL), a_shot(3, 0, DOSE_OFF), a_shot(4, 1)])
        records.finish(session, "stopped", {})
    return url


Call = Callable[..., Result]


@pytest.fixture
def call(url: str) -> Call:
    def called(*arguments: str) -> Result:
        return CliRunner().invoke(mesogun, ["records", *arguments, "--db", url])

    return called


def line_of(call: Call, name: str, session: int = 1) -> str:
    """What `show` says under this name."""
    lines = [line.split("  ") for line in call("show", str(session)).stdout.splitlines()]
    (found,) = [" ".join(parts[2:]).strip() for parts in lines if len(parts) > 1 and parts[1].strip() == name]
    return found


def test_show_says_what_is_left_after_all_that_filled_its_place(call: Call) -> None:
    assert line_of(call, "left") == "3 of 6"


def test_show_counts_the_rests_of_an_order_and_names_them(call: Call, url: str) -> None:
    with Records.open(url) as records:
        rest = records.begin(REST)
        records.append(rest, 42, [a_shot(1, 0)])
        records.finish(rest, "stopped", {})
    assert line_of(call, "left") == line_of(call, "left", 2) == "2 of 6, after rest 2"
    assert "rest of 1: Small" in call("list").stdout
    rows = [line.split() for line in call("show", "2").stdout.splitlines()]
    assert ["2", "1", "2", "mm"] in [row[:4] for row in rows], "its pass has the number of the protocol"


def test_show_says_that_nothing_is_left(call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.append(1, 42, [a_shot(5, 0), a_shot(6, 0), a_shot(7, 1)])
    assert line_of(call, "left") == "nothing"


def test_what_is_left_is_waived_by_a_person_with_a_reason_and_once(call: Call, url: str) -> None:
    waived = call("waive", "1", "--by", "Dr. B", "--note", "enough for today")
    assert waived.exit_code == 0
    assert "waived by Dr. B" in waived.stdout
    assert line_of(call, "left") == "3 of 6, waived by Dr. B: enough for today"
    again = call("waive", "1", "--by", "Dr. C", "--note", "twice")
    assert again.exit_code == 2
    assert "waived before, by Dr. B" in again.stderr
    with Records.open(url) as records:
        assert records.session(1).waived == "Dr. B: enough for today"


def test_a_rest_is_waived_with_its_order(call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.begin(REST)
    assert call("waive", "2", "--by", "Dr. B", "--note", "enough").exit_code == 0
    with Records.open(url) as records:
        assert [records.session(number).waived for number in (1, 2)] == ["Dr. B: enough", None]


@pytest.mark.parametrize(
    "options",
    [["1", "--by", "  ", "--note", "x"], ["1", "--by", "Dr. B"], ["1", "--note", "x"], ["9", "--by", "Dr. B", "--note", "x"]],
)
def test_without_name_reason_or_session_nothing_is_waived(options: list[str], call: Call, url: str) -> None:
    assert call("waive", *options).exit_code == 2
    with Records.open(url) as records:
        assert records.session(1).waived is None


@pytest.mark.parametrize("options", [["1", "--by", " ", "--note", "x"], ["1", "--by", "Dr. B"], ["1", "--note", "x"]])
def test_without_name_or_note_nothing_is_acknowledged(options: list[str], call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.begin(START)
    assert call("acknowledge", "2", *options[1:]).exit_code == 2
    with Records.open(url) as records:
        assert [row.id for row in records.unfinished()] == [2]


def test_a_session_that_another_program_gives_is_not_acknowledged(call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.claim()
        session = records.begin(START)
        refused = call("acknowledge", str(session), "--by", "Dr. B", "--note", "it fell")
        assert refused.exit_code == 2
        assert "another mesogun is giving a session" in refused.stderr
        assert records.session(session).outcome is None


def test_shots_that_are_nobodys_are_listed_with_all_that_is_known_of_them(call: Call, url: str) -> None:
    assert "No foreign shots" in call("foreign").stdout
    values = {"pass_index": 1, "measured_depth_um": 2_345, "measured_dose_nl": 6_780}
    numbered = ForeignShot("2026-01-02T03:04:05.000+00:00", 7, 42, 3, 12, 0xABCDEF123456, values | {"flags": UNCERTAIN})
    told_only = replace(numbered, gun_serial=8, epoch=None, number=None, digest=None, values=values | {"flags": PARTIAL})
    with Records.open(url) as records:
        records.keep_foreign([numbered, told_only])
    *_, first, second = call("foreign").stdout.splitlines()
    assert first.split() == ["2026-01-02", "03:04", "7", "3", "12", "abcdef12", "2", "2.345", "6.78", "uncertain"]
    assert second.split() == ["2026-01-02", "03:04", "8", "2", "2.345", "6.78", "partial"]


def test_what_a_pass_gave_is_shown_from_the_least_to_the_most_and_its_sum(call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.append(
            1, 42, [a_shot(5, 1, depth_um=1_950, dose_nl=10_500), a_shot(6, 1, UNCERTAIN, depth_um=9_000, dose_nl=70_000)]
        )
    (row,) = [line.split() for line in call("show", "1").stdout.splitlines() if line.split()[:1] == ["2"]]
    assert " ".join(row) == "2 3 2 mm 1.950 to 2.001 10 µl 9.99 to 10.50 0.020 ml"
    assert line_of(call, "given") == "0.050 ml measured, 0.010 ml uncertain"


def test_no_more_sessions_are_listed_than_asked_for(call: Call, url: str) -> None:
    with Records.open(url) as records:
        records.begin(replace(START, title="Newer"))
    assert "Newer" in call("list", "--limit", "1").stdout
    assert "Small" not in call("list", "--limit", "1").stdout
    assert call("list", "--limit", "0").exit_code == 2
