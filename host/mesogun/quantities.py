"""THE table of what a practitioner sets: unit, range, usual range, step, reasons, source. Validation, help and forms read it.

Ranges are whole counts of the device's own unit (um, nl, us); `per_unit` of them make one of the practitioner's. So a
number is judged and converted by the same row, without a float in between. What the device limits comes from limits.py.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from mesogun_fw import limits

SECOND_US = 1_000_000


@dataclass(frozen=True)
class Wrong:
    """Why a value cannot be used, and what to do. Both are sentences without a full stop at the end."""

    limit: str
    remedy: str


@dataclass(frozen=True)
class Quantity:
    """One row. `low`, `high`, `step`, `usual` are counts; a value outside `usual` is allowed and pointed out."""

    name: str
    unit: str
    meaning: str
    per_unit: int
    low: int
    high: int
    step: int
    usual: tuple[int, int]
    low_reason: str
    high_reason: str
    source: str

    def shown(self, counts: int) -> str:
        """Counts as a practitioner reads them: "2.1 mm"."""
        return f"{counts / self.per_unit:g} {self.unit}"

    @property
    def choice(self) -> str:
        """What may be chosen: "from 0.2 to 10 mm in steps of 0.1"."""
        steps = "" if self.step == 1 == self.per_unit else f" in steps of {self.step / self.per_unit:g}"
        return f"from {self.low / self.per_unit:g} to {self.shown(self.high)}{steps}"

    def wrong(self, value: object) -> Wrong | None:
        """None exactly when `counts` can convert the value."""
        whole = "a whole number" if self.per_unit == self.step == 1 else "a number"
        remedy = f"Set {self.meaning} {self.choice}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Wrong(f"must be {whole}", remedy)
        if isinstance(value, float) and not isfinite(value):
            return Wrong(f"must be {whole}, not nan or infinity", remedy)
        exact = _exact(value) * self.per_unit
        if exact < self.low:
            return Wrong(f"must be at least {self.shown(self.low)}: {self.low_reason} ({self.source})", remedy)
        if exact > self.high:
            return Wrong(f"must be at most {self.shown(self.high)}: {self.high_reason} ({self.source})", remedy)
        if exact % self.step:
            return Wrong(f"must be in steps of {self.shown(self.step)}", remedy)
        return None

    def counts(self, value: float) -> int:
        """The value in the device's unit, exactly. Raises ValueError if the value is `wrong`: nothing is rounded or clamped."""
        wrong = self.wrong(value)
        if wrong:
            raise ValueError(f"{self.name} = {value}: {wrong.limit}")
        return int(_exact(value) * self.per_unit)

    def unusual(self, value: float) -> bool:
        return not self.usual[0] <= self.counts(value) <= self.usual[1]


def _exact(value: float) -> Decimal:
    """The number as it was written: 2.1 is 21 tenths, not the nearest binary fraction."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


TABLE = (
    Quantity(
        "depth_mm",
        "mm",
        "the depth of the needle's tip past the skin",
        1000,
        limits.DEPTH_MIN_UM,
        limits.DEPTH_CAP_UM,
        limits.DEPTH_STEP_UM,
        (1_000, limits.DEPTH_CAP_UM),  # set shallower, under half of the needle is buried (DOMAIN 4, H)
        "set shallower, the needle does not reach into the skin",
        "no document allows a deeper injection",
        "003; DOMAIN 1",
    ),
    Quantity(
        "rate_hz",
        "shots/s",
        "the shot rate",
        10,
        10 * SECOND_US // limits.PERIOD_MAX_US,
        10 * SECOND_US // limits.PERIOD_MIN_US,
        1,
        (10 * SECOND_US // limits.PERIOD_MAX_US, 90),  # the fastest gun found makes 9 (DOMAIN 1, M)
        "slower is no series of shots",
        "no gun in the field is as fast",
        "DOMAIN 1",
    ),
    Quantity(
        "dose_ul",
        "µl",
        "the dose of one shot",
        1000,
        limits.DOSE_MIN_NL,
        limits.DOSE_MAX_NL,
        100,  # A: one plunger step in a 10 ml syringe
        (limits.DOSE_MIN_NL, 100_000),  # A: more is given against pain and fat only (DOMAIN 2)
        "the smallest drop that can be metered",
        "the largest dose at one point that a label allows",
        "DOMAIN 1, DOMAIN 2",
    ),
    Quantity(
        "dwell_ms",
        "ms",
        "the time at depth after dispensing",
        1000,
        0,
        limits.DWELL_MAX_US,
        1000,
        (20_000, limits.DWELL_MAX_US),  # shorter, and drug still flows while the needle leaves (DOMAIN 4, C)
        "time does not run backwards",
        "a needle that stays longer is not making shots",
        "A",
    ),
    Quantity(
        "points",
        "points",
        "the number of points",
        1,
        1,
        min(limits.SHOTS_PER_PASS_MAX, limits.SHOTS_PER_ARMING_MAX),
        1,
        (1, 500),  # A: a pass a hand can do in one go
        "a pass without a point does nothing",
        "the gun makes no more at one arming",
        "A",
    ),
    Quantity(
        "spacing_mm",
        "mm",
        "the distance from point to point",
        1000,
        500,
        50_000,
        100,
        (1_000, 30_000),  # from the closest nappage to the widest point by point (DOMAIN 2)
        "closer points are one wound",
        "wider points are no pattern",
        "A",
    ),
    Quantity(
        "needle_mm_s",
        "mm/s",
        "the needle's speed",
        1000,
        limits.NEEDLE_SPEED_MIN_UM_S,
        limits.NEEDLE_SPEED_MAX_UM_S,
        1000,
        (50_000, limits.NEEDLE_SPEED_MAX_UM_S),  # A: slower hurts more
        "a needle that slow tears",
        "no needle drive follows faster",
        "A",
    ),
    Quantity(
        "burst",
        "shots",
        "the number of shots a press",
        1,
        2,
        limits.BURST_MAX,
        1,
        (2, 10),
        "one shot a press is mode single",
        "a longer burst leaves the hand no control",
        "A",
    ),
    Quantity(
        "length_mm",
        "mm",
        "the needle's length",
        1000,
        4_000,
        13_000,
        100,
        (4_000, 13_000),
        "guns take no shorter needle",
        "guns take no longer needle",
        "DOMAIN 1, M",
    ),
    Quantity(
        "filled_ml",
        "ml",
        "the volume in the syringe",
        1_000_000,
        0,
        limits.SYRINGE_MAX_NL,
        10_000,
        (0, 6_000_000),  # general session 2 to 6 ml (DOMAIN 2, M)
        "a volume is not negative",
        "guns take no larger syringe",
        "DOMAIN 1, M",
    ),
    Quantity(
        "volume_ml",
        "ml",
        "the volume of an ingredient",
        1_000_000,
        10_000,
        limits.SYRINGE_MAX_NL,
        10_000,
        (10_000, limits.SYRINGE_MAX_NL),
        "no syringe's scale shows less",
        "guns take no larger syringe",
        "A",
    ),
    Quantity(
        "viscosity_mpa_s",
        "mPa·s",
        "the cocktail's viscosity",
        10,
        5,
        5_000,
        1,
        (10, 100),  # water to a light gel: what DOMAIN 3 was computed for
        "nothing injected is thinner than warm water",
        "a thicker gel passes no fine needle",
        "A",
    ),
)

QUANTITIES = {row.name: row for row in TABLE}
