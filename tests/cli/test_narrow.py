"""60 columns are enough for every screen: no figure is cut, whatever has to be broken into lines."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from mesogun.cli import mesogun
from mesogun.cli.terminal.live import Screen
from mesogun.cli.terminal.screen import figures
from mesogun.clinical.library import loaded
from mesogun.records.tally import Progress, Tally
from mesogun_fw.talk.messages import RUNNING

NARROW = 60


@pytest.fixture(autouse=True)
def _narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", str(NARROW))


def shown(*arguments: str) -> str:
    return re.sub(r"SHA-256 \w+…", "", CliRunner().invoke(mesogun, arguments).output)


def test_no_command_cuts_a_figure(tmp_path: Path) -> None:
    assert "0.900 ml" in shown("run", "face/mesolift")
    for arguments, figure in (
        (("records", "list", "--simulated"), "0.900"),
        (("records", "show", "1", "--simulated"), "1.998 to 2.000"),
        (("explain", "body/cellulite"), "hypodermic depth"),
        (("check",), "30 shots, 0.9 ml"),
        (("device", "info", "--sim"), "needle_brake_mm_s2"),
        (("device", "config", "get", "--sim"), "needle_brake_mm_s2"),
        (("device", "selftest", "--sim"), "emergency stop"),
    ):
        text = shown(*arguments)
        assert figure in text, arguments
        assert "…" not in text, arguments


def test_what_fits_is_a_table_and_what_does_not_stands_in_lines() -> None:
    table = figures("name ", " given ml", " deepest mm", title="Passes")
    table.add_row("nappage, continuous\nintradermic depth", "12.345", "10.000")
    for width, lines in ((40, 5), (30, 4)):
        text = io.StringIO()
        Console(file=text, width=width).print(table)
        assert {"12.345", "10.000"} <= set(text.getvalue().split())
        assert all(len(line) <= width for line in text.getvalue().splitlines())
        assert len(text.getvalue().splitlines()) >= lines


@pytest.mark.parametrize("width", range(20, 120, 3))
def test_in_no_width_is_a_word_or_a_figure_cut(width: int) -> None:
    """A table has room between its columns too: in 80 columns "Mesolift" was "Mesolif…"."""
    table = figures("id", "began (UTC)", "protocol ", "gun", " shots", " partial", " wrong", " uncertain", " ml")
    table.add_row("12", "2026-12-01 18:10", "Mesolift: face, two passes", "100001", "210", "0", "0", "0", "2.700")
    text = io.StringIO()
    Console(file=text, width=width).print(table)
    assert "…" not in text.getvalue()
    assert {"Mesolift:", "100001", "2.700"} <= set(text.getvalue().split())


def test_a_usual_terminal_has_room_for_the_list_of_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown("run", "face/mesolift")
    heading = shown("records", "list", "--simulated").splitlines()[1]
    assert heading.split()[-4:] == ["part.", "wrong", "unc.", "ml"]


@pytest.mark.parametrize("named", ["protocol ", "protocol…"])
def test_in_no_width_is_a_figure_cut_or_broken(named: str) -> None:
    table = figures(" id", "began (+00:00)", named, "outcome", " shots", " part.", " wrong", " unc.", " ml")
    for title in ("Mesolift: face, two passes", "Hair"):
        table.add_row("12", "2026-12-01 18:17", title, "interrupted", "210", "1", "2", "3", "2.700")
    for width in range(NARROW, 121):
        text = io.StringIO()
        Console(file=text, width=width).print(table)
        lines = text.getvalue().splitlines()
        assert all(len(line) <= width for line in lines)
        for figure in ("2026-12-01 18:17", "interrupted", "210", "2.700"):
            assert text.getvalue().count(figure) == 2, width


def test_the_live_screen_keeps_its_figures() -> None:
    _, plan = loaded("face/mesolift")
    screen = Screen(Console(file=io.StringIO(), width=NARROW, force_terminal=True), plan, 7)
    now: Progress = Tally(plan.flows).progress(plan, 0, RUNNING, 1_000, "")
    screen(replace(now, done=59, total_done=74, volume_nl=890_000, technique="superficial nappage of the whole face"))
    text = io.StringIO()
    Console(file=text, width=NARROW).print(screen._render())
    for figure in ("59 of 60", "74 of 75", "0.890 ml given"):
        assert figure in text.getvalue()
    assert "…" not in text.getvalue()
