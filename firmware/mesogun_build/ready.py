"""What a module makes once of constants, whoever builds makes: a board has it ready-made, and neither the maker nor what it is of.

That is a statement `A, B = packed(TABLE)` at the top of a file, of two names that it imports. It becomes `A, B = (1, 2)`.
"""

import ast
from collections.abc import Mapping
from typing import Any

MAKER = "packed"


def made_ready(name: str, text: str, written: Mapping[str, str]) -> str:
    """The text of this module has what it makes in its place; every line stays where it is. `written` are the texts as written."""
    tree = ast.parse(text)
    statement = next((node for node in tree.body if isinstance(node, ast.Assign) and _makes(node.value)), None)
    if statement is None:
        return text
    targets = ast.unparse(statement.targets[0]).strip("()")
    assert isinstance(statement.value, ast.Call)
    gone = {MAKER, ast.unparse(statement.value.args[0])}
    names = _Loading(written).names(name, statement.lineno)
    lines = text.splitlines(keepends=True)
    lines[statement.lineno - 1] = f"{targets} = {tuple(names[one] for one in targets.split(', '))!r}\n"
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} <= gone:
            lines[node.lineno - 1] = "\n"
    return "".join(lines)


def _makes(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == MAKER


class _Loading:
    """Modules of a package are run from their texts: those that make something are plain Python of constants."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written
        self._loaded: dict[str, dict[str, Any]] = {}

    def names(self, module: str, line: int = 1 << 30) -> dict[str, Any]:
        """These names a module has when it is loaded, as far as this line."""
        if module not in self._loaded:
            names = self._loaded[module] = {"__name__": module}
            tree = ast.parse(self._written[module])
            tree.body = [node for node in tree.body if node.lineno <= line and not self._imported(node, names)]
            exec(compile(tree, module, "exec"), names)
        return self._loaded[module]

    def _imported(self, node: ast.stmt, names: dict[str, Any]) -> bool:
        if not isinstance(node, ast.ImportFrom) or node.module is None or node.module not in self._written:
            return False
        for alias in node.names:
            there = f"{node.module}.{alias.name}"
            found = _Module(self.names(there)) if there in self._written else self.names(node.module)[alias.name]
            names[alias.asname or alias.name] = found
        return True


class _Module:
    def __init__(self, names: dict[str, Any]) -> None:
        self.__dict__ = names
