"""The record says what was done, shot by shot; it is on disk before anything else believes it.

Its names are found when they are first asked for: `Records` brings SQLAlchemy along, which takes a fifth of a second, and
whoever only asks `places` where the records are does without all of them.

This room can be called: `mesogun.records(...)` reads a record. A function of that name could not stand beside it.
"""

import sys
from os import PathLike
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesogun.records.history import History
    from mesogun.records.rows import OUTCOMES, Answered, RecordsFailed, SessionRow, SessionStart, ShotRow
    from mesogun.records.store import Records

__all__ = ["OUTCOMES", "Answered", "Records", "RecordsFailed", "SessionRow", "SessionStart", "ShotRow"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("mesogun.records.store" if name == "Records" else "mesogun.records.rows"), name)


class _Room(ModuleType):
    def __call__(self, where: str | PathLike[str] | None = None, simulated: bool = False) -> "History":
        from mesogun.records.history import History

        return History(where, simulated)


sys.modules[__name__].__class__ = _Room
