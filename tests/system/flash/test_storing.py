"""New firmware on a real MicroPython behind its raw REPL: whatever fails, one whole version is there and starts."""

from pathlib import Path

import pytest
from rigs.rawrepl import Board
from rigs.smallfirmware import AS_MANY_FILES, DEVICE, NEW, OLD, WHOLE, flashed, ignore, on_piece, what_starts, write_firmware

from mesogun.gun.flash import repl
from mesogun.gun.flash.flashing import flash, prepare
from mesogun.gun.flash.repl import Repl
from mesogun.refusal import LinkLost, Refused
from mesogun_build.bundle import bundle, firmware
from mesogun_fw import VERSION


def test_a_board_without_firmware_gets_one_and_starts_it(packages: dict[int, Path], tmp_path: Path) -> None:
    board = Board(tmp_path)
    with board.plugged_in() as port:
        flashed(port, packages[NEW])
    assert what_starts(board) == NEW


@pytest.mark.slow
def test_a_new_version_starts_and_the_one_before_is_kept(board: Board, packages: dict[int, Path]) -> None:
    board.ask('with open("/config", "w") as file:\n    file.write("mine")')
    with board.plugged_in() as port:
        flashed(port, packages[NEW])
    assert what_starts(board) == NEW
    assert board.ask('print(open("/config").read())') == "mine"
    board.ask('import os\nos.rename("/main.old", "/main.py")')
    assert what_starts(board) == OLD


@pytest.mark.slow
def test_a_third_version_takes_the_place_of_the_first(board: Board, packages: dict[int, Path]) -> None:
    for version in (NEW, OLD, NEW):
        with board.plugged_in() as port:
            flashed(port, packages[version])
        assert what_starts(board) == version
    assert "main.new" not in board.ask("import os\nprint(os.listdir('/'))")


def test_versions_stored_as_many_files_are_replaced_whole_one_after_the_other(packages: dict[int, Path], tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.ask(AS_MANY_FILES.format(slot="/mesogun-a", other="/mesogun-b"))
    for version, slot in ((NEW, "/mesogun-b"), (OLD, "/mesogun-a")):
        with board.plugged_in() as port:
            flashed(port, packages[version])
        assert what_starts(board) == version
        assert board.ask(f"import os\nprint(os.listdir({slot!r}))") == "['container.mpy', 'firmware', 'manifest']"


@pytest.mark.slow
def test_whenever_the_power_goes_a_whole_version_starts_and_the_next_flash_succeeds(
    with_old: Board, packages: dict[int, Path], tmp_path: Path
) -> None:
    with with_old.copy(tmp_path / "whole").plugged_in() as port, Repl(port) as raw:
        flash(prepare(raw, packages[NEW]), ignore)
        writes = -int(raw.run("print(flash.left)"))
    found = []
    torn = [(cut_at, False) for cut_at in (*range(1, writes - 5, writes // 6), *range(writes - 5, writes + 1))]
    for cut_at, stored in (*torn, (writes, True)):
        board = with_old.copy(tmp_path / f"{cut_at} {stored}")
        with board.plugged_in(cut_at=cut_at, stored=stored) as port, pytest.raises(LinkLost) as lost:
            flashed(port, packages[NEW])
        found.append(what_starts(board))
        promise = {OLD: "it starts", NEW: "both are whole"}[found[-1]]
        assert promise in str(lost.value).replace("It", "it")
    assert found == [OLD] * len(torn) + [NEW], "until the last write, and not before, it is the old one"
    with board.plugged_in() as port:
        flashed(port, packages[NEW])
    assert what_starts(board) == NEW


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/container.mpy", "/firmware", "manifest", "main.new"])
def test_a_bit_stored_wrong_is_found_on_the_board_and_nothing_changes(path: str, board: Board, packages: dict[int, Path]) -> None:
    with board.plugged_in(flip=path) as port, pytest.raises(Refused, match="stored something else"):
        flashed(port, packages[NEW])
    assert what_starts(board) == OLD
    assert board.ask("import os\nprint(os.listdir('/'))") == "['main.py', 'mesogun-a']"
    with board.plugged_in() as port:
        flashed(port, packages[NEW])
    assert what_starts(board) == NEW


@pytest.mark.parametrize("had", [OLD, None])
def test_a_main_that_reads_back_wrong_after_the_switch_is_switched_back(
    had: int | None, with_old: Board, packages: dict[int, Path], tmp_path: Path
) -> None:
    board = with_old.copy(tmp_path) if had else Board(tmp_path)
    lie = 'real = digest\ndef digest(path):\n    return "00" if path == "/main.py" else real(path)'
    with board.plugged_in() as port, Repl(port) as raw, pytest.raises(Refused, match="stored something else"):
        flash(prepare(raw, packages[NEW]), on_piece(1, lambda: raw.run(lie)))
    if had:
        assert what_starts(board) == OLD
    else:
        assert board.ask("import os\nprint(os.listdir('/'))") == "[]"


@pytest.mark.slow
def test_a_file_system_that_fills_up_half_way_gets_its_space_back(board: Board, packages: dict[int, Path]) -> None:
    ballast = """
try:
    for i in range(1_000):
        with open("/ballast%d" % i, "wb") as one:
            one.write(bytes(4096))
except OSError:
    pass
"""
    with board.plugged_in() as port, Repl(port) as raw:
        with pytest.raises(Refused, match="full"):
            flash(prepare(raw, packages[NEW]), on_piece(3, lambda: raw.run(ballast)))
        assert "mesogun-b" not in raw.run("print(os.listdir('/'))")
    assert what_starts(board) == OLD
    board.ask('import os\nfor name in os.listdir("/"):\n    if name.startswith("ballast"):\n        os.remove(name)')
    with board.plugged_in() as port:
        flashed(port, packages[NEW])
    assert what_starts(board) == NEW


def test_the_space_of_the_version_to_be_replaced_counts_as_free(board: Board, packages: dict[int, Path]) -> None:
    with board.plugged_in() as port, Repl(port) as raw:
        flash(prepare(raw, packages[NEW]), ignore)
    with board.plugged_in() as port, Repl(port) as raw:
        free_bytes = prepare(raw, packages[OLD]).before.free_bytes
        counted = 3 + 1 + 2 + 4  # three files, of which one is larger than a block, their folder, and some to work with
        assert free_bytes == 4096 * (int(raw.run("print(os.statvfs('/')[3])")) + counted)


@pytest.mark.slow
def test_where_two_versions_have_room_a_third_and_a_fourth_have_it_too(packages: dict[int, Path], tmp_path: Path) -> None:
    """As on a Pico W, which has little room: the smallest board that takes a second version."""
    for sectors in range(16, 40):
        board = Board(tmp_path / str(sectors), sectors)
        try:
            for version in (OLD, NEW):
                with board.plugged_in() as port:
                    flashed(port, packages[version])
        except Refused:
            continue
        break
    for version in (OLD, NEW, OLD):
        with board.plugged_in() as port:
            flashed(port, packages[version])
        assert what_starts(board) == version


@pytest.mark.long
@pytest.mark.slow
def test_this_firmware_is_stored_and_imported_by_real_micropython(tmp_path: Path) -> None:
    board = Board(tmp_path, sectors=352)  # as large as a Pico's
    with board.plugged_in() as port:
        flashed(port, firmware())
    version, files = map(int, board.ask(WHOLE).split())
    assert version == VERSION
    assert files == len(bundle(firmware(), "x64", 63, "/mesogun-a").files), "main.py is among them, and the manifest"


def test_a_version_that_does_not_import_on_this_board_is_not_switched_to(board: Board, tmp_path: Path) -> None:
    package = write_firmware(tmp_path / "broken", NEW, device=f"import no_such_module\n{DEVICE}")
    with board.plugged_in() as port, pytest.raises(Refused, match="no module named 'no_such_module'"):
        flashed(port, package)
    assert what_starts(board) == OLD


@pytest.mark.slow
def test_a_board_that_falls_silent_half_way_is_given_up(
    board: Board, packages: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repl, "ANSWER_S", 0.2)
    with board.plugged_in(hang="/firmware") as port, pytest.raises(LinkLost, match="it starts what it started before"):
        flashed(port, packages[NEW])
    assert what_starts(board) == OLD
