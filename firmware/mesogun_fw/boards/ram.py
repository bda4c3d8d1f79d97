"""This tests a board's memory; a self-test makes it of a piece that nobody uses."""

PATTERNS = (0x55, 0xAA, 0x00, 0xFF)


def memory_holds(cells: bytearray) -> bool:
    """It says whether every byte of `cells` keeps what is written to it, whatever its neighbours hold."""
    for pattern in PATTERNS:
        for i in range(len(cells)):
            cells[i] = pattern ^ (i & 0xFF)
        for i in range(len(cells)):
            if cells[i] != pattern ^ (i & 0xFF):
                return False
    return True
