"""This module says in clinical words why too little of a dose would be at depth, and what helps, in the order in which it does."""

from collections.abc import Callable, Iterator

from mesogun.clinical.at_depth import DRAG_MM, hand_mm_s, still_us
from mesogun.clinical.delivery import misses, percent, percent_up
from mesogun.clinical.needles import GAUGES
from mesogun.clinical.plans import PassPlan
from mesogun.clinical.protocol import Pass, Protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.syringes import STIFF, barrel
from mesogun.refusal import Problem

Planned = Callable[[Protocol, Pass], PassPlan]
Change = tuple[str, str, Protocol, Pass]  # the key to change, what to do, and what the protocol and its pass are then

ACCEPT = "or accept less: `least_share_percent` and `less_share_because`"
LATER = (
    "A valve at the needle would help; so would taking the pressure off by a time constant measured in the visit, which comes later"
)


def unknown(protocol: Protocol) -> Iterator[Problem]:
    """Yields a syringe or a needle of which nobody knows what the estimate needs."""
    syringe, needle = protocol.syringe, protocol.needle
    found = barrel(syringe.size_ml, syringe.stiff)
    if not found or not found.gives_ul_kpa:
        kind = f"a {'stiff' if syringe.stiff else 'plastic'} syringe of {syringe.size_ml:g} ml"
        limit = f"nobody has measured how much {kind} gives under pressure, so what of a dose is at depth cannot be estimated"
        known = ", ".join(f"{size_ml:g}" for size_ml, one in STIFF.items() if one.gives_ul_kpa)
        yield Problem("syringe.stiff", "true", limit, f"Take a stiff one of {known} ml, or one of plastic: leave out `stiff`")
    if not GAUGES[needle.gauge].walls:
        limit = "the table has no wall for this needle, so its resistance is not known, nor what of a dose is at depth"
        known = ", ".join(gauge for gauge, one in GAUGES.items() if one.walls)
        yield Problem("needle.gauge", needle.gauge, limit, f"Take one of {known}")


def not_at_depth(made: PassPlan, one: Pass, protocol: Protocol, planned: Planned) -> Iterator[Problem]:
    """Yields too little of a dose at depth, or a needle dragged through the skin, with the first changes that cure it.

    `planned` says what another protocol, or another pass of it, would come to; it raises ValueError when the gun cannot do it.
    """
    if not made.delivery:
        return
    missed = [*_dragged(made, one), *misses(made.delivery, one.least_share_percent / 100)]
    if not missed:
        return
    steps, cured = _cure(one, protocol, planned)
    key = (steps[0][0] if steps else "{where}.dose_ul").format(where=f"passes[{made.index}]")
    share = made.delivery.share
    value = (
        f"{percent(share.low)} to {percent_up(share.high)} of each dose at depth, {percent(share.mean)} at the mean (estimated, A)"
    )
    helps = ", then ".join(words for _, words, _, _ in steps)
    remedy = f"{helps[:1].upper()}{helps[1:]}" + (f", {ACCEPT}" if cured else f"; that is not enough yet. {LATER}, {ACCEPT}")
    yield Problem(key, value, "; ".join(missed), remedy)


def _dragged(made: PassPlan, one: Pass) -> list[str]:
    """Returns in words how far a gliding hand drags the needle, where that is too far."""
    at_depth_us = made.dispense_us + made.dwell_us
    if one.mode != "continuous" or at_depth_us <= still_us(one):
        return []
    dragged_mm = hand_mm_s(one) * at_depth_us / 1e6
    room_ms = (still_us(one) - made.dispense_us) // 1000
    allowed = f"a dwell of {room_ms} ms" if room_ms >= 0 else f"{DRAG_MM * 1e6 / made.dispense_us:.1f} mm/s without any dwell"
    return [
        f"a hand that glides at {hand_mm_s(one):g} mm/s drags the needle {dragged_mm:.2f} mm through the skin in the "
        f"{at_depth_us / 1000:.0f} ms that it is in: {DRAG_MM:g} mm are allowed (A), which is {allowed}"
    ]


def _cure(one: Pass, protocol: Protocol, planned: Planned) -> tuple[list[Change], bool]:
    """Returns the changes that together are enough, the first kinds first; all of them and False where they are not."""
    taken: list[Change] = []
    for kind in (_rest, _stiff, _needle, _slower):
        last = None
        for change in kind(one, protocol):
            last = change
            if _enough(change, planned):
                return [*taken, change], True
        if last and kind is not _slower:
            taken.append(last)
            _, _, protocol, one = last
    return taken, False


def _enough(change: Change, planned: Planned) -> bool:
    _, _, protocol, one = change
    try:
        made = planned(protocol, one)
    except ValueError:
        return False
    fits = made.shortest_us <= made.period_us and not _dragged(made, one)
    return fits and made.delivery is not None and not misses(made.delivery, one.least_share_percent / 100)


def _rest(one: Pass, protocol: Protocol) -> Iterator[Change]:
    if one.mode == "constant flow" or one.dwell_ms is None:
        return
    yield "{where}.dwell_ms", "leave out `dwell_ms`: the needle rests at depth", protocol, one.model_copy(update={"dwell_ms": None})


def _stiff(one: Pass, protocol: Protocol) -> Iterator[Change]:
    """Yields smaller syringes, the roomiest that a dose of this size may do with first; the last is the stiff one."""
    dose_ul = one.dose_ul or 100.0
    plastic = [size_ml for size_ml, from_ul in ((5.0, 100), (3.0, 50)) if dose_ul >= from_ul and size_ml < protocol.syringe.size_ml]
    for size_ml in plastic:
        smaller = protocol.syringe.model_copy(update={"size_ml": size_ml, "stiff": False, "line": None})
        yield "syringe.size_ml", f"take a syringe of {size_ml:g} ml", protocol.model_copy(update={"syringe": smaller}), one
    if not protocol.syringe.stiff or protocol.syringe.line:
        stiff = protocol.syringe.model_copy(update={"size_ml": 1.0, "stiff": True, "line": None})
        words = "take a stiff syringe of 1 ml, `stiff = true`, without a soft line, and fill it anew for what it does not hold"
        yield "syringe.size_ml", words, protocol.model_copy(update={"syringe": stiff}), one


def _needle(one: Pass, protocol: Protocol) -> Iterator[Change]:
    """Yields the shortest needle that reaches, then that one wider by a gauge and another."""
    needle = protocol.needle
    shortest_mm = max(QUANTITIES["length_mm"].low / 1000, float(-(-max(other.depth_mm for other in protocol.passes) // 1)))
    length_mm = min(needle.length_mm, shortest_mm)
    gauges = list(GAUGES)
    for gauge in gauges[gauges.index(needle.gauge) :: -1]:
        if (gauge, length_mm) != (needle.gauge, needle.length_mm) and GAUGES[gauge].walls:
            other = needle.model_copy(update={"gauge": gauge, "length_mm": length_mm})
            words = f"a {'wider' if gauge != needle.gauge else 'shorter'} needle: {gauge}, {length_mm:g} mm"
            yield "needle.gauge", words, protocol.model_copy(update={"needle": other}), one


def _slower(one: Pass, protocol: Protocol) -> Iterator[Change]:
    """Yields slower rates, or a slower needle, flow or hand where the pass says that."""
    if one.mode == "retrograde":
        slowest = QUANTITIES["needle_mm_s"].low // 1000
        for speed in range(min(int(one.needle_mm_s or 50), 50) - 1, slowest - 1, -1):
            words = f"draw the needle back more slowly: `needle_mm_s = {speed}`"
            yield "{where}.needle_mm_s", words, protocol, one.model_copy(update={"needle_mm_s": float(speed)})
        return
    key = "flow_ul_s" if one.mode == "constant flow" else "hand_mm_s" if one.hand_mm_s else "rate_hz"
    row = QUANTITIES[key]
    now = row.counts(getattr(one, key))
    for counts in range(now - row.step, row.low - 1, -row.step):
        yield f"{{where}}.{key}", f"set at most {row.shown(counts)}", protocol, one.model_copy(update={key: counts / row.per_unit})
