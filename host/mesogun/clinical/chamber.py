"""One chamber behind one needle: syringe and line give like a spring, the needle holds back. Closed forms, no steps of time.

Its state is the pressure above the room's, in kPa. It lets nothing out before the pressure is above what stands against it, and
nothing back in. Left out: ramps of the plunger, the drop that hangs on the needle in the air, play and stiction of the seal.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

_LONG = 500.0  # e to the power of minus this is nothing


@dataclass(frozen=True, slots=True)
class Chamber:
    """A Chamber gives `compliance_ul_kpa`. Flow q takes R q + K q² kPa, in µl/s: Poiseuille's, and the jet's kinetic loss."""

    compliance_ul_kpa: float
    resistance_kpa_s_ul: float
    kinetic_kpa_s2_ul2: float

    @property
    def tau_s(self) -> float:
        """This is the time in which a small pressure falls to 37 %."""
        return self.compliance_ul_kpa * self.resistance_kpa_s_ul

    def flow_ul_s(self, kpa: float) -> float:
        """Returns what this pressure, above what stands against it, drives through the needle."""
        r, k = self.resistance_kpa_s_ul, self.kinetic_kpa_s2_ul2
        return 2 * kpa / (r + sqrt(r * r + 4 * k * kpa)) if kpa > 0 else 0.0

    def kpa(self, flow_ul_s: float) -> float:
        """Returns the pressure that this flow takes."""
        return flow_ul_s * (self.resistance_kpa_s_ul + self.kinetic_kpa_s2_ul2 * flow_ul_s)

    def drained(self, kpa: float, against_kpa: float, seconds: float) -> float:
        """Returns the pressure after the plunger stood still so long."""
        return kpa if kpa <= against_kpa else against_kpa + self.kpa(self._settled(kpa - against_kpa, 0.0, seconds))

    def filled(self, kpa: float, against_kpa: float, inflow_ul_s: float, seconds: float) -> float:
        """Returns the pressure after the plunger gave an even flow so long."""
        if kpa < against_kpa:
            opens_s = self.compliance_ul_kpa * (against_kpa - kpa) / inflow_ul_s
            if opens_s >= seconds:
                return kpa + inflow_ul_s * seconds / self.compliance_ul_kpa
            kpa, seconds = against_kpa, seconds - opens_s
        return against_kpa + self.kpa(self._settled(kpa - against_kpa, inflow_ul_s, seconds))

    def _settled(self, kpa: float, inflow_ul_s: float, seconds: float) -> float:
        """Returns the outflow, which goes from that of `kpa` towards the inflow: C (R + 2 K q) dq/dt = inflow - q, solved."""
        flow = self.flow_ul_s(kpa)
        off = flow - inflow_ul_s
        steep = self.resistance_kpa_s_ul + 2 * self.kinetic_kpa_s2_ul2 * inflow_ul_s
        passed = seconds / (self.compliance_ul_kpa * steep)
        curve = 2 * self.kinetic_kpa_s2_ul2 / steep
        scaled = curve * off  # y e^y falls by e with each of `passed`; below 0 it stays above -1, where y e^y still rises
        if abs(scaled) < 1e-12:
            return inflow_ul_s + off * exp(-min(passed, _LONG))
        later = _falling(log(scaled) + scaled - passed) if scaled > 0 else _rising(scaled * exp(scaled - min(passed, _LONG)))
        return inflow_ul_s + later / curve


def _falling(x: float) -> float:
    """Returns y with y + log y = x, by Newton's steps from below, which never pass the root."""
    if x < -_LONG:
        return 0.0
    y = x - log(x) if x > 1 else exp(x) / (1 + exp(x))
    while (step := (x - y - log(y)) * y / (1 + y)) > 1e-12 * y:
        y += step
    return y


def _rising(z: float) -> float:
    """Returns y from -1 to 0 with y e^y = z, by Halley's steps."""
    y = z
    for _ in range(40):
        grown = y * exp(y) - z
        step = grown / (exp(y) * (y + 1) - (y + 2) * grown / (2 * y + 2))
        y -= step
        if abs(step) <= 1e-12 * abs(y):
            break
    return y
