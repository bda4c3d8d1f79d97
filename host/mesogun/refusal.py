"""What can go wrong, as a tree. Every error says what happened, why, and what to do; the exit code goes with it.

MesogunError                exit 1
├─ Refused                  exit 2  bad input, or a limit: nothing moved, nothing lost
├─ LinkLost                 exit 3  the gun cannot be reached, or is no gun
└─ GunStopped               exit 4  the gun stopped by itself: a latched fault or the e-stop
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: which field, its value, the limit it breaks, and what to do. All in clinical words."""

    field: str
    value: str
    limit: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.limit}. {self.remedy}"


class MesogunError(Exception):
    exit_code = 1


class Refused(MesogunError):
    """Bad input or a broken limit. `problems` is never empty."""

    exit_code = 2

    def __init__(self, *problems: Problem, source: str = "") -> None:
        self.problems = problems
        self.source = source
        super().__init__("\n".join(str(problem) for problem in problems))


class LinkLost(MesogunError):
    exit_code = 3


class GunStopped(MesogunError):
    exit_code = 4
