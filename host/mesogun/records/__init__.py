"""The record says what was done, shot by shot; it is on disk before anything else believes it.

The name `Records` is found when it is first asked for: it brings SQLAlchemy along, which takes a fifth of a second, and
whoever only asks `places` where the records are does without.

This room can be called: `mesogun.records(...)` reads a record. A function of that name could not stand beside it.
"""

import sys
from os import PathLike
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mesogun.records.rows import OUTCOMES, Answered, RecordsFailed, SessionRow, SessionStart, ShotRow

if TYPE_CHECKING:
    from mesogun.records.history import History
    from mesogun.records.store import Records

__all__ = ["OUTCOMES", "Answered", "Records", "RecordsFailed", "SessionRow", "SessionStart", "ShotRow"]


def __getattr__(name: str) -> Any:
    if name != "Records":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mesogun.records.store import Records

    return Records


class _Room(ModuleType):
    def __call__(self, where: str | PathLike[str] | None = None, simulated: bool = False) -> "History":
        from mesogun.records.history import History

        return History(where, simulated)


sys.modules[__name__].__class__ = _Room
