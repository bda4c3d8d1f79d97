"""What the gun keeps is changed only while nothing may start: a write to flash blinds the guard."""

from mesogun_fw.config import Description
from mesogun_fw.device import state
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.looking import journal
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.memory.copies import WriteFailed
from mesogun_fw.memory.description import store
from mesogun_fw.talk import frames, refusals


def configure(gun: Gun, asked: dict) -> tuple:  # type: ignore[type-arg]
    gun.allow(state.ASKED_LOAD)
    if gun.restart_due:
        raise Refusal(refusals.RESTART_DUE)
    try:
        wanted = Description(tuple(frames.row("configure", asked)))
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
