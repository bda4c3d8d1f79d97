"""What happened to every test, phase by phase, and which packages were tested, told to the runner line by line.

A plugin of the pytest that runs in a copy of the tree. It imports nothing of the project: it is copied beside the tree.
"""

import importlib.util
import json
import os
from collections.abc import Generator
from typing import Any

import pytest

REPORT = os.environ.get("MUTANTS_REPORT", os.devnull)
PACKAGES = os.environ.get("MUTANTS_PACKAGES", "").split()

# A mutant that ends so is no mistake that anybody would make: it does not run at all.
BROKEN = (ImportError, SyntaxError, NameError)

_failed: set[str] = set()


def _tell(**what: Any) -> None:
    with open(REPORT, "a") as report:
        report.write(json.dumps(what) + "\n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.nodeid.partition("[")[0] in _failed:
        pytest.skip("another case of this test has failed already")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        _failed.add(item.nodeid.partition("[")[0])
    broken = call.excinfo is not None and issubclass(call.excinfo.type, BROKEN)
    _tell(test=report.nodeid, phase=report.when, outcome="broken" if broken else report.outcome)
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _tell(test=report.nodeid, phase="collect", outcome="failed")


def pytest_sessionfinish() -> None:
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        _tell(package=name, file=spec.origin if spec else None)
