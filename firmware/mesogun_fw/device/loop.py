"""The loop: message → action, guard's notes → events and state. Decides nothing about needles; that is the guard.

`step` never blocks and says when it wants to run next; the board runs it, in time or in virtual time.
"""

from mesogun_fw import limits
from mesogun_fw.device.program import Refusal
from mesogun_fw.device.requests import Requests
from mesogun_fw.device.selftest import LATCHING, selftest
from mesogun_fw.guard import cells
from mesogun_fw.guard.carry import follow_on
from mesogun_fw.shim import addressof
from mesogun_fw.talk import codes, messages, reasons

IDLE_STEP_MS = 50
LAST_MS = (1 << 30) - 1  # device time stands still after 12 days; arming ends after limits.UPTIME_MAX_MS


class Device(Requests):
    """One gun. What it asks of a `board` is listed in board.py."""

    def step(self) -> int:
        """One turn; milliseconds until the next is due."""
        self._now = min(self.board.ms(), LAST_MS)
        c = self.guard.cells
        if c[cells.TICK_MS]:
            self._watch_guard()
            if not self._tested:
                self._test()
        self._take_notes()
        request = () if self.leaving else self.wire.request()
        if request:
            self._handle(request[1], request[2])
        self._keep_ahead()
        c[cells.ROOM] = 1 if self.events.room() else 0
        more = self.wire.flush()
        c[cells.LOOP_MS] = self._now
        if self.leaving and not more:
            self.board.restart()
        return 1 if more or self.wire.waiting() else IDLE_STEP_MS

    def tick_ms(self) -> int:
        """When the guard last ran."""
        return self.guard.cells[cells.TICK_MS]

    def noted(self) -> bool:
        """Whether the guard has something to tell: the next turn should not wait."""
        return self.guard.cells[cells.READ] != self.guard.cells[cells.NOTED]

    def _test(self) -> None:
        self._tested = True
        if selftest(self.board, self.board.inputs, self.journal) & LATCHING:
            self._stop(messages.FAULT, reasons.SELF_TEST)

    def _watch_guard(self) -> None:
        if self._now - self.guard.cells[cells.TICK_MS] > limits.GUARD_DEAD_MS and self.state not in (
            messages.FAULTED,
            messages.STOPPED,
        ):
            self._alone(self._guard_is_dead)

    def _guard_is_dead(self) -> None:
        self.guard.give_up(reasons.GUARD_DEAD)
        self._leave_uncertain()
        self._ended(messages.FAULT, reasons.GUARD_DEAD)

    def _leave_uncertain(self) -> None:
        """Nobody judged the shot in flight, nor the one granted after it: counted as given."""
        c = self.guard.cells
        if c[cells.OPEN] and not c[cells.MOVE]:
            deepest_um = c[cells.DEEPEST] - c[cells.ZERO]
            self._shot(c[cells.START_MS], c[cells.START_US], deepest_um, self.guard.travel_nm, codes.UNCERTAIN)
            if c[cells.GRANTED]:
                c[cells.GRANTED] = 0
                follow_on(addressof(c))
                self._shot(c[cells.START_MS], c[cells.START_US], 0, 0, codes.UNCERTAIN)
        c[cells.OPEN] = 0

    # ---- requests ----

    def _handle(self, name: str, values: list) -> None:  # type: ignore[type-arg]
        try:
            reply, row = getattr(self, "_" + name)(values)
        except Refusal as refusal:
            reply, row = "refused", refusal.row
        self.wire.answer(reply, row)
