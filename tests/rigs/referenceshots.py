"""The three passes that DOMAIN 4's table of the dose at depth is about, as they were then: the library may change."""

from dataclasses import dataclass

from mesogun_fw.stroke.language import Settings
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.plant.needle_flow import Fluid

CONTINUOUS = 3


@dataclass(frozen=True)
class Reference:
    dose_nl: int
    period_us: int
    dispense_us: int  # as the stroke of that pass dispenses, its ramps included
    dwell_us: int
    flow_nl_s: int
    depth_um: int
    bore_um: int
    gauge: str
    length_mm: int
    viscosity_mpa_s: float

    def settings(self) -> Settings:
        return Settings(
            self.depth_um, 300_000, self.dose_nl, self.flow_nl_s, self.dwell_us, self.period_us, self.bore_um, CONTINUOUS
        )

    def fitted(self, setup: SetUp) -> SetUp:
        needle = {"gauge": self.gauge, "length_mm": self.length_mm, "fluid": Fluid(self.viscosity_mpa_s)}
        return SetUp(**{**vars(setup), **needle})


MESOLIFT = Reference(10_000, 250_000, 28_294, 80_000, 392_164, 2_000, 12_060, "30G", 4, 3.0)
HAIR_LOSS = Reference(10_000, 200_000, 19_348, 40_000, 980_411, 2_000, 8_660, "30G", 4, 1.2)
CELLULITE = Reference(50_000, 1_000_000, 71_387, 150_000, 734_351, 6_000, 14_500, "27G", 13, 1.5)
REFERENCES = {"mesolift": MESOLIFT, "hair loss": HAIR_LOSS, "cellulite": CELLULITE}
