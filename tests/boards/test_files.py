"""What the board keeps on its flash: firmware that is what was flashed, to the bit, and the two copies of the description."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mesogun_build.bundle import VERSIONS, Bundle
from mesogun_fw.boards.pico import files
from mesogun_fw.boards.pico.files import Copies, files_hold
from mesogun_fw.config import Description
from mesogun_fw.memory import copies, description

PIECE_BYTES = 4_096  # a Pico reads and digests so many in 15 ms


def holds(slot: str = VERSIONS[0]) -> bool:
    said = list(files_hold(slot))
    assert all(said[:-1]), "at the first piece that is not well it says so, and ends"
    return bool(said[-1])


def test_what_was_flashed_holds_and_the_other_slot_does_not(root: Path) -> None:
    assert holds()
    assert not holds(VERSIONS[1])


def test_one_flipped_bit_in_any_file_is_found(root: Path, small: Bundle) -> None:
    for file in (small.main, *small.files):
        path = Path(f"{root}{file.path}")
        for at in {0, len(file.data) // 2, len(file.data) - 2}:
            damaged = bytearray(file.data)
            damaged[at] ^= 4
            path.write_bytes(damaged)
            assert not holds(), (file.path, at)
        path.write_bytes(file.data)
    assert holds()


def test_a_missing_a_shorter_and_a_longer_file_are_found(root: Path, small: Bundle) -> None:
    file = small.files[1]
    path = Path(f"{root}{file.path}")
    for data in (file.data[:-1], file.data + b"\0", b""):
        path.write_bytes(data)
        assert not holds()
    path.unlink()
    assert not holds()


def test_a_manifest_cut_short_anywhere_is_refused(root: Path, small: Bundle) -> None:
    manifest = small.files[-1]
    path = Path(f"{root}{manifest.path}")
    for size in range(0, len(manifest.data) - 1, 7):
        path.write_bytes(manifest.data[:size])
        assert not holds(), size
    path.write_bytes(b"\xff\xfe" + manifest.data)
    assert not holds()
    path.unlink()
    assert not holds()


def test_the_files_are_read_in_pieces_that_a_turn_has_time_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    class File:
        def __init__(self, path: str) -> None:
            self._file: Any = open(f"{root}{path}", "rb")  # noqa: SIM115 (whoever asked for it closes it)

        def __enter__(self) -> "File":
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._file)

        def readinto(self, block: bytearray) -> int:
            read.append(len(block))
            return int(self._file.readinto(block))

    monkeypatch.setattr(files, "open", lambda path, mode: File(path))
    pieces, said = [], []
    for held in files_hold(VERSIONS[0]):
        said.append(held)
        pieces.append(sum(read))
        read.clear()
    assert all(said)
    assert len(pieces) > 3
    assert max(pieces) <= PIECE_BYTES


def test_a_slot_that_was_never_written_is_empty_and_each_keeps_its_own(root: Path) -> None:
    flash = Copies(lambda on: None)
    assert (flash.copy_read(0), flash.copy_read(1)) == (b"", b"")
    flash.copy_write(0, b"one")
    flash.copy_write(1, b"two")
    flash.copy_write(0, b"three")
    assert (flash.copy_read(0), flash.copy_read(1)) == (b"three", b"two")


def test_a_description_comes_back_and_a_damaged_one_gives_way_to_the_one_before(root: Path) -> None:
    flash = Copies(lambda on: None)
    with pytest.raises(copies.NoDescription, match="never written"):
        description.stored(flash)
    figures = list(Description().figures())
    description.store(flash, Description(tuple(figures)))
    figures[1] -= 1_000
    description.store(flash, Description(tuple(figures)))
    assert list(description.stored(flash).figures()) == figures
    newer = max(range(2), key=lambda slot: flash.copy_read(slot)[0])
    damaged = bytearray(flash.copy_read(newer))
    damaged[9] ^= 1
    flash.copy_write(newer, bytes(damaged))
    assert description.stored(flash).figures() == Description().figures()


def test_the_watchdog_is_asked_for_patience_around_a_write_and_nothing_else(root: Path) -> None:
    asked: list[object] = []
    flash = Copies(lambda on: asked.append((on, flash.copy_read(0))))
    flash.copy_read(1)
    assert asked == []
    flash.copy_write(0, b"one")
    assert asked == [(True, b""), (False, b"one")]
