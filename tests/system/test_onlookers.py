"""Whoever only looks cannot change what is done: readers that leave, code pages, closed streams, full disks, narrow terminals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rigs.terminal import ENOUGH_S

from mesogun.clinical.library import library
from mesogun.records import Records

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="streams as POSIX has them")]

SHOTS = 3
FULL = "/dev/full"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    """The mesolift protocol with 2 points and 1."""
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "tiny.toml"
    for was, now in (("points = 60", "points = 2"), ("points = 15", "points = 1"), ('title = "Mesolift', 'title = "Mesolift µ ş')):
        assert was in text
        text = text.replace(was, now)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


def shell(command: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """A line for bash; `mesogun` is the program of these tests. Its exit code is that of the first in a pipe."""
    said = f"mesogun() {{ '{sys.executable}' -m mesogun \"$@\"; }}\n{command}\nexit ${{PIPESTATUS[0]}}"
    return subprocess.run(["bash", "-c", said], capture_output=True, timeout=ENOUGH_S, env=os.environ | environment, check=False)


def only_outcome(url: str) -> str | None:
    with Records.open(url) as records:
        (session,) = records.sessions()
        assert session.counts["whole"] == SHOTS
        return session.outcome


@pytest.mark.long
@pytest.mark.parametrize("code_page", ["cp949", "cp874", "ascii"])
def test_any_code_page_shows_the_session_and_figures_keep_their_units(tiny: str, url: str, code_page: str) -> None:
    run = shell(f"mesogun run '{tiny}' --db '{url}'", PYTHONIOENCODING=code_page)
    assert run.returncode == 0, run.stderr
    assert only_outcome(url) == "complete"
    words = run.stdout.decode(code_page)
    assert "mm," in words
    assert "ul" in words or "µl" in words


def test_a_program_gets_its_json_in_any_code_page(tiny: str, url: str) -> None:
    run = shell(f"mesogun run '{tiny}' --db '{url}' --json", PYTHONIOENCODING="cp949")
    assert json.loads(run.stdout.decode("ascii"))["outcome"] == "complete"


@pytest.mark.parametrize("reader", ["2>&1 | head -c 1", "2>&1 | true", "2> >(true) | true"])
def test_a_reader_that_leaves_ends_nothing(tiny: str, url: str, reader: str) -> None:
    run = shell(f"mesogun run '{tiny}' --db '{url}' {reader}")
    assert run.returncode == 0
    assert only_outcome(url) == "complete"


@pytest.mark.long
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- >&- 2>&-", "<&- 2>&-"])
def test_streams_that_are_closed_from_the_start_are_nobodys_concern(tiny: str, url: str, closed: str) -> None:
    run = shell(f"mesogun run '{tiny}' --db '{url}' {closed}")
    assert run.returncode == 0
    assert b"rror" not in run.stderr
    assert only_outcome(url) == "complete"


@pytest.mark.parametrize(("full", "code"), [(f">{FULL}", 6), (f"--json >{FULL}", 6), (f"2>{FULL}", 0)])
def test_output_that_did_not_come_out_is_told_apart_from_the_treatment(tiny: str, url: str, full: str, code: int) -> None:
    run = shell(f"mesogun run '{tiny}' --db '{url}' {full}")
    assert run.returncode == code
    assert ("no space left" in run.stderr.decode().lower()) == (code == 6)
    assert "Traceback" not in run.stderr.decode()
    assert only_outcome(url) == "complete"


@pytest.mark.long
def test_a_served_gun_outlives_whoever_started_it_and_reads(tiny: str, url: str) -> None:
    gun = subprocess.Popen([sys.executable, "-m", "mesogun", "sim", "--tcp", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert gun.stdout
        port = [gun.stdout.readline() for _ in range(2)][1].split()[-1]
        gun.stdout.close()
        for _ in range(2):  # coming and going is told to nobody
            assert shell(f"mesogun device info --port {port}").returncode == 0
        assert gun.poll() is None
    finally:
        gun.terminate()
        gun.wait(ENOUGH_S)
