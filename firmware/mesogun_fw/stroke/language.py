"""This is the language of a shot: words, blocks, and lists of (block, times). A drive writes them, a player plays them.

A word is `pins | time << 6`: put these pins, for so many microseconds. A block is a few words; a list has ENTRIES places, each a
block played so many times, and ends with the needle home. A stroke has two lists, whose dispense tails differ by one plunger step;
the guard's carry picks between them.

A list may be left at one place, `leave`, for the *entry* of the list that was granted: for shots, from its end to the beginning,
one period apart; for constant flow, from the end of the one-second body to its beginning, with the way back left out.

Times are differences of rounded absolute times, so errors never add up. All are pure integers.
"""

from array import array

from mesogun_fw.limits import PULSE_US, STROKE_WORDS_MAX
from mesogun_fw.shim import addressof, micropython, ptr16, ptr32

const = micropython.const

TIME_SHIFT = 6
TIME_MAX_US = (1 << 24) - 1  # a word stays a small integer on the board
TIMES_MAX = const(65_535)  # a list is of 16-bit numbers; MicroPython cuts larger ones silently
REPEATED_WORDS_MAX = 64  # a repeated block is a ring of 2^k words for the board's DMA: it is 256 bytes at most

# Every drive has these pins; the others are the drive's own.
PLUNGER_STEP = 4
PLUNGER_DIR = 8  # 0 means dispense

# These are places in the list. A repeated block has times > 1; an entry with times 0 is skipped.
OUT_UP, OUT_CRUISE, OUT_BRAKE, DOSE_UP, DOSE_CRUISE, DOSE_DOWN, DOSE_TAIL, BODY_END = range(8)
DWELL, BACK_UP, BACK_CRUISE, BACK_BRAKE, REST, REST_END = range(8, 14)
ENTRIES = 14
AWAY_ENTRIES = 6  # the way back after an abort has so many
RELIEF_ENTRIES = 2

# Before a list is left lie words so short that a player which reads some words ahead still decides in the last millisecond or two.
LEAD_WORDS = 16
LEAD_US = 4_000


class Settings:
    """This is what one shot shall be. All are integers; `mode` is as in messages. In constant flow a shot is one second of it."""

    def __init__(
        self,
        depth_um: int,
        needle_um_s: int,
        dose_nl: int,
        flow_nl_s: int,
        dwell_us: int,
        period_us: int,
        syringe_bore_um: int,
        mode: int = 1,
    ) -> None:
        self.depth_um = depth_um
        self.needle_um_s = needle_um_s
        self.dose_nl = dose_nl
        self.flow_nl_s = flow_nl_s
        self.dwell_us = dwell_us
        self.period_us = period_us
        self.syringe_bore_um = syringe_bore_um
        self.mode = mode


def root(value: int) -> int:
    """The answer is the integer square root, rounded down."""
    if value < 2:
        return value
    guess = 1
    while guess * guess <= value:
        guess <<= 1
    while True:
        better = (guess + value // guess) >> 1
        if better >= guess:
            return guess
        guess = better


def ceil_div(value: int, by: int) -> int:
    return (value + by - 1) // by


class Ramp:
    """An axis speeds up from rest at constant acceleration: step k happens at `at(k)` microseconds, k = 1, 2, ..."""

    def __init__(self, nm_per_step: int, mm_s2: int) -> None:
        self.us2_per_step = 2 * nm_per_step * 1_000_000 // mm_s2

    def at(self, k: int) -> int:
        return root(k * self.us2_per_step)

    def steps_to(self, interval_us: int) -> int:
        """After so many steps the next one follows by no less than `interval_us`: cruising may begin there."""
        slack = self.us2_per_step - interval_us * interval_us
        return 0 if slack < 0 else slack * slack // (4 * interval_us * interval_us * self.us2_per_step)


class Stroke:
    """One stroke has these buffers, allocated once, and a drive fills them. It raises ValueError when what is asked does not fit.

    `words` count from `first` to `length`; `lists` are one for either tail, of (offset, length, times); `away` is the same for
    the way back. `leave` and `entry` are places in the list, `leave_us` and `entry_us` their times, `list_us` is the list's
    duration. `first` lies on a boundary of 256 bytes on boards whose DMA wants that: a block's place counts from there.
    """

    def __init__(self) -> None:
        self.words = array("I", bytes(4 * (STROKE_WORDS_MAX + REPEATED_WORDS_MAX)))
        self.first = 0
        self.lists = (array("H", bytes(6 * ENTRIES)), array("H", bytes(6 * ENTRIES)))
        self.away = array("H", bytes(6 * AWAY_ENTRIES))
        self.relief_at = 0  # words from here on take the plunger back after an occlusion
        self.turns = array("i", bytes(4 * 14))  # the drive keeps here what the way back needs
        self.length = 0
        self.leave = ENTRIES
        self.entry = 0
        self.leave_us = self.entry_us = self.list_us = 0
        self.settings: Settings
        self.figures: "object"  # these are the drive's
        self.way_back: "object"  # (stroke, words played, list) -> entries of `away`; it is 0 when the needle is on its way home

    def clear(self) -> None:
        self.length = self.first
        self.leave, self.entry = ENTRIES, 0
        for i in range(len(self.turns)):
            self.turns[i] = 0
        for listed in self.lists + (self.away,):
            for i in range(len(listed)):
                listed[i] = 0

    def used(self) -> int:
        """This stroke has so many words."""
        return self.length - self.first

    def enter(self, place: int, offset: int, length: int, times: int, variant: int = -1) -> None:
        if times > TIMES_MAX:
            raise ValueError("times")
        for i in (0, 1):
            if variant in (-1, i):
                set_entry(self.lists[i], place, offset, length, times)

    def put(self, pins: int, time_us: int) -> None:
        if self.used() >= STROKE_WORDS_MAX:
            raise ValueError("words")
        if not 1 < time_us <= TIME_MAX_US:
            raise ValueError("time")
        self.words[self.length] = pins | time_us << TIME_SHIFT
        self.length += 1

    def step(self, pins: int, step: int, interval_us: int) -> None:
        self.put(pins | step, PULSE_US)
        self.put(pins, interval_us - PULSE_US)

    def wait(self, place: int, pins: int, time_us: int) -> None:
        """One word is put, or nothing."""
        if time_us:
            self.enter(place, self.length, 1, 1)
            self.put(pins, time_us)

    def up(self, place: int, ramp: Ramp, steps: int, pins: int, step: int, at_least_us: int = 0) -> None:
        """From rest there is a wait before the first step, then `steps` steps, each followed by the time until the next."""
        start = self.length
        first_us = ramp.at(1)
        self.put(pins, max(first_us, at_least_us) if not steps else first_us)
        self._ramp(ramp, steps, 2, pins, step)
        self.enter(place, start, self.length - start, 1)

    def cell(self, place: int, interval_us: int, times: int, pins: int, step: int) -> None:
        """`times` steps are made at constant speed."""
        self.align(2)
        self.enter(place, self.length, 2, times)
        self.step(pins, step, interval_us)

    def down(self, place: int, ramp: Ramp, steps: int, pins: int, step: int) -> None:
        """`steps` steps end at rest, each followed by the time until the next."""
        start = self.length
        self.steps_down(ramp, steps, pins, step)
        self.enter(place, start, self.length - start, 1 if steps else 0)

    def steps_down(self, ramp: Ramp, steps: int, pins: int, step: int) -> None:
        if steps:
            self._ramp(ramp, steps - 1, -2, pins, step)
            self.step(pins, step, ramp.at(1))

    def _ramp(self, ramp: Ramp, steps: int, stride: int, pins: int, step: int) -> None:
        """The intervals after steps 1 to `steps` of a ramp are written in this order, or backwards with a stride of -2."""
        if self.used() + 2 * steps > STROKE_WORDS_MAX:
            raise ValueError("words")
        first_us = ramp.at(1)
        at = self.length if stride > 0 else self.length + 2 * steps - 2
        on = pins | step | PULSE_US << TIME_SHIFT
        _fill(self.words, at, stride, steps, ramp.us2_per_step, first_us, on, pins)
        self.length += 2 * steps

    def lead(self, place: int, pins: int) -> None:
        """LEAD_US of short words are put."""
        self.align(2)
        self.enter(place, self.length, 2, LEAD_WORDS // 2)
        self.put(pins, LEAD_US // LEAD_WORDS)
        self.put(pins, LEAD_US // LEAD_WORDS)

    def relieve(self, steps: int) -> int:
        """`away` is filled with the plunger's way back by so many steps; the answer is how many entries it has.

        It allocates nothing.
        """
        relieve(addressof(self.away), self.relief_at, steps)
        return RELIEF_ENTRIES

    def align(self, words: int) -> None:
        """The next block will begin at a multiple of `words`."""
        while (self.length - self.first) % words:
            self.words[self.length] = 0
            self.length += 1


@micropython.viper
def _fill(words_: object, at: int, stride: int, steps: int, us2: int, time_us: int, on: int, off: int):  # type: ignore[no-untyped-def]
    """Times of a ramp are floor(sqrt(k * us2)): each follows from the one before, by what is left of its square.

    31 bits suffice.
    """
    words = ptr32(words_)
    left = us2 - time_us * time_us
    for _ in range(steps):
        left += us2
        interval = left // (2 * time_us + 1)
        interval = left // (2 * time_us + interval)
        while interval * (2 * time_us + interval) > left:
            interval -= 1
        while (interval + 1) * (2 * time_us + interval + 1) <= left:
            interval += 1
        left -= interval * (2 * time_us + interval)
        time_us += interval
        words[at] = on
        words[at + 1] = off | (interval - (on >> 6)) << 6
        at += stride


@micropython.viper
def relieve(away_: int, at: int, steps: int):  # type: ignore[no-untyped-def]
    """The plunger's way back is a rest, then so many steps."""
    away = ptr16(away_)
    away[0] = at
    away[1] = 1
    away[2] = 1
    away[3] = at + 2
    away[4] = 2
    away[5] = steps if steps < TIMES_MAX else TIMES_MAX


def set_entry(listed: "array[int]", place: int, offset: int, length: int, times: int) -> None:
    at = 3 * place
    listed[at] = offset
    listed[at + 1] = length
    listed[at + 2] = times
