"""A whole function has in it what it calls: a call costs the tick six microseconds, and the same code in place none.

It is marked `@whole`. Every fast function that it calls is put in where it is called, and what that calls in its place; only
another that is whole stays a call. Arguments are bound once, constants and names that stay as they are stand for parameters, an
address that is a pointer already is not made one again. A return becomes the end of a loop of one turn. What is then called by
nobody stays off a board.

A function that has become another stands at the end of its file, so that every line that a traceback can name stays in its place:
machine code has no lines. What cannot be put in is refused by file and line. Methods are left as they are.
"""

import ast
from collections.abc import Iterator

from mesogun_build.expansion import POINTERS, Expansion
from mesogun_build.fast import WHOLE, Fast, Key, decorated
from mesogun_build.numbers import Module, Numbers
from mesogun_build.rewriting import Unfoldable


class Inlining:
    """`text(module)` has its numbers in it, and every fast function as a board gets it. It raises Unfoldable.

    With the text of a board's `main` what nobody calls there is dropped; without it the tree stays complete.
    """

    def __init__(self, numbers: Numbers, main: str | None = None) -> None:
        self._modules = numbers.modules
        self._fast = Fast(numbers)
        self._stay = set(self._fast.written) if main is None else self._staying(ast.parse(main))

    def text(self, name: str) -> str:
        lines = self._fast.text(name).splitlines(keepends=True)
        tree = self._fast.tree(name)
        module = self._modules[name]
        whole: dict[str, str] = {}
        imports: dict[str, Key] = {}
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or (name, node.name) not in self._fast.written:
                continue
            first = min(node.lineno, *(decorator.lineno for decorator in node.decorator_list))
            if (name, node.name) not in self._stay:
                _blank(lines, first, node.end_lineno)
            elif decorated(node, WHOLE):
                expansion = Expansion(self._fast, (name, node.name), node)
                whole[node.name] = ast.unparse(expansion.function())
                imports.update(expansion.imports)
                _blank(lines, first, node.end_lineno)
        for used in _while_loading(tree):
            if isinstance(used, ast.Name) and used.id in whole:
                why = f"{used.id} stands at the end of the file on a board, and is used here while the file is loaded"
                raise Unfoldable(module.path, used.lineno, why)
        added = [
            f"from {there} import {function}" + (f" as {here}\n" if here != function else "\n")
            for here, (there, function) in sorted(imports.items())
        ]
        added += [f"{one}\n" for one in whole.values()]
        if added and lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return self._without_imports("".join(lines) + "".join(added), module)

    # ---- which stay ----

    def _staying(self, main: ast.Module) -> set[Key]:
        """These are compiled by themselves: Python names them, or such a one calls them that does not put them in."""
        waiting = [key for name in self._reached(main) for key in self._named_by_python(name)]
        for node in ast.walk(main):
            if isinstance(node, ast.ImportFrom) and node.module in self._modules:
                waiting += [key for alias in node.names if (key := self._fast.resolved(node.module, alias.name))]
        stay: set[Key] = set()
        while waiting:
            key = waiting.pop()
            if key in stay:
                continue
            stay.add(key)
            inside, seen = [key], {key}
            while inside:
                one = inside.pop()
                for callee in self._fast.called(one[0], self._fast.written[one]) - seen:
                    if self._fast.whole(key) and not self._fast.whole(callee):
                        seen.add(callee)
                        inside.append(callee)
                    else:
                        waiting.append(callee)
        return stay

    def _reached(self, main: ast.Module) -> set[str]:
        """These modules are loaded: those that `main` imports, and what they do."""
        modules = self._modules
        reached: set[str] = set()
        waiting = [main]
        while waiting:
            for node in ast.walk(waiting.pop()):
                if isinstance(node, ast.ImportFrom) and node.module in modules:
                    found = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} & modules.keys() - reached
                    reached |= found
                    waiting += [modules[name].tree for name in found]
        return reached

    def _named_by_python(self, name: str) -> Iterator[Key]:
        module = self._modules[name]
        for node in _python(module.tree, {id(one) for key, one in self._fast.written.items() if key[0] == name}):
            key = None
            if isinstance(node, ast.Name):
                key = self._fast.resolved(name, node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                package, there = module.imported.get(node.value.id, ("", ""))
                whole = f"{package}.{there}"
                key = self._fast.resolved(whole, node.attr) if whole in self._modules else None
            if key is not None:
                yield key

    # ---- imports ----

    def _without_imports(self, text: str, module: Module) -> str:
        """Of imports, fast functions and the words for them go that nothing names any more."""
        tree = ast.parse(text)
        lines = text.splitlines(keepends=True)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom) or node.module not in self._modules:
                continue
            left = [
                ast.unparse(alias)
                for alias in node.names
                if (alias.asname or alias.name) in used
                or not (alias.name in (WHOLE, *POINTERS) or self._fast.resolved(node.module, alias.name))
            ]
            if len(left) < len(node.names):
                _blank(lines, node.lineno, node.end_lineno)
                if left:
                    lines[node.lineno - 1] = f"from {node.module} import {', '.join(left)}\n"
        return "".join(lines)


def _python(tree: ast.AST, fast: set[int]) -> Iterator[ast.AST]:
    """The nodes that are Python: those of a tree, but for its fast functions."""
    for child in ast.iter_child_nodes(tree):
        if id(child) not in fast:
            yield child
            yield from _python(child, fast)


def _while_loading(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are run when a file is loaded: not those inside functions."""
    for child in ast.iter_child_nodes(tree):
        yield child
        inside = child.args if isinstance(child, ast.FunctionDef | ast.Lambda) else child
        yield from _while_loading(inside)


def _blank(lines: list[str], first: int, last: int | None) -> None:
    for line in range(first, (last or first) + 1):
        lines[line - 1] = "\n"
