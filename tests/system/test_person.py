"""One script, two persons: in this process, and typing at a pseudo-terminal. The record tells them apart by nothing but who."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rigs.person import Scripted, consent
from rigs.terminal import ENOUGH_S, REAL, Terminal, the_word

from mesogun.clinical.library import loaded
from mesogun.gun.client import Gun
from mesogun.records import Answered, Records, SessionStart
from mesogun.visit.giving import give
from mesogun.visit.person import Injection, Question
from mesogun_sim.board import SimBoard

BROKEN_OFF = SessionStart("broken off", "", "", 1, '{"passes": []}', 7, 100, 42, False, "0", "somebody")
PAUSES = "sim://?fault=link-down@6000-6800"  # in mid pass, also when the typing before took seconds


def serial_of(question: Question) -> str:
    assert isinstance(question.about, Injection)
    return str(question.about.serial)


SCRIPT = {"interrupted-initials": "AB", "interrupted-note": "laptop fell", "confirm-gun": serial_of, "go-on": consent}
ASKED = [*SCRIPT]


@pytest.fixture(autouse=True)
def _real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a real gun is confirmed: the simulated ones say they are."""
    monkeypatch.setattr(SimBoard, "simulated", 0)


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    text = (Path(__file__).parents[2] / "protocols/face/mesolift.toml").read_text()
    text = text.replace("points = 60\nspacing_mm = 2\n", "points = 40\nspacing_mm = 1\n").replace("points = 15", "points = 2")
    path.write_text(text.replace("rate_hz = 2\ndose_ul = 10\n", "rate_hz = 4\ndose_ul = 10\n"))
    return str(path)


def records_with_a_session_that_broke_off(folder: Path) -> str:
    folder.mkdir()
    url = f"sqlite:///{folder}/records.db"
    with Records.open(url) as records:
        records.begin(BROKEN_OFF)
    return url


def by_script(small: str, port: str, db: str) -> Scripted:
    person = Scripted(SCRIPT)
    with Gun.connect(port) as gun:
        assert give(loaded(small)[0], gun, person, db=db).summary.outcome == "complete"
    return person


def at_a_terminal(small: str, port: str, db: str, person: Scripted, *, given_before: bool = False) -> Terminal:
    """What the scripted person was asked and said, asked and said again."""
    run = Terminal("run", small, "--port", port, "--db", db, "--operator", "Dr. B", program=REAL)
    for question, answer in person.answered:
        if question.id == "go-on":
            run.answer("to end the session:", the_word)
        else:
            if question.id == "confirm-gun" and given_before:
                run.answer("to give it again all the same:", the_word)
            run.answer(question.words, f"{answer}\n")
    assert run.exit_code() == 0, run.screen
    return run


def answers(db: str) -> list[Answered]:
    with Records.open(db) as records:
        return records.answers(2)


@pytest.mark.slow
def test_the_same_script_at_a_pseudo_terminal_leaves_the_same_answers_on_record(small: str, tmp_path: Path) -> None:
    ours, theirs = (records_with_a_session_that_broke_off(tmp_path / name) for name in ("script", "terminal"))
    person = by_script(small, PAUSES, ours)
    assert [question.id for question in person.asked] == ASKED
    at_a_terminal(small, PAUSES, theirs, person)
    for our, their in zip(answers(ours), answers(theirs), strict=True):
        word = our.answer if our.question != "go-on" else their.answer  # that one is drawn by chance
        assert (their.question, their.answer) == (our.question, word)
        assert their.words == our.words.replace(our.answer, word)
    assert ({row.answered_by for row in answers(ours)}, {row.answered_by for row in answers(theirs)}) == ({"Dr. A"}, {"Dr. B"})


@pytest.mark.long
@pytest.mark.slow
def test_the_script_confirms_a_gun_on_a_cable_as_well(small: str, tmp_path: Path) -> None:
    gun = subprocess.Popen([*REAL, "sim", "--tcp", "0", "--speed", "3"], stdout=subprocess.PIPE, text=True)
    try:
        assert gun.stdout is not None
        port = next(line for line in gun.stdout if "--port" in line).split()[-1]
        ours, theirs = (records_with_a_session_that_broke_off(tmp_path / name) for name in ("script", "terminal"))
        person = by_script(small, port, ours)
        assert [question.id for question in person.asked] == ASKED[:3]
        at_a_terminal(small, port, theirs, person, given_before=True)
        known = [row.answer for row in answers(theirs) if row.question != "given-before"]
        assert known == [row.answer for row in answers(ours)]
    finally:
        gun.send_signal(signal.SIGTERM)
        gun.wait(ENOUGH_S)


@pytest.mark.slow
def test_an_export_shows_who_let_the_session_begin_and_go_on(small: str, tmp_path: Path) -> None:
    db = records_with_a_session_that_broke_off(tmp_path / "records")
    by_script(small, PAUSES, db)
    export = subprocess.run(
        [sys.executable, "-m", "mesogun", "records", "export", "2", "--db", db], capture_output=True, text=True, check=True
    )
    told = json.loads(export.stdout)["answers"]
    assert [(row["question"], row["answered_by"]) for row in told] == [(question, "Dr. A") for question in ASKED]


@pytest.mark.slow
def test_an_emergency_stop_while_a_person_thinks_takes_the_question_off_the_screen(small: str, tmp_path: Path) -> None:
    faults = ["--fault", "link-down@2500-3300", "--fault", "estop@5000"]
    run = Terminal("run", small, "--speed", "1", *faults, "--db", f"sqlite:///{tmp_path}/records.db")
    run.answer("to end the session:", "")
    run.answer("to end the session:", "end\n")
    assert run.exit_code() == 4
    assert "This question is withdrawn" in run.screen
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records:
        assert records.session(1).outcome == "estop"
        assert [(row.question, row.answer) for row in records.answers(1)] == [("after-estop", "end")]
