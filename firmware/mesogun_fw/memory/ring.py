"""The journal's rows are a ring in the FRAM; its header and checkpoints stand before it. Each function here does one thing whole.

What it works with is one tuple, made once by `kept`: its places are below. It is machine code, because bytecode costs a Pico 30 us
a call, and a frame from its heap where much is in hand. What is written is read back; nothing is allocated.
"""

from array import array

from mesogun_fw import crc
from mesogun_fw.guard import cells, marks
from mesogun_fw.memory import layout
from mesogun_fw.memory.layout import count, judge, lay_dose, lay_end, lay_intent
from mesogun_fw.memory.promises import Fram
from mesogun_fw.shim import micropython, ptr8, ptr32

const = micropython.const

HEADER_SIZE = const(16)
CHECKPOINTS_AT = const(16)
SHOTS_MAX = const((1 << 30) - 1)  # a gun that makes ten a second for three years without a pause has made so many
WAITING_MAX = const(4)  # these are the shot that runs, a granted one, and two prepared ahead

READ = const(0)  # of the memory
WRITE = const(1)
CELLS = const(2)  # the guard's
NEXT = const(3)  # the row prepared next: its mark and its program stay from shot to shot
ROW = const(4)  # the row looked at last
TOTALS = const(5)  # the newest checkpoint
REGISTER = const(6)  # of the CRC
DOSES = const(7)  # shot n, prepared, has dose n % WAITING_MAX

DONE = const(0)
LOST = const(1)  # the memory does not hold what was written there
FULL = const(2)  # no more can be told apart


def kept(fram: Fram, where: "array[int]") -> tuple:  # type: ignore[type-arg]
    where[cells.ROWS] = (fram.size - marks.ROWS_AT) // marks.ROW_SIZE
    assert where[cells.ROWS] >= 2 * WAITING_MAX
    rows = [array("B", bytes(marks.ROW_SIZE)) for _ in range(2)]
    rows[0][layout.MARK] = marks.STANDS_READY
    return (
        fram.read,
        fram.write,
        where,
        rows[0],
        rows[1],
        array("B", bytes(layout.TOTALS_SIZE)),
        crc.REGISTER,
        array("I", bytes(4 * WAITING_MAX)),
    )


@micropython.viper
def put(k, at: int, place, start: int, end: int) -> int:  # type: ignore[no-untyped-def]
    """Bytes of a buffer are written: DONE, or LOST when they are not read back."""
    return DONE if int(k[WRITE](at, place, start, end)) else LOST


@micropython.viper
def wipe(k, size: int) -> int:  # type: ignore[no-untyped-def]
    """All of a memory becomes zeros: DONE or LOST."""
    row = k[ROW]
    zeros = ptr8(row)
    i = 0
    while i < marks.ROW_SIZE:
        zeros[i] = 0
        i += 1
    at = 0
    while at < size:
        if int(put(k, at, row, 0, marks.ROW_SIZE if at + marks.ROW_SIZE < size else size - at)):
            return LOST
        at += marks.ROW_SIZE
    return DONE


@micropython.viper
def shots(k) -> int:  # type: ignore[no-untyped-def]
    """So many are done."""
    totals = ptr8(k[TOTALS])
    return totals[0] | totals[1] << 8 | totals[2] << 16 | totals[3] << 24


@micropython.viper
def look(k, number: int) -> int:  # type: ignore[no-untyped-def]
    """The row of shot `number` is read into ROW, and holds this, of layout.py."""
    rows = ptr32(k[CELLS])[cells.ROWS]
    row = k[ROW]
    k[READ](marks.ROWS_AT + number % rows * marks.ROW_SIZE, row, 0, marks.ROW_SIZE)
    return int(judge(row, number, k[REGISTER]))


@micropython.viper
def put_intent(k, pass_index: int, shot: int, dose_nl: int) -> int:  # type: ignore[no-untyped-def]
    """The shot that follows all others is prepared: DONE, LOST or FULL."""
    c = ptr32(k[CELLS])
    waiting = c[cells.PREPARED] - c[cells.OLDEST]
    if waiting < 0:
        waiting += c[cells.ROWS]
    number = int(shots(k)) + waiting + 1
    if waiting >= WAITING_MAX or number > SHOTS_MAX:
        return FULL
    at = marks.ROWS_AT + c[cells.PREPARED] * marks.ROW_SIZE
    row = k[NEXT]
    # The mark is only written beside a whole record: torn beside a torn one it would look like a shot begun and damaged.
    seen = k[ROW]
    k[READ](at, seen, layout.MARK, layout.NUMBER)
    if ptr8(seen)[layout.MARK] != marks.STANDS_READY and int(put(k, at, row, layout.MARK, layout.NUMBER)):
        return LOST
    lay_intent(row, number, pass_index, shot, dose_nl, k[REGISTER])
    if int(put(k, at, row, layout.NUMBER, layout.DEPTH)):
        return LOST
    ptr32(k[DOSES])[number % WAITING_MAX] = dose_nl
    after = c[cells.PREPARED] + 1
    c[cells.PREPARED] = after if after < c[cells.ROWS] else 0
    return DONE


@micropython.viper
def put_end(k, depth_um: int, measured_nl: int, flags: int) -> int:  # type: ignore[no-untyped-def]
    """The oldest shot in flight is closed and counted: DONE or LOST."""
    number = int(shots(k)) + 1
    if int(look(k, number)) != layout.IN_FLIGHT or int(close(k, number, depth_um, measured_nl, flags)):
        return LOST
    c = ptr32(k[CELLS])
    after = c[cells.OLDEST] + 1
    c[cells.OLDEST] = after if after < c[cells.ROWS] else 0
    return DONE


@micropython.viper
def close(k, number: int, depth_um: int, measured_nl: int, flags: int) -> int:  # type: ignore[no-untyped-def]
    """The row looked at, of the oldest shot not done, which is `number`, is closed and counted: DONE or LOST."""
    rows = ptr32(k[CELLS])[cells.ROWS]
    row = k[ROW]
    lay_end(row, depth_um, measured_nl, flags, k[REGISTER])
    if int(put(k, marks.ROWS_AT + number % rows * marks.ROW_SIZE, row, layout.DEPTH, marks.ROW_SIZE)):
        return LOST
    return int(put_count(k, number))


@micropython.viper
def put_count(k, number: int) -> int:  # type: ignore[no-untyped-def]
    """The row looked at, of shot `number`, is counted in the older checkpoint: DONE or LOST."""
    totals = k[TOTALS]
    count(totals, k[ROW], k[REGISTER])
    return int(put(k, CHECKPOINTS_AT + (number & 1) * layout.TOTALS_SIZE, totals, 0, layout.TOTALS_SIZE))


@micropython.viper
def to_come(k, first: int, last: int) -> int:  # type: ignore[no-untyped-def]
    """It is 1 when the row of every shot after `last` is as the shot one round before left it, or, if soon, prepared or torn.

    `first` are done by the newest checkpoint.
    """
    rows = ptr32(k[CELLS])[cells.ROWS]
    number = last + 1
    while number <= first + rows:
        before = number - rows
        if int(look(k, before)) != (layout.EMPTY if before < 1 else layout.CLOSED):
            state = int(judge(k[ROW], number, k[REGISTER]))
            if number > last + WAITING_MAX or (state != layout.TORN and state != layout.AHEAD):
                return 0
        number += 1
    return 1


@micropython.viper
def lay_doses(k, dose_nl: int) -> int:  # type: ignore[no-untyped-def]
    """Another dose for the shots prepared and not begun is laid in the guard's cells: DONE or LOST."""
    where = k[CELLS]
    c = ptr32(where)
    number = int(waiting_from(k))
    i = 0
    while i < c[cells.REWRITES]:
        state = int(look(k, number + i))
        if state != layout.AHEAD and state != layout.IN_FLIGHT:  # the tick may just have begun it
            return LOST
        lay_dose(k[ROW], dose_nl, where, cells.REWRITES_AT + 4 * i, k[REGISTER])
        i += 1
    return DONE


@micropython.viper
def waiting_from(k) -> int:  # type: ignore[no-untyped-def]
    """The first shot not begun has this number; its row, and how many wait, are laid in the guard's cells."""
    c = ptr32(k[CELLS])
    row = c[cells.BEGIN]
    waiting = c[cells.PREPARED] - row
    begun = row - c[cells.OLDEST]
    c[cells.REWRITE_ROW] = row
    c[cells.REWRITES] = waiting if waiting >= 0 else waiting + c[cells.ROWS]
    return int(shots(k)) + 1 + (begun if begun >= 0 else begun + c[cells.ROWS])


@micropython.viper
def keep_doses(k, dose_nl: int):  # type: ignore[no-untyped-def]
    """The doses laid have been written, but those of shots begun meanwhile."""
    c = ptr32(k[CELLS])
    doses = ptr32(k[DOSES])
    begun = c[cells.REWRITE_ROW] - c[cells.OLDEST]
    number = int(shots(k)) + 1 + (begun if begun >= 0 else begun + c[cells.ROWS])
    i = c[cells.REWRITE_FROM]
    while i < c[cells.REWRITES]:
        doses[(number + i) % WAITING_MAX] = dose_nl
        i += 1


@micropython.viper
def waits_with(k, dose_nl: int) -> int:  # type: ignore[no-untyped-def]
    """It is 1 when every shot that is prepared and not begun has this dose."""
    c = ptr32(k[CELLS])
    doses = ptr32(k[DOSES])
    begun = c[cells.BEGIN] - c[cells.OLDEST]
    number = int(shots(k)) + 1 + (begun if begun >= 0 else begun + c[cells.ROWS])
    waiting = c[cells.PREPARED] - c[cells.BEGIN]
    if waiting < 0:
        waiting += c[cells.ROWS]
    i = 0
    while i < waiting:
        if doses[(number + i) % WAITING_MAX] != dose_nl:
            return 0
        i += 1
    return 1


assert WAITING_MAX == cells.REWRITES_MAX
