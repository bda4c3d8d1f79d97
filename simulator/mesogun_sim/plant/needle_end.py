"""Where the needle ends: in the air, on the skin, in it on its way, or at the depth set; and so what the drug meets there."""

import math

from mesogun_sim.plant.chamber import AIR, BLOCKED, DEPTH, SKIN, WAY, Outlet
from mesogun_sim.plant.drawn import Fitted
from mesogun_sim.plant.skin import Point

AT_DEPTH_UM = 100  # of the depth reached, or 5 %: what counts as that depth (DOMAIN 5)
FAR_UM = 1_000_000
SUCTION_KPA = -2.0  # tissue gives nothing back above it (A)


class NeedleEnd:
    """`arrival_um`: from here on the tip is at depth; whoever knows how deep it goes sets it. `skin_um`: deepest in the skin."""

    def __init__(self) -> None:
        self.place = AIR
        self.tip_um = self.touching = self.blocked = self.skin_um = 0
        self.arrival_um = self._deepest_um = 0
        self._pierced = False
        self._points = self._shots = 0
        self._point: Point | None = None
        self._outlet: Outlet | None = None
        self.free_um = (0, 0)  # while the tip is between, not at, these it ends where it ended

    def copy(self) -> "NeedleEnd":
        twin = object.__new__(NeedleEnd)
        twin.__dict__.update(self.__dict__)
        return twin

    @property
    def inside(self) -> bool:
        return self.place in (DEPTH, WAY)

    @property
    def weeps(self) -> float:
        return self._point.weeps if self._point else 0.0

    def will_reach(self, deepest_um: int) -> None:
        """So deep it goes this time, as far as is known."""
        deepest_um = self._deepest_um = max(self._deepest_um, deepest_um)
        self.arrival_um = deepest_um - min(max(AT_DEPTH_UM, deepest_um // 20), deepest_um // 2)
        self.free_um = self._free_um()

    def new_needle(self) -> None:
        self._shots = 0

    def meets(self, fitted: Fitted) -> None:
        """The tip leaves the cone's plane: a new point."""
        self._points += 1
        self._outlet = None
        self._deepest_um = 0
        self._point = fitted.skin.point(self._points, fitted.needle, self._shots)

    def between(self, after_um: int) -> list[int]:
        """Where on its way to `after_um` the tip may come to end elsewhere."""
        before = self.tip_um
        if after_um > before:
            tents = math.ceil(self._point.tents_um) if self._point and not self._pierced else 0
            return sorted(level for level in (tents, self.arrival_um) if before < level <= after_um)
        return [self.arrival_um - 1] if after_um < self.arrival_um <= before else []

    def move(self, tip_um: int, touching: int) -> bool:
        """It has moved; the answer is whether it left the skin."""
        was_inside = self.inside
        self.tip_um, self.touching = tip_um, touching
        point = self._point
        if not touching or tip_um <= 0 or point is None:
            self._pierced = False
        elif tip_um >= point.tents_um and not self._pierced:
            self._pierced = True
            self._shots += 1
        before = self.place
        if self._pierced and point is not None:
            deep = tip_um >= self.arrival_um
            self.place = DEPTH if deep else WAY
            self.skin_um = max(self.skin_um, int(point.depth_um(self._deepest_um if deep else tip_um)))
        else:
            self.place = SKIN if touching else AIR
        if self.place != before:
            self._outlet = None
        self.free_um = self._free_um()
        return was_inside and not self.inside

    def _free_um(self) -> tuple[int, int]:
        levels = [0, self.arrival_um - 1, self.arrival_um, FAR_UM]
        if self._point and not self._pierced:
            levels.append(math.ceil(self._point.tents_um))
        below = max((level for level in levels if level < self.tip_um), default=self.tip_um)
        return below, min(level for level in levels if level > self.tip_um)

    def block(self, blocked: int) -> None:
        self.blocked, self._outlet = blocked, None

    def outlet(self, fitted: Fitted, deposit_nl: float) -> Outlet:
        if self._outlet is None or fitted.pushes_back:
            self._outlet = self._what_it_meets(fitted, deposit_nl)
        return self._outlet

    def _what_it_meets(self, fitted: Fitted, deposit_nl: float) -> Outlet:
        if self.blocked:
            return Outlet(BLOCKED)
        if not self.inside or self._point is None:
            return Outlet(self.place, fitted.meniscus_kpa, -fitted.meniscus_kpa)
        opens_kpa = self._point.opens_kpa(self._point.depth_um(self.tip_um))
        sucks_kpa = opens_kpa if fitted.pushes_back and deposit_nl > 0 else SUCTION_KPA
        return Outlet(self.place, opens_kpa, sucks_kpa, self._point.leaks)
