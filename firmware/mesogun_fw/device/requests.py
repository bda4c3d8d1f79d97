"""The host may ask this, one function a message: each gives (answer, its row of values).

It raises Refusal, and then nothing is done. None of them can fire: the most a request does is to let the next press of the
trigger do something.
"""

from mesogun_fw import VERSION, limits
from mesogun_fw.config import Hardware
from mesogun_fw.device import state
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.program import Pass
from mesogun_fw.device.ready import arm_guard, hand_over, may_arm, prepare, way_of_the_stop
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.selftest import selftest
from mesogun_fw.device.shots import keep_ahead, stop, take_notes
from mesogun_fw.guard import cells, inputs
from mesogun_fw.memory.description import store
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.memory.slots import WriteFailed
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import codes, frames, messages, reasons, refusals

# The home check is a slow short stroke in the air: it proves motor, encoder and home switch before anything may be armed.
HOME_CHECK_UM = 500
HOME_CHECK_UM_S = 20_000
HOME_CHECK_DWELL_US = 50_000
GAUGE_UM_S = 10_000
GAUGE_DWELL_US = 2_000_000  # a person reads a gauge in this time
REST_US = 20_000
ANY_BORE_UM = 10_000  # a move without a dose has this bore


def answer_to(gun: Gun, name: str, values: list) -> tuple:  # type: ignore[type-arg]
    """One request has (answer, its row of values): it is done, or refused."""
    try:
        return REQUESTS[name](gun, frames.named(name, values))
    except Refusal as refusal:
        return "refused", refusal.row(name)


def hello(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.wire.said_hello = True
    stop(gun, messages.PAUSE, reasons.DISARMED)
    gun.go(state.HELLO)
    gun.wire.sent = gun.events.acked
    board = gun.board
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


def hardware(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    return "gun", list(gun.hardware.figures())


def beat(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.guard.cells[cells.BEAT_MS] = gun.now_ms
    gun.events.ack(asked["ack"])
    return _status(gun)


def events(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.wire.resend(asked["since"])
    return "ok", []


def begin(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    gun.program.begin(asked)
    gun.armed = -1
    gun.guard.cells[cells.BUDGET_NL] = gun.program.syringe_nl
    gun.attempts = [0] * limits.PASSES_MAX
    return "ok", []


def add_pass(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    gun.program.add(asked)
    return "ok", []


def commit(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    return "program", gun.program.commit(asked["digest"])


# ---- shots ----


def arm(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_ARM)
    index = asked["index"]
    one = may_arm(gun, index)
    audit = prepare(gun, 0, one.settings(gun.program.syringe_bore_um))
    hand_over(gun, one.mode, one.burst, one.left(), cells.SHOTS, way_of_the_stop(gun, one.depth_um))
    gun.armed = index
    gun.setting = gun.next_setting = one
    gun.go(state.ASKED_ARM)
    gun.alone(gun.journal.discard)
    keep_ahead(gun)
    arm_guard(gun)
    return _armed(gun, audit, one.left(), 0)


def adjust(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    if gun.state not in (messages.ARMED, messages.RUNNING):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    one = gun.setting.adjusted(asked)
    gun.program.check(one)
    fixed = one.mode == messages.CONSTANT_FLOW or not drive.depth_between_shots(gun.hardware)  # the needle may be out
    if one.depth_um != gun.setting.depth_um and fixed:
        raise Refusal(refusals.NOT_WHILE_ARMED, "depth_um", one.depth_um, gun.setting.depth_um, gun.setting.depth_um)
    guard = gun.guard
    # One that waits already is taken back; what has been granted stays as it is, and then this is refused.
    gun.board.alone(True)
    busy = guard.cells[cells.GRANTED] and guard.cells[cells.GRANTED_SLOT] != guard.slot
    if not busy:
        guard.stay()
    gun.board.alone(False)
    if busy:
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    take_notes(gun)  # what was swapped until now is taken in
    _follow_with(gun, gun.setting, -1)
    slot = 1 - guard.slot
    audit = prepare(gun, slot, one.settings(gun.program.syringe_bore_um))
    _follow_with(gun, one, slot)
    return _armed(gun, audit, max(1, guard.cells[cells.LEFT]), slot)


def _follow_with(gun: Gun, one: Pass, slot: int) -> None:
    """The shots that follow are of this setting, in the journal too. -1 means that it is the one in use."""
    gun.next_setting = one
    try:
        gun.alone(_swap, gun, gun.journal.resealed(one.dose_nl), slot)
    except HistoryUnknown:
        stop(gun, messages.FAULT, reasons.JOURNAL_FAILED)
        raise Refusal(refusals.NOT_STORED)


def _swap(gun: Gun, rows: list, slot: int) -> None:  # type: ignore[type-arg]
    gun.journal.rewrite(rows)
    if slot >= 0:
        gun.guard.swap(gun.strokes[slot], slot)


def _armed(gun: Gun, audit: Audit, left: int, slot: int) -> tuple:  # type: ignore[type-arg]
    return "armed", [gun.armed, left, audit.deepest_um, audit.dose_nl, audit.period_us, gun.strokes[slot].used()]


def disarm(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    stop(gun, messages.PAUSE, reasons.DISARMED)
    gun.go(state.ASKED_DISARM)
    return _status(gun)


# ---- moves that are no shot: unarmed, in the air, trigger held, slow, once ----


def home(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_HOME)
    if gun.state != messages.HOMING:
        settings = Settings(HOME_CHECK_UM, HOME_CHECK_UM_S, 0, limits.FLOW_MIN_NL_S, HOME_CHECK_DWELL_US, 0, ANY_BORE_UM)
        _move(gun, cells.HOME_CHECK, settings)
    return _status(gun)


def gauge(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_MOVE)
    depth_um = asked["depth_um"]
    if depth_um % limits.DEPTH_STEP_UM:
        raise Refusal(refusals.NOT_A_STEP, "depth_um", depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM)
    _move(gun, cells.GAUGE, Settings(depth_um, GAUGE_UM_S, 0, limits.FLOW_MIN_NL_S, GAUGE_DWELL_US, 0, ANY_BORE_UM))
    return _status(gun)


def prime(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_MOVE)
    flow_nl_s, bore_um = asked["flow_nl_s"], asked["syringe_bore_um"]
    fastest_nl_s = gun.hardware.plunger_um_s * 355 * bore_um * bore_um // 452_000_000
    if flow_nl_s > fastest_nl_s:
        raise Refusal(refusals.FLOW_TOO_FAST, "flow_nl_s", flow_nl_s, limits.FLOW_MIN_NL_S, fastest_nl_s)
    _move(gun, cells.PRIME, Settings(0, limits.NEEDLE_SPEED_MIN_UM_S, asked["volume_nl"], flow_nl_s, 0, 0, bore_um))
    return _status(gun)


def _move(gun: Gun, move: int, settings: Settings) -> None:
    settings.period_us = drive.figures(settings, gun.hardware).shortest_us + REST_US
    prepare(gun, 0, settings)
    gun.armed = -1
    gun.move = move
    hand_over(gun, messages.SINGLE, 1, 1, move, way_of_the_stop(gun, settings.depth_um))
    gun.go(state.ASKED_HOME)
    arm_guard(gun)


# ---- what the gun keeps: only while nothing may start, for a write to flash blinds the guard ----


def configure(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    if gun.restart_due:
        raise Refusal(refusals.RESTART_DUE)
    try:
        wanted = Hardware(tuple(frames.row("configure", asked)))
        store(gun.board.flash, wanted)
    except ValueError:
        raise Refusal(refusals.NOT_PLAUSIBLE)
    except WriteFailed:
        raise Refusal(refusals.NOT_STORED)
    gun.restart_due = True
    return "gun", list(wanted.figures())


def format_journal(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    serial = gun.board.serial
    if asked["serial"] != serial:
        raise Refusal(refusals.WRONG_SERIAL, "serial", asked["serial"], serial, serial)
    gun.journal.format(serial)
    return journal(gun, asked)


def restart(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    """The gun starts again as soon as the host has its answer.

    The only way to the prompt that flashing needs is through a start with the button held: nobody gets there by cable.
    """
    gun.allow(state.ASKED_LOAD)
    gun.leaving = True
    return "ok", []


# ---- looking ----


def journal(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    condition = gun.journal.condition
    shots, volume_nl, uncertain = gun.journal.summary() if condition == codes.GOOD else (0, 0, 0)
    return "journaled", [condition, shots, volume_nl, uncertain]


def log(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    back = asked["back"]
    if gun.journal.condition == codes.GOOD:
        for row in gun.journal.records():  # type: ignore[no-untyped-call]
            if not back:
                return "logged", list(row)
            back -= 1
    return "logged", [0] * 8


def selftest_again(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    if gun.guard.phase not in (cells.OFF, cells.LATCHED):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    return "tested", [selftest(gun.board, gun.board.inputs, gun.journal)]


def watch(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    x = gun.board.inputs
    late_us, tick_us = gun.board.worst()
    return "watched", [
        gun.state,
        _switches(gun),
        x[inputs.SYRINGE],
        gun.guard.needle_um,
        x[inputs.PLUNGER_NM],
        x[inputs.SUPPLY_MV],
        x[inputs.TEMPERATURE_C],
        x[inputs.PRESSURE_KPA],
        x[inputs.STOP_UM],
        late_us,
        tick_us,
        gun.waste_nl,
    ]


def _status(gun: Gun) -> tuple:  # type: ignore[type-arg]
    return "state", [
        gun.state,
        gun.now_ms,
        gun.fault,
        gun.armed,
        gun.done(),
        gun.events.last,
        gun.events.kept(),
        _switches(gun),
        gun.wire.bad_lines,
    ]


def _switches(gun: Gun) -> int:
    bits = 0
    for i in range(7):
        bits |= gun.board.inputs[i] << i
    return bits


# By the name of the message stands what is done when the host asks it.
REQUESTS = {
    "hello": hello,
    "hardware": hardware,
    "beat": beat,
    "events": events,
    "home": home,
    "begin": begin,
    "pass": add_pass,
    "commit": commit,
    "arm": arm,
    "adjust": adjust,
    "gauge": gauge,
    "prime": prime,
    "selftest": selftest_again,
    "configure": configure,
    "journal": journal,
    "log": log,
    "format": format_journal,
    "restart": restart,
    "watch": watch,
    "disarm": disarm,
}
