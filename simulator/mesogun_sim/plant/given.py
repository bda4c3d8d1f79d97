"""What became of a shot's drug: three figures that are never one, and what is still stored."""

from dataclasses import dataclass
from typing import NamedTuple

from mesogun_sim.plant.chamber import AIR, DEPTH, SKIN, WAY, Sinks


@dataclass(frozen=True)
class Given:
    """Of one shot, from its start to the next one's: in nl, but for its depth in the skin."""

    start_us: int
    plunger_nl: float
    at_depth_nl: float
    on_way_nl: float  # in the skin, while the needle came or went
    spilt_nl: float  # on the skin and in the air
    leaked_nl: float  # out of the skin again, along the track
    drawn_nl: float  # in by the needle
    stored_nl: float  # at its end, by walls, air and seal
    stored_before_nl: float
    skin_um: int

    @property
    def missing_nl(self) -> float:
        """What is nowhere. Every other figure was integrated by itself."""
        gone = self.at_depth_nl + self.on_way_nl + self.spilt_nl + self.leaked_nl
        return self.plunger_nl + self.drawn_nl - gone - (self.stored_nl - self.stored_before_nl)


class Moment(NamedTuple):
    """All that was counted until then."""

    us: int
    sinks: Sinks
    stored_nl: float
    plunger_nl: float


def between(begin: Moment, end: Moment, skin_um: int) -> Given:
    was, now = begin.sinks, end.sinks
    out = [after - before for before, after in zip(was.out, now.out, strict=True)]
    return Given(
        start_us=begin.us,
        plunger_nl=end.plunger_nl - begin.plunger_nl,
        at_depth_nl=out[DEPTH],
        on_way_nl=out[WAY],
        spilt_nl=out[SKIN] + out[AIR],
        leaked_nl=now.leak - was.leak,
        drawn_nl=now.drawn - was.drawn,
        stored_nl=end.stored_nl,
        stored_before_nl=begin.stored_nl,
        skin_um=skin_um,
    )
