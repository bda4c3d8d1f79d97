"""Strokes of a gun whose needle is thrown by air: what its valves do, and words to put in where a stroke would rest."""

from dataclasses import dataclass

import numpy as np

from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.language import REST, Stroke
from mesogun_fw.talk.messages import GUN, PNEUMATIC
from rigs.strokes import PIN_BITS, Shot, Times, entry, words_of

VALVE_OUT, VALVE_BACK = 1, 2
VALVES = VALVE_OUT | VALVE_BACK


def air_gun(**figures: int) -> Description:
    """The reference gun driven by air; its two valves take different times, so that none is taken for the other."""
    named = dict(zip([field[0] for field in GUN], REFERENCE, strict=True))
    return Description(tuple({**named, "drive": PNEUMATIC, "valve_out_us": 17_000, "valve_back_us": 23_000, **figures}.values()))


AIR = air_gun()


def thrown(shot: Shot, gun: Description = AIR) -> Stroke:
    """A shot of this gun."""
    stroke = Stroke()
    drive.compile(stroke, shot.settings(gun), gun)
    return stroke


@dataclass(frozen=True)
class Open:
    """A valve, or none, from then until then."""

    valves: int
    from_us: int
    until_us: int


def valves_of(words: Times) -> list[Open]:
    """Which valves are open when, one after the other."""
    pins, ends = words & VALVES, np.cumsum(words >> PIN_BITS)
    last = [*np.flatnonzero(np.diff(pins)).tolist(), len(words) - 1]
    starts = [0, *ends[last[:-1]].tolist()]
    return [Open(int(pins[at]), start, int(ends[at])) for at, start in zip(last, starts, strict=True)]


def opened(stroke: Stroke, variant: int = 0) -> list[Open]:
    return valves_of(words_of(stroke.words, stroke.lists[variant]))


def instead_of_the_rest(stroke: Stroke, *moves: tuple[int, int], place: int = REST) -> None:
    """Put (pins, us) at the beginning of a rest; what is left of it stays a rest, so that the period is as it was."""
    rest_us = (stroke.words[entry(stroke, place)[0]] >> PIN_BITS) - sum(us for _, us in moves)
    assert rest_us > 1, "no room"
    for listed in stroke.lists:
        listed[3 * place : 3 * place + 3] = listed.__class__("H", [stroke.length, len(moves) + 1, 1])
    for pins, us in (*moves, (0, rest_us)):
        stroke.words[stroke.length] = pins | us << PIN_BITS
        stroke.length += 1
