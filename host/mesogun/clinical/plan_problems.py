"""This module says in clinical words why a protocol cannot be given with this gun, and names the nearest thing that works."""

import typing
from collections.abc import Iterator, Sequence
from copy import copy

from mesogun.clinical.needles import DRIVE_KPA
from mesogun.clinical.plans import PassPlan
from mesogun.clinical.protocol import Pass, Protocol
from mesogun.clinical.quantities import QUANTITIES, SECOND_US
from mesogun.clinical.syringes import swept_nl
from mesogun.refusal import Problem
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke.drive import figures as figures_of
from mesogun_fw.stroke.language import REPEATED_WORDS_MAX, Settings
from mesogun_fw.talk.messages import CONSTANT_FLOW, PNEUMATIC, RETROGRADE

DRAWN_STEPS_MAX = (REPEATED_WORDS_MAX - 3) // 2  # the words of one needle step back have room for so many plunger steps
EASIER = "a wider or shorter needle, or a thinner cocktail"


class Ceilings(typing.Protocol):
    """Ceilings are what the gun at hand accepts: its `welcome` has these fields. They never count as wider than limits.py."""

    @property
    def depth_cap_um(self) -> int: ...
    @property
    def dose_max_nl(self) -> int: ...
    @property
    def period_min_us(self) -> int: ...
    @property
    def flow_max_nl_s(self) -> int: ...


def too_thick(protocol: Protocol, flow_nl_s: int) -> Problem:
    """Tells that the cocktail passes the needle at only `flow_nl_s`, which is less than FLOW_MIN_NL_S."""
    passes_ul_s = f"{protocol.needle.gauge}, {protocol.needle.length_mm:g} mm passes {flow_nl_s / 1000:g} µl/s"
    limit = f"at {DRIVE_KPA} kPa at least {limits.FLOW_MIN_NL_S / 1000:g} µl/s must flow"
    return Problem("needle.gauge", passes_ul_s, limit, "Take a wider or shorter needle, or a thinner cocktail")


def beyond_drive(index: int, one: Pass, settings: Settings, description: Description) -> Iterator[Problem]:
    """Yields what this gun cannot do at all, at whatever rate. When it yields nothing, the shot has its figures."""
    where = f"passes[{index}]"
    if description.drive == PNEUMATIC and settings.mode == RETROGRADE:
        limit = "this gun throws its needle by air: it cannot draw it back slowly while it gives the dose"
        yield Problem(f"{where}.mode", one.mode, limit, "Set another mode, or take a gun whose needle is driven by a motor")
    if description.drive == PNEUMATIC and one.needle_mm_s:
        limit = "this gun throws its needle by air: its speed cannot be set"
        yield Problem(f"{where}.needle_mm_s", f"{one.needle_mm_s:g} mm/s", limit, "Leave the key out")
    if settings.mode == CONSTANT_FLOW and not _flows(settings, settings.dose_nl, description):
        yield _flow_too_fast(where, settings, description)
    if description.drive != PNEUMATIC and settings.mode == RETROGRADE:
        yield from _beyond_draw(where, settings, description)


def _flow_too_fast(where: str, settings: Settings, description: Description) -> Problem:
    row = QUANTITIES["flow_ul_s"]
    fastest_nl_s = min(settings.flow_nl_s, row.high) // row.step * row.step
    while fastest_nl_s >= row.low and not _flows(settings, fastest_nl_s, description):
        fastest_nl_s -= row.step
    limit = f"needle, cocktail and syringe pass {settings.flow_nl_s / 1000:.3g} µl/s, and a little less evenly over a second"
    remedy = f"Set at most {row.shown(fastest_nl_s)}, or choose" if fastest_nl_s >= row.low else "No flow is slow enough: choose"
    return Problem(f"{where}.flow_ul_s", row.shown(settings.dose_nl), limit, f"{remedy} {EASIER}")


def _flows(settings: Settings, nl_s: int, description: Description) -> bool:
    """Tells whether the gun can spread so much evenly over a second: the plunger's own figures say it."""
    tried = copy(settings)
    tried.dose_nl = nl_s
    try:
        figures_of(tried, description)
    except ValueError:
        return False
    return True


def _beyond_draw(where: str, settings: Settings, description: Description) -> Iterator[Problem]:
    """Yields a dose that is more than fits beside the steps of the needle's way back."""
    steps = settings.depth_um * 1000 // description.needle_nm_per_step
    row = QUANTITIES["dose_ul"]
    most_um = steps * DRAWN_STEPS_MAX * description.plunger_nm_per_step // 1000
    most_nl = swept_nl(settings.syringe_bore_um, most_um) // row.step * row.step
    if settings.dose_nl > most_nl:
        limit = f"along {settings.depth_um / 1000:g} mm this gun gives at most {row.shown(most_nl)} from this syringe"
        remedy = "Set a smaller dose, a longer way in the skin, or take a wider syringe"
        yield Problem(f"{where}.dose_ul", row.shown(settings.dose_nl), limit, remedy)


def beyond_gun(one: PassPlan, description: Description, device: Ceilings) -> Iterator[Problem]:
    """Yields each figure of a pass that is beyond this gun: too deep, too large, too fast."""
    where = f"passes[{one.index}]"
    cap_um = min(device.depth_cap_um, limits.DEPTH_CAP_UM)
    if one.depth_um > cap_um:
        limit = f"this gun goes no deeper than {cap_um / 1000:g} mm"
        yield Problem(f"{where}.depth_mm", f"{one.depth_um / 1000:g} mm", limit, f"Set {cap_um / 1000:g} mm or less")
    if one.dose_nl > device.dose_max_nl:
        key, value = _amount(one)
        flows = one.mode == CONSTANT_FLOW
        limit = f"this gun gives at most {device.dose_max_nl / 1000:g} µl a {'second' if flows else 'shot'}"
        yield Problem(f"{where}.{key}", value, limit, "Set a slower flow" if flows else "Set a smaller dose at more points")
    if one.period_us < device.period_min_us:
        limit = f"this gun makes at most {SECOND_US / device.period_min_us:.3g} shots/s"
        yield Problem(f"{where}.rate_hz", _rate(one), limit, "Set a slower rate")
    if one.needle_um_s > description.needle_um_s:
        limit = f"this gun's needle moves at most at {description.needle_um_s / 1000:g} mm/s"
        yield Problem(f"{where}.needle_mm_s", f"{one.needle_um_s / 1000:g} mm/s", limit, "Set a slower one, or leave the key out")


def too_long(one: PassPlan) -> Iterator[Problem]:
    """Yields a stroke longer than its period, with where the time goes and the fastest rate that works."""
    if one.mode == RETROGRADE and one.period_us > limits.PERIOD_MAX_US:
        most_s = limits.PERIOD_MAX_US / SECOND_US
        limit = f"giving it on the needle's way back takes {one.shortest_us / SECOND_US:.2g} s, and {most_s:g} s are allowed"
        yield Problem(f"passes[{one.index}].dose_ul", _amount(one)[1], limit, f"Choose a smaller dose, {EASIER}")
    if one.shortest_us <= one.period_us:
        return
    turning_us = one.shortest_us - one.needle_us - one.dispense_us - one.dwell_us
    parts = (
        ("needle out and back", one.needle_us),
        ("dispensing", one.dispense_us),
        ("dwell", one.dwell_us),
        ("turning", turning_us),
    )
    spent = ", ".join(f"{name} {time_us / 1000:.0f}" for name, time_us in parts)
    limit = f"a shot takes {one.shortest_us / 1000:.0f} ms ({spent}) and has {one.period_us / 1000:.0f} ms"
    room_ms = (one.period_us - one.shortest_us + one.dwell_us) // 1000
    dwell = f"a dwell of at most {room_ms} ms (left out, it is what the period holds)" if room_ms > 0 else "a shorter dwell"
    other = f"a smaller dose, {dwell}, {EASIER}"
    # Tenths of a shot a second, as rates are set; a period is rounded to the microsecond.
    fastest = (20 * SECOND_US - 1) // (2 * one.shortest_us - 1)
    slowest = QUANTITIES["rate_hz"].low
    remedy = (
        f"Set at most {fastest / 10:g} shots/s, or choose {other}"
        if fastest >= slowest
        else f"No rate is slow enough: choose {other}"
    )
    yield Problem(f"passes[{one.index}].rate_hz", _rate(one), limit, remedy)


def too_much(passes: "Sequence[PassPlan]", syringe_nl: int, drive_nl: int) -> Iterator[Problem]:
    """Yields what needs more than the syringe is filled with, and a fill that is more than the plunger's travel (`drive_nl`)."""
    filled = f"the syringe is filled with {syringe_nl / 1e6:g} ml"
    for one in passes:
        if one.dose_nl > syringe_nl:
            key, value = _amount(one)
            remedy = f"Set a {'slower flow' if one.mode == CONSTANT_FLOW else 'smaller dose'}, or fill a larger syringe"
            yield Problem(f"passes[{one.index}].{key}", value, f"larger than all there is: {filled}", remedy)
    volume_nl = sum(one.volume_nl for one in passes)
    if volume_nl > syringe_nl:
        spent = " + ".join(f"{one.shots}{' s' if one.mode == CONSTANT_FLOW else ''} x {_amount(one)[1]}" for one in passes)
        less = {
            "fewer seconds or a slower flow" if one.mode == CONSTANT_FLOW else "fewer points or a smaller dose" for one in passes
        }
        remedy = f"Set {', '.join(sorted(less))}, fill more, or make two protocols of it"
        yield Problem("passes", f"{volume_nl / 1e6:g} ml ({spent})", filled, remedy)
    if syringe_nl > drive_nl:
        limit = f"this gun's plunger travels {drive_nl / 1e6:.3g} ml in this syringe"
        yield Problem("syringe.filled_ml", f"{syringe_nl / 1e6:g} ml", limit, "Fill less, or take a wider syringe")


def _amount(one: PassPlan) -> tuple[str, str]:
    """Returns the key that says how much a shot, or a second, gives; and its value."""
    key = "flow_ul_s" if one.mode == CONSTANT_FLOW else "dose_ul"
    return key, QUANTITIES[key].shown(one.dose_nl)


def _rate(one: PassPlan) -> str:
    return f"{SECOND_US / one.period_us:.3g} shots/s"
