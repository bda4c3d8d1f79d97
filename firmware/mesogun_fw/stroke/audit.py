"""The audit walks a compiled stroke and proves it without the compiler: depth, home, dose, period, rates, flow.

It is the second half of net 2 for depth. It shares no code with what wrote the stroke: it reads words and lists as the hardware
will play them, and judges them by settings, description and limits alone.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.shim import micropython, ptr32
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import messages

const = micropython.const

_WINDOW = const(8)  # speed is judged over so many steps: one microsecond of rounding is too much for a single interval
_STANDSTILL_US = const(3_000)  # what is slower than this is a new start
RING_WORDS = 64  # a repeated block is a ring of 2^k words, this many at most

# A walk knows this: its state, the limits it goes by, and eight figures of either axis. None is ever negative.
_PINS = const(0)
_TIME_US = const(1)
_POSITION = const(2)
_DEEPEST = const(3)
_TURNING = const(4)  # 0 is rest, 1 is outwards, 2 is inwards
_IN_ROUND = const(5)  # it is not the first round of a repeated block
_CAP = const(6)
_DEPTH = const(7)
_FLOW_US = const(8)
_DRAW = const(9)  # 1 means dispensing while withdrawing
_VALVES = const(10)  # 1 means a pneumatic drive: bits 0 and 1 are valves
_VALVE_SINCE_US = const(11)
_VALVE_OUT_US = const(12)
_VALVE_BACK_US = const(13)
_NEEDLE = const(16)
_PLUNGER = const(24)
SIZE = 32
# An axis has these figures.
_SINCE_US = const(0)
_STEPS = const(1)
_COUNT = const(2)
_WINDOW_US = const(3)
_ENERGY = const(4)  # it is of the last window: speed squared, in units of the axis
_DOUBT = const(5)
_FASTEST_US = const(6)
_GAIN = const(7)

WRONGS = (
    "",
    "a word is no pin pattern of a stroke",
    "the needle turns and steps at once",
    "a step pulse is cut or repeated",
    "both axes step at once",
    "a step comes sooner than its motor can follow",
    "an axis accelerates harder than its motor can",
    "the needle turns inside a repeated block",
    "the needle would go too deep, or behind home",
    "the plunger moves while the needle is not at depth",
    "flow is more than the needle passes",
    "both valves are open, or one for too short a time",
    "the needle goes out a second time",
)


class AuditFailed(Exception):
    """The stroke must not be played; the text says what it would have done."""


class Audit:
    """A stroke does this by its words: `deepest_um`, `dose_steps`, `dose_nl`, `period_us`. It raises AuditFailed."""

    def __init__(self, stroke: Stroke, settings: Settings, description: Description) -> None:
        self._stroke = stroke
        self._settings = settings
        self._description = description
        without = self._list(0)
        with_last = self._list(1)
        if without[0] != with_last[0] or without[2] != with_last[2]:
            raise AuditFailed("the two variants differ in depth or period")
        if with_last[1] != without[1] + (1 if settings.dose_nl else 0):
            raise AuditFailed("the two variants do not differ by one plunger step")
        self.deepest_um, self.dose_steps, self.period_us = without
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        unit = 355 * bore2 * description.plunger_nm_per_step  # one step is this in nl / 452e9
        wanted = settings.dose_nl * 452_000_000_000
        if not self.dose_steps * unit <= wanted < (self.dose_steps + 1) * unit:
            raise AuditFailed("the dose is not within a step of %d nl" % settings.dose_nl)
        self.dose_nl = self.dose_steps * unit // 452_000_000_000
        if self.deepest_um != settings.depth_um or self.deepest_um > limits.DEPTH_CAP_UM:
            raise AuditFailed("depth is %d um, asked for %d" % (self.deepest_um, settings.depth_um))
        if self.period_us != settings.period_us:
            raise AuditFailed("period is %d us, asked for %d" % (self.period_us, settings.period_us))

    def _fresh_walk(self) -> "array[int]":
        hw, settings = self._description, self._settings
        s = array("i", [0] * SIZE)
        pneumatic = hw.drive == messages.PNEUMATIC and settings.depth_um
        s[_CAP] = limits.DEPTH_CAP_UM * 1000 // hw.needle_nm_per_step
        s[_DEPTH] = settings.depth_um * 1000 // hw.needle_nm_per_step
        bore2 = settings.syringe_bore_um * settings.syringe_bore_um
        s[_FLOW_US] = 355 * bore2 * hw.plunger_nm_per_step // (452_000 * settings.flow_nl_s)
        s[_DRAW] = 1 if settings.mode == messages.RETROGRADE else 0
        s[_VALVES] = 1 if pneumatic else 0
        s[_VALVE_OUT_US], s[_VALVE_BACK_US] = hw.valve_out_us, hw.valve_back_us
        _fresh_axis(s, _NEEDLE, hw.needle_nm_per_step, hw.needle_um_s, hw.needle_out_mm_s2)
        _fresh_axis(s, _PLUNGER, hw.plunger_nm_per_step, hw.plunger_um_s, hw.plunger_mm_s2)
        return s

    def _list(self, variant: int) -> tuple:  # type: ignore[type-arg]
        """One list is walked from its start to its end: (deepest um, plunger steps, period us)."""
        stroke = self._stroke
        listed = stroke.lists[variant]
        s = self._fresh_walk()
        period_us = entry_steps = leave_steps = -1
        entry_us = 0
        for at in range(0, len(listed) + 1, 3):
            if at == 3 * stroke.entry:
                entry_us, entry_steps, entry_at = s[_TIME_US], s[_PLUNGER + _STEPS], s[_POSITION]
            if at == 3 * stroke.leave:
                period_us, leave_steps = s[_TIME_US] - entry_us, s[_PLUNGER + _STEPS]
                if entry_steps < 0 or s[_POSITION] != entry_at or s[_PINS] & ~s[_VALVES]:
                    raise AuditFailed("the list cannot be left there for its entry")
                if (s[_TIME_US], entry_us) != (stroke.leave_us, stroke.entry_us):
                    raise AuditFailed("the places to leave and to enter are not where the stroke says")
            if at < len(listed):
                self._block(s, listed[at], listed[at + 1], listed[at + 2])
        if s[_POSITION] or s[_PINS]:
            raise AuditFailed("the needle does not end at home, or a pin stays on")
        if s[_TIME_US] != stroke.list_us or leave_steps - entry_steps != s[_PLUNGER + _STEPS]:
            raise AuditFailed("the list is not as long as said, or its dose is not all between the places to enter and to leave")
        for axis in (_NEEDLE, _PLUNGER):
            self._expect(_standstill(s, axis), s)
        if s[_VALVES]:
            return self._settings.depth_um if s[_DEEPEST] else 0, s[_PLUNGER + _STEPS], period_us
        return s[_DEEPEST] * self._description.needle_nm_per_step // 1000, s[_PLUNGER + _STEPS], period_us

    def _block(self, s: "array[int]", offset: int, length: int, times: int) -> None:
        stroke = self._stroke
        if not length or not times:
            return
        if offset < stroke.first or offset + length > stroke.length:
            raise AuditFailed("a block lies outside the stroke")
        if times > 1 and (length > RING_WORDS or length & (length - 1) or (offset - stroke.first) % length):
            raise AuditFailed("a repeated block is no ring")
        # A repeated block settles into the same speed after a few rounds: those are walked, then the rest is counted.
        walked = min(times, 2 * _WINDOW + 2)
        for rounds in range(walked):
            position, steps, time_us = s[_POSITION], s[_PLUNGER + _STEPS], s[_TIME_US]
            s[_IN_ROUND] = 1 if rounds else 0
            self._expect(_walk(stroke.words, s, offset, length), s)
        more = times - walked
        if more > 0:
            s[_PLUNGER + _STEPS] += more * (s[_PLUNGER + _STEPS] - steps)
            s[_TIME_US] += more * (s[_TIME_US] - time_us)
            position = s[_POSITION] + more * (s[_POSITION] - position)
            if not 0 <= position <= s[_CAP]:
                raise AuditFailed(WRONGS[8])
            s[_POSITION] = position
            s[_DEEPEST] = max(s[_DEEPEST], position)

    def _expect(self, wrong: int, s: "array[int]") -> None:
        if wrong:
            raise AuditFailed("%s, %d us into the shot" % (WRONGS[wrong], s[_TIME_US]))


def audit_stop(stroke: Stroke, from_um: int, description: Description) -> int:
    """The depth stop ends here, in um. It raises AuditFailed when anything but the stop moves, or it leaves its range."""
    steps = 0
    listed = stroke.lists[0]
    for at in range(0, len(listed), 3):
        rising = 0
        for i in range(listed[at], listed[at] + listed[at + 1]):
            pins = stroke.words[i] & 63
            if pins & 0b001111:
                raise AuditFailed("needle or plunger moves with the depth stop")
            if pins & 16:
                rising += -1 if pins & 32 else 1
        steps += rising * listed[at + 2]
    to_um = from_um + steps * description.stop_nm_per_step // 1000
    if not 0 <= to_um <= limits.DEPTH_CAP_UM:
        raise AuditFailed("the depth stop would go to %d um" % to_um)
    return to_um


def _fresh_axis(s: "array[int]", axis: int, nm_per_step: int, um_s: int, mm_s2: int) -> None:
    """Speeds are in 1/2^13 of the fastest, so that their squares stay within 2^26."""
    s[axis + _SINCE_US] = _STANDSTILL_US
    s[axis + _FASTEST_US] = nm_per_step * 1000 // um_s
    # This is the speed squared gained or lost over one window at full acceleration, with a quarter of a window of slack at either
    # end.
    s[axis + _GAIN] = min(1 << 28, 2 * mm_s2 * nm_per_step * (_WINDOW + _WINDOW // 2) * (1 << 26) // (um_s * um_s))


@micropython.viper
def _close(s_: object, axis: int) -> int:
    """A window of steps is over: its speed must have been reachable from the one before."""
    s = ptr32(s_)
    count = int(s[axis + _COUNT])
    energy = 0
    doubt = 0
    if count:
        window = int(s[axis + _WINDOW_US])
        speed = ((count * int(s[axis + _FASTEST_US])) << 13) // window
        energy = speed * speed
        # Both ends of a window are rounded to a microsecond.
        doubt = 4 * speed * speed // window + 2 * speed
        s[axis + _WINDOW_US] = 0
        s[axis + _COUNT] = 0
    gained = energy - int(s[axis + _ENERGY])
    if gained < 0:
        gained = -gained
    far = gained > int(s[axis + _GAIN]) + doubt + int(s[axis + _DOUBT])
    s[axis + _ENERGY] = energy
    s[axis + _DOUBT] = doubt
    return 6 if far else 0


def _standstill(s: "array[int]", axis: int) -> int:
    """The axis stands still: what is left of a window, and then zero speed, must be reachable."""
    return (_close(s, axis) if s[axis + _COUNT] else 0) or _close(s, axis)


@micropython.viper
def _walk(words_: object, s_: object, offset: int, length: int) -> int:
    """One round of a block is walked; the answer is a place of WRONGS, 0 when it may be played."""
    words = ptr32(words_)
    s = ptr32(s_)
    pins = int(s[_PINS])
    for i in range(offset, offset + length):
        word = int(words[i])
        now = word & 63
        time_us = word >> 6
        if now & 0b111000 or time_us < 2:  # the plunger never turns back in a stroke, the stop never moves
            return 1
        rising = now & (now ^ pins)
        step = 0
        if int(s[_VALVES]):
            if (now ^ pins) & 3:
                needed = 0
                if pins & 1:
                    needed = int(s[_VALVE_OUT_US])
                if pins & 2:
                    needed = int(s[_VALVE_BACK_US])
                if int(s[_VALVE_SINCE_US]) < needed or (now & 3) == 3 or (pins & 3 == 0 and now & 2):
                    return 11
                if pins & 1 and not now & 2:
                    return 11
                s[_VALVE_SINCE_US] = 0
                s[_POSITION] = now & 1
                if now & 1:
                    if int(s[_DEEPEST]):
                        return 12
                    s[_DEEPEST] = 1
        else:
            if (now ^ pins) & 2 and now & 1:
                return 2
            if rising & 1:
                if now & 4:
                    return 4
                way = 2 if now & 2 else 1
                if way != int(s[_TURNING]):
                    # Only walked rounds are looked into: to and fro in a round not walked would hide how deep it goes.
                    if int(s[_IN_ROUND]):
                        return 7
                    if int(s[_TURNING]) == 2:
                        return 12
                    if int(s[_NEEDLE + _COUNT]):
                        if int(_close(s_, _NEEDLE)):
                            return 6
                    if int(_close(s_, _NEEDLE)):
                        return 6
                    s[_TURNING] = way
                position = int(s[_POSITION])
                if way == 1:
                    position += 1
                else:
                    position -= 1
                if position < 0 or position > int(s[_CAP]):
                    return 8
                s[_POSITION] = position
                if position > int(s[_DEEPEST]):
                    s[_DEEPEST] = position
                step = _NEEDLE
            if now & 1 and not rising & 1:
                return 3
        if now & 4:
            if not rising & 4:
                return 3
            if int(s[_VALVES]):
                if not now & 1 or int(s[_VALVE_SINCE_US]) < int(s[_VALVE_OUT_US]):
                    return 9
            elif int(s[_POSITION]) != int(s[_DEPTH]):
                if not int(s[_DRAW]) or int(s[_TURNING]) != 2 or int(s[_POSITION]) == 0:
                    return 9
            if int(s[_PLUNGER + _SINCE_US]) < int(s[_FLOW_US]):
                return 10
            step = _PLUNGER
        if step:
            since = int(s[step + _SINCE_US])
            if since < int(s[step + _FASTEST_US]):
                return 5
            if since >= _STANDSTILL_US:
                if int(s[step + _COUNT]):
                    if int(_close(s_, step)):
                        return 6
                if int(_close(s_, step)):
                    return 6
            else:
                s[step + _WINDOW_US] = int(s[step + _WINDOW_US]) + since
                count = int(s[step + _COUNT]) + 1
                s[step + _COUNT] = count
                if count == _WINDOW:
                    if int(_close(s_, step)):
                        return 6
            s[step + _SINCE_US] = 0
            s[step + _STEPS] = int(s[step + _STEPS]) + 1
        pins = now
        s[_PINS] = now
        s[_NEEDLE + _SINCE_US] = int(s[_NEEDLE + _SINCE_US]) + time_us
        s[_PLUNGER + _SINCE_US] = int(s[_PLUNGER + _SINCE_US]) + time_us
        s[_VALVE_SINCE_US] = int(s[_VALVE_SINCE_US]) + time_us
        s[_TIME_US] = int(s[_TIME_US]) + time_us
    return 0
