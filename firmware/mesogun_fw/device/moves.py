"""Moves that are no shot: unarmed, in the air, trigger held, slow, once."""

from mesogun_fw import limits
from mesogun_fw.device import state
from mesogun_fw.device.gun import Gun
from mesogun_fw.device.looking import status
from mesogun_fw.device.ready import arm_guard, hand_over, prepare, way_of_the_stop
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.device.rows import Asked
from mesogun_fw.guard import cells
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.language import Settings
from mesogun_fw.talk import messages, refusals

# The home check is a slow short stroke in the air: it proves motor, encoder and home switch before anything may be armed.
HOME_CHECK_UM = 500
HOME_CHECK_UM_S = 20_000
HOME_CHECK_DWELL_US = 50_000
GAUGE_UM_S = 10_000
GAUGE_DWELL_US = 2_000_000  # a person reads a gauge in this time
REST_US = 20_000
ANY_BORE_UM = 10_000  # a move without a dose has this bore


def home(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_HOME)
    if not gun.tested:
        raise NotYet
    if gun.state != messages.HOMING:
        settings = Settings(HOME_CHECK_UM, HOME_CHECK_UM_S, 0, limits.FLOW_MIN_NL_S, HOME_CHECK_DWELL_US, 0, ANY_BORE_UM)
        _move(gun, cells.HOME_CHECK, settings)
    return status(gun)


def gauge(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_MOVE)
    depth_um = asked["depth_um"]
    if depth_um % limits.DEPTH_STEP_UM:
        raise Refusal(refusals.NOT_A_STEP, "depth_um", depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM)
    _move(gun, cells.GAUGE, Settings(depth_um, GAUGE_UM_S, 0, limits.FLOW_MIN_NL_S, GAUGE_DWELL_US, 0, ANY_BORE_UM))
    return status(gun)


def prime(gun: Gun, asked: Asked) -> str:
    gun.allow(state.ASKED_MOVE)
    flow_nl_s, bore_um = asked["flow_nl_s"], asked["syringe_bore_um"]
    fastest_nl_s = gun.description.plunger_um_s * 355 * bore_um * bore_um // 452_000_000
    if flow_nl_s > fastest_nl_s:
        raise Refusal(refusals.FLOW_TOO_FAST, "flow_nl_s", flow_nl_s, limits.FLOW_MIN_NL_S, fastest_nl_s)
    _move(gun, cells.PRIME, Settings(0, limits.NEEDLE_SPEED_MIN_UM_S, asked["volume_nl"], flow_nl_s, 0, 0, bore_um))
    return status(gun)


def _move(gun: Gun, move: int, settings: Settings) -> None:
    settings.period_us = drive.figures(settings, gun.description).shortest_us + REST_US
    prepare(gun, 0, settings)
    gun.armed = -1
    gun.move = move
    hand_over(gun, messages.SINGLE, 1, 1, move, way_of_the_stop(gun, settings.depth_um))
    gun.go(state.ASKED_HOME)
    arm_guard(gun)
