"""One tick of a Pico: what is, what the guard makes of it, what it orders. From the hard timer, in machine code throughout."""

from array import array

from mesogun_fw.boards.fram import mark
from mesogun_fw.boards.player import go_away, grant, halt, relieve, revoke, start
from mesogun_fw.boards.sensing import sense
from mesogun_fw.drives.retreat import retreat
from mesogun_fw.shim import addressof, micropython, ptr32

const = micropython.const

# Machine code looks up names of other files, so what it needs of them is repeated here; a test holds them equal.
_TIMER = const(15)
_SIO = const(16)
_OUT_SET = const(17)
_OUT_CLEAR = const(18)
_STATE = const(23)
_INPUTS = const(26)
_CLOCK = const(27)
_LATE_US = const(9)
_ORDER = const(74)
_ORDER_SLOT = const(75)
_ORDER_FIGURE = const(76)
_MARK_AT = const(77)
_MARK = const(78)
_POWER = const(79)
_POWERED = const(80)
_VENT = const(81)
_VENTED = const(82)
_START = const(1)
_GRANT = const(2)
_REVOKE = const(3)
_HALT = const(4)
_ABORT = const(5)
_RELIEVE = const(6)
_ENABLE_PIN = const(21)
_DUMP_PIN = const(22)
_NOW = const(10)
_US = const((1 << 30) - 1)
_LAST_US = const(2)
_WORST_LATE_US = const(5)
_WORST_TICK_US = const(6)
_SLOTS = const(9)
_SLOT_SIZE = const(6)
_WORDS = const(0)
_LISTED = const(1)
_AWAY = const(3)
_TURNS = const(4)


# There is one tick, and a global costs it a third of what an attribute does: the address of the registers' table, and the guard.
_at = 0
_guard: "object" = None


def begin(k: "array[int]", guard: "object"):  # type: ignore[no-untyped-def]
    """What the hard timer calls from now on. `guard` gets the address of its cells and milliseconds since boot."""
    global _at, _guard
    _at, _guard = addressof(k), guard
    return interrupt


@micropython.viper
def interrupt(timer: object):  # type: ignore[no-untyped-def]
    at = _at
    k = ptr32(at)
    x = ptr32(k[_INPUTS])
    now_ms = int(sense(at))
    _guard(k[_INPUTS], now_ms)  # type: ignore[operator]
    if x[_ORDER] or x[_MARK_AT] or x[_POWER] != x[_POWERED] or x[_VENT] != x[_VENTED]:
        obey(at)
    # keep the worst of lateness and duration
    t = ptr32(k[_CLOCK])
    took = (ptr32(k[_TIMER])[_NOW] - t[_LAST_US]) & _US
    if took > t[_WORST_TICK_US]:
        t[_WORST_TICK_US] = took
    late = x[_LATE_US]
    if late > t[_WORST_LATE_US]:
        t[_WORST_LATE_US] = late


@micropython.viper
def obey(k_):  # type: ignore[no-untyped-def]
    """Do what the guard has ordered: first the journal's mark, then power and air, then the pins."""
    k = ptr32(k_)
    x = ptr32(k[_INPUTS])
    if x[_MARK_AT]:
        mark(k_, x[_MARK_AT], x[_MARK])
        x[_MARK_AT] = 0
    sio = ptr32(k[_SIO])
    x[_VENTED] = x[_VENT]
    sio[k[_OUT_CLEAR] if x[_VENT] else k[_OUT_SET]] = 1 << _DUMP_PIN  # energised is closed
    x[_POWERED] = x[_POWER]
    sio[k[_OUT_SET] if x[_POWER] else k[_OUT_CLEAR]] = 1 << _ENABLE_PIN
    order = x[_ORDER]
    x[_ORDER] = 0
    if order == _START:
        start(k_, x[_ORDER_SLOT], x[_ORDER_FIGURE])
    elif order == _GRANT:
        grant(k_, x[_ORDER_SLOT], x[_ORDER_FIGURE])
    elif order == _REVOKE:
        revoke(k_)
    elif order == _HALT:
        halt(k_)
    elif order == _ABORT:
        # halt, then find the way back and play it
        slot = x[_ORDER_SLOT]
        s = ptr32(k[_STATE])
        row = _SLOTS + _SLOT_SIZE * slot
        listed = s[row + _LISTED + x[_ORDER_FIGURE]]
        entries = retreat(listed, s[row + _WORDS], s[row + _AWAY], s[row + _TURNS], halt(k_))
        go_away(k_, slot, entries)
    elif order == _RELIEVE:
        relieve(k_, x[_ORDER_SLOT], x[_ORDER_FIGURE])
