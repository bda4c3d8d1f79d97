"""What the device is and what becomes of it: state, passes, the guard's notes turned into events. Base of device.py."""

from mesogun_fw import limits
from mesogun_fw.boards.board import Board
from mesogun_fw.device import state
from mesogun_fw.device.events import CHANGED, ENDED, SHOT, Events
from mesogun_fw.device.program import Pass, Program, Refusal
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.device.wire import Wire
from mesogun_fw.guard import cells, inputs, notes
from mesogun_fw.memory.journal import HistoryUnknown, Journal
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk import codes, messages, reasons, refusals

PREPARED = 2  # shots that stand ready in the journal: the one that may start and the one that may be granted after it


class Lifecycle:
    """One gun. Everything here is the loop's; the guard's own is in guard.py. `strokes` and `events` where memory is scarce."""

    def __init__(self, board: Board, strokes: "tuple[Stroke, Stroke] | None" = None, events: "Events | None" = None) -> None:
        self.board = board
        self.hardware = board.hardware
        self.journal = Journal(board.fram, board.inputs)
        self.journal.open(board.serial)
        self.guard = Guard(board)
        self.program = Program(self.hardware)
        self.strokes = strokes or (Stroke(), Stroke())
        for stroke in self.strokes:
            stroke.first = board.align(stroke.words)
        self.events = events or Events()
        self.wire = Wire(board, self.events)
        self.state = messages.UNHOMED
        self.fault = 0
        self.armed = -1  # index of the armed pass
        self.move = 0  # the move that is no shot, in state HOMING
        self.waste_nl = 0
        self.leaving = False  # starts again as soon as the host has its answer
        self.restart_due = False  # another hardware description is stored than the one in use
        self._setting: Pass  # what the armed pass is shot with ...
        self._next_setting: Pass  # ... and what it will be after a swap
        self._plunger_nm = 0
        self._tested = False
        self._attempts = [0] * limits.PASSES_MAX
        self._now = 0
        board.enable(False)
        board.show(messages.UNHOMED)

    def _alone(self, act, *values) -> None:  # type: ignore[no-untyped-def]
        """Do something to the guard while its tick is kept away."""
        self.board.alone(True)
        try:
            act(*values)
        finally:
            self.board.alone(False)

    def _stop(self, kind: int, reason: int) -> None:
        self._alone(self.guard.stop, kind, reason)
        self._take_notes()

    # ---- state ----

    def _allow(self, event: int) -> None:
        if state.following(self.state, event) == state.REFUSE:
            raise Refusal(refusals.WRONG_STATE, -1, self.state)

    def _go(self, event: int) -> None:
        after = state.following(self.state, event)
        if after == state.NEVER:
            self._alone(self.guard.stop, messages.FAULT, reasons.LOGIC)
        elif after >= 0 and after != self.state:
            before = self.state
            self.state = after
            self.events.add(CHANGED, [self._now, before, after, event])
            self.board.show(after)

    def _take_notes(self) -> None:
        c = self.guard.cells
        while c[cells.READ] < c[cells.NOTED]:
            at = cells.NOTES_AT + c[cells.READ] % cells.NOTES * cells.NOTE_SIZE
            kind = c[at + notes.NOTE_KIND]
            c[cells.READ] += 1
            if kind == notes.NOTE_SHOT:
                self._shot(
                    c[at + notes.NOTE_START_MS],
                    c[at + notes.NOTE_START_US],
                    c[at + notes.NOTE_DEPTH_UM],
                    c[at + notes.NOTE_TRAVEL_NM],
                    c[at + notes.NOTE_FLAGS],
                )
            elif kind == notes.NOTE_ENDED:
                self._ended(c[at + notes.NOTE_ENDING], c[at + notes.NOTE_REASON])
            elif kind == notes.NOTE_STARTED:
                self._plunger_nm = self.board.inputs[inputs.PLUNGER_NM]
                self._go(state.STARTED)
            elif kind == notes.NOTE_STOPPING:
                self._go(state.STOPPING)
            elif kind == notes.NOTE_HOMED:
                self._go(state.HOMED)
            elif kind == notes.NOTE_SWAPPED:
                self._setting = self._next_setting
            elif kind == notes.NOTE_CLEARED:
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
            self._alone(self.guard.stop, messages.FAULT, reasons.JOURNAL_FAILED)
        if not flags & codes.PARTIAL:
            program.passes[self.armed].done += 1
        self._attempts[self.armed] += 1
        self.events.add(
            SHOT,
            [
                start_ms,
                start_us,
                self.armed,
                self._attempts[self.armed],
                setting.period_us,
                setting.depth_um,
                depth_um,
                setting.dose_nl,
                measured_nl,
                flags,
            ],
        )
        self.board.click()

    def _ended(self, kind: int, reason: int) -> None:
        done = self.program.passes[self.armed].done if self._has_pass() else 0
        if kind >= messages.FAULT and not self.fault:
            self.fault = reason
        self.events.add(ENDED, [self._now, kind, reason, self.armed, done])
        moving = self.state == messages.HOMING
        if moving and self.move == cells.PRIME:
            travel_nm = self.board.inputs[inputs.PLUNGER_NM] - self._plunger_nm
            self.waste_nl += swept_nl(travel_nm, self.strokes[0].settings.syringe_bore_um)
        if kind == messages.FAULT:
            self._go(state.FAULT_LATCHED)
        elif kind == messages.ESTOP:
            self._go(state.ESTOP_LATCHED)
        elif moving:
            self._go(state.HOME_ENDED if self.move == cells.HOME_CHECK else state.HOMED)
        elif kind == messages.DONE:
            self._go(state.PASS_ENDED)
        elif kind == messages.HOLD:
            self._go(state.HELD_END)
        else:
            self._go(state.PAUSED)

    def _has_pass(self) -> bool:
        return 0 <= self.armed < len(self.program.passes)

    def _keep_ahead(self) -> None:
        """The next shots stand in the journal, prepared, before the guard may begin them."""
        if self.state not in (messages.ARMED, messages.RUNNING):
            return
        journal = self.journal
        try:
            while journal.ahead() < PREPARED:
                shot = self._attempts[self.armed] + journal.in_flight() + journal.ahead() + 1
                journal.prepare(self.program.digest, self.armed, shot, self._next_setting.dose_nl)
        except HistoryUnknown:
            self._stop(messages.FAULT, reasons.JOURNAL_FAILED)


def swept_nl(travel_nm: int, bore_um: int) -> int:
    """Volume of a plunger's travel."""
    return (travel_nm * 355 * bore_um * bore_um + 226_000_000_000) // 452_000_000_000
