"""The loop sees shots so: written down before they may begin, reported when the guard has noted them, and ended.

A shot's way through here allocates nothing, and each function is so short that the board finds its frame on the stack: it has 11
words there, and looks for a larger one in the heap, for longer than most functions take.
"""

from array import array

from mesogun_fw.device import state
from mesogun_fw.device.events import ENDED, SHOT
from mesogun_fw.device.gun import MEASURED_NL, Gun
from mesogun_fw.device.swept import swept_nl
from mesogun_fw.guard import cells, inputs, notes
from mesogun_fw.guard.asked import CHANGED
from mesogun_fw.guard.carry import follow_on
from mesogun_fw.memory.journal import HistoryUnknown, Journal
from mesogun_fw.shim import addressof
from mesogun_fw.talk import codes, messages, places, reasons

PREPARED = 2  # so many shots stand ready in the journal: the one that may start and the one that may be granted after it

DEPTH_SAID_UM = 20_000  # no more than this is said of a measured depth, and of a dose
DOSE_SAID_NL = 1_000_000


def stop(gun: Gun, kind: int, reason: int) -> None:
    """The guard ends whatever goes on, and what it notes of that is taken."""
    gun.guard.stop(kind, reason)
    take_notes(gun)


def take_notes(gun: Gun) -> None:
    """What the guard has noted becomes events, rows of the journal, and the state that follows."""
    c = gun.guard.cells
    while c[cells.READ] < c[cells.NOTED]:
        at = cells.NOTES_AT + c[cells.READ] % cells.NOTES * cells.NOTE_SIZE
        c[cells.READ] += 1
        if c[at] == notes.NOTE_SHOT:
            _keep(gun.over, c, at)
            _report(gun, gun.over)
        elif c[at] == notes.NOTE_ENDED:
            ended(gun, c[at + notes.NOTE_ENDING], c[at + notes.NOTE_REASON])
        else:
            _take(gun, c[at])


def _keep(over: "array[int]", c: "array[int]", at: int) -> None:
    """What the guard has noted of a shot is kept here, while the ring of notes goes on."""
    i = notes.NOTE_START_MS
    while i < cells.NOTE_SIZE:
        over[i] = c[at + i]
        i += 1


def _take(gun: Gun, kind: int) -> None:
    if kind == notes.NOTE_STARTED:
        gun.plunger_nm = gun.guard.cells[inputs.PLUNGER_NM]
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
    _say_ended(gun, kind, reason)
    moving = gun.state == messages.HOMING
    if moving and gun.move == cells.PRIME:
        _take_off(gun, _primed_nl(gun))
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


def _say_ended(gun: Gun, kind: int, reason: int) -> None:
    row = gun.events.rows
    at = gun.events.new(ENDED)
    row[at + places.ENDED_AT_MS] = gun.now_ms
    row[at + places.ENDED_KIND] = kind
    row[at + places.ENDED_REASON] = reason
    row[at + places.ENDED_PASS_INDEX] = gun.armed
    row[at + places.ENDED_DONE] = gun.done()


def _take_off(gun: Gun, primed_nl: int) -> None:
    gun.waste_nl += primed_nl
    gun.used_nl += primed_nl
    gun.guard.cells[cells.BUDGET_NL] -= primed_nl


def _primed_nl(gun: Gun) -> int:
    travel_nm = gun.board.inputs[inputs.PLUNGER_NM] - gun.plunger_nm
    return swept_nl(travel_nm, gun.strokes[0].settings.syringe_bore_um)


def leave_uncertain(gun: Gun) -> None:
    """Nobody judged the shot in flight, nor the one granted after it: they are counted as given."""
    c = gun.guard.cells
    if c[cells.IN_FLIGHT] and not c[cells.MOVE]:
        _report_uncertain(gun, c, c[cells.DEEPEST] - c[cells.ZERO], gun.guard.travel_nm)
        if c[cells.GRANTED]:
            c[cells.GRANTED] = 0
            follow_on(addressof(c))
            _report_uncertain(gun, c, 0, 0)
    c[cells.IN_FLIGHT] = 0


def _report_uncertain(gun: Gun, c: "array[int]", depth_um: int, travel_nm: int) -> None:
    over = gun.over
    over[notes.NOTE_START_MS] = c[cells.START_MS]
    over[notes.NOTE_START_US] = c[cells.START_US]
    over[notes.NOTE_DEPTH_UM] = depth_um
    over[notes.NOTE_TRAVEL_NM] = travel_nm
    over[notes.NOTE_FLAGS] = codes.UNCERTAIN
    _report(gun, over)


def keep_ahead(gun: Gun) -> None:
    """The next shots stand in the journal, prepared, before the guard may begin them."""
    if gun.state == messages.ARMED or gun.state == messages.RUNNING:
        try:
            _prepare_ahead(gun, gun.journal)
        except HistoryUnknown:
            stop(gun, messages.FAULT, reasons.JOURNAL_FAILED)


def _prepare_ahead(gun: Gun, journal: Journal) -> None:
    if not journal.waits_with(gun.next_shot_with.dose_nl):
        # One that was granted before the setting changed was revoked after: its row waits again, with the dose of then.
        journal.lay_dose(gun.next_shot_with.dose_nl)
        if gun.guard.redose() == CHANGED:
            journal.dosed(gun.next_shot_with.dose_nl)
    while journal.ahead() < PREPARED:
        shot = gun.attempts[gun.armed] + journal.in_flight() + journal.ahead() + 1
        journal.prepare(gun.program.number, gun.armed, shot, gun.next_shot_with.dose_nl)


def _report(gun: Gun, over: "array[int]") -> None:
    """A shot is over, of which the guard has noted this: it is closed in the journal, counted, and told."""
    over[notes.NOTE_DEPTH_UM] = _within(over[notes.NOTE_DEPTH_UM], DEPTH_SAID_UM)
    over[MEASURED_NL] = _within(swept_nl(over[notes.NOTE_TRAVEL_NM], gun.program.syringe_bore_um), DOSE_SAID_NL)
    _close(gun)
    _count(gun, over[notes.NOTE_FLAGS])
    _tell(gun, over)
    gun.board.click()


def _close(gun: Gun) -> None:
    try:
        _done(gun.journal, gun.over)
    except HistoryUnknown:
        gun.guard.stop(messages.FAULT, reasons.JOURNAL_FAILED)


def _done(journal: Journal, over: "array[int]") -> None:
    journal.done(over[notes.NOTE_DEPTH_UM], over[MEASURED_NL], over[notes.NOTE_FLAGS])


def _count(gun: Gun, flags: int) -> None:
    if codes.kind_of(flags) != codes.CUT_SHORT:
        gun.program.passes[gun.armed].done += 1
    gun.attempts[gun.armed] += 1
    gun.used_nl += gun.shot_with.dose_nl


def _tell(gun: Gun, over: "array[int]") -> None:
    row = gun.events.rows
    at = gun.events.new(SHOT)
    row[at + places.SHOT_AT_MS] = over[notes.NOTE_START_MS]
    row[at + places.SHOT_AT_US] = over[notes.NOTE_START_US]
    row[at + places.SHOT_PASS_INDEX] = gun.armed
    row[at + places.SHOT_SHOT] = gun.attempts[gun.armed]
    row[at + places.SHOT_PERIOD_US] = gun.shot_with.period_us
    row[at + places.SHOT_COMMANDED_DEPTH_UM] = gun.shot_with.depth_um
    row[at + places.SHOT_MEASURED_DEPTH_UM] = over[notes.NOTE_DEPTH_UM]
    row[at + places.SHOT_COMMANDED_DOSE_NL] = gun.shot_with.dose_nl
    row[at + places.SHOT_MEASURED_DOSE_NL] = over[MEASURED_NL]
    row[at + places.SHOT_FLAGS] = over[notes.NOTE_FLAGS]


def _within(value: int, most: int) -> int:
    return most if value > most else -most if value < -most else value
