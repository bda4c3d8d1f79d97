"""Real MicroPython for the tests of this folder."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import mesogun_fw
from mesogun_sim.engines.micropython import HEAP_64_BIT, EngineMissing, find_micropython

SCRIPTS = Path(__file__).with_name("on_micropython")
FIRMWARE = Path(mesogun_fw.__file__).parent.parent

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def micropython() -> Run:
    """`run(script, *arguments, stdin="", heap=...)` runs on_micropython/SCRIPT there."""
    try:
        interpreter = find_micropython()
    except EngineMissing as missing:
        pytest.skip(str(missing))

    def run(script: str, *arguments: str, stdin: str = "", heap: str = HEAP_64_BIT) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [interpreter, "-X", f"heapsize={heap}", str(SCRIPTS / script), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "MICROPYPATH": f"{FIRMWARE}:.frozen"},
        )

    return run
