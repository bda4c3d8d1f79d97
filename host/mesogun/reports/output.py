"""A file that a person asked for is written whole or not at all, over nothing that somebody else made, and never over a record."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from mesogun.refusal import Problem, Refused

BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # a record is kept in these files


def may_write(option: str, name: str, record: Path, marks: tuple[bytes, ...], agreed: Callable[[str], bool]) -> None:
    """Raises Refused when the file cannot be made, or is not to be replaced: a record, or what was not made here.

    A file of ours has one of `marks` in it; where there are none, whatever is there is somebody's work. Whether that may be
    replaced is asked by `agreed`, in words.
    """
    path = Path(name)
    if any(_same(path, Path(f"{record}{ending}")) for ending in BESIDE):
        raise _refused(option, name, "this is where the record is kept", "Name another file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise _refused(option, name, "this is a folder", "Name a file in it")
        ours = not path.is_file() or not path.stat().st_size or any(mark in path.read_bytes() for mark in marks)
    except OSError as error:
        raise _refused(option, name, _why(error), "Name another file, or make this one writable") from None
    there = "is there already" + (", and was not made by mesogun" if marks else "")
    if not ours and not agreed(f"{name} {there}. Replace it?"):
        raise _refused(option, name, f"it {there}", "Name another file, or give --overwrite")


def write(option: str, name: str, content: bytes) -> None:
    """Puts the content in the place of what was there. Raises Refused when that fails; then what was there still is."""
    path = Path(name).resolve()
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(content)  # a device or a pipe has no place to be put in
            return
        number, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with open(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(number)
            os.chmod(beside, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        raise _refused(option, name, _why(error), "Name another file, or free some space") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return one.resolve() == other.resolve()


def _why(error: OSError) -> str:
    return (error.strerror or "it cannot be written").lower()


def _refused(option: str, name: str, limit: str, remedy: str) -> Refused:
    return Refused(Problem(option, name, limit, remedy))
