"""What the host may look at, at any time: status, live inputs, the journal, the self-test. Nothing changes by it."""

from mesogun_fw.device.gun import Gun
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.device.rows import Asked, Row
from mesogun_fw.device.selftest import selftest
from mesogun_fw.guard import cells, inputs
from mesogun_fw.talk import codes, refusals


def journal(gun: Gun, asked: Asked) -> Row:
    condition = gun.journal.condition
    shots, volume_nl, uncertain = gun.journal.summary() if condition == codes.GOOD else (0, 0, 0)
    return gun.wire.says("journaled", [condition, shots, volume_nl, uncertain])


def log(gun: Gun, asked: Asked) -> Row:
    back = asked["back"]
    if gun.journal.condition == codes.GOOD:
        for row in gun.journal.rows():  # type: ignore[no-untyped-call]
            if not back:
                return gun.wire.says("logged", list(row))
            back -= 1
    return gun.wire.says("logged", [0] * 8)


def selftest_again(gun: Gun, asked: Asked) -> Row:
    if gun.guard.phase not in (cells.OFF, cells.LATCHED):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    if not gun.tested:
        raise NotYet
    failed = selftest(gun.board, gun.board.inputs, gun.journal)
    if failed < 0:
        raise NotYet
    return gun.wire.says("tested", [failed])


def watch(gun: Gun, asked: Asked) -> Row:
    x = gun.board.inputs
    late_us, tick_us = gun.board.worst()
    row = gun.wire.says("watched")
    row["state"] = gun.state
    row["inputs"] = switches(gun)
    row["syringe"] = x[inputs.SYRINGE]
    row["needle_um"] = gun.guard.needle_um
    row["plunger_nm"] = x[inputs.PLUNGER_NM]
    row["supply_mv"] = x[inputs.SUPPLY_MV]
    row["temperature_c"] = x[inputs.TEMPERATURE_C]
    row["pressure_kpa"] = x[inputs.PRESSURE_KPA]
    row["stop_um"] = x[inputs.STOP_UM]
    row["late_us"] = late_us
    row["tick_us"] = tick_us
    row["waste_nl"] = gun.waste_nl
    return row


def status(gun: Gun) -> Row:
    row = gun.wire.says("state")
    row["state"] = gun.state
    row["at_ms"] = gun.now_ms
    row["fault"] = gun.fault
    row["index"] = gun.armed
    row["done"] = gun.done()
    row["events"] = gun.events.last
    row["kept"] = gun.events.kept()
    row["inputs"] = switches(gun)
    row["bad_lines"] = gun.wire.bad_lines
    return row


def switches(gun: Gun) -> int:
    bits = 0
    for i in range(7):
        bits |= gun.board.inputs[i] << i
    return bits
