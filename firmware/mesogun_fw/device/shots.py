"""The loop sees shots so: written down before they may begin, reported when the guard has noted them, and ended."""

from mesogun_fw.device import state
from mesogun_fw.device.events import ENDED, SHOT
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.swept import swept_nl
from mesogun_fw.guard import cells, inputs, notes
from mesogun_fw.guard.asked import CHANGED
from mesogun_fw.guard.carry import follow_on
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.shim import addressof
from mesogun_fw.talk import codes, messages, reasons

PREPARED = 2  # so many shots stand ready in the journal: the one that may start and the one that may be granted after it


def stop(gun: Gun, kind: int, reason: int) -> None:
    """The guard ends whatever goes on, and what it notes of that is taken."""
    gun.guard.stop(kind, reason)
    take_notes(gun)


def take_notes(gun: Gun) -> None:
    """What the guard has noted becomes events, rows of the journal, and the state that follows."""
    c = gun.guard.cells
    while c[cells.READ] < c[cells.NOTED]:
        at = cells.NOTES_AT + c[cells.READ] % cells.NOTES * cells.NOTE_SIZE
        kind = c[at + notes.NOTE_KIND]
        c[cells.READ] += 1
        if kind == notes.NOTE_SHOT:
            _report(
                gun,
                c[at + notes.NOTE_START_MS],
                c[at + notes.NOTE_START_US],
                c[at + notes.NOTE_DEPTH_UM],
                c[at + notes.NOTE_TRAVEL_NM],
                c[at + notes.NOTE_FLAGS],
            )
        elif kind == notes.NOTE_ENDED:
            ended(gun, c[at + notes.NOTE_ENDING], c[at + notes.NOTE_REASON])
        elif kind == notes.NOTE_STARTED:
            gun.plunger_nm = c[inputs.PLUNGER_NM]
            gun.go(state.STARTED)
        elif kind == notes.NOTE_STOPPING:
            gun.go(state.STOPPING)
        elif kind == notes.NOTE_HOMED:
            gun.go(state.HOMED)
        elif kind == notes.NOTE_SWAPPED:
            gun.shot_with = gun.next_shot_with
        elif kind == notes.NOTE_CLEARED:
            gun.fault = 0
            gun.go(state.CLEARED)
            gun.tested = False


def ended(gun: Gun, kind: int, reason: int) -> None:
    """Shots, or a move, have ended: this is said, and the state that follows is gone into."""
    if kind >= messages.FAULT and not gun.fault:
        gun.fault = reason
    row = gun.events.new(ENDED)
    row["at_ms"] = gun.now_ms
    row["kind"] = kind
    row["reason"] = reason
    row["pass_index"] = gun.armed
    row["done"] = gun.done()
    moving = gun.state == messages.HOMING
    if moving and gun.move == cells.PRIME:
        travel_nm = gun.board.inputs[inputs.PLUNGER_NM] - gun.plunger_nm
        gun.waste_nl += swept_nl(travel_nm, gun.strokes[0].settings.syringe_bore_um)
    if kind == messages.FAULT:
        gun.go(state.FAULT_LATCHED)
    elif kind == messages.ESTOP:
        gun.go(state.ESTOP_LATCHED)
    elif moving:
        gun.go(state.HOME_ENDED if gun.move == cells.HOME_CHECK else state.HOMED)
    elif kind == messages.DONE:
        gun.go(state.PASS_ENDED)
    elif kind == messages.HOLD:
        gun.go(state.HELD_END)
    else:
        gun.go(state.PAUSED)


def leave_uncertain(gun: Gun) -> None:
    """Nobody judged the shot in flight, nor the one granted after it: they are counted as given."""
    c = gun.guard.cells
    if c[cells.IN_FLIGHT] and not c[cells.MOVE]:
        deepest_um = c[cells.DEEPEST] - c[cells.ZERO]
        _report(gun, c[cells.START_MS], c[cells.START_US], deepest_um, gun.guard.travel_nm, codes.UNCERTAIN)
        if c[cells.GRANTED]:
            c[cells.GRANTED] = 0
            follow_on(addressof(c))
            _report(gun, c[cells.START_MS], c[cells.START_US], 0, 0, codes.UNCERTAIN)
    c[cells.IN_FLIGHT] = 0


def keep_ahead(gun: Gun) -> None:
    """The next shots stand in the journal, prepared, before the guard may begin them."""
    if gun.state not in (messages.ARMED, messages.RUNNING):
        return
    journal = gun.journal
    try:
        if not journal.waits_with(gun.next_shot_with.dose_nl):
            # One that was granted before the setting changed was revoked after: its row waits again, with the dose of then.
            journal.lay_dose(gun.next_shot_with.dose_nl)
            if gun.guard.redose() == CHANGED:
                journal.dosed(gun.next_shot_with.dose_nl)
        while journal.ahead() < PREPARED:
            shot = gun.attempts[gun.armed] + journal.in_flight() + journal.ahead() + 1
            journal.prepare(gun.program.digest, gun.armed, shot, gun.next_shot_with.dose_nl)
    except HistoryUnknown:
        stop(gun, messages.FAULT, reasons.JOURNAL_FAILED)


def _report(gun: Gun, start_ms: int, start_us: int, depth_um: int, travel_nm: int, flags: int) -> None:
    program = gun.program
    one = gun.shot_with
    measured_nl = max(-1_000_000, min(1_000_000, swept_nl(travel_nm, program.syringe_bore_um)))
    depth_um = max(-20_000, min(20_000, depth_um))
    try:
        gun.journal.done(depth_um, measured_nl, flags)
    except HistoryUnknown:
        gun.guard.stop(messages.FAULT, reasons.JOURNAL_FAILED)
    if not flags & codes.PARTIAL:
        program.passes[gun.armed].done += 1
    gun.attempts[gun.armed] += 1
    row = gun.events.new(SHOT)
    row["at_ms"] = start_ms
    row["at_us"] = start_us
    row["pass_index"] = gun.armed
    row["shot"] = gun.attempts[gun.armed]
    row["period_us"] = one.period_us
    row["commanded_depth_um"] = one.depth_um
    row["measured_depth_um"] = depth_um
    row["commanded_dose_nl"] = one.dose_nl
    row["measured_dose_nl"] = measured_nl
    row["flags"] = flags
    gun.board.click()
