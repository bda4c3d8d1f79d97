"""Flow through a needle, against the figures of DOMAIN 3."""

import pytest

from mesogun.clinical.needles import GAUGES, needle_flow_nl_s
from mesogun.clinical.syringes import PLASTIC, STIFF, swept_nl
from mesogun_fw import limits

# Milliseconds that 10 µl take at 300 kPa, for 1, 3 and 10 mPa·s.
DOMAIN_3 = [
    ("27G", 4, (19, 23, 37)),
    ("27G", 13, (23, 36, 94)),
    ("30G", 4, (36, 46, 95)),
    ("30G", 13, (48, 93, 280)),
    ("31G", 4, (54, 78, 184)),
    ("31G", 13, (81, 180, 568)),
    ("32G", 4, (90, 150, 410)),
    ("32G", 13, (159, 401, 1301)),
]


@pytest.mark.parametrize(("gauge", "length_mm", "published"), DOMAIN_3)
def test_ten_microlitres_take_as_long_as_the_domain_says(gauge: str, length_mm: int, published: tuple[float, ...]) -> None:
    for viscosity, ms in zip((1, 3, 10), published, strict=True):
        assert 10_000 / needle_flow_nl_s(gauge, length_mm, viscosity) * 1000 == pytest.approx(ms, rel=0.03)


def test_a_finer_needle_never_passes_more() -> None:
    flows = [needle_flow_nl_s(gauge, 4, 1) for gauge in GAUGES]
    assert flows == sorted(flows, reverse=True)


def test_every_syringe_fits_the_device() -> None:
    for size_ml, bore_um in ((size_ml, one.bore_um) for table in (PLASTIC, STIFF) for size_ml, one in table.items()):
        assert limits.SYRINGE_BORE_MIN_UM <= bore_um <= limits.SYRINGE_BORE_MAX_UM
        assert size_ml * 1_000_000 <= limits.SYRINGE_MAX_NL
        assert swept_nl(bore_um, 70_000) >= size_ml * 1_000_000, "the reference gun's plunger travels 70 mm"


def test_ten_microlitres_are_87_5_micrometres_of_a_5_ml_syringe() -> None:
    assert swept_nl(12_060, 1_000) == pytest.approx(10_000 / 87.5 * 1000, rel=0.001)


def test_the_diameters_are_those_of_the_public_tables_and_of_the_maker() -> None:
    """A dose is as right as its bore; a needle passes with the fourth power of its own."""
    inner_um = {gauge: one.inner_um for gauge, one in GAUGES.items()}
    assert inner_um == {"27G": 210, "28G": 184, "29G": 184, "30G": 159, "31G": 133, "32G": 108, "33G": 108, "34G": 82}
    outer_um = {gauge: one.outer_um for gauge, one in GAUGES.items()}
    assert outer_um == {"27G": 413, "28G": 362, "29G": 337, "30G": 311, "31G": 260, "32G": 235, "33G": 210, "34G": 184}
    bores_um = {size_ml: one.bore_um for size_ml, one in PLASTIC.items()}
    assert bores_um == {1.0: 4_780, 2.0: 9_650, 2.5: 9_650, 3.0: 8_660, 5.0: 12_060, 10.0: 14_500}
