"""The tick orders the journal's marks: a shot is marked as begun before anything moves, and as not begun when it was revoked.

This is part of the guard: it has no allocation and no float. Everything else of the journal is the loop's: memory/journal.py.
"""

from mesogun_fw.guard import cells
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

ROWS_AT = const(56)  # the journal's rows begin here; each is as long as the next says, and the mark is its first byte
ROW_SIZE = const(35)
STANDS_READY = const(0x5A)
BEGUN = const(0xA5)  # so is anything else: a torn mark counts as begun


@micropython.viper
def begin(g_: int) -> int:
    """The next prepared shot is ordered to be marked as begun. 0 means that nothing is prepared, or that the journal is not good.

    No shot may start then.
    """
    g = ptr32(g_)
    row = g[cells.BEGIN]
    if row == g[cells.PREPARED] or not g[cells.WRITABLE]:
        return 0
    g[cells.MARK_AT] = ROWS_AT + row * ROW_SIZE
    g[cells.MARK] = BEGUN
    row += 1
    g[cells.BEGIN] = row if row < g[cells.ROWS] else 0
    return 1


@micropython.viper
def void(g_: int):  # type: ignore[no-untyped-def]
    """The mark of the shot begun last is ordered to be taken back: that shot is known not to have started."""
    g = ptr32(g_)
    row = g[cells.BEGIN]
    if row == g[cells.OLDEST]:
        return  # none is begun and not done
    if not row:
        row = g[cells.ROWS]
    row -= 1
    g[cells.MARK_AT] = ROWS_AT + row * ROW_SIZE
    g[cells.MARK] = STANDS_READY
    g[cells.BEGIN] = row
