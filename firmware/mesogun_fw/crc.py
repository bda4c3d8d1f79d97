"""CRC-32 as binascii.crc32 has it, in machine code over bytes that lie anywhere: nothing is allocated, and no number is large.

A CRC does not fit a small integer of the board, so it is never an argument or an answer: it stands in a *register*, the array
REGISTER, at place CRC. Whoever begins one puts 0 there; `crc32` goes on from what stands there, and leaves its result
there. A fast function reads it by ptr32 and takes it apart with masks: `(r[crc.CRC] >> 24) & 255`.
"""

from array import array

from mesogun_fw.shim import micropython, ptr8, ptr32, uint

const = micropython.const

CRC = const(256)  # before it stands the table, a word for each byte
_ONES = const(257)


@micropython.viper
def _fill(words_):  # type: ignore[no-untyped-def]
    """The table is made of the polynomial at its start, whose place its own word, 0, takes at the end."""
    words = ptr32(words_)
    i = 255
    while i >= 0:
        value = i
        bit = 8
        while bit:
            odd = value & 1
            value = ((value >> 1) & 0x3FFFFFFF) | ((value >> 31) & 1) << 30
            if odd:
                value ^= words[0]
            bit -= 1
        words[i] = value
        i -= 1


REGISTER = array("I", bytes(4 * 258))  # 1 KB: whoever needs a CRC uses this one, and is done with it before another does
REGISTER[0] = 0xEDB88320  # the polynomial
REGISTER[_ONES] = 0xFFFFFFFF
_fill(REGISTER)


@micropython.viper
def crc32(bytes_, start: int, end: int, register_):  # type: ignore[no-untyped-def]
    """The CRC in the register goes on over bytes start .. end - 1. Bytes and register are given as buffers, or by address."""
    _go_on(register_, 0, start, end, bytes_)


@micropython.viper
def _go_on(register: ptr32, value: uint, at: int, end: int, bytes_):  # type: ignore[no-untyped-def]
    """`value` does not count: it stands there because the compiler keeps the first three names in registers.

    Four bytes are a round of the loop: it takes a third of the time of a byte.
    """
    register = ptr32(register)
    data = ptr8(bytes_)
    value = uint(register[CRC] ^ register[_ONES])
    end -= 3
    while at < end:
        value = (value >> 8) ^ uint(register[(value ^ uint(data[at])) & 255])
        value = (value >> 8) ^ uint(register[(value ^ uint(data[at + 1])) & 255])
        value = (value >> 8) ^ uint(register[(value ^ uint(data[at + 2])) & 255])
        value = (value >> 8) ^ uint(register[(value ^ uint(data[at + 3])) & 255])
        at += 4
    end += 3
    while at < end:
        value = (value >> 8) ^ uint(register[(value ^ uint(data[at])) & 255])
        at += 1
    register[CRC] = int(value) ^ register[_ONES]


@micropython.viper
def seal(place_, start: int, end: int, register_):  # type: ignore[no-untyped-def]
    """The CRC in the register goes on over bytes start .. end - 1, and stands behind them then, the lowest byte first."""
    crc32(place_, start, end, register_)
    place = ptr8(place_)
    value = ptr32(register_)[CRC]
    place[end] = value & 255
    place[end + 1] = (value >> 8) & 255
    place[end + 2] = (value >> 16) & 255
    place[end + 3] = (value >> 24) & 255


@micropython.viper
def sealed(place_, start: int, end: int, register_) -> int:  # type: ignore[no-untyped-def]
    """It is 1 when the CRC in the register, gone on over bytes start .. end - 1, is the one that stands behind them."""
    place = ptr8(place_)
    r = ptr32(register_)
    value = r[CRC] ^ r[_ONES]
    at = start
    while at < end:
        value = ((value >> 8) & 0x00FFFFFF) ^ r[(value ^ place[at]) & 255]
        at += 1
    value ^= r[_ONES]
    r[CRC] = value
    low = place[end] | place[end + 1] << 8
    return 1 if low == value & 0xFFFF and place[end + 2] | place[end + 3] << 8 == (value >> 16) & 0xFFFF else 0
