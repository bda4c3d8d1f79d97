"""The player's hardware has a table: strokes are entries that one DMA channel, CONTROL, writes into another's registers.

DATA feeds the PIO, which puts a word's pins and holds them to the cycle. A block played many times is one entry: DATA reads it
round and round through its address ring. A list ends with an entry that starts nothing.

Where a list may be left are three entries which make a grant good for one time without the processor: copy `cell` to `taken`, copy
`onward` to `cell`, start CONTROL at `taken`. Ungranted, `cell` is `onward`: the entry behind them. A grant is one word written to
`cell`. (The last of the three is a write to a trigger, not a chain: on the RP2040 a chain may outrun the write before it.)
"""

from array import array

from mesogun_fw.boards.pico import figures, registers
from mesogun_fw.boards.pico.registers import poke
from mesogun_fw.shim import addressof, micropython
from mesogun_fw.stroke import language
from mesogun_fw.stroke.language import Stroke

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

LISTS = 4  # two slots have two variants each; the way back is one more
ROW = language.ENTRIES + 5  # it has entries, three to leave by, end, and where CONTROL stands after the end
AWAY_AT = 1 + LISTS * ROW
TABLE = AWAY_AT + language.AWAY_ENTRIES + 2


class Lists:
    """Lists of two strokes and a way back are in memory, and the machine that plays them is at rest.

    `k` are the chip's registers. It takes PIO 0's first machine and two DMA channels.
    """

    def __init__(self, k: "array[int]", first_pin: int) -> None:
        self._k = k
        self._room = bytearray(16 * TABLE + 12 * LISTS + 16)
        table = (addressof(self._room) + 15) & ~15
        self._s = array("i", bytes(4 * figures.SIZE))
        self._s[figures.TABLE] = table
        self._s[figures.CELLS] = table + 16 * TABLE
        self._f = array("i", bytes(4 * figures.LIST_SIZE * LISTS))
        self._before = array("i", bytes(4 * TABLE))  # so many words of its list come before each entry
        for place, kept in ((registers.STATE, self._s), (registers.LIST_FIGURES, self._f), (registers.BEFORE, self._before)):
            k[place] = addressof(kept)
        self.strokes: list = [None, None]  # type: ignore[type-arg]
        self._prepare(first_pin)

    def _prepare(self, first_pin: int) -> None:
        k = self._k
        pio = k[registers.PIO]
        poke(k[registers.PIO_CLEAR], 1)
        poke(k[registers.DATA_CLEAR] + 0x10, 1)
        poke(k[registers.CONTROL_CLEAR] + 0x10, 1)
        poke(k[registers.ABORT], registers.CHANNELS)
        poke(k[registers.CONTROL] + 0x10, k[registers.WALK])
        for i in range(len(PROGRAM)):
            poke(pio + 0x48 + 4 * i, PROGRAM[i])
        poke(pio + 0xC8, k[registers.CYCLES] << 16)  # this is the divider
        poke(pio + 0xCC, (len(PROGRAM) - 1) << 12)  # this is the wrap
        poke(pio + 0xD0, 3 << 18)  # it shifts right
        poke(pio + 0xDC, 6 << 20 | first_pin)
        for opcode in (CLEAR_PINS, ALL_ONES, OUT_PINDIRS):
            poke(pio + 0xD8, opcode)
        for pin in range(first_pin, first_pin + 6):
            poke(k[registers.IO] + 8 * pin + 4, 6)
        poke(k[registers.CONTROL] + 0x14, self._s[figures.TABLE])
        poke(k[registers.CONTROL] + 0x18, k[registers.DATA] + 0x30)
        poke(k[registers.CONTROL] + 0x08, 4)

    def load(self, stroke: Stroke, slot: int) -> None:
        """`stroke` becomes the one in `slot`. It raises ValueError when a repeated block is none that the DMA can go round in."""
        self.strokes[slot] = stroke  # it is held here: the table has addresses only
        words = addressof(stroke.words)
        row = figures.SLOTS + figures.SLOT_SIZE * slot
        for kept in (stroke.words, stroke.lists[0], stroke.lists[1], stroke.away, stroke.turns):
            self._s[row] = addressof(kept)
            row += 1
        self._s[row] = stroke.relief_at
        for listed in stroke.lists + (stroke.away,):
            for i in range(0, len(listed), 3):
                length = listed[i + 1]
                if listed[i + 2] > 1 and (
                    length & (length - 1) or length > language.REPEATED_WORDS_MAX or (words + 4 * listed[i]) & (4 * length - 1)
                ):
                    raise ValueError("ring")
        for variant in (0, 1):
            number = 2 * slot + variant
            listed = stroke.lists[variant]
            first = at = 1 + ROW * number
            self._before[at] = 0
            at = self._entries(listed, 0, stroke.entry, at, words)
            entry = at
            at = self._entries(listed, stroke.entry, stroke.leave, at, words)
            leave = at
            self._put_link(number, at)
            at = self._entries(listed, stroke.leave, language.ENTRIES, at + 3, words)
            self._end(at)
            row = figures.LIST_SIZE * number
            for i, figure in enumerate((first, entry, leave, at, stroke.leave_us, stroke.entry_us)):
                self._f[row + i] = figure

    def _entries(self, listed: "array[int]", place: int, until: int, at: int, words: int) -> int:
        """Places of a list are written from entry `at` of the table on; the answer is the entry after them."""
        for i in range(3 * place, 3 * until, 3):
            length, times = listed[i + 1], listed[i + 2]
            if length and times:
                ring = 0
                if times > 1:
                    ring = 2
                    while 1 << ring < 4 * length:
                        ring += 1
                control = self._k[registers.PLAY] | ring << self._k[registers.RING_SHIFT]
                self._entry(at, control, length * times, words + 4 * listed[i])
                at += 1
        return at

    def _entry(self, at: int, control: int, count: int, read_at: int) -> None:
        entry = self._s[figures.TABLE] + 16 * at
        for i, word in enumerate((control, self._k[registers.FIFO], count, read_at)):
            poke(entry + 4 * i, word)
        self._before[at + 1] = self._before[at] + (count if read_at else 0)

    def _end(self, at: int) -> None:
        """This entry starts nothing."""
        self._entry(at, self._k[registers.PLAY], 1, 0)

    def _put_link(self, number: int, at: int) -> None:
        k = self._k
        cell = self._s[figures.CELLS] + 12 * number
        onward = cell + 4
        taken = cell + 8
        entry = self._s[figures.TABLE] + 16 * at
        for i, word in enumerate(
            (k[registers.COPY], taken, 1, cell)
            + (k[registers.COPY], cell, 1, onward)
            + (k[registers.JUMP], k[registers.CONTROL] + 0x3C, 1, taken)
        ):
            poke(entry + 4 * i, word)
        poke(cell, entry + 48)
        poke(onward, entry + 48)
        for i in (1, 2, 3):
            self._before[at + i] = self._before[at]
