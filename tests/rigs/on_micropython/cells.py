"""Ticks of the guard over cells of every kind. A line in is a seed; a line out is one of three ticks on from there.

It has the phase, how it ended, the orders, and a sum of all cells.
"""

import sys

from mesogun_fw.config import Description
from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import lay
from mesogun_fw.shim import addressof
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import Settings, Stroke

NOW_MS = 500_000
SINCE_MS = (0, 0, 1, 1, 2, 10, 40, 210, 300, 600, 70_000)
AWAY_UM = (0, 0, 0, 5, 60, 200, 2_000, 3_990, 4_000, 4_010, 4_300, 9_990, 10_060, 60_000)
MOVED_NM = (0, 0, 0, 625, 5_000, 80_000, 87_500, 88_125, 100_000, 900_000)
SHIFTED = cells.SHIFT
BITS = (
    cells.HELD, cells.FRESH, cells.CONTACT, cells.LIFTED, cells.JUDGED, cells.DOSED, cells.GRANTED, cells.SWITCH_OPEN,
    cells.TAIL, cells.POWER, cells.POWERED, cells.VENT, cells.VENTED, cells.LIMPING, cells.NATURAL, cells.PLACED,
    cells.CLEAR_OPEN, cells.IN_FLIGHT, cells.NEXT_TAIL, cells.ENTERED, cells.RELIEVED, cells.SLOT, cells.AIR,
)  # fmt: skip
TIMES = (
    cells.RELEASED_AT_MS, cells.PRESS_MS, cells.CONTACT_MS, cells.BACK_MS, cells.LAST_MS,
    cells.START_MS,
)  # fmt: skip
FEW = (cells.LISTS, cells.HOLD_LEFT, cells.NEXT, cells.PLACING, cells.PER_PRESS, cells.LEFT, cells.CEILING)
CARRIES = (cells.CARRY, cells.SHOT_CARRY, cells.NEXT_CARRY)
WELL = (
    (inputs.SINCE_US, (1_000, 1_000, 990, 1_040, 400, 2_000, 0, 1_000_000)),
    (inputs.PAST_US, (500, 0, 10, 990)),
    (inputs.LATE_US, (0, 0, 0, 5, 9_000)),
    (inputs.SYRINGE, (1,) * 9 + (0,)),
    (inputs.SUPPLY_MV, (24_000,) * 9 + (3_000,)),
    (inputs.TEMPERATURE_C, (30,) * 9 + (90,)),
    (inputs.PRESSURE_KPA, (400,) * 9 + (0,)),
    (inputs.STOP_UM, (0,) * 9 + (4_000,)),
    (inputs.ESTOP_OPEN, (0,) * 15 + (1,)),
    (inputs.HOME, (1, 1, 0)),
    (inputs.CLEAR, (0, 0, 1)),
    (inputs.CONTACT_A, (1,) * 9 + (0,) * 3),
    (inputs.CONTACT_B, (1,) * 9 + (0,) * 3),
    (inputs.TRIGGER_A, (1,) * 9 + (0,) * 3),
    (inputs.TRIGGER_B, (1,) * 9 + (0,) * 3),
    (inputs.PLAYING, (1, 1, 1, 1, 1, 0, 0, 2)),
    (inputs.LISTS_PLAYED, (1, 1, 1, 2)),
    (inputs.ELAPSED_US, (0, 299_000, 78_000, 5_000, 12_000, 20_000, 34_000, 60_000, 900, 300_000, 6_000_000)),
)


class Draw:
    """The same figures on every Python; of some seeds all is more or less well."""

    def __init__(self, seed):
        self.state = seed
        self.calm = seed % 3 > 0

    def likely(self, values):
        """The first are the good ones."""
        return self.one(values[: 1 + len(values) // 2] if self.calm else values)

    def one(self, values):
        self.state = (self.state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return values[(self.state >> 8) % len(values)]

    def fill(self, c):
        one, likely = self.one, self.likely
        for at in BITS:
            c[at] = one((0, 1))
        for at in TIMES:
            c[at] = NOW_MS - one(SINCE_MS)
        for at in FEW:
            c[at] = one((0, 1, 1, 2))
        c[cells.GRANTED_SLOT] = c[cells.NEXT] - 1 if c[cells.NEXT] else c[cells.SLOT]
        for at in CARRIES:
            c[at] = one((0, 1, 1 << 19, (1 << 20) - 1))
        for at in (cells.NEEDLE, cells.BEFORE, cells.DEEPEST):
            c[at] = SHIFTED + likely(AWAY_UM)
        for at in (cells.PLUNGER, cells.PLUNGER_END):
            c[at] = SHIFTED + likely(MOVED_NM)
        c[cells.PHASE] = one((0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5))
        c[cells.MOVE] = one((0, 0, 0, 1, 2, 3))
        c[cells.HOW] = one((0, 1, 2, 3))
        c[cells.KIND] = one((0, 1, 2, 3, 4))
        c[cells.REASON] = one((0, 1, 11, 24, 27, 27, 35))
        c[cells.BEFORE_US] = one((1_000, 1_000, 960, 0))
        c[cells.ORDER] = one((0, 0, 0, 5))
        c[cells.DIFFER_MS] = one((0, 0, 0, NOW_MS - 900))
        c[cells.LOOP_MS] = NOW_MS - likely((0,) * 9 + (2_000,))
        c[cells.BEAT_MS] = NOW_MS - likely((0,) * 9 + (2_000,))
        c[cells.HOLD_UNTIL_MS] = NOW_MS + one((1, 1, 1_000, 10_000, -5))
        c[cells.PRESSED_NM] = one((0, 0, SHIFTED + 5_000))
        c[cells.EXPECTED] = cells.EXPECTED_AT + cells.EXPECTED_SIZE * c[cells.SLOT]
        c[cells.START_US] = one((0, 999, 400_000))
        c[cells.ROOM] = c[cells.WRITABLE] = one((1, 1, 1, 1, 0))
        c[cells.NOTED] = one((30, 31, 40))
        c[cells.READ] = c[cells.NOTED] - one((0, 3, 24))
        c[cells.BUDGET_NL] = one((0, 20_000, 10_000_000))
        c[cells.ROWS] = 200
        c[cells.BEGIN] = one((0, 7, 199))
        c[cells.OLDEST] = one((0, 7, 199))
        c[cells.PREPARED] = one((7, 9, 9))
        self.inputs(c)
        if self.calm and one((0, 1)):
            self.at_rest(c)

    def at_rest(self, c):
        """The needle is home, the hand where it should be, and the last dose was right."""
        c[inputs.NEEDLE_UM] = c[inputs.PLUNGER_NM] = c[inputs.LATE_US] = c[inputs.ESTOP_OPEN] = c[cells.MOVE] = 0
        c[inputs.HOME] = c[inputs.PLAYING] = c[inputs.CONTACT_A] = c[inputs.CONTACT_B] = c[inputs.SYRINGE] = 1
        c[inputs.TRIGGER_A] = c[inputs.TRIGGER_B] = c[inputs.LISTS_PLAYED] = c[cells.LISTS] = 1
        c[inputs.ELAPSED_US] = 299_000
        c[cells.NEEDLE] = c[cells.BEFORE] = c[cells.PLUNGER] = c[cells.PLUNGER_END] = SHIFTED
        c[cells.HELD] = c[cells.FRESH] = c[cells.CONTACT] = c[cells.DOSED] = 1
        c[cells.PRESS_MS] = c[cells.CONTACT_MS] = NOW_MS - 300
        c[cells.LAST_MS] = NOW_MS - 600
        c[cells.GRANTED] = self.one((0, 0, 1))

    def inputs(self, c):
        for at, values in WELL:
            c[at] = self.likely(values)
        c[inputs.CONTACT_B] = self.one((c[inputs.CONTACT_A], c[inputs.CONTACT_A], c[inputs.CONTACT_B]))
        c[inputs.TRIGGER_B] = self.one((c[inputs.TRIGGER_A], c[inputs.TRIGGER_A], c[inputs.TRIGGER_B]))
        c[inputs.NEEDLE_UM] = self.likely(AWAY_UM) - self.likely((0, 0, 0, 300))
        c[inputs.PLUNGER_NM] = self.likely(MOVED_NM) - self.likely((0, 0, 0, 20_000))


def laid(c):
    for slot in (0, 1):
        stroke = Stroke()
        compile(stroke, Settings(4_000 - 1_000 * slot, 300_000, 10_000, 500_000, 20_000, 300_000, 12_060), Description())
        lay(c, slot, stroke, Description(), 40_000)
        c[cells.SLOT_DOSE_NL + slot] = c[cells.DOSE_NL] = 10_000


def main():
    from mesogun_fw.boards.unhurried import tick_of

    c = cells.fresh()
    laid(c)
    kept = list(c)
    for line in sys.stdin:
        draw = Draw(int(line))
        for i in range(len(c)):
            c[i] = kept[i]
        draw.fill(c)
        for ms in (0, 1, 2):
            if ms:
                draw.inputs(c)
            tick_of(addressof(c), NOW_MS + ms)
            whole = 0
            for i in range(len(c)):
                whole = (whole * 31 + c[i]) & 0xFFFFFFF
            print(c[cells.PHASE], c[cells.KIND], c[cells.REASON], c[cells.ORDER], c[cells.MARK_AT], whole)


main()
