"""A dial gauge and a balance say which figures of a gun's description would be true. Nothing is changed here.

Lengths are in um and nm, volumes in ul (measured ones are no whole numbers), mass in mg, density in g/ml, which is mg/ul.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from mesogun_fw.config import Description
from mesogun_fw.limits import DEPTH_STEP_UM, DOSE_ERROR_NL, DOSE_ERROR_PERCENT
from mesogun_fw.talk.messages import BY_NAME, PNEUMATIC

TOLERANCE = 0.01  # a scale may be off by this share: it is 0.1 mm at the deepest depth, as a shot may be off (DOMAIN 5)
ZERO_UM = 50  # the gauge's zero may be off the needle's by half of that
PLATEAU_UM = 50  # an encoder reading this close to the deepest one was taken at depth


@dataclass(frozen=True)
class Scale:
    """A Scale holds one figure of the gun's description against the gauge. `fitting_nm` would be right, None when nothing fits."""

    name: str
    described_nm: int
    measured_nm: float
    fitting_nm: int | None

    @property
    def error(self) -> float:
        """This is how much further it goes than described, as a share."""
        return self.measured_nm / self.described_nm - 1

    @property
    def within(self) -> bool:
        return abs(self.error) <= TOLERANCE


@dataclass(frozen=True)
class NeedleFound:
    """NeedleFound is what the gauge says. `zero_um` is what it shows with the needle at home, by the line through its readings."""

    step: Scale
    encoder: Scale
    zero_um: float

    @property
    def zero_within(self) -> bool:
        return abs(self.zero_um) <= ZERO_UM

    @property
    def corrections(self) -> dict[str, int]:
        """This is what to set in the description, by name. It is empty while the steps fit no figure: they are put right first."""
        if not self.step.within and self.step.fitting_nm is None:
            return {}
        return {one.name: one.fitting_nm for one in (self.step, self.encoder) if not one.within and one.fitting_nm is not None}


@dataclass(frozen=True)
class DoseFound:
    """DoseFound holds weighed doses, in ul, against the one asked for. A syringe of `bore_um` would explain their mean."""

    asked_ul: float
    doses_ul: tuple[float, ...]
    bore_um: int

    @property
    def mean_ul(self) -> float:
        return statistics.fmean(self.doses_ul)

    @property
    def spread_ul(self) -> float:
        return statistics.stdev(self.doses_ul)

    @property
    def error(self) -> float:
        return self.mean_ul / self.asked_ul - 1

    @property
    def limit_ul(self) -> float:
        """A dose may be off by this: it is the larger of 1 ul and 5 % (DOMAIN 5, after ISO 11608-1)."""
        return max(DOSE_ERROR_NL / 1000, self.asked_ul * DOSE_ERROR_PERCENT / 100)

    @property
    def outside(self) -> int:
        """So many doses are off by more than the limit."""
        return sum(abs(dose_ul - self.asked_ul) > self.limit_ul for dose_ul in self.doses_ul)


def needle(description: Description, rows: Sequence[tuple[int, float, float]]) -> NeedleFound:
    """Judges rows of (depth asked for, encoder at depth, gauge), in um. Raises ValueError for readings that are no line."""
    asked, seen, gauge = (list(column) for column in zip(*rows, strict=True))
    share = statistics.linear_regression(asked, gauge)
    by_encoder = statistics.linear_regression(seen, gauge).slope
    if not 0.1 < share.slope < 10 or not 0.1 < by_encoder < 10:
        raise ValueError("the gauge did not follow the needle")
    step_name = "stop_nm_per_step" if description.drive == PNEUMATIC else "needle_nm_per_step"
    step_nm = getattr(description, step_name)
    encoder_nm = description.needle_encoder_nm
    return NeedleFound(
        Scale(step_name, step_nm, step_nm * share.slope, _step_near(step_name, step_nm * share.slope)),
        Scale("needle_encoder_nm", encoder_nm, encoder_nm * by_encoder, _in_range("needle_encoder_nm", encoder_nm * by_encoder)),
        share.intercept,
    )


def at_depth_um(samples: Sequence[int]) -> float:
    """Returns what the encoder saw at depth, from samples of the needle's way out and back. Raises ValueError for none."""
    if not samples:
        raise ValueError("the encoder was not heard")
    return statistics.median(sample for sample in samples if sample > max(samples) - PLATEAU_UM)


def dose(asked_ul: float, masses_mg: Sequence[float], density_mg_ul: float, bore_um: int) -> DoseFound:
    """Judges at least two weighings. Raises ValueError for a mean that is no dose."""
    doses_ul = tuple(mass_mg / density_mg_ul for mass_mg in masses_mg)
    mean_ul = statistics.fmean(doses_ul)
    if not isfinite(mean_ul) or mean_ul <= 0:
        raise ValueError("nothing came out")
    return DoseFound(asked_ul, doses_ul, round(bore_um * sqrt(mean_ul / asked_ul)))


def steps_that_divide(name: str) -> list[int]:
    """Returns what this figure of the description may be: a depth setting of 0.1 mm is whole steps."""
    low, high = _range(name)
    return [nm for nm in range(low, high + 1) if DEPTH_STEP_UM * 1000 % nm == 0]


def _step_near(name: str, measured_nm: float) -> int | None:
    nearest = min(steps_that_divide(name), key=lambda nm: abs(nm - measured_nm))
    return nearest if abs(measured_nm / nearest - 1) <= TOLERANCE else None


def _in_range(name: str, measured_nm: float) -> int | None:
    low, high = _range(name)
    return round(measured_nm) if low <= round(measured_nm) <= high else None


def _range(name: str) -> tuple[int, int]:
    return next((low, high) for field, low, high in BY_NAME["gun"][2] if field == name)
