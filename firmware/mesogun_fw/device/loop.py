"""The loop turns messages into actions, the guard's notes into events and state. It decides nothing about needles; the guard does.

`step` never blocks and says when it wants to run next; main.py runs it in time, the simulator in virtual time.
"""

from mesogun_fw import limits
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.refusal import NotYet
from mesogun_fw.device.requests import answer_to
from mesogun_fw.device.selftest import LATCHING, selftest
from mesogun_fw.device.shots import ended, keep_ahead, leave_uncertain, stop, take_notes
from mesogun_fw.guard import cells, inputs
from mesogun_fw.talk import messages, reasons

IDLE_STEP_MS = 50
TIDY_MS = 1_000  # a session allocates some KB in that time
TIDY_IDLE_MS = 200  # what is loaded and stays comes to lie in the gaps, so the garbage before it is swept soon
SYRINGE_OUT_MS = 100  # nobody changes a syringe faster; a spike on the wire of its switch is shorter
LAST_MS = (1 << 30) - 1  # device time stands still after 12 days; arming ends after limits.UPTIME_MAX_MS


class Device(Gun):
    """One gun has this loop that it lives by. What it asks of a `board` is listed in boards/board.py."""

    def step(self) -> int:
        """One turn is made; the next is due in so many milliseconds."""
        self.now_ms = min(self.board.ms(), LAST_MS)
        c = self.guard.cells
        if c[cells.TICK_MS]:
            self._watch_guard()
            if not self.tested:
                self._test()
        read = c[cells.READ]
        take_notes(self)
        self._look_at_syringe(c[inputs.SYRINGE])
        request = self._request()
        keep_ahead(self)
        c[cells.ROOM] = 1 if self.events.room() else 0
        more = self.wire.flush()
        c[cells.LOOP_MS] = self.now_ms
        if self.leaving and not more:
            self.board.restart()
        if more or self.wire.waiting() or self.later or (c[cells.TICK_MS] and not self.tested):
            return 1
        return 1 if self._tidy(request or read != c[cells.READ] or self.noted()) else IDLE_STEP_MS

    def tick_ms(self) -> int:
        """The guard last ran then."""
        return self.guard.cells[cells.TICK_MS]

    def noted(self) -> bool:
        """It says whether the guard has something to tell: then the next turn should not wait."""
        return self.guard.cells[cells.READ] != self.guard.cells[cells.NOTED]

    def _request(self) -> bool:
        """One request is answered, or is not done yet: then no other is taken before it. It says whether there was one."""
        asked = self.later or (None if self.leaving else self.wire.request())
        if asked is None:
            return False
        try:
            self._answer(answer_to(self, asked))
        except NotYet:
            self.later = asked
        return True

    def _answer(self, said: str) -> None:
        self.later = self.making = self.wanted = None
        self.wire.answer(said)

    def _test(self) -> None:
        """A piece of the self-test is made. Nothing can be moved before its last one."""
        failed = selftest(self.board, self.board.inputs, self.journal)
        self.tested = failed >= 0
        if failed > 0 and failed & LATCHING:
            stop(self, messages.FAULT, reasons.SELF_TEST)

    def _tidy(self, busy: bool) -> bool:
        """Now and then memory is put in order, in a turn without anything to do. It says whether such a turn is wanted at once."""
        idle = self.guard.phase in (cells.OFF, cells.LATCHED)
        if self.now_ms - self.tidied_ms < (TIDY_IDLE_MS if idle else TIDY_MS):
            return False
        if not busy:
            self.tidied_ms = self.now_ms
            self.board.tidy(idle)
        return busy

    def _look_at_syringe(self, seated: int) -> None:
        """What has left it is forgotten when it is out, seen turn after turn."""
        if seated:
            self.out_ms = -1
        elif self.out_ms < 0:
            self.out_ms = self.now_ms
        elif self.now_ms - self.out_ms >= SYRINGE_OUT_MS:
            self.used_nl = 0

    def _watch_guard(self) -> None:
        late_ms = self.now_ms - self.guard.cells[cells.TICK_MS]
        if late_ms > limits.GUARD_DEAD_MS and self.state not in (messages.FAULTED, messages.STOPPED):
            self._guard_is_dead()

    def _guard_is_dead(self) -> None:
        self.guard.give_up(reasons.GUARD_DEAD)
        leave_uncertain(self)
        ended(self, messages.FAULT, reasons.GUARD_DEAD)
