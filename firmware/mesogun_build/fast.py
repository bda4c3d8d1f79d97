"""The fast functions of the firmware, by module and name, as they are written and with their numbers in them."""

import ast
from functools import cache

from mesogun_build.numbers import Module, Numbers
from mesogun_build.rewriting import VIPER, Rewriting

WHOLE = "whole"
Key = tuple[str, str]  # module and name


class Fast:
    """`written` are all of them. A module's text and tree have its numbers in them."""

    def __init__(self, numbers: Numbers) -> None:
        self.modules = numbers.modules
        self._numbers = numbers
        self.written: dict[Key, ast.FunctionDef] = {}
        for name, module in numbers.modules.items():
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef) and decorated(node, VIPER):
                    self.written[name, node.name] = node
        self.text = cache(self._text)
        self.tree = cache(self._tree)

    def _text(self, module: str) -> str:
        return Rewriting(self._numbers, self.modules[module]).text()

    def _tree(self, module: str) -> ast.Module:
        return ast.parse(self.text(module))

    def resolved(self, module: str, name: str) -> Key | None:
        """A name of a module means this fast function."""
        if (module, name) in self.written:
            return module, name
        package, there = self.modules[module].imported.get(name, ("", ""))
        return self.resolved(package, there) if package in self.modules else None

    def folded(self, key: Key) -> ast.FunctionDef:
        """The function with its numbers in it."""
        return next(node for node in self.tree(key[0]).body if isinstance(node, ast.FunctionDef) and node.name == key[1])

    def module(self, key: Key) -> Module:
        return self.modules[key[0]]

    def number(self, module: str, name: str) -> int | None:
        return self._numbers.of(module, name)

    def whole(self, key: Key) -> bool:
        return decorated(self.written[key], WHOLE)

    def called(self, module: str, function: ast.FunctionDef) -> set[Key]:
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found = (self.resolved(module, name) for name in names)
        return {key for key in found if key is not None and key != (module, function.name)}


def decorated(node: ast.FunctionDef, word: str) -> bool:
    return any(ast.unparse(decorator) == word for decorator in node.decorator_list)
