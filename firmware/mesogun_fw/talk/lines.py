"""Lines are written and taken in machine code, over buffers made once: nothing is allocated, whatever comes and goes.

frames.py says what a line is. What `write` writes is what frames.encode would; what `take` takes, frames.decode would take with the
same values. Whatever else comes, a line with a number too large for `take` too, is left to frames: it alone says what is wrong.

The table is table.py's: its templates, places and ranges, and numbers of messages.
"""

from mesogun_fw import crc, limits
from mesogun_fw.crc import crc32
from mesogun_fw.shim import micropython, ptr8, ptr32
from mesogun_fw.talk import packing, table

const = micropython.const

_BY_MULTIPLYING = const(40_960)  # below this a tenth is a product and a shift, within 31 bits: a division is a call
PART = const(1_000_000_000)  # a wide number stands in two places, both with its sign: whole parts of this, and the rest

# These are the table, and for what comes and goes the digits of a number and a CRC.
TABLES = (table.TEMPLATES, table.PLACES, table.RANGES, bytearray(24), crc.REGISTER)


def longest(*names: str) -> int:
    """The longest line of these messages has so many bytes."""
    size = 0
    for name in names:
        length = len("65535 %s *01234567\n" % name)
        for key, low, high in table.fields(name):
            length += len(" =%s" % key) + max(len(str(low)), len(str(high)))
        size = max(size, length)
    return size


@micropython.viper
def write(where: int, byte: int, size: int, values_, out_, tables) -> int:  # type: ignore[no-untyped-def]
    """A line is written to the start of `out_`: so many bytes, or 0 when a value is outside its row of the table.

    Given are the message's number, its sequence number, and the place from which on its values stand in an array of 32 bits, wide
    ones in two places; `tables` are TABLES. The first three are called after what they become, because the compiler keeps the first
    three names in registers.
    """
    out = ptr8(out_)
    values = ptr32(values_)
    template = ptr8(tables[0])
    place = ptr32(tables[1])
    ranges = ptr32(tables[2])
    digits = ptr8(tables[3])
    message = where
    seq = byte
    at = size
    size = 0
    where = place[table.PLACES_SIZE * message]
    first = 2 * place[table.PLACES_SIZE * message + 1]
    field = first
    byte = template[where]
    while byte != 10:
        while byte > 10:
            out[size] = byte
            size += 1
            where += 1
            byte = template[where]
        if not byte:
            upper = 0
            value = seq
            low = ranges[field]
            high = ranges[field + 1]
            if field != first:
                value = values[at]
                at += 1
                # On a machine of 64 bits a pointer of 32 gives no negative numbers: these lines make them.
                if value >> 31 & 1:
                    value = (((value >> 16 & 0xFFFF) ^ 0x8000) - 0x8000) * 65_536 + (value & 0xFFFF)
                if low >> 31 & 1:
                    low = (((low >> 16 & 0xFFFF) ^ 0x8000) - 0x8000) * 65_536 + (low & 0xFFFF)
                if high < low:
                    upper = value
                    value = values[at]
                    at += 1
                    if value >> 31 & 1:
                        value = (((value >> 16 & 0xFFFF) ^ 0x8000) - 0x8000) * 65_536 + (value & 0xFFFF)
                    low = high = value
            if value < low or value > high:
                return 0
            field += 2
            if value < 0 or upper < 0:
                out[size] = 45
                size += 1
                value = 0 - value
                upper = 0 - upper
            count = 0
            byte = value
            while byte or upper or not count:
                if count == 9:  # the rest is written with all its digits when there is more
                    byte += upper
                    upper = 0
                tenth = (byte * 52_429) >> 19 if byte < _BY_MULTIPLYING else byte // 10
                digits[count] = 48 + byte - 10 * tenth
                count += 1
                byte = tenth
            while count:
                count -= 1
                out[size] = digits[count]
                size += 1
            where += 1
            byte = template[where]
    out[size] = 32
    size += 1
    register = ptr32(tables[4])
    register[crc.CRC] = 0
    crc32(out_, 0, size, tables[4])
    sum_ = register[crc.CRC]
    out[size] = 42
    shift = 28
    while shift >= 0:
        size += 1
        digit = sum_ >> shift & 15
        out[size] = digit + (48 if digit < 10 else 87)
        shift -= 4
    out[size + 1] = 10
    return size + 2


@micropython.viper
def take(line_, size: int, values_, tables) -> int:  # type: ignore[no-untyped-def]
    """The first `size` bytes are a line: this is its message's number, or -1 when it is one for frames.decode.

    `values_` are then its sequence number, 1 to SEQ_MAX, and its values, of which none is wide.
    """
    line = ptr8(line_)
    end = size - 11
    if end < 3 or size > limits.LINE_MAX or line[end] != 32 or line[end + 1] != 42 or line[size - 1] != 10:
        return -1
    register = ptr32(tables[4])
    register[crc.CRC] = 0
    crc32(line_, 0, end + 1, tables[4])
    sum_ = register[crc.CRC]
    shift = 28
    at = end + 2
    while shift >= 0:
        digit = sum_ >> shift & 15
        if line[at] != digit + (48 if digit < 10 else 87):
            return -1
        at += 1
        shift -= 4
    values = ptr32(values_)
    template = ptr8(tables[0])
    place = ptr32(tables[1])
    ranges = ptr32(tables[2])
    message = 0
    while place[table.PLACES_SIZE * message + 2] != packing.AFTER_LAST:
        where = place[table.PLACES_SIZE * message]
        field = 2 * place[table.PLACES_SIZE * message + 1]
        at = 0
        found = 0
        alike = 1 if place[table.PLACES_SIZE * message + 2] == packing.ASK else 0
        while alike:
            byte = template[where]
            where += 1
            if byte == 10:
                if at == end and values[0]:
                    return message
                alike = 0
            elif byte:
                if at < end and line[at] == byte:
                    at += 1
                else:
                    alike = 0
            else:
                began = at
                value = 0
                while at < end and line[at] >= 48 and line[at] <= 57 and at - began < 9:
                    value = 10 * value + line[at] - 48
                    at += 1
                if at == began or (line[began] == 48 and at - began > 1):
                    alike = 0
                elif value < ranges[field] or value > ranges[field + 1]:
                    alike = 0
                else:
                    values[found] = value
                    found += 1
                    field += 2
        message += 1
    return -1


@micropython.viper
def copy(to_, from_, at: int, size: int):  # type: ignore[no-untyped-def]
    """So many bytes from `at` on are put at the start of `to_`, which may be the same buffer."""
    to = ptr8(to_)
    source = ptr8(from_)
    first = at
    end = at + size
    while at < end:
        to[at - first] = source[at]
        at += 1


@micropython.viper
def same(one_, other_, size: int) -> bool:  # type: ignore[no-untyped-def]
    """It says whether two buffers begin with the same bytes."""
    one = ptr8(one_)
    other = ptr8(other_)
    while size:
        size -= 1
        if one[size] != other[size]:
            return False
    return True
