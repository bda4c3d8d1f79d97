"""Two machines of PIO 1 count two quadrature encoders, up to ten million edges a second, whatever the processor does.

A machine looks at both pins every 11 to 13 cycles and jumps to one of 16 places by what was and what is now; Y is the count, up
while A leads B. It offers the count all the time: whoever wants the latest empties the FIFO and takes the next.
"""

from array import array

from mesogun_fw.boards.pico import registers
from mesogun_fw.boards.pico.registers import poke

_SEND, _LESS, _MORE = 0x0011, 0x0010, 0x0017
PROGRAM = (
    # was 00: now 00, 01, 10, 11 (two edges at once: neither way)
    _SEND, _MORE, _LESS, _SEND,
    # was 01
    _LESS, _SEND, _SEND, _MORE,
    # was 10
    _MORE, _SEND, _SEND, _LESS,
    # was 11
    _SEND, _LESS, _MORE, _SEND,
    0x0091,  # 16  jmp y--, 17         less
    0xA0C2,  # 17  mov isr, y          send
    0x8000,  # 18  push noblock
    0x60C2,  # 19  out isr, 2          what was
    0x4002,  # 20  in pins, 2          what is
    0xA0E6,  # 21  mov osr, isr
    0xA0A6,  # 22  mov pc, isr
    0xA04A,  # 23  mov y, ~y           more
    0x0099,  # 24  jmp y--, 25
    0xA04A,  # 25  mov y, ~y           then 17
)  # fmt: skip
NO_COUNT = 0xE040  # set y, 0
NO_PAST = 0xA0E3  # mov osr, null
ENTRY = 17


def count(k: "array[int]", first_pins: "tuple[int, int]") -> None:
    """Two pairs of pins are counted from 0, by machines 0 and 1."""
    pio = k[registers.COUNTERS]
    poke(pio, 0)
    for i in range(len(PROGRAM)):
        poke(pio + 0x48 + 4 * i, PROGRAM[i])
    for machine in (0, 1):
        at = pio + 0xC8 + 0x18 * machine
        poke(at, 1 << 16)  # this is the divider
        poke(at + 0x04, 25 << 12 | ENTRY << 7)  # this is the wrap
        poke(at + 0x08, 1 << 19)  # in goes to the left, out goes to the right
        poke(at + 0x14, first_pins[machine] << 15)
        for opcode in (NO_COUNT, NO_PAST, ENTRY):
            poke(at + 0x10, opcode)
    poke(pio, 3)
