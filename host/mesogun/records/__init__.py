"""The record says what was done, shot by shot; it is on disk before anything else believes it.

The name `Records` is found when it is first asked for: it brings SQLAlchemy along, which takes a fifth of a second, and
whoever only asks `places` where the records are does without.
"""

from typing import TYPE_CHECKING, Any

from mesogun.records.rows import OUTCOMES, Answered, RecordsFailed, SessionRow, SessionStart, ShotRow

if TYPE_CHECKING:
    from mesogun.records.store import Records

__all__ = ["OUTCOMES", "Answered", "Records", "RecordsFailed", "SessionRow", "SessionStart", "ShotRow"]


def __getattr__(name: str) -> Any:
    if name != "Records":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mesogun.records.store import Records

    return Records
