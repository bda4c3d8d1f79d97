"""The host may ask this, one function a message: each gives the name of its answer, whose values stand in `gun.wire.values`.

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
from mesogun_fw.device.rows import Asked
from mesogun_fw.device.shots import stop
from mesogun_fw.guard import cells
from mesogun_fw.talk import messages, places, reasons, refusals, table


def answer_to(gun: Gun, asked: Asked) -> str:
    """One request has this answer, as `gun.wire.says` gives it: it is done, or refused."""
    try:
        return REQUESTS[asked.name](gun, asked)
    except Refusal:
        return _refused(gun, asked)


def _refused(gun: Gun, asked: Asked) -> str:
    return gun.wire.says("refused", Refusal.last.row(asked.name))


def hello(gun: Gun, asked: Asked) -> str:
    proto = asked["proto"]
    if proto != messages.PROTO:
        raise Refusal(refusals.OTHER_PROTO, "proto", proto, messages.PROTO, messages.PROTO)
    gun.wire.said_hello = True
    stop(gun, messages.PAUSE, reasons.DISARMED)
    gun.go(state.HELLO)
    gun.wire.resend(gun.events.acked + 1)
    board = gun.board
    return gun.wire.says(
        "welcome",
        [
            messages.PROTO,
            table.HASH,
            VERSION,
            board.simulated,
            board.serial,
            board.boot,
            limits.DEPTH_CAP_UM,
            limits.DOSE_MAX_NL,
            limits.PERIOD_MIN_US,
            limits.FLOW_MAX_NL_S,
        ],
    )


def description(gun: Gun, asked: Asked) -> str:
    return gun.wire.says("gun", list(gun.description.figures()))


def beat(gun: Gun, asked: Asked) -> str:
    gun.guard.cells[cells.BEAT_MS] = gun.now_ms
    gun.events.ack(asked.values[places.BEAT_ACK])
    return status(gun)


def events(gun: Gun, asked: Asked) -> str:
    gun.wire.resend(asked["since"])
    return gun.wire.says("ok")


def load(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_LOAD)
    gun.program.load(asked.by_name(), gun.used_nl)
    gun.armed = -1
    gun.guard.cells[cells.BUDGET_NL] = gun.program.holds_nl
    gun.attempts = [0] * limits.PASSES_MAX
    gun.tidied_ms = 0  # what stays until the next program shall lie close together
    return gun.wire.says("ok")


def add_pass(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_LOAD)
    gun.program.add(asked.by_name())
    gun.tidied_ms = 0
    return gun.wire.says("ok")


def commit(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_LOAD)
    gun.tidied_ms = 0
    return gun.wire.says("program", gun.program.commit(asked["digest"], asked["tag"]))


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
