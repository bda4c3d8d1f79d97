"""This is the way back out of any word of a stroke: it brakes along the ramp, and is never deeper than commanded.

The loop prepares it with the stroke, as its drive has it; what is left to do at an abort is one fast function, the same for
all, that allocates nothing.
"""

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.shim import addressof, micropython, ptr16, ptr32
from mesogun_fw.stroke import language
from mesogun_fw.stroke.language import Ramp, Stroke, set_entry
from mesogun_fw.talk import messages

const = micropython.const

NEEDLE_STEP = const(1)
NEEDLE_DIR = const(2)  # 0 means outwards
TURN_US = 1_000  # the needle stands still so long before it changes its direction

# These are the entries of the way back.
_AWAY_HOLD = const(0)
_AWAY_BRAKE = const(1)
_AWAY_TURN = const(2)
_AWAY_UP = const(3)
_AWAY_CRUISE = const(4)
_AWAY_DOWN = const(5)

# `retreat` knows this of a stroke: its array `turns`.
_STEPS = const(0)
_UP = const(1)  # so many steps of the way out speed up ...
_BRAKE = const(2)  # ... and so many brake
_BRAKE_MM_S2 = const(3)
_ABORT_MM_S2 = const(4)
_BACK_SPEEDING = const(5)  # so many steps of the way back speed up at most; the next says how many slow down
_BACK_SLOWING = const(6)
_BRAKE_AT = const(7)  # its words begin here
_DOWN_AT = const(8)
_DRAW = const(9)  # 1 means dispensing while withdrawing
DRAWN_PER_GROUP = const(10)  # a block of BACK_CRUISE has so many needle steps ...
DRAWN_AT_ENDS = const(11)  # ... and one of BACK_UP or BACK_BRAKE so many
_OUT_WORDS = const(13)  # the way out, all steps, has so many words; 0 means that it is not by steps
KIND = const(12)  # it says how the needle comes home:
_NO_WAY = const(0)  # it is home already
_BY_STEPS = const(1)
BY_AIR = const(2)  # the first entries of `away` bring it, wherever it is
_AIR_ENTRIES = const(2)

_PULSE_AND_SHIFT = const(limits.PULSE_US << language.TIME_SHIFT)
assert language.AWAY_ENTRIES == _AWAY_DOWN + 1


def prepare_way_back(stroke: Stroke, f: "object", out: Ramp, description: Description) -> None:
    """The words that only an abort plays are written; the rest of the way back is the stroke's own."""
    t = stroke.turns
    t[KIND] = _BY_STEPS
    t[_STEPS], t[_UP], t[_BRAKE] = f.needle_steps, f.out_up, f.out_brake  # type: ignore[attr-defined]
    t[_BRAKE_MM_S2], t[_ABORT_MM_S2] = description.needle_brake_mm_s2, description.needle_out_mm_s2
    t[_BACK_SPEEDING], t[_BACK_SLOWING] = f.away_up, f.away_down  # type: ignore[attr-defined]
    t[_DRAW] = 1 if stroke.settings.mode == messages.RETROGRADE else 0
    t[_OUT_WORDS] = sum([stroke.lists[0][at + 1] * stroke.lists[0][at + 2] for at in range(0, 3 * language.OUT_BRAKE + 3, 3)])
    t[_BRAKE_AT] = stroke.length
    stroke.steps_down(out, f.out_up, 0, NEEDLE_STEP)  # type: ignore[attr-defined]
    away = stroke.away
    set_entry(away, _AWAY_HOLD, stroke.length, 1, 0)
    stroke.put(0, TURN_US)
    set_entry(away, _AWAY_TURN, stroke.length, 1, 1)
    stroke.put(NEEDLE_DIR, TURN_US)
    listed = stroke.lists[0]
    set_entry(away, _AWAY_UP, listed[3 * language.BACK_UP], 0, 0)
    set_entry(away, _AWAY_CRUISE, listed[3 * language.BACK_CRUISE], 2, 0)
    t[_DOWN_AT] = listed[3 * language.BACK_BRAKE]


def way_back(stroke: Stroke, played: int, variant: int) -> int:
    """`away` is filled for a stroke halted after `played` words of list `variant` were put; the answer is how many entries it has.

    It is 0 when the needle is on its way back or home already: that is left to finish.
    """
    listed = addressof(stroke.lists[variant])
    return retreat(listed, addressof(stroke.words), addressof(stroke.away), addressof(stroke.turns), played)


@micropython.viper
def retreat(listed_: int, words_: int, away_: int, turns_: int, played: int) -> int:
    t = ptr32(turns_)
    if not t[KIND]:
        return 0
    listed = ptr16(listed_)
    words = ptr32(words_)
    away = ptr16(away_)
    place = 0
    at = 1
    if t[_OUT_WORDS] and played > int(t[_OUT_WORDS]):
        played -= int(t[_OUT_WORDS])
        place = language.OUT_BRAKE + 1
        at += 3 * place
    while place < language.ENTRIES:
        size = int(listed[at])
        times = int(listed[at + 1])
        if times != 1:
            size = size * times
        if played <= size:
            break
        played -= size
        place += 1
        at += 3
    if int(t[KIND]) == BY_AIR:
        return _AIR_ENTRIES if place < language.BACK_UP else 0
    steps = int(t[_STEPS])
    position = steps
    braking = 0
    if place > language.DWELL:
        if not int(t[_DRAW]) or place > language.BACK_BRAKE:
            return 0
        group = int(t[DRAWN_PER_GROUP])
        end = int(t[DRAWN_AT_ENDS])
        if place > language.BACK_UP:
            position -= int(listed[3 * language.BACK_UP + 2]) * end
        if place > language.BACK_CRUISE:
            position -= int(listed[3 * language.BACK_CRUISE + 2]) * group
        length = int(listed[3 * place + 1])
        rounds = played // length
        position -= rounds * group if place == language.BACK_CRUISE else rounds * end
        at = int(listed[3 * place])
        for i in range(at, at + played - rounds * length):
            position -= int(words[i]) & NEEDLE_STEP
    elif place == language.OUT_UP:
        position = played >> 1
        braking = position
    elif place == language.OUT_CRUISE:
        position = int(t[_UP]) + ((played + 1) >> 1)
        braking = int(t[_UP])
    elif place == language.OUT_BRAKE:
        left = int(t[_BRAKE]) - ((played + 1) >> 1)
        position = steps - left
        braking = (left * int(t[_BRAKE_MM_S2]) + int(t[_ABORT_MM_S2]) - 1) // int(t[_ABORT_MM_S2])
    if braking > int(t[_UP]):
        braking = int(t[_UP])
    if position + braking > steps:
        braking = steps - position

    brake_at = int(t[_BRAKE_AT]) + 2 * (int(t[_UP]) - braking)
    used = 1 if braking else 0
    away[3 * _AWAY_BRAKE] = brake_at
    away[3 * _AWAY_BRAKE + 1] = 2 * braking
    away[3 * _AWAY_BRAKE + 2] = used
    away[3 * _AWAY_HOLD + 2] = used
    if used:
        # The first braking step comes one of its own intervals after the last one that was made.
        words[int(away[3 * _AWAY_HOLD])] = (int(words[brake_at + 1]) & ~63) + _PULSE_AND_SHIFT
    position += braking
    up = position >> 1
    if up > int(t[_BACK_SPEEDING]):
        up = int(t[_BACK_SPEEDING])
    down = position - up
    if down > int(t[_BACK_SLOWING]):
        down = int(t[_BACK_SLOWING])
    away[3 * _AWAY_UP + 1] = 1 + 2 * up
    away[3 * _AWAY_UP + 2] = 1 if position else 0
    away[3 * _AWAY_CRUISE + 2] = position - up - down
    away[3 * _AWAY_DOWN] = int(t[_DOWN_AT]) + 2 * (int(t[_BACK_SLOWING]) - down)
    away[3 * _AWAY_DOWN + 1] = 2 * down
    away[3 * _AWAY_DOWN + 2] = 1 if down else 0
    return _AWAY_DOWN + 1
