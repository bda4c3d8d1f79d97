"""The top of the package: light, with its version, and runnable as a module."""

import subprocess
import sys

import pytest

from mesogun.version import __version__

HEAVY = {"numpy", "pydantic", "sqlalchemy", "alembic", "click", "rich", "serial", "matplotlib", "mesogun_fw", "mesogun_sim"}


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
