"""The loop: message → action, guard's notes → events and state. Decides nothing about needles; that is the guard.

`step` never blocks and says when it wants to run next; the board runs it, in time or in virtual time.
"""

from mesogun_fw import faults, limits, state
from mesogun_fw.flight import OPEN, START_MS, START_US
from mesogun_fw.guard import HOME_CHECK, LATCHED, PRIME, Guard
from mesogun_fw.inputs import PLUNGER_NM
from mesogun_fw.journal import HistoryUnknown, Journal
from mesogun_fw.ledger import (
    NOTE_CLEARED,
    NOTE_ENDED,
    NOTE_HOMED,
    NOTE_SHOT,
    NOTE_SIZE,
    NOTE_STARTED,
    NOTE_STOPPING,
    NOTE_SWAPPED,
    NOTED,
    NOTES,
    TICK_MS,
)  # fmt: skip
from mesogun_fw.messages import ARMED, DONE, ESTOP, FAULT, FAULTED, HOLD, HOMING, PARTIAL, RUNNING, STOPPED, UNCERTAIN, UNHOMED
from mesogun_fw.program import Program, Refusal
from mesogun_fw.requests import Requests
from mesogun_fw.selftest import selftest
from mesogun_fw.stroke import Stroke
from mesogun_fw.vitals import LOOP_MS
from mesogun_fw.wire import Events, Wire

IDLE_STEP_MS = 50
PREPARED = 2  # shots that stand ready in the journal: the one that may start and the one that may be granted after it
LAST_MS = (1 << 30) - 1  # device time stands still after 12 days; arming ends after limits.UPTIME_MAX_MS

SHOT, ENDED, CHANGED = range(3)  # rows of wire.KINDS


class Device(Requests):
    """One gun. What it asks of a `board` is listed in boards/__init__.py."""

    def __init__(self, board: "object") -> None:
        self.board = board
        self.hardware = board.hardware  # type: ignore[attr-defined]
        self.journal = Journal(board.fram)  # type: ignore[attr-defined]
        self.journal.open(board.serial)  # type: ignore[attr-defined]
        self.guard = Guard(board.inputs, board.player, board, self.journal)  # type: ignore[attr-defined]
        self.program = Program(self.hardware)
        self.strokes = (Stroke(), Stroke())
        for stroke in self.strokes:
            stroke.first = board.align(stroke.words)  # type: ignore[attr-defined]
        self.events = Events()
        self.wire = Wire(board, self.events)
        self.state = UNHOMED
        self.fault = 0
        self.armed = -1  # index of the armed pass
        self.move = 0  # the move that is no shot, in state HOMING
        self.waste_nl = 0
        self.restart_due = False  # another hardware description is stored than the one in use
        self._setting = self._next_setting = None  # what the armed pass is shot with, and what it will be after a swap
        self._plunger_nm = 0
        self._tested = False
        self._attempts = [0] * limits.PASSES_MAX
        self._now = 0
        board.enable(False)  # type: ignore[attr-defined]
        board.show(UNHOMED)  # type: ignore[attr-defined]

    def step(self) -> int:
        """One turn; milliseconds until the next is due."""
        self._now = min(self.board.ms(), LAST_MS)  # type: ignore[attr-defined]
        guard = self.guard
        if guard.counts[TICK_MS]:
            self._watch_guard()
            if not self._tested:
                self._test()
        self._take_notes()
        request = self.wire.request()
        if request:
            self._handle(request[1], request[2])
        self._keep_ahead()
        guard.room = self.events.room()
        more = self.wire.flush()
        guard.vitals[LOOP_MS] = self._now
        return 1 if more or self.wire.waiting() else IDLE_STEP_MS

    def _keep_ahead(self) -> None:
        """The next shots stand in the journal, prepared, before the guard may begin them."""
        if self.state not in (ARMED, RUNNING):
            return
        journal = self.journal
        try:
            while journal.ahead() < PREPARED:
                shot = self._attempts[self.armed] + journal.in_flight() + journal.ahead() + 1
                journal.prepare(self.program.digest, self.armed, shot, self._next_setting.dose_nl)  # type: ignore[attr-defined]
        except HistoryUnknown:
            self._stop(FAULT, faults.JOURNAL_FAILED)

    def _test(self) -> None:
        self._tested = True
        if selftest(self.board, self.board.inputs):  # type: ignore[attr-defined]
            self._stop(FAULT, faults.SELF_TEST)

    def _watch_guard(self) -> None:
        guard = self.guard
        if self._now - guard.counts[TICK_MS] > limits.GUARD_DEAD_MS and self.state not in (FAULTED, STOPPED):
            self._alone(self._guard_is_dead)

    def _guard_is_dead(self) -> None:
        guard = self.guard
        self.board.player.halt()  # type: ignore[attr-defined]
        self.board.enable(False)  # type: ignore[attr-defined]
        guard.phase = LATCHED
        guard.kind = FAULT
        guard.reason = faults.GUARD_DEAD
        guard.homed = False
        self._leave_uncertain()
        self._ended(FAULT, faults.GUARD_DEAD)

    def _leave_uncertain(self) -> None:
        """Nobody judged the shot in flight, nor the one granted after it: counted as given."""
        flight = self.guard.flight
        cells = flight.cells
        if cells[OPEN] and not self.guard.move:
            self._shot(cells[START_MS], cells[START_US], flight.deepest_um, flight.travel_nm(), UNCERTAIN)
            if self.guard.granted:
                self.guard.granted = False
                flight.follow_on()
                self._shot(cells[START_MS], cells[START_US], 0, 0, UNCERTAIN)
        cells[OPEN] = 0

    # ---- requests ----

    def _handle(self, name: str, values: list) -> None:  # type: ignore[type-arg]
        try:
            reply, row = getattr(self, "_" + name)(values)
        except Refusal as refusal:
            reply, row = "refused", refusal.row
        self.wire.answer(reply, row)

    def _alone(self, act, *values) -> None:  # type: ignore[no-untyped-def]
        """Do something to the guard while its tick is kept away."""
        self.board.alone(True)  # type: ignore[attr-defined]
        try:
            act(*values)
        finally:
            self.board.alone(False)  # type: ignore[attr-defined]

    def _stop(self, kind: int, reason: int) -> None:
        self._alone(self.guard.stop, kind, reason)
        self._take_notes()

    # ---- state ----

    def _allow(self, event: int) -> None:
        if state.following(self.state, event) == state.REFUSE:
            raise Refusal(faults.WRONG_STATE, -1, self.state)

    def _go(self, event: int) -> None:
        after = state.following(self.state, event)
        if after == state.NEVER:
            self._alone(self.guard.stop, FAULT, faults.LOGIC)
        elif after >= 0 and after != self.state:
            before = self.state
            self.state = after
            self.events.add(CHANGED, [self._now, before, after, event])
            self.board.show(after)  # type: ignore[attr-defined]

    def _take_notes(self) -> None:
        guard = self.guard
        notes = guard.notes
        while guard.read < guard.counts[NOTED]:
            at = guard.read % NOTES * NOTE_SIZE
            kind, a, b = notes[at], notes[at + 2], notes[at + 3]
            c, d, e = notes[at + 4], notes[at + 5], notes[at + 6]
            guard.read += 1
            if kind == NOTE_SHOT:
                self._shot(a, b, c, d, e)
            elif kind == NOTE_ENDED:
                self._ended(a, b)
            elif kind == NOTE_STARTED:
                self._plunger_nm = self.board.inputs[PLUNGER_NM]  # type: ignore[attr-defined]
                self._go(state.STARTED)
            elif kind == NOTE_STOPPING:
                self._go(state.STOPPING)
            elif kind == NOTE_HOMED:
                self._go(state.HOMED)
            elif kind == NOTE_SWAPPED:
                self._setting = self._next_setting
            elif kind == NOTE_CLEARED:
                self.fault = 0
                self._go(state.CLEARED)
                self._tested = False

    def _shot(self, start_ms: int, start_us: int, depth_um: int, travel_nm: int, flags: int) -> None:
        program = self.program
        setting = self._setting
        measured_nl = max(-1_000_000, min(1_000_000, swept_nl(travel_nm, program.syringe_bore_um)))
        depth_um = max(-20_000, min(20_000, depth_um))
        try:
            self.journal.done(depth_um, measured_nl, flags)
        except HistoryUnknown:
            self._alone(self.guard.stop, FAULT, faults.JOURNAL_FAILED)
        if not flags & PARTIAL:
            program.passes[self.armed].done += 1
        self._attempts[self.armed] += 1
        self.events.add(
            SHOT,
            [
                start_ms,
                start_us,
                self.armed,
                self._attempts[self.armed],
                setting.period_us,  # type: ignore[attr-defined]
                setting.depth_um,  # type: ignore[attr-defined]
                depth_um,
                setting.dose_nl,  # type: ignore[attr-defined]
                measured_nl,
                flags,
            ],
        )
        self.board.click()  # type: ignore[attr-defined]

    def _ended(self, kind: int, reason: int) -> None:
        done = self.program.passes[self.armed].done if self._has_pass() else 0
        if kind >= FAULT and not self.fault:
            self.fault = reason
        self.events.add(ENDED, [self._now, kind, reason, self.armed, done])
        moving = self.state == HOMING
        if moving and self.move == PRIME:
            travel_nm = self.board.inputs[PLUNGER_NM] - self._plunger_nm  # type: ignore[attr-defined]
            self.waste_nl += swept_nl(travel_nm, self.strokes[0].settings.syringe_bore_um)
        if kind == FAULT:
            self._go(state.FAULT_LATCHED)
        elif kind == ESTOP:
            self._go(state.ESTOP_LATCHED)
        elif moving:
            self._go(state.HOME_ENDED if self.move == HOME_CHECK else state.HOMED)
        elif kind == DONE:
            self._go(state.PASS_ENDED)
        elif kind == HOLD:
            self._go(state.HELD_END)
        else:
            self._go(state.PAUSED)

    def _has_pass(self) -> bool:
        return 0 <= self.armed < len(self.program.passes)


def swept_nl(travel_nm: int, bore_um: int) -> int:
    """Volume of a plunger's travel."""
    return (travel_nm * 355 * bore_um * bore_um + 226_000_000_000) // 452_000_000_000
