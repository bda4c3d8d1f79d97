"""Stored rows become what the rest of the host knows: sessions with their counts, shots, events, answers."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, case, exists, func, select

from mesogun.gun.answers import Journaled
from mesogun.gun.events import Event
from mesogun.records.rows import Answered, ClockOff, ForeignShot, Resolution, SessionRow, ShotRow
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
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, SHOT_KINDS, UNCERTAIN, UNKNOWN, kind_of

BEGIN, ACCOUNTED = "begin", "accounted"  # moments at which the gun's journal was read

_FLAGS = range((PARTIAL | UNCERTAIN | DEPTH_OFF | DOSE_OFF) + 1)
_IS_OF = [SHOTS.c.flags.in_([flags for flags in _FLAGS if kind_of(flags) == kind]) for kind in range(len(SHOT_KINDS))]

# An assumed shot of which the gun has told later is shown with what became of it, and counts no longer.
_COUNTING = ~exists().where(
    SHOTS.c.n == 0, RESOLUTIONS.c.session_id == SHOTS.c.session_id, RESOLUTIONS.c.boot == SHOTS.c.boot
).correlate(SHOTS)

_COUNTS = (
    select(
        SHOTS.c.session_id,
        *(func.sum(case((is_of, 1), else_=0)).label(name) for name, is_of in zip(SHOT_KINDS, _IS_OF, strict=True)),
        func.sum(case((_IS_OF[UNKNOWN], 0), else_=SHOTS.c.measured_dose_nl)).label("volume_nl"),
        func.sum(case((_IS_OF[UNKNOWN], SHOTS.c.commanded_dose_nl), else_=0)).label("uncertain_nl"),
    )
    .where(_COUNTING)
    .group_by(SHOTS.c.session_id)
)

_NO_SHOTS = dict.fromkeys((*SHOT_KINDS, "volume_nl", "uncertain_nl"), 0)

_SHOT_COLUMNS = [SHOTS.c[name] for name in ShotRow.__dataclass_fields__]

_EVENT = (EVENTS.c.boot, EVENTS.c.n, EVENTS.c.name, EVENTS.c.at_ms, EVENTS.c.values_json)

# It is built once: `append` runs it inside the link's pump.
_STORED = select(*_EVENT).where(
    EVENTS.c.session_id == bindparam("session_id"),
    EVENTS.c.boot == bindparam("boot"),
    EVENTS.c.n.between(bindparam("low"), bindparam("high")),
)


def sessions(connection: Connection, *where: ColumnElement[bool], limit: int | None = None) -> list[SessionRow]:
    """Returns sessions, newest first, each counted from its shots as they are now."""
    ending = [column for column in ENDINGS.c if column.name != "session_id"]
    query = select(SESSIONS, *ending).outerjoin(ENDINGS).where(*where).order_by(SESSIONS.c.id.desc()).limit(limit)
    rows = connection.execute(query).mappings().all()
    ids = [row["id"] for row in rows]
    counts = {
        row["session_id"]: {name: int(row[name]) for name in _NO_SHOTS}
        for row in connection.execute(_COUNTS.where(SHOTS.c.session_id.in_(ids))).mappings()
    }
    journals = {
        (row["session_id"], row["moment"]): Journaled(**{name: row[name] for name in Journaled.__dataclass_fields__})
        for row in connection.execute(select(JOURNALS).where(JOURNALS.c.session_id.in_(ids))).mappings()
    }
    clocks: dict[int, list[ClockOff]] = {}
    for row in connection.execute(select(CLOCKS).where(CLOCKS.c.session_id.in_(ids)).order_by(CLOCKS.c.id)).mappings():
        off = ClockOff(**{name: row[name] for name in ClockOff.__dataclass_fields__})
        clocks.setdefault(row["session_id"], []).append(off)
    waived = {
        row["session_id"]: f"{row['by']}: {row['note']}"
        for row in connection.execute(select(WAIVERS).where(WAIVERS.c.session_id.in_(ids))).mappings()
    }
    return [
        _session(
            row,
            counts.get(row["id"], _NO_SHOTS),
            began=journals.get((row["id"], BEGIN)),
            accounted=journals.get((row["id"], ACCOUNTED)),
            waived=waived.get(row["id"]),
            clock=tuple(clocks.get(row["id"], ())),
        )
        for row in rows
    ]


def _session(row: RowMapping, counts: dict[str, int], **more: Any) -> SessionRow:
    fields: dict[str, Any] = {**row, **counts, **more}
    ending = json.loads(fields.pop("summary_json") or "{}")  # its figures are of then; what was told later is not in them
    return SessionRow(**fields, reason=ending.get("reason", ""))


def newest_utc(connection: Connection) -> str:
    """Returns the newest time that is on record; "" when there is none."""
    columns = (SESSIONS.c.started_utc, ENDINGS.c.ended_utc, ANSWERS.c.answered_utc)
    return max(connection.scalar(select(func.max(column))) or "" for column in columns)


def shots(connection: Connection, session_id: int) -> list[ShotRow]:
    """Returns a session's shots as they were made, by device time within a boot: an uncertain shot has no number to go by."""
    query = select(*_SHOT_COLUMNS).where(SHOTS.c.session_id == session_id, _COUNTING).order_by(SHOTS.c.id)
    found = [ShotRow(**row) for row in connection.execute(query).mappings()]
    order = _order(shot.boot for shot in found)
    return sorted(found, key=lambda shot: (order[shot.boot], shot.at_ms, shot.at_us, abs(shot.n)))


def resolutions(connection: Connection, session_id: int) -> list[Resolution]:
    """Returns what became of a session's assumed shots, as far as the gun has told it."""
    columns = [RESOLUTIONS.c[name] for name in Resolution.__dataclass_fields__]
    query = select(*columns).where(RESOLUTIONS.c.session_id == session_id).order_by(RESOLUTIONS.c.id)
    return [Resolution(**row) for row in connection.execute(query).mappings()]


def foreign(connection: Connection, *where: ColumnElement[bool]) -> list[ForeignShot]:
    """Returns shots that no session here has made, as they were first seen."""
    query = select(FOREIGN_SHOTS).where(*where).order_by(FOREIGN_SHOTS.c.id)
    return [
        ForeignShot(
            **{name: row[name] for name in ForeignShot.__dataclass_fields__ if name != "values"},
            values=json.loads(row["values_json"]),
        )
        for row in connection.execute(query).mappings()
    ]


def heard(connection: Connection, serial: int, boot: int, low: int, high: int) -> dict[int, Event]:
    """Returns the events with numbers `low` to `high` that any session has of this start of a gun, by number."""
    query = select(*_EVENT).join(SESSIONS, SESSIONS.c.id == EVENTS.c.session_id)
    ours = (SESSIONS.c.gun_serial == serial, EVENTS.c.boot == boot, EVENTS.c.n.between(low, high))
    return {event.n: event for event in (_event(*rest) for _, *rest in connection.execute(query.where(*ours)))}


def events(connection: Connection, session_id: int) -> list[tuple[int, Event]]:
    """Returns (boot, event) of a session, each boot's events by number, whatever order they came in."""
    query = select(*_EVENT).where(EVENTS.c.session_id == session_id).order_by(EVENTS.c.id)
    found = [(boot, _event(*rest)) for boot, *rest in connection.execute(query)]
    order = _order(boot for boot, _ in found)
    return sorted(found, key=lambda told: (order[told[0]], told[1].n))


def answers(connection: Connection, session_id: int) -> list[Answered]:
    """Returns what was asked for a session and answered, in the order of the answers."""
    columns = [ANSWERS.c[name] for name in Answered.__dataclass_fields__]
    query = select(*columns).where(ANSWERS.c.session_id == session_id).order_by(ANSWERS.c.id)
    return [Answered(**row) for row in connection.execute(query).mappings()]


def stored(connection: Connection, session_id: int, boot: int, low: int, high: int) -> dict[int, Event]:
    """Returns the events of one boot with numbers `low` to `high` that a session has, by number."""
    rows = connection.execute(_STORED, {"session_id": session_id, "boot": boot, "low": low, "high": high})
    return {event.n: event for event in (_event(*rest) for _, *rest in rows)}


def _event(n: int, name: str, at_ms: int, values_json: str) -> Event:
    return Event(n, name, at_ms, json.loads(values_json))


def _order(boots: Iterable[int]) -> dict[int, int]:
    # A boot's number is random: boots follow one another as they first came in.
    return {boot: place for place, boot in enumerate(dict.fromkeys(boots))}
