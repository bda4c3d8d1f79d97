"""This object holds the guard's cells: the device's loop asks this of the guard.

What the tick must not see half done is asked with the tick kept away, by one fast function: guard/asked.py.
"""

from mesogun_fw import limits
from mesogun_fw.boards.board import Board
from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.asked import arm, change, give_up
from mesogun_fw.guard.endings import stop
from mesogun_fw.guard.expected import lay, lay_vitals
from mesogun_fw.guard.starting import use
from mesogun_fw.shim import addressof
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk import messages

ANYWHERE_UM = 1 << 20


class Guard:
    """The device owns it. Where everything stands is in `cells`."""

    def __init__(self, board: Board) -> None:
        self.cells = board.inputs
        self._at = addressof(self.cells)
        self._board = board
        self._strokes: list = [None, None]  # type: ignore[type-arg]
        lay_vitals(self.cells, board.description)

    def tick(self, now_ms: int) -> None:
        """One millisecond passes, where nobody is in a hurry: the guard looks and judges, and the board does what is ordered."""
        self._board.tick(now_ms)

    def lay(self, stroke: Stroke, slot: int, dose_tolerance_nm: int) -> None:
        """What a compiled stroke should look like is taken in, for a slot that is not in play."""
        lay(self.cells, slot, stroke, self._board.description, dose_tolerance_nm)

    def use(self, stroke: Stroke, slot: int, mode: int, burst: int, left: int, move: int = cells.SHOTS) -> None:
        """A compiled and audited stroke is taken over. It is called only while OFF."""
        c = self.cells
        c[cells.MOVE] = move
        self._take(stroke, slot)
        use(self._at, slot)
        c[cells.NEXT] = 0
        c[cells.PER_PRESS] = (
            1
            if mode in (messages.SINGLE, messages.RETROGRADE)
            else burst
            if mode == messages.BURST
            else limits.SHOTS_PER_ARMING_MAX
        )
        c[cells.LEFT] = left
        c[cells.CEILING] = limits.SHOTS_PER_ARMING_MAX

    def place(self, slot: int, stop_um: int) -> None:
        """Before the first shot of this arming the depth stop goes its way, in `slot`, to `stop_um`.

        -1 means that it stands there.
        """
        c = self.cells
        c[cells.PLACING] = slot + 1
        c[cells.PLACE_UM] = stop_um
        c[cells.STOP_WANTED_UM] = stop_um
        c[cells.STOP_ERROR_UM] = limits.STOP_ERROR_UM if slot < 0 else ANYWHERE_UM

    def swap(self, stroke: Stroke, slot: int, waiting: int) -> int:
        """A new setting of the armed pass is in use from the next period, or press, on, together with the doses laid for it.

        `waiting` is what the loop has seen waiting: see asked.change, whose answer this is.
        """
        self._take(stroke, slot)
        return self._board.alone(change, slot + 1, waiting)  # type: ignore[no-any-return]

    def stay(self, waiting: int) -> int:
        """No new setting waits: the one in use goes on, with the doses laid for it. The answer is that of asked.change."""
        return self._board.alone(change, 0, waiting)  # type: ignore[no-any-return]

    def redose(self) -> int:
        """The shots that wait get the doses laid for them, and what waits goes on waiting. The answer is that of asked.change."""
        waiting = self.cells[cells.NEXT]
        return self._board.alone(change, waiting, waiting)  # type: ignore[no-any-return]

    def _take(self, stroke: Stroke, slot: int) -> None:
        self._strokes[slot] = stroke
        self.cells[cells.SLOT_DOSE_NL + slot] = stroke.settings.dose_nl

    def arm(self, now_ms: int) -> None:
        """From now on a fresh press starts, unless the guard has latched something meanwhile."""
        self._board.alone(arm, now_ms, 0)

    def stop(self, kind: int, reason: int) -> None:
        """Whatever goes on ends: see guard/endings.py."""
        self._board.alone(stop, kind, reason)

    def give_up(self, reason: int) -> None:
        """Its tick is dead: there is no pulse, no power, no air, and nothing starts again. What was in flight is the loop's."""
        self._board.alone(give_up, reason, 0)

    @property
    def phase(self) -> int:
        return self.cells[cells.PHASE]

    @property
    def kind(self) -> int:
        return self.cells[cells.KIND]

    @property
    def reason(self) -> int:
        return self.cells[cells.REASON]

    @property
    def slot(self) -> int:
        return self.cells[cells.SLOT]

    @property
    def stroke(self) -> Stroke:
        """This stroke is in use."""
        return self._strokes[self.slot]  # type: ignore[no-any-return]

    @property
    def needle_um(self) -> int:
        return self.cells[cells.NEEDLE] - self.cells[cells.ZERO]

    @property
    def travel_nm(self) -> int:
        """The plunger has done this in this shot, by its encoder."""
        c = self.cells
        return (c[cells.PLUNGER_END] if c[cells.DOSED] else c[inputs.PLUNGER_NM] + cells.SHIFT) - c[cells.PLUNGER]
