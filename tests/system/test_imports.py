"""Which way imports point is a contract: every file is under it, and each contract notices an import that it forbids."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from rigs.marks import mostly_slow

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "mesogun": "host",
    "mesogun_build": "firmware",
    "mesogun_fw": "firmware",
    "mesogun_lab": "simulator",
    "mesogun_sim": "simulator",
}
CONTRACTS = [row["id"] for row in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]]

# By contract: a file, and an import that must not be there.
FORBIDDEN = {
    "firmware": ("firmware/mesogun_fw/guard/notes.py", "from mesogun_fw.memory.journal import Journal"),
    "boards": ("firmware/mesogun_fw/boards/board.py", "from mesogun_fw.boards.pico import pins"),
    "pico": ("firmware/mesogun_fw/boards/pico/lists.py", "from mesogun_fw.boards.pico.player import PicoPlayer"),
    "guard": ("firmware/mesogun_fw/guard/shot.py", "def late():\n    from mesogun_fw.guard.endings import stop"),
    "stroke": ("firmware/mesogun_fw/stroke/dose.py", "from mesogun_fw.stroke import stepper"),
    "device": ("firmware/mesogun_fw/device/wire.py", "from mesogun_fw.device.gun import Gun"),
    "audit": ("firmware/mesogun_fw/stroke/audit.py", "from mesogun_fw.stroke.dose import Dose"),
    "host": ("host/mesogun/gun/link.py", "def ask():\n    from mesogun.visit.session import Session"),
    "clinical": ("host/mesogun/clinical/protocol.py", "from mesogun.clinical.planning import plan"),
    "gun-knows-plans": ("host/mesogun/gun/calibration.py", "from mesogun.clinical.needles import NEEDLES"),
    "gun": ("host/mesogun/gun/link.py", "from mesogun.gun.client import Gun"),
    "visit": ("host/mesogun/visit/recording.py", "if TYPE_CHECKING:\n    from mesogun.visit.session import Session"),
    "device-commands": ("host/mesogun/cli/device/moves.py", "from mesogun.cli.run import run"),
    "firmware-from-the-host": ("host/mesogun/gun/link.py", "from mesogun_fw.guard import cells"),
    "simulator": ("simulator/mesogun_sim/player.py", "if TYPE_CHECKING:\n    from mesogun_sim.desk import Desk"),
    "build": ("firmware/mesogun_build/numbers.py", "from mesogun_build.fold import folded"),
    "build-alone": ("firmware/mesogun_build/fold.py", "import mesogun_fw.limits"),
    "who-builds": ("host/mesogun/cli/flash.py", "from mesogun_build.bundle import firmware"),
    "firmware-alone": ("firmware/mesogun_fw/limits.py", "import mesogun.refusal"),
    "chip": ("firmware/mesogun_fw/guard/tick.py", "import machine"),
    "simulator-is-a-port": ("host/mesogun/gun/port.py", "import mesogun_sim.desk"),
    "simulator-alone": ("simulator/mesogun_sim/desk.py", "import mesogun.visit.session"),
    "lab": ("simulator/mesogun_lab/bench.py", "from mesogun_lab.measurement import report"),
    "lab-alone": ("simulator/mesogun_sim/serve.py", "import mesogun_lab.bench"),
}


def modules(package: str) -> set[str]:
    folder = ROOT / FOLDERS[package]
    parts = [path.relative_to(folder).with_suffix("").parts for path in (folder / package).rglob("*.py")]
    return {".".join(part for part in names if part != "__init__") for names in parts}


@pytest.mark.parametrize("package", FOLDERS)
def test_the_graph_of_imports_has_every_file(package: str) -> None:
    assert grimp.build_graph(package).modules == modules(package)


def test_nobody_inside_imports_the_public_top() -> None:
    assert grimp.build_graph("mesogun").find_modules_that_directly_import("mesogun") == set()


def test_why_it_stopped_and_why_it_said_no_are_never_imported_under_one_name() -> None:
    """LIFTED and OUT_OF_SEQUENCE are both 2: a file says reasons.LIFTED, refusals.OUT_OF_SEQUENCE, or it says neither."""
    kinds = ("mesogun_fw.talk.reasons", "mesogun_fw.talk.refusals")
    for side in FOLDERS.values():
        for path in (ROOT / side).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    assert node.module not in kinds, path
                    assert not any(f"{node.module}.{alias.name}" in kinds and alias.asname for alias in node.names), path


def test_every_contract_has_an_example_of_what_it_forbids() -> None:
    assert list(FORBIDDEN) == CONTRACTS


def broken(tree: Path, *arguments: str) -> bool:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *arguments]
    path = os.pathsep.join(str(tree / folder) for folder in FOLDERS.values())
    process = subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert process.returncode in (0, 1), process.stdout + process.stderr
    assert (process.returncode == 1) == ("BROKEN" in process.stdout), process.stdout
    return process.returncode == 1


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, in which every contract is kept."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package, side in FOLDERS.items():
        shutil.copytree(ROOT / side / package, folder / side / package, ignore=shutil.ignore_patterns("__pycache__"))
    assert not broken(folder)
    return folder


@pytest.mark.parametrize("contract", mostly_slow(CONTRACTS, 2))
def test_a_contract_is_broken_by_one_import_that_it_forbids(contract: str, tree: Path) -> None:
    file, line = FORBIDDEN[contract]
    before = (tree / file).read_text()
    (tree / file).write_text(f"{before}\n{line}\n")
    try:
        assert broken(tree, "--contract", contract)
    finally:
        (tree / file).write_text(before)
