"""The player keeps this of itself between two ticks: two arrays of integers, by place. Of ours it imports only shim."""

from mesogun_fw.shim import micropython

const = micropython.const

# Its own figures are one array.
PLAYING = const(0)
LIST = const(1)  # this is played: slot * 2 + variant
GRANTED = const(2)  # this list, + 1, was granted
START_US = const(3)
LISTS_PLAYED = const(4)
TABLE = const(5)  # the table has this address
CELLS = const(6)  # cell, onward, taken of each list have this address
AT = const(7)  # CONTROL loads this entry next ...
SENT = const(8)  # ... and so many words of its list have been sent
SLOTS = const(9)  # each slot has a row from here on
SLOT_SIZE = const(6)
SIZE = const(SLOTS + 2 * SLOT_SIZE)

# A slot's row has the addresses of its words, its two lists, its way back, what finds that; and where its relief begins.
WORDS = const(0)
LISTED = const(1)
AWAY = const(3)
TURNS = const(4)
RELIEF = const(5)

# Each list has a row. The first four are entries of the table.
FIRST = const(0)
ENTRY = const(1)
LEAVE = const(2)
LAST = const(3)
LEAVE_US = const(4)
ENTRY_US = const(5)
LIST_SIZE = const(6)
