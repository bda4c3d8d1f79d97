"""What is tested at power-on and whenever asked, without moving anything. A gun that fails stays locked.

Each test is one bit of the answer; the board tests its own parts, the rest is read off the inputs.
"""

from array import array

from mesogun_fw import inputs
from mesogun_fw.board import Board
from mesogun_fw.journal import GOOD, Journal
from mesogun_fw.vitals import supply_min_mv

# Names in the order of their bits. Memory, files, encoders, sounder and lamp are the board's to test.
TESTS = (
    "memory",
    "firmware files",
    "hardware description",
    "journal",
    "needle encoder",
    "plunger encoder",
    "sounder and lamp",
    "trigger pressed at start",
    "skin contact closed at start",
    "e-stop open",
    "supply",
)
DESCRIPTION = 1 << TESTS.index("hardware description")
JOURNAL = 1 << TESTS.index("journal")
# What is wrong with these is put right by a request: it refuses to move or to arm, but does not lock the gun.
LATCHING = (1 << len(TESTS)) - 1 & ~DESCRIPTION & ~JOURNAL
PATTERNS = (0x55, 0xAA, 0x00, 0xFF)


def selftest(board: Board, x: "array[int]", journal: Journal) -> int:
    """Bits of TESTS that failed."""
    failed = board.selftest()
    if not board.described:
        failed |= DESCRIPTION
    if journal.condition != GOOD:
        failed |= JOURNAL
    if x[inputs.TRIGGER_A] or x[inputs.TRIGGER_B]:
        failed |= 1 << TESTS.index("trigger pressed at start")
    if x[inputs.CONTACT_A] and x[inputs.CONTACT_B]:
        failed |= 1 << TESTS.index("skin contact closed at start")
    if x[inputs.ESTOP_OPEN]:
        failed |= 1 << TESTS.index("e-stop open")
    if x[inputs.SUPPLY_MV] < supply_min_mv(board.hardware):
        failed |= 1 << TESTS.index("supply")
    return failed


def memory_holds(cells: bytearray) -> bool:
    """Whether every byte of `cells` keeps what is written to it, whatever its neighbours hold."""
    for pattern in PATTERNS:
        for i in range(len(cells)):
            cells[i] = pattern ^ (i & 0xFF)
        for i in range(len(cells)):
            if cells[i] != pattern ^ (i & 0xFF):
                return False
    return True
