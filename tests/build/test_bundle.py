"""What a board gets: one flat folder, with what main.py needs and nothing else."""

import ast
from pathlib import Path

import pytest
from rigs.smallfirmware import modules_of

from mesogun_build.bundle import NotBuilt, bundle, firmware
from mesogun_build.flat import OPENER, flat_name, flattened

MODULES = {"gun", "gun.guard", "gun.guard.cells", "gun.guard.tick", "mesogun_fw.boards.pico", OPENER}
MAIN = 'SLOT_ABOVE = 0\nSLOT = "/mesogun-a"\nfrom mesogun_fw.guard.tick import tick\n'


@pytest.mark.parametrize(
    ("said", "on_a_board", "imports"),
    [
        ("from gun.guard import cells", "import guard_cells as cells", {"gun.guard.cells"}),
        ("from gun.guard import cells as c", "import guard_cells as c", {"gun.guard.cells"}),
        ("from gun.guard.cells import fresh", "from guard_cells import fresh", {"gun.guard.cells"}),
        (
            "from gun.guard import cells, tick",
            "import guard_cells as cells; import guard_tick as tick",
            {"gun.guard.cells", "gun.guard.tick"},
        ),
        ("from gun import guard", "import guard", {"gun.guard"}),
        ("from mesogun_fw.boards.pico import container", "import container", {OPENER}),
        ("from array import array", "from array import array", set()),
    ],
)
def test_an_import_goes_by_the_names_on_a_board(said: str, on_a_board: str, imports: set[str]) -> None:
    assert flattened(f"{said}\nx = 1\n", MODULES) == (f"{on_a_board}\nx = 1\n", imports)
    inside = f"def f():\n    {said}\n"
    assert flattened(inside, MODULES)[0] == f"def f():\n    {on_a_board}\n"


def test_an_import_over_several_lines_leaves_every_line_after_it_in_its_place() -> None:
    text, _ = flattened("from gun.guard import (\n    cells,\n    tick,\n)\nx = 1\n", MODULES)
    assert text.splitlines()[4] == "x = 1"
    ast.parse(text)


def test_on_a_board_only_the_package_itself_has_its_name() -> None:
    assert flat_name("gun") == "gun"
    assert flat_name("gun.guard.cells") == "guard_cells"


def small(folder: Path, tick: str) -> Path:
    package = folder / "mesogun_fw"
    (package / "guard").mkdir(parents=True)
    (package / "__init__.py").write_text("VERSION = 100\n")
    (package / "guard" / "__init__.py").write_text("")
    (package / "guard" / "cells.py").write_text("NEEDLE = 4\n")
    (package / "guard" / "tick.py").write_text(tick)
    (folder / "main.py").write_text(MAIN)
    return package


def test_what_only_numbers_were_taken_from_stays_off_the_board(tmp_path: Path) -> None:
    package = small(tmp_path, "from mesogun_fw.guard import cells\n\n\ndef tick():\n    return cells.NEEDLE\n")
    made = bundle(package, "armv6m", 31, "/mesogun-a")
    assert [file.path for file in made.files] == ["/mesogun-a/firmware", "/mesogun-a/manifest"]
    assert modules_of(made).keys() == {"mesogun_fw", "guard_tick"}


def test_what_cannot_be_folded_is_no_bundle_and_named_by_file_and_line(tmp_path: Path) -> None:
    package = small(tmp_path, "from mesogun_fw.guard import cells\n\ncells.NEEDLE = 5\ntick = 0\n")
    with pytest.raises(NotBuilt, match=r"line 3: .*nothing is stored there") as refused:
        bundle(package, "armv6m", 31, "/mesogun-a")
    assert refused.value.what == str(package / "guard" / "tick.py")


def test_a_module_whose_name_does_not_fit_a_row_of_the_container_is_named(tmp_path: Path) -> None:
    name = "s" * 40
    package = small(tmp_path, f"from mesogun_fw.guard.{name} import tick\n")
    (package / "guard" / f"{name}.py").write_text("def tick(): pass\n")
    with pytest.raises(NotBuilt, match="longer than the 40 bytes") as refused:
        bundle(package, "armv6m", 31, "/mesogun-a")
    assert refused.value.what == str(package / "guard" / f"{name}.py")


def test_no_two_modules_of_the_firmware_have_one_name_on_a_board() -> None:
    package = firmware()
    names = [".".join(path.relative_to(package.parent).with_suffix("").parts) for path in package.rglob("*.py")]
    flat = [flat_name(name.removesuffix(".__init__")) for name in names]
    assert len(set(flat)) == len(flat)


@pytest.mark.slow
def test_every_module_of_this_firmware_that_does_something_is_on_the_board() -> None:
    """But for one for boards without a timer, one of whoever builds, and those whose functions are all in the tick itself."""
    made = bundle(firmware(), "armv6m", 31, "/mesogun-a")
    there = {"boards_pico_container", "boards_unhurried", "talk_packing", *modules_of(made)}
    for path in firmware().rglob("*.py"):
        if "_".join(path.relative_to(firmware()).with_suffix("").parts) not in there:
            functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
            assert all("micropython.viper" in map(ast.unparse, node.decorator_list) for node in functions), path
