"""Numbers have been put in wherever they are used. A board has no use for their names: each takes 50 bytes, and time at its start.

What a module still uses of its own numbers is put in here, and the statements that named them go. Every line stays where it is.
Machine code gets only what its compiler would put in itself, const(...): any other name is an object there.
"""

import ast
from collections.abc import Iterable, Mapping

from mesogun_build.numbers import Numbers
from mesogun_build.rewriting import VIPER


def pruned(texts: Mapping[str, str], others: Iterable[str], numbers: Numbers) -> dict[str, str]:
    """These folded modules, by name, are without the numbers that neither they nor `others` name any more."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    wanted = {name for tree in (*trees.values(), *map(ast.parse, others)) for name in _wanted(tree)}
    return {name: _Pruning(numbers, name, text, trees[name], wanted).text() for name, text in texts.items()}


def _wanted(tree: ast.Module) -> set[str]:
    """Whatever is imported by name or is anything's attribute may be somebody's number."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    return names


class _Pruning:
    def __init__(self, numbers: Numbers, module: str, text: str, tree: ast.Module, wanted: set[str]) -> None:
        self._lines = text.splitlines(keepends=True)
        self._tree = tree
        self._kept = set(wanted)
        self._wanted = wanted
        self._values = {name: value for name in numbers.modules[module].defined if (value := numbers.of(module, name)) is not None}
        self._constants: set[str] = set()
        self._uses: list[tuple[ast.Name, int]] = []

    def text(self) -> str:
        statements = [(node, _names(node)) for node in self._tree.body if isinstance(node, ast.Assign)]
        numbers = [(node, names) for node, names in statements if names and all(name in self._values for name in names)]
        for node, names in numbers:
            if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in ("const", "micropython.const"):
                self._constants |= set(names)
        defining = {node for node, _ in numbers}
        for statement in self._tree.body:
            if statement not in defining:
                self._look(statement, fast=False, quoted=False)
        gone = [node for node, names in numbers if not self._kept & set(names)]
        for node, _ in numbers:
            if node not in gone:
                self._look(node.value, fast=False, quoted=False)
        self._put(gone)
        return "".join(self._lines)

    def _look(self, node: ast.AST, fast: bool, quoted: bool) -> None:
        """A name is a number that can be put in, or it is kept."""
        if isinstance(node, ast.FunctionDef):
            fast = fast or any(ast.unparse(decorator) == VIPER for decorator in node.decorator_list)
        if isinstance(node, ast.Name) and node.id in self._values:
            if not isinstance(node.ctx, ast.Load) or quoted or (fast and node.id not in self._constants):
                self._kept.add(node.id)
            else:
                self._uses.append((node, self._values[node.id]))
        elif isinstance(node, ast.arg):
            self._kept.add(node.arg)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self._kept |= set(node.names)
        for child in ast.iter_child_nodes(node):
            self._look(child, fast, quoted or isinstance(node, ast.JoinedStr))

    def _needless(self, gone: list[ast.Assign]) -> list[ast.Assign]:
        """Tables that nobody names any more go too: they are of constants, and of each other."""
        needless: list[ast.Assign] = []
        while True:
            left = [node for node in self._tree.body if node not in gone and node not in needless]
            inside = [one for node in left for one in ast.walk(node)]
            used = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
            used |= {name for one in inside if isinstance(one, ast.Global) for name in one.names}
            more = [
                node
                for node in left
                if isinstance(node, ast.Assign)
                and (names := _names(node))
                and all(name.isupper() for name in names)
                and not set(names) & (used | self._wanted | self._values.keys())
                and not any(isinstance(one, ast.Call) for one in ast.walk(node.value))
            ]
            if not more:
                return needless
            needless += more

    def _promises(self) -> list[ast.FunctionDef]:
        """What a class only promises is somebody else's to do; one promise stays where a class has nothing else in it."""
        found = []
        for node in self._tree.body:
            if isinstance(node, ast.ClassDef):
                promised = [one for one in node.body if isinstance(one, ast.FunctionDef) and _promised(one)]
                left = [one for one in node.body if one not in promised and not _said(one)]
                found += promised if left else promised[1:]
        return found

    def _put(self, gone: list[ast.Assign]) -> None:
        edits = [
            (node.lineno, node.col_offset, node.end_col_offset or 0, str(value) if value >= 0 else f"({value})")
            for node, value in self._uses
            if node.id not in self._kept
        ]
        for node in [*gone, *self._promises(), *self._needless(gone)]:
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                self._lines[line - 1] = "\n"
        for line, first, last, new in sorted(edits, reverse=True):
            raw = self._lines[line - 1].encode()
            if raw != b"\n":
                self._lines[line - 1] = (raw[:first] + new.encode() + raw[last:]).decode()


def _said(node: ast.stmt) -> bool:
    """It is there for who reads, or for the type checker: words, or a name with a type and no value."""
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return words or (isinstance(node, ast.AnnAssign) and node.value is None)


def _promised(function: ast.FunctionDef) -> bool:
    return [ast.unparse(node) for node in function.body if not _said(node)] == ["raise NotImplementedError"]


def _names(node: ast.Assign) -> list[str]:
    """All names that a statement gives, if it gives nothing else."""
    targets = [one for target in node.targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [one.id for one in targets if isinstance(one, ast.Name)] if all(isinstance(one, ast.Name) for one in targets) else []
