"""A tree of sources gives names to these whole numbers, read from its text: nothing of it is imported or run.

A number is what stands once, at the top of a file, as an integer, const(...), arithmetic of other numbers, or a name's place in
`A, B, C = range(...)`.
"""

import ast
import operator
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_UNARY: dict[type[ast.unaryop], Callable[[int], int]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


class _NoNumber(Exception):
    pass


class Module:
    """One file has its tree, the names it imports from modules, and what it defines at its top."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.text = path.read_text("utf-8")
        self.tree = ast.parse(self.text, str(path))
        self.imported: dict[str, tuple[str, str]] = {}  # each name here has (module, name there)
        self.defined: set[str] = set()
        self.expressions: dict[str, tuple[ast.expr, int]] = {}  # each name has its right side, and the place in it or -1
        twice: set[str] = set()
        for node in self.tree.body:
            self._look_at(node, twice)
        for inner in ast.walk(self.tree):
            if isinstance(inner, ast.Global):
                twice |= set(inner.names)
        for name in twice:
            self.expressions.pop(name, None)

    def _look_at(self, node: ast.stmt, twice: set[str]) -> None:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                self.imported[alias.asname or alias.name] = (node.module or "", alias.name)
        for target in _targets(node):
            named = [target] if isinstance(target, ast.Name) else target.elts if isinstance(target, ast.Tuple) else []
            for place, one in enumerate(named):
                if isinstance(one, ast.Name):
                    twice |= {one.id} & self.defined
                    value = getattr(node, "value", None)
                    if value is not None and not isinstance(node, ast.AugAssign):
                        self.expressions[one.id] = (value, place if isinstance(target, ast.Tuple) else -1)
        self.defined |= {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}
        self.defined |= {
            child.name
            for child in ast.walk(node)
            if isinstance(child, ast.FunctionDef | ast.ClassDef)
        }  # fmt: skip


class Numbers:
    """Every number of a package is known, by module and name."""

    def __init__(self, package: Path) -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            self.modules[name] = Module(name, path)
        self._known: dict[tuple[str, str], int | None] = {}

    def of(self, module: str, name: str) -> int | None:
        """It is the number, or None when the name means something else, or nothing."""
        key = (module, name)
        if key not in self._known:
            self._known[key] = None  # what goes round in a circle is no number
            with suppress(_NoNumber):
                self._known[key] = self._named(self.modules[module], name)
        return self._known[key]

    def _named(self, module: Module, name: str) -> int:
        if name in module.expressions:
            value, place = module.expressions[name]
            return self._placed(module, value, place) if place >= 0 else self._value(module, value)
        if name in module.imported and module.imported[name][0] in self.modules:
            return self._found(*module.imported[name])
        raise _NoNumber

    def _found(self, module: str, name: str) -> int:
        value = self.of(module, name)
        if value is None:
            raise _NoNumber
        return value

    def _placed(self, module: Module, value: ast.expr, place: int) -> int:
        if isinstance(value, ast.Tuple):
            return self._value(module, value.elts[place])
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "range" and not value.keywords:
            return range(*(self._value(module, argument) for argument in value.args))[place]
        raise _NoNumber

    def _value(self, module: Module, value: ast.expr) -> int:
        if isinstance(value, ast.Constant) and type(value.value) is int:
            return value.value
        if isinstance(value, ast.Name):
            return self._named(module, value.id)
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            package, name = module.imported.get(value.value.id, ("", ""))
            if f"{package}.{name}" in self.modules:
                return self._found(f"{package}.{name}", value.attr)
        if isinstance(value, ast.BinOp) and type(value.op) in _BINARY:
            return _BINARY[type(value.op)](self._value(module, value.left), self._value(module, value.right))
        if isinstance(value, ast.UnaryOp) and type(value.op) in _UNARY:
            return _UNARY[type(value.op)](self._value(module, value.operand))
        if isinstance(value, ast.Call) and ast.unparse(value.func) in ("const", "micropython.const") and len(value.args) == 1:
            return self._value(module, value.args[0])
        raise _NoNumber


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
