"""The safety supervisor. Once a tick: inputs in, orders out. Starts and grants strokes; ends them for any reason.

Runs from a hard timer on the board: no allocation, no float, nothing long, machine code over one array of integers. Every
stroke that is played was started or granted here, one period at a time; when this code does not run, the finite list brings
the needle home.
"""

from mesogun_fw import cells, faults, flight, inputs, limits, lookout, messages
from mesogun_fw.board import Board
from mesogun_fw.course import lay
from mesogun_fw.flight import follow, rest
from mesogun_fw.landing import arrived, latched, played_out, stop
from mesogun_fw.lookout import look_around
from mesogun_fw.shim import addressof, micropython, ptr32
from mesogun_fw.stroke import Stroke
from mesogun_fw.takeoff import grant, next_period, placing, press, swap, use, zero
from mesogun_fw.vitals import lay_vitals

const = micropython.const

ANYWHERE_UM = 1 << 20


@micropython.viper
def tick(g_, now_ms: int):  # type: ignore[no-untyped-def]
    """One millisecond, by a `now_ms` that counts from boot and never wraps within limits.UPTIME_MAX_MS."""
    g = ptr32(g_)
    g[cells.TICK_MS] = now_ms
    seen = int(look_around(g_, now_ms))
    if seen >= lookout.DISAGREE:
        # what comes before all else: a list that was entered, the emergency stop, a broken trigger
        if seen & lookout.ANOTHER and (g[inputs.PLAYING] == 1 or g[cells.PHASE] == cells.RUN):
            # whatever stops this tick stops the shot that is in flight now, or that nobody saw ending
            next_period(g_)
        if seen & lookout.PRESSED_STOP:
            stop(g_, messages.ESTOP, faults.ESTOP_PRESSED)
        if seen & lookout.DISAGREE:
            stop(g_, messages.FAULT, faults.TRIGGER_DISAGREES)
        seen &= lookout.DISAGREE - 1
    phase = g[cells.PHASE]
    answer = 0
    if seen and (phase == cells.RUN or phase == cells.WAIT or phase == cells.PLACE):
        if seen == faults.SYRINGE_OUT and phase == cells.WAIT:
            stop(g_, messages.PAUSE, faults.SYRINGE_MISSING)
        else:
            stop(g_, messages.PAUSE if seen == faults.LINK_SILENT else messages.FAULT, seen)
        phase = g[cells.PHASE]
        if phase != cells.BACK:
            return
    if phase == cells.RUN or phase == cells.BACK:
        answer = int(follow(g_))
    elif phase == cells.WAIT:
        if not g[cells.PLACED]:
            g[cells.PLACED] = 1
            zero(g_)
        if g[cells.NEXT]:
            swap(g_)
        answer = int(rest(g_))
    elif phase == cells.PLACE:
        answer = int(placing(g_))
    elif phase == cells.LATCHED:
        latched(g_)
    if not answer:
        return
    if answer == flight.GRANT_DUE:
        grant(g_)
    elif answer == flight.PRESSED:
        press(g_)
    elif answer == flight.PLAYED_OUT:
        played_out(g_)
    elif answer == flight.ARRIVED:
        arrived(g_)
    elif answer == flight.ARRIVED_BY_ITSELF:
        g[cells.ORDER] = cells.HALT
        arrived(g_)
    else:
        stop(
            g_,
            messages.HOLD if answer < faults.FIRST_PAUSE else messages.PAUSE if answer < faults.FIRST_FAULT else messages.FAULT,
            answer,
        )


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

    def use(self, stroke: Stroke, slot: int, mode: int, burst: int, left: int, move: int = cells.SHOTS) -> None:
        """Take over a compiled and audited stroke. Only while OFF."""
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
        """Before the first shot of this arming the depth stop goes its way, in `slot`, to `stop_um`. -1: it stands there."""
        c = self.cells
        c[cells.PLACING] = slot + 1
        c[cells.PLACE_UM] = stop_um
        c[cells.STOP_WANTED_UM] = stop_um
        c[cells.STOP_ERROR_UM] = limits.STOP_ERROR_UM if slot < 0 else ANYWHERE_UM

    def swap(self, stroke: Stroke, slot: int) -> None:
        """A new setting of the armed pass: in use from the next period, or press, on."""
        self._take(stroke, slot)
        self.cells[cells.NEXT] = slot + 1

    def stay(self) -> None:
        """No new setting: the one in use goes on."""
        self.cells[cells.NEXT] = 0

    def _take(self, stroke: Stroke, slot: int) -> None:
        self._strokes[slot] = stroke
        self.cells[cells.SLOT_DOSE_NL + slot] = stroke.settings.dose_nl

    def arm(self, now_ms: int) -> None:
        """From now on a fresh press with skin contact (a move that is no shot: in the air) starts."""
        c = self.cells
        c[cells.FRESH] = 0
        c[cells.PLUNGER] = c[inputs.PLUNGER_NM] + cells.SHIFT
        c[cells.DOSED] = c[cells.JUDGED] = c[cells.SWITCH_OPEN] = 0
        c[cells.PLACED] = 0 if c[cells.MOVE] == cells.HOME_CHECK else 1
        c[cells.OPEN_MS] = c[cells.LAST_MS] = c[cells.LOOP_MS] = c[cells.BEAT_MS] = now_ms
        c[cells.KIND] = messages.DONE
        c[cells.REASON] = c[cells.LIMPING] = 0
        c[cells.PHASE] = cells.WAIT

    def stop(self, kind: int, reason: int) -> None:
        """End whatever goes on: see landing.py."""
        stop(self._at, kind, reason)
        self._board.obey()

    def give_up(self, reason: int) -> None:
        """Its tick is dead: no pulse, no power, and nothing starts again. What was in flight is left to the loop."""
        c = self.cells
        self._board.player.halt()
        self._board.enable(False)
        c[cells.POWER] = c[cells.POWERED] = 0
        c[cells.KIND] = messages.FAULT
        c[cells.REASON] = reason
        c[cells.PHASE] = cells.LATCHED

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
        """The one in use."""
        return self._strokes[self.slot]  # type: ignore[no-any-return]

    @property
    def needle_um(self) -> int:
        return self.cells[cells.NEEDLE] - self.cells[cells.ZERO]

    @property
    def travel_nm(self) -> int:
        """What the plunger has done in this shot, by its encoder."""
        c = self.cells
        return (c[cells.PLUNGER_END] if c[cells.DOSED] else c[inputs.PLUNGER_NM] + cells.SHIFT) - c[cells.PLUNGER]
