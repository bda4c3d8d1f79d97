"""What is on the bench: a syringe, a needle, a skin and a drive. The figures are the laboratory's and the plant's own: what a
planner believes of a syringe is not asked, for that is what is measured."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from mesogun_sim.plant.drawn import SYRINGE_TIMES, SetUp
from mesogun_sim.plant.needle_flow import Fluid
from mesogun_sim.plant.syringe import nominal
from mesogun_sim.trace import DRIVES

STIFF_NL_KPA = (20.0, 35.0, 50.0)  # glass or COC with a short hard line: at most 50 in all (A, DOMAIN 4)
SOFTNESS = ("hardest", "middle", "softest")
WALLS = (0.5, 2.0)  # the needle's resistance against its gauge's (A, DOMAIN 3)
SKINS_KPA = (0.0, 8.0, 20.0)  # what opens it (A, DOMAIN 4)
BUBBLE_NL = 8_000.0  # what priming leaves in a plastic syringe (A); a stiff path is freed of air, or it is none


@dataclass(frozen=True)
class Barrel:
    """A syringe as a protocol names it, and its bore."""

    name: str
    size_ml: float
    stiff: bool
    bore_um: int

    @property
    def gives_nl_kpa(self) -> tuple[float, float, float]:
        """At the hardest, in the middle, at the softest; its line is in it."""
        if self.stiff:
            return STIFF_NL_KPA
        middle = nominal(self.bore_um)[1]
        return middle / SYRINGE_TIMES, middle, middle * SYRINGE_TIMES


STIFF_1_ML = Barrel("1 ml stiff", 1, True, 6_350)
PLASTIC = (
    Barrel("1 ml", 1, False, 4_780),
    Barrel("3 ml", 3, False, 8_660),
    Barrel("5 ml", 5, False, 12_060),
    Barrel("10 ml", 10, False, 14_500),
)


def barrel(size_ml: float, stiff: bool) -> Barrel:
    """The syringe of a protocol. It raises KeyError for one that is not measured here."""
    return {(one.size_ml, one.stiff): one for one in (STIFF_1_ML, *PLASTIC)}[size_ml, stiff]


@dataclass(frozen=True)
class Case:
    """`softness` counts SOFTNESS; `wall` is the needle's; `skin_kpa` opens every point, None leaves it to the point."""

    barrel: Barrel
    drive: str = "stepper"
    softness: int = 1
    wall: float = 1.0
    skin_kpa: float | None = None
    bubble_nl: float | None = None

    @property
    def gives_nl_kpa(self) -> float:
        return self.barrel.gives_nl_kpa[self.softness]

    def setup(self) -> SetUp:
        """The same every time, but for the points of the skin, which its seed draws."""
        bubble_nl = (0.0 if self.barrel.stiff else BUBBLE_NL) if self.bubble_nl is None else self.bubble_nl
        return replace(
            SetUp(
                creep=0.25,
                creep_ms=5_000,
                play_um=60,
                stiction_um=10,
                gauge=GAUGE,
                length_mm=LENGTH_MM,
                fluid=Fluid(VISCOSITY_MPA_S),
            ),
            syringe_bore_um=self.barrel.bore_um,
            compliance_nl_kpa=self.gives_nl_kpa,
            wall=self.wall,
            bubble_nl=bubble_nl,
            opening_kpa=self.skin_kpa,
            area="body",
        )

    @property
    def words(self) -> str:
        bubble = f", {self.bubble_nl / 1_000:g} µl of air" if self.bubble_nl else ""
        skin = "" if self.skin_kpa is None else f", skin {self.skin_kpa:g} kPa"
        wall = "" if self.wall == 1 else f", needle × {self.wall:g}"
        return f"{self.barrel.name}, {self.gives_nl_kpa:.0f} nl/kPa{bubble}{wall}{skin}"


GAUGE, LENGTH_MM, VISCOSITY_MPA_S = "30G", 4, 3.0  # the laboratory's reference needle and cocktail


def some() -> Iterator[Case]:
    """The middle of every range, and a stiff path in which air was left."""
    barrels = (STIFF_1_ML, *PLASTIC[1:3])
    yield from (Case(barrel) for barrel in barrels)
    yield Case(STIFF_1_ML, bubble_nl=BUBBLE_NL)
    yield Case(STIFF_1_ML, drive="pneumatic")


def every() -> Iterator[Case]:
    for barrel, drive, softness, wall, skin in product((STIFF_1_ML, *PLASTIC), DRIVES, range(3), WALLS, SKINS_KPA):
        yield Case(barrel, drive, softness, wall, skin)
