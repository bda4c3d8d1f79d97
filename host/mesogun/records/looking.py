"""A record is looked at here: sessions, each counted from its shots as they are now, and all that was told and said of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mesogun.gun.events import Event
from mesogun.records import opening, reading
from mesogun.records.places import command
from mesogun.records.rows import Answered, ForeignShot, RecordsFailed, RecordsLocked, Resolution, SessionRow, ShotRow
from mesogun.records.schema import ENDINGS, FOREIGN_SHOTS, SESSIONS
from mesogun.records.tally import Summary, summed_up
from mesogun.refusal import Problem, Refused


class Looking:
    """Looking is an open record, to be read. It belongs to one thread; several may have the same file open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.path = Path(str(connection.engine.url.database))

    @classmethod
    def look(cls, named: str) -> Self:
        """Opens a record only to read it, where nothing can be written too. Raises Refused with field `db` when there is none."""
        return cls(opening.look(named))

    def sessions(self, limit: int = 50) -> list[SessionRow]:
        """Returns the newest `limit` sessions, newest first."""
        with self._transaction() as connection:
            return reading.sessions(connection, limit=limit)

    def session(self, session_id: int) -> SessionRow:
        """Returns one session. Raises Refused with field `session` when there is none of that number."""
        with self._transaction() as connection:
            found = reading.sessions(connection, SESSIONS.c.id == session_id)
        if not found:
            remedy = f"List them with: {command('records list', self.path)}"
            raise Refused(Problem("session", str(session_id), f"{self.path} has no such session", remedy))
        return found[0]

    def newest_utc(self) -> str:
        """Returns the newest time that is on record; "" when there is none."""
        with self._transaction() as connection:
            return reading.newest_utc(connection)

    def of_gun(self, serial: int) -> list[SessionRow]:
        """Returns all sessions of this gun, oldest first."""
        with self._transaction() as connection:
            return reading.sessions(connection, SESSIONS.c.gun_serial == serial)[::-1]

    def order(self, session_id: int) -> list[SessionRow]:
        """Returns the sessions of one order, oldest first: the first one, and each that gave what was left of it."""
        first = self.session(session_id).rest_of or session_id
        with self._transaction() as connection:
            return reading.sessions(connection, (SESSIONS.c.id == first) | (SESSIONS.c.rest_of == first))[::-1]

    def unfinished(self) -> list[SessionRow]:
        """Returns sessions neither finished nor acknowledged, newest first: each is broken off, or another program runs it now."""
        with self._transaction() as connection:
            return reading.sessions(connection, ENDINGS.c.session_id.is_(None))

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

    def heard(self, serial: int, boot: int, low: int, high: int) -> dict[int, Event]:
        """Returns the events with numbers `low` to `high` of this start of a gun that any session has, by number."""
        with self._transaction() as connection:
            return reading.heard(connection, serial, boot, low, high)

    def answers(self, session_id: int) -> list[Answered]:
        """Returns what was asked for a session and answered, in the order of the answers."""
        with self._transaction() as connection:
            return reading.answers(connection, session_id)

    def resolutions(self, session_id: int) -> list[Resolution]:
        """Returns what became of a session's assumed shots, as far as the gun has told it."""
        with self._transaction() as connection:
            return reading.resolutions(connection, session_id)

    def foreign(self, serial: int | None = None) -> list[ForeignShot]:
        """Returns the shots that no session here has made, of this gun or of all."""
        with self._transaction() as connection:
            return reading.foreign(connection, *([] if serial is None else [FOREIGN_SHOTS.c.gun_serial == serial]))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._connection.begin():
                yield self._connection
        except SQLAlchemyError as error:
            limit, remedy = opening.reason(error)
            failed = RecordsLocked if (limit, remedy) == opening.LOCKED else RecordsFailed
            raise failed(f"the record {self.path} failed: {limit}", remedy) from error
