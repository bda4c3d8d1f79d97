"""A database URL becomes a connection that is durable and has today's tables, or a refusal that says what to do.

The database is SQLite. Tables and statements are written so that PostgreSQL can follow; it needs its own triggers, lock and
error texts, and a server to test them on.
"""

import os
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, NullPool, StaticPool, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from mesogun.records.schema import HEAD
from mesogun.refusal import Problem, Refused

BUSY_MS = 50  # in a session a try to write waits so long for another writer: the pump's next beat is not held up by more
OPENING_BUSY_MS = 5_000  # before one, nothing is armed: another program's migration or backup has time to end

_FULL = ("the disk is full", "Free some space there, or name a database on another disk.")
_READ_ONLY = ("it cannot be written", "Make the file and its folder writable, or name another database.")
_BROKEN = ("it is no database, or a damaged one", "Keep the file as it is for whoever repairs it, and name another database.")
LOCKED = ("another program keeps it locked", "Close that program, then try again.")
_DISK = ("the disk reports an error", "Check the disk and its free space, or name a database on another disk.")

_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_IOERR: _DISK,
}


def connect(named: str) -> Connection:
    """Returns a connection to a migrated database whose commits outlive a power cut; folder and file are made when missing.

    Raises Refused with field `db`. One connection belongs to one thread.
    """
    path = path_of(named)
    _prepare(path)
    settings = {"isolation_level": "IMMEDIATE", "timeout": OPENING_BUSY_MS / 1000}
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args=settings, poolclass=NullPool)
    try:
        with ExitStack() as undo:
            connection = undo.enter_context(engine.connect())
            _make_durable(connection)
            _migrate(connection, path)
            _use_write_ahead_log(connection, path)
            undo.pop_all()
    except DBAPIError as error:
        raise refused(path, *reason(error)) from error
    return connection


def look(named: str) -> Connection:
    """Returns a connection that writes nothing. Raises Refused when there is no such database, or none of this version's."""
    path = path_of(named)
    if not path.is_file():
        raise refused(path, "there is no such record", "Check the name; records list without --db shows this computer's own.")
    beside = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    # Without the right to write, SQLite reads a file with a write-ahead log only when told that nobody else writes either.
    uri = f"{path.as_uri()}?mode=ro" + ("" if beside else "&immutable=1")
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=NullPool)
    engine.url = URL.create("sqlite", database=str(path))
    try:
        with ExitStack() as undo:
            connection = undo.enter_context(engine.connect())
            stored = connection.scalar(text("SELECT version_num FROM alembic_version")) if _is_ours(connection) else None
            connection.rollback()
            if stored == HEAD:
                undo.pop_all()
                return connection
            if stored and not beside:
                return _copied(connection, stored, path)
    except DBAPIError as error:
        raise refused(path, *reason(error)) from error
    return connect(str(path))  # it is made this version's, or refused


def _copied(connection: Connection, stored: str, path: Path) -> Connection:
    """Returns a copy in memory that has today's tables: the file itself is where nothing can be written."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with ExitStack() as undo:
        copy = undo.enter_context(engine.connect())
        source, target = connection.connection.driver_connection, copy.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        assert isinstance(target, sqlite3.Connection)
        source.backup(target)
        with copy.begin():
            _upgrade(copy, stored, path)
        engine.url = URL.create("sqlite", database=str(path))
        undo.pop_all()
    return copy


def _is_ours(connection: Connection) -> bool:
    return "alembic_version" in inspect(connection).get_table_names()


def reason(error: Exception) -> tuple[str, str]:
    """Returns what a database error means to a person, and the remedy."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the extended codes keep the plain one in their low byte
    return _REASONS.get(code, (f"the database says: {cause}", "Nothing was written. Keep this text for whoever repairs it."))


def refused(path: str | Path, limit: str, remedy: str) -> Refused:
    """Makes the refusal of a database, with field `db`."""
    return Refused(Problem("db", str(path), limit, remedy))


def path_of(named: str) -> Path:
    """Returns where a database really is, links followed: `named` is a path, or a URL such as sqlite:///records.db."""
    if not named:
        remedy = "Name a file, or a URL such as sqlite:///records.db, or leave the option out."
        raise refused("nothing", "this names no database", remedy)
    try:
        return (_of_url(named) if "://" in named or (named.startswith("sqlite") and ":" in named) else Path(named)).resolve()
    except (ValueError, RuntimeError, OSError) as error:  # characters that no name has, links that lead round
        raise refused(named, f"this can be no name: {error}", "Name another file.") from None


def _of_url(url: str) -> Path:
    remedy = "Write its path, or sqlite:////folder/records.db (four slashes: from the root; three: from the current folder)."
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise refused(url, "this is no database URL", remedy) from None
    shown = parts.render_as_string(hide_password=True)
    if parts.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise refused(shown, "only SQLite databases are supported so far", remedy)
    if parts.database in (None, "", ":memory:") or parts.host or parts.query:
        raise refused(shown, "a record needs a file, named without further options", remedy)
    return Path(str(parts.database))


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_dir():
            raise refused(path, "it is a folder", "Name a file in it.")
        if not path.exists():  # what is beside it gets its rights from it: nobody else reads about patients
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # The administrator may write to a file marked read-only. Somebody marked it: it is left alone.
        if path.exists() and not path.stat().st_mode & 0o222:
            raise refused(path, *_READ_ONLY)
    except PermissionError:
        raise refused(path, *_READ_ONLY) from None
    except OSError as error:
        raise refused(path, f"its folder cannot be used: {error.strerror}", _READ_ONLY[1]) from None


def _make_durable(connection: Connection) -> None:
    with connection.begin():
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        connection.exec_driver_sql("PRAGMA fullfsync = ON")  # macOS: plain fsync leaves the commit in the drive's cache
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("PRAGMA recursive_triggers = ON")  # without it INSERT OR REPLACE deletes past the triggers


def _migrate(connection: Connection, path: Path) -> None:
    with connection.begin():
        # The lock also proves that the file can be written, and makes a second opener wait for the first one's migration.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        tables = inspect(connection).get_table_names()
        if tables and "alembic_version" not in tables:
            raise refused(path, "it belongs to another program", "Name another database.")
        stored = connection.scalar(text("SELECT version_num FROM alembic_version")) if tables else None
        if stored != HEAD:
            _upgrade(connection, stored, path)


def _use_write_ahead_log(connection: Connection, path: Path) -> None:
    # This comes last: a file that turns out to belong to another program is left as it was.
    until = monotonic() + OPENING_BUSY_MS / 1000
    while (mode := _journal_mode(connection)) is None and monotonic() < until:
        sleep(0.01)
    if mode is None:
        raise refused(path, *LOCKED)
    if mode != "wal":
        raise refused(path, f"its disk allows no write-ahead log, only {mode}", "Name a database on a local disk.")


def _journal_mode(connection: Connection) -> str | None:
    """Asks for a write-ahead log, and returns the mode. It is None while others use the file: SQLite waits for nobody here."""
    try:
        with connection.begin():
            return str(connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one())
    except DBAPIError as error:
        if reason(error) == LOCKED:
            return None
        raise


def _upgrade(connection: Connection, stored: str | None, path: Path) -> None:
    # These imports take half a second, and an up-to-date database does not need them.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if stored is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(stored)
        except CommandError:
            newer = f"its revision {stored} is newer than {HEAD}"
            raise refused(path, newer, "Update mesogun, or name another database.") from None
    command.upgrade(config, "head")
