"""Plays strokes by PIO and DMA: the processor starts, grants and stops, and could as well be dead in between.

What the guard's tick needs are fast functions over `k`, the table of registers of registers.py: passed on as its address, a
call costs a board a third of what a method does.
"""

from array import array

from mesogun_fw.boards.lists import AWAY_AT, Lists
from mesogun_fw.boards.registers import INPUTS as INPUTS_AT
from mesogun_fw.player import Player
from mesogun_fw.shim import addressof, micropython, ptr16, ptr32
from mesogun_fw.stroke import relieve as relieve_words

const = micropython.const

# Machine code looks up names of other files, so what it needs of them is repeated here; a test holds them equal.
_PIO = const(0)
_PIO_SET = const(1)
_PIO_CLEAR = const(2)
_DATA = const(4)
_DATA_CLEAR = const(5)
_CONTROL = const(6)
_CONTROL_CLEAR = const(7)
_ABORT = const(8)
_FIFO = const(9)
_PLAY = const(10)
_WALK = const(13)
_TIMER = const(15)
_STATE = const(23)
_FIGURES = const(24)
_BEFORE = const(25)
_INPUTS = const(26)
_CLEAR_PINS = const(0xA003)
_PULL_NOBLOCK = const(0x8080)
_CHANNELS = const(3 << 10)
_AWAY_AT = const(77)
_RELIEF_ENTRIES = const(2)
_RING_SHIFT = const(14)
_PAIR = const(3)  # a ring of 2^3 bytes
_IN_PLAYING = const(10)
_IN_ELAPSED_US = const(11)
_IN_PERIODS = const(12)

# Word offsets of registers.
_FLEVEL = const(3)
_SM_ADDR = const(53)
_SM_INSTR = const(54)
_COUNT = const(2)
_CTRL = const(4)  # without trigger
_READ_TRIGGER = const(15)
_NOW = const(10)

_US = const((1 << 30) - 1)  # times are kept in 30 bits and wrap

# The player's own figures, one array.
_PLAYING = const(0)
_LIST = const(1)  # what is played: slot * 2 + variant
_GRANTED = const(2)  # the list that was granted, + 1
_START = const(3)  # us
_PERIODS = const(4)
_TABLE = const(5)  # its address
_CELLS = const(6)  # address of cell, onward, taken of each list
_AT = const(7)  # the entry that CONTROL loads next ...
_SENT = const(8)  # ... and how many words of its list have been sent
_SLOTS = const(
    9
)  # of each slot, addresses: of its words, its two lists, its way back, what finds that; and where its relief begins
_SLOT_SIZE = const(6)
_WORDS = const(0)
_AWAY = const(3)
_RELIEF = const(5)

# Figures of each list, in rows of 6. The first four are entries of the table.
_FIRST = const(0)
_ENTRY = const(1)
_LINK = const(2)
_LAST = const(3)
_LINK_US = const(4)
_ENTRY_US = const(5)


class PicoPlayer(Lists, Player):
    """`x` are the guard's cells; `tell` fills in the player's inputs among them."""

    def __init__(self, k: "array[int]", x: "array[int]", first_pin: int) -> None:
        self._x = x  # reached by its address only, so held here
        k[INPUTS_AT] = addressof(x)
        Lists.__init__(self, k, first_pin)
        self._at = addressof(k)
        self.halt()

    def start(self, slot: int, variant: int) -> None:
        start(self._at, slot, variant)

    def grant(self, slot: int, variant: int) -> None:
        grant(self._at, slot, variant)

    def revoke(self) -> None:
        revoke(self._at)

    def halt(self) -> int:
        return halt(self._at)

    def go_away(self, slot: int, entries: int) -> None:
        go_away(self._at, slot, entries)

    def tell(self, now_us: int) -> None:
        tell(self._at, now_us)


@micropython.viper
def start(k_, slot: int, variant: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    cells = ptr32(s[_CELLS])
    if s[_PLAYING]:
        halt(k_)
    for i in range(4):
        cells[3 * i] = cells[3 * i + 1]
    number = 2 * slot + variant
    s[_LIST] = number
    s[_PERIODS] = 1
    s[_GRANTED] = 0
    s[_PLAYING] = 1
    ptr32(k[_PIO_SET])[0] = 1
    ptr32(k[_CONTROL])[_READ_TRIGGER] = s[_TABLE] + (ptr32(k[_FIGURES])[6 * number + _FIRST] << 4)
    s[_START] = ptr32(k[_TIMER])[_NOW] & _US


@micropython.viper
def go_away(k_, slot: int, entries: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    if not entries:
        return
    if s[_PLAYING]:
        halt(k_)
    before = ptr32(k[_BEFORE])
    row = _SLOTS + _SLOT_SIZE * slot
    listed = ptr16(s[row + _AWAY])
    words = s[row + _WORDS]
    play = k[_PLAY]
    fifo = k[_FIFO]
    at = _AWAY_AT
    passed = 0
    before[at] = 0
    entry_at = s[_TABLE] + (_AWAY_AT << 4)
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
                entry[0] = play | _PAIR << k[_RING_SHIFT]  # the only blocks that a way back repeats are pairs of words
                count = times + times
            entry[1] = fifo
            entry[2] = count
            entry[3] = words + (listed[i] << 2)
            passed += count
            at += 1
            before[at] = passed
            entry_at += 16
        i += 3
    # and one that starts nothing
    entry = ptr32(entry_at)
    entry[0] = play
    entry[1] = fifo
    entry[2] = 1
    entry[3] = 0
    before[at + 1] = passed
    s[_GRANTED] = 0
    s[_PLAYING] = 2
    ptr32(k[_PIO_SET])[0] = 1
    ptr32(k[_CONTROL])[_READ_TRIGGER] = s[_TABLE] + (_AWAY_AT << 4)
    s[_START] = ptr32(k[_TIMER])[_NOW] & _US


@micropython.viper
def relieve(k_, slot: int, steps: int):  # type: ignore[no-untyped-def]
    """Halt, then take the plunger back by so many steps."""
    s = ptr32(ptr32(k_)[_STATE])
    row = _SLOTS + _SLOT_SIZE * slot
    halt(k_)
    relieve_words(s[row + _AWAY], s[row + _RELIEF], steps)
    go_away(k_, slot, _RELIEF_ENTRIES)


@micropython.viper
def grant(k_, slot: int, variant: int):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    f = ptr32(k[_FIGURES])
    cells = ptr32(s[_CELLS])
    if s[_PLAYING] != 1:
        return
    number = 2 * slot + variant
    present = s[_LIST]
    cells[3 * present] = s[_TABLE] + (f[6 * number + _ENTRY] << 4)
    s[_GRANTED] = number + 1
    look(k_)
    at = s[_AT]
    if f[6 * present + _LINK] < at and at <= f[6 * present + _LAST] + 1:
        s[_GRANTED] = 0  # too late: the link lies behind


@micropython.viper
def revoke(k_):  # type: ignore[no-untyped-def]
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    f = ptr32(k[_FIGURES])
    cells = ptr32(s[_CELLS])
    present = s[_LIST]
    if not s[_GRANTED] or cells[3 * present] == cells[3 * present + 1]:
        return  # nothing granted, or taken
    look(k_)
    sent = s[_SENT]
    cells[3 * present] = cells[3 * present + 1]
    look(k_)
    at = s[_AT]
    # Taken between the two looks: it is in the other list, or further back in this one.
    if f[6 * present + _FIRST] <= at and at <= f[6 * present + _LAST] + 1 and s[_SENT] >= sent:
        s[_GRANTED] = 0


@micropython.viper
def halt(k_: int) -> int:
    """Words of the present list that were put."""
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    pio = ptr32(k[_PIO])
    control = ptr32(k[_CONTROL])
    ptr32(k[_PIO_CLEAR])[0] = 1
    # Paused before aborted: nothing moves any more, and the registers say where it stopped. (And RP2350-E5.)
    ptr32(k[_DATA_CLEAR])[_CTRL] = 1
    ptr32(k[_CONTROL_CLEAR])[_CTRL] = 1
    pio[_SM_INSTR] = _CLEAR_PINS
    put = 0
    if s[_PLAYING]:
        # where the DMA is, as `look` sees it, but it stands still
        before = ptr32(k[_BEFORE])
        walked = control[0] - s[_TABLE]
        at = walked >> 4
        put = before[at] - (pio[_FLEVEL] & 15)
        if not walked & 15 and before[at] != before[at - 1]:
            put -= ptr32(k[_DATA])[_COUNT]
        if pio[_SM_ADDR] == 1:
            put -= 1  # pulled, but not yet put
        granted = s[_GRANTED] - 1
        if granted >= 0:
            f = ptr32(k[_FIGURES])
            cells = ptr32(s[_CELLS])
            present = s[_LIST]
            link = f[6 * present + _LINK]
            if cells[3 * present] == cells[3 * present + 1] and (at <= link or at > link + 3):
                # The DMA is in the granted list already, the pins are not, or have only just come there.
                ahead = put - before[f[6 * granted + _ENTRY]]
                put = before[link]
                if ahead < 0:
                    put += ahead
    aborted = ptr32(k[_ABORT])
    aborted[0] = _CHANNELS
    looks = 32  # what was in flight when they were paused lands within a few cycles
    while looks and aborted[0] & _CHANNELS:
        looks -= 1
    control[_CTRL] = k[_WALK]
    while pio[_FLEVEL] & 15:
        pio[_SM_INSTR] = _PULL_NOBLOCK
    ptr32(k[_PIO_SET])[0] = 1 << 4  # restart
    pio[_SM_INSTR] = 0  # jmp 0
    s[_PLAYING] = 0
    s[_GRANTED] = 0
    return put


@micropython.viper
def look(k_: int):  # type: ignore[no-untyped-def]
    """Where the DMA is. Waits while it is in a link, which takes it less than a microsecond; in vain if it is paused there."""
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    f = ptr32(k[_FIGURES])
    before = ptr32(k[_BEFORE])
    control = ptr32(k[_CONTROL])
    data = ptr32(k[_DATA])
    here = f[6 * s[_LIST] + _LINK]
    there = here
    if s[_GRANTED]:
        there = f[6 * (s[_GRANTED] - 1) + _LINK]
    looks = 16
    while looks:
        looks -= 1
        address = control[0]
        left = data[_COUNT]
        at = (address - s[_TABLE]) >> 4
        if address == control[0] and (at <= here or at > here + 3) and (at <= there or at > there + 3):
            looks = 0
    sent = before[at]
    if not (address - s[_TABLE]) & 15 and sent != before[at - 1]:
        sent -= left
    s[_AT] = at
    s[_SENT] = sent


@micropython.viper
def tell(k_: int, now_us: int):  # type: ignore[no-untyped-def]
    """Fill the player's inputs. What was granted begins when the pins come to it, not when the DMA does."""
    k = ptr32(k_)
    s = ptr32(k[_STATE])
    x = ptr32(k[_INPUTS])
    playing = s[_PLAYING]
    elapsed = 0
    if playing:
        pio = ptr32(k[_PIO])
        f = ptr32(k[_FIGURES])
        elapsed = (now_us - s[_START]) & _US
        granted = s[_GRANTED] - 1
        link_us = f[6 * s[_LIST] + _LINK_US]
        if granted >= 0 and elapsed >= link_us:
            elapsed += f[6 * granted + _ENTRY_US] - link_us
            s[_START] = (now_us - elapsed) & _US
            s[_LIST] = granted
            s[_GRANTED] = 0
            s[_PERIODS] = s[_PERIODS] + 1
        if not pio[_FLEVEL] & 15 and not pio[_SM_ADDR]:
            # it waits for a word that does not come
            playing = 0
            elapsed = 0
            s[_PLAYING] = 0
    x[_IN_PLAYING] = playing
    x[_IN_ELAPSED_US] = elapsed
    x[_IN_PERIODS] = s[_PERIODS]


assert AWAY_AT == _AWAY_AT
