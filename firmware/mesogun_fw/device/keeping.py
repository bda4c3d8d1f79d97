"""What the gun keeps is changed only while nothing may start: a write to flash blinds the guard."""

from mesogun_fw.config import Description
from mesogun_fw.device import state
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.looking import journal
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.rows import Asked
from mesogun_fw.memory.copies import WriteFailed
from mesogun_fw.memory.description import store
from mesogun_fw.talk import refusals


def configure(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_LOAD)
    if gun.restart_due:
        raise Refusal(refusals.RESTART_DUE)
    try:
        wanted = Description(tuple(asked.row()))
        store(gun.board.flash, wanted)
    except ValueError:
        raise Refusal(refusals.NOT_PLAUSIBLE)
    except WriteFailed:
        raise Refusal(refusals.NOT_STORED)
    gun.restart_due = True
    return gun.wire.says("gun", list(wanted.figures()))


def format_journal(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_LOAD)
    serial = gun.board.serial
    if asked["serial"] != serial:
        raise Refusal(refusals.WRONG_SERIAL, "serial", asked["serial"], serial, serial)
    gun.journal.format(serial, gun.board.boot)
    return journal(gun, asked)


def restart(gun: Gun, asked: Asked) -> str:
    """The gun starts again as soon as the host has its answer.

    The only way to the prompt that flashing needs is through a start with the clear button held: nobody gets there by cable.
    """
    gun.allow(state.ASKED_LOAD)
    gun.leaving = True
    return gun.wire.says("ok")
