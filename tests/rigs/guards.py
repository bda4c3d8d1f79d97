"""The guard's cells with everything well, at rest or amid a stroke. A test changes one thing and looks what becomes of it.

Where needle and plunger honestly are amid a stroke is read off its words, by neither firmware nor simulator.
"""

from array import array
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from mesogun_fw.config import Description
from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.expected import lay, lay_vitals
from mesogun_fw.guard.starting import use
from mesogun_fw.stroke.language import Stroke
from rigs.strokes import GUN, Played, Shot, compiled, played

Cells: TypeAlias = "array[int]"

NOW_MS = 10_000
TOLERANCE_NM = 5_000  # of a dose
ROWS = 40  # of the journal
SHOT = Shot()


@cache
def stroke_of(shot: Shot = SHOT) -> Stroke:
    return compiled(shot)


@cache
def pins_of(shot: Shot) -> Played:
    return played(stroke_of(shot))


def figures_of(shot: Shot = SHOT) -> Any:
    return stroke_of(shot).figures


def dose_nm(shot: Shot = SHOT) -> int:
    """What the plunger travels with the smaller dose."""
    steps: int = figures_of(shot).dose.steps
    return steps * GUN.plunger_nm_per_step


def well() -> Cells:
    """Switched on a while ago, everything in order, nothing known of any stroke."""
    c = fresh_at(NOW_MS)
    c[inputs.HOME] = c[inputs.SYRINGE] = 1
    c[inputs.SUPPLY_MV], c[inputs.TEMPERATURE_C] = 24_000, 30
    lay_vitals(c, GUN)
    return c


def fresh_at(now_ms: int) -> Cells:
    """No two times are the same, so that none is taken for another."""
    c = cells.fresh()
    times = {cells.TICK_MS: 0, cells.LOOP_MS: 10, cells.BEAT_MS: 20, cells.BACK_MS: 30, cells.START_MS: 400, cells.LAST_MS: 500}
    for at, ago_ms in times.items():
        c[at] = now_ms - ago_ms
    return c


def armed(shot: Shot = SHOT, other: Shot | None = None, move: int = cells.SHOTS, gun: Description = GUN) -> Cells:
    """Armed for `shot` in slot 0, with ten more to give and enough of everything; `other` lies ready in slot 1."""
    c = well()
    for slot, one in enumerate((shot, other or shot)):
        lay(c, slot, stroke_of(one), gun, TOLERANCE_NM)
        c[cells.SLOT_DOSE_NL + slot] = one.dose_nl
    c[cells.MOVE] = move
    use(c, 0)
    c[cells.PHASE], c[cells.PLACED] = cells.WAIT, 1
    c[cells.LEFT] = c[cells.PER_PRESS] = 10
    c[cells.CEILING], c[cells.BUDGET_NL] = 100, 1_000_000
    c[cells.ROWS], c[cells.WRITABLE], c[cells.PREPARED] = ROWS, 1, 2
    return c


def hold(c: Cells, on_the_skin: bool = True) -> Cells:
    """The trigger is held, and has been for long enough; the gun stands on the skin, or is in the air."""
    for at in (inputs.TRIGGER_A, inputs.TRIGGER_B, cells.HELD):
        c[at] = 1
    for at in (inputs.CONTACT_A, inputs.CONTACT_B, cells.CONTACT):
        c[at] = int(on_the_skin)
    c[cells.LIFTED] = 1 - int(on_the_skin)
    return c


def flying(elapsed_us: int, shot: Shot = SHOT, other: Shot | None = None, move: int = cells.SHOTS) -> Cells:
    """`elapsed_us` into the last shot of a held press, needle and plunger where they should be.

    The shot before was left on its own way home: that is over, and nothing of it holds any more.
    """
    c = hold(armed(shot, other, move), on_the_skin=not move)
    c[cells.PHASE] = cells.RUN
    c[inputs.PLAYING] = c[inputs.LISTS_PLAYED] = c[cells.LISTS] = 1
    c[cells.IN_FLIGHT] = c[cells.HOLD_LEFT] = c[cells.POWER] = 1
    c[cells.VENT], c[cells.NATURAL] = 0, 1
    c[cells.HOLD_UNTIL_MS] = NOW_MS + 60_000
    c[cells.BEGIN] = 1
    return fly(c, elapsed_us, shot)


def fly(c: Cells, elapsed_us: int, shot: Shot = SHOT) -> Cells:
    """The stroke is so far now, and so are needle, plunger and home switch. Nothing of it was judged before."""
    pins = pins_of(shot)
    steps = pins.positions()[: 1 + int(np.searchsorted(pins.needle_us, elapsed_us))]
    um = GUN.needle_nm_per_step // 1000
    c[inputs.ELAPSED_US] = elapsed_us
    c[inputs.PLUNGER_NM] = int(np.searchsorted(pins.plunger_us, elapsed_us)) * GUN.plunger_nm_per_step
    c[cells.DEEPEST] = cells.SHIFT + int(steps.max()) * um
    return stand(c, int(steps[-1]) * um)


def stand(c: Cells, needle_um: int) -> Cells:
    """The needle stands there, and the home switch says so."""
    c[inputs.NEEDLE_UM] = needle_um
    c[cells.NEEDLE] = cells.SHIFT + needle_um
    c[cells.BEFORE] = c[cells.NEEDLE] - 7
    c[inputs.HOME] = int(needle_um < 100)
    return c


def notes_of(c: Cells) -> list[list[int]]:
    """Every note written, the kind first."""
    size = cells.NOTE_SIZE
    return [list(c[cells.NOTES_AT + size * i : cells.NOTES_AT + size * (i + 1)]) for i in range(c[cells.NOTED])]


def kinds(c: Cells) -> list[int]:
    return [note[0] for note in notes_of(c)]
