"""The simulated memories are as slow as real ones, are torn where the power fails, and outlive their process."""

import os
from array import array
from pathlib import Path

import pytest

from mesogun_fw.guard.cells import MARK, MARK_AT
from mesogun_fw.guard.marks import ROW_SIZE, begin
from mesogun_fw.memory import copies
from mesogun_fw.memory.journal import Journal
from mesogun_fw.talk.codes import GOOD, UNCERTAIN
from mesogun_sim.memory import ERASE_US, ERASED, PAGE_BYTES, PAGE_US, SECTOR_BYTES, Flash, Fram, PowerCut

SERIAL = 77
DATA = bytes(range(1, 11))
ROOM = array("B", bytes(30))


def write(fram: Fram, at: int, data: bytes) -> None:
    assert fram.write(at, array("B", data), 0, len(data)) == 1


def read(fram: Fram, at: int, size: int) -> bytes:
    fram.read(at, ROOM, 0, size)
    return bytes(ROOM[:size])


def quiet(_: int) -> None: ...


def begun(journal: Journal) -> None:
    """The guard's order, obeyed."""
    assert begin(journal.cells)
    journal._fram.mark(journal.cells[MARK_AT], journal.cells[MARK])


def make_shots(journal: Journal, shots: int) -> None:
    for shot in range(1, shots + 1):
        journal.prepare(1, 0, shot, 10_000)
        begun(journal)
        journal.done(2_000, 9_000, 0)


def test_a_cut_leaves_the_bytes_before_it_new_and_those_after_it_old() -> None:
    for cut in range(len(DATA) + 1):
        fram = Fram()
        write(fram, 100, b"\xee" * 10)
        fram.cut_after_bytes = cut
        with pytest.raises(PowerCut):
            write(fram, 100, DATA)
        assert read(fram, 100, 10) == DATA[:cut] + b"\xee" * (10 - cut)
        with pytest.raises(PowerCut):
            fram.mark(0, 1)
        assert read(fram, 0, 1) == b"\0"


def test_a_cut_counts_over_several_writes() -> None:
    fram = Fram()
    fram.cut_after_bytes = 12
    write(fram, 0, DATA)
    fram.mark(50, 5)
    with pytest.raises(PowerCut):
        write(fram, 60, DATA)
    assert (read(fram, 50, 1), read(fram, 60, 3)) == (b"\x05", b"\x01\0\0")
    fram.cut_after_bytes = None
    write(fram, 60, DATA)
    assert read(fram, 60, 10) == DATA


def test_the_byte_in_progress_may_become_garbage() -> None:
    fram = Fram()
    fram.cut_after_bytes, fram.torn_byte = 4, 0xAB
    with pytest.raises(PowerCut):
        write(fram, 0, DATA)
    with pytest.raises(PowerCut):
        write(fram, 20, DATA)
    assert read(fram, 0, 30) == DATA[:4] + b"\xab" + bytes(25)


@pytest.mark.parametrize("left", range(len(DATA)))
def test_a_mark_may_come_amid_a_write_which_is_then_written_again(left: int) -> None:
    fram = Fram()
    before = bytes(fram.image)
    fram.amid = (left, lambda: (seen.append(bytes(fram.image)), fram.mark(50, 5)))
    seen: list[bytes] = []
    write(fram, 0, DATA)
    assert seen == [DATA[:left] + before[left:]]
    assert (read(fram, 0, 10), read(fram, 50, 1)) == (DATA, b"\x05")


@pytest.mark.parametrize(("at", "size"), [(-1, 1), (8_192, 1), (8_190, 3)])
def test_nothing_outside_the_memory_is_read_or_written(at: int, size: int) -> None:
    fram = Fram()
    with pytest.raises(ValueError, match="outside the memory"):
        read(fram, at, size)
    with pytest.raises(ValueError, match="outside the memory"):
        write(fram, at, bytes(size))


def test_the_bus_is_busy_for_as_long_as_12_mhz_take() -> None:
    fram = Fram()
    write(fram, 0, DATA)
    assert fram.busy_ns == (1 + 3 + 10 + 3 + 10) * 667, "it is read back"
    read(fram, 0, 10)
    assert fram.busy_ns == (1 + 3 + 10 + 3 + 10 + 3 + 10) * 667


def test_a_shot_keeps_the_bus_busy_for_a_fifth_of_a_tick() -> None:
    fram = Fram()
    journal = Journal(fram)
    journal.format(SERIAL)
    before = fram.busy_ns
    make_shots(journal, 1)
    assert fram.busy_ns - before < 200_000


def test_a_gun_that_outlives_its_process_keeps_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "fram.bin"
    journal = Journal(Fram(path))
    journal.format(SERIAL)
    journal.prepare(1, 0, 1, 10_000)
    journal.prepare(1, 0, 2, 20_000)
    begun(journal)
    journal.done(2_000, 9_000, 0)
    begun(journal)
    journal = Journal(Fram(path))
    assert journal.take_up(SERIAL) == GOOD
    assert list(journal.rows()) == [(2, 1, 0, 2, 20_000, 0, 0, UNCERTAIN), (1, 1, 0, 1, 10_000, 2_000, 9_000, 0)]


def test_a_power_cut_at_any_byte_is_the_same_in_the_file(tmp_path: Path) -> None:
    for cut in range(4 * ROW_SIZE):
        path = tmp_path / f"{cut}.bin"
        fram = Fram(path, size=400)
        journal = Journal(fram)
        journal.format(SERIAL)
        fram.cut_after_bytes, fram.torn_byte = cut, 0x33
        with pytest.raises(PowerCut):
            make_shots(journal, 4)
        assert path.read_bytes() == fram.image
        assert Journal(Fram(path, size=400)).take_up(SERIAL) == GOOD


def test_a_file_that_is_not_this_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fram.bin"
    path.write_bytes(b"too short")
    with pytest.raises(ValueError, match="9 bytes, the memory 8192"):
        Fram(path)
    assert path.read_bytes() == b"too short"


def busy(seed: int, pages: int) -> list[int]:
    durations: list[int] = []
    Flash(durations.append, seed).copy_write(0, bytes(pages * PAGE_BYTES))
    return durations


def test_flash_is_busy_for_an_erase_and_every_page_typical_and_at_its_worst_by_seed() -> None:
    runs = [busy(seed, 2) for seed in range(40)]
    assert all(len(run) == 3 for run in runs)
    for place, (typical_us, worst_us) in enumerate((ERASE_US, PAGE_US, PAGE_US)):
        durations = [run[place] for run in runs]
        assert (min(durations), max(durations)) == (typical_us, worst_us)
        assert len(set(durations)) > 10
    assert runs == [busy(seed, 2) for seed in range(40)]


def test_flash_takes_what_fits_a_sector() -> None:
    flash = Flash(quiet)
    assert flash.copy_read(1) == b""
    flash.copy_write(1, DATA * 400)
    assert flash.copy_read(1) == DATA * 400
    for size in (0, SECTOR_BYTES + 1):
        with pytest.raises(ValueError, match="do not fit a sector"):
            flash.copy_write(1, bytes(size))
    assert flash.copy_read(1) == DATA * 400


@pytest.mark.parametrize("torn", [None, 0x5A])
def test_flash_that_is_cut_is_programmed_up_to_there_and_erased_after_it(torn: int | None) -> None:
    for cut in range(len(DATA) + 1):
        flash = Flash(quiet)
        flash.copy_write(0, b"\xee" * 20)
        flash.cut_after_bytes, flash.torn_byte = cut, torn
        with pytest.raises(PowerCut):
            flash.copy_write(0, DATA)
        after = bytearray([ERASED]) * (len(DATA) - cut)
        if after and torn is not None:
            after[0] = torn
        assert flash.copy_read(0) == DATA[:cut] + after


@pytest.mark.parametrize(("limit_us", "left"), [(PAGE_US[1], DATA), (ERASE_US[1], bytes([ERASED]) * 10)])
def test_power_that_fails_while_flash_is_busy_leaves_it_erased_or_programmed(limit_us: int, left: bytes) -> None:
    def fail(us: int) -> None:
        if us <= limit_us:
            raise PowerCut

    flash = Flash(fail)
    with pytest.raises(PowerCut):
        flash.copy_write(0, DATA)
    assert flash.copy_read(0) == left


@pytest.mark.parametrize("torn", [None, 0x5A])
def test_a_description_in_flash_survives_a_power_cut_at_every_byte_and_the_process(tmp_path: Path, torn: int | None) -> None:
    old, new = (1, 2, 3), (4, 5, 6)
    for cut in range(22 + 1):
        folder = tmp_path / str(cut)
        flash = Flash(quiet, folder=folder)
        copies.write(flash, 1, (0, 0, 0))
        copies.write(flash, 1, old)
        flash.cut_after_bytes, flash.torn_byte = cut, torn
        with pytest.raises(PowerCut):
            copies.write(flash, 1, new)
        values, damaged = copies.read(Flash(quiet, folder=folder), 1, 3)
        assert (values, damaged) == ((new, 0) if cut == 22 else (old, 1))


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flash = Flash(quiet, folder=tmp_path)
    flash.copy_write(0, DATA)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        flash.copy_write(0, bytes(10))
    assert Flash(quiet, folder=tmp_path).copy_read(0) == DATA
