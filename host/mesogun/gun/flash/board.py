"""A board at the other end of a raw REPL says what it is and what is stored on it; here is judged whether it takes our firmware.

What it says of itself is another program's input, and is checked as such.
"""

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mesogun.gun.flash.built import compiler
from mesogun.gun.flash.repl import BoardError, Repl
from mesogun.refusal import Problem, Refused
from mesogun_build.bundle import VERSIONS

OLDEST = (1, 28)
CHIPS = {"RP2040": "armv6m", "RP2350": "armv7emsp"}  # MicroPython there is built for this architecture
# sys.implementation._mpy holds the version in bits 0-7, the sub-version in 8-9, the architecture, one of these, in 10-15.
ARCHITECTURES = (
    "none", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc",
    "rv64imc",
)  # fmt: skip

_WHO = """
import sys, json
who = sys.implementation
print(json.dumps({"implementation": who.name, "release": list(who.version[:3]), "mpy": getattr(who, "_mpy", 0),
                  "machine": getattr(who, "_machine", sys.platform), "maxsize": sys.maxsize}))
"""

# A board is asked to do these as functions there: that takes fewer lines on the cable, and each is one step. The space of the
# spare slot counts as free: it is emptied first. It is counted as what is needed is, the blocks to work with too (size_on of
# mesogun_build): where a second version had room, each that follows has it.
_ON_BOARD = """
import os, sys, json, vfs
from hashlib import sha256
from binascii import hexlify

def slot_in_use():
    try:
        with open("/main.py") as file:
            for line in file:
                if line.startswith('SLOT = "/mesogun-'):
                    return line[8:18]
    except OSError:
        return ""
    return "foreign"

def version_in(slot):
    try:
        with open(slot + "/manifest") as file:
            return int(file.readline().split()[1])
    except (OSError, ValueError, IndexError):
        return -1

def blocks_in(path, block):
    stat = os.stat(path)
    if stat[0] & 0x4000:
        return sum([blocks_in(path + "/" + name, block) for name in os.listdir(path)]) + 2
    return -(-stat[6] // block)

def wipe(path):
    folder, _, name = path.rpartition("/")
    if name not in os.listdir(folder or "/"):
        return
    if os.stat(path)[0] & 0x4000:
        for name in os.listdir(path):
            wipe(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)

def digest(path):
    sha = sha256()
    buffer = memoryview(bytearray(512))
    with open(path, "rb") as file:
        while True:
            size = file.readinto(buffer)
            if not size:
                return hexlify(sha.digest()).decode()
            sha.update(buffer[:size])

def switch():
    if "main.py" in os.listdir("/"):
        with open("/main.py", "rb") as file:
            main = file.read()
        with open("/main.old", "wb") as file:
            file.write(main)
    os.rename("/main.new", "/main.py")

def put_back(had, failed):
    if had != failed and slot_in_use() == failed:
        if had:
            os.rename("/main.old", "/main.py")
        else:
            os.remove("/main.py")
    wipe("/main.new")
    wipe(failed)

def contents(slots):
    in_use = slot_in_use()
    root = os.listdir("/")
    system = [str(one[0]) for one in vfs.mount() if one[1] == "/"]
    stat = os.statvfs("/")
    spare = slots[in_use == slots[0]]
    free = stat[3] + (blocks_in(spare, stat[0]) + 4 if spare[1:] in root else 0)
    print(json.dumps({"in_use": in_use, "version": version_in(in_use), "spare": spare, "block_bytes": stat[0],
                      "free_bytes": stat[0] * free, "file_system": system[0] if system else "none",
                      "boot_py": "boot.py" in root}))
"""

_NEEDED = "Put MicroPython {}.{} or newer for this board on it: hold BOOTSEL, plug it in, copy the .uf2 file".format(*OLDEST)


class Who(BaseModel):
    """Who says what runs on the board, by its own account."""

    model_config = ConfigDict(strict=True, frozen=True)
    implementation: str
    release: tuple[int, int, int]
    mpy: int
    machine: str
    maxsize: int

    @property
    def march(self) -> str:
        """This is the architecture, by the name that mpy-cross gives it."""
        arch = self.mpy >> 10 & 0x3F
        return ARCHITECTURES[arch] if arch < len(ARCHITECTURES) else f"architecture {arch}"

    @property
    def small_int_bits(self) -> int:
        return self.maxsize.bit_length()


class Contents(BaseModel):
    """Contents are what a board stores. `in_use` is the slot that starts, "" when nothing does, "foreign" when it is no mesogun."""

    model_config = ConfigDict(strict=True, frozen=True)
    in_use: str
    version: int
    spare: Literal["/mesogun-a", "/mesogun-b"]
    block_bytes: int
    free_bytes: int
    file_system: str
    boot_py: bool


Told = TypeVar("Told", bound=BaseModel)


def who_is(repl: Repl) -> Who:
    """Returns who answers. Raises Refused unless it is a board that runs our firmware."""
    who = _told(repl, _WHO, Who)
    _check_who(repl.port, who)
    return who


def contents_of(repl: Repl) -> Contents:
    """Returns what is stored there; from now on `_ON_BOARD` can be called. Raises Refused if the board cannot be flashed."""
    contents = _told(repl, f"{_ON_BOARD}\ncontents({VERSIONS!r})", Contents)
    _check_contents(repl.port, contents)
    return contents


def _told(repl: Repl, code: str, model: type[Told]) -> Told:
    try:
        return model.model_validate_json(repl.run(code).strip())
    except (BoardError, ValidationError) as error:
        what = str(error).splitlines()[0]
        raise Refused(Problem("board", repl.port, f"it does not tell what it is: {what}", _NEEDED)) from error


def _check_who(port: str, who: Who) -> None:
    release = ".".join(map(str, who.release))
    if who.implementation != "micropython":
        raise Refused(Problem("board", port, f"it runs {who.implementation} {release}", _NEEDED))
    if who.release[:2] < OLDEST:
        raise Refused(Problem("MicroPython", release, "the firmware is made for {}.{} and newer".format(*OLDEST), _NEEDED))
    chip = who.machine.rpartition(" ")[2]
    if chip not in CHIPS:
        limit = f"the firmware knows boards with {' and '.join(CHIPS)} only"
        raise Refused(Problem("board", who.machine, limit, "Use a Raspberry Pi Pico or Pico 2"))
    if who.march != CHIPS[chip]:
        limit = f"its MicroPython is built for {who.march}, the firmware runs on {CHIPS[chip]}"
        raise Refused(Problem("architecture", who.march, limit, _NEEDED))
    ours, theirs = compiler(), (who.mpy & 0xFF, who.mpy >> 8 & 3)
    if ours != theirs:
        limit = (
            f"MicroPython {release} loads .mpy files of version {theirs[0]}.{theirs[1]}, mpy-cross here makes {ours[0]}.{ours[1]}"
        )
        raise Refused(Problem("MicroPython", release, limit, "Put MicroPython {}.{} on the board".format(*OLDEST)))


def _check_contents(port: str, before: Contents) -> None:
    if not before.file_system.startswith("<VfsLfs2"):
        limit = "power cuts are survived on littlefs only"
        raise Refused(Problem("file system", before.file_system, limit, _NEEDED))
    if before.boot_py:
        limit = "it would run before the pins are safe"
        raise Refused(Problem("board", "boot.py", limit, f"Save it if you need it, then: mpremote connect {port} rm :boot.py"))
    if before.in_use == "foreign":
        limit = "what runs on this board is no mesogun"
        raise Refused(Problem("board", "main.py", limit, f"Save it if you need it, then: mpremote connect {port} rm :main.py"))
