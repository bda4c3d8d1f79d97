"""PIO and DMA play strokes: the processor starts, grants and stops, and could as well be dead in between.

What the guard's tick needs are fast functions over `k`, the table of registers of registers.py.
"""

from array import array

from mesogun_fw.boards.pico import figures, lists, registers
from mesogun_fw.boards.pico.lists import Lists
from mesogun_fw.boards.player import Player
from mesogun_fw.guard import inputs
from mesogun_fw.shim import addressof, micropython, ptr16, ptr32, whole
from mesogun_fw.stroke import language
from mesogun_fw.stroke.language import relieve as relieve_words

const = micropython.const

_PULL_NOBLOCK = const(0x8080)
_PAIR = const(3)  # it is a ring of 2^3 bytes

# These are word offsets of registers.
_FLEVEL = const(3)
_SM_ADDR = const(53)
_SM_INSTR = const(54)
_COUNT = const(2)
_CTRL = const(4)  # it has no trigger
_READ_TRIGGER = const(15)


class PicoPlayer(Lists, Player):
    """`x` are the guard's cells; `tell` fills in the player's inputs among them.

    Of a player's contract these are what Python asks for; the rest is the tick's, which has the fast functions below.
    """

    def __init__(self, k: "array[int]", x: "array[int]", first_pin: int) -> None:
        self._x = x  # it is reached by its address only, so it is held here
        k[registers.INPUTS] = addressof(x)
        Lists.__init__(self, k, first_pin)
        self._at = addressof(k)
        self.halt()

    def halt(self) -> int:
        return halt(self._at)


@micropython.viper
def start(k_, slot: int, variant: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    cells = ptr32(s[figures.CELLS])
    if s[figures.PLAYING]:
        halt(k_)
    for i in range(4):
        cells[3 * i] = cells[3 * i + 1]
    number = 2 * slot + variant
    s[figures.LIST] = number
    s[figures.LISTS_PLAYED] = 1
    s[figures.GRANTED] = 0
    s[figures.PLAYING] = 1
    ptr32(k[registers.PIO_SET])[0] = 1
    ptr32(k[registers.CONTROL])[_READ_TRIGGER] = s[figures.TABLE] + (
        ptr32(k[registers.LIST_FIGURES])[figures.LIST_SIZE * number + figures.FIRST] << 4
    )
    s[figures.START_US] = ptr32(k[registers.TIMER])[registers.NOW] & registers.US


@micropython.viper
def go_away(k_, slot: int, entries: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    if not entries:
        return
    if s[figures.PLAYING]:
        halt(k_)
    before = ptr32(k[registers.BEFORE])
    row = figures.SLOTS + figures.SLOT_SIZE * slot
    listed = ptr16(s[row + figures.AWAY])
    words = s[row + figures.WORDS]
    play = k[registers.PLAY]
    fifo = k[registers.FIFO]
    at = lists.AWAY_AT
    passed = 0
    before[at] = 0
    entry_at = s[figures.TABLE] + (lists.AWAY_AT << 4)
    entries = 3 * entries
    i = 0
    while i < entries:
        times = listed[i + 2]
        count = listed[i + 1]
        if times and count:
            entry = ptr32(entry_at)
            if times == 1:
                entry[0] = play
            else:
                entry[0] = play | _PAIR << k[registers.RING_SHIFT]  # the only blocks that a way back repeats are pairs of words
                count = times + times
            entry[1] = fifo
            entry[2] = count
            entry[3] = words + (listed[i] << 2)
            passed += count
            at += 1
            before[at] = passed
            entry_at += 16
        i += 3
    # One that starts nothing follows.
    entry = ptr32(entry_at)
    entry[0] = play
    entry[1] = fifo
    entry[2] = 1
    entry[3] = 0
    before[at + 1] = passed
    s[figures.GRANTED] = 0
    s[figures.PLAYING] = 2
    ptr32(k[registers.PIO_SET])[0] = 1
    ptr32(k[registers.CONTROL])[_READ_TRIGGER] = s[figures.TABLE] + (lists.AWAY_AT << 4)
    s[figures.START_US] = ptr32(k[registers.TIMER])[registers.NOW] & registers.US


@micropython.viper
def relieve(k_, slot: int, steps: int) -> int:  # type: ignore[no-untyped-def]
    """It halts; the answer is how many entries of the way back will take the plunger back by so many steps."""
    s = ptr32(ptr32(k_)[registers.STATE])
    row = figures.SLOTS + figures.SLOT_SIZE * slot
    halt(k_)
    relieve_words(s[row + figures.AWAY], s[row + figures.RELIEF], steps)
    return language.RELIEF_ENTRIES


@micropython.viper
def grant(k_, slot: int, variant: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    f = ptr32(k[registers.LIST_FIGURES])
    cells = ptr32(s[figures.CELLS])
    if s[figures.PLAYING] != 1:
        return
    number = 2 * slot + variant
    present = s[figures.LIST]
    cells[3 * present] = s[figures.TABLE] + (f[figures.LIST_SIZE * number + figures.ENTRY] << 4)
    s[figures.GRANTED] = number + 1
    look(k_)
    at = s[figures.AT]
    if f[figures.LIST_SIZE * present + figures.LEAVE] < at and at <= f[figures.LIST_SIZE * present + figures.LAST] + 1:
        s[figures.GRANTED] = 0  # it is too late: the place to leave lies behind


@micropython.viper
def revoke(k_):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    f = ptr32(k[registers.LIST_FIGURES])
    cells = ptr32(s[figures.CELLS])
    present = s[figures.LIST]
    if not s[figures.GRANTED] or cells[3 * present] == cells[3 * present + 1]:
        return  # nothing is granted, or it is taken
    look(k_)
    sent = s[figures.SENT]
    cells[3 * present] = cells[3 * present + 1]
    look(k_)
    at = s[figures.AT]
    # If it was taken between the two looks, it is in the other list, or further back in this one.
    if (
        f[figures.LIST_SIZE * present + figures.FIRST] <= at
        and at <= f[figures.LIST_SIZE * present + figures.LAST] + 1
        and s[figures.SENT] >= sent
    ):
        s[figures.GRANTED] = 0


@whole
@micropython.viper
def halt(k_: int) -> int:
    """It stops at once, all pins low. The answer is how many words of the present list were put."""
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    pio = ptr32(k[registers.PIO])
    control = ptr32(k[registers.CONTROL])
    ptr32(k[registers.PIO_CLEAR])[0] = 1
    # They are paused before they are aborted: nothing moves any more, and the registers say where it stopped. (RP2350-E5
    # asks for it too.)
    ptr32(k[registers.DATA_CLEAR])[_CTRL] = 1
    ptr32(k[registers.CONTROL_CLEAR])[_CTRL] = 1
    pio[_SM_INSTR] = lists.CLEAR_PINS
    put = 0
    if s[figures.PLAYING]:
        # This is where the DMA is, as `look` sees it, but it stands still.
        before = ptr32(k[registers.BEFORE])
        walked = control[0] - s[figures.TABLE]
        at = walked >> 4
        put = before[at] - (pio[_FLEVEL] & 15)
        if not walked & 15 and before[at] != before[at - 1]:
            put -= ptr32(k[registers.DATA])[_COUNT]
        if pio[_SM_ADDR] == 1:
            put -= 1  # it is pulled, but not yet put
        granted = s[figures.GRANTED] - 1
        if granted >= 0:
            f = ptr32(k[registers.LIST_FIGURES])
            cells = ptr32(s[figures.CELLS])
            present = s[figures.LIST]
            leave = f[figures.LIST_SIZE * present + figures.LEAVE]
            if cells[3 * present] == cells[3 * present + 1] and (at <= leave or at > leave + 3):
                # The DMA is in the granted list already, the pins are not, or have only just come there.
                ahead = put - before[f[figures.LIST_SIZE * granted + figures.ENTRY]]
                put = before[leave]
                if ahead < 0:
                    put += ahead
    aborted = ptr32(k[registers.ABORT])
    aborted[0] = registers.CHANNELS
    looks = 32  # what was in flight when they were paused lands within a few cycles
    while looks and aborted[0] & registers.CHANNELS:
        looks -= 1
    control[_CTRL] = k[registers.WALK]
    while pio[_FLEVEL] & 15:
        pio[_SM_INSTR] = _PULL_NOBLOCK
    ptr32(k[registers.PIO_SET])[0] = 1 << 4  # it restarts
    pio[_SM_INSTR] = 0  # this is jmp 0
    s[figures.PLAYING] = 0
    s[figures.GRANTED] = 0
    return put


@micropython.viper
def look(k_: int):  # type: ignore[no-untyped-def]
    """AT and SENT say where the DMA is.

    It waits while the DMA is where a list may be left, which takes that less than a microsecond; it waits in vain if it is paused
    there.
    """
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    f = ptr32(k[registers.LIST_FIGURES])
    before = ptr32(k[registers.BEFORE])
    control = ptr32(k[registers.CONTROL])
    data = ptr32(k[registers.DATA])
    here = f[figures.LIST_SIZE * s[figures.LIST] + figures.LEAVE]
    there = here
    if s[figures.GRANTED]:
        there = f[figures.LIST_SIZE * (s[figures.GRANTED] - 1) + figures.LEAVE]
    looks = 16
    while looks:
        looks -= 1
        address = control[0]
        left = data[_COUNT]
        at = (address - s[figures.TABLE]) >> 4
        if address == control[0] and (at <= here or at > here + 3) and (at <= there or at > there + 3):
            looks = 0
    sent = before[at]
    if not (address - s[figures.TABLE]) & 15 and sent != before[at - 1]:
        sent -= left
    s[figures.AT] = at
    s[figures.SENT] = sent


@micropython.viper
def tell(k_: int, now_us: int):  # type: ignore[no-untyped-def]
    """The player's inputs are filled. What was granted begins when the pins come to it, not when the DMA does."""
    k = ptr32(k_)
    s = ptr32(k[registers.STATE])
    x = ptr32(k[registers.INPUTS])
    playing = s[figures.PLAYING]
    elapsed = 0
    if playing:
        pio = ptr32(k[registers.PIO])
        f = ptr32(k[registers.LIST_FIGURES])
        elapsed = (now_us - s[figures.START_US]) & registers.US
        granted = s[figures.GRANTED] - 1
        leave_us = f[figures.LIST_SIZE * s[figures.LIST] + figures.LEAVE_US]
        if granted >= 0 and elapsed >= leave_us:
            elapsed += f[figures.LIST_SIZE * granted + figures.ENTRY_US] - leave_us
            s[figures.START_US] = (now_us - elapsed) & registers.US
            s[figures.LIST] = granted
            s[figures.GRANTED] = 0
            s[figures.LISTS_PLAYED] = s[figures.LISTS_PLAYED] + 1
        if not pio[_FLEVEL] & 15 and not pio[_SM_ADDR]:
            # It waits for a word that does not come.
            playing = 0
            elapsed = 0
            s[figures.PLAYING] = 0
    x[inputs.PLAYING] = playing
    x[inputs.ELAPSED_US] = elapsed
    x[inputs.LISTS_PLAYED] = s[figures.LISTS_PLAYED]
