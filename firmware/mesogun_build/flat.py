"""Rooms are folders for people; on a board all modules stand side by side, in no package. Each part of a path is a name there,
and every name takes some of its memory and of the time that its start takes.

`mesogun_fw.guard.cells` is `guard_cells` there, also in what a traceback names.
"""

import ast
from collections.abc import Collection

OPENER = "mesogun_fw.boards.pico.container"  # this module opens the file that all others are in, so it is a file of its own


def flat_name(module: str) -> str:
    """A module of the package has this name on a board; the package itself keeps its own."""
    if module == OPENER:
        return "container"
    _, _, rest = module.partition(".")
    return rest.replace(".", "_") or module


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
            source, name = ("", flat_name(whole)) if whole in modules else (flat_name(node.module), alias.name)
            here = alias.asname or alias.name
            statements.append((f"from {source} " if source else "") + f"import {name}" + (f" as {here}" if here != name else ""))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            lines[line - 1] = "\n"
        lines[node.lineno - 1] = " " * node.col_offset + "; ".join(statements) + "\n"
    return "".join(lines), imported
