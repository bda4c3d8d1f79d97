"""One file of the firmware gets its numbers put in: this is what becomes of each name, and what is refused."""

import ast
from pathlib import Path

from mesogun_build.numbers import Module, Numbers

VIPER = "micropython.viper"


class Unfoldable(Exception):
    """A source cannot be folded: `path`, `line`, and `why` say where, and what to write instead."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}:{line}: {why}")
        self.path, self.line, self.why = path, line, why


class Rewriting:
    """`text()` is the text of `module` with its numbers in it: every line stays where it is. It raises Unfoldable."""

    def __init__(self, numbers: Numbers, module: Module) -> None:
        self._numbers = numbers
        self._module = module
        imported = {here: (package, there) for here, (package, there) in module.imported.items() if package in numbers.modules}
        self._modules = {
            here: f"{package}.{there}" for here, (package, there) in imported.items() if f"{package}.{there}" in numbers.modules
        }
        self._values = {
            here: value
            for here, (package, there) in imported.items()
            if (value := numbers.of(package, there)) is not None and here not in self._modules
        }
        self._lines = module.text.splitlines(keepends=True)
        self._edits: list[tuple[int, int, int, str]] = []  # each is line, first and last column in bytes, what stands there then

    def text(self) -> str:
        tree = self._module.tree
        for node in ast.walk(tree):
            self._refuse(node)
        self._visit(tree, fast=False, quoted=False)
        self._drop_imports(tree)
        for line, first, last, new in sorted(self._edits, reverse=True):
            raw = self._lines[line - 1].encode()
            self._lines[line - 1] = (raw[:first] + new.encode() + raw[last:]).decode()
        return "".join(self._lines)

    def _no(self, node: ast.AST, why: str) -> Unfoldable:
        return Unfoldable(self._module.path, getattr(node, "lineno", 1), why)

    # ---- what is refused ----

    def _refuse(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in {name.split(".")[0] for name in self._numbers.modules}:
                    raise self._no(node, f"import {alias.name}: write from PACKAGE import MODULE, so that its numbers are found")
        if isinstance(node, ast.ImportFrom) and node not in self._module.tree.body:
            for alias in node.names:
                if f"{node.module}.{alias.name}" in self._numbers.modules:
                    why = f"{alias.name} is a module: import it at the top of the file, so that its numbers are found"
                    raise self._no(node, why)
        for name in _bound(node) & (self._modules.keys() | self._values.keys()):
            raise self._no(node, f"{name} is imported here and must not be bound again: use another name")
        if _spells_viper(node) and self._module.name.rpartition(".")[2] != "shim":
            raise self._no(node, f"viper is spelled @{VIPER}, and nowhere else")

    # ---- what numbers become ----

    def _visit(self, node: ast.AST, fast: bool, quoted: bool) -> None:
        if isinstance(node, ast.FunctionDef):
            inside = fast or any(ast.unparse(decorator) == VIPER for decorator in node.decorator_list)
            for child in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
                self._visit(child, fast, quoted)
            for child in node.body:
                self._visit(child, inside, quoted)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self._modules:
            self._attribute(node, node.value.id, fast, quoted)
        elif isinstance(node, ast.Name) and node.id in self._values:
            self._put(node, node.id, self._values[node.id], fast, quoted)
        else:
            for child in ast.iter_child_nodes(node):
                self._visit(child, fast, quoted or isinstance(node, ast.JoinedStr))

    def _attribute(self, node: ast.Attribute, here: str, fast: bool, quoted: bool) -> None:
        there = self._numbers.modules[self._modules[here]]
        said = f"{here}.{node.attr}"
        if node.attr.startswith("_"):
            raise self._no(node, f"{said} is that file's own: give it a public name there")
        if not isinstance(node.ctx, ast.Load):
            raise self._no(node, f"{said} is a module's: nothing is stored there")
        if node.attr not in there.defined | there.imported.keys() and f"{there.name}.{node.attr}" not in self._numbers.modules:
            raise self._no(node, f"there is no {node.attr} in {there.name}")
        value = self._numbers.of(there.name, node.attr)
        if value is not None:
            self._put(node, said, value, fast, quoted)
        elif fast:
            raise self._no(node, f"{said} is no whole number: a fast function would look it up in the tick")

    def _put(self, node: ast.Attribute | ast.Name, said: str, value: int, fast: bool, quoted: bool) -> None:
        if quoted:
            raise self._no(node, f"{said} stands in an f-string, where its place in the text is not known")
        if node.lineno != node.end_lineno:
            raise self._no(node, f"{said} goes over two lines")
        if fast and not -(1 << 30) <= value < 1 << 30:
            raise self._no(node, f"{said} is {value}: no small integer of a board")
        shown = str(value) if value >= 0 else f"({value})"
        assert node.end_col_offset is not None
        self._edits.append((node.lineno, node.col_offset, node.end_col_offset, shown))

    # ---- imports that nothing needs any more ----

    def _drop_imports(self, tree: ast.Module) -> None:
        used = self._still_used(tree)
        ours = self._modules.keys() | self._values.keys()
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            left = [ast.unparse(alias) for alias in node.names if (alias.asname or alias.name) not in ours - used]
            if len(left) < len(node.names):
                self._replace(node, f"from {node.module} import {', '.join(left)}" if left else "")

    def _replace(self, node: ast.stmt, statement: str) -> None:
        """One statement becomes another, of one line; the lines it had more are empty then."""
        last = node.end_lineno or node.lineno
        for line in range(node.lineno, last + 1):
            width = len(self._lines[line - 1].rstrip("\r\n").encode())
            self._edits.append((line, 0, width, statement if line == node.lineno else ""))

    def _still_used(self, tree: ast.Module) -> set[str]:
        """These names stand there otherwise than for a number; those in an annotation that is text, or exported, count too."""
        folded_at = {(line, first) for line, first, _, _ in self._edits}
        used = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and (node.lineno, node.col_offset) not in folded_at:
                used.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= _names_in(node.value)
        return used


def _names_in(text: str) -> set[str]:
    """These are the names of an expression; what is no expression has none."""
    try:
        return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    except SyntaxError:
        return set()


def _bound(node: ast.AST) -> set[str]:
    """A node binds these names, imports aside."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return {node.id}
    if isinstance(node, ast.arg):
        return {node.arg}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.ExceptHandler):
        return {node.name} if node.name else set()
    if isinstance(node, ast.Global | ast.Nonlocal):
        return set(node.names)
    return set()


def _spells_viper(node: ast.AST) -> bool:
    """It says whether a node says viper otherwise than as the decorator that the fold knows."""
    if isinstance(node, ast.Attribute) and node.attr == "viper":
        return ast.unparse(node) != VIPER
    if isinstance(node, ast.Name):
        return node.id == "viper"
    if isinstance(node, ast.ImportFrom):
        return any("viper" in (alias.name, alias.asname) for alias in node.names)
    return isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and ast.unparse(node.value) == VIPER
