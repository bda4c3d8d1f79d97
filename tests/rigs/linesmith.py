"""Lines as a host sends them, and as a cable, or somebody with an editor, makes them of those."""

import binascii
from array import array
from random import Random

from mesogun_fw.device.rows import fill
from mesogun_fw.talk import table
from mesogun_fw.talk.messages import MESSAGES

AT = 2  # place of the first value in what `placed` gives


def placed(name: str, values: list[int]) -> "array[int]":
    """The values as `lines.write` wants them, from place AT on."""
    place = array("i", bytes(4 * (table.VALUES_MAX + AT)))
    fill(place, AT, name, values)
    return place


def message(draw: Random) -> tuple[int, str, list[int]]:
    """Any message of the table, its values at, between and near the ends of their ranges, small ones more often."""
    name, _, fields = draw.choice(MESSAGES)
    values = []
    for _, low, high in fields:
        small = max(low, min(high, draw.randrange(-12, 1_012)))
        values.append(draw.choice((low, high, draw.randint(low, high), small, min(high, max(low, 10 ** draw.randrange(16))))))
    return draw.choice((0, 1, 9, 10, 65_535, draw.randrange(65_536))), name, values


def mutated(draw: Random, line: bytes) -> bytes:
    """One thing is wrong with it, or nothing; more often than not the CRC is right again."""
    text = bytearray(line[:-10])
    at = draw.randrange(len(text))
    what = draw.randrange(10)
    if what == 0:
        text[at] = draw.randrange(32, 127)
    elif what == 1:
        text[at] ^= 1 << draw.randrange(8)
    elif what == 2:
        del text[at : at + draw.randint(1, 4)]
    elif what == 3:
        text[at:at] = draw.choice((b"0", b"-", b" ", b"=", b"9", b"\0", b"\n", b"1234567890", b"ack=1 "))
    elif what == 4:
        text = text.replace(b"=", b"=" + draw.choice((b"0", b"-", b"00", b"+", b"9999999999")), 1)
    elif what == 5:
        text = bytearray(b"%d %s" % (draw.choice((0, 65_536, 99_999, 10**9)), text.partition(b" ")[2]))
    elif what == 6:
        text += draw.choice((b" ", b"x ", b"ack=1 "))
    text += b"*%08x\n" % binascii.crc32(text)
    if what == 7:
        text[draw.randrange(len(text))] = draw.randrange(256)
    return bytes(text)
