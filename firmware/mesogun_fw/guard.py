"""The safety supervisor. Once a tick: inputs in, orders out. Starts and grants strokes; ends them for any reason.

Runs from a hard timer on the board: no allocation, no float, nothing long, machine code over one array of integers. Every
stroke that is played was started or granted here, one period at a time; when this code does not run, the finite list brings
the needle home.
"""

from mesogun_fw import cells as names
from mesogun_fw import limits
from mesogun_fw.board import Board
from mesogun_fw.course import lay
from mesogun_fw.flight import follow, rest
from mesogun_fw.inputs import PLUNGER_NM
from mesogun_fw.landing import BACK, LATCHED, OFF, PLACE, RUN, WAIT, arrived, latched, played_out, stop
from mesogun_fw.lookout import look_around
from mesogun_fw.messages import BURST, DONE, FAULT, RETROGRADE, SINGLE
from mesogun_fw.shim import addressof, micropython, ptr32
from mesogun_fw.stroke import Stroke
from mesogun_fw.takeoff import grant, next_period, placing, press, swap, use, zero
from mesogun_fw.vitals import lay_vitals

const = micropython.const

# Moves that are no shot: only in the air, and not while armed.
SHOTS, HOME_CHECK, GAUGE, PRIME = range(4)

ANYWHERE_UM = 1 << 20

# Of cells.py, inputs.py, messages.py, faults.py and the guard's other files: a fast function reads constants of its own file
# only. A test holds them equal.
_PLAYING = const(10)
_PHASE = const(18)
_TICK_MS = const(19)
_ORDER = const(74)
_NEXT = const(86)
_PLACED = const(91)
_HALT = const(4)
_WAIT = const(1)
_RUN = const(2)
_BACK = const(3)
_LATCHED = const(4)
_PLACE = const(5)
_DISAGREE = const(256)
_PRESSED_STOP = const(512)
_ANOTHER = const(1024)
_PLAYED_OUT = const(100)
_GRANT_DUE = const(101)
_PRESSED = const(102)
_ARRIVED = const(103)
_ARRIVED_BY_ITSELF = const(104)
_HOLD = const(1)
_PAUSE = const(2)
_FAULT = const(3)
_ESTOP = const(4)
_FIRST_PAUSE = const(10)
_LINK_SILENT = const(11)
_FIRST_FAULT = const(20)
_ESTOP_PRESSED = const(20)
_TRIGGER_DISAGREES = const(21)
_SYRINGE_OUT = const(34)
_SYRINGE_MISSING = const(39)


@micropython.viper
def tick(g_, now_ms: int):  # type: ignore[no-untyped-def]
    """One millisecond, by a `now_ms` that counts from boot and never wraps within limits.UPTIME_MAX_MS."""
    g = ptr32(g_)
    g[_TICK_MS] = now_ms
    seen = int(look_around(g_, now_ms))
    if seen >= _DISAGREE:
        # what comes before all else: a list that was entered, the emergency stop, a broken trigger
        if seen & _ANOTHER and (g[_PLAYING] == 1 or g[_PHASE] == _RUN):
            # whatever stops this tick stops the shot that is in flight now, or that nobody saw ending
            next_period(g_)
        if seen & _PRESSED_STOP:
            stop(g_, _ESTOP, _ESTOP_PRESSED)
        if seen & _DISAGREE:
            stop(g_, _FAULT, _TRIGGER_DISAGREES)
        seen &= _DISAGREE - 1
    phase = g[_PHASE]
    answer = 0
    if seen and (phase == _RUN or phase == _WAIT or phase == _PLACE):
        if seen == _SYRINGE_OUT and phase == _WAIT:
            stop(g_, _PAUSE, _SYRINGE_MISSING)
        else:
            stop(g_, _PAUSE if seen == _LINK_SILENT else _FAULT, seen)
        phase = g[_PHASE]
        if phase != _BACK:
            return
    if phase == _RUN or phase == _BACK:
        answer = int(follow(g_))
    elif phase == _WAIT:
        if not g[_PLACED]:
            g[_PLACED] = 1
            zero(g_)
        if g[_NEXT]:
            swap(g_)
        answer = int(rest(g_))
    elif phase == _PLACE:
        answer = int(placing(g_))
    elif phase == _LATCHED:
        latched(g_)
    if not answer:
        return
    if answer == _GRANT_DUE:
        grant(g_)
    elif answer == _PRESSED:
        press(g_)
    elif answer == _PLAYED_OUT:
        played_out(g_)
    elif answer == _ARRIVED:
        arrived(g_)
    elif answer == _ARRIVED_BY_ITSELF:
        g[_ORDER] = _HALT
        arrived(g_)
    else:
        stop(g_, _HOLD if answer < _FIRST_PAUSE else _PAUSE if answer < _FIRST_FAULT else _FAULT, answer)


class Guard:
    """Owned by the device: what its loop asks of the guard, with the tick kept away. Where everything stands is in `cells`."""

    def __init__(self, board: Board) -> None:
        self.cells = board.inputs
        self._at = addressof(self.cells)
        self._board = board
        self._strokes: list = [None, None]  # type: ignore[type-arg]
        lay_vitals(self.cells, board.hardware)

    def tick(self, now_ms: int) -> None:
        """One millisecond, where nobody is in a hurry: look, judge, and let the board do what is ordered."""
        tick(self._at, now_ms)
        self._board.obey()

    def lay(self, stroke: Stroke, slot: int, dose_tolerance_nm: int) -> None:
        """Take in what a compiled stroke should look like, for a slot that is not in play."""
        lay(self.cells, slot, stroke, self._board.hardware, dose_tolerance_nm)

    def use(self, stroke: Stroke, slot: int, mode: int, burst: int, left: int, move: int = SHOTS) -> None:
        """Take over a compiled and audited stroke. Only while OFF."""
        c = self.cells
        c[names.MOVE] = move
        self._take(stroke, slot)
        use(self._at, slot)
        c[names.NEXT] = 0
        c[names.PER_PRESS] = 1 if mode in (SINGLE, RETROGRADE) else burst if mode == BURST else limits.SHOTS_PER_ARMING_MAX
        c[names.LEFT] = left
        c[names.CEILING] = limits.SHOTS_PER_ARMING_MAX

    def place(self, slot: int, stop_um: int) -> None:
        """Before the first shot of this arming the depth stop goes its way, in `slot`, to `stop_um`. -1: it stands there."""
        c = self.cells
        c[names.PLACING] = slot + 1
        c[names.PLACE_UM] = stop_um
        c[names.STOP_WANTED_UM] = stop_um
        c[names.STOP_ERROR_UM] = limits.STOP_ERROR_UM if slot < 0 else ANYWHERE_UM

    def swap(self, stroke: Stroke, slot: int) -> None:
        """A new setting of the armed pass: in use from the next period, or press, on."""
        self._take(stroke, slot)
        self.cells[names.NEXT] = slot + 1

    def stay(self) -> None:
        """No new setting: the one in use goes on."""
        self.cells[names.NEXT] = 0

    def _take(self, stroke: Stroke, slot: int) -> None:
        self._strokes[slot] = stroke
        self.cells[names.SLOT_DOSE_NL + slot] = stroke.settings.dose_nl

    def arm(self, now_ms: int) -> None:
        """From now on a fresh press with skin contact (a move that is no shot: in the air) starts."""
        c = self.cells
        c[names.FRESH] = 0
        c[names.PLUNGER] = c[PLUNGER_NM] + names.SHIFT
        c[names.DOSED] = c[names.JUDGED] = c[names.SWITCH_OPEN] = 0
        c[names.PLACED] = 0 if c[names.MOVE] == HOME_CHECK else 1
        c[names.OPEN_MS] = c[names.LAST_MS] = c[names.LOOP_MS] = c[names.BEAT_MS] = now_ms
        c[names.KIND] = DONE
        c[names.REASON] = c[names.LIMPING] = 0
        c[names.PHASE] = WAIT

    def stop(self, kind: int, reason: int) -> None:
        """End whatever goes on: see landing.py."""
        stop(self._at, kind, reason)
        self._board.obey()

    def give_up(self, reason: int) -> None:
        """Its tick is dead: no pulse, no power, and nothing starts again. What was in flight is left to the loop."""
        c = self.cells
        self._board.player.halt()
        self._board.enable(False)
        c[names.POWER] = c[names.POWERED] = 0
        c[names.KIND] = FAULT
        c[names.REASON] = reason
        c[names.PHASE] = LATCHED

    @property
    def phase(self) -> int:
        return self.cells[names.PHASE]

    @property
    def kind(self) -> int:
        return self.cells[names.KIND]

    @property
    def reason(self) -> int:
        return self.cells[names.REASON]

    @property
    def slot(self) -> int:
        return self.cells[names.SLOT]

    @property
    def stroke(self) -> Stroke:
        """The one in use."""
        return self._strokes[self.slot]  # type: ignore[no-any-return]

    @property
    def needle_um(self) -> int:
        return self.cells[names.NEEDLE] - self.cells[names.ZERO]

    @property
    def travel_nm(self) -> int:
        """What the plunger has done in this shot, by its encoder."""
        c = self.cells
        return (c[names.PLUNGER_END] if c[names.DOSED] else c[PLUNGER_NM] + names.SHIFT) - c[names.PLUNGER]


__all__ = ["BACK", "GAUGE", "HOME_CHECK", "LATCHED", "OFF", "PLACE", "PRIME", "RUN", "SHOTS", "WAIT", "Guard", "tick"]
