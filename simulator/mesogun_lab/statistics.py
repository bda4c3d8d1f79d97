"""What can be said of all doses by measuring some: the two-sided tolerance interval by which ISO 11608-1 judges an injector."""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist, fmean, stdev

CONFIDENCE = 0.95
LEAST_NL, LEAST_PART = 1_000.0, 0.05  # a dose may be off by the larger of the two (DOMAIN 5)


@dataclass(frozen=True)
class Interval:
    """`mean_nl` ± `k` times `sd_nl`: so much are `part` of all such doses, with CONFIDENCE. It `holds` inside the limits."""

    count: int
    part: float
    mean_nl: float
    sd_nl: float
    k: float
    low_nl: float
    high_nl: float
    low_limit_nl: float
    high_limit_nl: float
    holds: bool


def interval(doses_nl: list[float], wanted_nl: float, part: float) -> Interval:
    count, mean_nl, sd_nl = len(doses_nl), fmean(doses_nl), stdev(doses_nl)
    k = k_factor(count, part)
    off_nl = max(LEAST_NL, LEAST_PART * wanted_nl)
    low_nl, high_nl = mean_nl - k * sd_nl, mean_nl + k * sd_nl
    holds = wanted_nl - off_nl <= low_nl and high_nl <= wanted_nl + off_nl
    return Interval(count, part, mean_nl, sd_nl, k, low_nl, high_nl, wanted_nl - off_nl, wanted_nl + off_nl, holds)


@cache
def k_factor(count: int, part: float) -> float:
    """Howe's two-sided factor for a normal distribution."""
    if count < 2:
        raise ValueError(f"{count} doses have no spread")
    z = NormalDist().inv_cdf((1 + part) / 2)
    return z * math.sqrt((count - 1) * (1 + 1 / count) / _chi_square(1 - CONFIDENCE, count - 1))


def _chi_square(part: float, freedom: int) -> float:
    """Below this is `part` of the distribution: its halves meet where the series of the incomplete gamma function says so."""
    low, high = 0.0, 10.0 * freedom
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle / 2, freedom / 2) < part else (low, middle)
    return low


def _below(x: float, a: float) -> float:
    if x <= 0:
        return 0.0
    term = total = 1 / a
    n = a
    while term > total * 1e-15:
        n += 1
        term *= x / n
        total += term
    return total * math.exp(a * math.log(x) - x - math.lgamma(a))
