"""The CRC in machine code is binascii's, wherever its bytes lie and however often it goes on."""

import binascii
import random

from hypothesis import given
from hypothesis import strategies as st
from rigs.micropython import Run

from mesogun_fw.crc import CRC, REGISTER, crc32
from mesogun_fw.shim import addressof


@given(st.lists(st.binary(max_size=60), max_size=5), st.integers(0, 9))
def test_it_is_the_one_that_everybody_has_also_when_it_goes_on(pieces: list[bytes], before: int) -> None:
    r = REGISTER
    r[CRC] = 0
    for piece in pieces:
        place = bytearray(bytes(before) + piece + b"more")
        crc32(place, before, before + len(piece), addressof(r))
    assert r[CRC] == binascii.crc32(b"".join(pieces))


def test_it_is_the_same_on_micropython(micropython: Run) -> None:
    draw = random.Random(9)
    lines = [draw.randbytes(draw.randrange(200)) for _ in range(100)]
    there = micropython("checksums", stdin="".join(f"{line.hex()}\n" for line in lines))
    assert there.stderr == ""
    assert there.stdout == "".join(f"{binascii.crc32(line):08x}\n" for line in lines)
