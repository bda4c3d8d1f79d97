"""Records stores what was done, shot by shot. What a method has written is on the disk when it returns."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from mesogun.gun.events import Event
from mesogun.records import opening, reading
from mesogun.records.rows import OUTCOMES, Answered, RecordsFailed, SessionRow, SessionStart, ShotRow, now_utc
from mesogun.records.schema import ANSWERS, ENDINGS, EVENTS, SESSIONS, SHOTS
from mesogun.records.tally import Summary, summed_up
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk.codes import UNCERTAIN

ROOM_BYTES = 16 * 1024 * 1024  # the longest program, 16,000 shots with a commit each, takes 9 MiB, the log included


class Records:
    """Records is an open record, to which rows are only added. It belongs to one thread; several may have the same file open.

    Writing raises RecordsFailed, and leaves what was committed before intact; `begin` and `acknowledge`, which come before
    any needle may move, raise Refused instead.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._path = Path(str(connection.engine.url.database))
        self._claim = FileLock(f"{self._path}.lock")

    @classmethod
    def open(cls, url: str) -> "Records":
        """Opens the record at `url` (sqlite:///…), made or migrated when it has to be. Raises Refused with field `db`."""
        return cls(opening.connect(url))

    def claim(self) -> None:
        """Claims the record until it is closed: nobody else records here, so what `unfinished` lists is broken off, not running.

        Raises Refused when another program has the claim; that of one that was killed ends with it.
        """
        try:
            self._claim.acquire(timeout=0)
        except Timeout:
            limit = "another mesogun is giving a session that is recorded here"
            raise opening.refused(self._path, limit, "Wait until it is over, or name another database.") from None
        except OSError as error:
            limit = f"no lock can be kept beside it: {error.strerror or error}"
            raise opening.refused(self._path, limit, "Make its folder writable, or name another database.") from error

    def begin(self, start: SessionStart, answers: Sequence[Answered] = ()) -> int:
        """Returns a new session's number; it and the answers that let it begin are on the disk, which has room for the rest."""
        with self._refusing():
            if shutil.disk_usage(self._path.parent).free < ROOM_BYTES:
                raise RecordsFailed("there is no room for another session", "Free some space, or name a database on another disk.")
            with self._transaction() as connection:
                row = asdict(start) | {"started_utc": now_utc()}
                session_id: int = connection.execute(insert(SESSIONS).returning(SESSIONS.c.id), row).scalar_one()
                for answered in answers:
                    connection.execute(insert(ANSWERS), asdict(answered) | {"session_id": session_id})
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
        if not events:
            return
        key = {"session_id": session_id, "boot": boot}
        with self._transaction() as connection:
            numbers = [event.n for event in events]
            known = reading.stored(connection, session_id, boot, min(numbers), max(numbers))
            fresh = []
            for event in events:
                if event.n not in known:
                    known[event.n] = event
                    fresh.append(event)
                elif known[event.n] != event:
                    raise _conflict(f"event {event.n}", session_id, boot)
            rows = [key | {"n": e.n, "name": e.name, "at_ms": e.at_ms, "values_json": json.dumps(e.values)} for e in fresh]
            shots = [key | {"n": e.n, "at_ms": e.at_ms} | e.values for e in fresh if e.name == "shot"]
            if rows:
                connection.execute(insert(EVENTS), rows)
            if shots:
                connection.execute(insert(SHOTS), shots)

    def uncertain(
        self, session_id: int, boot: int, at_ms: int, pass_index: int, commanded_depth_um: int, commanded_dose_nl: int
    ) -> None:
        """Puts on the disk, once, the shot that was in flight when this boot was last heard: it counts as given, unmeasured.

        There is at most one in a boot. `at_ms` is that boot's device time of its start, or the last time known before it.
        """
        row = {
            "session_id": session_id,
            "boot": boot,
            "n": 0,
            "at_ms": at_ms,
            "at_us": 0,
            "pass_index": pass_index,
            "shot": 0,
            "period_us": 0,
            "commanded_depth_um": commanded_depth_um,
            "measured_depth_um": None,
            "commanded_dose_nl": commanded_dose_nl,
            "measured_dose_nl": None,
            "flags": UNCERTAIN,
        }
        with self._transaction() as connection:
            columns = [SHOTS.c[name] for name in row]
            ours = (SHOTS.c.session_id == session_id, SHOTS.c.boot == boot, SHOTS.c.n == 0)
            before = connection.execute(select(*columns).where(*ours)).mappings().one_or_none()
            if before is None:
                connection.execute(insert(SHOTS), row)
            elif dict(before) != row:
                raise _conflict("the uncertain shot", session_id, boot)

    def finish(self, session_id: int, outcome: str, summary: Mapping[str, int | str]) -> None:
        """Ends the session. The same ending again changes nothing; another raises RecordsFailed.

        `outcome` is one of OUTCOMES, else this raises ValueError.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome} is none of {OUTCOMES}")
        self._end(session_id, outcome, dict(summary), None, None)

    def unfinished(self) -> list[SessionRow]:
        """Returns sessions neither finished nor acknowledged, newest first: each is broken off, or another program runs it now."""
        with self._transaction() as connection:
            return reading.sessions(connection, ENDINGS.c.session_id.is_(None))

    def acknowledge(self, session_id: int, by: str, note: str) -> None:
        """Ends the session as interrupted, and notes who looked at it and what happened. The session keeps everything it has."""
        if not by.strip():
            raise Refused(Problem("by", by, "an interrupted session is acknowledged by a person", "Give a name."))
        self.session(session_id)
        with self._refusing():
            self._end(session_id, "interrupted", {}, by, note)

    def sessions(self, limit: int = 50) -> list[SessionRow]:
        """Returns the newest `limit` sessions, newest first."""
        with self._transaction() as connection:
            return reading.sessions(connection, limit=limit)

    def session(self, session_id: int) -> SessionRow:
        """Returns one session. Raises Refused with field `session` when there is none of that number."""
        with self._transaction() as connection:
            found = reading.sessions(connection, SESSIONS.c.id == session_id)
        if not found:
            remedy = "List them with: mesogun records list"
            raise Refused(Problem("session", str(session_id), f"{self._path} has no such session", remedy))
        return found[0]

    def summary(self, session_id: int) -> Summary:
        """Returns what a session adds up to, counted from its shots as they are now. Its `outcome` is "" while it has none."""
        return summed_up(self.session(session_id), self.events(session_id), self.shots(session_id))

    def shots(self, session_id: int) -> list[ShotRow]:
        """Returns the session's shots in the order they were made, uncertain ones among them."""
        with self._transaction() as connection:
            return reading.shots(connection, session_id)

    def events(self, session_id: int) -> list[Event]:
        """Returns what the gun reported, in its order: boot by boot, each by number."""
        return [event for _, event in self.events_by_boot(session_id)]

    def events_by_boot(self, session_id: int) -> list[tuple[int, Event]]:
        """Returns the same events, each behind the boot of the gun that counted it."""
        with self._transaction() as connection:
            return reading.events(connection, session_id)

    def answers(self, session_id: int) -> list[Answered]:
        """Returns what was asked for a session and answered, in the order of the answers."""
        with self._transaction() as connection:
            return reading.answers(connection, session_id)

    def close(self) -> None:
        self._connection.close()
        self._claim.release()

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(
        self, session_id: int, outcome: str, summary: dict[str, int | str], acknowledged_by: str | None, note: str | None
    ) -> None:
        row = {
            "session_id": session_id,
            "outcome": outcome,
            "summary_json": json.dumps(summary),
            "acknowledged_by": acknowledged_by,
            "note": note,
        }
        with self._transaction() as connection:
            columns = [ENDINGS.c[name] for name in row]
            before = connection.execute(select(*columns).where(ENDINGS.c.session_id == session_id)).mappings().one_or_none()
            if before is None:
                connection.execute(insert(ENDINGS), row | {"ended_utc": now_utc()})
            elif dict(before) != row:
                raise RecordsFailed(
                    f"session {session_id} has ended before, as {before['outcome']}",
                    "The first ending stands; nothing was changed.",
                )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._connection.begin():
                yield self._connection
        except SQLAlchemyError as error:
            limit, remedy = opening.reason(error)
            raise RecordsFailed(f"the record {self._path} failed: {limit}", remedy) from error

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except RecordsFailed as failed:
            raise opening.refused(self._path, failed.what, failed.remedy) from failed


def _conflict(what: str, session_id: int, boot: int) -> RecordsFailed:
    return RecordsFailed(
        f"{what} of boot {boot} is in session {session_id} already, with another content",
        "Stop, keep the record, and have the gun examined: it told the same thing in two ways.",
    )
