"""What the pages for contributors name is there: files, functions in them, tests, and whatever they link to."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Tests move between rooms; what is said of one is its name. Every other room has files that stay.
NAMED = re.compile(r"`((?:firmware|host|simulator|docs|protocols)/[\w./-]*)(?:::(\w+(?:\.\w+)*))?`")


@cache
def code(file: Path) -> str:
    return file.read_text("utf-8")


@cache
def known_tests() -> set[str]:
    return {name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", code(file))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for file, place in NAMED.findall(text):
        assert (ROOT / file).exists(), f"{page.name}: there is no {file}"
        for name in filter(None, place.split(".")):
            assert re.search(rf"^\s*(?:(?:def|class) )?{name}\b", code(ROOT / file), re.MULTILINE), (
                f"{page.name}: no {name} in {file}"
            )
    gone = set(re.findall(r"`(test_\w+)`", text)) - known_tests()
    assert not gone, f"{page.name}: no test is called {', '.join(sorted(gone))}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_decision_is_in_the_list_and_has_its_four_parts() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (DECISIONS / "README.md").read_text("utf-8"))
    files = sorted(file.name for file in DECISIONS.glob("[0-9]*.md"))
    assert listed == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for name in files:
        assert re.findall(r"^## (.*)$", (DECISIONS / name).read_text("utf-8"), re.MULTILINE) == [
            "Context",
            "Decision",
            "What it costs",
            "What would change it",
        ], name
