"""The CRC of each line that is given in hexadecimal, each half by machine code of its own call."""

import sys

from mesogun_fw.crc import CRC, REGISTER, crc32
from mesogun_fw.shim import addressof

r = REGISTER
for given in sys.stdin:
    line = bytes.fromhex(given.strip())
    r[CRC] = 0
    crc32(line, 0, len(line) // 2, r)
    crc32(addressof(line), len(line) // 2, len(line), addressof(r))
    print(f"{r[CRC]:08x}")
