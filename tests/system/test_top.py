"""The top of the tree holds what it is made of; that of the package is light, has its version, and runs as a module."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesogun.version import __version__

HEAVY = {"numpy", "pydantic", "sqlalchemy", "alembic", "click", "rich", "serial", "matplotlib", "mesogun_fw", "mesogun_sim"}


ROOT = Path(__file__).parents[2]
TOP = {
    ".ci", ".editorconfig", ".github", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "Makefile", "README.md", "docs", "examples", "firmware", "host", "protocols", "pyproject.toml", "simulator", "tests",
}  # fmt: skip


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="git knows what the tree holds: it is not here"
)
def test_nothing_that_a_trial_left_behind_stands_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.partition("/")[0] for name in listed.split("\0") if name} <= TOP


def printed(*arguments: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout


def loaded_by(statement: str) -> set[str]:
    """Every module that a fresh interpreter has after `statement`."""
    return set(printed("-c", f"{statement}\nimport sys\nprint(*sys.modules)").split())


def test_importing_the_top_loads_nothing_heavy_and_nothing_else_of_ours() -> None:
    loaded = loaded_by("import mesogun")
    assert not HEAVY & loaded
    assert {name for name in loaded if name.startswith("mesogun.")} == {"mesogun.version"}


@pytest.mark.parametrize("module", ["mesogun.records", "mesogun.records.places"])
def test_where_records_are_is_known_without_the_database_library(module: str) -> None:
    assert "sqlalchemy" not in loaded_by(f"import {module}")


@pytest.mark.slow
def test_the_package_runs_as_a_module_and_says_its_version() -> None:
    assert printed("-m", "mesogun", "--version") == f"mesogun, version {__version__}\n"
    assert "Usage: mesogun " in printed("-m", "mesogun", "--help")
