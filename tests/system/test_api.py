"""The public names: what `import mesogun` gives, how little it costs, and that a checker of types sees the same."""

import ast
import importlib.util
from pathlib import Path

import pytest

import mesogun

INIT = Path(mesogun.__file__)
TABLE = {name for names in mesogun._ROOMS.values() for name in names}


def test_a_checker_of_types_sees_the_names_that_are_there() -> None:
    """What is under TYPE_CHECKING comes from where the table says, each name and no other."""
    block = next(node for node in ast.parse(INIT.read_text()).body if isinstance(node, ast.If))
    seen = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module != "os"
        for alias in node.names
    }
    assert [node.name for node in block.body if isinstance(node, ast.FunctionDef)] == ["records"], "the room that can be called"
    assert seen == {name: f"{room}.{name}" for room, names in mesogun._ROOMS.items() for name in names}
    assert (INIT.parent / "py.typed").exists()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_name_is_found_where_the_table_says(name: str) -> None:
    room = next(room for room, names in mesogun._ROOMS.items() if name in names)
    assert getattr(mesogun, name) is getattr(importlib.import_module(room), name)
    assert name in dir(mesogun)


def test_a_name_that_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'mesogun' has no attribute 'fire'"):
        mesogun.fire  # noqa: B018


def test_records_can_be_called_whatever_was_imported_before() -> None:
    """It is a room too: importing anything of it must not hide what is called."""
    import mesogun.records.places

    assert isinstance(mesogun.records("x.db"), mesogun.History)
    assert mesogun.records.places.database(simulated=True)  # type: ignore[attr-defined]


def test_every_error_is_in_one_tree() -> None:
    errors = (mesogun.Refused, mesogun.LinkLost, mesogun.GunStopped, mesogun.RecordsFailed, mesogun.NotComplete)
    assert all(issubclass(error, mesogun.MesogunError) for error in errors)
