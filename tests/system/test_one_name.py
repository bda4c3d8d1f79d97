"""One thing has one name: docs/GLOSSARY.md holds it, and whatever a person reads keeps to it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "clear button"
# The clear button's other names. DOMAIN.md has the field's own words, CHANGELOG.md those of then.
OTHERS = re.compile(
    r"\b(?:maintenance|reset|panel) button(?! to GND)|(?<!clear )button at the gun"
    r"|\bpress(?:es|ed)? [\"'*]?clear\b|\b(?:its|the) button\b"
)
READ = [
    *(path for room in ("host", "firmware", "simulator") for path in (ROOT / room).rglob("*.py")),
    *(
        path
        for path in (ROOT / "docs").rglob("*")
        if path.suffix in (".md", ".toml") and path.name not in ("DOMAIN.md", "mutants.toml")
    ),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "protocols/README.md")),
]


def test_the_glossary_has_the_name_of_the_button_that_clears() -> None:
    (row,) = [
        line for line in (ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line.startswith(f"| *{NAME}*")
    ]
    assert "maintenance button" in row.split("|")[-2], "what it is not called"


def test_the_button_that_clears_has_one_name_in_code_on_screens_and_in_documents() -> None:
    assert len(READ) > 200
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in READ
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OTHERS.search(line) and not line.startswith(f"| *{NAME}*")
    ]
    assert found == []
