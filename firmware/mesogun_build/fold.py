"""Puts numbers into the sources before a board compiles them: `cells.NEEDLE` becomes 26, and every line stays where it is.

Machine code folds constants of its own file only; any other name costs a look-up in the tick and makes an object of an
integer. So sources name each number where it lives, as `module.NAME`, and everything that is not CPython gets this fold of
them: the board, MicroPython on a PC, the emulated processor. An import that nothing needs any more goes. What cannot be
folded, and would then be looked up unseen, is refused by file and line.
"""

import ast
import getpass
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from mesogun_build.numbers import Module, Numbers

VIPER = "micropython.viper"


class Unfoldable(Exception):
    """A source that cannot be folded: `path`, `line`, and `why`, with what to write instead."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}:{line}: {why}")
        self.path, self.line, self.why = path, line, why


def fold(numbers: Numbers, module: str) -> str:
    """The text of this module with its numbers in it. Raises Unfoldable."""
    return _Fold(numbers, numbers.modules[module]).text()


def folded(package: Path) -> Path:
    """The folder of this package, folded whole: a copy that is made once for these very sources. Raises Unfoldable."""
    sources = sorted(path for path in package.rglob("*.py"))
    digest = hashlib.sha256()
    for path in (*sources, *sorted(Path(__file__).parent.glob("*.py"))):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(package) if path in sources else path.name} {len(data)}\n".encode() + data)
    cache = _cache()
    target = cache / digest.hexdigest()[:24] / package.name
    if target.is_dir():
        return target
    numbers = Numbers(package)
    aside = Path(tempfile.mkdtemp(dir=cache))
    try:
        for name, module in numbers.modules.items():
            path = aside / package.name / module.path.relative_to(package)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fold(numbers, name), "utf-8")
        try:
            aside.rename(target.parent)
        except OSError:  # somebody else was faster
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _cache() -> Path:
    """A folder that nobody but this user writes to. Raises PermissionError when it is somebody else's."""
    cache = Path(tempfile.gettempdir()) / f"mesogun-folded-{os.getuid() if hasattr(os, 'getuid') else getpass.getuser()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        there = cache.stat()
        if there.st_uid != os.getuid() or there.st_mode & 0o022:
            raise PermissionError(f"{cache}: others may write to it, so what lies there is not trusted. Remove it, then try again")
    return cache


class _Fold:
    def __init__(self, numbers: Numbers, module: Module) -> None:
        self._numbers = numbers
        self._module = module
        self._of_ours = {
            here: f"{package}.{there}"
            for here, (package, there) in module.imported.items()
            if f"{package}.{there}" in numbers.modules
        }
        self._lines = module.text.splitlines(keepends=True)
        self._edits: list[tuple[int, int, int, str]] = []  # line, first and last column in bytes, what stands there then

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
                    raise self._no(
                        node, f"{alias.name} is a module: import it at the top of the file, so that its numbers are found"
                    )
        bound = _bound(node)
        for name in bound & self._of_ours.keys():
            raise self._no(node, f"{name} is a module here and must not be bound again: use another name")
        if _spells_viper(node) and self._module.name.rpartition(".")[2] != "shim":
            raise self._no(node, f"viper is spelled @{VIPER}, and nowhere else")

    def _visit(self, node: ast.AST, fast: bool, quoted: bool) -> None:
        if isinstance(node, ast.FunctionDef):
            inside = fast or any(ast.unparse(decorator) == VIPER for decorator in node.decorator_list)
            for child in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
                self._visit(child, fast, quoted)
            for child in node.body:
                self._visit(child, inside, quoted)
            return
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self._of_ours:
            self._attribute(node, node.value.id, fast, quoted)
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child, fast, quoted or isinstance(node, ast.JoinedStr))

    def _attribute(self, node: ast.Attribute, here: str, fast: bool, quoted: bool) -> None:
        there = self._numbers.modules[self._of_ours[here]]
        said = f"{here}.{node.attr}"
        if node.attr.startswith("_"):
            raise self._no(node, f"{said} is that file's own: give it a public name there")
        if not isinstance(node.ctx, ast.Load):
            raise self._no(node, f"{said} is a module's: nothing is stored there")
        if (
            node.attr not in there.defined
            and node.attr not in there.imported
            and f"{there.name}.{node.attr}" not in self._numbers.modules
        ):
            raise self._no(node, f"there is no {node.attr} in {there.name}")
        value = self._numbers.of(there.name, node.attr)
        if value is None:
            if fast:
                raise self._no(node, f"{said} is no whole number: a fast function would look it up in the tick")
            return
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
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            gone = [alias for alias in node.names if (name := alias.asname or alias.name) in self._of_ours and name not in used]
            if not gone:
                continue
            left = [ast.unparse(alias) for alias in node.names if alias not in gone]
            first, last = node.lineno, node.end_lineno or node.lineno
            self._edits = [edit for edit in self._edits if not first <= edit[0] <= last]
            for line in range(first, last + 1):
                text = self._lines[line - 1]
                new = f"from {node.module} import {', '.join(left)}" if left and line == first else ""
                self._edits.append((line, 0, len(text.rstrip("\r\n").encode()), new))

    def _still_used(self, tree: ast.Module) -> set[str]:
        """Modules named otherwise than for a number."""
        folded_at = {(line, first) for line, first, _, _ in self._edits}
        used = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and (node.lineno, node.col_offset) not in folded_at:
                used.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= {word for word in self._of_ours if node.value == word or f"{word}." in node.value}
        return used


def _bound(node: ast.AST) -> set[str]:
    """Names that a node binds, imports aside."""
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
    """Whether a node says viper otherwise than as the decorator that the fold knows."""
    if isinstance(node, ast.Attribute) and node.attr == "viper":
        return ast.unparse(node) != VIPER
    if isinstance(node, ast.Name):
        return node.id == "viper"
    if isinstance(node, ast.ImportFrom):
        return any("viper" in (alias.name, alias.asname) for alias in node.names)
    return isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and ast.unparse(node.value) == VIPER
