"""The RP2040 and the RP2350 keep their registers here: one table is one chip's, and everything else is the same on both.

Addresses and bits are those of RP2040 datasheet 2.2, RP2350 datasheet 2.2, each compared with the register headers of their
maker's SDK. Register numbers are word offsets (byte offset / 4) from a base. The registers of a chip are one array of unsigned
words, so that machine code reads an address without allocating it: what lies above 1 << 30 is no small integer on the board.
"""

from array import array

from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# A chip's array has these places.
(
    PIO,  # it is the player's
    PIO_SET,
    PIO_CLEAR,
    COUNTERS,  # it is the encoders' PIO
    DATA,  # this DMA channel moves words into the PIO
    DATA_CLEAR,
    CONTROL,  # this DMA channel moves entries of a list into the other's registers
    CONTROL_CLEAR,
    ABORT,
    FIFO,  # a word is moved to this
    PLAY,  # it is the control word of a block without ring; RING_SHIFT tells where to put the ring
    COPY,  # it copies one word from memory to memory, then the next entry follows
    JUMP,  # it copies one word into the control channel's trigger, then nothing follows
    WALK,  # it is the control channel's
    RING_SHIFT,
    TIMER,
    SIO,
    OUT_SET,  # it is a word offset in SIO
    OUT_CLEAR,
    ADC,
    SPI,
    IO,
    CYCLES,  # a fifth of a microsecond has so many of the system clock
    STATE,  # arrays of the board's own follow: an address costs machine code less than an attribute
    LIST_FIGURES,
    BEFORE,
    INPUTS,
    CLOCK,
    NM,
    MARKS,  # the tick has taken the FRAM's bus so often
) = range(30)

DATA_CHANNEL = 10  # nobody claims it: MicroPython's own users take the lowest free ones
CONTROL_CHANNEL = 11
CHANNELS = 1 << DATA_CHANNEL | 1 << CONTROL_CHANNEL
NOW = 10  # this word offset in TIMER has microseconds, without side effects
US = (1 << 30) - 1  # microseconds are kept in 30 bits and wrap
ALIAS_SET, ALIAS_CLEAR = 0x2000, 0x3000
PIO0, PIO1 = 0x50200000, 0x50300000
DMA = 0x50000000
SIO_BASE = 0xD0000000
TXF0 = 0x10
TREQ_NONE = 0x3F

# The columns are bases; SIO word offsets; DMA control bits: increment write, ring size, ring of writes, chain to, request,
# quiet; clock.
#          IO bank     timer       ADC         SPI0       abort  set clr  iw rs  rw  ch  tq  q   MHz
CHIPS = (
    ("RP2040", 0x40014000, 0x40054000, 0x4004C000, 0x4003C000, 0x444, 5, 6, 5, 6, 10, 11, 15, 21, 125),
    ("RP2350", 0x40028000, 0x400B0000, 0x400A0000, 0x40080000, 0x464, 6, 8, 6, 8, 12, 13, 17, 23, 150),
)
BOARDS = ("Raspberry Pi Pico with RP2040", "Raspberry Pi Pico 2 with RP2350")
USB_INTERRUPTS = (5, 14)


class UnknownBoard(Exception):
    pass


def registers_of(board: str, clock_hz: int) -> "array[int]":
    """These are the registers of a board by the name MicroPython gives it. It raises UnknownBoard saying what to do."""
    if board not in BOARDS:
        raise UnknownBoard("%s is no board of this gun: it runs on a %s or a %s" % (board, BOARDS[0], BOARDS[1]))
    for chip in CHIPS:
        if board.endswith(chip[0]):
            if clock_hz != chip[14] * 1_000_000:
                raise UnknownBoard("the clock is %d Hz, not %d MHz: set no machine.freq" % (clock_hz, chip[14]))
            return _array_of(chip)
    raise UnknownBoard(board)


def usb_registers_of(board: str) -> "array[int]":
    """What the link writes to on a known board.

    It is the USB controller's memory, where the processor lets interrupts in and where it keeps them away, and the bit of the
    controller's own in these two. Only the bit differs from chip to chip.
    """
    return array("I", [0x50100000, 0xE000E100, 0xE000E180, 1 << USB_INTERRUPTS[BOARDS.index(board)]])


def _array_of(chip: tuple) -> "array[int]":  # type: ignore[type-arg]
    _, io, timer, adc, spi, abort, out_set, out_clear, write_bit, ring, ring_writes, chain, request, quiet, mhz = chip
    channel = 1 | 2 << 2 | 1 << quiet  # it is enabled, and moves words
    k = array("I", bytes(4 * 30))
    for place, value in (
        (PIO, PIO0),
        (PIO_SET, PIO0 + ALIAS_SET),
        (PIO_CLEAR, PIO0 + ALIAS_CLEAR),
        (COUNTERS, PIO1),
        (DATA, DMA + 0x40 * DATA_CHANNEL),
        (DATA_CLEAR, DMA + 0x40 * DATA_CHANNEL + ALIAS_CLEAR),
        (CONTROL, DMA + 0x40 * CONTROL_CHANNEL),
        (CONTROL_CLEAR, DMA + 0x40 * CONTROL_CHANNEL + ALIAS_CLEAR),
        (ABORT, DMA + abort),
        (FIFO, PIO0 + TXF0),
        (PLAY, channel | 1 << 4 | CONTROL_CHANNEL << chain),  # request 0 paces it: PIO0's first FIFO wants a word
        (COPY, channel | CONTROL_CHANNEL << chain | TREQ_NONE << request),
        (JUMP, channel | DATA_CHANNEL << chain | TREQ_NONE << request),
        (WALK, channel | 1 << 4 | 1 << write_bit | 4 << ring | 1 << ring_writes | CONTROL_CHANNEL << chain | TREQ_NONE << request),
        (RING_SHIFT, ring),
        (TIMER, timer),
        (SIO, SIO_BASE),
        (OUT_SET, out_set),
        (OUT_CLEAR, out_clear),
        (ADC, adc),
        (SPI, spi),
        (IO, io),
        (CYCLES, mhz // 5),
    ):
        k[place] = value
    return k


@micropython.viper
def poke(address: int, value: int):  # type: ignore[no-untyped-def]
    """One register is written. It is for setting up: addresses are allocated."""
    ptr32(address)[0] = value
