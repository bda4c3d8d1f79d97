"""The loop: message → action, guard's notes → events and state. Decides nothing about needles; that is the guard.

`step` never blocks and says when it wants to run next; the board runs it, in time or in virtual time.
"""

from mesogun_fw import VERSION, faults, frames, limits, state
from mesogun_fw.audit import Audit, AuditFailed
from mesogun_fw.guard import (
    LATCHED,
    NOTE_CLEARED,
    NOTE_ENDED,
    NOTE_HOMED,
    NOTE_SHOT,
    NOTE_SIZE,
    NOTE_STARTED,
    NOTE_STOPPING,
    NOTES,
    OFF,
    Guard,
)  # fmt: skip
from mesogun_fw.messages import (
    DONE,
    ESTOP,
    FAULT,
    FAULTED,
    HOLD,
    HOMING,
    PARTIAL,
    PAUSE,
    PROTO,
    SINGLE,
    STOPPED,
    UNCERTAIN,
    UNHOMED,
)
from mesogun_fw.program import Program, Refusal
from mesogun_fw.stroke import Figures, Settings, Stroke
from mesogun_fw.wire import Events, Wire

IDLE_STEP_MS = 50
LAST_MS = (1 << 30) - 1  # device time stands still after 12 days; arming ends after limits.UPTIME_MAX_MS

# A slow short stroke in the air: it proves motor, encoder and home switch before anything may be armed.
HOME_CHECK_UM = 500
HOME_CHECK_UM_S = 20_000
HOME_CHECK_DWELL_US = 50_000

SHOT, ENDED, CHANGED = range(3)  # rows of wire.KINDS


class Device:
    """One gun. `board` gives hardware, serial, boot, simulated, inputs, player, ms(), read(), write(), enable(), show()."""

    def __init__(self, board: "object") -> None:
        self.board = board
        self.hardware = board.hardware  # type: ignore[attr-defined]
        self.guard = Guard(board.inputs, board.player, board.enable)  # type: ignore[attr-defined]
        self.program = Program(self.hardware)
        self.stroke = Stroke()
        self.events = Events()
        self.wire = Wire(board, self.events)
        self.state = UNHOMED
        self.fault = 0
        self.armed = -1  # index of the armed pass
        self._started = False
        self._attempts = [0] * limits.PASSES_MAX
        self._now = 0
        board.enable(False)  # type: ignore[attr-defined]
        board.show(UNHOMED)  # type: ignore[attr-defined]

    def step(self) -> int:
        """One turn; milliseconds until the next is due."""
        self._now = min(self.board.ms(), LAST_MS)  # type: ignore[attr-defined]
        guard = self.guard
        self._watch_guard()
        self._take_notes()
        request = self.wire.request()
        if request:
            self._handle(request[1], request[2])
        guard.room = self.events.room()
        more = self.wire.flush()
        guard.loop_ms = self._now
        return 1 if more or self.wire.waiting() else IDLE_STEP_MS

    def _watch_guard(self) -> None:
        guard = self.guard
        if guard.tick_ms:
            self._started = True
        if self._started and self._now - guard.tick_ms > limits.GUARD_DEAD_MS and self.state not in (FAULTED, STOPPED):
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
        if flight.open and not self.guard.homing:
            self._shot(flight.start_ms, flight.start_us, flight.deepest_um, flight.travel_nm(), UNCERTAIN)
            if self.guard.granted:
                flight.follow_on()
                self._shot(flight.start_ms, flight.start_us, 0, 0, UNCERTAIN)
        flight.open = False

    # ---- requests ----

    def _handle(self, name: str, values: list) -> None:  # type: ignore[type-arg]
        try:
            reply, row = getattr(self, "_" + name)(values)
        except Refusal as refusal:
            reply, row = "refused", refusal.row
        self.wire.answer(reply, row)

    def _hello(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.wire.said_hello = True
        self.guard.stop(PAUSE, faults.DISARMED)
        self._take_notes()
        self._go(state.HELLO)
        self.wire.sent = self.events.acked
        board = self.board
        return "welcome", [
            PROTO,
            frames.table_hash(),
            VERSION,
            board.simulated,  # type: ignore[attr-defined]
            board.serial,  # type: ignore[attr-defined]
            board.boot,  # type: ignore[attr-defined]
            limits.DEPTH_CAP_UM,
            limits.DOSE_MAX_NL,
            limits.PERIOD_MIN_US,
            limits.FLOW_MAX_NL_S,
        ]

    def _hardware(self, values: list) -> tuple:  # type: ignore[type-arg]
        return "gun", list(self.hardware.figures())

    def _beat(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.guard.beat_ms = self._now
        self.events.ack(values[0])
        return self._status()

    def _events(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.wire.resend(values[0])
        return "ok", []

    def _home(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_HOME)
        if self.state != HOMING:
            settings = Settings(HOME_CHECK_UM, HOME_CHECK_UM_S, 0, limits.FLOW_MIN_NL_S, HOME_CHECK_DWELL_US, 0, 10_000)
            settings.period_us = Figures(settings, self.hardware).shortest_us + 10_000
            self._prepare(settings, SINGLE, 1, 1, 0)
            self.armed = -1
            self.guard.homed = False
            self._go(state.ASKED_HOME)
            self.guard.arm(self._now, True)
        return self._status()

    def _begin(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        self.program.begin(values)
        self.armed = -1
        self.guard.budget_nl = self.program.syringe_nl
        self._attempts = [0] * limits.PASSES_MAX
        return "ok", []

    def _pass(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        self.program.add(values)
        return "ok", []

    def _commit(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        return "program", self.program.commit(values[0])

    def _arm(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_ARM)
        index = values[0]
        program = self.program
        if not program.committed or index >= len(program.passes):
            raise Refusal(faults.WRONG_ORDER, 0, index, 0, max(0, len(program.passes) - 1))
        one = program.passes[index]
        left = one.shots - one.done
        if left <= 0:
            raise Refusal(faults.PASS_COMPLETE, 0, index)
        if self._now > limits.UPTIME_MAX_MS:
            raise Refusal(faults.RESTART_DUE, -1, self._now, 0, limits.UPTIME_MAX_MS)
        if not self.events.room():
            raise Refusal(faults.RECORD_WAITS, -1, self.events.kept(), 0, limits.EVENTS_KEPT)
        settings = one.settings(program.syringe_bore_um)
        audit = self._prepare(
            settings, one.mode, one.burst, left, max(limits.DOSE_ERROR_NL, one.dose_nl * limits.DOSE_ERROR_PERCENT // 100)
        )
        self.armed = index
        self._go(state.ASKED_ARM)
        self.guard.arm(self._now, False)
        return "armed", [index, left, audit.deepest_um, audit.dose_nl, audit.period_us, self.stroke.length]

    def _disarm(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.guard.stop(PAUSE, faults.DISARMED)
        self._take_notes()
        self._go(state.ASKED_DISARM)
        return self._status()

    def _status(self) -> tuple:  # type: ignore[type-arg]
        x = self.board.inputs  # type: ignore[attr-defined]
        bits = 0
        for i in range(7):
            bits |= x[i] << i
        done = self.program.passes[self.armed].done if self._has_pass() else 0
        events = self.events
        return "state", [self.state, self._now, self.fault, self.armed, done, events.last, events.kept(), bits, self.wire.bad_lines]

    def _prepare(self, settings: Settings, mode: int, burst: int, left: int, dose_tolerance_nl: int) -> Audit:
        """Compile, audit, hand to player and guard. Raises Refusal; then nothing is armed."""
        if self.guard.phase != OFF:
            raise Refusal(faults.WRONG_STATE, -1, self.state)
        try:
            self.stroke.compile(settings, self.hardware)
            audit = Audit(self.stroke, settings, self.hardware)
        except ValueError:
            raise Refusal(faults.STROKE_TOO_LONG, -1, self.stroke.length, 1, limits.STROKE_WORDS_MAX)
        except AuditFailed:
            raise Refusal(faults.AUDIT_FAILED)
        hardware = self.hardware
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        tolerance_nm = dose_tolerance_nl * 452_000_000_000 // (355 * bore2)
        self.board.player.load(self.stroke)  # type: ignore[attr-defined]
        self.guard.flight.use(
            self.stroke, hardware.plunger_nm_per_step, tolerance_nm, hardware.needle_out_mm_s2, hardware.needle_brake_mm_s2
        )
        self.guard.use(self.stroke, mode, burst, left)
        return audit

    # ---- state ----

    def _allow(self, event: int) -> None:
        if state.following(self.state, event) == state.REFUSE:
            raise Refusal(faults.WRONG_STATE, -1, self.state)

    def _go(self, event: int) -> None:
        after = state.following(self.state, event)
        if after == state.NEVER:
            self.guard.stop(FAULT, faults.LOGIC)
        elif after >= 0 and after != self.state:
            before = self.state
            self.state = after
            self.events.add(CHANGED, [self._now, before, after, event])
            self.board.show(after)  # type: ignore[attr-defined]

    def _take_notes(self) -> None:
        guard = self.guard
        notes = guard.notes
        while guard.read < guard.noted:
            at = guard.read % NOTES * NOTE_SIZE
            kind, a, b = notes[at], notes[at + 2], notes[at + 3]
            c, d, e = notes[at + 4], notes[at + 5], notes[at + 6]
            guard.read += 1
            if kind == NOTE_SHOT:
                self._shot(a, b, c, d, e)
            elif kind == NOTE_ENDED:
                self._ended(a, b)
            elif kind == NOTE_STARTED:
                self._go(state.STARTED)
            elif kind == NOTE_STOPPING:
                self._go(state.STOPPING)
            elif kind == NOTE_HOMED:
                self._go(state.HOMED)
            elif kind == NOTE_CLEARED:
                self.fault = 0
                self._go(state.CLEARED)

    def _shot(self, start_ms: int, start_us: int, depth_um: int, travel_nm: int, flags: int) -> None:
        program = self.program
        one = program.passes[self.armed]
        if not flags & PARTIAL:
            one.done += 1
        self._attempts[self.armed] += 1
        bore2 = program.syringe_bore_um * program.syringe_bore_um
        measured_nl = (travel_nm * 355 * bore2 + 226_000_000_000) // 452_000_000_000
        self.events.add(
            SHOT,
            [
                start_ms,
                start_us,
                self.armed,
                self._attempts[self.armed],
                one.period_us,
                one.depth_um,
                max(-20_000, min(20_000, depth_um)),
                one.dose_nl,
                max(-1_000_000, min(1_000_000, measured_nl)),
                flags,
            ],
        )
        self.board.click()  # type: ignore[attr-defined]

    def _ended(self, kind: int, reason: int) -> None:
        done = self.program.passes[self.armed].done if self._has_pass() else 0
        if kind >= FAULT and not self.fault:
            self.fault = reason
        self.events.add(ENDED, [self._now, kind, reason, self.armed, done])
        if kind == FAULT:
            self._go(state.FAULT_LATCHED)
        elif kind == ESTOP:
            self._go(state.ESTOP_LATCHED)
        elif self.state == HOMING:
            self._go(state.HOME_ENDED)
        elif kind == DONE:
            self._go(state.PASS_ENDED)
        elif kind == HOLD:
            self._go(state.HELD_END)
        else:
            self._go(state.PAUSED)

    def _has_pass(self) -> bool:
        return 0 <= self.armed < len(self.program.passes)
