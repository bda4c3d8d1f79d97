"""A question is answered by a person who read it, at a terminal that may be shut; a stop is a stop, however often it comes."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rigs.marks import mostly_slow
from rigs.terminal import ENOUGH_S, PROGRAM, REAL, Terminal, serial_number, the_word

from mesogun.clinical.library import library
from mesogun.records import Records

PAUSE = ["--fault", "link-down@2500-3300"]
ASKED = "to end the session:"
SERIAL = "100001"  # of the simulated gun
BACKGROUND = """
import os, signal, subprocess, sys
job = subprocess.Popen(sys.argv[1:], process_group=0)
_, status = os.waitpid(job.pid, os.WUNTRACED)
print("the job stopped" if os.WIFSTOPPED(status) else f"the job ended with {os.waitstatus_to_exitcode(status)}", flush=True)
if os.WIFSTOPPED(status):
    job.kill()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The mesolift protocol with 8 points at four a second, and 2: some 5 s of a gun's time."""
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "small.toml"
    text = text.replace("points = 60\nspacing_mm = 2\n", "points = 8\nspacing_mm = 1\n").replace("points = 15", "points = 2")
    path.write_text(text.replace("rate_hz = 2\ndose_ul = 10\n", "rate_hz = 4\ndose_ul = 10\n"))
    return str(path)


def only_session(url: str) -> Any:
    with Records.open(url) as records:
        (session,) = records.sessions()
        return session


def answers(url: str) -> list[str]:
    with Records.open(url) as records:
        return [row.answer for row in records.answers(1)]


# ---- typed ahead ----


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["yes\n", "yes\ny\n\n", "ye"])
def test_what_is_typed_while_shots_are_made_answers_nothing(small: str, url: str, typed: str) -> None:
    run = Terminal("run", small, "--speed", "1", *PAUSE, "--db", url)
    run.wait("ml given, last")
    run.type(typed)
    run.wait(ASKED)
    run.look(0.3)
    assert answers(url) == []
    run.type("end\n")
    assert run.exit_code() == 1, run.screen
    assert answers(url) == ["end"]


@pytest.mark.parametrize("command", mostly_slow(["device config set needle_encoder_nm=5020", "run face/mesolift"]))
def test_a_serial_number_typed_before_it_was_asked_for_confirms_nothing(command: str, url: str) -> None:
    db = ["--db", url] if command.startswith("run") else []
    change = Terminal(*command.split(), *db, "--port", "sim://", program=REAL)
    change.type(f"{SERIAL}\n")
    change.answer("go on:", "\x04")
    assert change.exit_code() == 2, change.screen


@pytest.mark.slow
def test_a_reading_typed_before_it_was_asked_for_is_none() -> None:
    calibrate = Terminal("device", "calibrate", "dose", "--dose-ul", "10", "--syringe-ml", "5", "--times", "2", "--port", "sim://")
    calibrate.type("10.9\n10.9\n")
    calibrate.answer("in mg:", "10.1\n")
    calibrate.answer("in mg:", "\n")
    calibrate.answer("in mg:", "9.9\n")
    assert calibrate.exit_code() == 0, calibrate.screen
    assert "Mean of 2 doses: 10.00 µl" in calibrate.screen


@pytest.mark.slow
def test_a_stray_enter_confirms_nothing_and_ends_nothing(small: str, url: str) -> None:
    run = Terminal("run", small, "--port", "sim://", "--db", url, program=REAL)
    run.answer("go on:", "\n")
    run.answer("go on:", serial_number)
    assert run.exit_code() == 0, run.screen
    assert answers(url) == ["", SERIAL]


@pytest.mark.slow
def test_anything_but_the_word_is_asked_again_until_it_is_typed_or_the_end(small: str, url: str) -> None:
    run = Terminal("run", small, "--speed", "max", *PAUSE, "--db", url)
    run.answer(ASKED, "\n")
    run.answer("That is not the word", "yes\n")
    run.answer(ASKED, the_word)
    assert run.exit_code() == 0, run.screen
    assert (answers(url)[:2], len(answers(url))) == (["", "yes"], 3)


# ---- echo ----


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["\x03", "end\n", "a signal"])
def test_what_is_typed_is_shown_only_where_it_answers_a_question(small: str, url: str, ending: str) -> None:
    run = Terminal("run", small, "--speed", "1", *PAUSE, "--db", url)
    run.wait("ml given, last")
    assert not run.echoes()
    run.type("zzz")
    run.wait(ASKED)
    assert run.echoes()
    assert "zzz" not in run.screen
    if ending == "a signal":
        os.kill(run.pid, signal.SIGTERM)
    else:
        run.type(ending)
    run.wait("shots  ")
    run.look(0.2)
    assert run.echoes()
    assert run.exit_code() == {"\x03": 130, "end\n": 1, "a signal": 143}[ending]


@pytest.mark.slow
def test_a_session_in_the_background_is_not_stopped_for_touching_the_terminal(small: str, url: str) -> None:
    shell = Terminal(*PROGRAM, "run", small, "--speed", "max", "--db", url, program=[PROGRAM[0], "-c", BACKGROUND])
    shell.wait("the job")
    assert shell.exit_code() == 0
    assert "the job ended with 0" in shell.screen


# ---- a terminal that is shut ----


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["2 of 8", ASKED])
def test_shutting_the_terminal_is_a_stop(small: str, url: str, moment: str) -> None:
    run = Terminal("run", small, "--speed", "1", *PAUSE, "--db", url)
    run.wait(moment)
    assert run.shut() == 128 + signal.SIGHUP
    session = only_session(url)
    assert (session.outcome, session.acknowledged_by) == ("stopped", None)
    assert 2 <= session.whole < 8


@pytest.mark.long
@pytest.mark.slow
def test_a_session_that_is_to_outlive_its_terminal_does(small: str, url: str) -> None:
    run = Terminal("run", small, "--speed", "1", "--db", url, ignores=[signal.SIGHUP])
    run.wait("2 of 8")
    assert run.shut() == 0
    assert only_session(url).outcome == "complete"


# ---- many signals ----


def stop_until_it_has_ended(run: Terminal) -> int:
    """How often Ctrl-C was told."""
    times = 1
    os.kill(run.pid, signal.SIGINT)
    while run.look(0.005):
        os.kill(run.pid, signal.SIGINT)
        times += 1
    return times


def ended(run: Terminal, url: str) -> None:
    until = time.monotonic() + ENOUGH_S
    while only_session(url).outcome is None and time.monotonic() < until:
        run.look(0.005)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "code", "outcome"),
    [
        (lambda run, url: run.wait("2 of 8"), 130, "stopped"),
        (lambda run, url: run.wait(ASKED), 130, "stopped"),
        (ended, 0, "complete"),
    ],
    ids=["shots", "question", "ended"],
)
def test_thirty_times_ctrl_c_end_with_a_summary_and_a_whole_record(
    small: str, url: str, tmp_path: Path, moment: Callable[[Terminal, str], None], code: int, outcome: str
) -> None:
    pause = PAUSE if code else []
    outputs = ["--plot", str(tmp_path / "picture.png"), "--trace", str(tmp_path / "trace")]
    run = Terminal("run", small, "--speed", "1", *pause, *outputs, "--db", url)
    run.wait("1 of 8")
    moment(run, url)
    assert stop_until_it_has_ended(run) >= 30
    assert run.exit_code() == code, run.screen
    assert f"Session 1: {outcome}" in run.screen
    assert "record " in run.screen
    assert "Traceback" not in run.screen
    assert only_session(url).outcome == outcome
    assert (tmp_path / "picture.png").exists()
    assert (tmp_path / "trace" / "pins.csv").exists()
