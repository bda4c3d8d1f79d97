"""The safety supervisor. Once a tick: inputs in, verdict out. Starts and grants strokes; ends them for any reason.

Runs from a hard timer on the board: no allocation, no float, nothing long. Every stroke that is played was started or
granted here, one period at a time; when this code does not run, the finite list brings the needle home.
"""

from array import array

from mesogun_fw import faults, inputs, limits
from mesogun_fw.board import Board
from mesogun_fw.fingers import CONTACT
from mesogun_fw.fingers import LIFTED as LIFTED_CELL
from mesogun_fw.flight import (
    DOSED,
    FAULTS,
    GRANT_DUE,
    HELD_TOO_LONG,
    HOLD_UNTIL_MS,
    LIFTED,
    OPEN,
    PERIOD,
    PLAYED_OUT,
    PRESSED,
    RELEASED,
    SHIFT,
    VARIANT,
    follow_on,
    follow_shot,
    rest_well,
)
from mesogun_fw.journal import Journal
from mesogun_fw.landing import (
    BACK,
    LATCHED,
    OFF,
    PLACE,
    RUN,
    WAIT,
    Landing,
)
from mesogun_fw.ledger import (
    BUDGET_NL,
    CEILING,
    DOSE_NL,
    HOLD_LEFT,
    LAST_MS,
    LEFT,
    NOTE_HOMED,
    NOTE_STARTED,
    NOTE_SWAPPED,
    NOTED,
    NOTES_FULL,
    TICK_MS,
)
from mesogun_fw.lookout import ANOTHER, DISAGREE, DRUG, IN_THE_AIR, PRESSED_STOP, look_around
from mesogun_fw.messages import BURST, DONE, ESTOP, FAULT, HOLD, PAUSE, RETROGRADE, SINGLE, UNCERTAIN
from mesogun_fw.player import Player
from mesogun_fw.shim import micropython
from mesogun_fw.stroke import Stroke
from mesogun_fw.vitals import BEAT_MS, LOOP_MS, REASONS, STOP_ERROR_UM, STOP_WANTED_UM, vitals

const = micropython.const

# Moves that are no shot: only in the air, and not while armed.
SHOTS, HOME_CHECK, GAUGE, PRIME = range(4)

ANYWHERE_UM = 1 << 20

# The tick reads constants of its own file: others cost a look-up each.
_WAIT = const(1)
_RUN = const(2)
_BACK = const(3)
_LATCHED = const(4)
_PLACE = const(5)
_SHIFT = const(1 << 28)
_DISAGREE = const(256)
_NEEDLE_UM = const(7)
_PLUNGER_NM = const(8)
_PLAYING = const(10)
_PERIODS = const(12)
_TICK_MS = const(1)
_DOSE_NL = const(6)
_LAST_MS = const(7)
_IDLE_MS = limits.IDLE_MAX_MS
assert (_TICK_MS, _DOSE_NL, _LAST_MS) == (TICK_MS, DOSE_NL, LAST_MS)
assert (_NEEDLE_UM, _PLUNGER_NM, _PLAYING, _PERIODS) == (
    inputs.NEEDLE_UM, inputs.PLUNGER_NM, inputs.PLAYING, inputs.PERIODS,
)  # fmt: skip
assert (_WAIT, _RUN, _BACK, _LATCHED, _PLACE) == (WAIT, RUN, BACK, LATCHED, PLACE)
assert (_SHIFT, _DISAGREE) == (SHIFT, DISAGREE)


class Guard(Landing):
    """Owned by the device; the board calls `tick`. Fields without underscore are read, or set, by the loop."""

    def __init__(self, inputs_: "array[int]", player: Player, board: Board, journal: Journal) -> None:
        Landing.__init__(self, inputs_, player, board, journal)
        self._strokes: list = [None, None]  # type: ignore[type-arg]
        self._doses_nl = [0, 0]
        self.vitals = vitals(board.hardware)
        self._cells = (inputs_, self.flight.cells, self.fingers.cells, self.counts, self.vitals)
        self.room = True  # the loop says whether the record can take more
        self.next_slot = -1  # a new setting that waits for the end of a period
        self.granted_slot = 0
        self._how = 0  # how lookout.py is to look
        self._course = self.flight.course
        self._place_slot = -1  # the depth stop's way, before the first shot
        self._stop_um = 0
        self._placed = False  # whether it is known where the needle rests

    # ---- called by the loop, with the tick kept away ----

    def use(self, stroke: Stroke, slot: int, mode: int, burst: int, left: int, move: int = SHOTS) -> None:
        """Take over a compiled and audited stroke. Only while OFF."""
        self.move = move
        self._take(stroke, slot)
        self._to(slot)
        self.next_slot = -1
        self._per_press = 1 if mode in (SINGLE, RETROGRADE) else burst if mode == BURST else limits.SHOTS_PER_ARMING_MAX
        self.counts[LEFT] = left
        self.counts[CEILING] = limits.SHOTS_PER_ARMING_MAX

    def place(self, slot: int, stop_um: int) -> None:
        """Before the first shot of this arming the depth stop goes its way, in `slot`, to `stop_um`. -1: it stands there."""
        self._place_slot = slot
        self._stop_um = stop_um
        if slot < 0:
            self._expect_stop()
        else:
            self.vitals[STOP_ERROR_UM] = ANYWHERE_UM

    def swap(self, stroke: Stroke, slot: int) -> None:
        """A new setting of the armed pass: in use from the next period, or press, on."""
        self._take(stroke, slot)
        self.next_slot = slot

    def arm(self, now_ms: int) -> None:
        """From now on a fresh press with skin contact (a move that is no shot: in the air) starts."""
        self.fingers.rearm(now_ms)
        self.flight.rest()
        self._placed = self.move != HOME_CHECK
        self.counts[LAST_MS] = self.vitals[LOOP_MS] = self.vitals[BEAT_MS] = now_ms
        self.kind = DONE
        self.reason = 0
        self._limp = False
        self.phase = WAIT

    def last_of_press(self) -> bool:
        """Whether no shot will follow the one in flight without a new press."""
        return self.counts[HOLD_LEFT] <= 1

    def _take(self, stroke: Stroke, slot: int) -> None:
        self._strokes[slot] = stroke
        self._doses_nl[slot] = stroke.settings.dose_nl

    def _to(self, slot: int) -> None:
        self.slot = slot
        self.stroke = self._strokes[slot]
        self.counts[DOSE_NL] = self._doses_nl[slot]
        self.flight.use(slot)
        self._course = self.flight.course
        self._look_for(self.stroke.settings.dose_nl)

    def _look_for(self, dose_nl: int) -> None:
        self._how = (IN_THE_AIR if self.move else 0) | (DRUG if dose_nl else 0)

    # ---- called by the board ----

    @micropython.native
    def tick(self, now_ms: int) -> None:
        """One millisecond, by a `now_ms` that counts from boot and never wraps within limits.UPTIME_MAX_MS."""
        x, flying, hand, counts, well = self._cells
        counts[_TICK_MS] = now_ms
        seen = look_around(flying, hand, well, x, x[_NEEDLE_UM] + _SHIFT, now_ms, self._how)
        if seen >= _DISAGREE:
            self._first(seen)
            seen &= _DISAGREE - 1
        phase = self.phase
        if phase == _RUN or phase == _WAIT:
            if seen:
                self._unwell(seen)
                if self.phase == _BACK:
                    self._back(now_ms)
            elif phase == _WAIT:
                self._wait(now_ms)
            else:
                answer = follow_shot(flying, self._course, hand, x, x[_PLUNGER_NM] + _SHIFT, self._how & 1)
                if answer:
                    self._answer(answer)
        elif phase == _BACK:
            self._back(now_ms)
        elif phase == _PLACE:
            self._place(now_ms, seen)
        elif phase == _LATCHED:
            self._latched()

    def _first(self, seen: int) -> None:
        """What comes before all else in a tick: a list that was entered, the emergency stop, a broken trigger."""
        if seen & ANOTHER and (self._x[_PLAYING] == 1 or self.phase == RUN):
            # whatever stops this tick stops the shot that is in flight now, or that nobody saw ending
            self._next_period()
        if seen & PRESSED_STOP:
            self.stop(ESTOP, faults.ESTOP_PRESSED)
        if seen & DISAGREE:
            self.stop(FAULT, faults.TRIGGER_DISAGREES)

    def _unwell(self, well: int) -> None:
        reason = REASONS[well]
        if reason == faults.LINK_SILENT:
            self.stop(PAUSE, reason)
        elif reason == faults.SYRINGE_OUT and self.phase == WAIT:
            self.stop(PAUSE, faults.SYRINGE_MISSING)
        else:
            self.stop(FAULT, reason)

    @micropython.native
    def _answer(self, answer: int) -> None:
        """What a running stroke has come to."""
        if answer == GRANT_DUE:
            if not self.granted and self.counts[HOLD_LEFT] > 1 and self._affordable() and self._written():
                self._grant()
        elif answer == PLAYED_OUT:
            self._played_out()
        elif answer == RELEASED:
            self.stop(HOLD, faults.RELEASED)
        elif answer == LIFTED:
            self.stop(HOLD, faults.LIFTED)
        elif answer == HELD_TOO_LONG:
            self.stop(PAUSE, faults.HELD_TOO_LONG)
        else:
            self.stop(FAULT, FAULTS[answer])

    @micropython.native
    def _wait(self, now_ms: int) -> None:
        x, flying, hand, counts, _ = self._cells
        if not self._placed:
            self._placed = True
            self.flight.zero()
        if self.next_slot >= 0:
            self._swap()
        answer = rest_well(flying, hand, x, x[_PLUNGER_NM] + _SHIFT)
        if now_ms - counts[_LAST_MS] > _IDLE_MS:
            self.stop(PAUSE, faults.IDLE_TOO_LONG)
        elif answer == PRESSED:
            self.fingers.rearm(now_ms)
            if hand[LIFTED_CELL if self.move else CONTACT]:
                if self._place_slot >= 0:
                    self._begin_placing()
                else:
                    self._begin(now_ms)
        elif answer:
            # nobody pressed: the needle was moved from outside, or the switch is broken; or the plunger was
            reason = FAULTS[answer]
            if reason == faults.NOT_HOME and self.move == HOME_CHECK:
                reason = faults.HOME_SWITCH
            self.stop(FAULT, reason)

    @micropython.native
    def _begin(self, now_ms: int) -> None:
        if self.move:
            self._begin_move(now_ms)
        elif self._affordable() and self._written():
            self.counts[HOLD_LEFT] = min(self._per_press, self.counts[LEFT])
            self._start(now_ms, self.flight.first())

    def _begin_placing(self) -> None:
        self.phase = PLACE
        self.flight.cells[PERIOD] = 1
        self._enable(True)
        self._player.start(self._place_slot, 0)

    def _place(self, now_ms: int, seen: int) -> None:
        """The depth stop moves: the needle stays home, the trigger stays held. Then the press goes on to its shots."""
        fingers = self.fingers
        if seen:
            self._unwell(seen)
        elif not fingers.held:
            self.stop(HOLD, faults.RELEASED)
        elif not (fingers.lifted if self.move else fingers.contact):
            self.stop(HOLD, faults.LIFTED)
        elif not self.flight.is_home():
            self.stop(FAULT, faults.NOT_HOME)
        elif self._x[_PLAYING] == 1:
            return
        elif self._place_slot >= 0:
            self._place_slot = -1
            self._expect_stop()  # and the next tick sees whether it stands there
        else:
            self.phase = WAIT
            self._begin(now_ms)

    def _expect_stop(self) -> None:
        self.vitals[STOP_WANTED_UM] = self._stop_um
        self.vitals[STOP_ERROR_UM] = limits.STOP_ERROR_UM

    def _begin_move(self, now_ms: int) -> None:
        if self.move == HOME_CHECK:
            self.flight.zero()
        self.flight.cells[VARIANT] = 0
        self.counts[HOLD_LEFT] = 1
        self._start(now_ms, 0)

    @micropython.native
    def _start(self, now_ms: int, variant: int) -> None:
        self.flight.cells[PERIOD] = 1
        self._pressed_nm = 0
        self.granted = False
        self.flight.cells[HOLD_UNTIL_MS] = now_ms + limits.HOLD_MAX_MS
        self.flight.begin(now_ms)
        self.phase = RUN
        # no power before the press: until then the spring alone holds the needle
        self._vent(False)
        self._enable(True)
        self._player.start(self.slot, variant)
        self._note(NOTE_STARTED, 0, 0, 0)

    @micropython.native
    def _affordable(self) -> bool:
        """Whether one more full dose may be given; pauses with the reason otherwise."""
        counts = self.counts
        dose_nl = counts[DOSE_NL] if self.next_slot < 0 else self._doses_nl[self.next_slot]
        if not self.room or counts[NOTED] - self.read >= NOTES_FULL:
            self.stop(PAUSE, faults.RECORD_FULL)
        elif counts[BUDGET_NL] < dose_nl:
            self.stop(PAUSE, faults.SYRINGE_EMPTY)
        elif counts[CEILING] <= 1:
            self.stop(PAUSE, faults.SHOTS_CEILING)
        else:
            return True
        return False

    @micropython.native
    def _written(self) -> bool:
        """Whether the shot stands in the journal as begun: before anything moves."""
        if self._journal.begin():
            return True
        self.stop(PAUSE, faults.JOURNAL_BEHIND)
        return False

    @micropython.native
    def _grant(self) -> None:
        self.granted = True
        self.granted_slot = self.slot if self.next_slot < 0 else self.next_slot
        self._player.grant(self.granted_slot, self.flight.next(self.granted_slot))

    @micropython.native
    def _next_period(self) -> None:
        """The granted list has been entered: close the shot before, open this one."""
        flying = self.flight.cells
        revoked = self.phase == BACK
        unseen = 0
        if not flying[DOSED] and not self.move:
            if self._x[inputs.LATE_US] > limits.TICK_LATE_US:
                unseen = UNCERTAIN
                self.flight.assume_dose()
            else:
                # constant flow: the body before ended just now
                reason = self.flight.judge_dose()
                if reason:
                    self._pressed_nm = self.flight.travel_nm()
                    self.stop(FAULT, reason)
        self._shot_over(unseen)
        self.flight.cells[PERIOD] = self._x[_PERIODS]
        self.granted = False
        follow_on(flying, self.flight.course, self._x[_PLUNGER_NM] + _SHIFT)
        if self.granted_slot != self.slot:
            self._swap()
        if revoked and not self._limp:
            # it was faster than its revocation
            self._natural = False
            self._go_back()

    def _swap(self) -> None:
        self._to(self.next_slot)
        self.next_slot = -1
        self._note(NOTE_SWAPPED, self.slot, 0, 0)

    def _played_out(self) -> None:
        """The list ran dry: right after the last shot of a press, a fault otherwise."""
        if self.counts[HOLD_LEFT] > 1:
            self.stop(FAULT, faults.PLAYER_STOPPED)
        elif self.move == HOME_CHECK:
            self._homed()
        elif not self.flight.is_home():
            self.stop(FAULT, faults.NOT_HOME)
        else:
            self.kind = HOLD
            self.reason = faults.PRESS_DONE
            self._shot_over()
            self._finish()

    def _homed(self) -> None:
        self.flight.cells[OPEN] = 0
        if self.flight.saw_switch_open and self.flight.is_home():
            self.homed = True
            self._cut()
            self.phase = OFF
            self._note(NOTE_HOMED, 0, 0, 0)
        else:
            self.stop(FAULT, faults.HOME_SWITCH)


__all__ = ["BACK", "GAUGE", "HOME_CHECK", "LATCHED", "OFF", "PRIME", "RUN", "SHOTS", "WAIT", "Guard"]
