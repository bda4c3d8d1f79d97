"""Lines are taken and written by machine code: each line of this input is one of them, in hexadecimal, or values to be written.

`take HEX` says message, sequence number and values, or `left`; `write MESSAGE SEQ VALUES` says the line. All use one buffer.
"""

import sys
from array import array

from mesogun_fw.talk import lines, table
from mesogun_fw.talk.messages import MESSAGES

line = bytearray(1_000)
values = array("i", bytes(4 * table.VALUES_MAX))
for given in sys.stdin:
    what, *rest = given.split()
    if what == "take":
        size = len(rest[0]) // 2 if rest else 0
        line[:size] = bytes.fromhex(rest[0]) if rest else b""
        message = lines.take(line, size, values, lines.TABLES)
        if message < 0:
            print("left")
        else:
            name, _, fields = MESSAGES[message]
            print(values[0], name, list(values[1 : len(fields) + 1]))
    else:
        message, seq, *figures = [int(word) for word in rest]
        for i, figure in enumerate(figures):
            values[i] = figure
        size = lines.write(message, seq, 0, values, line, lines.TABLES)
        print(bytes(line[:size]).hex())
