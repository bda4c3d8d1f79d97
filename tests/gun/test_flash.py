"""What is flashed, and to which port: the bundle of files for a board, and the choice of the board."""

import re
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial.tools.list_ports
from rigs.smallfirmware import modules_of, write_firmware

from mesogun.gun.flash.built import built
from mesogun.gun.flash.repl import only_pico
from mesogun.refusal import Refused
from mesogun_build.bundle import Bundle

PICO = SimpleNamespace(device="/dev/ttyACM0", vid=0x2E8A, description="Board in FS mode")
OTHER_PICO = SimpleNamespace(device="/dev/ttyACM1", vid=0x2E8A, description="Board in FS mode")
MODEM = SimpleNamespace(device="/dev/ttyUSB0", vid=0x1A86, description="USB Serial")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_firmware(tmp_path, 10_203)


def for_pico(package: Path, slot: str = "/mesogun-b") -> Bundle:
    return built(package, "armv6m", 31, slot)


def test_the_manifest_names_every_file_with_its_digest_and_has_one_of_its_own(package: Path) -> None:
    made = for_pico(package)
    *files, manifest = made.files
    assert manifest.path == "/mesogun-b/manifest"
    *lines, last = manifest.data.decode().splitlines()
    assert last == "= " + sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert lines[0] == "mesogun 10203 armv6m"
    assert lines[1:] == [f"{sha256(file.data).hexdigest()} {len(file.data)} {file.path}" for file in (made.main, *files)]
    assert [file.path for file in (made.main, *files)] == [
        "/main.py",
        "/mesogun-b/container.mpy",
        "/mesogun-b/firmware",
    ]


def test_a_line_of_the_manifest_fits_what_the_self_test_reads(package: Path) -> None:
    for line in for_pico(package).files[-1].data.splitlines(keepends=True):
        assert re.fullmatch(rb"mesogun \d+ \w+\n|[0-9a-f]{64} \d+ /[\w./-]+\n|= [0-9a-f]{64}\n", line)
        assert len(line) <= 120


@pytest.mark.parametrize("slot", ["/mesogun-a", "/mesogun-b"])
def test_main_names_the_slot_and_is_otherwise_as_it_was(slot: str, package: Path) -> None:
    written = (package.parent / "main.py").read_text()
    on_a_board = written.replace("/mesogun-a", slot).replace("mesogun_fw.device.loop", "device_loop")
    on_a_board = on_a_board.replace("from mesogun_fw.boards.pico import container", "import container")
    assert for_pico(package, slot).main.data.decode() == on_a_board


def test_main_inside_an_installed_package_is_found_and_not_compiled(package: Path) -> None:
    before = for_pico(package)
    (package.parent / "main.py").rename(package / "main.py")
    assert for_pico(package) == before


def test_native_code_is_for_the_board_and_integers_are_as_small_as_there(package: Path) -> None:
    made = modules_of(for_pico(package))
    assert {data[3] for data in made.values()} == {31}
    assert {data[3] for data in modules_of(built(package, "x64", 63, "/mesogun-a")).values()} == {63}
    assert made["guard"][2] >> 2 == 4  # armv6m


def test_the_same_source_makes_the_same_bytes_wherever_it_lies(package: Path, tmp_path: Path) -> None:
    elsewhere = write_firmware(tmp_path / "elsewhere", 10_203)
    assert for_pico(elsewhere) == for_pico(package)


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("main.py", "print(1)\n", "one line that begins with SLOT"),
        ("main.py", '#\nSLOT = "/mesogun-a"\nSLOT = "/mesogun-a"\n', "one line that begins with SLOT"),
        ("main.py", '#\nSLOT = "/mesogun-a"\ndef f(:\n', "SyntaxError"),
        ("main.py", None, "there is no such file"),
        ("mesogun_fw/guard.py", "def tick(:\n", "SyntaxError"),
        ("mesogun_fw/__init__.py", "", "names no VERSION"),
    ],
)
def test_a_firmware_that_is_not_whole_is_refused_with_the_file(file: str, text: str | None, told: str, package: Path) -> None:
    path = package.parent / file
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(Refused, match=told) as refused:
        for_pico(package)
    assert refused.value.problems[0].value == str(path)


def plugged_in(patch: pytest.MonkeyPatch, *ports: SimpleNamespace) -> None:
    patch.setattr(serial.tools.list_ports, "comports", lambda: list(ports))


def test_the_only_pico_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, MODEM, PICO)
    assert only_pico() == PICO.device


def test_nobody_guesses_between_two_picos(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, OTHER_PICO, MODEM, PICO)
    with pytest.raises(Refused, match=r"/dev/ttyACM0, /dev/ttyACM1: more than one.*--port"):
        only_pico()


def test_without_a_pico_the_ports_that_are_there_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, MODEM)
    with pytest.raises(Refused, match=r"/dev/ttyUSB0 \(USB Serial\)"):
        only_pico()
    plugged_in(monkeypatch)
    with pytest.raises(Refused, match="no serial port is there at all"):
        only_pico()
