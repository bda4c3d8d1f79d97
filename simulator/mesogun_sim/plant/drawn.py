"""What is fitted to the gun, and what nobody knows of it: drawn by the seed, from wider ranges than a planner may believe.

Trust as in DOMAIN: H label or paper, C computed, A assumption. A range here is the plant's own; nothing else reads it.
"""

import math
from dataclasses import dataclass

from mesogun_sim.plant.chamber import Chamber, Elastic
from mesogun_sim.plant.needle_flow import GAUGES, ROOM_C, Fluid, Resistance, meniscus_kpa, resistance
from mesogun_sim.plant.noise import noise
from mesogun_sim.plant.skin import AREAS, Needle, Skin
from mesogun_sim.plant.syringe import Syringe, nominal

SETUP_CHANNEL = 40
SYRINGE_TIMES = 2.2  # compliance of one size against SIZES, down and up (H: about 1.75)
CREEP = (0.05, 0.35)  # of it within seconds (A: 0.25)
CREEP_MS = (500.0, 20_000.0)  # (A)
STIFF_NL_KPA = (15.0, 75.0)  # 1 ml of glass or COC on a short hard path, all of it (A: at most 50)
LINES_NL_KPA = {  # 15 cm
    "any": (3.0, 50.0),  # PE to PVC (C)
    "none": (0.0, 0.0),  # the needle sits on the syringe
    "polyethylene": (2.0, 5.0),
    "PVC": (35.0, 70.0),
    "silicone": (200.0, 400.0),
}
WALL_TIMES = 2.2  # resistance of one gauge, down and up (A: 2)
BUBBLE_NL = (0.0, 20_000.0)  # left by priming (A); 8 µl are 0.08 µl/kPa (C)
STIFF_BUBBLE_NL = (0.0, 2_000.0)  # a short hard path that was primed until no air came (A)
PLAY_UM = (20.0, 100.0)  # (A)
STICTION_UM = (0.0, 30.0)  # 2 N more at break-loose on a stopper of some 100 N/mm (A)
MOTOR_N = 60.0  # what the plunger's motor is chosen for (docs/HARDWARE.md); from here on it loses steps (A)
GLIDE_N = 2.5  # of which the seal takes so much (A: 1 to 4)
COCKTAIL = Fluid(3.0)  # hyaluronic acid, not cross-linked, thinned by the rest (A)
LINE_BORE_UM = 1_000
HUB_NL = 65_000  # of a needle that is put on (H: 50 to 80 µl)


@dataclass(frozen=True)
class SetUp:
    """What is fitted. None is drawn by the seed; the syringe's bore, when None, is what the program says.

    The reference of the laboratory is this without arguments: 30G x 4 mm, 3 mPa·s, a face, a hand of 5 N. `stiff` is a syringe of
    glass or COC on a short hard path.
    """

    syringe_bore_um: int | None = None
    compliance_nl_kpa: float | None = None  # of syringe and line together, all of it
    creep: float | None = None
    creep_ms: float | None = None
    play_um: float | None = None
    stiction_um: float | None = None
    bubble_nl: float | None = None
    gauge: str = "30G"
    length_mm: float = 4.0
    stiff: bool = False
    line: str = "any"
    line_mm: float = 150.0
    wall: float | None = None
    kinetic: bool = True
    fluid: Fluid = COCKTAIL
    temperature_c: float = ROOM_C
    area: str = "face"
    hand_n: float = 5.0
    opening_kpa: float | None = None
    tents_um: float | None = None
    leaks: float | None = None
    meniscus: bool = True
    pushes_back: bool = False  # what was put in presses back while the path's pressure is lower
    motor_n: float = MOTOR_N


# It stalls within its shot when it is blocked, and never else: a path that hardly gives behind a needle that lets all through.
STIFF = SetUp(compliance_nl_kpa=5.0, creep=0.0, bubble_nl=0.0, play_um=0.0, stiction_um=0.0, gauge="21G", line_mm=0.0)

# One chamber and a needle of constant resistance: what DOMAIN 4's table was computed with.
ONE_CHAMBER = SetUp(
    creep=0.0, bubble_nl=0.0, play_um=0.0, stiction_um=0.0, wall=1.0, kinetic=False, line_mm=0.0,
    opening_kpa=0.0, tents_um=0.0, leaks=0.0, meniscus=False,
)  # fmt: skip


class Fitted:
    """A set-up with everything drawn that it leaves open; `syringe` counts those that the gun has had."""

    def __init__(self, seed: int, setup: SetUp, bore_um: int, syringe: int = 0) -> None:
        self._seed = seed
        self._first = 100 * syringe
        _, nominal_nl_kpa, dead_nl = nominal(setup.syringe_bore_um or bore_um)
        line_nl = math.pi / 4 * (LINE_BORE_UM / 1_000) ** 2 * setup.line_mm * 1_000
        self.residue_nl = dead_nl + HUB_NL + line_nl  # fills the path, and is never given
        compliance = nominal_nl_kpa * self._times(1, SYRINGE_TIMES)
        compliance += self._between(0, LINES_NL_KPA[setup.line]) * setup.line_mm / 150
        if setup.stiff:
            compliance = self._between(1, STIFF_NL_KPA)
        self.syringe = Syringe(
            setup.syringe_bore_um or bore_um,
            compliance if setup.compliance_nl_kpa is None else setup.compliance_nl_kpa,
            self._or(2, setup.creep, CREEP),
            self._or(3, setup.creep_ms, CREEP_MS),
            self._or(4, setup.play_um, PLAY_UM),
            self._or(5, setup.stiction_um, STICTION_UM),
        )
        self.bubble_nl = self._or(6, setup.bubble_nl, STIFF_BUBBLE_NL if setup.stiff else BUBBLE_NL)
        self.wall = self._times(7, WALL_TIMES) if setup.wall is None else setup.wall
        outer_um, inner_um = GAUGES[setup.gauge]
        needle = resistance(inner_um, setup.length_mm, setup.fluid, setup.temperature_c, wall=self.wall)
        line = resistance(LINE_BORE_UM, setup.line_mm, setup.fluid, setup.temperature_c)
        self.resistance = Resistance(needle.laminar + line.laminar, needle.kinetic if setup.kinetic else 0.0, needle.index)
        self.meniscus_kpa = meniscus_kpa(inner_um) if setup.meniscus else 0.0
        self.needle = Needle(outer_um, setup.hand_n)
        self.skin = Skin(seed, AREAS[setup.area], setup.opening_kpa, setup.tents_um, setup.leaks)
        self.stall_kpa = max(0.0, setup.motor_n - GLIDE_N) / self.syringe.area_mm2 * 1_000
        self.pushes_back = setup.pushes_back

    def chamber(self, split: int = 1) -> Chamber:
        syringe = self.syringe
        creep = syringe.compliance_nl_kpa * syringe.creep
        return Chamber(Elastic(syringe.compliance_nl_kpa - creep, creep, syringe.creep_ms), self.resistance, self.bubble_nl, split)

    def _part(self, number: int) -> float:
        return noise(self._seed, SETUP_CHANNEL, self._first + number) / 0x1_0000_0000

    def _between(self, number: int, ends: tuple[float, float]) -> float:
        return ends[0] + (ends[1] - ends[0]) * self._part(number)

    def _or(self, number: int, given: float | None, ends: tuple[float, float]) -> float:
        return self._between(number, ends) if given is None else given

    def _times(self, number: int, most: float) -> float:
        """From 1 / most to most, as often below 1 as above."""
        to = 2 * self._part(number) - 1
        return 1 + to * (most - 1) if to >= 0 else 1 / (1 - to * (most - 1))
