"""Decodes the lines it is given, in hexadecimal, and says what became of each. Prints the same on either Python."""

import sys

from mesogun_fw.talk import frames, table

for given in sys.stdin:
    kind, _, text = given.strip().partition(" ")
    if kind == "line":
        try:
            seq, name, values = frames.decode(bytes.fromhex(text))
            again = frames.encode(seq, name, values)
            print(seq, name, values, again.hex() == text)
        except frames.OutOfRange as wrong:
            print("out of range", wrong.seq, wrong.name, wrong.field, wrong.value, wrong.low, wrong.high)
        except frames.BadFrame as bad:
            print("bad", bad.what)
    elif kind == "number":
        try:
            print(frames.number(bytes.fromhex(text).decode()))
        except frames.BadFrame:
            print("no number")
    else:
        print("digest", frames.digest(text.split("/")), table.HASH)
