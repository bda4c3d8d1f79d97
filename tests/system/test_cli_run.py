"""`mesogun` as whole processes: at a terminal, stopped by signals, killed, and on the other end of a cable."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rigs.micropython import needed_micropython
from rigs.terminal import ENOUGH_S, REAL, Terminal, needle_steps, serial_number, started, the_word, wait_for

from mesogun.clinical.library import library
from mesogun.records import Records

pty = pytest.importorskip("pty", reason="terminals and signals as POSIX has them")

HEAVY = ("rich", "pydantic", "numpy", "sqlalchemy", "alembic", "serial", "matplotlib", "importlib.metadata", "mesogun_sim")


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


@pytest.mark.slow
def test_help_imports_nothing_heavy_and_check_nothing_that_only_a_gun_needs() -> None:
    for arguments, may in ((["--help"], set()), (["check", "face/mesolift"], {"rich", "pydantic", "importlib.metadata"})):
        call = f"import sys, mesogun.cli\ntry: mesogun.cli.mesogun({arguments})\nexcept SystemExit: pass\nprint(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True).stdout.split()
        assert set(HEAVY) & set(loaded) <= may


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_bring_the_needle_home_and_complete_the_record(
    small: str, url: str, tmp_path: Path, number: int, code: int
) -> None:
    trace = tmp_path / "trace"
    run = started("run", small, "--json", "--speed", "1", "--db", url, "--trace", str(trace))
    assert run.stderr
    assert run.stdout
    wait_for("2 of 8", run.stderr)
    run.send_signal(number)
    assert run.wait(ENOUGH_S) == code
    answer = json.loads(run.stdout.read().splitlines()[-1])
    assert answer["outcome"] == only_session(url).outcome == "stopped"
    assert 2 <= answer["counts"]["whole"] + answer["counts"]["partial"] < 8
    assert needle_steps(trace) == 0


@pytest.mark.slow
def test_a_killed_session_is_acknowledged_by_a_person_before_the_next_one_begins(small: str, url: str) -> None:
    run = started("run", small, "--speed", "1", "--db", url)
    assert run.stderr
    wait_for("2 of 8", run.stderr)
    run.kill()
    run.wait()
    begun = only_session(url)
    assert begun.outcome is None

    nobody = Terminal("run", small, "--speed", "max", "--db", url)
    nobody.answer("your initials:", "\n")
    nobody.answer("what happened:", "\n")
    assert nobody.exit_code() == 2

    person = Terminal("run", small, "--speed", "max", "--db", url)
    person.answer("your initials:", "AB\n")
    person.answer("what happened:", "laptop fell\n")
    assert person.exit_code() == 0
    with Records.open(url) as records:
        after = records.session(begun.id)
        assert (after.outcome, after.acknowledged_by, after.note) == ("interrupted", "AB", "laptop fell")
        assert len(records.sessions()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "code"), [(serial_number, 0), ("yes\n", 2), ("\x04", 2), ("\x03", 130)])
def test_a_gun_named_by_its_port_is_used_only_when_its_serial_number_is_typed(
    small: str, url: str, typed: str | Callable[[str], str], code: int
) -> None:
    run = Terminal("run", small, "--port", "sim://", "--db", url, program=REAL)
    run.answer("go on:", typed)
    assert run.exit_code() == code
    for words in ("10 shots", "deepest", "2 mm", "Mesolift"):
        assert words in run.screen
    with Records.open(url) as records:
        assert len(records.sessions()) == (code == 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "code", "outcome"),
    [(the_word, 0, "complete"), ("end\n", 1, "stopped"), ("\x04", 1, "stopped"), ("\x03", 130, "stopped")],
)
def test_after_a_pause_the_gun_is_armed_again_only_when_a_person_says_so(
    small: str, url: str, typed: str | Callable[[str], str], code: int, outcome: str
) -> None:
    run = Terminal("run", small, "--speed", "max", "--fault", "link-down@2000-2800", "--db", url)
    run.answer("to end the session:", typed)
    assert run.exit_code() == code
    assert "nothing heard from the laptop" in run.screen
    assert only_session(url).outcome == outcome


@pytest.mark.slow
@pytest.mark.parametrize("cable", [["--tcp", "0"], ["--pty"]])
def test_a_served_gun_tells_how_to_connect_needs_no_terminal_and_writes_its_trace_when_it_is_stopped(
    small: str, url: str, tmp_path: Path, cable: list[str]
) -> None:
    trace = tmp_path / "trace"
    gun = started("sim", *cable, "--speed", "3", "--trace", str(trace))
    assert gun.stdout
    port = wait_for("--port", gun.stdout).split()[-1]
    run = started("run", small, "--port", port, "--db", url, "--json")
    answer, said = run.communicate(timeout=ENOUGH_S)
    assert run.returncode == 0, said
    assert json.loads(answer)["simulated"] is True
    assert "simulated one" in said
    assert (only_session(url).outcome, only_session(url).simulated) == ("complete", True)
    gun.send_signal(signal.SIGTERM)
    assert gun.wait(ENOUGH_S) == 143
    assert needle_steps(trace) == 0
    assert len((trace / "shots.csv").read_text().splitlines()) == 1 + 10


@pytest.mark.slow
def test_a_reader_who_has_had_enough_gets_no_traceback() -> None:
    check = started("explain", "face/mesolift", "--json")
    assert check.stdout
    assert check.stderr
    check.stdout.close()
    assert "Traceback" not in check.stderr.read()
    check.wait(ENOUGH_S)


@pytest.mark.slow
def test_both_engines_give_the_same_session(small: str, url: str) -> None:
    needed_micropython()
    answers = []
    for engine in ("cpython", "micropython"):
        run = started("run", small, "--json", "--engine", engine, "--db", url)
        answer = json.loads(run.communicate(timeout=ENOUGH_S)[0])
        answers.append({key: value for key, value in answer.items() if key not in ("session", "wall_s", "began", "ended")})
    assert answers[0] == answers[1]
    assert answers[0]["outcome"] == "complete"
