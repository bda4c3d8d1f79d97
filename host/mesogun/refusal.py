"""Everything that can go wrong is one tree of errors. Each says what happened, why, and what to do, and has its exit code.

MesogunError                exit 1
├─ Refused                  exit 2  bad input, or a limit: nothing was given to anybody
├─ LinkLost                 exit 3  the gun cannot be reached, or is no gun
├─ GunStopped               exit 4  the gun stopped by itself: a latched fault or the e-stop
├─ RecordsFailed            exit 5  the record could not be written or read (records/rows.py)
└─ NotComplete              exit 1, 3 or 4  a session did not complete, and somebody asked for an error (records/result.py)
"""

import re
from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Any, Literal

from mesogun.telling import Codes, to_dict

_LISTS = {"passes": "pass", "cocktail.ingredients": "ingredient", "sources": "source"}
_ENTRY = re.compile(rf"({'|'.join(_LISTS)})\[(\d+)\]\.?")


@dataclass(frozen=True)
class Placed:
    """This is about a field. Where a file has it, `line` and `column` count from 1, and `text` is that line as it is there."""

    field: str
    _: KW_ONLY
    line: int | None = None
    column: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Problem(Placed):
    """A Problem is one thing that is wrong: which field, its value, the limit it breaks, what to do. It uses clinical words."""

    value: str
    limit: str
    remedy: str

    def __str__(self) -> str:
        at = f"line {self.line}: " if self.line else ""
        return f"{at}{named(self.field)} = {self.value}: {self.limit}. {self.remedy}"


def named(field: str) -> str:
    """Returns a field as a person reads it: `passes[1].depth_mm` is "pass 2, depth_mm", as passes are counted on a screen."""
    return _ENTRY.sub(lambda entry: f"{_LISTS[entry[1]]} {int(entry[2]) + 1}, ", field).removesuffix(", ")


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Failed is what a program is told instead of what it asked for. `exit_code` is that of a command which ends so.

    `error` is all of it in words; `source` is the file that is wrong, "gun" when the gun refused, else empty; `code` is the
    gun's own. When the record of `session` failed in the midst of it, `unrecorded` of the shots `made` are not in it.
    """

    schema: Literal["error/1"] = "error/1"
    error: str
    exit_code: int
    source: str = ""
    code: Annotated[int, Codes("mesogun.gun.explanations:REFUSALS", 1, 2)] | None = None
    problems: tuple[Problem, ...] = ()
    session: int | None = None
    made: int | None = None
    unrecorded: int | None = None


class MesogunError(Exception):
    """Every error that mesogun explains to a person derives from this one."""

    exit_code = 1
    source = ""
    problems: tuple[Problem, ...] = ()
    code: int | None = None  # of explanations.REFUSALS, when the gun said it
    session: int | None = None  # whose record failed in the midst of it; of the shots `made`, so many are `unrecorded`
    made: int | None = None
    unrecorded: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it."""
        told = Failed(
            error=str(self),
            exit_code=self.exit_code,
            source=self.source,
            code=self.code,
            problems=self.problems,
            session=self.session,
            made=self.made,
            unrecorded=self.unrecorded,
        )
        return to_dict(told)


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
