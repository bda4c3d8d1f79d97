"""The hardware description after any power cut: the old one or the new one, whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.micropython import Run
from rigs.on_micropython.torn_copies import LENGTHS, VERSION, Copies, cut_everywhere, described

from mesogun_fw.memory import copies

FIRST, SECOND, THIRD = (described(generation, 8) for generation in (1, 2, 3))


def written(*descriptions: tuple[int, ...]) -> Copies:
    flash = Copies()
    for values in descriptions:
        copies.write(flash, VERSION, values)
    return flash


@pytest.mark.slow
def test_a_write_torn_at_every_byte_leaves_the_old_one_or_the_new_one_on_both_pythons(micropython: Run) -> None:
    rows = [(before, length, *cut_everywhere(before, length)) for length in LENGTHS for before in range(4)]
    assert all(olds > 20 for before, _, _, olds, _, _ in rows if before)
    assert all(news > 0 for _, _, _, _, news, _ in rows)
    there = micropython("torn_copies")
    assert (there.stdout, there.stderr) == ("".join(" ".join(map(str, row)) + "\n" for row in rows), "")


@given(st.lists(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=5, max_size=5), min_size=1, max_size=6))
def test_the_description_written_last_is_the_one_read(descriptions: list[list[int]]) -> None:
    flash = written(*map(tuple, descriptions))
    assert copies.read(flash, VERSION, 5) == (tuple(descriptions[-1]), 0)


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize("broken", [b"", b"\xff" * 42, b"\0" * 42, b"\x01", bytes(range(255))])
def test_one_bad_copy_does_no_harm_and_is_said(bad: int, broken: bytes) -> None:
    flash = written(FIRST, SECOND)
    flash.held[bad] = broken
    assert copies.read(flash, VERSION, 8) == ((SECOND, FIRST)[bad], 1 if broken else 0)
    copies.write(flash, VERSION, THIRD)
    assert copies.read(flash, VERSION, 8) == (THIRD, 0)


def test_any_byte_changed_in_the_newest_copy_brings_the_one_before() -> None:
    for at in range(len(written(FIRST, SECOND).held[1])):
        for bit in range(8):
            flash = written(FIRST, SECOND)
            data = bytearray(flash.held[1])
            data[at] ^= 1 << bit
            flash.held[1] = bytes(data)
            assert copies.read(flash, VERSION, 8) == (FIRST, 1)


@pytest.mark.parametrize(("held", "why"), [(b"", "never written"), (b"\xff" * 42, "both copies damaged")])
def test_without_a_whole_copy_there_is_no_description(held: bytes, why: str) -> None:
    flash = Copies()
    flash.held = [held, held]
    with pytest.raises(copies.NoDescription, match=f"no hardware description: {why}"):
        copies.read(flash, VERSION, 8)


def test_a_newer_one_of_another_format_is_refused_rather_than_an_outdated_one_used() -> None:
    flash = written(FIRST)
    copies.write(flash, VERSION + 1, (*SECOND, 7))
    with pytest.raises(copies.NoDescription, match="format 4 with 9 values, this firmware reads format 3 with 8"):
        copies.read(flash, VERSION, 8)
    with pytest.raises(copies.NoDescription, match="with 8 values, this firmware reads format 3 with 9"):
        copies.read(written(FIRST), VERSION, 9)


def test_a_flash_that_does_not_hold_what_is_written_is_said_and_the_old_one_stays() -> None:
    flash = written(FIRST)
    honest = flash.copy_write
    flash.copy_write = lambda slot, data: honest(slot, data[:-1] + b"\0")  # type: ignore[method-assign]
    with pytest.raises(copies.WriteFailed, match="copy 1 does not hold"):
        copies.write(flash, VERSION, SECOND)
    assert copies.read(flash, VERSION, 8) == (FIRST, 1)


@pytest.mark.parametrize("values", [(), (1 << 31,), (1, -(1 << 31) - 1), (0,) * 256])
def test_what_does_not_fit_is_refused_and_nothing_is_written(values: tuple[int, ...]) -> None:
    flash = written(FIRST)
    with pytest.raises(ValueError, match="does not fit"):
        copies.write(flash, VERSION, values)
    with pytest.raises(ValueError, match="does not fit"):
        copies.write(flash, 256, SECOND)
    assert flash.held[1] == b""
