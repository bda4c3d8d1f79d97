"""The record: what was done, shot by shot, on disk before anything else believes it.

Importing this costs half a second (SQLAlchemy): do it where records are needed, not at the start of a program.
"""

from mesogun.records.rows import OUTCOMES, RecordsFailed, SessionRow, SessionStart, ShotRow
from mesogun.records.store import Records

__all__ = ["OUTCOMES", "Records", "RecordsFailed", "SessionRow", "SessionStart", "ShotRow"]
