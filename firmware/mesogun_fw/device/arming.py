"""A pass is armed, adjusted and disarmed: what the host asks about shots. The press is still the practitioner's."""

from mesogun_fw.device import state
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.looking import status
from mesogun_fw.device.program import Pass
from mesogun_fw.device.ready import arm_guard, hand_over, may_arm, prepare, way_of_the_stop
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.device.rows import Asked
from mesogun_fw.device.shots import keep_ahead, stop, take_notes
from mesogun_fw.guard import cells
from mesogun_fw.guard.asked import BUSY, STALE
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.talk import messages, reasons, refusals


def arm(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_ARM)
    index = asked["index"]
    one = may_arm(gun, index)
    audit = prepare(gun, 0, one.settings(gun.program.syringe_bore_um))
    hand_over(gun, one.mode, one.burst, one.left(), cells.SHOTS, way_of_the_stop(gun, one.depth_um))
    gun.armed = index
    gun.shot_with = gun.next_shot_with = one
    gun.go(state.ASKED_ARM)
    gun.journal.discard()
    keep_ahead(gun)
    arm_guard(gun)
    return _armed(gun, audit, one.left(), 0)


def adjust(gun: Gun, asked: Asked) -> str:
    if gun.state not in (messages.ARMED, messages.RUNNING):
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    if gun.wanted is None:  # it stays, so it is made before compiling fills the memory
        gun.wanted = gun.shot_with.adjusted(asked.by_name())
        gun.program.check(gun.wanted)
    one = gun.wanted
    fixed = one.mode == messages.CONSTANT_FLOW or not drive.depth_between_shots(gun.description)  # the needle may be out
    if one.depth_um != gun.shot_with.depth_um and fixed:
        raise Refusal(refusals.NOT_WHILE_ARMED, "depth_um", one.depth_um, gun.shot_with.depth_um, gun.shot_with.depth_um)
    take_notes(gun)
    if gun.guard.cells[cells.NEXT]:  # one that waits already is taken back
        _follow_with(gun, gun.shot_with, -1)
    slot = 1 - gun.guard.slot
    audit = prepare(gun, slot, one.settings(gun.program.syringe_bore_um))
    _follow_with(gun, one, slot)
    return _armed(gun, audit, max(1, gun.guard.cells[cells.LEFT]), slot)


def _follow_with(gun: Gun, one: Pass, slot: int) -> None:
    """The shots that follow are of this setting, in the journal too. -1 means that it is the one in use.

    It raises Refusal when what waits has been granted already: that stays as it is.
    """
    guard = gun.guard
    asked = STALE
    try:
        while asked == STALE:
            take_notes(gun)  # what was swapped until now is taken in
            if slot < 0:
                one = gun.shot_with
            waiting = guard.cells[cells.NEXT]
            gun.journal.lay_dose(one.dose_nl)
            asked = guard.stay(waiting) if slot < 0 else guard.swap(gun.strokes[slot], slot, waiting)
        if asked == BUSY:
            raise Refusal(refusals.WRONG_STATE, "", gun.state)
        gun.next_shot_with = one
        gun.journal.dosed(one.dose_nl)
    except HistoryUnknown:
        stop(gun, messages.FAULT, reasons.JOURNAL_FAILED)
        raise Refusal(refusals.NOT_STORED)


def _armed(gun: Gun, audit: Audit, left: int, slot: int) -> str:
    found = [gun.armed, left, audit.deepest_um, audit.dose_nl, audit.period_us, gun.strokes[slot].used()]
    return gun.wire.says("armed", found)


def disarm(gun: Gun, asked: Asked) -> str:
    stop(gun, messages.PAUSE, reasons.DISARMED)
    gun.go(state.ASKED_DISARM)
    return status(gun)
