"""Whole sessions that several tests look at."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from rigs.micropython import needed_micropython
from rigs.whole import LIBRARY, give

from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import load_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records


@pytest.fixture(scope="session")
def library_trace(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """`library_trace(protocol, engine)`: the trace of a protocol of the library, given undisturbed. Each is given once."""

    @cache
    def trace(name: str, engine: str) -> Path:
        if engine == "micropython":
            needed_micropython()
        folder = tmp_path_factory.mktemp(f"{name}-{engine}")
        url = f"sim://?seed=1&engine={engine}&trace={folder}/trace"
        with Records.open(f"sqlite:///{folder}/records.db") as records, Gun.connect(url) as gun:
            assert give(gun, records, plan(load_protocol(LIBRARY[name]))).outcome == "complete"
        return folder / "trace"

    return trace
