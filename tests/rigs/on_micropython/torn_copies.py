"""Copies torn at every byte, in every way that flash and file systems tear. Runs on either Python, and prints the same."""

import binascii

from mesogun_fw.memory import copies
from mesogun_fw.memory.promises import Flash

VERSION = 3
LENGTHS = (1, 8, 31)
WAYS = ("cut short", "rest as before", "rest erased", "a byte garbled")


class Copies(Flash):
    """Two copies that hold whatever is put in them."""

    def __init__(self):
        self.held = [b"", b""]

    def copy_read(self, slot):
        return self.held[slot]

    def copy_write(self, slot, data):
        self.held[slot] = data


def described(generation, length):
    """A description that differs in every value from the one before."""
    return tuple([(-1 if i % 2 else 1) * ((generation * 0x01010101 + i) & 0x7FFFFFFF) for i in range(length)])


def torn(old, new, size, way):
    """What a write of `new` over `old` leaves after `size` bytes."""
    if way == "cut short":
        return new[:size]
    if way == "rest as before":
        return new[:size] + old[size:]
    if way == "rest erased":
        return new[:size] + b"\xff" * (len(new) - size)
    return new[:size] + b"\x5a" + new[size + 1 :]


def told(flash, length):
    try:
        return copies.read(flash, VERSION, length)
    except copies.NoDescription as refused:
        return refused.what, -1


def cut_everywhere(generations, length):
    """(tearings, old ones told, new ones told, check) when the write after so many generations is torn."""
    flash = Copies()
    for generation in range(1, generations + 1):
        copies.write(flash, VERSION, described(generation, length))
    before = list(flash.held)
    old = described(generations, length) if generations else "never written"
    new = described(generations + 1, length)
    copies.write(flash, VERSION, new)
    slot = 0 if flash.held[0] != before[0] else 1
    whole = flash.held[slot]
    tearings = olds = news = check = 0
    for way in WAYS:
        for size in range(len(whole) + 1):
            flash.held = list(before)
            flash.held[slot] = torn(before[slot], whole, size, way)
            found, damaged = told(flash, length)
            if flash.held[slot] == whole:
                assert (found, damaged) == (new, 0)
                news += 1
            elif not generations:
                assert found == ("both copies damaged" if flash.held[slot] else "never written")
            else:
                assert found == old
                assert damaged == (1 if flash.held[slot] and flash.held[slot] != before[slot] else 0)
                olds += 1
            tearings += 1
            check = binascii.crc32(repr((found, damaged)).encode(), check)
            again = described(generations + 9, length)
            copies.write(flash, VERSION, again)
            assert told(flash, length)[0] == again
    return tearings, olds, news, check


if __name__ == "__main__":
    for length in LENGTHS:
        for generations in range(4):
            print(generations, length, *cut_everywhere(generations, length))
