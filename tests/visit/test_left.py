"""What an order has given and what is left of it: every kind of shot, a rest with fewer passes, and records of before."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mesogun.records import Records
from mesogun.visit.left import Left, left_of, numbers_of
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, UNCERTAIN, kind_of

Shots = list[tuple[int, int]]  # index of the pass, flags


class Session:
    """A session of an order: the passes of its plan, and its shots."""

    def __init__(self, number: int, passes: list[dict[str, int]], shots: Shots) -> None:
        self.id = number
        self.passes: list[dict[str, Any]] = json.loads(json.dumps(passes))
        self.shots = [SimpleNamespace(pass_index=index, kind=kind_of(flags)) for index, flags in shots]


def order(*sessions: Session) -> Left:
    records = SimpleNamespace(order=lambda number: list(sessions), shots=lambda number: sessions[number - 1].shots)
    return left_of(cast(Records, records), 1)


def planned(*shots: int, numbers: tuple[int, ...] = ()) -> list[dict[str, int]]:
    whole = numbers or tuple(range(1, len(shots) + 1))
    return [
        {"index": index, "number": number, "shots": count} for index, (number, count) in enumerate(zip(whole, shots, strict=True))
    ]


@pytest.mark.parametrize(
    ("flags", "fills"), [(0, 1), (DOSE_OFF, 1), (DEPTH_OFF, 1), (UNCERTAIN, 1), (PARTIAL | UNCERTAIN, 1), (PARTIAL, 0)]
)
def test_every_shot_but_a_partial_one_fills_its_place(flags: int, fills: int) -> None:
    left = order(Session(1, planned(5, 3), [(1, flags)]))
    assert (left.given, left.partial, left.left) == ({1: 0, 2: fills}, {1: 0, 2: 1 - fills}, {1: 5, 2: 3 - fills})


def test_what_a_rest_gave_is_off_the_pass_of_the_protocol_and_not_of_the_same_index() -> None:
    first = Session(1, planned(2, 3, 4), [(0, 0)] * 2 + [(1, 0)])
    rest = Session(2, planned(2, 4, numbers=(2, 3)), [(0, 0), (1, 0), (1, PARTIAL)])
    left = order(first, rest)
    assert (left.planned, left.given) == ({1: 2, 2: 3, 3: 4}, {1: 2, 2: 2, 3: 1})
    assert (left.partial, left.left) == ({1: 0, 2: 0, 3: 1}, {1: 0, 2: 1, 3: 3})
    assert [row.id for row in left.sessions] == [1, 2]
    assert left.first.id == 1


def test_what_is_left_of_a_pass_is_never_below_nothing_and_is_off_no_other() -> None:
    left = order(Session(1, planned(2, 3), [(0, 0)] * 4))
    assert (left.given, left.left) == ({1: 4, 2: 0}, {1: 0, 2: 3})


def test_a_shot_of_a_pass_that_was_never_planned_fills_no_place() -> None:
    left = order(Session(1, planned(2, 3), [(6, 0), (2, PARTIAL)]))
    assert (left.given, left.partial) == ({1: 0, 2: 0}, {1: 0, 2: 0})


def test_a_plan_of_before_the_rests_numbers_its_passes_by_their_index() -> None:
    old = [{"index": 0, "shots": 2}, {"index": 1, "shots": 3}]
    assert numbers_of(cast(Any, SimpleNamespace(passes=old))) == {0: 1, 1: 2}
    assert order(Session(1, old, [(1, 0)])).left == {1: 2, 2: 2}
