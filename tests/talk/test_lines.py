"""What machine code takes and writes is what frames.py would: the exact definition, and the fast way.

Of issue 9 these are rows 2 and 3, "a line out" and "a line in": the loop has no time for frames on the board.
"""

from array import array
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.linesmith import AT, message, mutated, placed
from rigs.micropython import Run
from rigs.search import examples, times

from mesogun_fw import limits
from mesogun_fw.talk import frames, lines, table
from mesogun_fw.talk.messages import ASK, BY_NAME, MESSAGES
from mesogun_fw.talk.widths import wide

DIGITS_TAKEN = 9
RANDOM = st.randoms(use_true_random=False)


def written(seq: int, name: str, values: list[int]) -> bytes:
    line = bytearray(b"~" * (limits.LINE_MAX + 1))
    size = lines.write(table.NUMBER_OF[name], seq, AT, placed(name, values), line, lines.TABLES)
    assert line[size:] == b"~" * (len(line) - size), "nothing is written beyond the line"
    return bytes(line[:size])


def taken(line: bytes) -> tuple[int, str, list[int]] | None:
    values = array("i", bytes(4 * table.VALUES_MAX))
    number = lines.take(bytearray(line) + b"more\n", len(line), values, lines.TABLES)
    return (values[0], MESSAGES[number][0], list(values[1 : len(MESSAGES[number][2]) + 1])) if number >= 0 else None


def to_be_taken(line: bytes) -> tuple[int, str, list[int]] | None:
    """What frames makes of it, if it is a request whose numbers the fast way knows."""
    try:
        seq, name, values = frames.decode(line)
    except frames.BadFrame:
        return None
    known = seq and BY_NAME[name][1] == ASK and all(value < 10**DIGITS_TAKEN for value in values)
    has_wide = any(wide(low, high) for _, low, high in BY_NAME[name][2])
    return (seq, name, values) if known and not has_wide else None


@examples(400)
@given(RANDOM)
def test_every_message_is_written_as_its_definition_writes_it(draw: Random) -> None:
    seq, name, values = message(draw)
    assert written(seq, name, values) == frames.encode(seq, name, values)


@pytest.mark.parametrize("name", [row[0] for row in MESSAGES])
def test_every_message_is_written_with_its_lowest_and_highest_values(name: str) -> None:
    fields = BY_NAME[name][2]
    for end in (1, 2):
        values = [field[end] for field in fields]
        assert written(frames.SEQ_MAX, name, values) == frames.encode(frames.SEQ_MAX, name, values)
    assert lines.longest(name) >= len(frames.encode(frames.SEQ_MAX, name, values))


@pytest.mark.parametrize("value", [0, 9, 10**9 - 1, 10**9, 10**9 + 1, 10**15 + 10, frames.NUMBER_MAX])
def test_a_number_too_large_for_the_board_is_written_in_two_halves(value: int) -> None:
    values = [1, -1, value, -value, value]
    assert written(1, "refused", values) == frames.encode(1, "refused", values)


@pytest.mark.parametrize("name", [row[0] for row in MESSAGES])
def test_a_value_outside_its_row_is_never_sent(name: str) -> None:
    fields = BY_NAME[name][2]
    line = bytearray(limits.LINE_MAX)
    for i, (_, low, high) in enumerate(fields):
        for beyond in (low - 1, high + 1):
            values = [field[1] for field in fields]
            values[i] = beyond
            with pytest.raises(ValueError, match=name):
                placed(name, values)
            if not wide(low, high):  # somebody wrote it into the array all the same
                place = placed(name, [field[1] for field in fields])
                place[AT + i + sum(wide(*field[1:]) for field in fields[:i])] = beyond
                assert lines.write(table.NUMBER_OF[name], 1, AT, place, line, lines.TABLES) == 0
    assert lines.write(0, frames.SEQ_MAX + 1, 0, array("i", [1]), line, lines.TABLES) == 0


@examples(1_000)
@given(RANDOM)
def test_a_line_is_taken_with_the_values_of_its_definition_or_left_to_it(draw: Random) -> None:
    line = frames.encode(*message(draw))
    for one in (line, mutated(draw, line)):
        assert taken(one) == to_be_taken(one), one


@given(st.binary(max_size=limits.LINE_MAX + 10))
def test_garbage_is_left(garbage: bytes) -> None:
    assert taken(garbage) is None
    assert taken(garbage + b"\n") is None


def test_a_line_too_long_is_left() -> None:
    assert taken(frames.seal(1, "beat ack=" + "1" * limits.LINE_MAX)) is None


@pytest.mark.parametrize("name", [row[0] for row in MESSAGES])
def test_the_longest_line_of_a_message_fits_its_buffers(name: str) -> None:
    values = [max(low, high, key=lambda value: len(str(value))) for _, low, high in BY_NAME[name][2]]
    assert len(frames.encode(frames.SEQ_MAX, name, values)) == lines.longest(name) <= limits.LINE_MAX


def test_both_ways_are_the_same_on_micropython(micropython: Run) -> None:
    draw = Random(times(40, nightly=4_000))
    asked, wanted = [], []
    for _ in range(times(2_000)):
        seq, name, values = message(draw)
        line = frames.encode(seq, name, values)
        for one in (line, mutated(draw, line)):
            taken_ = to_be_taken(one)
            asked.append(f"take {one.hex()}")
            wanted.append("left" if taken_ is None else " ".join(map(str, taken_)))
        width = len(values) + sum(wide(low, high) for _, low, high in BY_NAME[name][2])
        figures = placed(name, values)[AT : AT + width]
        asked.append(f"write {table.NUMBER_OF[name]} {seq} {' '.join(map(str, figures))}")
        wanted.append(line.hex())
    there = micropython("fast_lines", stdin="".join(f"{line}\n" for line in asked))
    assert there.stderr == ""
    assert there.stdout.splitlines() == wanted
    assert len(set(wanted)) > len(wanted) // 4
