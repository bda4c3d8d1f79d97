"""Which cases `make quick` leaves out. A test that is slow in each of its cases says `@pytest.mark.slow` itself."""

from collections.abc import Iterable
from typing import Any

import pytest


def slow(case: Any) -> Any:
    """One case of `parametrize`: a value, or a tuple of values for as many names."""
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)


def mostly_slow(cases: Iterable[Any], quick: int = 1) -> list[Any]:
    """For `parametrize`: so many cases stay in `make quick`, evenly spread from the first on; all others are for `make test`."""
    listed = list(cases)
    stay = {number * len(listed) // quick for number in range(quick)}
    return [case if at in stay else slow(case) for at, case in enumerate(listed)]
