"""The values of a message by the names of its fields, and in the array that a line is made of."""

from array import array

import pytest

from mesogun_fw.device.rows import Asked, fill
from mesogun_fw.talk import table
from mesogun_fw.talk.messages import MESSAGES

PART = 1_000_000_000
UNTOUCHED = 123_456_789
ARMED = {"index": 2, "left": 17, "deepest_um": 3_000, "stroke_nl": 9_990, "period_us": 150_000, "words": 800}


def asked(name: str, *values: int) -> Asked:
    one = Asked()
    one.name = name
    for at, value in enumerate((77, *values)):  # the sequence number first
        one.place[at] = value
    return one


def test_every_value_of_a_request_goes_by_the_name_of_its_field() -> None:
    for name, _, fields in MESSAGES:
        values = list(range(100, 100 + len(fields)))
        one = asked(name, *values)
        named = dict(zip([field[0] for field in fields], values, strict=True))
        assert {key: one[key] for key in named} == one.by_name() == named
        assert one.row() == values


def filled(name: str, given: list[int], at: int = 3) -> list[int]:
    values = array("i", [UNTOUCHED] * (at + table.VALUES_MAX + 1))
    fill(values, at, name, given)
    assert set(values[:at]) == {UNTOUCHED}, "nothing before its place"
    return [value for value in values[at:] if value != UNTOUCHED]


def test_values_stand_one_after_the_other_from_their_place_on() -> None:
    assert filled("armed", list(ARMED.values())) == list(ARMED.values())


@pytest.mark.parametrize("place", range(len(ARMED)))
def test_each_value_may_be_the_lowest_and_the_highest_and_nothing_past_them(place: int) -> None:
    key, low, high = table.fields("armed")[place]
    for value, allowed in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        given = list({**ARMED, key: value}.values())
        if allowed:
            assert filled("armed", given)[place] == value
        else:
            with pytest.raises(ValueError, match=f"armed: {key}={value} is outside {low}..{high}"):
                filled("armed", given)


@pytest.mark.parametrize("count", [len(ARMED) - 1, len(ARMED) + 1])
def test_a_message_has_as_many_values_as_it_has_fields(count: int) -> None:
    with pytest.raises(ValueError, match=f"armed takes 6 values, not {count}"):
        filled("armed", [2, 17, 3_000, 9_990, 150_000, 800, 5][:count])


@pytest.mark.parametrize("value", [7, PART - 2, PART, 5 * PART + 3, (1 << 53) - 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_wide_value_stands_in_two_places_both_with_its_sign(value: int, sign: int) -> None:
    fields = table.fields("refused")
    given = [max(low, 0) for _, low, _ in fields]
    at = [field[0] for field in fields].index("value")
    given[at] = sign * value
    places = filled("refused", given)
    assert places[at : at + 2] == [sign * (value // PART), sign * (value % PART)]
    assert len(places) == len(fields) + 3, "three of them are wide"
