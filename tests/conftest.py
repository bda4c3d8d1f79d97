"""What holds for every test: its records are thrown away, and no example is judged by the clock of a busy machine."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from rigs.micropython import as_on_a_board, micropython

__all__ = ["as_on_a_board", "micropython"]

# In CI the same examples each time, so that a red run is the change's doing; elsewhere new ones, to go on searching.
settings.register_profile(
    "mesogun",
    deadline=None,
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
# For mutants (tests/mutants): an example that fails is enough, the smallest one is nobody's concern.
settings.register_profile(
    "mutants",
    settings.get_profile("mesogun"),
    derandomize=True,
    print_blob=False,
    phases=[phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)],
)
settings.load_profile("mesogun")


@pytest.fixture(scope="session", autouse=True)
def _nobody_elses_records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a program started by one, writes to the records of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MESOGUN_HOME", str(tmp_path_factory.mktemp("mesogun-home")))
        yield
