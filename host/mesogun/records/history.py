"""Other programs read a record here: its sessions, and what became of each. Nothing is written, and nothing stays open."""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mesogun.clinical.techniques import MODES
from mesogun.gun.explanations import REASONS, Reason
from mesogun.gun.words import dotted, reason_in_words
from mesogun.records.places import database
from mesogun.records.result import Counts, Digests, Measured, Outcome, PassResult, Result, Volumes, Why
from mesogun.records.rows import SessionRow, ShotRow, at_depth, number_of
from mesogun.telling import to_dict
from mesogun_fw.talk.codes import CUT_SHORT, SHOT_KINDS, UNKNOWN
from mesogun_fw.talk.messages import ESTOP, FAULT, PAUSE

if TYPE_CHECKING:
    from mesogun.gun.events import Event
    from mesogun.records.store import Records

_MODES = {number: name for name, number in MODES.items()}
_KINDS = {"fault": FAULT, "estop": ESTOP, "stopped": PAUSE}

# What to do after an outcome of which no code of the gun tells.
_REMEDIES = {
    "stopped": "What is left can be given in another session: --rest, or rest_of",
    "fault": "Do not use the gun: keep the record, and have it examined",
    "estop": "Release the emergency stop, then press the clear button",
    "interrupted": "Plug the gun in: what it did meanwhile is asked of it before the next session",
}


@dataclass(frozen=True, kw_only=True)
class SessionBrief:
    """One session of a list. Its shots are counted, its volumes summed up, as in Result."""

    session: int
    title: str
    outcome: Outcome | None
    began: datetime
    ended: datetime | None
    gun: int
    simulated: bool
    operator: str
    rest_of: int | None
    whole: int
    partial: int
    wrong: int
    uncertain: int
    measured_nl: int
    uncertain_nl: int

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it, in its list."""
        return to_dict(self)


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """The newest sessions of a record, newest first."""

    schema: Literal["sessions/1"] = "sessions/1"
    record: str
    sessions: tuple[SessionBrief, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it."""
        return to_dict(self)


class History:
    """A History reads one record: `where` is a file or a URL, else this computer's own, of simulated guns when asked for.

    Methods raise Refused when there is no such record or session, and RecordsFailed when it cannot be read.
    """

    def __init__(self, where: str | PathLike[str] | None = None, simulated: bool = False) -> None:
        self._own = where is None
        self.where = database(simulated) if where is None else fspath(where)

    def sessions(self, limit: int = 50) -> tuple[SessionBrief, ...]:
        """Returns the newest `limit` sessions, newest first; none where this computer has no record yet."""
        from mesogun.records.store import Records

        if self._own and not Path(self.where).exists():
            return ()
        with Records.look(self.where) as records:
            return sessions_of(records, limit).sessions

    def result(self, session: int) -> Result:
        """Returns what became of the session of this number."""
        from mesogun.records.store import Records

        with Records.look(self.where) as records:
            return result_of(records, operator.index(session))

    def __repr__(self) -> str:
        return f"History({self.where!r})"


def sessions_of(records: "Records", limit: int) -> Sessions:
    """Returns the newest sessions of an open record."""
    return Sessions(record=str(records.path), sessions=tuple(_brief(row) for row in records.sessions(limit)))


def result_of(records: "Records", session_id: int, **more: Any) -> Result:
    """Returns the result of a session of an open record; `more` is what no record has. Raises Refused when there is none."""
    row, shots, events = records.session(session_id), records.shots(session_id), records.events(session_id)
    summary = records.summary(session_id)
    passes = tuple(_passes(row, shots))
    return Result(
        session=row.id,
        title=row.title,
        outcome=row.outcome,  # type: ignore[arg-type]
        reason=_why(row, events),
        counts=Counts(planned=sum(one.counts.planned for one in passes), **row.counts, left=sum(one.counts.left for one in passes)),
        volumes=Volumes(
            planned_nl=sum(one.volumes.planned_nl for one in passes),
            commanded_nl=summary.commanded_volume_nl,
            measured_nl=row.volume_nl,
            uncertain_nl=row.uncertain_nl,
        ),
        passes=passes,
        deepest_um=summary.deepest_um,
        depth_spread_um=summary.depth_spread_um,
        dose_spread_nl=summary.dose_spread_nl,
        duration_ms=summary.duration_ms,
        gun=row.gun_serial,
        firmware=dotted(row.gun_version),
        simulated=bool(row.simulated),
        operator=row.operator,
        began=datetime.fromisoformat(row.started_utc),
        ended=_when(row.ended_utc),
        rest_of=row.rest_of,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
        waived=row.waived,
        clock=row.clock,
        digests=Digests.of(row.protocol_digest, row.plan_digest),
        record=str(records.path),
        rows=shots,
        **more,
    )


def _brief(row: SessionRow) -> SessionBrief:
    return SessionBrief(
        session=row.id,
        title=row.title,
        outcome=row.outcome,  # type: ignore[arg-type]
        began=datetime.fromisoformat(row.started_utc),
        ended=_when(row.ended_utc),
        gun=row.gun_serial,
        simulated=bool(row.simulated),
        operator=row.operator,
        rest_of=row.rest_of,
        **row.counts,
        measured_nl=row.volume_nl,
        uncertain_nl=row.uncertain_nl,
    )


def _when(utc: str | None) -> datetime | None:
    return datetime.fromisoformat(utc) if utc else None


def _passes(row: SessionRow, shots: Sequence[ShotRow]) -> Iterable[PassResult]:
    """Yields what became of each pass that was planned or of which there is a shot, by the gun's index."""
    planned = {one["index"]: one for one in row.passes}
    for index in sorted(planned.keys() | {shot.pass_index for shot in shots}):
        one = planned.get(index)
        yield _pass(one or {}, None if one is None else number_of(one), [shot for shot in shots if shot.pass_index == index])


def _pass(one: dict[str, Any], number: int | None, shots: Sequence[ShotRow]) -> PassResult:
    made = {name: sum(shot.kind == kind for shot in shots) for kind, name in enumerate(SHOT_KINDS)}
    known = [shot for shot in shots if shot.kind != UNKNOWN]
    filled = [shot for shot in shots if shot.kind != CUT_SHORT]
    points = [shot for shot in filled if shot.kind != UNKNOWN]
    planned = one.get("shots", 0)
    return PassResult(
        number=number,
        technique=one.get("technique"),
        mode=_MODES.get(one.get("mode", -1)),
        depth_um=one.get("depth_um"),
        dose_nl=one.get("dose_nl"),
        counts=Counts(planned=planned, **made, left=max(0, planned - len(filled))),
        volumes=Volumes(
            planned_nl=planned * one.get("dose_nl", 0),
            commanded_nl=sum(shot.commanded_dose_nl for shot in filled),
            measured_nl=sum(shot.measured_dose_nl or 0 for shot in known),
            uncertain_nl=sum(shot.commanded_dose_nl for shot in shots if shot.kind == UNKNOWN),
        ),
        measured_depth_um=_measured([shot.measured_depth_um for shot in points]),
        measured_dose_nl=_measured([shot.measured_dose_nl for shot in points]),
        estimated_at_depth=at_depth(one),
    )


def _measured(values: Sequence[int | None]) -> Measured | None:
    known = [value for value in values if value is not None]
    return Measured(low=min(known), mean=round(sum(known) / len(known), 3), high=max(known)) if known else None


def _why(row: SessionRow, events: Sequence["Event"]) -> Why | None:
    """Returns why a session did not complete. The gun's code is there when what is recorded is what the gun said last."""
    if row.outcome in (None, "complete"):
        return None
    outcome = str(row.outcome)
    kind = _KINDS.get(outcome)
    codes = [Reason(event.values["reason"]) for event in events if event.name == "ended" and event.values["kind"] == kind]
    code = next((code for code in reversed(codes) if code in REASONS and reason_in_words(code) in row.reason), None)
    words = row.reason or (f"acknowledged by {row.acknowledged_by}: {row.note}" if row.acknowledged_by else "not recorded")
    if code is None:
        return Why(code=None, name=outcome, words=words, remedy=_REMEDIES[outcome])
    name, _, _, _, remedy = REASONS[code]
    return Why(code=code, name=name, words=words, remedy=remedy)
