"""The safety supervisor. Once a tick: inputs in, verdict out. Starts and grants strokes; ends them for any reason.

Runs from a hard timer on the board: no allocation, no float, nothing long. Every stroke that is played was started or
granted here, one period at a time; when this code does not run, the finite list brings the needle home.
"""

from array import array

from mesogun_fw import faults, limits
from mesogun_fw.fingers import Fingers
from mesogun_fw.flight import SETTLE_US, Flight
from mesogun_fw.inputs import CLEAR, ELAPSED_US, ESTOP_OPEN, HOME, LATE_US, PERIODS, PLAYING, TRIGGER_A, TRIGGER_B
from mesogun_fw.messages import BURST, DEPTH_OFF, DONE, DOSE_OFF, ESTOP, FAULT, HOLD, PARTIAL, PAUSE, SINGLE
from mesogun_fw.player import Player
from mesogun_fw.stroke import Stroke

# Phases.
OFF = 0  # nothing may start
WAIT = 1  # armed, or ready to home: a fresh press starts
RUN = 2
BACK = 3  # the needle comes home after a stop
LATCHED = 4

# Notes to the device loop: kind, tick, five figures.
NOTE_STARTED, NOTE_SHOT, NOTE_STOPPING, NOTE_ENDED, NOTE_HOMED, NOTE_CLEARED = range(1, 7)
NOTE_SIZE = 7
NOTES = 32
NOTES_FULL = 24

MOTION_GAP_US = 500  # this close to its own way back a stroke is left to finish
LIMP_MS = 200  # a spring brings the needle home faster than this

# The motor is not to be trusted with the way back: de-energise and let the spring do it.
LIMP = (faults.ESTOP_PRESSED, faults.NEEDLE_OVERRUN, faults.NEEDLE_ASTRAY, faults.NOT_HOME, faults.PLAYER_STOPPED)


class Guard:
    """Owned by the device; the board calls `tick`. Fields without underscore are read, or set, by the loop."""

    def __init__(self, inputs: "array[int]", player: Player, enable: "object") -> None:
        self._x = inputs
        self._player = player
        self._enable = enable
        self.fingers = Fingers()
        self.flight = Flight(inputs)
        self.notes = array("i", bytes(4 * NOTE_SIZE * NOTES))
        self.noted = 0  # counted up here
        self.read = 0  # counted up by the loop
        self.phase = OFF
        self.homing = False
        self.homed = False
        self.tick_ms = 0
        self.loop_ms = 0
        self.beat_ms = 0
        self.room = True  # the loop says whether the record can take more
        self.kind = DONE
        self.reason = 0
        self.left = 0
        self.budget_nl = 0
        self.granted = False
        self.hold_ms = 0
        self.last_ms = 0
        self.back_ms = 0
        self._hold_left = 0
        self._ceiling = 0
        self._period = 0
        self._placed = False  # whether it is known where the needle rests
        self._limp = False
        self._natural = False

    # ---- called by the loop ----

    def use(self, stroke: Stroke, mode: int, burst: int, left: int) -> None:
        """Take over a compiled and audited stroke. Only while OFF."""
        self._stroke = stroke
        self._dose_nl = stroke.settings.dose_nl
        self._per_press = 1 if mode == SINGLE else burst if mode == BURST else limits.SHOTS_PER_ARMING_MAX
        self.left = left
        self._ceiling = limits.SHOTS_PER_ARMING_MAX

    def arm(self, now_ms: int, homing: bool) -> None:
        """From now on a fresh press with skin contact (homing: in the air) starts."""
        self.fingers.rearm(now_ms)
        self.flight.rest()
        self._placed = not homing
        self.last_ms = self.beat_ms = self.loop_ms = now_ms
        self.homing = homing
        self.kind = DONE
        self.reason = 0
        self._limp = False
        self.phase = WAIT

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
                self._note(NOTE_ENDED, kind, reason, self.left)
        elif kind >= FAULT or self.phase != OFF:
            self.kind = kind
            self.reason = reason
            if self.phase == RUN:
                self._leave()
            else:
                self._finish()

    def last_of_press(self) -> bool:
        """Whether no shot will follow the one in flight without a new press."""
        return self._hold_left <= 1

    # ---- called by the board ----

    def tick(self, now_ms: int) -> None:
        """One millisecond, by a `now_ms` that counts from boot and never wraps within limits.UPTIME_MAX_MS."""
        x = self._x
        self.tick_ms = now_ms
        self.flight.see(now_ms)
        if x[PLAYING] == 1 and x[PERIODS] != self._period:
            # first of all: whatever stops this tick stops the shot that is in flight now
            self._next_period()
        if x[ESTOP_OPEN]:
            self.stop(ESTOP, faults.ESTOP_PRESSED)
        reason = self.fingers.update(now_ms, x, self.homing)
        if reason:
            self.stop(FAULT, reason)
        phase = self.phase
        if phase == RUN or phase == WAIT:
            self._alive(now_ms)
        if self.phase == RUN:
            self._run(now_ms)
        elif self.phase == WAIT:
            self._wait(now_ms)
        elif self.phase == BACK:
            self._back(now_ms)
        elif phase == LATCHED:
            self._latched()

    def _alive(self, now_ms: int) -> None:
        """The tick, the loop and the host: each must be heard while anything may start."""
        if self._x[LATE_US] > limits.TICK_LATE_US:
            self.stop(FAULT, faults.GUARD_LATE)
        elif now_ms - self.loop_ms > limits.LOOP_DEAD_MS:
            self.stop(FAULT, faults.LOOP_DEAD)
        elif now_ms - self.beat_ms > limits.LINK_SILENT_MS:
            self.stop(PAUSE, faults.LINK_SILENT)

    def _wait(self, now_ms: int) -> None:
        flight = self.flight
        if not self._placed:
            self._placed = True
            flight.zero()
        if now_ms - self.last_ms > limits.IDLE_MAX_MS:
            self.stop(PAUSE, faults.IDLE_TOO_LONG)
        elif not flight.is_home():
            # nobody pressed: the needle was moved from outside, or the switch is broken
            self.stop(FAULT, faults.HOME_SWITCH if self.homing else faults.NOT_HOME)
        elif not flight.plunger_still():
            self.stop(FAULT, faults.FREE_FLOW)
        elif self.fingers.pressed(now_ms):
            self.fingers.rearm(now_ms)
            if self.homing:
                self._begin_homing(now_ms)
            elif self.fingers.contact and self._affordable():
                self._hold_left = min(self._per_press, self.left)
                self._start(now_ms, flight.first())

    def _begin_homing(self, now_ms: int) -> None:
        if not self.fingers.lifted:
            return
        self.flight.zero()
        self.flight.variant = 0
        self._hold_left = 1
        self._start(now_ms, 0)

    def _start(self, now_ms: int, variant: int) -> None:
        self._period = 1
        self.granted = False
        self.hold_ms = now_ms
        self.flight.begin(now_ms, 0)
        self.phase = RUN
        # no power before the press: until then the spring alone holds the needle
        self._enable(True)  # type: ignore[operator]
        self._player.start(variant)
        self._note(NOTE_STARTED, 0, 0, 0)

    def _affordable(self) -> bool:
        """Whether one more full dose may be given; pauses with the reason otherwise."""
        if not self.room or self.noted - self.read >= NOTES_FULL:
            self.stop(PAUSE, faults.RECORD_FULL)
        elif self.budget_nl < self._dose_nl:
            self.stop(PAUSE, faults.SYRINGE_EMPTY)
        elif self._ceiling <= 1:
            self.stop(PAUSE, faults.SHOTS_CEILING)
        else:
            return True
        return False

    def _run(self, now_ms: int) -> None:
        x = self._x
        if x[PLAYING] != 1:
            self._played_out()
            return
        fingers = self.fingers
        if not fingers.held:
            self.stop(HOLD, faults.RELEASED)
        elif not (fingers.lifted if self.homing else fingers.contact):
            self.stop(HOLD, faults.LIFTED)
        elif now_ms - self.hold_ms > limits.HOLD_MAX_MS:
            self.stop(PAUSE, faults.HELD_TOO_LONG)
        else:
            reason = self.flight.judge()
            if reason:
                self.stop(FAULT, reason)
            elif not self.granted and self._hold_left > 1 and x[ELAPSED_US] >= self.flight.period_us - limits.GRANT_LEAD_US:
                if self._affordable():
                    self.granted = True
                    self._player.grant(self.flight.next())

    def _next_period(self) -> None:
        """The granted period has begun: close the shot before, open this one."""
        self._shot_over()
        self._period = self._x[PERIODS]
        self.granted = False
        self.flight.follow_on()
        if self.phase == BACK and not self._limp:
            # it was faster than its revocation
            self._natural = False
            self._go_back()

    def _played_out(self) -> None:
        """The list ran dry: right after the last shot of a press, a fault otherwise."""
        if self._hold_left > 1:
            self.stop(FAULT, faults.PLAYER_STOPPED)
        elif self.homing:
            self._homed()
        else:
            self.kind = HOLD
            self.reason = faults.PRESS_DONE
            self._shot_over()
            self._finish()

    def _homed(self) -> None:
        self.flight.open = False
        if self.flight.saw_switch_open and self.flight.is_home():
            self.homed = True
            self._cut()
            self.phase = OFF
            self._note(NOTE_HOMED, 0, 0, 0)
        else:
            self.stop(FAULT, faults.HOME_SWITCH)

    # ---- endings ----

    def _leave(self) -> None:
        """Bring the needle home out of a running stroke: by the prepared way, by the spring, or by letting it finish."""
        elapsed = self._x[ELAPSED_US]
        self.phase = BACK
        self.back_ms = self.tick_ms
        self._note(NOTE_STOPPING, self.kind, self.reason, 0)
        if self.reason in LIMP:
            self._go_limp()
            return
        if elapsed >= self.flight.dose_end_us and not self.flight.dosed:
            reason = self.flight.judge_dose()
            if reason:
                self.stop(FAULT, reason)
        self._natural = elapsed >= self.flight.back_start_us - MOTION_GAP_US
        if self._natural:
            self._player.revoke()
        else:
            self._go_back()

    def _go_back(self) -> None:
        self._player.go_away(self._stroke.way_back(self._player.halt(), self.flight.variant))

    def _go_limp(self) -> None:
        self._limp = True
        self.back_ms = self.tick_ms
        self._player.halt()
        self._cut()

    def _cut(self) -> None:
        self._enable(False)  # type: ignore[operator]

    def _back(self, now_ms: int) -> None:
        x = self._x
        flight = self.flight
        if flight.needle_um > flight.deepest_um:
            flight.deepest_um = flight.needle_um
        if self._limp:
            if (x[HOME] and flight.needle_um < limits.HOME_ERROR_UM) or now_ms - self.back_ms > LIMP_MS:
                self._arrived()
        elif flight.would_overrun():
            self.stop(FAULT, faults.NEEDLE_OVERRUN)
        elif not self._natural:
            if x[PLAYING] == 0:
                self._arrived()
        elif x[PLAYING] == 0 or x[ELAPSED_US] >= flight.back_end_us + SETTLE_US:
            self._player.halt()
            self._arrived()

    def _arrived(self) -> None:
        if not self._limp and not self.flight.is_home():
            self.kind = FAULT
            self.reason = faults.NOT_HOME
            self._go_limp()
            return
        self._shot_over()
        self._finish()

    def _finish(self) -> None:
        """The needle is home, or the spring had its time: say how it ended and settle into the phase that follows."""
        if self.kind == HOLD and not self.left and not self.homing:
            self.kind = DONE
            self.reason = faults.PASS_DONE
        self._cut()
        if self.kind == HOLD and not self.homing:
            self.last_ms = self.tick_ms
            self.flight.rest()
            self.phase = WAIT
        else:
            self.phase = OFF
            if self.kind >= FAULT:
                self.homed = False
                self.phase = LATCHED
        self._note(NOTE_ENDED, self.kind, self.reason, self.left)

    def _latched(self) -> None:
        x = self._x
        if x[CLEAR] and x[HOME] and not x[ESTOP_OPEN] and not x[TRIGGER_A] and not x[TRIGGER_B] and self.fingers.lifted:
            self.phase = OFF
            self._note(NOTE_CLEARED, 0, 0, 0)

    def _shot_over(self) -> None:
        """Write down the shot in flight: whole if its dose went in completely, else partial."""
        flight = self.flight
        if not flight.open:
            return
        flight.open = False
        if self.homing:
            return
        self.last_ms = self.tick_ms
        self._hold_left -= 1
        self._ceiling -= 1
        self.budget_nl -= self._dose_nl
        flags = 0
        if self.reason == faults.DEPTH_WRONG:
            flags = DEPTH_OFF
        elif self.reason == faults.DOSE_WRONG:
            flags = DOSE_OFF
        if flight.dosed:
            self.left -= 1
            flight.keep_carry()
        else:
            flags |= PARTIAL
        self._note(NOTE_SHOT, flight.start_ms, flight.start_us, flight.deepest_um, flight.travel_nm(), flags)

    def _note(self, kind: int, a: int, b: int, c: int, d: int = 0, e: int = 0) -> None:
        at = self.noted % NOTES * NOTE_SIZE
        notes = self.notes
        notes[at] = kind
        notes[at + 1] = self.tick_ms
        notes[at + 2] = a
        notes[at + 3] = b
        notes[at + 4] = c
        notes[at + 5] = d
        notes[at + 6] = e
        self.noted += 1
