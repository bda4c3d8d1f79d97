"""Every report comes in the same three ways: a table, JSON, and one page that needs no network."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mesogun_lab import dose
from mesogun_lab.cases import STIFF_1_ML, Case
from mesogun_lab.cli import COMMANDS, lab
from mesogun_lab.dose import Job

FEW = [Job(Case(STIFF_1_ML, skin_kpa=8.0), 50, a_third=1)]
ONCE = cache(dose.measure)
VOID = {"meta", "br", "hr", "img", "input", "link"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """`mesogun-lab`, with one job of three shots."""
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(dose, "MEASUREMENT", replace(dose.MEASUREMENT, jobs=lambda everything: FEW, measure=ONCE))
    return lambda *words: CliRunner().invoke(lab, words)


class Page(HTMLParser):
    """What is in a page, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_person_gets_a_table_and_how_it_was_measured(run: Callable[..., Result]) -> None:
    result = run("dose")
    assert result.exit_code == 0, result.output
    assert "1 ml stiff" in result.stdout
    assert "excludes refillable systems" in " ".join(result.stdout.split())
    assert "passes ISO" not in result.stdout


def test_a_program_gets_one_line_of_json_and_nothing_else(run: Callable[..., Result]) -> None:
    result = run("dose", "--json")
    told: dict[str, Any] = json.loads(result.stdout)
    assert (told["schema"], told["simulated"], told["not_measured"]) == ("lab-dose/1", True, [])
    assert [one["dose_ul"] for one in told["results"]] == [50]
    assert told["results"][0]["plunger"]["holds"] is True
    assert ONCE(FEW[0]).at_depth.mean_nl == told["results"][0]["at_depth"]["mean_nl"]


def test_the_page_is_whole_and_asks_nothing_of_a_network(run: Callable[..., Result], tmp_path: Path) -> None:
    assert run("dose", "--html", str(tmp_path / "dose.html")).exit_code == 0
    text = (tmp_path / "dose.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert (page.tags.count("svg"), page.tags.count("table")) == (1, 1)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert [link for link in page.links if not link.startswith("#")] == []
    assert not re.search(r"url\((?!#)|@import", text)
    assert "SIMULATED" in text
    assert (text.count("<!doctype"), "<?xml" in text, "<!DOCTYPE" in text) == (1, False, False)
    assert run("dose", "--html", str(tmp_path / "again.html")).exit_code == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == text


def test_it_replaces_its_own_page_and_nobody_else_s(run: Callable[..., Result], tmp_path: Path) -> None:
    page = tmp_path / "dose.html"
    assert [run("dose", "--html", str(page)).exit_code for _ in range(2)] == [0, 0]
    page.write_text("somebody's work")
    refused = run("dose", "--html", str(page))
    assert (refused.exit_code, page.read_text()) == (2, "somebody's work")
    assert "--overwrite" in refused.stderr
    assert run("dose", "--html", str(page), "--overwrite").exit_code == 0


def test_what_the_gun_cannot_do_is_a_finding_and_the_rest_is_measured(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The motor loses its steps against a needle that lets next to nothing through."""
    narrow = replace(FEW[0], case=replace(FEW[0].case, wall=400.0))
    monkeypatch.setattr(dose, "MEASUREMENT", replace(dose.MEASUREMENT, jobs=lambda everything: [narrow, *FEW]))
    result = run("dose", "--json", "--html", str(tmp_path / "dose.html"))
    assert result.exit_code == 6
    told = json.loads(result.stdout)
    assert (len(told["results"]), [one["job"] for one in told["not_measured"]]) == (1, [narrow.words])
    assert "stalled plunger" in told["not_measured"][0]["why"]
    assert told["not_measured"][0]["why"] in (tmp_path / "dose.html").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Stop:
    words: str = "is stopped"


def stop(job: Stop) -> Stop:
    raise KeyboardInterrupt


def test_ctrl_c_ends_it_with_a_word_and_no_page(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dose, "MEASUREMENT", replace(dose.MEASUREMENT, jobs=lambda everything: [Stop()], measure=stop))
    result = run("dose", "--html", str(tmp_path / "dose.html"))
    assert (result.exit_code, (tmp_path / "dose.html").exists()) == (130, False)
    assert "Stopped" in result.stderr


@pytest.mark.slow
def test_several_processes_measure_the_same(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dose, "MEASUREMENT", replace(dose.MEASUREMENT, measure=dose.measure))
    assert run("dose", "--json", "-j", "2").stdout == run("dose", "--json").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_report_says_what_it_is_without_measuring(name: str) -> None:
    said = CliRunner().invoke(lab, [name, "--help"])
    assert said.exit_code == 0
    assert all(option in said.stdout for option in ("--all", "-j", "--html", "--json"))
