"""A Plan is what planning makes of a protocol: the integers that go to the device. planning.py converts and refuses."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from mesogun.clinical.techniques import depth_class
from mesogun_fw.talk.messages import BY_NAME, CONSTANT_FLOW

if TYPE_CHECKING:
    from mesogun.clinical.delivery import Delivery


class Head(NamedTuple):
    """Head has the fields of message `begin`: they hold for every pass."""

    passes: int
    syringe_bore_um: int
    syringe_nl: int
    flow_max_nl_s: int


@dataclass(frozen=True)
class PassPlan:
    """A PassPlan is one pass: the fields of message `pass`, then its technique in words and the times within a stroke.

    `number` is the pass's own, from 1: it keeps it in a rest, where only the passes are given that have something left.

    In constant flow a shot is one second of it: `shots` counts seconds, `dose_nl` is what one of them gives.

    `delivery` is what of each dose is estimated to be at depth, None where there is no dose. In constant flow it is that of the
    longest press, and from `least_hold_s` on a press keeps the share that is wanted.
    """

    index: int
    mode: int
    shots: int
    burst: int
    depth_um: int
    needle_um_s: int
    dose_nl: int
    flow_nl_s: int
    dwell_us: int
    period_us: int
    technique: str
    needle_us: int
    dispense_us: int
    shortest_us: int
    number: int
    delivery: "Delivery | None" = None
    least_hold_s: int | None = None

    @property
    def depth_class(self) -> str:
        return depth_class(self.depth_um)

    @property
    def volume_nl(self) -> int:
        return self.shots * self.dose_nl

    def fields(self) -> dict[str, int]:
        """Returns the values of message `pass` by name, in the order of its table row."""
        return {field[0]: getattr(self, field[0]) for field in BY_NAME["pass"][2]}


@dataclass(frozen=True)
class Plan:
    """A Plan is everything the device is told, and what it must derive from that.

    The device derives `digest`, `shots`, `volume_nl`, `deepest_um` and `duration_ms`. `protocol_digest` is the SHA-256 of the
    protocol's file. `duration_ms` is time in strokes: the hand's own is not in it. `shots` counts each second of constant
    flow as one.
    """

    title: str
    protocol_digest: str
    head: Head
    passes: tuple[PassPlan, ...]
    digest: int
    shots: int
    volume_nl: int
    deepest_um: int
    duration_ms: int

    def recorded(self) -> dict[str, Any]:
        """Returns the plan as it is recorded. Its head stands under `begin`, as in every record there is."""
        return {"begin" if name == "head" else name: value for name, value in asdict(self).items()}

    @property
    def flow_s(self) -> int:
        """This is the seconds of constant flow of all passes."""
        return sum(one.shots for one in self.passes if one.mode == CONSTANT_FLOW)

    @property
    def flows(self) -> frozenset[int]:
        """These are the passes of constant flow, whose seconds are no points."""
        return frozenset(one.index for one in self.passes if one.mode == CONSTANT_FLOW)

    @property
    def counted(self) -> str:
        """This says what is given: "210 shots", "120 s of flow", "60 shots and 120 s of flow"."""
        shots = self.shots - self.flow_s
        parts = ((f"{shots} shots", shots), (f"{self.flow_s} s of flow", self.flow_s))
        return " and ".join(words for words, count in parts if count)


def told(head: Head, passes: tuple[PassPlan, ...]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yields what the device is told of a plan, message by message: its name, and its values by name, in the table's order."""
    yield "begin", head._asdict()
    for one in passes:
        yield "pass", one.fields()
