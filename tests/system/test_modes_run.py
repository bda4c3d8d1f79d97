"""Mesoperfusion and retrograde as whole sessions on the simulated gun: what its pins did, what it told, what was recorded."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from rigs import outside
from rigs.whole import give, protocol, recorded, reported

from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.records.tally import Summary
from mesogun.refusal import Refused
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL

FLOW = {"technique": '"mesoperfusion"', "mode": '"constant flow"', "depth_mm": 3.0, "flow_ul_s": 10, "seconds": 12, "dwell_ms": 60}
DRAW = {"technique": '"retrograde"', "mode": '"retrograde"', "depth_mm": 6.0, "dose_ul": 33, "points": 6, "spacing_mm": 8}


@dataclass
class Given:
    summary: Summary
    rows: list[str]
    asked: list[str]  # what a person was asked before going on


def session(trace: Path, text: str, *faults: str, drive: str = "stepper", row_shots: int = 25) -> Given:
    """One session with a person who always goes on; the record holds, row by row, what the gun told."""
    asked: list[str] = []
    url = f"sim://?seed=1&drive={drive}&row_shots={row_shots}&trace={trace}" + "".join(f"&fault={fault}" for fault in faults)
    with Records.open(f"sqlite:///{trace}.db") as records, Gun.connect(url) as gun:
        planned = plan(read_protocol(text.encode()), gun.description, gun.welcome)
        summary = give(gun, records, planned, go_on=lambda reason: not asked.append(reason))  # type: ignore[func-returns-value]
        row = records.session(1)
        assert records.summary(1) == summary
        assert (row.whole, row.partial, row.wrong, row.uncertain, row.volume_nl) == (
            *(summary.shots, summary.partial, summary.wrong, summary.uncertain, summary.volume_nl),
        )
        rows = recorded(records)
    assert rows == reported(trace)
    return Given(summary, rows, asked)


def pushed_nl(trace: Path) -> float:
    """By the edges of the plunger's pin alone, whatever moves the needle."""
    edges = [row.split(",")[1:] for row in (trace / "pins.csv").read_text().splitlines()[1:]]
    return sum(edge == ["plunger_step", "1"] for edge in edges) * outside.device(trace).plunger_nl


# ---- mesoperfusion ----


@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
def test_a_perfusion_gives_its_flow_second_by_second(drive: str, tmp_path: Path) -> None:
    given = session(tmp_path / "trace", protocol(FLOW), drive=drive)
    summary = given.summary
    assert (summary.outcome, summary.shots, summary.partial, given.asked) == ("complete", 12, 0, [])
    assert summary.commanded_volume_nl == 120_000
    step_nl = outside.device(tmp_path / "trace").plunger_nl
    assert abs(pushed_nl(tmp_path / "trace") - 120_000) <= step_nl
    assert abs(summary.volume_nl - 120_000) <= 12 * step_nl
    assert (summary.depth_spread_um, summary.dose_spread_nl) == (0, 0), "a second is no point"
    starts_us = [shot["start_us"] for shot in outside.shots(tmp_path / "trace")]
    assert {later - earlier for earlier, later in list(pairwise(starts_us))[1:]} == {1_000_000}


def test_in_a_perfusion_the_needle_goes_in_once_and_stays(tmp_path: Path) -> None:
    session(tmp_path / "trace", protocol(FLOW))
    (stroke,) = outside.strokes(tmp_path / "trace")
    assert (stroke.deepest, stroke.ends_at, set(stroke.plunger_at)) == (300, 0, {300})
    assert stroke.end_us - stroke.start_us > 12_000_000


@pytest.mark.slow
def test_a_perfusion_released_half_way_comes_home_and_gives_the_second_again(tmp_path: Path) -> None:
    session(tmp_path / "undisturbed", protocol(FLOW))
    fifth_us = outside.shots(tmp_path / "undisturbed")[4]["start_us"]
    lifted_ms = (fifth_us + 450_000) // 1000

    given = session(tmp_path / "trace", protocol(FLOW), f"lift@{lifted_ms}-{lifted_ms + 50}")
    assert (given.summary.outcome, given.summary.shots, given.summary.partial, given.asked) == ("complete", 12, 1, [])
    cut = outside.shots(tmp_path / "trace")[4]
    assert cut["flags"] == PARTIAL
    assert 4_000 < cut["measured_dose_nl"] < 5_000
    first, second = outside.strokes(tmp_path / "trace")
    assert (first.ends_at, second.ends_at) == (0, 0)
    assert 0 < first.end_us - 1000 * lifted_ms < 60_000
    assert set(first.plunger_at + second.plunger_at) == {300}
    step_nl = outside.device(tmp_path / "trace").plunger_nl
    assert abs(pushed_nl(tmp_path / "trace") - 120_000 - cut["measured_dose_nl"]) <= 2 * step_nl


def test_a_trigger_held_for_a_minute_pauses_the_perfusion_and_a_person_goes_on(tmp_path: Path) -> None:
    given = session(tmp_path / "trace", protocol(FLOW | {"seconds": 70, "flow_ul_s": 2}), row_shots=1000)
    assert (given.summary.outcome, given.summary.shots, given.summary.partial) == ("complete", 70, 0), "its last second was all in"
    assert abs(pushed_nl(tmp_path / "trace") - 140_000) <= 200
    (reason,) = given.asked
    assert "held for 60 s" in reason


def test_a_dose_that_is_a_tenth_of_what_was_asked_for_is_no_whole_shot(tmp_path: Path) -> None:
    session(tmp_path / "undisturbed", protocol(DRAW))
    last_us = outside.shots(tmp_path / "undisturbed")[-1]["start_us"]
    given = session(tmp_path / "trace", protocol(DRAW), f"plunger-stall@{last_us // 1000 + 60}")
    assert (given.summary.outcome, given.summary.shots, given.summary.partial, given.summary.wrong) == ("fault", 5, 0, 1)
    assert given.rows[-1].endswith(f",{DOSE_OFF}")


@pytest.mark.parametrize("flow_ul_s", [2, 10])
def test_a_plunger_that_stops_is_found_within_the_second_at_every_flow(flow_ul_s: float, tmp_path: Path) -> None:
    text = protocol(FLOW | {"flow_ul_s": flow_ul_s})
    session(tmp_path / "undisturbed", text)
    fifth_us = outside.shots(tmp_path / "undisturbed")[4]["start_us"]
    given = session(tmp_path / "trace", text, f"plunger-stall@{fifth_us // 1000 + 5}")
    assert given.summary.outcome == "fault"
    assert "measured dose is off" in given.summary.reason
    flags = [int(row.split(",")[-1]) for row in given.rows]
    assert flags == [0, 0, 0, 0, DOSE_OFF, DOSE_OFF | PARTIAL], "the next second has only just begun"


# ---- retrograde ----


def test_a_retrograde_session_gives_every_dose_along_the_way_back(tmp_path: Path) -> None:
    given = session(tmp_path / "trace", protocol(DRAW))
    assert (given.summary.outcome, given.summary.shots, given.summary.partial, given.asked) == ("complete", 6, 0, [])
    assert given.summary.depth_spread_um <= 3
    gun = outside.device(tmp_path / "trace")
    made = outside.strokes(tmp_path / "trace")
    assert [stroke.deepest for stroke in made] == [600] * 6
    steps = 0
    for stroke in made:
        steps += len(stroke.plunger_at)
        assert stroke.ends_at == 0
        assert stroke.plunger_at == sorted(stroke.plunger_at, reverse=True), "given while it comes back"
        thirds = [sum(200 * third <= at < 200 * (third + 1) for at in stroke.plunger_at) for third in range(3)]
        assert max(thirds) - min(thirds) <= 0.03 * len(stroke.plunger_at)
    assert abs(steps * gun.plunger_nl - 6 * 33_000) <= gun.plunger_nl


@pytest.mark.slow
def test_a_retrograde_shot_released_half_way_comes_home_dry_and_its_point_is_made_again(tmp_path: Path) -> None:
    session(tmp_path / "undisturbed", protocol(DRAW))
    third = outside.strokes(tmp_path / "undisturbed")[2]
    lifted_ms = (third.turned_us + third.end_us) // 2000

    given = session(tmp_path / "trace", protocol(DRAW), f"lift@{lifted_ms}-{lifted_ms + 50}")
    assert (given.summary.outcome, given.summary.shots, given.summary.partial, given.asked) == ("complete", 6, 1, [])
    cut = outside.strokes(tmp_path / "trace")[2]
    assert 0.4 < len(cut.plunger_at) / len(third.plunger_at) < 0.6
    assert (cut.ends_at, cut.deepest) == (0, 600)
    assert cut.end_us < third.end_us
    assert outside.shots(tmp_path / "trace")[2]["flags"] == PARTIAL


def test_a_pneumatic_gun_refuses_a_retrograde_pass_before_anything_moves(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="throws its needle by air"):
        session(tmp_path / "trace", protocol(DRAW), drive="pneumatic")


# ---- one after the other ----


@pytest.mark.slow
def test_flow_and_tracts_follow_each_other_in_one_session(tmp_path: Path) -> None:
    given = session(tmp_path / "trace", protocol(FLOW | {"seconds": 3}, DRAW | {"points": 2}, FLOW | {"seconds": 2}))
    assert (given.summary.outcome, given.summary.shots) == ("complete", 7)
    assert [row.split(",")[1] for row in given.rows] == ["0", "0", "0", "1", "1", "2", "2"]
