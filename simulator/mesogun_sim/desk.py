"""The gun on the desk that is not there has firmware, board, body, hand and faults on one virtual clock.

Time moves only here, in whole milliseconds of the guard, and jumps over those in which nothing can happen.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import BY_NAME, GUN
from mesogun_sim.board import SimBoard
from mesogun_sim.costs import BOOT_MS
from mesogun_sim.engines import Engine
from mesogun_sim.engines.inprocess import InProcess
from mesogun_sim.faults import Fault
from mesogun_sim.memory import Flash, Fram
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.practitioner import Practitioner
from mesogun_sim.ticks import TOOK_US, Ticks
from mesogun_sim.trace import DRIVES, Trace

ENGINES = ("cpython", "micropython")


def described_with(drive: str) -> Description:
    """It is the reference gun with this drive. It raises ValueError when there is none of that name."""
    if drive not in DRIVES:
        raise ValueError(f"drive {drive!r}: there are {', '.join(DRIVES)}")
    figures = list(REFERENCE)
    figures[[field[0] for field in GUN].index("drive")] = DRIVES.index(drive)
    return Description(tuple(figures))


class Desk:
    """This is one simulated gun. `advance` runs it; `send` and `receive` are its end of the cable.

    seed: everything that varies, varies by it; phase_us: the tick's against the clock, else it varies too. hand: False leaves
    trigger and contact to the caller. skip: False runs every tick. SimBoard says what description, fram, flash and setup are.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        engine: str = "cpython",
        hand: bool = True,
        faults: Sequence[Fault] = (),
        trace: Path | None = None,
        skip: bool = True,
        description: Description | None = None,
        row_shots: int | None = None,
        fram: Fram | None = None,
        flash: Flash | None = None,
        phase_us: int | None = None,
        setup: SetUp | None = None,
    ) -> None:
        if engine not in ENGINES:
            raise ValueError(f"engine {engine!r}: there are {', '.join(ENGINES)}")
        self.now_ms = 0  # the timer has ticked so often; the hand moves, and things break, on the millisecond before a tick
        self._ticks = Ticks(seed, phase_us)
        self._us = self._looked_us = self._ticks.us_of(0)
        self._busy_us = self._masked_us = 0  # the loop is done with its turn then; so long no tick could come
        self._up_ms = 0  # the gun has started then
        self._half = b""  # of a line, as the host sends it
        self.trace = Trace(seed, trace)
        self.board = SimBoard(seed, self.now_us, self.trace, description, fram, flash, setup)
        self.board.on_busy = self._stall
        self.engine = self._start(engine)
        self.hand = Practitioner(seed, self.board, *([row_shots] if row_shots else [])) if hand else None
        self._changes: list[tuple[int, Callable[[], None]]] = []
        self._skip = skip and not faults  # what breaks may move by itself
        self.guard_runs = self.loop_runs = self.code_runs = self.link_up = True
        for fault in faults:
            self.schedule(fault)
        self.watch: Callable[[], None] | None = None

    def send(self, data: bytes) -> None:
        """The host sends bytes. The device sees them a millisecond later."""
        if self.link_up:
            self.board.to_device += data
            self._fit(data)
            self.trace.heard(self.now_ms, data)

    def _fit(self, data: bytes) -> None:
        """Whoever fills the syringe takes the one that the program is for."""
        self._half += data
        if b"\n" not in data:
            return
        *lines, self._half = self._half.split(b"\n")
        for line in lines:
            if b" begin " in line or b" prime " in line:
                with contextlib.suppress(frames.BadFrame):
                    _, name, values = frames.decode(line + b"\n")
                    bore = [field[0] for field in BY_NAME[name][2]].index("syringe_bore_um")
                    self.board.fluid.fit_syringe(values[bore])

    def receive(self) -> bytes:
        """The device has said all this, and nobody has read it."""
        return self.take(len(self.board.to_host))

    def take(self, size: int) -> bytes:
        data = bytes(self.board.to_host[:size])
        del self.board.to_host[:size]
        if not self.link_up:
            return b""
        self.trace.said(self.now_ms, data)
        return data

    def at(self, ms: int, change: Callable[[], None]) -> None:
        """`change` happens at `ms` of device time, before the guard's tick of that millisecond."""
        self._changes.append((ms, change))
        self._changes.sort(key=lambda row: row[0])

    def advance(self, until_ms: int, *, to_byte: bool = False) -> None:
        """It runs until `until_ms`, or, with `to_byte`, until the device has said something."""
        while self.now_ms < until_ms:
            now_ms = self.now_ms
            self.now_ms = self._next(until_ms)
            if self.now_ms > now_ms + 1:
                self._looked_us = self._ticks.us_of(self.now_ms - 1)  # those ticks came, and nothing came of them
            self._turn()
            if to_byte and self.board.to_host:
                return

    def save(self) -> None:
        """The trace is written, as far as it goes."""
        self.trace.save(self.board)

    def close(self) -> None:
        self.engine.close()
        self.save()

    def _start(self, engine: str) -> Engine:
        if engine == "cpython":
            return InProcess(self.board)
        from mesogun_sim.engines.micropython import MicroPython

        return MicroPython(self.board)

    def now_us(self) -> int:
        """The last tick came then."""
        return self._us

    def _next(self, until_ms: int) -> int:
        now = self.now_ms
        if self._masked_us or not self._skip or not self.code_runs:
            return now + 1
        due = now + 1 + self.engine.quiet_ms
        loop_ms = now + 1 if self.board.to_device else self.engine.wake_ms - 1  # the clock may say so a tick before
        free_ms = self._ticks.before(self._busy_us)
        loop_ms = loop_ms if loop_ms > free_ms else free_ms
        due = due if due < loop_ms else loop_ms
        # The tick before a change is run too: it is the one the guard compares with.
        hand_ms = self.hand.due_ms if self.hand else None
        if hand_ms is not None and hand_ms - 1 < due:
            due = hand_ms - 1 if hand_ms - 1 > now else hand_ms
        if self._changes and self._changes[0][0] - 1 < due:
            change_ms = self._changes[0][0]
            due = change_ms - 1 if change_ms - 1 > now else change_ms
        due = due if due < until_ms else until_ms
        return due if due > now else now + 1

    def _stall(self, us: int) -> None:
        """The board is busy with its flash: no code runs, neither guard nor loop, while time goes on."""
        self.now_ms += -(-us // 1000)
        self._us += us
        self.board.blind_us += us

    def _turn(self) -> None:
        now = self.now_ms
        due_us = self._ticks.us_of(now) + self._masked_us
        self._us = due_us if due_us > self._looked_us + TOOK_US else self._looked_us + TOOK_US
        self._masked_us = 0
        while self._changes and self._changes[0][0] <= now:
            self._changes.pop(0)[1]()
        if self.hand:
            self.hand.move(now)
        board = self.board
        board.tick_late_us = self._us - self._ticks.due_us(now)
        board.since_us = self._us - self._looked_us
        board.sense()
        if now < self._up_ms:
            self._looked_us = self._us
        elif self.code_runs:
            board.blind_us = 0
            self._looked_us = self._us
            self._run()
        else:
            board.blind_us += 1_000
        if self.hand:
            self.hand.look(now)
        if self.watch:
            self.watch()

    def _run(self) -> None:
        """The guard ticks, and the loop makes a turn when it is done with the one before."""
        engine, starts = self.engine, self.board.restarts
        engine.turn(self.board.ms(), self.guard_runs, self.loop_runs and self._us >= self._busy_us)
        if engine.cost_us:
            self._busy_us = self._us + engine.cost_us
            self._masked_us = engine.masked_us
        if self.board.restarts != starts:
            self._up_ms = self.now_ms + BOOT_MS

    def schedule(self, fault: Fault) -> None:
        """It breaks, and ends where it can, at its time."""
        parts = {
            "desk": self,
            "board": self.board,
            "needle": self.board.needle,
            "plunger": self.board.plunger,
            "axis": self.board.axis,
            "fluid": self.board.fluid,
        }
        part, field, mended = parts[fault.breakage.part], fault.breakage.field, fault.breakage.mended
        self.at(fault.at_ms, lambda: setattr(part, field, fault.broken))
        if fault.until_ms is not None and mended is not None:
            self.at(fault.until_ms, lambda: setattr(part, field, mended))
