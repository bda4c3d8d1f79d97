"""One chamber: what the seal displaces is stored by everything that gives, or flows out where the needle ends.

Units: nl, ms, kPa above ambient, so that nl/ms is µl/s. The state goes on at all times. Every outflow is integrated by itself, by
the same steps as the store it comes from (Ros3: linearly implicit, third order, with an estimate of its error, good for stiff
paths and long rests), and their sum is what the seal displaced.
"""

import math
from dataclasses import dataclass, field

from mesogun_sim.plant.needle_flow import Resistance

AMBIENT_KPA = 101.3
ERROR_NL = 1.0  # a step's outflow may be off by so much, by its own estimate ...
ERROR_PART = 5e-4  # ... and by so much of itself
SHORTEST_MS = 1e-3
KINK_KPA = 0.01  # so near to where it opens a step may end

# Where the needle ends: at the depth set, in the skin on its way, on the skin, in the air; or nowhere.
DEPTH, WAY, SKIN, AIR, BLOCKED = range(5)
PLACES = ("depth", "way", "skin", "air")

_G = 0.43586652150845899942
_C21, _C31, _C32 = -1.0156171083877702092, 4.0759956452537699825, 9.2076794298330791242
_M2, _M3 = 6.1697947043828245593, -0.42772256543218573326
_E1, _E2, _E3 = 0.5, -2.9079558716805469822, 0.22354069897811569627


@dataclass(frozen=True)
class Elastic:
    """What gives: `fast` and `creep` in nl/kPa, the latter within `creep_ms`."""

    fast: float
    creep: float
    creep_ms: float


@dataclass(frozen=True)
class Outlet:
    """Out above `opens_kpa`, in below `sucks_kpa`; of what goes out the part `leaks` comes back along the track."""

    place: int
    opens_kpa: float = 0.0
    sucks_kpa: float = 0.0
    leaks: float = 0.0


@dataclass
class Sinks:
    """All in nl since the beginning. `drawn` came in by the needle."""

    displaced: float = 0.0
    out: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    leak: float = 0.0
    drawn: float = 0.0

    def copy(self) -> "Sinks":
        return Sinks(self.displaced, self.out.copy(), self.leak, self.drawn)


class Chamber:
    """`pressure_kpa` follows from what is stored. `split`: every step is made as so many, for tests of the steps themselves."""

    def __init__(self, elastic: Elastic, resistance: Resistance, bubble_nl: float = 0.0, split: int = 1) -> None:
        self.elastic = elastic
        self._resistance = resistance
        self.bubble_nl = bubble_nl
        self._held_nl = 0.0  # at once: walls and compressed air
        self._crept_nl = 0.0
        self._split = split
        self.sinks = Sinks()

    @property
    def pressure_kpa(self) -> float:
        return self._at(self._held_nl)[0]

    @property
    def stored_nl(self) -> float:
        return self._held_nl + self._crept_nl

    @property
    def highest_kpa(self) -> float:
        """With nothing pushed from now on, it stays below this."""
        crept_kpa = self._crept_nl / self.elastic.creep if self.elastic.creep else 0.0
        return max(self.pressure_kpa, crept_kpa)

    @property
    def missing_nl(self) -> float:
        """What was displaced and is nowhere: nothing, to rounding."""
        sinks = self.sinks
        return sinks.displaced + sinks.drawn - sum(sinks.out) - sinks.leak - self.stored_nl

    def copy(self) -> "Chamber":
        twin = Chamber(self.elastic, self._resistance, self.bubble_nl, self._split)
        twin._held_nl, twin._crept_nl, twin.sinks = self._held_nl, self._crept_nl, self.sinks.copy()
        return twin

    def take(self, state: "Chamber") -> None:
        """It becomes as `state` is."""
        self.bubble_nl, self._held_nl, self._crept_nl = state.bubble_nl, state._held_nl, state._crept_nl
        self.sinks = state.sinks

    def run(self, ms: float, displaced_nl: float, outlet: Outlet) -> None:
        """So long the seal moves evenly by `displaced_nl`, and the needle ends in `outlet`."""
        if ms < SHORTEST_MS:
            self._held_nl += displaced_nl
            self.sinks.displaced += displaced_nl
            return
        self.sinks.displaced += displaced_nl
        self._run(ms, displaced_nl / ms, outlet, self._split)

    def _run(self, ms: float, inflow: float, outlet: Outlet, split: int) -> None:
        left = step = ms
        while left > 0:
            step = min(step, left)
            held, crept, out, error = self._step(self._held_nl, self._crept_nl, step, inflow, outlet)
            part = self._until_it_opens(held, outlet)
            if part < 1 and step > SHORTEST_MS:
                step = max(step * part, SHORTEST_MS)
                continue
            allowed = ERROR_NL + ERROR_PART * abs(out)
            if error > allowed and step > SHORTEST_MS:
                step *= max(0.2, 0.8 * math.cbrt(allowed / error))
                continue
            if split > 1:
                for _ in range(split):
                    self._run(step / split, inflow, outlet, 1)
            else:
                self._held_nl, self._crept_nl = held, crept
                self._flows(out, outlet)
            left -= step
            step *= min(5.0, 0.8 * math.cbrt(allowed / error)) if error else 5.0

    def _until_it_opens(self, held_nl: float, outlet: Outlet) -> float:
        """A step from shut to open would not see where it opens: so much of it ends there. `held_nl` is what it ends with."""
        before = self._at(self._held_nl)[0]
        if outlet.place == BLOCKED or not outlet.sucks_kpa <= before <= outlet.opens_kpa:
            return 1.0
        after = self._at(held_nl)[0]
        if after > outlet.opens_kpa + KINK_KPA:
            return (outlet.opens_kpa + KINK_KPA / 2 - before) / (after - before)
        if after < outlet.sucks_kpa - KINK_KPA:
            return (outlet.sucks_kpa - KINK_KPA / 2 - before) / (after - before)
        return 1.0

    def _flows(self, out: float, outlet: Outlet) -> None:
        sinks = self.sinks
        if outlet.place == BLOCKED:
            return
        if out >= 0:
            leak = out * outlet.leaks
            sinks.leak += leak
            sinks.out[outlet.place] += out - leak
        else:
            sinks.drawn -= out
            if outlet.place in (AIR, SKIN):
                self.bubble_nl -= out  # air that came in stays

    def _at(self, held_nl: float) -> tuple[float, float]:
        """(pressure, its slope by what is held): walls give evenly, air by its law."""
        fast, air = self.elastic.fast, self.bubble_nl
        if not air:
            return held_nl / fast, 1 / fast
        half = (held_nl - air - fast * AMBIENT_KPA) / 2
        pressure = (half + math.sqrt(half * half + fast * held_nl * AMBIENT_KPA)) / fast
        absolute = AMBIENT_KPA + pressure
        return pressure, 1 / (fast + air * AMBIENT_KPA / (absolute * absolute))

    def _rates(self, held: float, crept: float, outlet: Outlet) -> tuple[float, float, float, float]:
        """(outflow, its slope by what is held, creep, slope of the pressure by what is held)."""
        pressure, per_nl = self._at(held)
        flow = slope = 0.0
        if pressure > outlet.opens_kpa and outlet.place != BLOCKED:
            flow, slope = self._resistance.flow(pressure - outlet.opens_kpa)
        elif pressure < outlet.sucks_kpa and outlet.place != BLOCKED:
            flow, slope = self._resistance.flow(outlet.sucks_kpa - pressure)
            flow = -flow
        elastic = self.elastic
        return flow, slope * per_nl, (elastic.creep * pressure - crept) / elastic.creep_ms, per_nl

    def _step(self, held: float, crept: float, h: float, inflow: float, outlet: Outlet) -> tuple[float, float, float, float]:
        """(held, crept, outflow, its estimated error) after h ms."""
        flow, d_flow, creeping, per_nl = self._rates(held, crept, outlet)
        rate = 1 / self.elastic.creep_ms
        d_creep = self.elastic.creep * per_nl * rate
        # (1/(g h) - J) k = right, with J of (held, crept) 2 x 2 and the outflow beneath it
        d = 1 / (_G * h)
        a, b, c, e = d + d_flow + d_creep, -rate, -d_creep, d + rate
        det = a * e - b * c

        r1, r2 = inflow - flow - creeping, creeping
        h1, x1 = (e * r1 - b * r2) / det, (a * r2 - c * r1) / det
        o1 = (flow + d_flow * h1) / d

        flow, _, creeping, _ = self._rates(held + h1, crept + x1, outlet)
        c21 = _C21 / h
        r1, r2 = inflow - flow - creeping + c21 * h1, creeping + c21 * x1
        h2, x2 = (e * r1 - b * r2) / det, (a * r2 - c * r1) / det
        o2 = (flow + c21 * o1 + d_flow * h2) / d

        c31, c32 = _C31 / h, _C32 / h
        r1, r2 = inflow - flow - creeping + c31 * h1 + c32 * h2, creeping + c31 * x1 + c32 * x2
        h3, x3 = (e * r1 - b * r2) / det, (a * r2 - c * r1) / det
        o3 = (flow + c31 * o1 + c32 * o2 + d_flow * h3) / d

        out = o1 + _M2 * o2 + _M3 * o3
        error = abs(_E1 * h1 + _E2 * h2 + _E3 * h3) + abs(_E1 * o1 + _E2 * o2 + _E3 * o3)
        return held + h1 + _M2 * h2 + _M3 * h3, crept + x1 + _M2 * x2 + _M3 * x3, out, error
