"""Plays strokes by PIO and DMA: the processor starts, grants and stops, and could as well be dead in between.

The PIO puts a word's pins and holds them to the cycle. One DMA channel, DATA, feeds it; another, CONTROL, walks a table of
entries and writes each into DATA's four registers, the last of which starts it. A block played many times is one entry: DATA
reads it round and round through its address ring. A list ends with an entry that starts nothing.

A list's link is three entries which make a grant good for one time without the processor: copy `cell` to `taken`, copy
`onward` to `cell`, start CONTROL at `taken`. Ungranted, `cell` is `onward`: the entry behind the link. A grant is one word
written to `cell`. (The last is a write to a trigger, not a chain: on the RP2040 a chain may outrun the write before it.)
"""

from array import array

from mesogun_fw.boards.registers import (
    CONTROL,
    CONTROL_CLEAR,
    COPY,
    CYCLES,
    DATA,
    DATA_CLEAR,
    IO,
    JUMP,
    PIO,
    PIO_CLEAR,
    addressof,
    poke,
)  # fmt: skip
from mesogun_fw.player import Player
from mesogun_fw.shim import micropython, ptr16, ptr32
from mesogun_fw.stroke import AWAY_ENTRIES, ENTRIES, Stroke

const = micropython.const

# A word of hold N, 2 or more, lasts 5 * N cycles; a cycle is a fifth of a microsecond.
PROGRAM = (
    0x80A0,  # 0  pull block          an empty FIFO waits here, pins as they are
    0x6006,  # 1  out pins, 6
    0x603A,  # 2  out x, 26
    0x0044,  # 3  jmp x--, 4          two off the count for the five cycles of 0 to 4
    0x0045,  # 4  jmp x--, 5
    0x0445,  # 5  jmp x--, 5 [4]      then 0
)
CLEAR_PINS = 0xA003  # mov pins, null
ALL_ONES = 0xA0EB  # mov osr, ~null
OUT_PINDIRS = 0x6086  # out pindirs, 6

LISTS = 4  # two slots of two variants; the way back is one more
ROW = ENTRIES + 5  # entries, link, end, and where CONTROL stands after the end
AWAY_AT = 1 + LISTS * ROW
TABLE = AWAY_AT + AWAY_ENTRIES + 2

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
_RING_SHIFT = const(14)
_TIMER = const(15)
_CHANNELS = const(3 << 10)
_CLEAR_PINS = const(0xA003)
_PULL_NOBLOCK = const(0x8080)
_AWAY_AT = const(77)
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

# Figures of each list, in rows of 6. The first four are entries of the table.
_FIRST = const(0)
_ENTRY = const(1)
_LINK = const(2)
_LAST = const(3)
_LINK_US = const(4)
_ENTRY_US = const(5)


class PicoPlayer(Player):
    """`k` are the chip's registers, `x` the guard's inputs. Takes PIO 0's first machine and two DMA channels."""

    def __init__(self, k: "array[int]", x: "array[int]", first_pin: int) -> None:
        self._k = k
        self._x = x
        self._room = bytearray(16 * TABLE + 12 * LISTS + 16)
        table = (addressof(self._room) + 15) & ~15
        self._s = array("i", bytes(4 * 9))
        self._s[_TABLE] = table
        self._s[_CELLS] = table + 16 * TABLE
        self._f = array("i", bytes(4 * 6 * LISTS))
        self._before = array("i", bytes(4 * TABLE))  # words of its list before each entry
        self._away: list = [None, None]  # type: ignore[type-arg]
        self._words = [0, 0]
        self._prepare(first_pin)

    def _prepare(self, first_pin: int) -> None:
        k = self._k
        pio = k[PIO]
        poke(k[PIO_CLEAR], 1)
        poke(k[DATA_CLEAR] + 0x10, 1)
        poke(k[CONTROL_CLEAR] + 0x10, 1)
        self._abort()
        for i in range(len(PROGRAM)):
            poke(pio + 0x48 + 4 * i, PROGRAM[i])
        poke(pio + 0xC8, k[CYCLES] << 16)  # divider
        poke(pio + 0xCC, (len(PROGRAM) - 1) << 12)  # wrap
        poke(pio + 0xD0, 3 << 18)  # shift right
        poke(pio + 0xDC, 6 << 20 | first_pin)
        for opcode in (CLEAR_PINS, ALL_ONES, OUT_PINDIRS):
            poke(pio + 0xD8, opcode)
        for pin in range(first_pin, first_pin + 6):
            poke(k[IO] + 8 * pin + 4, 6)
        poke(k[CONTROL] + 0x14, self._s[_TABLE])
        poke(k[CONTROL] + 0x18, k[DATA] + 0x30)
        poke(k[CONTROL] + 0x08, 4)
        self.halt()

    def load(self, stroke: Stroke, slot: int) -> None:
        """Raises ValueError when a repeated block is none that the DMA can go round in."""
        words = addressof(stroke.words)
        self._away[slot] = stroke.away
        self._words[slot] = words
        for listed in stroke.lists + (stroke.away,):
            for i in range(0, len(listed), 3):
                length = listed[i + 1]
                if listed[i + 2] > 1 and (length & (length - 1) or length > 64 or (words + 4 * listed[i]) & (4 * length - 1)):
                    raise ValueError("ring")
        for variant in (0, 1):
            number = 2 * slot + variant
            listed = stroke.lists[variant]
            first = at = 1 + ROW * number
            self._before[at] = 0
            at = self._entries(listed, 0, stroke.entry, at, words)
            entry = at
            at = self._entries(listed, stroke.entry, stroke.link, at, words)
            link = at
            self._put_link(number, at)
            at = self._entries(listed, stroke.link, ENTRIES, at + 3, words)
            self._end(at)
            row = 6 * number
            for i, figure in enumerate((first, entry, link, at, stroke.link_us, stroke.entry_us)):
                self._f[row + i] = figure

    def _put_link(self, number: int, at: int) -> None:
        k = self._k
        cell = self._s[_CELLS] + 12 * number
        onward = cell + 4
        taken = cell + 8
        entry = self._s[_TABLE] + 16 * at
        for i, word in enumerate(
            (k[COPY], taken, 1, cell) + (k[COPY], cell, 1, onward) + (k[JUMP], k[CONTROL] + 4 * _READ_TRIGGER, 1, taken)
        ):
            poke(entry + 4 * i, word)
        poke(cell, entry + 48)
        poke(onward, entry + 48)
        for i in (1, 2, 3):
            self._before[at + i] = self._before[at]

    @micropython.viper
    def _entries(self, listed_: object, place: int, until: int, at: int, words: int) -> int:
        """Write places of a list from entry `at` of the table on; the entry after them."""
        s = ptr32(self._s)
        k = ptr32(self._k)
        before = ptr32(self._before)
        listed = ptr16(listed_)
        entry = ptr32(s[_TABLE] + (at << 4))
        while place < until:
            length = listed[3 * place + 1]
            times = listed[3 * place + 2]
            if length and times:
                control = k[_PLAY]
                if times > 1:
                    ring = 2
                    while (4 << (ring - 2)) < 4 * length:
                        ring += 1
                    control |= ring << k[_RING_SHIFT]
                entry[0] = control
                entry[1] = k[_FIFO]
                entry[2] = length * times
                entry[3] = words + 4 * listed[3 * place]
                before[at + 1] = before[at] + length * times
                at += 1
                entry = ptr32(s[_TABLE] + (at << 4))
            place += 1
        return at

    @micropython.viper
    def _end(self, at: int):  # type: ignore[no-untyped-def]
        """An entry that starts nothing."""
        entry = ptr32(ptr32(self._s)[_TABLE] + (at << 4))
        entry[0] = ptr32(self._k)[_PLAY]
        entry[1] = ptr32(self._k)[_FIFO]
        entry[2] = 1
        entry[3] = 0
        before = ptr32(self._before)
        before[at + 1] = before[at]

    # ---- called from the guard's tick ----

    @micropython.viper
    def start(self, slot: int, variant: int):  # type: ignore[no-untyped-def]
        s = ptr32(self._s)
        cells = ptr32(s[_CELLS])
        if s[_PLAYING]:
            self.halt()
        for i in range(4):
            cells[3 * i] = cells[3 * i + 1]
        number = 2 * slot + variant
        s[_LIST] = number
        s[_PERIODS] = 1
        self._go(1, ptr32(self._f)[6 * number + _FIRST])

    def go_away(self, slot: int, entries: int) -> None:
        if entries:
            if self._s[_PLAYING]:
                self.halt()
            self._before[AWAY_AT] = 0
            self._end(self._entries(self._away[slot], 0, entries, AWAY_AT, self._words[slot]))
            self._go(2, AWAY_AT)

    @micropython.viper
    def _go(self, playing: int, at: int):  # type: ignore[no-untyped-def]
        s = ptr32(self._s)
        k = ptr32(self._k)
        s[_GRANTED] = 0
        s[_PLAYING] = playing
        ptr32(k[_PIO_SET])[0] = 1
        ptr32(k[_CONTROL])[_READ_TRIGGER] = s[_TABLE] + (at << 4)
        s[_START] = ptr32(k[_TIMER])[_NOW] & _US

    @micropython.viper
    def grant(self, slot: int, variant: int):  # type: ignore[no-untyped-def]
        s = ptr32(self._s)
        f = ptr32(self._f)
        cells = ptr32(s[_CELLS])
        if s[_PLAYING] != 1:
            return
        number = 2 * slot + variant
        present = s[_LIST]
        cells[3 * present] = s[_TABLE] + (f[6 * number + _ENTRY] << 4)
        s[_GRANTED] = number + 1
        self._look()
        at = s[_AT]
        if f[6 * present + _LINK] < at and at <= f[6 * present + _LAST] + 1:
            # too late: the link lies behind
            cells[3 * present] = cells[3 * present + 1]
            s[_GRANTED] = 0

    @micropython.viper
    def revoke(self):  # type: ignore[no-untyped-def]
        s = ptr32(self._s)
        f = ptr32(self._f)
        cells = ptr32(s[_CELLS])
        present = s[_LIST]
        if not s[_GRANTED] or cells[3 * present] == cells[3 * present + 1]:
            return  # nothing granted, or taken
        self._look()
        sent = s[_SENT]
        cells[3 * present] = cells[3 * present + 1]
        self._look()
        at = s[_AT]
        # Taken between the two looks: it is in the other list, or further back in this one.
        if f[6 * present + _FIRST] <= at and at <= f[6 * present + _LAST] + 1 and s[_SENT] >= sent:
            s[_GRANTED] = 0

    @micropython.viper
    def halt(self) -> int:
        s = ptr32(self._s)
        k = ptr32(self._k)
        pio = ptr32(k[_PIO])
        ptr32(k[_PIO_CLEAR])[0] = 1
        # Paused before aborted: nothing moves any more, and the registers say where it stopped. (And RP2350-E5.)
        ptr32(k[_DATA_CLEAR])[_CTRL] = 1
        ptr32(k[_CONTROL_CLEAR])[_CTRL] = 1
        pio[_SM_INSTR] = _CLEAR_PINS
        put = int(self._put())
        self._abort()
        while pio[_FLEVEL] & 15:
            pio[_SM_INSTR] = _PULL_NOBLOCK
        ptr32(k[_PIO_SET])[0] = 1 << 4  # restart
        pio[_SM_INSTR] = 0  # jmp 0
        s[_PLAYING] = 0
        s[_GRANTED] = 0
        return put

    @micropython.viper
    def _abort(self):  # type: ignore[no-untyped-def]
        k = ptr32(self._k)
        abort = ptr32(k[_ABORT])
        abort[0] = _CHANNELS
        looks = 32  # what was in flight when they were paused lands within a few cycles
        while looks and abort[0] & _CHANNELS:
            looks -= 1
        ptr32(k[_CONTROL])[_CTRL] = k[_WALK]

    @micropython.viper
    def _put(self) -> int:
        """Words of the present list that were put, of a machine that stands still."""
        s = ptr32(self._s)
        f = ptr32(self._f)
        before = ptr32(self._before)
        pio = ptr32(ptr32(self._k)[_PIO])
        cells = ptr32(s[_CELLS])
        if not s[_PLAYING]:
            return 0
        self._look()
        put = s[_SENT] - (pio[_FLEVEL] & 15)
        if pio[_SM_ADDR] == 1:
            put -= 1  # pulled, but not yet put
        present = s[_LIST]
        granted = s[_GRANTED] - 1
        if granted >= 0 and cells[3 * present] == cells[3 * present + 1]:
            link = f[6 * present + _LINK]
            if s[_AT] <= link or s[_AT] > link + 3:
                # The DMA is in the granted list already, the pins are not, or have only just come there.
                ahead = put - before[f[6 * granted + _ENTRY]]
                put = before[link]
                if ahead < 0:
                    put += ahead
        return put

    @micropython.viper
    def _look(self):  # type: ignore[no-untyped-def]
        """Where the DMA is. Waits while it is in a link, which takes it less than a microsecond; in vain if it is paused there."""
        s = ptr32(self._s)
        f = ptr32(self._f)
        k = ptr32(self._k)
        before = ptr32(self._before)
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
    def tell(self, now_us: int):  # type: ignore[no-untyped-def]
        """Fill the player's inputs. What was granted begins when the pins come to it, not when the DMA does."""
        s = ptr32(self._s)
        f = ptr32(self._f)
        x = ptr32(self._x)
        pio = ptr32(ptr32(self._k)[_PIO])
        playing = s[_PLAYING]
        elapsed = 0
        if playing:
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
                playing = elapsed = 0
                s[_PLAYING] = 0
        x[_IN_PLAYING] = playing
        x[_IN_ELAPSED_US] = elapsed
        x[_IN_PERIODS] = s[_PERIODS]
