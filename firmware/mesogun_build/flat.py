"""Rooms are folders for people; a board gets one folder. Every folder of its file system costs two blocks, and time to look in.

`mesogun_fw.guard.cells` is `mesogun_fw.guard_cells` there. What a traceback names is still the source.
"""

import ast
from collections.abc import Collection

# This module opens the container that all others are in, so it stands beside it, and in no package.
OPENER = "mesogun_fw.boards.pico.container"


def flat_name(module: str) -> str:
    """A module of the package has this name on a board."""
    if module == OPENER:
        return "container"
    package, dot, rest = module.partition(".")
    return package + dot + rest.replace(".", "_")


def flattened(text: str, modules: Collection[str]) -> tuple[str, set[str]]:
    """The source imports these modules by their names on a board, every line in its place.

    Which modules it imports is the second answer.
    """
    lines = text.splitlines(keepends=True)
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom) or node.module is None or node.module not in modules:
            continue
        statements = []
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            imported.add(whole if whole in modules else node.module)
            source, _, name = flat_name(whole).rpartition(".") if whole in modules else (flat_name(node.module), "", alias.name)
            here = alias.asname or alias.name
            statements.append((f"from {source} " if source else "") + f"import {name}" + (f" as {here}" if here != name else ""))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            lines[line - 1] = "\n"
        lines[node.lineno - 1] = " " * node.col_offset + "; ".join(statements) + "\n"
    return "".join(lines), imported
