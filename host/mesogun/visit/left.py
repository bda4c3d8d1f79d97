"""What an order has given, and what is left of it. An order is a session and its earlier rests.

Whole, wrong and uncertain shots fill their place and are never repeated; a partial one is volume, and its point is left. What is
left of a pass is never below 0.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesogun.records.rows import SessionRow, number_of
from mesogun_fw.talk.codes import CUT_SHORT

if TYPE_CHECKING:
    from mesogun.records import Records


@dataclass(frozen=True)
class Left:
    """Left is what an order has given, and what is left of it, by number of its pass, from 1.

    `sessions` are those of the order, the oldest first; `partial` shots gave volume, and no point.
    """

    sessions: tuple[SessionRow, ...]
    planned: dict[int, int]
    given: dict[int, int]
    partial: dict[int, int]

    @property
    def left(self) -> dict[int, int]:
        return {number: max(0, shots - self.given[number]) for number, shots in self.planned.items()}

    @property
    def first(self) -> SessionRow:
        return self.sessions[0]


def left_of(records: "Records", session_id: int) -> Left:
    """Returns what is left of the order that this session belongs to. Raises Refused when there is no such session."""
    sessions = records.order(session_id)
    planned = {number_of(one): one["shots"] for one in sessions[0].passes}
    given: Counter[int] = Counter()
    partial: Counter[int] = Counter()
    for row in sessions:
        numbers = numbers_of(row)
        for shot in records.shots(row.id):
            if shot.pass_index in numbers:  # one of a pass that was never planned fills no place of this order
                (partial if shot.kind == CUT_SHORT else given)[numbers[shot.pass_index]] += 1
    return Left(
        tuple(sessions), planned, {number: given[number] for number in planned}, {number: partial[number] for number in planned}
    )


def numbers_of(row: SessionRow) -> dict[int, int]:
    """Returns the numbers of the protocol's passes, from 1, by the index at which the gun was told them in this session."""
    return {one["index"]: number_of(one) for one in row.passes}
