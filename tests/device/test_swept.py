"""The volume of a plunger's travel, made in small integers, is the one that large ones give."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.device.swept import swept_nl

LONGEST_NM = (1 << 30) - 1


def exact(travel_nm: int, bore_um: int) -> int:
    return (travel_nm * 355 * bore_um * bore_um + 226_000_000_000) // 452_000_000_000


@examples(2_000)
@given(
    st.integers(-LONGEST_NM, LONGEST_NM) | st.integers(-1_000_000, 1_000_000) | st.integers(-2_000, 2_000),
    st.integers(limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM) | st.integers(1, 23_000),
)
@example(LONGEST_NM, 23_000)
@example(-LONGEST_NM, 23_000)
def test_it_is_exact_for_every_travel_and_bore(travel_nm: int, bore_um: int) -> None:
    assert swept_nl(travel_nm, bore_um) == exact(travel_nm, bore_um)


@pytest.mark.parametrize(("travel_nm", "bore_um"), [(452, 10_000), (2_825, 4_000), (11_300, 6_000), (40_000, 11_300)])
def test_a_half_is_rounded_upwards_either_way(travel_nm: int, bore_um: int) -> None:
    assert travel_nm * 71 * bore_um * bore_um % 90_400_000_000 == 45_200_000_000
    for travel in (travel_nm, -travel_nm):
        assert swept_nl(travel, bore_um) == exact(travel, bore_um)
    assert swept_nl(travel_nm, bore_um) + swept_nl(-travel_nm, bore_um) == 1
