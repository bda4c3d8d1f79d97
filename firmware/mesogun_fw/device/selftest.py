"""This is tested at power-on, after a fault was cleared, and whenever asked, without moving anything.

A gun that fails one of LATCHING, unless the host asked, stays locked. Each test is one bit of the answer, see codes.TESTS; the
board tests its own parts, the rest is read off description, journal and inputs.
"""

from array import array

from mesogun_fw.boards.board import Board
from mesogun_fw.config import supply_min_mv
from mesogun_fw.guard import inputs
from mesogun_fw.memory.journal import Journal
from mesogun_fw.talk import codes
from mesogun_fw.talk.codes import GOOD

# These lock the gun. What is wrong with the other two, description and journal, is put right by a request: it refuses to move
# or to arm, but does not lock the gun.
LATCHING = (1 << codes.SUPPLY + 1) - 1 & ~(1 << codes.DESCRIPTION) & ~(1 << codes.JOURNAL)


def selftest(board: Board, x: "array[int]", journal: Journal) -> int:
    """One piece of the test is made. These bits of codes.TESTS failed; -1 says that another piece follows."""
    failed = board.selftest()
    if failed < 0:
        return failed
    if not board.described:
        failed |= 1 << codes.DESCRIPTION
    if journal.condition != GOOD:
        failed |= 1 << codes.JOURNAL
    if x[inputs.TRIGGER_A] or x[inputs.TRIGGER_B]:
        failed |= 1 << codes.TRIGGER_PRESSED
    if x[inputs.CONTACT_A] and x[inputs.CONTACT_B]:
        failed |= 1 << codes.CONTACT_CLOSED
    if x[inputs.ESTOP_OPEN]:
        failed |= 1 << codes.ESTOP_OPEN
    # Without a description nobody knows yet what is measured there: by air it is the place of the depth stop.
    if board.described and x[inputs.SUPPLY_MV] < supply_min_mv(board.description):
        failed |= 1 << codes.SUPPLY
    return failed
