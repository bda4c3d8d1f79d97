"""Places of values that are filled in one by one are those of the table."""

import pytest

from mesogun_fw.talk import places
from mesogun_fw.talk.messages import BY_NAME
from mesogun_fw.talk.widths import wide


@pytest.mark.parametrize("name", ["state", "watched", "shot", "ended", "changed"])
def test_places_are_in_the_order_of_the_table(name: str) -> None:
    wanted = []
    for field, low, high in BY_NAME[name][2]:
        wanted.append(field)
        if wide(low, high):
            wanted.append(f"{field}_rest")
    prefix = f"{name.upper()}_"
    told = {place: key.removeprefix(prefix).lower() for key, place in vars(places).items() if key.startswith(prefix)}
    assert [told[place] for place in range(len(told))] == wanted


def test_nothing_else_has_places() -> None:
    prefixes = {key.partition("_")[0] for key in vars(places) if key[0] != "_"}
    assert prefixes == {"BEAT", "STATE", "WATCHED", "SHOT", "ENDED", "CHANGED"}


def test_what_is_asked_stands_behind_its_sequence_number() -> None:
    assert [field[0] for field in BY_NAME["beat"][2]].index("ack") + 1 == places.BEAT_ACK
