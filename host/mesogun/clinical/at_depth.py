"""A pass of a protocol becomes a shot in time: how long the needle rests at depth, and what of its dose is there."""

from typing import TYPE_CHECKING

from mesogun.clinical.delivery import AGAIN_S, HAND_S, Delivery, Path, Shot, delivery, enough, path
from mesogun.clinical.quantities import QUANTITIES, SECOND_US
from mesogun.clinical.syringes import Barrel, barrel
from mesogun_fw import limits
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, RETROGRADE

if TYPE_CHECKING:
    from mesogun.clinical.protocol import Pass, Protocol
    from mesogun_fw.stroke.language import Settings

WATER_MPA_S = 1.0
DRAG_MM = 0.5  # A: a needle that a gliding hand drags farther through the skin tears it (DOMAIN 4)
HOLD_MAX_S = limits.HOLD_MAX_MS // 1000


def viscosity_mpa_s(protocol: "Protocol") -> float:
    return protocol.cocktail.viscosity_mpa_s if protocol.cocktail else WATER_MPA_S


def barrel_of(protocol: "Protocol") -> Barrel:
    found = barrel(protocol.syringe.size_ml, protocol.syringe.stiff)
    assert found, "a syringe that is not in the table was refused before"
    return found


def path_of(protocol: "Protocol") -> Path:
    needle, gives = protocol.needle, barrel_of(protocol).gives_ul_kpa
    assert gives, "a syringe of which nobody knows what it gives was refused before"
    return path(needle.gauge, needle.length_mm, viscosity_mpa_s(protocol), gives, protocol.syringe.line)


def hand_mm_s(one: "Pass") -> float:
    """Returns how fast the hand glides while the needle is in: as the pass says, else spacing times rate (A).

    In other modes it stands.
    """
    if one.mode != "continuous":
        return 0.0
    return one.hand_mm_s if one.hand_mm_s is not None else (one.spacing_mm or 0) * (one.rate_hz or 0)


def still_us(one: "Pass") -> int:
    """Returns how long the needle may be at depth before the hand has dragged it too far."""
    speed_mm_s = hand_mm_s(one)
    return int(DRAG_MM * SECOND_US / speed_mm_s) if speed_mm_s else limits.PERIOD_MAX_US


def rest_us(one: "Pass", settings: "Settings", shortest_us: int, dose_us: int) -> int:
    """Returns the dwell that period and hand leave, in whole milliseconds. `shortest_us` is the stroke's without one."""
    room_us = min(settings.period_us - shortest_us, still_us(one) - dose_us, limits.DWELL_MAX_US)
    return max(0, room_us) // 1000 * 1000


def delivery_of(one: "Pass", settings: "Settings", way: Path, given_us: int, period_us: int) -> Delivery | None:
    """Returns what becomes of the pass's doses, each given in `given_us`; None where there is no dose.

    In constant flow a dose is what one press gives that lasts as long as it may.
    """
    if not settings.dose_nl:
        return None
    if settings.mode == CONSTANT_FLOW:
        return delivery(way, _press(settings, min(one.seconds or 0, HOLD_MAX_S)))
    dwell_us = 0 if settings.mode == RETROGRADE else settings.dwell_us
    away_us = max(0, period_us - given_us - dwell_us)
    pauses_s = {CONTINUOUS: (0.0,), BURST: (0.0, HAND_S)}.get(settings.mode, (AGAIN_S, HAND_S))
    shot = Shot(settings.dose_nl / 1000, given_us / SECOND_US, dwell_us / SECOND_US, away_us / SECOND_US, pauses_s)
    return delivery(way, shot)


def least_hold_s(one: "Pass", settings: "Settings", way: Path) -> int | None:
    """Returns the shortest press of constant flow that keeps the share wanted, None where none does, and in other modes."""
    longest_s = min(one.seconds or 0, HOLD_MAX_S)

    def keeps(seconds: int) -> bool:
        return enough(
            delivery(way, _press(settings, seconds)), QUANTITIES["least_share_percent"].counts(one.least_share_percent) / 100
        )

    if settings.mode != CONSTANT_FLOW or not keeps(longest_s):
        return None
    short_s = 0
    while longest_s - short_s > 1:
        middle_s = (short_s + longest_s) // 2
        short_s, longest_s = (short_s, middle_s) if keeps(middle_s) else (middle_s, longest_s)
    return longest_s


def _press(settings: "Settings", seconds: int) -> Shot:
    return Shot(settings.dose_nl * seconds / 1000, seconds, settings.dwell_us / SECOND_US, 0.0, (HAND_S,))
