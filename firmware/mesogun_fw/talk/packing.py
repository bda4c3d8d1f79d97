"""The table of messages is packed into what table.py reads. A board gets the result, and neither this nor the table.

A *template* is a line of one message as it is sent, with a 0 where a number goes, and without what follows the last one.
"""

import binascii
from array import array

from mesogun_fw.talk import messages
from mesogun_fw.talk.widths import wide

# A message has three places: where its template begins, its first range, and what it is, which is one of these.
ANSWER = 0
ASK = 1
AFTER_LAST = 2  # this is none, after the last one
EVENT = 3
_WAYS = {messages.ANSWER: ANSWER, messages.ASK: ASK, messages.EVENT: EVENT}


def packed(rows: tuple) -> tuple:  # type: ignore[type-arg]
    """The table becomes: names of its messages, templates, places, ranges, wide ranges, and the hash both sides compare at hello.

    Places and ranges are bytes of 32-bit integers. Ranges are lowest and highest, of the sequence number first, then of each field;
    one that is wide has its number among the wide ones, from 1 on, as its lowest, and 0 as its highest.
    """
    names, templates = [], b""
    places, ranges = array("i"), array("i")
    wides: list = []  # type: ignore[type-arg]
    for name, way, fields in rows:
        names.append(name)
        for number in (len(templates), len(ranges) // 2, _WAYS[way]):
            places.append(number)
        templates += ("\0 %s\n" % " ".join([name] + [field[0] + "=\0" for field in fields])).encode()
        for number in (0, messages.SEQ_MAX):
            ranges.append(number)
        for _, low, high in fields:
            if wide(low, high):
                if (low, high) not in wides:
                    wides.append((low, high))
                low, high = wides.index((low, high)) + 1, 0
            ranges.append(low)
            ranges.append(high)
    for number in (len(templates), len(ranges) // 2, AFTER_LAST):
        places.append(number)
    return tuple(names), templates, bytes(places), bytes(ranges), tuple(wides), hash_of(rows)


def hash_of(rows: tuple) -> int:  # type: ignore[type-arg]
    crc = messages.PROTO
    for name, way, fields in rows:
        crc = binascii.crc32(("%s %s" % (name, way)).encode(), crc)
        for key, low, high in fields:
            crc = binascii.crc32(("%s %d %d" % (key, low, high)).encode(), crc)
    return crc & 0xFFFFFFFF
