"""What holds for every test: its records are thrown away, its searches go as far as the run asks."""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from rigs.micropython import as_on_a_board, micropython
from rigs.search import USUAL

__all__ = ["as_on_a_board", "micropython"]

COLLECTED = pytest.StashKey[dict[str, bool]]()

# How long the searches go on, by the run; HYPOTHESIS_PROFILE names another. A test that wants a number of its own takes it from
# rigs/search.py, which goes by the profile too.
settings.register_profile(
    "developer",  # new examples each time, to go on searching
    deadline=None,
    print_blob=True,
    derandomize=False,
    max_examples=USUAL // 2,  # `make long`, the second step of CI, goes on where this ends
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
DEVELOPER = settings.get_profile("developer")
# The same examples each time, so that a red run is the change's doing.
settings.register_profile("ci", DEVELOPER, derandomize=True)
settings.register_profile("long", DEVELOPER, derandomize=True, max_examples=USUAL)
settings.register_profile("quick", DEVELOPER, derandomize=True, max_examples=USUAL // 10)
settings.register_profile("nightly", DEVELOPER, max_examples=USUAL * 20)
# For mutants (tests/mutants): an example that fails is enough, the smallest one is nobody's concern.
settings.register_profile(
    "mutants",
    DEVELOPER,
    derandomize=True,
    print_blob=False,
    phases=[phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "developer"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before any is left out."""
    config.stash[COLLECTED] = {item.nodeid: item.get_closest_marker("slow") is not None for item in items}


@pytest.fixture
def collected(pytestconfig: pytest.Config) -> dict[str, bool]:
    """Every test that was found, and whether it is marked slow; those that this run leaves out too."""
    return pytestconfig.stash[COLLECTED]


@pytest.fixture(scope="session", autouse=True)
def _nobody_elses_records_and_nobody_elses_terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing here writes to the records of whoever runs the tests, uses their gun, or goes by how wide their terminal is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "300")  # no path, however long, is broken over two lines
        for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):  # nor goes by what else rich asks for
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm")
        patch.delenv("MESOGUN_PORT", raising=False)  # no gun of whoever runs the tests is used
        patch.setenv("TZ", "UTC")  # nor in which zone they live
        getattr(time, "tzset", lambda: None)()
        patch.setenv("MESOGUN_HOME", str(tmp_path_factory.mktemp("mesogun-home")))
        yield
