"""A needle lets so much through at a pressure: laminar loss along it and kinetic loss at its end.

Flow is in µl/s, which is nl/ms; pressure in kPa. Gauge tables' inner diameters; one gauge's resistance varies by its wall, see
drawn.py.
"""

import math
from dataclasses import dataclass

# outer and inner diameter, in um (DOMAIN 3, gauge tables); 21G draws up drug, and is for tests that want no resistance
GAUGES = {
    "21G": (819, 514),
    "27G": (413, 210),
    "28G": (362, 184),
    "29G": (337, 184),
    "30G": (311, 159),
    "31G": (260, 133),
    "32G": (235, 108),
    "33G": (210, 108),
    "34G": (185, 82),
}
KINETIC = 1.15  # times rho v2 (DOMAIN 3)
THIN_AT_PER_S = 100_000  # a power-law fluid has the viscosity that it is said to have at this shear, about that of a shot (A)
WARM_PER_K = 0.025  # so much thinner a kelvin, water and dilute drug (A)
ROOM_C = 22
SURFACE_N_M = 0.06  # between water and clean drug (A)


@dataclass(frozen=True)
class Fluid:
    """`viscosity_mpa_s` at ROOM_C, of a power-law fluid (`index` < 1) at THIN_AT_PER_S."""

    viscosity_mpa_s: float
    index: float = 1.0
    density_kg_m3: float = 1_000.0

    def viscosity_at(self, temperature_c: float) -> float:
        return self.viscosity_mpa_s / (1 + WARM_PER_K * (temperature_c - ROOM_C))


def poiseuille_kpa_s_ul(bore_um: float, length_mm: float, viscosity_mpa_s: float) -> float:
    """Laminar resistance of a tube: 128 mu L / (pi d4)."""
    return 128 * viscosity_mpa_s * length_mm / (math.pi * (bore_um / 1_000) ** 4) / 1_000_000


def kinetic_kpa_s2_ul2(bore_um: float, density_kg_m3: float) -> float:
    """1.15 rho v2 at 1 µl/s."""
    speed_m_s = 4_000 / (math.pi * bore_um * bore_um)
    return KINETIC * density_kg_m3 * speed_m_s * speed_m_s / 1_000


def reynolds(flow_ul_s: float, bore_um: float, fluid: Fluid) -> float:
    return 4 * fluid.density_kg_m3 * flow_ul_s / (math.pi * bore_um * fluid.viscosity_mpa_s)


def meniscus_kpa(bore_um: float) -> float:
    """What a drop at the end of this bore holds back."""
    return 4_000 * SURFACE_N_M / bore_um


@dataclass(frozen=True)
class Resistance:
    """`drop = laminar * flow ** index + kinetic * flow ** 2`, solved for the flow."""

    laminar: float
    kinetic: float
    index: float = 1.0

    def flow(self, drop_kpa: float) -> tuple[float, float]:
        """(flow in µl/s, its slope by the drop), for a drop of 0 or more."""
        if drop_kpa <= 0:
            return 0.0, 0.0
        if self.index == 1.0:
            root = math.sqrt(self.laminar * self.laminar + 4 * self.kinetic * drop_kpa)
            return 2 * drop_kpa / (self.laminar + root), 1 / root
        return self._thinning(drop_kpa)

    def drop(self, flow_ul_s: float) -> float:
        laminar: float = self.laminar * flow_ul_s**self.index
        return laminar + self.kinetic * flow_ul_s * flow_ul_s

    def _thinning(self, drop_kpa: float) -> tuple[float, float]:
        """Newton's method from above: the drop is convex, or made so by less than its own term."""
        flow = (drop_kpa / self.laminar) ** (1 / self.index)
        if self.kinetic:
            flow = min(flow, math.sqrt(drop_kpa / self.kinetic))
        slope = 0.0
        for _ in range(30):
            steep = self.index * self.laminar * flow ** (self.index - 1) + 2 * self.kinetic * flow
            slope = 1 / steep
            step = (self.drop(flow) - drop_kpa) * slope
            flow = max(flow - step, flow / 4)
            if abs(step) <= 1e-12 * flow:
                break
        return flow, slope


def resistance(bore_um: float, length_mm: float, fluid: Fluid, temperature_c: float, *, wall: float = 1.0) -> Resistance:
    """`wall` is the needle's laminar resistance against its gauge's; its bore, and so its kinetic loss, goes with it."""
    laminar = poiseuille_kpa_s_ul(bore_um, length_mm, fluid.viscosity_at(temperature_c)) * wall
    if fluid.index != 1.0:
        n = fluid.index
        shear_at_1_ul_s = 32e9 / (math.pi * bore_um**3)
        laminar *= ((3 * n + 1) / (4 * n) * shear_at_1_ul_s / THIN_AT_PER_S) ** (n - 1) * (3 * n + 1) / (4 * n)
    return Resistance(laminar, kinetic_kpa_s2_ul2(bore_um, fluid.density_kg_m3) * wall, fluid.index)
