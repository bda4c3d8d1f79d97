"""Everything that can go wrong is one tree of errors. Each says what happened, why, and what to do, and has its exit code.

MesogunError                exit 1
├─ Refused                  exit 2  bad input, or a limit: nothing was given to anybody
├─ LinkLost                 exit 3  the gun cannot be reached, or is no gun
├─ GunStopped               exit 4  the gun stopped by itself: a latched fault or the e-stop
└─ RecordsFailed            exit 5  the record could not be written or read (records/rows.py)
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A Problem is one thing that is wrong: which field, its value, the limit it breaks, what to do. It uses clinical words."""

    field: str
    value: str
    limit: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.limit}. {self.remedy}"


class MesogunError(Exception):
    """Every error that mesogun explains to a person derives from this one."""

    exit_code = 1

    def facts(self) -> dict[str, object]:
        """Returns what a program may want to know of it besides the words."""
        return {}


class Refused(MesogunError):
    """The input is bad or a limit is broken. `problems` says each thing that is wrong, and is never empty."""

    exit_code = 2

    def __init__(self, *problems: Problem, source: str = "") -> None:
        self.problems = problems
        self.source = source
        super().__init__("\n".join(str(problem) for problem in problems))


class LinkLost(MesogunError):
    """The gun cannot be reached, or is no gun."""

    exit_code = 3


class GunStopped(MesogunError):
    """The gun stopped by itself: a fault is latched, or the e-stop is pressed."""

    exit_code = 4
