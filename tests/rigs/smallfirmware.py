"""A firmware of a few small modules, one with native code, to flash where only the flashing matters."""

import shutil
from collections.abc import Callable
from pathlib import Path

from mesogun.gun.flash.flashing import flash, prepare
from mesogun.gun.flash.repl import Repl
from mesogun_build.bundle import Bundle, firmware
from mesogun_build.container import ROW
from rigs.rawrepl import Board

OLD, NEW = 100, 200

MAIN = """# pins safe
SLOT = "/mesogun-a"  # named by `mesogun flash`
import sys

sys.path.insert(0, SLOT)
from mesogun_fw.boards.pico import container

container.mount(SLOT)
from mesogun_fw.device.loop import run

container.unmount()
run()
"""
DEVICE = """from mesogun_fw import VERSION, boards
from mesogun_fw.guard import tick

def run():
    assert boards.NAMES
    print("started", VERSION, tick(41))
"""
GUARD = """import micropython

@micropython.viper
def tick(n: int) -> int:
    return n + 1

WORDS = %r

def words() -> bytes:
    return WORDS
"""

# What the self-test will do: the manifest's own digest, then every file it names.
WHOLE = """
from binascii import hexlify
from hashlib import sha256

def hexed(data):
    return hexlify(sha256(data).digest())

slot = [line for line in open("/main.py") if line.startswith("SLOT")][0][8:18]
text = open(slot + "/manifest", "rb").read()
*lines, last = text.splitlines()
assert last == b"= " + hexed(text[: -len(last) - 1])
for line in lines[1:]:
    digest, size, path = line.split()
    data = open(path.decode(), "rb").read()
    assert (len(data), hexed(data)) == (int(size), digest), path
print(lines[0].split()[1].decode(), len(lines) - 1)
"""
# A version of before containers, as it was flashed into one slot and started; the other slot has a piece of another.
AS_MANY_FILES = """
import os
for slot in ("{slot}", "{other}"):
    os.mkdir(slot)
    os.mkdir(slot + "/mesogun_fw")
    for name in ("__init__", "guard", "device_loop"):
        with open(slot + "/mesogun_fw/" + name + ".mpy", "wb") as file:
            file.write(bytes(700))
with open("{slot}/manifest", "w") as file:
    file.write("mesogun 99 x64\\n")
with open("/main.py", "w") as file:
    file.write('SLOT = "{slot}"\\n')
"""
START = 'exec(open("/main.py").read())'


def write_firmware(folder: Path, version: int, device: str = DEVICE) -> Path:
    """The package's folder."""
    package = folder / "mesogun_fw"
    for room in ("boards", "device"):
        (package / room).mkdir(parents=True)
    (package / "__init__.py").write_text(f"VERSION = {version}\n")
    (package / "device" / "loop.py").write_text(device)
    (package / "guard.py").write_text(GUARD % bytes((version + i) % 251 for i in range(6_000)))
    (package / "boards" / "__init__.py").write_text('NAMES = ("pico",)\n')
    (package / "boards" / "pico").mkdir()
    (package / "boards" / "pico" / "__init__.py").write_text("")
    shutil.copy(firmware() / "boards" / "pico" / "container.py", package / "boards" / "pico")  # the gun's own
    (folder / "main.py").write_text(MAIN)
    return package


def modules_of(made: Bundle) -> dict[str, bytes]:
    """The compiled modules that a board gets, by their paths there."""
    one = {file.path.removeprefix(made.slot): file.data for file in made.files}
    data = one["/firmware"]
    rows = list(ROW.iter_unpack(data[4 : 4 + ROW.size * int.from_bytes(data[:4], "little")]))
    ends = [place for _, place in rows[1:]] + [len(data)]
    modules = {name.rstrip(b"\0").decode(): data[place:end] for (name, place), end in zip(rows, ends, strict=True)}
    return modules | {name[1:-4]: data for name, data in one.items() if name.endswith(".mpy")}


def what_starts(board: Board) -> int:
    """The version on the board: it is whole, and its main.py starts it."""
    version, files = board.ask(WHOLE).split()
    assert int(files) == 3
    assert board.ask(START) == f"started {version} 42"
    return int(version)


def ignore(size: int) -> None:
    pass


def flashed(port: str, package: Path, on_bytes: Callable[[int], None] = ignore) -> None:
    with Repl(port) as raw:
        flash(prepare(raw, package), on_bytes)


def on_piece(number: int, act: Callable[[], object]) -> Callable[[int], None]:
    """Does this when that many pieces have been stored."""
    pieces = []

    def on_bytes(size: int) -> None:
        pieces.append(size)
        if len(pieces) == number:
            act()

    return on_bytes
