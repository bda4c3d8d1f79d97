"""How it ends: every stroke that is left, for any reason, comes home by the prepared way, by the spring, or by itself.

Part of the guard: no allocation, no float. Four kinds of ending, never confused; a worse one overrules, the first fault
gives the reason.
"""

from array import array

from mesogun_fw import faults, ledger, limits
from mesogun_fw.board import Board
from mesogun_fw.course import BACK_END_US, BACK_START_US, DOSE_END_US, DOSE_NM, DRAW, STEP_NM
from mesogun_fw.fingers import Fingers
from mesogun_fw.flight import OPEN, RELIEVED, SETTLE_US, SHIFT, VARIANT, Flight
from mesogun_fw.inputs import CLEAR, ELAPSED_US, ESTOP_OPEN, HOME, PLAYING, PLUNGER_NM, TRIGGER_A, TRIGGER_B
from mesogun_fw.journal import Journal
from mesogun_fw.ledger import LAST_MS, LEFT, NOTE_CLEARED, NOTE_ENDED, NOTE_STOPPING, TICK_MS, close_shot, note
from mesogun_fw.messages import DEPTH_OFF, DONE, DOSE_OFF, ESTOP, FAULT, HOLD, PAUSE
from mesogun_fw.player import Player
from mesogun_fw.shim import micropython
from mesogun_fw.stroke import Stroke

# Phases.
OFF = 0  # nothing may start
WAIT = 1  # armed, or ready for a move that is no shot: a fresh press starts
RUN = 2
BACK = 3  # the needle comes home after a stop
LATCHED = 4
PLACE = 5  # the depth stop of a pneumatic drive moves, needle home

MOTION_GAP_US = 500  # this close to its own way back a stroke is left to finish
LIMP_MS = 200  # a spring brings the needle home faster than this

# The motor is not to be trusted with the way back: de-energise and let the spring do it.
LIMP = (
    faults.ESTOP_PRESSED,
    faults.NEEDLE_OVERRUN,
    faults.NEEDLE_ASTRAY,
    faults.NOT_HOME,
    faults.PLAYER_STOPPED,
    faults.SUPPLY_LOW,
)


class Landing:
    """What guard and device loop share, and the way home. The guard proper is built on it."""

    def __init__(self, inputs: "array[int]", player: Player, board: Board, journal: Journal) -> None:
        self._x = inputs
        self._journal = journal
        self._player = player
        self._enable = board.enable
        self._vent = board.vent
        self.fingers = Fingers()
        self.flight = Flight(inputs)
        self.counts = ledger.counts()
        self.notes = ledger.notes()
        self.read = 0  # notes read, counted up by the loop
        self.phase = OFF
        self.homed = False
        self.move = 0  # which move that is no shot; 0 means shots
        self.kind = DONE
        self.reason = 0
        self.slot = 0
        self.granted = False
        self.back_ms = 0
        self.stroke: Stroke
        self._limp = False
        self._natural = False
        self._pressed_nm = 0  # by a dose that went wrong, when the next one had begun already
        self._clear_open = False  # the clear button was open since the latch: one that is stuck clears nothing

    @property
    def tick_ms(self) -> int:
        """When the guard last ran."""
        return self.counts[TICK_MS]

    @micropython.native
    def stop(self, kind: int, reason: int) -> None:
        """End whatever goes on. A worse kind overrules, nothing is ever taken back; the first fault gives the reason."""
        if self.phase == LATCHED or self.phase == BACK:
            if self.phase == BACK and reason in LIMP and not self._limp:
                self._go_limp()
            if kind <= self.kind:
                return
            self.kind = kind
            self.reason = reason
            if self.phase == LATCHED:
                self._note(NOTE_ENDED, kind, reason, self.counts[LEFT])
        elif kind >= FAULT or self.phase != OFF:
            self.kind = kind
            self.reason = reason
            if self.phase == RUN:
                self._leave()
                return
            if self.phase == PLACE:
                self._player.halt()
                if kind == HOLD:
                    # where the stop stands now is not where the next press would expect it
                    self.kind = PAUSE
                    self.reason = faults.DEPTH_NOT_SET
            self._finish()

    @micropython.native
    def _leave(self) -> None:
        """Out of a running stroke."""
        flight = self.flight
        elapsed = self._x[ELAPSED_US]
        self.phase = BACK
        self.back_ms = self.counts[TICK_MS]
        self._note(NOTE_STOPPING, self.kind, self.reason, 0)
        if self.reason in LIMP:
            self._go_limp()
            return
        dry = self._x[PLAYING] == 0  # it was played to its end, unseen
        if (dry or elapsed >= flight.course[DOSE_END_US]) and not flight.dosed:
            reason = flight.judge_dose()
            if reason:
                self.stop(FAULT, reason)
        own_way = flight.course[BACK_END_US] if flight.course[DRAW] else flight.course[BACK_START_US]
        self._natural = dry or elapsed >= own_way - MOTION_GAP_US
        if self._natural:
            self._player.revoke()
        else:
            self._go_back()

    @micropython.native
    def _go_back(self) -> None:
        stroke = self.stroke
        played = self._player.halt()
        self._player.go_away(self.slot, stroke.way_back(stroke, played, self.flight.cells[VARIANT]))  # type: ignore[operator]

    def _go_limp(self) -> None:
        self._limp = True
        self.back_ms = self.counts[TICK_MS]
        self._player.halt()
        self._cut()
        self._vent(True)

    def _cut(self) -> None:
        self._enable(False)

    @micropython.native
    def _back(self, now_ms: int) -> None:
        x = self._x
        flight = self.flight
        flight.went_deeper()
        if self._limp:
            if (x[HOME] and flight.needle_um < limits.HOME_ERROR_UM) or now_ms - self.back_ms > LIMP_MS:
                self._arrived()
        elif flight.would_overrun():
            self.stop(FAULT, faults.NEEDLE_OVERRUN)
        elif not self._natural:
            if x[PLAYING] == 0:
                self._arrived()
        elif x[PLAYING] == 0 or x[ELAPSED_US] >= flight.course[BACK_END_US] + SETTLE_US:
            self._player.halt()
            self._arrived()

    @micropython.native
    def _arrived(self) -> None:
        if not self._limp and not self.flight.is_home():
            self.kind = FAULT
            self.reason = faults.NOT_HOME
            self._go_limp()
            return
        travel_nm = 0
        if self.reason == faults.DOSE_WRONG and not self.flight.cells[RELIEVED]:
            travel_nm = self.flight.travel_nm()
            if (self._pressed_nm or travel_nm) < self.flight.course[DOSE_NM]:
                travel_nm += self._pressed_nm
            else:
                travel_nm = 0  # too much went in, and nothing is stuck
        self._shot_over()
        if travel_nm > 0 and not self._limp:
            self._relieve(travel_nm)
        else:
            self._finish()

    def _relieve(self, travel_nm: int) -> None:
        """The dose did not go where it should: let the pressure off that it made. The plunger goes back to where it stood
        before this shot, never further, so that nothing is sucked in that this shot had not pushed out."""
        self.flight.cells[RELIEVED] = 1
        self._natural = False
        steps = travel_nm // self.flight.course[STEP_NM]
        self._player.go_away(self.slot, self.stroke.relieve(steps))

    @micropython.native
    def _finish(self) -> None:
        """The needle is home, or the spring had its time: say how it ended and settle into the phase that follows."""
        if self.kind == HOLD and not self.counts[LEFT] and not self.move:
            self.kind = DONE
            self.reason = faults.PASS_DONE
        self._cut()
        if self.granted:
            # revoked in time: it never happened
            self.granted = False
            self._journal.void()
        if self.kind == HOLD and not self.move:
            self.counts[LAST_MS] = self.counts[TICK_MS]
            self.flight.rest()
            self.phase = WAIT
        else:
            self.phase = OFF
            if self.kind >= FAULT:
                self.homed = False
                self.phase = LATCHED
                self._clear_open = False
        self._note(NOTE_ENDED, self.kind, self.reason, self.counts[LEFT])

    def _latched(self) -> None:
        x = self._x
        if not x[CLEAR]:
            self._clear_open = True
        elif self._clear_open and x[HOME] and not x[ESTOP_OPEN] and not x[TRIGGER_A] and not x[TRIGGER_B]:
            if self.fingers.lifted:
                self._clear_open = False
                self.phase = OFF
                self._note(NOTE_CLEARED, 0, 0, 0)

    @micropython.native
    def _shot_over(self, flags: int = 0) -> None:
        """Write down the shot in flight, unless it was a move that is none."""
        cells = self.flight.cells
        if not cells[OPEN]:
            return
        cells[OPEN] = 0
        if self.move:
            return
        reason = self.reason
        if reason:
            flags |= DEPTH_OFF if reason == faults.DEPTH_WRONG else DOSE_OFF if reason == faults.DOSE_WRONG else 0
        close_shot(self.counts, self.notes, cells, flags, self._x[PLUNGER_NM] + SHIFT)

    @micropython.native
    def _note(self, kind: int, a: int, b: int, c: int) -> None:
        note(self.counts, self.notes, kind, a, b, c, 0, 0)


assert (HOLD, PAUSE, FAULT, ESTOP) == (1, 2, 3, 4)  # a worse ending is a larger number
