"""What the rest of the host knows becomes rows: each is added once, however often it is told, and none is changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from mesogun.gun.answers import Journaled
from mesogun.gun.events import Event
from mesogun.records import reading
from mesogun.records.rows import Account, ClockOff, ForeignShot, RecordsFailed
from mesogun.records.schema import CLOCKS, ENDINGS, EVENTS, FOREIGN_SHOTS, JOURNALS, RESOLUTIONS, SESSIONS, SHOTS
from mesogun.times import now_utc
from mesogun_fw.talk.codes import UNCERTAIN


def append(connection: Connection, session_id: int, boot: int, events: Sequence[Event]) -> None:
    """Adds every event that is not there yet. Raises RecordsFailed for one that is there with another content."""
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


def journal(connection: Connection, session_id: int, moment: str, read: Journaled) -> None:
    """Adds what the gun's journal added up to at this moment, unless that is there."""
    known = connection.execute(select(JOURNALS.c.id).where(JOURNALS.c.session_id == session_id, JOURNALS.c.moment == moment))
    if known.first() is None:
        row = asdict(read) | {"session_id": session_id, "moment": moment, "read_utc": now_utc()}
        connection.execute(insert(JOURNALS), row)


def clock(connection: Connection, session_id: int, off: ClockOff) -> None:
    """Adds by how much the computer's clock was off."""
    connection.execute(insert(CLOCKS), asdict(off) | {"session_id": session_id})


def account(connection: Connection, session_id: int, told: Account) -> None:
    """Adds what the gun has told later of a session, as far as it is not there yet."""
    if told.events:
        append(connection, session_id, told.boot, told.events)
    known = {shot.n for shot in reading.shots(connection, session_id)}
    at_ms = max((event.at_ms for _, event in reading.events(connection, session_id)), default=0)
    for logged in told.logged:
        if -logged.number not in known:
            fields = asdict(logged)
            row = {name: fields[name] for name in fields if name in SHOTS.c}
            depth_um = _planned_depth_um(connection, session_id, logged.pass_index)
            row |= {"session_id": session_id, "boot": told.boot, "n": -logged.number, "at_ms": at_ms, "at_us": 0}
            connection.execute(insert(SHOTS), row | {"period_us": 0, "commanded_depth_um": depth_um})
    if told.resolution and told.resolution not in reading.resolutions(connection, session_id):
        row = asdict(told.resolution) | {"session_id": session_id, "resolved_utc": now_utc()}
        connection.execute(insert(RESOLUTIONS), row)
    if told.journal:
        journal(connection, session_id, reading.ACCOUNTED, told.journal)


def foreign(connection: Connection, shots: Sequence[ForeignShot]) -> None:
    """Adds shots that no session here has made, each once."""
    known = reading.foreign(connection, FOREIGN_SHOTS.c.gun_serial.in_({shot.gun_serial for shot in shots}))
    for shot in shots:
        if not any(_same_shot(one, shot) for one in known):
            known.append(shot)
            fields = asdict(shot)
            fields["values_json"] = json.dumps(fields.pop("values"))
            connection.execute(insert(FOREIGN_SHOTS), fields)


def uncertain(connection: Connection, session_id: int, boot: int, at_ms: int, assumed: Mapping[str, int]) -> None:
    """Adds the shot that is assumed to have been given, once: of it `assumed` has the pass and what was commanded."""
    row: dict[str, int | None] = {
        "session_id": session_id,
        "boot": boot,
        "n": 0,
        "at_ms": at_ms,
        "at_us": 0,
        "shot": 0,
        "period_us": 0,
        **assumed,
    }
    row |= {"measured_depth_um": None, "measured_dose_nl": None, "flags": UNCERTAIN}
    columns = [SHOTS.c[name] for name in row]
    ours = (SHOTS.c.session_id == session_id, SHOTS.c.boot == boot, SHOTS.c.n == 0)
    before = connection.execute(select(*columns).where(*ours)).mappings().one_or_none()
    if before is None:
        connection.execute(insert(SHOTS), row)
    elif dict(before) != row:
        raise _conflict("the uncertain shot", session_id, boot)


def ending(connection: Connection, row: Mapping[str, object], ended_utc: str, off: ClockOff | None) -> None:
    """Adds how a session ended, once. Raises RecordsFailed when it has ended otherwise before."""
    session_id = int(str(row["session_id"]))
    columns = [ENDINGS.c[name] for name in row]
    before = connection.execute(select(*columns).where(ENDINGS.c.session_id == session_id)).mappings().one_or_none()
    if before is None:
        connection.execute(insert(ENDINGS), {**row, "ended_utc": ended_utc})
        if off:
            clock(connection, session_id, off)
    elif dict(before) != row:
        what = f"session {session_id} has ended before, as {before['outcome']}"
        raise RecordsFailed(what, "The first ending stands; nothing was changed.")


def _planned_depth_um(connection: Connection, session_id: int, pass_index: int) -> int:
    (row,) = reading.sessions(connection, SESSIONS.c.id == session_id)
    return int(row.passes[pass_index]["depth_um"])


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
