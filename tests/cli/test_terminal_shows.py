"""What a person reads before an answer, while shots are made, and at the end: the figures of the plan and of the record."""

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console
from rigs.fakegun import a_plan

from mesogun.cli.terminal import report
from mesogun.cli.terminal.live import Lines
from mesogun.cli.terminal.live import Screen as LiveScreen
from mesogun.cli.terminal.person import Terminal
from mesogun.records.result import Counts, Digests, Result, Volumes, Why
from mesogun.records.rows import OUTCOMES, ClockOff, SessionRow
from mesogun.records.tally import Progress
from mesogun.times import span
from mesogun.visit.left import Left
from mesogun.visit.person import Arming, ClockBehind, Foreign, GivenBefore, Injection, Interrupted, Question
from mesogun_fw.talk.messages import ARMED, CONSTANT_FLOW, FAULTED, RUNNING, UNHOMED

SESSION = cast(
    SessionRow,
    SimpleNamespace(
        id=12, started_utc="2026-01-02T03:04:05.000+00:00", title="Mesolift", gun_serial=7, volume_nl=30_000, uncertain_nl=10_000,
        counts={"whole": 3, "partial": 1, "wrong": 2, "uncertain": 5},
    ),
)  # fmt: skip


class Screen:
    """What stands on a screen of 200 columns, where nobody types."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        self.file = io.StringIO()
        self.console = Console(file=self.file, width=200)
        self.person = Terminal(self.console, "Dr. A")

    def rows(self) -> list[str]:
        """Each line, single-spaced."""
        return [" ".join(line.split()) for line in self.file.getvalue().splitlines() if line.strip()]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    return Screen(monkeypatch)


# ---- before ----


def test_who_confirms_a_gun_reads_what_every_pass_will_do(screen: Screen) -> None:
    plan = a_plan(5, 3, 2, depth_um=4_100, dose_nl=10_500)
    flow = replace(plan.passes[1], mode=CONSTANT_FLOW, shots=30, depth_um=4_000)
    dry = replace(plan.passes[2], dose_nl=0, depth_um=1_000, number=7)
    plan = replace(plan, passes=(plan.passes[0], flow, dry), deepest_um=4_100, volume_nl=367_500, shots=37)
    injection = Injection(7, "fake://", 10_203, plan)
    screen.person.arm(Arming("confirm-gun", "Its number:", injection, agreeing=("7",)), lambda: None)
    assert screen.rows() == [
        "This gun is about to inject",
        "gun 7, at fake://, firmware 1.2.3",
        "protocol a plan",
        "in all 7 shots and 30 s of flow, 0.3675 ml",
        "deepest 4.1 mm",
        "pass 1 nappage: 5 shots, 4.1 mm deep (hypodermic), 10.5 µl each",
        "pass 2 nappage: 30 s of flow, 4 mm deep (intradermic), 10.5 µl each",
        "pass 7 nappage: 2 shots, 1 mm deep (epidermic), no dose",
    ]


def test_what_broke_off_is_shown_with_all_that_counts_as_given(screen: Screen) -> None:
    screen.person.show(Interrupted((SESSION,)))
    assert "12 2026-01-02 03:04 Mesolift 7 3 1 2 5 0.040" in screen.rows()
    assert "What was given counts as given." in screen.rows()


def test_what_was_given_lately_is_shown_with_its_sessions_and_what_is_in_none(screen: Screen) -> None:
    screen.person.show(GivenBefore((SESSION,), 4))
    rows = screen.rows()
    assert rows[0] == "Given with this gun in the last 12 hours, this protocol:"
    assert "12 2026-01-02 03:04 Mesolift 7 3 1 2 5 0.040" in rows
    assert rows[-1] == "4 of the gun's newest shots are of it, and in no session here."


def test_a_clock_that_is_behind_the_newest_record_is_told_with_both_times(screen: Screen) -> None:
    screen.person.show(ClockBehind("2025-01-02T03:04:05.000+00:00", "2026-01-02T03:04:05.000+00:00"))
    assert screen.rows() == [
        "This computer's clock says 2025-01-02 03:04 +00:00, and the newest record here is of 2026-01-02 03:04 +00:00. "
        "Set the clock, or the session has a wrong date."
    ]


def test_shots_that_are_nobodys_are_counted_aloud(screen: Screen) -> None:
    screen.person.show(Foreign((cast(Any, None),) * 3, "mesogun records foreign --simulated"))
    assert "This gun made 3 shots that no session here has" in screen.rows()[0]
    assert screen.rows()[0].endswith("Look: mesogun records foreign --simulated")


def test_what_is_left_is_shown_pass_by_pass(screen: Screen) -> None:
    screen.person.show(Left((SESSION,), planned={1: 9, 3: 4}, given={1: 5, 3: 4}, partial={1: 2, 3: 0}))
    rows = screen.rows()
    assert rows[0] == "What is left of session 12"
    assert [row for row in rows if row[0].isdigit()] == ["1 9 5 2 4", "3 4 4 0 0"]
    assert rows[-1] == "A partial shot gave volume; its point is left. What was adjusted is not carried on."


def test_where_nobody_is_a_question_is_shown_and_not_answered(screen: Screen) -> None:
    answer = screen.person.ask(Question("filled", "What does it hold:", SESSION), lambda: None)
    assert (answer.words, answer.by) == ("", "")


# ---- meanwhile ----


def progress(**changed: Any) -> Progress:
    values = {"pass_index": 0, "passes": 2, "technique": "nappage", "unit": "shots", "done": 0, "shots": 8, "total_done": 0}
    values |= {"total_shots": 12, "volume_nl": 0, "last_depth_um": 0, "last_dose_nl": 0, "state": RUNNING, "prompt": "", "at_ms": 0}
    return Progress(**values | changed)  # type: ignore[arg-type]


def test_a_log_has_a_line_at_each_quarter_of_a_pass(screen: Screen) -> None:
    lines = Lines(screen.console, a_plan(8, 4), 7)
    for done in range(9):
        given = {"volume_nl": done * 10_000, "last_depth_um": 1_998, "last_dose_nl": 9_960}
        lines(progress(done=done, total_done=done, **given))
    assert screen.rows() == [
        "a plan: 12 shots with gun 7",
        "pass 1 of 2, nappage: 0 of 8 shots",
        *(f"pass 1 of 2, nappage: {done} of 8 shots; last 2.00 mm, 10.0 µl; {done / 100:.3f} ml given" for done in (2, 4, 6, 8)),
    ]


def test_a_log_says_once_what_the_hand_shall_do_and_again_when_it_is_asked_again(screen: Screen) -> None:
    lines = Lines(screen.console, a_plan(8), 7)
    for state in (UNHOMED, UNHOMED, ARMED, FAULTED, ARMED, FAULTED):
        lines(progress(state=state, prompt={UNHOMED: "Press", FAULTED: "Clear"}.get(state, "Go on")))
    assert [row for row in screen.rows() if ":" in row and "pass" not in row][1:] == [
        "unhomed: Press",
        "fault: Clear",
        "fault: Clear",
    ]


def test_a_syringe_that_is_nearly_empty_is_said_with_what_is_left(screen: Screen) -> None:
    live = LiveScreen(Console(file=io.StringIO(), width=120, force_terminal=True), a_plan(8), 7)
    lines = Lines(screen.console, a_plan(8), 7)
    for show in (lines, live):
        for left_nl in (110_000, 100_000, 90_000):
            show(progress(syringe_left_nl=left_nl, syringe_low=left_nl <= 100_000))
            if show is live:
                screen.console.print(live._render())
    said = [row for row in screen.rows() if "nearly empty" in row]
    assert [row.split(": ")[1][:8] for row in said] == ["0.100 ml", "0.100 ml", "0.090 ml"], "a log says it once"


def test_what_is_waited_for_stands_where_the_guns_state_stood(screen: Screen) -> None:
    """What the gun said last may not be so any more."""
    live = LiveScreen(Console(file=io.StringIO(), width=120, force_terminal=True), a_plan(8), 7)
    lines = Lines(screen.console, a_plan(8), 7)
    for show in (lines, live):
        for waits_for in ("", "the gun", "the gun", ""):
            show(progress(prompt="Check the cable" if waits_for else "Hold the trigger", waits_for=waits_for))
            if show is live:
                screen.console.print(live._render())
    rows = screen.rows()
    assert rows.count("waiting for the gun: Check the cable") == 1, "a log says it once"
    assert [row for row in rows if "[" in row] == [
        "Hold the trigger [running]",
        "Check the cable [waiting for the gun]",
        "Check the cable [waiting for the gun]",
        "Hold the trigger [running]",
    ]


# ---- when all is over ----

RESULT = Result(
    session=12,
    title="Mesolift",
    outcome="estop",
    reason=Why(code=20, name="e-stop", words="somebody pressed it", remedy="release it"),
    counts=Counts(planned=40, whole=30, partial=4, wrong=3, uncertain=2, left=5),
    volumes=Volumes(planned_nl=400_000, commanded_nl=367_500, measured_nl=345_678, uncertain_nl=20_000),
    passes=(),
    deepest_um=2_004,
    depth_spread_um=12,
    dose_spread_nl=340,
    duration_ms=62_000,
    gun=7,
    firmware="0.1.0",
    simulated=False,
    operator="",
    began=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    ended=None,
    rest_of=None,
    acknowledged_by=None,
    note=None,
    waived=None,
    clock=(ClockOff("end", "2025-01-02T03:04:05.000+00:00", -365 * 86_400_000, "the gun's"),),
    digests=Digests.of("ab" * 32, 1),
    record="r.db",
    gun_s=70.04,
    wall_s=70.0,
)


def test_the_end_is_told_to_a_person_with_every_kind_of_shot(capsys: pytest.CaptureFixture[str]) -> None:
    report.show(replace(RESULT, trace="traces", rows=()), as_json=False)
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        "Session 12: emergency stop, somebody pressed it",
        "shots 30 of 40",
        "partial, wrong, uncertain 4, 3, 2",
        "given 0.346 ml, of 0.367 ml commanded",
        "deepest 2.004 mm",
        "spread of a pass 0.012 mm, 0.34 µl",
        "first to last shot 1 min 2 s",
        "in all 70.0 s",
        "gun 7, real",
        "record r.db",
        f"look mesogun records show 12 --db {Path('r.db').resolve()}",
        "clock at its end this computer's clock was 365 d 0 h behind the gun's",
        "trace traces",
    ]


def test_the_end_is_told_to_a_program_as_the_result_is(capsys: pytest.CaptureFixture[str]) -> None:
    report.show(RESULT, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == RESULT.to_dict()
    assert (told["began"], told["digests"]["plan"], told["reason"]["code"]) == ("2026-01-02T03:04:05Z", "000000000001", 20)


def test_every_outcome_has_its_exit_code() -> None:
    codes = {outcome: replace(RESULT, outcome=outcome, rows=()).exit_code for outcome in OUTCOMES}
    assert codes == {"complete": 0, "stopped": 1, "fault": 4, "estop": 4, "interrupted": 3}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.4, "59 s"), (59.5, "1 min 0 s"), (61, "1 min 1 s"), (3_599, "59 min 59 s"), (3_600, "1 h 0 min"), (7_325, "2 h 2 min")],
)
def test_a_time_is_said_as_a_person_says_it(seconds: float, words: str) -> None:
    assert span(seconds) == words
