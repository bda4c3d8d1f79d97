"""What the host may ask, one method a message: its row of values in, (answer, row) out. Raises Refusal, then nothing is done.

None of them can fire: the most a request does is to let the next press of the trigger do something.
"""

from mesogun_fw import VERSION, limits
from mesogun_fw.config import Hardware
from mesogun_fw.device import state
from mesogun_fw.device.lifecycle import Lifecycle
from mesogun_fw.device.program import Pass, Refusal
from mesogun_fw.device.selftest import selftest
from mesogun_fw.guard import cells, inputs
from mesogun_fw.memory.description import store
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.memory.slots import WriteFailed
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import Audit, AuditFailed, audit_stop
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.stroke.pneumatic import compile_stop
from mesogun_fw.talk import frames, messages, reasons, refusals
from mesogun_fw.talk.codes import GOOD

# A slow short stroke in the air: it proves motor, encoder and home switch before anything may be armed.
HOME_CHECK_UM = 500
HOME_CHECK_UM_S = 20_000
HOME_CHECK_DWELL_US = 50_000
GAUGE_UM_S = 10_000
GAUGE_DWELL_US = 2_000_000  # time to read a gauge
REST_US = 20_000
STOP_NEAR_UM = 20  # the depth stop counts as standing where it shall: its sensor's noise


class Requests(Lifecycle):
    """The device as the host knows it: everything but its loop."""

    def _hello(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.wire.said_hello = True
        self._stop(messages.PAUSE, reasons.DISARMED)
        self._go(state.HELLO)
        self.wire.sent = self.events.acked
        board = self.board
        return "welcome", [
            messages.PROTO,
            frames.table_hash(),
            VERSION,
            board.simulated,
            board.serial,
            board.boot,
            limits.DEPTH_CAP_UM,
            limits.DOSE_MAX_NL,
            limits.PERIOD_MIN_US,
            limits.FLOW_MAX_NL_S,
        ]

    def _hardware(self, values: list) -> tuple:  # type: ignore[type-arg]
        return "gun", list(self.hardware.figures())

    def _beat(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.guard.cells[cells.BEAT_MS] = self._now
        self.events.ack(values[0])
        return self._status()

    def _events(self, values: list) -> tuple:  # type: ignore[type-arg]
        self.wire.resend(values[0])
        return "ok", []

    def _begin(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        self.program.begin(values)
        self.armed = -1
        self.guard.cells[cells.BUDGET_NL] = self.program.syringe_nl
        self._attempts = [0] * limits.PASSES_MAX
        return "ok", []

    def _pass(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        self.program.add(values)
        return "ok", []

    def _commit(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        return "program", self.program.commit(values[0])

    # ---- shots ----

    def _arm(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_ARM)
        index = values[0]
        program = self.program
        if not program.committed or index >= len(program.passes):
            raise Refusal(refusals.WRONG_ORDER, 0, index, 0, max(0, len(program.passes) - 1))
        one = program.passes[index]
        left = one.shots - one.done
        if left <= 0:
            raise Refusal(refusals.PASS_COMPLETE, 0, index)
        if self._now > limits.UPTIME_MAX_MS:
            raise Refusal(refusals.RESTART_DUE, -1, self._now, 0, limits.UPTIME_MAX_MS)
        if not self.events.room():
            raise Refusal(refusals.RECORD_WAITS, -1, self.events.kept(), 0, limits.EVENTS_KEPT)
        if self.journal.condition != GOOD:
            raise Refusal(refusals.HISTORY_UNKNOWN, -1, self.journal.condition, GOOD, GOOD)
        if self.restart_due:
            raise Refusal(refusals.RESTART_DUE)
        audit = self._prepare(0, one.settings(program.syringe_bore_um))
        place = self._way_of_the_stop(one.depth_um)
        self._hand_over(0, one.mode, one.burst, left, cells.SHOTS, place)
        self.armed = index
        self._setting = self._next_setting = one
        self._go(state.ASKED_ARM)
        self._alone(self.journal.discard)
        self._keep_ahead()
        self._arm_guard()
        return "armed", self._armed_row(audit, left, 0)

    def _adjust(self, values: list) -> tuple:  # type: ignore[type-arg]
        if self.state not in (messages.ARMED, messages.RUNNING):
            raise Refusal(refusals.WRONG_STATE, -1, self.state)
        one = self._setting.adjusted(values)
        self.program.check(one)
        fixed = one.mode == messages.CONSTANT_FLOW or not drive.depth_between_shots(self.hardware)  # the needle may be out
        if one.depth_um != self._setting.depth_um and fixed:
            raise Refusal(refusals.NOT_WHILE_ARMED, 0, one.depth_um, self._setting.depth_um, self._setting.depth_um)
        guard = self.guard
        # one that waits already is taken back; what has been granted stays as it is and is waited for
        self.board.alone(True)
        busy = guard.cells[cells.GRANTED] and guard.cells[cells.GRANTED_SLOT] != guard.slot
        if not busy:
            guard.stay()
        self.board.alone(False)
        if busy:
            raise Refusal(refusals.WRONG_STATE, -1, self.state)
        self._take_notes()  # what was swapped until now
        self._follow_with(self._setting, -1)
        slot = 1 - guard.slot
        audit = self._prepare(slot, one.settings(self.program.syringe_bore_um))
        self._follow_with(one, slot)
        return "armed", self._armed_row(audit, max(1, guard.cells[cells.LEFT]), slot)

    def _follow_with(self, one: Pass, slot: int) -> None:
        """The shots that follow are of this setting, in the journal too. -1: it is the one in use."""
        self._next_setting = one
        try:
            self._alone(self._swap, self.journal.resealed(one.dose_nl), slot)
        except HistoryUnknown:
            self._stop(messages.FAULT, reasons.JOURNAL_FAILED)
            raise Refusal(refusals.NOT_STORED)

    def _swap(self, rows: list, slot: int) -> None:  # type: ignore[type-arg]
        self.journal.rewrite(rows)
        if slot >= 0:
            self.guard.swap(self.strokes[slot], slot)

    def _armed_row(self, audit: Audit, left: int, slot: int) -> list:  # type: ignore[type-arg]
        return [self.armed, left, audit.deepest_um, audit.dose_nl, audit.period_us, self.strokes[slot].used()]

    def _disarm(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._stop(messages.PAUSE, reasons.DISARMED)
        self._go(state.ASKED_DISARM)
        return self._status()

    # ---- moves that are no shot: unarmed, in the air, trigger held, slow, once ----

    def _home(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_HOME)
        if self.state != messages.HOMING:
            settings = Settings(HOME_CHECK_UM, HOME_CHECK_UM_S, 0, limits.FLOW_MIN_NL_S, HOME_CHECK_DWELL_US, 0, 10_000)
            self._move(cells.HOME_CHECK, settings)
        return self._status()

    def _gauge(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_MOVE)
        if values[0] % limits.DEPTH_STEP_UM:
            raise Refusal(refusals.NOT_A_STEP, 0, values[0], limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM)
        self._move(cells.GAUGE, Settings(values[0], GAUGE_UM_S, 0, limits.FLOW_MIN_NL_S, GAUGE_DWELL_US, 0, 10_000))
        return self._status()

    def _prime(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_MOVE)
        volume_nl, flow_nl_s, bore_um = values
        fastest_nl_s = self.hardware.plunger_um_s * 355 * bore_um * bore_um // 452_000_000
        if flow_nl_s > fastest_nl_s:
            raise Refusal(refusals.FLOW_TOO_FAST, 1, flow_nl_s, limits.FLOW_MIN_NL_S, fastest_nl_s)
        self._move(cells.PRIME, Settings(0, limits.NEEDLE_SPEED_MIN_UM_S, volume_nl, flow_nl_s, 0, 0, bore_um))
        return self._status()

    def _move(self, move: int, settings: Settings) -> None:
        settings.period_us = drive.figures(settings, self.hardware).shortest_us + REST_US
        self._prepare(0, settings)
        self.armed = -1
        self.move = move
        self._hand_over(0, messages.SINGLE, 1, 1, move, self._way_of_the_stop(settings.depth_um))
        self._go(state.ASKED_HOME)
        self._arm_guard()

    # ---- what the gun keeps: only while nothing may start, for a write to flash blinds the guard ----

    def _configure(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        if self.restart_due:
            raise Refusal(refusals.RESTART_DUE)
        try:
            store(self.board.flash, Hardware(tuple(values)))
        except ValueError:
            raise Refusal(refusals.NOT_PLAUSIBLE)
        except WriteFailed:
            raise Refusal(refusals.NOT_STORED)
        self.restart_due = True
        return "gun", values

    def _format(self, values: list) -> tuple:  # type: ignore[type-arg]
        self._allow(state.ASKED_LOAD)
        if values[0] != self.board.serial:
            raise Refusal(refusals.WRONG_SERIAL, 0, values[0], self.board.serial, self.board.serial)
        self.journal.format(self.board.serial)
        return self._journal(values)

    def _restart(self, values: list) -> tuple:  # type: ignore[type-arg]
        """The only way to the prompt that flashing needs is through a start with the button held: nobody gets there by cable."""
        self._allow(state.ASKED_LOAD)
        self.leaving = True
        return "ok", []

    # ---- looking ----

    def _journal(self, values: list) -> tuple:  # type: ignore[type-arg]
        journal = self.journal
        shots, volume_nl, uncertain = journal.summary() if journal.condition == GOOD else (0, 0, 0)
        return "journaled", [journal.condition, shots, volume_nl, uncertain]

    def _log(self, values: list) -> tuple:  # type: ignore[type-arg]
        back = values[0]
        if self.journal.condition == GOOD:
            for row in self.journal.records():  # type: ignore[no-untyped-call]
                if not back:
                    return "logged", list(row)
                back -= 1
        return "logged", [0] * 8

    def _selftest(self, values: list) -> tuple:  # type: ignore[type-arg]
        if self.guard.phase not in (cells.OFF, cells.LATCHED):
            raise Refusal(refusals.WRONG_STATE, -1, self.state)
        return "tested", [selftest(self.board, self.board.inputs, self.journal)]

    def _watch(self, values: list) -> tuple:  # type: ignore[type-arg]
        x = self.board.inputs
        late_us, tick_us = self.board.worst()
        return "watched", [
            self.state,
            self._bits(),
            x[inputs.SYRINGE],
            self.guard.needle_um,
            x[inputs.PLUNGER_NM],
            x[inputs.SUPPLY_MV],
            x[inputs.TEMPERATURE_C],
            x[inputs.PRESSURE_KPA],
            x[inputs.STOP_UM],
            late_us,
            tick_us,
            self.waste_nl,
        ]

    def _status(self) -> tuple:  # type: ignore[type-arg]
        done = self.program.passes[self.armed].done if self._has_pass() else 0
        events = self.events
        return "state", [
            self.state,
            self._now,
            self.fault,
            self.armed,
            done,
            events.last,
            events.kept(),
            self._bits(),
            self.wire.bad_lines,
        ]

    def _bits(self) -> int:
        bits = 0
        for i in range(7):
            bits |= self.board.inputs[i] << i
        return bits

    # ---- how a stroke gets to the guard ----

    def _prepare(self, slot: int, settings: Settings) -> Audit:
        """Compile and audit into a slot that is not in play, hand it to the player. Raises Refusal; then nothing has changed."""
        if slot == self.guard.slot and self.guard.phase != cells.OFF:
            raise Refusal(refusals.WRONG_STATE, -1, self.state)
        if not self.board.described:
            raise Refusal(refusals.NO_DESCRIPTION)
        stroke: Stroke = self.strokes[slot]
        hardware = self.hardware
        try:
            drive.compile(stroke, settings, hardware)
            audit = Audit(stroke, settings, hardware)
        except ValueError:
            raise Refusal(refusals.STROKE_TOO_LONG, -1, stroke.used(), 1, limits.STROKE_WORDS_MAX)
        except AuditFailed:
            raise Refusal(refusals.AUDIT_FAILED)
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        tolerance_nl = max(limits.DOSE_ERROR_NL, settings.dose_nl * limits.DOSE_ERROR_PERCENT // 100)
        self.board.player.load(stroke, slot)
        self.guard.lay(stroke, slot, tolerance_nl * 452_000_000_000 // (355 * bore2))
        return audit

    def _way_of_the_stop(self, depth_um: int) -> tuple:  # type: ignore[type-arg]
        """(slot of the depth stop's way to this depth, or -1 when it stands there, and where it will stand)."""
        if self.hardware.drive != messages.PNEUMATIC or not depth_um:
            return -1, self.board.inputs[inputs.STOP_UM]
        now_um = self.board.inputs[inputs.STOP_UM]
        if abs(depth_um - now_um) <= STOP_NEAR_UM:
            return -1, depth_um
        stroke = self.strokes[1]
        to_um = compile_stop(stroke, now_um, depth_um, self.hardware)
        try:
            if abs(audit_stop(stroke, now_um, self.hardware) - depth_um) > STOP_NEAR_UM or abs(to_um - depth_um) > STOP_NEAR_UM:
                raise Refusal(refusals.AUDIT_FAILED)
        except AuditFailed:
            raise Refusal(refusals.AUDIT_FAILED)
        self.board.player.load(stroke, 1)
        return 1, depth_um

    def _hand_over(self, slot: int, mode: int, burst: int, left: int, move: int, place: tuple) -> None:  # type: ignore[type-arg]
        self.board.alone(True)
        self.guard.use(self.strokes[slot], slot, mode, burst, left, move)
        self.guard.place(place[0], place[1])
        self.board.alone(False)

    def _arm_guard(self) -> None:
        self.board.alone(True)
        self.guard.arm(self._now)
        self.board.alone(False)
