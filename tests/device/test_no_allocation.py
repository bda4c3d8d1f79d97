"""Lines come and go without the heap: shown on real MicroPython, which raises MemoryError when the loop tries.

Of issue 9 this is rows 2 and 3: an event out, a beat in, a state and a watch out; turns in which nothing happens.
"""

import pytest
from rigs.micropython import Run

from mesogun_fw.talk import frames

HEAP = "320K"


def test_shots_are_told_and_beats_answered_without_the_heap(micropython: Run, as_on_a_board: str) -> None:
    there = micropython("no_allocation_of_lines", heap=HEAP, path=as_on_a_board)
    assert there.returncode == 0, there.stdout[-800:] + there.stderr
    first, *lines, last = there.stdout.splitlines()
    _, told, allocated = last.split()
    assert int(told) == 1 + 3 * 299
    assert int(allocated) == 0, "turns in which nothing happens"
    names = [frames.decode(f"{line}\n".encode())[1] for line in (first, *lines)]
    assert (names[0], set(names[1:])) == ("welcome", {"shot", "watched"}), "of each turn the last line"


@pytest.mark.parametrize(
    "method",
    ["Wire.request", "Wire.flush", "Wire.answer", "Wire._is_next", "Events.new", "Events.line", "Device.step"],
)
def test_a_single_small_object_in_it_would_be_noticed(micropython: Run, as_on_a_board: str, method: str) -> None:
    there = micropython("no_allocation_of_lines", method, heap=HEAP, path=as_on_a_board)
    assert there.returncode != 0
    assert "heap is locked" in there.stdout + there.stderr
