"""A board that is in no hurry does in Python, over what it promises, what a board with a timer does in its tick."""

from array import array

from mesogun_fw.boards.board import Board
from mesogun_fw.guard import cells, marks
from mesogun_fw.guard.tick import tick
from mesogun_fw.memory import promises
from mesogun_fw.memory.promises import Fram
from mesogun_fw.shim import addressof, micropython, whole


class Unhurried(Board):
    def tick(self, now_ms: int) -> None:
        tick_of(addressof(self.inputs), now_ms)
        self.obey()

    def alone(self, act, a: int, b: int):  # type: ignore[no-untyped-def]
        answer = act(addressof(self.inputs), a, b)
        if self.inputs[cells.REWRITE_UNTIL]:
            rewrite(self.fram, self.inputs)
        self.obey()
        return answer

    def obey(self) -> None:
        c = self.inputs
        if c[cells.MARK_AT]:
            self.fram.mark(c[cells.MARK_AT], c[cells.MARK])
            c[cells.MARK_AT] = 0
        if c[cells.VENT] != c[cells.VENTED]:
            c[cells.VENTED] = c[cells.VENT]
            self.vent(c[cells.VENT] != 0)
        if c[cells.POWER] != c[cells.POWERED]:
            c[cells.POWERED] = c[cells.POWER]
            self.enable(c[cells.POWER] != 0)
        order, slot, figure = c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]
        c[cells.ORDER] = 0
        if order == cells.START:
            self.player.start(slot, figure)
        elif order == cells.GRANT:
            self.player.grant(slot, figure)
        elif order == cells.REVOKE:
            self.player.revoke()
        elif order == cells.HALT:
            self.player.halt()
        elif order == cells.ABORT:
            self.player.abort(slot, figure)
        elif order == cells.RELIEVE:
            self.player.relieve(slot, figure)


def rewrite(fram: Fram, c: "array[int]") -> None:
    """Rows that wait get the dose laid for them in the guard's cells, see guard/asked.py: the tick is kept away meanwhile.

    Each is read back. When one does not hold it, no shot may begin any more.
    """
    for i in range(c[cells.REWRITE_FROM], c[cells.REWRITE_UNTIL]):
        at = marks.ROWS_AT + (c[cells.REWRITE_ROW] + i) % c[cells.ROWS] * marks.ROW_SIZE + promises.DOSE_AT
        laid = array("B", bytes(promises.DOSE_SIZE))
        for j in range(promises.DOSE_SIZE):
            laid[j] = c[cells.REWRITES_AT + 4 * i + j // 2] >> 8 * (j % 2) & 255
        if not fram.write(at, laid, 0, promises.DOSE_SIZE):
            c[cells.WRITABLE] = 0
    c[cells.REWRITE_UNTIL] = 0


@whole
@micropython.viper
def tick_of(g_, now_ms: int):  # type: ignore[no-untyped-def]
    """It is the guard's tick, of one piece as a board's is."""
    tick(g_, now_ms)
