"""The table of quantities: one row judges, shows and converts; device limits come from the device."""

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.clinical.quantities import QUANTITIES, TABLE, Quantity
from mesogun.clinical.techniques import TECHNIQUES, depth_class
from mesogun_fw import limits
from mesogun_fw.talk.messages import BY_NAME

PASS_FIELDS = {field[0]: (field[1], field[2]) for field in BY_NAME["pass"][2]}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("depth_mm", "depth_um"),
        ("dwell_ms", "dwell_us"),
        ("needle_mm_s", "needle_um_s"),
        ("points", "shots"),
    ],
)
def test_a_range_in_clinical_units_is_the_range_of_the_message(name: str, field: str) -> None:
    assert (QUANTITIES[name].low, QUANTITIES[name].high) == PASS_FIELDS[field]


def test_the_dose_ends_where_the_device_ends_it() -> None:
    assert (QUANTITIES["dose_ul"].low, QUANTITIES["dose_ul"].high) == (limits.DOSE_MIN_NL, limits.DOSE_MAX_NL)


def test_the_slowest_and_fastest_rate_are_the_longest_and_shortest_period() -> None:
    rate = QUANTITIES["rate_hz"]
    assert round(1e6 / (rate.low / rate.per_unit)) == limits.PERIOD_MAX_US
    assert round(1e6 / (rate.high / rate.per_unit)) == limits.PERIOD_MIN_US


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_every_row_is_consistent(row: Quantity) -> None:
    assert row.low <= row.usual[0] < row.usual[1] <= row.high
    assert row.low % row.step == row.high % row.step == 0
    assert row.wrong(row.low / row.per_unit) is None
    assert row.wrong(row.high / row.per_unit) is None
    assert row.wrong((row.low - row.step) / row.per_unit)
    assert row.wrong((row.high + row.step) / row.per_unit)
    assert row.source
    assert row.low_reason
    assert row.high_reason


@given(st.integers(2, 100))
def test_every_tenth_of_a_millimetre_converts_exactly(tenths: int) -> None:
    assert QUANTITIES["depth_mm"].counts(tenths / 10) == tenths * 100
    assert QUANTITIES["depth_mm"].counts(float(f"{tenths // 10}.{tenths % 10}")) == tenths * 100


@given(st.floats() | st.integers())
def test_a_number_is_either_wrong_or_converts_without_rounding(value: float) -> None:
    for quantity in TABLE:
        if quantity.wrong(value):
            with pytest.raises(ValueError, match=quantity.name):
                quantity.counts(value)
        else:
            counts = quantity.counts(value)
            assert counts / quantity.per_unit == value
            assert quantity.low <= counts <= quantity.high


@pytest.mark.parametrize("value", [nan, inf, -inf, True, False, "2.0", None, [2.0]])
def test_what_is_no_usable_number_is_wrong(value: object) -> None:
    assert QUANTITIES["depth_mm"].wrong(value) is not None


def test_numbers_of_thousands_of_digits_are_wrong() -> None:
    assert QUANTITIES["depth_mm"].wrong(10**5000)
    assert QUANTITIES["depth_mm"].wrong(-(10**5000))


@pytest.mark.parametrize(("value", "says"), [(10.1, "at most 10 mm"), (0, "at least 0.2 mm"), (2.15, "steps of 0.1 mm")])
def test_a_refusal_names_the_limit_and_what_may_be_set(value: float, says: str) -> None:
    wrong = QUANTITIES["depth_mm"].wrong(value)
    assert wrong
    assert says in wrong.limit
    assert "from 0.2 to 10 mm in steps of 0.1" in wrong.remedy


def test_a_range_is_read_from_its_row_only() -> None:
    shallow = replace(QUANTITIES["depth_mm"], high=4_000)
    assert shallow.wrong(4.1)
    assert not shallow.wrong(4.0)


def test_one_millimetre_is_epidermic_and_four_are_intradermic() -> None:
    assert [depth_class(um) for um in (200, 1_000, 1_100, 4_000, 4_100, 10_000)] == [
        *("epidermic", "epidermic", "intradermic", "intradermic", "hypodermic", "hypodermic")
    ]


def test_the_usual_figures_of_every_technique_can_be_set() -> None:
    for technique in TECHNIQUES.values():
        for name, ends in (("depth_mm", technique.depth_mm), ("dose_ul", technique.dose_ul), ("spacing_mm", technique.spacing_mm)):
            for value in ends:
                assert value == 0 or QUANTITIES[name].wrong(value) is None, (technique.id, name, value)
