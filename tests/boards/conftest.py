"""A chip to play on, and MicroPython's `machine` around it."""

from collections.abc import Iterator

import pytest

from . import machine_of_tests
from .chip import Chip, wired

machine_of_tests.install()


@pytest.fixture
def chip() -> Iterator[Chip]:
    machine_of_tests.forget()
    with wired(Chip()) as one:
        yield one
