"""The journal's marks, ordered by the tick: a shot is marked as begun before anything moves, and not begun when it was revoked.

Part of the guard: no allocation, no float. Everything else of the journal is the loop's: journal.py.
"""

from mesogun_fw.guard import cells
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

ROWS_AT = const(56)  # where the journal's rows begin, and how long each is; the mark is its first byte
ROW_SIZE = const(35)
STANDS_READY = const(0x5A)
BEGUN = const(0xA5)  # and so is anything else: a torn mark counts as begun


@micropython.viper
def begin(g_: int) -> int:
    """Order the next prepared shot to be marked as begun. 0: nothing is prepared, no shot may start."""
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
    """Order the mark of the shot begun last to be taken back: it is known not to have started."""
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
