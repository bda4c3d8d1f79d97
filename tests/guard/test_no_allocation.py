"""Guard and player never touch the heap, nor does a shot on its way through loop and journal.

Shown on real MicroPython, which raises MemoryError when they try.
"""

import shutil
from pathlib import Path

import pytest
from rigs.marks import mostly_slow
from rigs.micropython import FIRMWARE, SCRIPTS, Run

from mesogun_build.fold import folded
from mesogun_fw.talk import frames, reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import BY_NAME

HEAP = "320K"  # a Pico has 192 for Python; objects of this 64-bit build are twice as large, buffers are not
ROOMY = "4M"  # it compiles its sources itself
LIVING = 225_000  # bytes in use after the visit, here
ENDINGS = {
    reasons.RELEASED, reasons.LIFTED, reasons.PRESS_DONE, reasons.DISARMED, reasons.LINK_SILENT, reasons.ESTOP_PRESSED,
    reasons.TRIGGER_DISAGREES, reasons.NEEDLE_OVERRUN, reasons.NEEDLE_ASTRAY, reasons.FREE_FLOW,
}  # fmt: skip


def test_a_visit_with_every_kind_of_ending_is_made_without_the_heap(micropython: Run, as_on_a_board: str) -> None:
    visit = micropython("no_allocation", heap=HEAP, path=as_on_a_board)
    assert visit.returncode == 0, visit.stdout[-800:] + visit.stderr
    *lines, last = visit.stdout.splitlines()
    _, locked, noted, living = last.split()
    assert int(locked) > 20_000, "ticks run with the heap locked"
    assert int(noted) > 100, "and so does what the loop makes of their notes"
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
        "guard.stop",
        "stepper.way_back",
        "NullPlayer.grant",
        "Journal.prepare",
        "Journal.done",
        "shots._report",
    ],
)
def test_a_single_small_object_anywhere_in_it_would_be_noticed(micropython: Run, as_on_a_board: str, method: str) -> None:
    visit = micropython("no_allocation", method, heap=HEAP, path=as_on_a_board)
    assert visit.returncode != 0
    assert "heap is locked" in visit.stdout + visit.stderr


@pytest.mark.parametrize(
    "where", mostly_slow(["shot.follow", "lookout.look_around", "notes.note", "carry.following", "marks.begin"])
)
def test_a_single_small_object_in_a_function_that_is_put_in_would_be_noticed(micropython: Run, tmp_path: Path, where: str) -> None:
    file, function = where.split(".")
    package = shutil.copytree(FIRMWARE / "mesogun_fw", tmp_path / "mesogun_fw")
    path = package / "guard" / f"{file}.py"
    before, head, after = path.read_text().partition(f"def {function}(")
    path.write_text(before + head + after.replace("g = ptr32(g_)\n", "g = ptr32(g_)\n    [0]\n", 1))
    visit = micropython("no_allocation", heap=ROOMY, path=f"{folded(package).parent}:{SCRIPTS}")
    assert visit.returncode != 0
    assert "heap is locked" in visit.stdout + visit.stderr
