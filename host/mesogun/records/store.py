"""Records stores what was done, shot by shot. What a method has written is on the disk when it returns."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from filelock import FileLock, Timeout
from sqlalchemy import Connection, insert

from mesogun.gun.answers import Journaled
from mesogun.gun.events import Event
from mesogun.records import opening, reading, writing
from mesogun.records.looking import Looking
from mesogun.records.rows import (
    OUTCOMES,
    Account,
    Answered,
    ClockOff,
    ForeignShot,
    RecordsFailed,
    SessionStart,
)
from mesogun.records.schema import ANSWERS, SESSIONS, WAIVERS
from mesogun.refusal import Problem, Refused
from mesogun.times import CLOCK_OFF_S, apart_ms, now_utc

ROOM_BYTES = 16 * 1024 * 1024  # the longest program, 16,000 shots with a commit each, takes 9 MiB, the log included


class Records(Looking):
    """Records is an open record, to which rows are only added.

    Writing raises RecordsFailed, and leaves what was committed before intact; `begin` and `acknowledge`, which come before
    any needle may move, raise Refused instead.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._claim = FileLock(f"{self.path}.lock", mode=0o600)

    @classmethod
    def open(cls, named: str) -> "Records":
        """Opens a record by its path or URL (sqlite:///…), made or migrated when it has to be. Raises Refused with field `db`."""
        return cls(opening.connect(named))

    def claim(self) -> None:
        """Claims the record until it is closed: nobody else records here, so what `unfinished` lists is broken off, not running.

        Raises Refused when another program has the claim; that of one that was killed ends with it.
        """
        try:
            self._claim.acquire(timeout=0)
        except Timeout:
            limit = "another mesogun is giving a session that is recorded here"
            raise opening.refused(self.path, limit, "Wait until it is over, or name another database.") from None
        except OSError as error:
            limit = f"no lock can be kept beside it: {error.strerror or error}"
            raise opening.refused(self.path, limit, "Make its folder writable, or name another database.") from error

    def begin(self, start: SessionStart, answers: Sequence[Answered] = (), journal: Journaled | None = None) -> int:
        """Returns a new session's number; it and the answers that let it begin are on the disk, which has room for the rest.

        `journal` is what the gun's own adds up to before: the session's shots are those that follow. A clock that is behind the
        newest record is noted with the session.
        """
        with self._refusing():
            if shutil.disk_usage(self.path.parent).free < ROOM_BYTES:
                raise RecordsFailed("there is no room for another session", "Free some space, or name a database on another disk.")
            with self._transaction() as connection:
                newest_utc, began_utc = reading.newest_utc(connection), now_utc()
                row = asdict(start) | {"started_utc": began_utc}
                session_id: int = connection.execute(insert(SESSIONS).returning(SESSIONS.c.id), row).scalar_one()
                off_ms = apart_ms(began_utc, newest_utc)
                if off_ms < -CLOCK_OFF_S * 1000:
                    writing.clock(connection, session_id, ClockOff(reading.BEGIN, began_utc, off_ms, "the newest record"))
                for answered in answers:
                    connection.execute(insert(ANSWERS), asdict(answered) | {"session_id": session_id})
                if journal is not None:
                    writing.journal(connection, session_id, reading.BEGIN, journal)
            self._connection.exec_driver_sql(f"PRAGMA busy_timeout = {opening.BUSY_MS}")
            self._connection.rollback()
        return session_id

    def answer(self, session_id: int, answered: Answered) -> None:
        """Puts on the disk what a person answered in the course of a session."""
        with self._transaction() as connection:
            connection.execute(insert(ANSWERS), asdict(answered) | {"session_id": session_id})

    def append(self, session_id: int, boot: int, events: Sequence[Event]) -> None:
        """Puts every event on the disk once, however often it is appended. It is one commit: all of them or none.

        Raises RecordsFailed also for an event that was recorded before with another content. An ended session takes events
        too: a gun may tell late what it did.
        """
        if events:
            with self._transaction() as connection:
                writing.append(connection, session_id, boot, events)

    def account(self, session_id: int, account: Account) -> None:
        """Puts on the disk what the gun has told later of a session, in one commit, and once however often it is told."""
        with self._transaction() as connection:
            writing.account(connection, session_id, account)

    def keep_foreign(self, shots: Sequence[ForeignShot]) -> None:
        """Keeps shots that no session here has made, each once: they are added to nobody."""
        with self._transaction() as connection:
            writing.foreign(connection, shots)

    def waive(self, session_id: int, by: str, note: str) -> None:
        """Notes who does not want what is left of the order of a session. Raises Refused when that was said before."""
        first = self.session(self.session(session_id).rest_of or session_id)
        if not by.strip():
            raise Refused(Problem("by", by, "what is left is waived by a person", "Give a name."))
        if first.waived:
            raise Refused(Problem("session", str(first.id), f"it was waived before, by {first.waived}", "Nothing more to do."))
        with self._refusing(), self._transaction() as connection:
            connection.execute(insert(WAIVERS), {"session_id": first.id, "waived_utc": now_utc(), "by": by, "note": note})

    def uncertain(
        self, session_id: int, boot: int, at_ms: int, pass_index: int, commanded_depth_um: int, commanded_dose_nl: int
    ) -> None:
        """Puts on the disk, once, the shot that was in flight when this boot was last heard: it counts as given, unmeasured.

        There is at most one in a boot. `at_ms` is that boot's device time of its start, or the last time known before it.
        """
        assumed = {"pass_index": pass_index, "commanded_depth_um": commanded_depth_um, "commanded_dose_nl": commanded_dose_nl}
        with self._transaction() as connection:
            writing.uncertain(connection, session_id, boot, at_ms, assumed)

    def finish(
        self, session_id: int, outcome: str, summary: Mapping[str, int | str], ended_utc: str = "", clock_off_ms: int = 0
    ) -> None:
        """Ends the session. The same ending again changes nothing; another raises RecordsFailed.

        `outcome` is one of OUTCOMES, else this raises ValueError. `ended_utc` is when it ended, by default now, and
        `clock_off_ms` how far this computer's clock is ahead of it by the gun's.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome} is none of {OUTCOMES}")
        off = ClockOff("end", now_utc(), clock_off_ms, "the gun's") if clock_off_ms else None
        row = _ending(session_id, outcome, summary)
        with self._transaction() as connection:
            writing.ending(connection, row, ended_utc or now_utc(), off)

    def acknowledge(self, session_id: int, by: str, note: str) -> None:
        """Ends the session as interrupted, and notes who looked at it and what happened. The session keeps everything it has."""
        if not by.strip():
            raise Refused(Problem("by", by, "an interrupted session is acknowledged by a person", "Give a name."))
        began_utc = self.session(session_id).started_utc
        clock_utc, off = now_utc(), None
        off_ms = apart_ms(clock_utc, began_utc)
        if off_ms < -CLOCK_OFF_S * 1000:
            off = ClockOff("end", clock_utc, off_ms, "its beginning")
        row = _ending(session_id, "interrupted", {}, by, note)
        with self._refusing(), self._transaction() as connection:
            writing.ending(connection, row, clock_utc if off_ms >= 0 else began_utc, off)

    def close(self) -> None:
        super().close()
        self._claim.release()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except RecordsFailed as failed:
            raise opening.refused(self.path, failed.what, failed.remedy) from failed


def _ending(
    session_id: int, outcome: str, summary: Mapping[str, int | str], acknowledged_by: str | None = None, note: str | None = None
) -> dict[str, object]:
    row = {"session_id": session_id, "outcome": outcome, "summary_json": json.dumps(dict(summary))}
    return row | {"acknowledged_by": acknowledged_by, "note": note}
