"""From shot to shot, the fraction of a plunger step that a dose leaves over picks the next one's tail.

This is part of the guard: it has no allocation and no float.
"""

from mesogun_fw.guard import cells, expected, inputs
from mesogun_fw.shim import micropython, ptr32

const = micropython.const


@micropython.viper
def first(g_: int) -> int:
    """The answer is the tail for the first shot of a press."""
    g = ptr32(g_)
    carry = g[cells.CARRY] + g[g[cells.EXPECTED] + expected.PART]
    g[cells.SHOT_CARRY] = carry & (cells.ONE_STEP - 1)
    g[cells.TAIL] = carry >> 20
    return carry >> 20


@micropython.viper
def following(g_: int, slot: int) -> int:
    """The answer is the tail for a shot of `slot` after the one in flight."""
    g = ptr32(g_)
    carry = g[cells.SHOT_CARRY] + g[cells.EXPECTED_AT + cells.EXPECTED_SIZE * slot + expected.PART]
    g[cells.NEXT_CARRY] = carry & (cells.ONE_STEP - 1)
    g[cells.NEXT_TAIL] = carry >> 20
    return carry >> 20


@micropython.viper
def follow_on(g_: int):  # type: ignore[no-untyped-def]
    """One shot follows another without a gap: its start is by the period, its plunger by where the dose before ended."""
    g = ptr32(g_)
    k = g[cells.EXPECTED]
    period_us = g[k + expected.LEAVE_US]
    if g[cells.ENTERED]:
        period_us -= g[k + expected.ENTRY_US]
    us = g[cells.START_US] + period_us
    ms = us // 1000
    g[cells.START_MS] = g[cells.START_MS] + ms
    g[cells.START_US] = us - 1000 * ms
    g[cells.TAIL] = g[cells.NEXT_TAIL]
    g[cells.SHOT_CARRY] = g[cells.NEXT_CARRY]
    # What moved since then belongs to no dose.
    g[cells.PLUNGER] = g[cells.PLUNGER_END] if g[cells.DOSED] else (g[inputs.PLUNGER_NM] + cells.SHIFT) & cells.POSITIVE
    g[cells.DEEPEST] = g[cells.NEEDLE]
    g[cells.IN_FLIGHT] = 1
    g[cells.ENTERED] = 1
    g[cells.DOSED] = 0
    g[cells.JUDGED] = 0
    g[cells.SWITCH_OPEN] = 0
