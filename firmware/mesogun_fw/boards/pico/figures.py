"""What the player keeps of itself between two ticks: two arrays of integers, by place. Imports nothing of ours but numbers."""

from mesogun_fw.shim import micropython

const = micropython.const

# Its own figures, one array.
PLAYING = const(0)
LIST = const(1)  # what is played: slot * 2 + variant
GRANTED = const(2)  # the list that was granted, + 1
START_US = const(3)
PERIODS = const(4)
TABLE = const(5)  # its address
CELLS = const(6)  # address of cell, onward, taken of each list
AT = const(7)  # the entry that CONTROL loads next ...
SENT = const(8)  # ... and how many words of its list have been sent
SLOTS = const(9)  # a row of each slot
SLOT_SIZE = const(6)
SIZE = const(SLOTS + 2 * SLOT_SIZE)

# A slot's row: addresses of its words, its two lists, its way back, what finds that; and where its relief begins.
WORDS = const(0)
LISTED = const(1)
AWAY = const(3)
TURNS = const(4)
RELIEF = const(5)

# A row of each list. The first four are entries of the table.
FIRST = const(0)
ENTRY = const(1)
LINK = const(2)
LAST = const(3)
LINK_US = const(4)
ENTRY_US = const(5)
LIST_SIZE = const(6)
