"""What the host may look at, at any time: status, live inputs, the journal, the self-test. Nothing changes by it."""

from mesogun_fw.device.gun import Gun
from mesogun_fw.device.program import DIGEST_BITS
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.device.rows import Asked
from mesogun_fw.device.selftest import selftest
from mesogun_fw.guard import cells, inputs
from mesogun_fw.talk import codes, lines, places, refusals


def journal(gun: Gun, asked: Asked) -> str:
    condition = gun.journal.condition
    shots, volume_nl, uncertain = gun.journal.summary() if condition == codes.GOOD else (0, 0, 0)
    return gun.wire.says("journaled", [condition, gun.journal.epoch, shots, volume_nl, uncertain])


def log(gun: Gun, asked: Asked) -> str:
    back = asked["back"]
    if gun.journal.condition == codes.GOOD:
        for row in gun.journal.rows():  # type: ignore[no-untyped-call]
            if not back:
                digest = row[1] & ((1 << DIGEST_BITS) - 1)
                return gun.wire.says("logged", [row[0], digest] + list(row[2:]) + [row[1] >> DIGEST_BITS])
            back -= 1
    return gun.wire.says("logged", [0] * 9)


def selftest_again(gun: Gun, asked: Asked) -> str:
    if gun.guard.phase not in (cells.OFF, cells.LATCHED):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    if not gun.tested:
        raise NotYet
    failed = selftest(gun.board, gun.board.inputs, gun.journal)
    if failed < 0:
        raise NotYet
    return gun.wire.says("tested", [failed])


def watch(gun: Gun, asked: Asked) -> str:
    x = gun.board.inputs
    late_us, tick_us = gun.board.worst()
    row = gun.wire.values
    row[places.WATCHED_STATE] = gun.state
    row[places.WATCHED_INPUTS] = switches(gun)
    row[places.WATCHED_SYRINGE] = x[inputs.SYRINGE]
    row[places.WATCHED_NEEDLE_UM] = gun.guard.needle_um
    row[places.WATCHED_PLUNGER_NM] = x[inputs.PLUNGER_NM]
    row[places.WATCHED_SUPPLY_MV] = x[inputs.SUPPLY_MV]
    row[places.WATCHED_TEMPERATURE_C] = x[inputs.TEMPERATURE_C]
    row[places.WATCHED_PRESSURE_KPA] = x[inputs.PRESSURE_KPA]
    row[places.WATCHED_STOP_UM] = x[inputs.STOP_UM]
    row[places.WATCHED_LATE_US] = late_us
    row[places.WATCHED_TICK_US] = tick_us
    row[places.WATCHED_WASTE_NL] = gun.waste_nl // lines.PART
    row[places.WATCHED_WASTE_NL_REST] = gun.waste_nl % lines.PART
    row[places.WATCHED_USED_NL] = gun.used_nl // lines.PART
    row[places.WATCHED_USED_NL_REST] = gun.used_nl % lines.PART
    return "watched"


def status(gun: Gun) -> str:
    row = gun.wire.values
    row[places.STATE_STATE] = gun.state
    row[places.STATE_AT_MS] = gun.now_ms
    row[places.STATE_FAULT] = gun.fault
    row[places.STATE_INDEX] = gun.armed
    row[places.STATE_DONE] = gun.done()
    row[places.STATE_EVENTS] = gun.events.last
    row[places.STATE_KEPT] = gun.events.kept()
    row[places.STATE_INPUTS] = switches(gun)
    row[places.STATE_BAD_LINES] = gun.wire.bad_lines
    row[places.STATE_LEFT_NL] = max(0, gun.guard.cells[cells.BUDGET_NL]) if gun.program.committed else -1
    return "state"


def switches(gun: Gun) -> int:
    bits = 0
    for i in range(7):
        bits |= gun.board.inputs[i] << i
    return bits
