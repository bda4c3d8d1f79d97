"""The host may ask this, one function a message: each gives (answer, its row of values).

It raises Refusal, and then nothing is done. None of them can fire: the most a request does is to let the next press of the
trigger do something.
"""

from mesogun_fw import VERSION, limits
from mesogun_fw.device import state
from mesogun_fw.device.arming import adjust, arm, disarm
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.keeping import configure, format_journal, restart
from mesogun_fw.device.looking import journal, log, selftest_again, status, watch
from mesogun_fw.device.moves import gauge, home, prime
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.shots import stop
from mesogun_fw.guard import cells
from mesogun_fw.talk import frames, messages, reasons


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


def description(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    return "gun", list(gun.description.figures())


def beat(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.guard.cells[cells.BEAT_MS] = gun.now_ms
    gun.events.ack(asked["ack"])
    return status(gun)


def events(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.wire.resend(asked["since"])
    return "ok", []


def load(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    gun.program.load(asked)
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


# By the name of the message stands what is done when the host asks it.
REQUESTS = {
    "hello": hello,
    "hardware": description,
    "beat": beat,
    "events": events,
    "home": home,
    "begin": load,
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
