"""The table of messages as a gun keeps it: bytes, of which a row is made when somebody asks for one.

As names and numbers it would take 12 KB of a board's memory. So a board gets it packed (mesogun_build.ready), and messages.py and
packing.py stay with whoever has built the board's files. A message has the place of its row in the table as its number.
"""

from array import array

from mesogun_fw.talk import packing
from mesogun_fw.talk.messages import MESSAGES
from mesogun_fw.talk.packing import packed

PLACES_SIZE = 3
NAMES, TEMPLATES, _PLACES, _RANGES, _WIDES, HASH = packed(MESSAGES)
PLACES = array("i", _PLACES)
RANGES = array("i", _RANGES)
del _PLACES, _RANGES
NUMBER_OF = {name: number for number, name in enumerate(NAMES)}
VALUES_MAX = 19  # a message has no more values, wide ones counted twice


def is_request(name: str) -> bool:
    """It says whether the host asks this."""
    return bool(PLACES[PLACES_SIZE * NUMBER_OF[name] + 2] == packing.ASK)


def fields(name: str) -> list:  # type: ignore[type-arg]
    """The fields of a message are (name, lowest, highest), in their order. It raises KeyError when there is no such message."""
    at = PLACES_SIZE * NUMBER_OF[name]
    found = []
    ranged = 2 * PLACES[at + 1]
    for key in TEMPLATES[PLACES[at] : PLACES[at + PLACES_SIZE] - 1].decode().split(" ")[2:]:
        ranged += 2
        low, high = RANGES[ranged], RANGES[ranged + 1]
        if high < low:
            low, high = _WIDES[low - 1]
        found.append((key[:-2], low, high))
    return found
