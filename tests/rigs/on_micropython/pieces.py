"""Pieces of the firmware on MicroPython, run so many times on request: a line `piece times` in, a line out when it is done."""

import sys
from array import array

from mesogun_fw.boards.player import Player
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.config import Description
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard import cells, inputs
from mesogun_fw.memory.promises import Fram
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import frames, lines, table
from mesogun_fw.talk.messages import CONTINUOUS

HARDWARE = Description()
SHOT = Settings(4_000, 300_000, 10_000, 100_000, 20_000, 300_000, 12_060)
LONGEST = Settings(10_000, 300_000, 200_000, 1_000_000, 5_000, 5_000_000, 4_780)
ON_THE_WAY_US, ON_THE_WAY_UM = 5_000, 375
LINE = frames.encode(5, "pass", [0, 3, 1000, 1, 4000, 300000, 10000, 100000, 0, 300000])
VALUES = array("i", bytes(4 * table.VALUES_MAX))


class Still(Player):
    def start(self, slot: int, variant: int) -> None:
        pass

    def halt(self) -> int:
        return 0

    def go_away(self, slot: int, entries: int) -> None:
        pass


class Blank(Fram):
    def mark(self, at: int, value: int) -> None:
        pass


class Bench(Unhurried):
    """A gun whose needle is on its way out, and stays there."""

    description = HARDWARE

    def __init__(self) -> None:
        x = self.x = self.inputs = cells.fresh()
        self.player, self.fram = Still(), Blank()
        x[inputs.SYRINGE], x[inputs.SUPPLY_MV], x[inputs.TEMPERATURE_C] = 1, 24_000, 30
        self.guard = Guard(self)
        x[cells.ROWS], x[cells.PREPARED], x[cells.WRITABLE] = 100, 1, 1  # of the journal: one shot stands ready
        self.stroke = Stroke()
        compile(self.stroke, SHOT, HARDWARE)
        self.guard.lay(self.stroke, 0, 40_000)
        self.guard.use(self.stroke, 0, CONTINUOUS, 1, 1_000)
        x[cells.BUDGET_NL] = 10_000_000
        self.now_ms = 1_000
        self.guard.arm(self.now_ms)
        x[inputs.HOME] = 1
        self.ticks(300)
        x[inputs.CONTACT_A] = x[inputs.CONTACT_B] = 1
        self.ticks(300)
        x[inputs.TRIGGER_A] = x[inputs.TRIGGER_B] = 1
        while self.guard.phase != cells.RUN:
            self.ticks(1)
        x[inputs.PLAYING] = x[inputs.LISTS_PLAYED] = 1
        x[inputs.HOME], x[inputs.ELAPSED_US], x[inputs.NEEDLE_UM] = 0, ON_THE_WAY_US, ON_THE_WAY_UM

    def enable(self, on: bool) -> None:
        pass

    def vent(self, open_: bool) -> None:
        pass

    def ticks(self, times: int) -> None:
        guard = self.guard
        for _ in range(times):
            self.now_ms += 1
            self.x[cells.LOOP_MS] = self.x[cells.BEAT_MS] = self.now_ms
            self.x[cells.HOLD_UNTIL_MS] = self.now_ms + 1_000
            guard.tick(self.now_ms)

    def run_tick(self, times: int) -> None:
        self.ticks(times)
        assert self.guard.phase == cells.RUN
        self.x[cells.READ] = self.x[cells.NOTED]

    def run_line(self, times: int) -> None:
        for _ in range(times):
            lines.take(LINE, len(LINE), VALUES, lines.TABLES)

    def run_compile(self, times: int) -> None:
        for _ in range(times):
            compile(self.stroke, LONGEST, HARDWARE)

    def run_audit(self, times: int) -> None:
        compile(self.stroke, LONGEST, HARDWARE)
        for _ in range(times):
            Audit(self.stroke, LONGEST, HARDWARE)


bench = Bench()
while True:
    asked = sys.stdin.readline().split()
    if not asked:
        break
    getattr(bench, "run_" + asked[0])(int(asked[1]))
    print("done")
