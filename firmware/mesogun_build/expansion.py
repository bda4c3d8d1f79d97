"""One fast function gets in it what it calls: arguments are bound once, and a return becomes the end of a loop of one turn."""

import ast
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from mesogun_build.fast import WHOLE, Fast, Key
from mesogun_build.numbers import Module
from mesogun_build.rewriting import Unfoldable

POINTERS = ("ptr8", "ptr16", "ptr32")
_OF_THE_COMPILER = {*POINTERS, "int", "range", "object", "True", "False", "None"}


@dataclass
class Scope:
    """One function on its way into another: what its names have become, and where its answer goes."""

    key: Key
    module: Module
    names: dict[str, ast.expr]
    root: bool = False
    answer: str | None = None  # the answer goes to this name; None is to nobody
    looped: bool = False  # a return ends the loop of one turn
    changing: frozenset[str] = frozenset()  # of the function's own names, those that are bound more than once
    pointers: dict[str, str] = field(default_factory=dict)  # what was made a pointer has this name, here and in what is called


class Expansion:
    """One function gets in it what it calls; `imports` are those that it still calls, by the name here, and new here."""

    def __init__(self, fast: Fast, key: Key, node: ast.FunctionDef) -> None:
        self._fast = fast
        self._key = key
        self._node = node
        self._own = _names(node)
        self._fixed: set[str] = set()  # through these pointers something is stored: what is read there may change

    def function(self) -> ast.FunctionDef:
        while True:
            self.imports: dict[str, Key] = {}
            self._taken: dict[str, tuple[Key, str]] = {}
            self._shared: set[str] = set()  # what was read through these pointers was taken to be what it was
            self._within = [self._key]
            module = self._fast.module(self._key)
            names: dict[str, ast.expr] = {name: ast.Name(name) for name in _bound(self._node)}
            scope = Scope(self._key, module, names, root=True, changing=_changing(self._node))
            body = self._block(self._node.body, scope, top=True)
            stored = {
                node.value.id
                for statement in body
                for node in ast.walk(statement)
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
            }
            if not self._shared & stored:
                break
            self._fixed |= stored
        decorators = [one for one in self._node.decorator_list if ast.unparse(one) != WHOLE]
        made = ast.FunctionDef(self._node.name, self._node.args, body or [ast.Pass()], decorators, self._node.returns)
        return ast.fix_missing_locations(made)

    def _no(self, scope: Scope, node: ast.AST, why: str) -> Unfoldable:
        return Unfoldable(scope.module.path, getattr(node, "lineno", 1), why)

    # ---- statements ----

    def _block(self, statements: Sequence[ast.stmt], scope: Scope, top: bool = False) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for node in statements:
            self._statement(node, scope, out, top)
        return out

    def _statement(self, node: ast.stmt, scope: Scope, out: list[ast.stmt], top: bool) -> None:
        if isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Constant):
                return  # words
            callee = self._put_in(node.value, scope)
            if callee is not None:
                self._inline(node.value, callee, None, scope, out)
                return
            out.append(ast.Expr(self._expression(node.value, scope, out)))
        elif isinstance(node, ast.Return):
            self._return(node, scope, out)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assign(node, node.targets[0], scope, out, top)
        elif isinstance(node, ast.AugAssign):
            target = self._expression(node.target, scope, out)
            out.append(ast.AugAssign(target, node.op, self._expression(node.value, scope, out)))  # type: ignore[arg-type]
        elif isinstance(node, ast.If):
            test = self._expression(node.test, scope, out)
            out.append(ast.If(test, self._block(node.body, scope) or [ast.Pass()], self._block(node.orelse, scope)))
        elif isinstance(node, ast.While) and not node.orelse:
            out.append(ast.While(self._expression(node.test, scope, None), self._block(node.body, scope) or [ast.Pass()], []))
        elif isinstance(node, ast.For) and not node.orelse:
            iterated = self._expression(node.iter, scope, out)
            target = self._expression(node.target, scope, None)
            out.append(ast.For(target, iterated, self._block(node.body, scope) or [ast.Pass()], []))
        elif isinstance(node, ast.Pass | ast.Break | ast.Continue):
            out.append(node)
        else:
            raise self._no(scope, node, f"{ast.unparse(node).splitlines()[0]}: no such statement is put into another function")

    def _assign(self, node: ast.Assign, target: ast.expr, scope: Scope, out: list[ast.stmt], top: bool) -> None:
        if isinstance(target, ast.Name):
            callee = self._put_in(node.value, scope)
            if callee is not None:
                self._inline(node.value, callee, self._renamed(target, scope).id, scope, out)
                return
            value = self._expression(node.value, scope, out)
            if top and self._pointer(target.id, node.value, value, scope):
                return
            out.append(ast.Assign([self._renamed(target, scope)], value))
        else:
            value = self._expression(node.value, scope, out)
            out.append(ast.Assign([self._expression(target, scope, None)], value))

    def _pointer(self, name: str, written: ast.expr, value: ast.expr, scope: Scope) -> bool:
        """A pointer is made of this value: from here on it has a name. The answer is whether it had one before."""
        if name in scope.changing or not (isinstance(value, ast.Call) and _named(value.func) in POINTERS):
            return False
        kind, place, said = _named(value.func), value.args[0], ast.unparse(value)
        known = None
        through = ""
        if isinstance(place, ast.Name):
            assert isinstance(written, ast.Call)
            if _named(written.args[0]) in scope.changing:
                return False
            known = scope.pointers.get(said, place.id if f"{kind} {place.id}" in scope.pointers else None)
        elif isinstance(place, ast.Subscript) and isinstance(place.slice, ast.Constant):
            through = _named(place.value)
            if through in self._fixed or f"ptr32 {through}" not in scope.pointers:
                return False
            known = scope.pointers.get(said)
        else:
            return False
        if known is None or scope.root:
            here = _named(scope.names[name])
            scope.pointers[said] = scope.pointers[f"{kind} {here}"] = here
            return False
        if through:
            self._shared.add(through)
        scope.names[name] = ast.Name(known)
        return True

    def _return(self, node: ast.Return, scope: Scope, out: list[ast.stmt]) -> None:
        if scope.root:
            out.append(ast.Return(self._expression(node.value, scope, out) if node.value else None))
            return
        callee = self._put_in(node.value, scope)
        if callee is not None and node.value is not None:
            self._inline(node.value, callee, scope.answer, scope, out)
        elif node.value is not None:
            value = self._expression(node.value, scope, out)
            if scope.answer is not None:
                out.append(ast.Assign([ast.Name(scope.answer)], value))
            elif any(isinstance(one, ast.Call) and not _cast(one) for one in ast.walk(value)):
                out.append(ast.Expr(value))
        if scope.looped:
            out.append(ast.Break())

    # ---- calls ----

    def _put_in(self, node: ast.expr | None, scope: Scope) -> Key | None:
        """`f(...)` or `int(f(...))` calls this function, which is to be put in."""
        call = _within_int(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id not in scope.names:
            key = self._fast.resolved(scope.key[0], call.func.id)
            return key if key is not None and not self._fast.whole(key) else None
        return None

    def _inline(self, node: ast.expr, key: Key, answer: str | None, caller: Scope, out: list[ast.stmt]) -> None:
        call = _within_int(node)
        assert isinstance(call, ast.Call)
        function = self._fast.folded(key)
        name = key[1]
        if key in self._within:
            raise self._no(caller, node, f"{name} calls itself in the end: mark one of them @{WHOLE}")
        parameters = function.args.args
        if call.keywords or len(call.args) != len(parameters) or len(parameters) != len(_arguments(function)):
            raise self._no(caller, node, f"{name} gets each of its parameters by its place, or is not put in")
        if answer is not None and function.returns is None:
            raise self._no(caller, node, f"{name} says not what it answers: write -> int")
        scope = Scope(key, self._fast.module(key), {}, answer=answer, changing=_changing(function))
        for parameter, argument in zip(parameters, call.args, strict=True):
            self._bind(parameter, argument, scope, caller, out)
        for local in sorted(_bound(function) - scope.names.keys()):
            scope.names[local] = ast.Name(self._fresh(key, local))
        scope.pointers = dict(caller.pointers)
        for loop in ast.walk(function):
            if isinstance(loop, ast.For | ast.While) and any(isinstance(one, ast.Return) for one in ast.walk(loop)):
                raise self._no(scope, loop, f"{name} returns out of a loop: mark it @{WHOLE}, or leave the loop first")
        scope.looped = not _returns_last(function.body)
        self._within.append(key)
        body = self._block(function.body, scope, top=True)
        self._within.pop()
        if scope.looped:
            out.append(ast.While(ast.Constant(True), [*body, *([] if isinstance(body[-1], ast.Break) else [ast.Break()])], []))
        else:
            out += body

    def _bind(self, parameter: ast.arg, argument: ast.expr, scope: Scope, caller: Scope, out: list[ast.stmt]) -> None:
        name = parameter.arg
        callee = self._put_in(argument, caller)
        if callee is not None:
            scope.names[name] = ast.Name(self._fresh(scope.key, name))
            self._inline(argument, callee, scope.names[name].id, caller, out)  # type: ignore[attr-defined]
            return
        value = self._expression(argument, caller, out)
        if isinstance(value, ast.Call) and not _cast(value) and _named(parameter.annotation) == "int":
            value = ast.Call(ast.Name("int"), [value], [])  # what a call answers is an object
        if name not in scope.changing and (_constant(value) or isinstance(value, ast.Name)):
            scope.names[name] = value  # whose name it is waits while this runs
            return
        scope.names[name] = ast.Name(self._fresh(scope.key, name))
        out.append(ast.Assign([scope.names[name]], value))

    def _fresh(self, key: Key, name: str) -> str:
        """A name of a function put in has this name: one for all the places where it is put in, they never run at once."""
        said = f"{key[1]}_{name}"
        while said in self._own or self._taken.get(said, (key, name)) != (key, name):
            said += "_"
        self._taken[said] = (key, name)
        return said

    # ---- expressions ----

    def _expression(self, node: ast.expr, scope: Scope, out: list[ast.stmt] | None) -> ast.expr:
        """Calls in it that are put in come before the statement: `out` is None where they cannot."""
        return _Rewritten(self, scope, out).visit(deepcopy(node))  # type: ignore[no-any-return]

    def _renamed(self, node: ast.Name, scope: Scope) -> ast.Name:
        name = scope.names[node.id]
        if not isinstance(name, ast.Name):
            raise self._no(scope, node, f"{node.id} is bound again: give it another name")
        return ast.Name(name.id)

    def name(self, node: ast.Name, scope: Scope) -> ast.expr:
        """A name of a function is this where it was put in."""
        if node.id in scope.names:
            return scope.names[node.id]
        if node.id in POINTERS and node.id not in self._fast.module(self._key).imported:
            self.imports[node.id] = scope.module.imported[node.id]  # CPython too runs what was folded
        if scope.root or node.id in _OF_THE_COMPILER:
            return node
        value = self._fast.number(scope.key[0], node.id)
        if value is not None:
            return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
        if scope.key[0] == self._key[0]:
            return node
        raise self._no(scope, node, f"{node.id} is no number and not {scope.key[1]}'s own: it cannot be put into {self._key[1]}")

    def called(self, node: ast.Call, scope: Scope) -> ast.expr | None:
        """A function that stays a call has this name here."""
        assert isinstance(node.func, ast.Name)
        if node.func.id in scope.names:
            return None
        key = self._fast.resolved(scope.key[0], node.func.id)
        if key is None:
            return None
        if scope.root:
            return node.func
        home = self._fast.module(self._key)
        for here in home.imported:
            if self._fast.resolved(self._key[0], here) == key:
                return ast.Name(here)
        if key[0] == self._key[0]:
            return ast.Name(key[1])
        name = key[1]
        while name in home.defined | home.imported.keys() | self._own or self.imports.get(name, key) != key:
            name += "_"
        self.imports[name] = key
        return ast.Name(name)


class _Rewritten(ast.NodeTransformer):
    """An expression by the names of where it is put in, visited in the order in which it is evaluated."""

    def __init__(self, expansion: Expansion, scope: Scope, out: list[ast.stmt] | None) -> None:
        self._expansion = expansion
        self._scope = scope
        self._out = out
        self._late = out is None  # something was read before, or this is not always evaluated

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._expansion.name(node, self._scope)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        key = self._expansion._put_in(node, self._scope)
        if key is not None:
            if self._late or self._out is None:
                why = f"{key[1]} is called after something else was read, or not always: give its answer a name in a line before"
                raise self._expansion._no(self._scope, node, why)
            answer = self._expansion._fresh(key, "answer")
            self._expansion._inline(node, key, answer, self._scope, self._out)
            return ast.Name(answer)
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._expansion._no(self._scope, node, f"{ast.unparse(node)} is no call of a fast function")
        called = self._expansion.called(node, self._scope)
        arguments = [self.visit(argument) for argument in node.args]
        if not _cast(node):
            self._late = True
        return ast.Call(called or self._expansion.name(node.func, self._scope), arguments, [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        place = ast.Subscript(self.visit(node.value), self.visit(node.slice), node.ctx)
        self._late = True
        return place

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first = self.visit(node.values[0])
        self._late = True
        return ast.BoolOp(node.op, [first, *(self.visit(value) for value in node.values[1:])])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        left, first = self.visit(node.left), self.visit(node.comparators[0])
        self._late = self._late or len(node.ops) > 1
        return ast.Compare(left, node.ops, [first, *(self.visit(value) for value in node.comparators[1:])])

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        self._late = True
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))


def _arguments(function: ast.FunctionDef) -> list[ast.arg]:
    a = function.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *(one for one in (a.vararg, a.kwarg) if one)] + [ast.arg("")] * len(a.defaults)


def _names(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} | _bound(function)


def _bindings(function: ast.FunctionDef) -> list[str]:
    stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return [argument.arg for argument in _arguments(function)] + stored


def _bound(function: ast.FunctionDef) -> set[str]:
    return set(_bindings(function))


def _changing(function: ast.FunctionDef) -> frozenset[str]:
    bindings = _bindings(function)
    loops = [node for node in ast.walk(function) if isinstance(node, ast.For | ast.While)]
    looped = {name for loop in loops for node in ast.walk(loop) for name in _stored(node)}
    return frozenset(name for name in bindings if bindings.count(name) > 1) | looped


def _stored(node: ast.AST) -> set[str]:
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()


def _cast(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in _OF_THE_COMPILER


def _named(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _within_int(node: ast.expr | None) -> ast.expr | None:
    """A call's answer is made an int where it is a call, and is one where it is put in."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int" and len(node.args) == 1:
        return node.args[0]
    return node


def _constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _returns_last(statements: Sequence[ast.stmt]) -> bool:
    """It says whether every return is the last thing done."""
    for node in statements[:-1]:
        if any(isinstance(one, ast.Return) for one in ast.walk(node)):
            return False
    last = statements[-1] if statements else None
    if isinstance(last, ast.If):
        return _returns_last(last.body) and _returns_last(last.orelse)
    return last is None or isinstance(last, ast.Return) or not any(isinstance(one, ast.Return) for one in ast.walk(last))
