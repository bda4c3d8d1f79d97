"""What the host may look at, at any time: status, live inputs, the journal, the self-test. Nothing changes by it."""

from mesogun_fw.device.gun import Gun
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.device.selftest import selftest
from mesogun_fw.guard import cells, inputs
from mesogun_fw.talk import codes, refusals


def journal(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    condition = gun.journal.condition
    shots, volume_nl, uncertain = gun.journal.summary() if condition == codes.GOOD else (0, 0, 0)
    return "journaled", [condition, shots, volume_nl, uncertain]


def log(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    back = asked["back"]
    if gun.journal.condition == codes.GOOD:
        for row in gun.journal.rows():  # type: ignore[no-untyped-call]
            if not back:
                return "logged", list(row)
            back -= 1
    return "logged", [0] * 8


def selftest_again(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    if gun.guard.phase not in (cells.OFF, cells.LATCHED):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    if not gun.tested:
        raise NotYet
    failed = selftest(gun.board, gun.board.inputs, gun.journal)
    if failed < 0:
        raise NotYet
    return "tested", [failed]


def watch(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    x = gun.board.inputs
    late_us, tick_us = gun.board.worst()
    return "watched", [
        gun.state,
        switches(gun),
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


def status(gun: Gun) -> tuple:  # type: ignore[type-arg]
    return "state", [
        gun.state,
        gun.now_ms,
        gun.fault,
        gun.armed,
        gun.done(),
        gun.events.last,
        gun.events.kept(),
        switches(gun),
        gun.wire.bad_lines,
    ]


def switches(gun: Gun) -> int:
    bits = 0
    for i in range(7):
        bits |= gun.board.inputs[i] << i
    return bits
