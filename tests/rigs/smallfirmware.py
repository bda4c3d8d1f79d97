"""A firmware of a few small modules, one with native code, to flash where only the flashing matters."""

from collections.abc import Callable
from pathlib import Path

from mesogun.gun.flash.flashing import flash, prepare
from mesogun.gun.flash.repl import Repl
from rigs.rawrepl import Board

OLD, NEW = 100, 200

MAIN = """# pins safe
SLOT = "/mesogun-a"  # named by `mesogun flash`
import sys

sys.path.insert(0, SLOT)
from mesogun_fw.device.loop import run

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
    (folder / "main.py").write_text(MAIN)
    return package


def what_starts(board: Board) -> int:
    """The version on the board: it is whole, and its main.py starts it."""
    version, files = board.ask(WHOLE).split()
    assert int(files) == 5
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
