"""A Quantity is one kind of number that a practitioner sets: it judges, shows and converts exactly. quantities.py has the rows."""

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from mesogun.clinical.sources import in_words


@dataclass(frozen=True)
class Wrong:
    """A Wrong says why a value cannot be used, and what to do. Both are sentences without a full stop at the end."""

    limit: str
    remedy: str


@dataclass(frozen=True)
class Quantity:
    """A Quantity is one row. `low`, `high`, `step`, `usual` are counts; a value outside `usual` is allowed and pointed out."""

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
        """Returns counts as a practitioner reads them: "2.1 mm"."""
        return f"{counts / self.per_unit:g} {self.unit}"

    @property
    def choice(self) -> str:
        """This says what may be chosen: "from 0.2 to 10 mm in steps of 0.1"."""
        steps = "" if self.step == 1 == self.per_unit else f" in steps of {self.step / self.per_unit:g}"
        return f"from {self.low / self.per_unit:g} to {self.shown(self.high)}{steps}"

    def wrong(self, value: object) -> Wrong | None:
        """Returns None exactly when `counts` can convert the value, else why it cannot."""
        whole = "a whole number" if self.per_unit == self.step == 1 else "a number"
        remedy = f"Set {self.meaning} {self.choice}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Wrong(f"must be {whole}", remedy)
        if isinstance(value, float) and not isfinite(value):
            return Wrong(f"must be {whole}, not nan or infinity", remedy)
        exact = _exact(value) * self.per_unit
        if exact < self.low:
            return Wrong(f"must be at least {self.shown(self.low)}: {self.low_reason} ({in_words(self.source)})", remedy)
        if exact > self.high:
            return Wrong(f"must be at most {self.shown(self.high)}: {self.high_reason} ({in_words(self.source)})", remedy)
        if exact % self.step:
            return Wrong(f"must be in steps of {self.shown(self.step)}", remedy)
        return None

    def counts(self, value: float) -> int:
        """Returns the value in the device's unit, exactly. Raises ValueError if it is `wrong`: nothing is rounded or clamped."""
        wrong = self.wrong(value)
        if wrong:
            raise ValueError(f"{self.name} = {value}: {wrong.limit}")
        return int(_exact(value) * self.per_unit)

    def unusual(self, value: float) -> bool:
        """Tells whether the value is outside the usual range. Raises ValueError if it is `wrong`."""
        return not self.usual[0] <= self.counts(value) <= self.usual[1]


def _exact(value: float) -> Decimal:
    """Returns the number as it was written: 2.1 is 21 tenths, not the nearest binary fraction."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))
