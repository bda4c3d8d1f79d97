"""Guard and player never touch the heap: shown on real MicroPython, which raises MemoryError when they try."""

import pytest
from rigs.micropython import Run

from mesogun_fw.talk import frames, reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import BY_NAME

HEAP = "320K"  # a Pico has 192 for Python; objects of this 64-bit build are twice as large, buffers are not
LIVING = 225_000  # bytes in use after the visit, here
ENDINGS = {
    reasons.RELEASED, reasons.LIFTED, reasons.PRESS_DONE, reasons.DISARMED, reasons.LINK_SILENT, reasons.ESTOP_PRESSED,
    reasons.TRIGGER_DISAGREES, reasons.NEEDLE_OVERRUN, reasons.NEEDLE_ASTRAY, reasons.FREE_FLOW,
}  # fmt: skip


def test_a_visit_with_every_kind_of_ending_is_made_without_the_heap(micropython: Run, as_on_a_board: str) -> None:
    visit = micropython("no_allocation", heap=HEAP, path=as_on_a_board)
    assert visit.returncode == 0, visit.stdout[-800:] + visit.stderr
    *lines, last = visit.stdout.splitlines()
    _, locked, _, living = last.split()
    assert int(locked) > 20_000, "ticks run with the heap locked"
    assert int(living) < LIVING
    told = [frames.decode(f"{line}\n".encode()) for line in lines]
    rows = [(name, dict(zip([field[0] for field in BY_NAME[name][2]], values, strict=True))) for _, name, values in told]
    assert {row["reason"] for name, row in rows if name == "ended"} == ENDINGS
    shots = [row for name, row in rows if name == "shot"]
    assert len([row for row in shots if row["flags"] == 0]) > 10
    assert len([row for row in shots if row["flags"] & PARTIAL]) > 5
    assert not [name for name, _ in rows if name == "refused"]


@pytest.mark.parametrize(
    "method",
    [
        "Guard.tick",
        "Board.obey",
        "guard.look_around",
        "guard.follow",
        "landing.note",
        "takeoff.following",
        "takeoff.begin",
        "stepper.way_back",
        "NullPlayer.grant",
    ],
)
def test_a_single_small_object_anywhere_in_it_would_be_noticed(micropython: Run, as_on_a_board: str, method: str) -> None:
    visit = micropython("no_allocation", method, heap=HEAP, path=as_on_a_board)
    assert visit.returncode != 0
    assert "heap is locked" in visit.stdout + visit.stderr
