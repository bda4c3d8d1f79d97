"""This is one gun as its loop knows it: what it is made of, what it is set to, and in which state it is.

Everything here is the loop's. The guard's own memory is in `guard.cells`, and the supervisor asks it.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.boards.board import Board
from mesogun_fw.device import state
from mesogun_fw.device.events import CHANGED, Events
from mesogun_fw.device.program import Pass, Program
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.rows import Asked
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.device.wire import Wire
from mesogun_fw.guard import cells
from mesogun_fw.memory.journal import Journal
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk import messages, places, reasons, refusals

MEASURED_NL = cells.NOTE_SIZE  # it stands behind the note of a shot


class Gun:
    """`strokes` and `events` are given where memory is scarce: they are made first, while it is whole."""

    def __init__(self, board: Board, strokes: "tuple[Stroke, Stroke] | None" = None, events: "Events | None" = None) -> None:
        self.board = board
        self.description = board.description
        self.journal = Journal(board.fram, board.inputs)
        self.journal.take_up(board.serial)
        self.guard = Guard(board)
        self.program = Program(self.description)
        self.strokes = strokes or (Stroke(), Stroke())
        for stroke in self.strokes:
            stroke.first = board.align(stroke.words)
        self.events = events or Events()
        self.wire = Wire(board, self.events)
        self.state = messages.UNHOMED
        self.fault = 0
        self.armed = -1  # it is the index of the armed pass
        self.attempts = [0] * limits.PASSES_MAX  # so many shots of each pass were made, whole or not
        self.shot_with: Pass  # the armed pass is shot with this ...
        self.next_shot_with: Pass  # ... and with this after a swap
        self.move = 0  # it is the move that is no shot, in state HOMING
        self.plunger_nm = 0  # the plunger stood here when it began
        self.over = array("i", bytes(4 * (MEASURED_NL + 1)))  # the guard's note of the shot that was over last, and its dose
        self.waste_nl = 0
        self.used_nl = 0  # so much has left the syringe since it was last seen out
        self.out_ms = -1  # it has been out since then; -1 is seated
        self.tested = False
        self.later: "Asked | None" = None  # this request is not done yet
        self.making: "object" = None  # so far its stroke is made
        self.wanted: "Pass | None" = None  # this is the setting that it asks for
        self.tidied_ms = 0
        self.leaving = False  # it starts again as soon as the host has its answer
        self.restart_due = False  # another hardware description is stored than the one in use
        self.now_ms = 0
        board.enable(False)
        board.show(messages.UNHOMED)

    def allow(self, event: int) -> None:
        """It raises Refusal when this cannot be done in the state that the gun is in."""
        if state.following(self.state, event) == state.REFUSE:
            raise Refusal(refusals.WRONG_STATE, "", self.state)

    def go(self, event: int) -> None:
        """The gun goes into the state that follows on this event, and the host is told. What cannot happen is a fault."""
        after = state.following(self.state, event)
        if after == state.NEVER:
            self.guard.stop(messages.FAULT, reasons.LOGIC)
        elif after >= 0 and after != self.state:
            before = self.state
            self.state = after
            row = self.events.rows
            at = self.events.new(CHANGED)
            row[at + places.CHANGED_AT_MS] = self.now_ms
            row[at + places.CHANGED_BEFORE] = before
            row[at + places.CHANGED_AFTER] = after
            row[at + places.CHANGED_EVENT] = event
            self.board.show(after)

    def has_pass(self) -> bool:
        return 0 <= self.armed < len(self.program.passes)

    def done(self) -> int:
        """So many whole shots of the armed pass were made."""
        return self.program.passes[self.armed].done if self.has_pass() else 0
