"""One tick of a Pico takes what is, what the guard makes of it, and what it orders.

The hard timer calls it; it is machine code throughout, of a few pieces on a board: those that are marked `@whole`.
"""

from array import array

from machine import disable_irq, enable_irq

from mesogun_fw.boards.pico import figures, pins, registers, sensing
from mesogun_fw.boards.pico.fram import mark, rewrite
from mesogun_fw.boards.pico.player import go_away, grant, halt, relieve, revoke, start
from mesogun_fw.boards.pico.sensing import sense, unset_grid
from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.tick import tick
from mesogun_fw.shim import addressof, micropython, ptr32, whole
from mesogun_fw.stroke.retreat import retreat

const = micropython.const


# There is one tick, and a global costs it a third of what an attribute does: this is the address of the registers' table. It is
# the only name that the tick looks up at every turn, and stands before the timer starts: a table of names that still grew could
# lack it for a moment.
_at = 0


def prepare_tick(k: "array[int]"):  # type: ignore[no-untyped-def]
    """The hard timer calls the answer from now on. Every analogue value has been looked at once: unread, a supply is nothing."""
    global _at
    _at = addressof(k)
    for _ in range(sensing.CHANNELS):
        interrupt(None)  # a conversion takes 2 us, this more
    unset_grid(_at)
    return interrupt


@whole
@micropython.viper
def interrupt(timer: object):  # type: ignore[no-untyped-def]
    k = ptr32(_at)
    x = ptr32(k[registers.INPUTS])
    tick(x, int(sense(k)))
    if x[cells.ORDER] or x[cells.MARK_AT] or x[cells.POWER] != x[cells.POWERED] or x[cells.VENT] != x[cells.VENTED]:
        obey(k)
    # The worst of lateness and duration is kept.
    t = ptr32(k[registers.CLOCK])
    took = (ptr32(k[registers.TIMER])[registers.NOW] - t[sensing.LAST_US]) & registers.US
    if took > t[sensing.WORST_TICK_US]:
        t[sensing.WORST_TICK_US] = took
    late = x[inputs.LATE_US]
    if late > t[sensing.WORST_LATE_US]:
        t[sensing.WORST_LATE_US] = late


@whole
@micropython.viper
def alone(k_, act: object, a: int, b: int):  # type: ignore[no-untyped-def]
    """The loop asks this of the guard: see Board.alone. From the first line to the last but one nothing but machine code runs."""
    k = ptr32(k_)
    x = ptr32(k[registers.INPUTS])
    before = disable_irq()
    answer = act(k[registers.INPUTS], a, b)  # type: ignore[operator]
    if x[cells.REWRITE_UNTIL]:
        rewrite(k_)
    if x[cells.ORDER] or x[cells.MARK_AT] or x[cells.POWER] != x[cells.POWERED] or x[cells.VENT] != x[cells.VENTED]:
        obey(k_)
    enable_irq(before)
    return answer


@whole
@micropython.viper
def obey(k_):  # type: ignore[no-untyped-def]
    """What the guard has ordered is done: first the journal's mark, then air and power, then the pins."""
    k = ptr32(k_)
    x = ptr32(k[registers.INPUTS])
    if x[cells.MARK_AT]:
        mark(k_, x[cells.MARK_AT], x[cells.MARK])
        x[cells.MARK_AT] = 0
    sio = ptr32(k[registers.SIO])
    x[cells.VENTED] = x[cells.VENT]
    sio[k[registers.OUT_CLEAR] if x[cells.VENT] else k[registers.OUT_SET]] = 1 << pins.DUMP  # energised is closed
    x[cells.POWERED] = x[cells.POWER]
    sio[k[registers.OUT_SET] if x[cells.POWER] else k[registers.OUT_CLEAR]] = 1 << pins.ENABLE
    order = x[cells.ORDER]
    x[cells.ORDER] = 0
    slot = x[cells.ORDER_SLOT]
    figure = x[cells.ORDER_FIGURE]
    away = 0
    if order == cells.START:
        start(k_, slot, figure)
    elif order == cells.GRANT:
        grant(k_, slot, figure)
    elif order == cells.REVOKE:
        revoke(k_)
    elif order == cells.HALT:
        halt(k_)
    elif order == cells.ABORT:
        # It halts; then the way back is found and played.
        s = ptr32(k[registers.STATE])
        row = figures.SLOTS + figures.SLOT_SIZE * slot
        listed = s[row + figures.LISTED + figure]
        away = int(retreat(listed, s[row + figures.WORDS], s[row + figures.AWAY], s[row + figures.TURNS], halt(k_)))
    elif order == cells.RELIEVE:
        away = int(relieve(k_, slot, figure))
    if away:
        go_away(k_, slot, away)
