"""Records stores what was done, shot by shot. What a method has written is on the disk when it returns."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from filelock import FileLock, Timeout
from sqlalchemy import Connection, insert, select

from mesogun.gun.answers import Journaled
from mesogun.gun.events import Event
from mesogun.records import opening, reading
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
from mesogun.records.schema import (
    ANSWERS,
    CLOCKS,
    ENDINGS,
    EVENTS,
    FOREIGN_SHOTS,
    JOURNALS,
    RESOLUTIONS,
    SESSIONS,
    SHOTS,
    WAIVERS,
)
from mesogun.refusal import Problem, Refused
from mesogun.times import CLOCK_OFF_S, apart_ms, now_utc
from mesogun_fw.talk.codes import UNCERTAIN

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
                    _clock(connection, session_id, ClockOff(reading.BEGIN, began_utc, off_ms, "the newest record"))
                for answered in answers:
                    connection.execute(insert(ANSWERS), asdict(answered) | {"session_id": session_id})
                if journal is not None:
                    _journal(connection, session_id, reading.BEGIN, journal)
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
                _append(connection, session_id, boot, events)

    def account(self, session_id: int, account: Account) -> None:
        """Puts on the disk what the gun has told later of a session, in one commit, and once however often it is told."""
        with self._transaction() as connection:
            if account.events:
                _append(connection, session_id, account.boot, account.events)
            known = {shot.n for shot in reading.shots(connection, session_id)}
            at_ms = max((event.at_ms for _, event in reading.events(connection, session_id)), default=0)
            for logged in account.logged:
                if -logged.number not in known:
                    fields = asdict(logged)
                    row = {name: fields[name] for name in fields if name in SHOTS.c}
                    depth_um = self._planned_depth_um(connection, session_id, logged.pass_index)
                    row |= {"session_id": session_id, "boot": account.boot, "n": -logged.number, "at_ms": at_ms, "at_us": 0}
                    connection.execute(insert(SHOTS), row | {"period_us": 0, "commanded_depth_um": depth_um})
            if account.resolution and account.resolution not in reading.resolutions(connection, session_id):
                row = asdict(account.resolution) | {"session_id": session_id, "resolved_utc": now_utc()}
                connection.execute(insert(RESOLUTIONS), row)
            if account.journal:
                _journal(connection, session_id, reading.ACCOUNTED, account.journal)

    @staticmethod
    def _planned_depth_um(connection: Connection, session_id: int, pass_index: int) -> int:
        (row,) = reading.sessions(connection, SESSIONS.c.id == session_id)
        return int(row.passes[pass_index]["depth_um"])

    def keep_foreign(self, shots: Sequence[ForeignShot]) -> None:
        """Keeps shots that no session here has made, each once: they are added to nobody."""
        with self._transaction() as connection:
            known = reading.foreign(connection, FOREIGN_SHOTS.c.gun_serial.in_({shot.gun_serial for shot in shots}))
            for shot in shots:
                if not any(_same_shot(one, shot) for one in known):
                    known.append(shot)
                    fields = asdict(shot)
                    fields["values_json"] = json.dumps(fields.pop("values"))
                    connection.execute(insert(FOREIGN_SHOTS), fields)

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
        self._end(session_id, outcome, dict(summary), None, None, ended_utc or now_utc(), off)

    def acknowledge(self, session_id: int, by: str, note: str) -> None:
        """Ends the session as interrupted, and notes who looked at it and what happened. The session keeps everything it has."""
        if not by.strip():
            raise Refused(Problem("by", by, "an interrupted session is acknowledged by a person", "Give a name."))
        began_utc = self.session(session_id).started_utc
        with self._refusing():
            ended_utc, off = now_utc(), None
            off_ms = apart_ms(ended_utc, began_utc)
            if off_ms < 0:
                ended_utc, off = began_utc, ClockOff("end", ended_utc, off_ms, "its beginning")
            self._end(session_id, "interrupted", {}, by, note, ended_utc, off)

    def close(self) -> None:
        super().close()
        self._claim.release()

    def _end(
        self,
        session_id: int,
        outcome: str,
        summary: dict[str, int | str],
        acknowledged_by: str | None,
        note: str | None,
        ended_utc: str,
        clock_off: ClockOff | None,
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
                connection.execute(insert(ENDINGS), row | {"ended_utc": ended_utc})
                if clock_off:
                    _clock(connection, session_id, clock_off)
            elif dict(before) != row:
                raise RecordsFailed(
                    f"session {session_id} has ended before, as {before['outcome']}",
                    "The first ending stands; nothing was changed.",
                )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except RecordsFailed as failed:
            raise opening.refused(self.path, failed.what, failed.remedy) from failed


def _append(connection: Connection, session_id: int, boot: int, events: Sequence[Event]) -> None:
    key = {"session_id": session_id, "boot": boot}
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


def _journal(connection: Connection, session_id: int, moment: str, journal: Journaled) -> None:
    known = connection.execute(select(JOURNALS.c.id).where(JOURNALS.c.session_id == session_id, JOURNALS.c.moment == moment))
    if known.first() is None:
        row = asdict(journal) | {"session_id": session_id, "moment": moment, "read_utc": now_utc()}
        connection.execute(insert(JOURNALS), row)


def _clock(connection: Connection, session_id: int, off: ClockOff) -> None:
    connection.execute(insert(CLOCKS), asdict(off) | {"session_id": session_id})


def _same_shot(one: ForeignShot, other: ForeignShot) -> bool:
    if one.gun_serial != other.gun_serial:
        return False
    if one.number is not None or other.number is not None:
        return (one.epoch, one.number) == (other.epoch, other.number)
    return (one.gun_boot, one.values) == (other.gun_boot, other.values)


def _conflict(what: str, session_id: int, boot: int) -> RecordsFailed:
    return RecordsFailed(
        f"{what} of boot {boot} is in session {session_id} already, with another content",
        "Stop, keep the record, and have the gun examined: it told the same thing in two ways.",
    )
