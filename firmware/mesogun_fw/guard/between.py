"""Between two presses the needle is home and the plunger still, until a press is meant.

This is part of the guard: it has no allocation and no float. `look_between` is run at every tick of phase WAIT. It answers with a
code of reasons.py, or PRESSED; 0 is nothing.
"""

from mesogun_fw.guard import cells, inputs
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.talk import reasons

const = micropython.const

PRESSED = const(102)


@micropython.viper
def look_between(g_: int) -> int:
    """Between two presses every tick sees that needle is home and plunger still. The answer is PRESSED when a press is meant."""
    g = ptr32(g_)
    now_ms = g[cells.TICK_MS]
    if now_ms - g[cells.LAST_MS] > g[cells.IDLE_MS]:
        return reasons.IDLE_TOO_LONG
    needle = g[cells.NEEDLE] - g[cells.ZERO]
    if not g[inputs.HOME] or needle > g[cells.HOME_UM] or needle + g[cells.HOME_UM] < 0:
        # Nobody pressed: the needle was moved from outside, or the switch is broken.
        return reasons.HOME_SWITCH if g[cells.MOVE] == cells.HOME_CHECK else reasons.NOT_HOME
    plunger = (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    still = plunger - (g[cells.PLUNGER_END] if g[cells.DOSED] else g[cells.PLUNGER])
    if still > g[cells.STILL_NM] or still + g[cells.STILL_NM] < 0:
        return reasons.FREE_FLOW
    if g[cells.HELD] and g[cells.FRESH] and now_ms - g[cells.PRESS_MS] >= g[cells.DEBOUNCE_MS]:
        return PRESSED
    return 0


@micropython.viper
def is_home(g_: int) -> int:
    g = ptr32(g_)
    needle = g[cells.NEEDLE] - g[cells.ZERO]
    return 1 if g[inputs.HOME] and needle <= g[cells.HOME_UM] and needle + g[cells.HOME_UM] >= 0 else 0
