"""A stroke is compiled, audited and handed to the guard, and only then does the next press do anything.

What raises Refusal has changed nothing that is in play.
"""

from mesogun_fw import limits
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.program import Pass
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.guard import cells, inputs
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import Audit, AuditFailed, audit_stop
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.stroke.pneumatic import compile_stop
from mesogun_fw.talk import codes, messages, refusals

STOP_NEAR_UM = 20  # nearer than this the depth stop counts as standing where it shall: it is its sensor's noise


def may_arm(gun: Gun, index: int) -> Pass:
    """This is the pass, if the gun may be armed for it now. It raises Refusal if not."""
    program = gun.program
    if not program.committed or index >= len(program.passes):
        raise Refusal(refusals.WRONG_ORDER, "index", index, 0, max(0, len(program.passes) - 1))
    one: Pass = program.passes[index]
    if one.left() <= 0:
        raise Refusal(refusals.PASS_COMPLETE, "index", index)
    if gun.now_ms > limits.UPTIME_MAX_MS:
        raise Refusal(refusals.RESTART_DUE, "", gun.now_ms, 0, limits.UPTIME_MAX_MS)
    if not gun.events.room():
        raise Refusal(refusals.RECORD_WAITS, "", gun.events.kept(), 0, limits.EVENTS_KEPT)
    if gun.journal.condition != codes.GOOD:
        raise Refusal(refusals.HISTORY_UNKNOWN, "", gun.journal.condition, codes.GOOD, codes.GOOD)
    if gun.restart_due:
        raise Refusal(refusals.RESTART_DUE)
    return one


class Making:
    """A stroke is on its way into a slot. It is compiled in the second turn, audited in the fourth, and loaded in the fifth.

    Before either of the first two memory is swept: both use so much of it that it would run out amid them.
    """

    def __init__(self, slot: int, settings: Settings) -> None:
        self.slot = slot
        self.settings = settings
        self.turns = 0
        self.audit: "Audit | None" = None


def prepare(gun: Gun, slot: int, settings: Settings) -> Audit:
    """A stroke is compiled and audited into a slot that is not in play, and the player gets it.

    It takes several turns: until the last it raises NotYet. It raises Refusal if it cannot be.
    """
    if slot == gun.guard.slot and gun.guard.phase != cells.OFF:
        raise Refusal(refusals.WRONG_STATE, "", gun.state)
    if not gun.board.described:
        raise Refusal(refusals.NO_DESCRIPTION)
    stroke: Stroke = gun.strokes[slot]
    description = gun.description
    making: "Making | None" = gun.making  # type: ignore[assignment]
    if making is None or making.slot != slot or making.settings.__dict__ != settings.__dict__:
        gun.making = making = Making(slot, settings)
    making.turns += 1
    try:
        if making.turns == 2:
            drive.compile(stroke, settings, description)
        elif making.turns == 4:
            making.audit = Audit(stroke, settings, description)
    except ValueError:
        raise Refusal(refusals.STROKE_TOO_LONG, "", stroke.used(), 1, limits.STROKE_WORDS_MAX)
    except AuditFailed:
        raise Refusal(refusals.AUDIT_FAILED)
    if making.audit is None or making.turns == 4:
        if making.turns & 1:
            gun.board.tidy(True)
        raise NotYet
    bore2 = settings.syringe_bore_um * settings.syringe_bore_um
    tolerance_nl = max(limits.DOSE_ERROR_NL, settings.dose_nl * limits.DOSE_ERROR_PERCENT // 100)
    if 0 < settings.dose_nl < 2 * limits.DOSE_ERROR_NL:
        tolerance_nl = settings.dose_nl // 2  # a dose of DOSE_ERROR_NL that was not given at all is off by no more than that
    gun.board.player.load(stroke, slot)
    gun.guard.lay(stroke, slot, tolerance_nl * 452_000_000_000 // (355 * bore2))
    return making.audit


def way_of_the_stop(gun: Gun, depth_um: int) -> tuple:  # type: ignore[type-arg]
    """It is (slot of the depth stop's way to this depth, or -1 when it stands there, and where it will stand)."""
    now_um = gun.board.inputs[inputs.STOP_UM]
    if gun.description.drive != messages.PNEUMATIC or not depth_um:
        return -1, now_um
    if abs(depth_um - now_um) <= STOP_NEAR_UM:
        return -1, depth_um
    stroke = gun.strokes[1]
    to_um = compile_stop(stroke, now_um, depth_um, gun.description)
    try:
        if abs(audit_stop(stroke, now_um, gun.description) - depth_um) > STOP_NEAR_UM or abs(to_um - depth_um) > STOP_NEAR_UM:
            raise Refusal(refusals.AUDIT_FAILED)
    except AuditFailed:
        raise Refusal(refusals.AUDIT_FAILED)
    gun.board.player.load(stroke, 1)
    return 1, depth_um


def hand_over(gun: Gun, mode: int, burst: int, left: int, move: int, place: tuple) -> None:  # type: ignore[type-arg]
    """The guard takes over the stroke in slot 0, and where the depth stop has to stand; it does not start anything yet."""
    slot, stop_um = place
    gun.guard.use(gun.strokes[0], 0, mode, burst, left, move)
    gun.guard.place(slot, stop_um)


def arm_guard(gun: Gun) -> None:
    """From now on a fresh press does something, unless something was latched meanwhile: then that is told next."""
    gun.guard.arm(gun.now_ms)
