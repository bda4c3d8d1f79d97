"""The board's machine code over plain memory. Prints the same on either Python.

On a PC addresses do not fit the board's 32-bit tables; so here each pointer made of a table's address is one of an array.
"""

from array import array

from mesogun_fw.boards import player, registers, sensing
from mesogun_fw.inputs import INPUTS
from mesogun_fw.shim import micropython

REGISTERS = ("PIO", "PIO_SET", "PIO_CLEAR", "DATA", "DATA_CLEAR", "CONTROL", "CONTROL_CLEAR", "TIMER", "SIO", "COUNTERS", "ADC")
ARRAYS = ("STATE", "FIGURES", "BEFORE", "INPUTS", "CLOCK", "SWITCHES_AT", "NM")


def over_memory(module: "object") -> dict:  # type: ignore[type-arg]
    """The names of a file of the board whose pointers to registers are pointers to arrays."""
    with open(module.__file__) as file:  # type: ignore[attr-defined]
        text = file.read()
    for name in REGISTERS + ARRAYS:
        text = text.replace(f"ptr32(k[_{name}])", f"ptr32(self.m_{name})")
    text = text.replace("ptr32(s[_CELLS])", "ptr32(self.m_CELLS)")
    for left in ("ptr32(k[", "ptr32(s[", "self._k)["):
        assert left not in text, left
    names = {"__name__": "over_memory"}
    exec(text, names)
    return names


def locked(call: "object", one: int = -1, two: int = -1) -> "object":
    """Call it with the heap locked, where there is a lock: the tick must not allocate."""
    lock()
    try:
        if two >= 0:
            return call(one, two)  # type: ignore[operator]
        if one >= 0:
            return call(one)  # type: ignore[operator]
        return call()  # type: ignore[operator]
    finally:
        unlock()


lock = getattr(micropython, "heap_lock", int)
unlock = getattr(micropython, "heap_unlock", int)


class Draw:
    def __init__(self) -> None:
        self._seed = 1

    def __call__(self, below: int) -> int:
        self._seed = (self._seed * 1103 + 12345) % 1000003
        return self._seed % below


draw = Draw()


def memory(thing: "object") -> None:
    for name in REGISTERS:
        setattr(thing, "m_" + name, array("i", [0] * 64))


def players() -> None:
    base = over_memory(player)["PicoPlayer"]

    class Bare(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            memory(self)
            self.m_CELLS = array("i", [draw(50) for _ in range(12)])
            self._k = registers.registers_of(registers.BOARDS[0], 125_000_000)
            self.m_INPUTS = array("i", [0] * INPUTS)
            self.m_STATE = array("i", [draw(3), draw(4), draw(5), draw(1 << 20), draw(9), 0x20001000, 0, draw(90), 5_000])
            rows = [(19 * n + 1, 19 * n + 1 + draw(5), 19 * n + 6 + draw(8), 19 * n + 18, draw(5_000), draw(500)) for n in range(4)]
            self.m_FIGURES = array("i", [figure for row in rows for figure in row])
            self.m_BEFORE = array("i", [10_000 + 100 * (i % 19) for i in range(90)])
            self.m_CONTROL[0] = 0x20001000 + 16 * (1 + draw(80)) + 4 * draw(2) * draw(2)
            self.m_DATA[2] = draw(100)
            self.m_PIO[3] = draw(5)
            self.m_PIO[53] = draw(6)
            self.m_TIMER[10] = draw(1 << 20)

        def _abort(self) -> None:
            pass

        def left(self) -> list:  # type: ignore[type-arg]
            registers = [self.m_CONTROL[:16], self.m_PIO[50:56], self.m_PIO_SET[:1], self.m_PIO_CLEAR[:1]]
            return [list(part) for part in registers + [self.m_STATE, self.m_INPUTS[10:13], self.m_CELLS]]  # noqa: RUF005

    for _ in range(60):
        one = Bare()
        locked(one._look)
        print("look", one.left())
        print("put", locked(one._put))
        one = Bare()
        locked(one.tell, draw(1 << 20))
        print("tell", one.left())
        one = Bare()
        locked(one.grant, draw(2), draw(2))
        print("grant", one.left())
        one = Bare()
        locked(one.revoke)
        print("revoke", one.left())
        one = Bare()
        one.m_PIO[3] = 0
        print("halt", locked(one.halt), one.left())
        locked(one.start, draw(2), draw(2))
        print("start", one.left())


def senses() -> None:
    base = over_memory(sensing)["Senses"]

    class Bare(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            memory(self)
            self.told_us = 0
            self._k = array("I", [0] * 30)
            self.m_INPUTS = array("i", [0] * INPUTS)
            self.m_NM = array("i", [5_000, 500, draw(2)])
            self.m_SWITCHES_AT = array("i", [figure for switch in sensing.SWITCHES for figure in switch])
            self.m_CLOCK = array("i", [draw(1_000_000), draw(1_000), draw(1 << 20), draw(1 << 20), draw(4), draw(900), draw(900)])
            self._t = self.m_CLOCK
            self.m_TIMER[10] = draw(1 << 20)
            self.m_SIO[1] = draw(1 << 20) * 512 + draw(512)
            self.m_ADC[0] = draw(2) << 8
            self.m_ADC[1] = draw(4_096)
            self.m_COUNTERS[3] = draw(5) << 4 | draw(5) << 12
            self.m_COUNTERS[1] = draw(4) << 8
            self.m_COUNTERS[8] = draw(1 << 20)
            self.m_COUNTERS[9] = draw(1 << 20)

        def _tell(self, now_us: int) -> None:
            self.told_us = now_us

    for _ in range(100):
        one = Bare()
        locked(one.finish)
        print("finish", one.worst())
        print("sense", one.ms(), locked(one.sense), one.ms(), one.told_us, list(one.m_CLOCK), list(one.m_INPUTS), one.m_ADC[0])
    one._begin()
    print("begin", list(one.m_CLOCK))


players()
senses()
