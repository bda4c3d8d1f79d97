"""The loop asks this of the guard: each is one fast function that runs with the tick kept away, and takes microseconds.

The loop lays beforehand what it can; what stands here is that part of it at which the tick must not look half done. Beside these
it asks for `stop` of endings.py. The board does what they order right after.
"""

from mesogun_fw.guard import cells, inputs
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import messages

const = micropython.const

CHANGED = const(0)
BUSY = const(1)  # a shot of the setting that waits has been granted already
STALE = const(2)  # it is not as the loop has seen it: it looks again


@micropython.viper
def arm(g_: int, now_ms: int, _: int):  # type: ignore[no-untyped-def]
    """From now on a fresh press with skin contact (a move that is no shot: in the air) starts. What is latched stays latched."""
    g = ptr32(g_)
    if g[cells.PHASE] != cells.OFF:
        return
    g[cells.FRESH] = 0
    g[cells.PLUNGER] = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    g[cells.DOSED] = 0
    g[cells.JUDGED] = 0
    g[cells.SWITCH_OPEN] = 0
    g[cells.PLACED] = 0 if g[cells.MOVE] == cells.HOME_CHECK else 1
    g[cells.RELEASED_AT_MS] = now_ms
    g[cells.LAST_MS] = now_ms
    g[cells.LOOP_MS] = now_ms
    g[cells.BEAT_MS] = now_ms
    g[cells.KIND] = messages.DONE
    g[cells.REASON] = 0
    g[cells.LIMPING] = 0
    g[cells.PHASE] = cells.WAIT


@micropython.viper
def change(g_: int, next_: int, waiting: int) -> int:
    """The setting that waits is that of slot `next_` - 1 from now on, or none (0); it was `waiting` until now.

    The rows of shots not begun get the dose laid for them. The answer is CHANGED; else nothing is done.
    """
    g = ptr32(g_)
    if g[cells.GRANTED] and g[cells.GRANTED_SLOT] != g[cells.SLOT]:
        return BUSY
    begun = g[cells.BEGIN] - g[cells.REWRITE_ROW]
    if begun < 0:
        begun += g[cells.ROWS]
    if g[cells.NEXT] != waiting or begun > g[cells.REWRITES]:
        return STALE  # it was taken in meanwhile; or a shot was revoked, whose row waits again and has no dose laid
    g[cells.REWRITE_FROM] = begun
    g[cells.REWRITE_UNTIL] = g[cells.REWRITES]
    g[cells.NEXT] = next_
    return CHANGED


@micropython.viper
def give_up(g_: int, reason: int, _: int):  # type: ignore[no-untyped-def]
    """There is no pulse, no power, no air, and nothing starts again. What was in flight is left to the loop."""
    g = ptr32(g_)
    if g[cells.PHASE] != cells.LATCHED:
        g[cells.KIND] = messages.FAULT
        g[cells.REASON] = reason
        g[cells.CLEAR_OPEN] = 0
    g[cells.PHASE] = cells.LATCHED
    g[cells.ORDER] = cells.HALT
    g[cells.POWER] = 0
    g[cells.VENT] = 1
