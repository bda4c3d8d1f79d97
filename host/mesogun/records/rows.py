"""The record keeps plain data: a session's start, a session with its counts, a shot, an answer. Its error is here as well."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.events import Event
from mesogun.refusal import MesogunError
from mesogun.times import span
from mesogun_fw.talk.codes import SHOT_KINDS, kind_of

if TYPE_CHECKING:
    from mesogun.clinical.delivery import Band

OUTCOMES = ("complete", "stopped", "fault", "estop", "interrupted")


@dataclass(frozen=True)
class SessionStart:
    """SessionStart is what is known before the needle may move. `plan_digest` is the plan's, `protocol_digest` the file's.

    `rest_of` is the first session of an order, when this one gives what was left of it. The gun's journal keeps `tag` with every
    shot: by it the shots of sessions that give the same plan are told apart.
    """

    title: str
    protocol_text: str
    protocol_digest: str
    plan_digest: int
    plan_json: str
    gun_serial: int
    gun_version: int
    gun_boot: int
    simulated: bool
    host_version: str
    operator: str
    rest_of: int | None = field(default=None, kw_only=True)
    tag: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class ClockOff:
    """ClockOff is an odd clock: at this `moment` of a session, "begin" or "end", the computer's said `clock_utc`.

    `off_ms` is how far that was ahead (below 0: behind) of what `against` names, which told the time better.
    """

    moment: str
    clock_utc: str
    off_ms: int
    against: str

    @property
    def words(self) -> str:
        way = "ahead of" if self.off_ms > 0 else "behind"
        return f"at its {self.moment} this computer's clock was {span(abs(self.off_ms) / 1000)} {way} {self.against}"


@dataclass(frozen=True)
class SessionRow(SessionStart):
    """A SessionRow is a session as recorded, counted afresh from its shots at every reading.

    Times are UTC, ISO 8601. `outcome` is one of OUTCOMES, None while nobody has said how it ended. For an acknowledged
    session `ended_utc` is when it was acknowledged: only its last event can tell when it really broke off.
    `reason` says in words why it did not complete. Each shot counts once, as what codes.kind_of makes of its flags: `whole`,
    `partial`, `wrong` or `uncertain`. `volume_nl` is what the sensors measured of the first three; `uncertain_nl` is the
    commanded dose of the uncertain ones, counted as given (DOMAIN 5).
    An assumed shot of which the gun has told later counts no longer. `began` is what the gun's own journal added up to before,
    `accounted` when every shot of the session was known to be here; `waived` says who does not want what is left of it. `clock`
    says how far the computer's clock was off; a session whose clock was set meanwhile has ended when the gun's says so.
    """

    id: int
    started_utc: str
    ended_utc: str | None
    outcome: str | None
    reason: str
    acknowledged_by: str | None
    note: str | None
    whole: int
    partial: int
    wrong: int
    uncertain: int
    volume_nl: int
    uncertain_nl: int
    began: Journaled | None = field(default=None, kw_only=True)
    accounted: Journaled | None = field(default=None, kw_only=True)
    waived: str | None = field(default=None, kw_only=True)
    clock: tuple[ClockOff, ...] = field(default=(), kw_only=True)

    @property
    def made(self) -> int:
        """So many shots were made, of every kind."""
        return sum(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """This is how many shots there are of each of codes.SHOT_KINDS."""
        return {kind: getattr(self, kind) for kind in SHOT_KINDS}

    @property
    def passes(self) -> list[dict[str, Any]]:
        """These are the passes of the plan as it is recorded. An older record may lack keys of today."""
        passes: list[dict[str, Any]] = json.loads(self.plan_json).get("passes", [])
        return passes


def at_depth(one: Mapping[str, Any]) -> "Band | None":
    """Returns what share of each dose of a recorded pass is at depth, as it was estimated when it was planned; no sensor tells (A).

    None for a pass without a dose, and for those that were planned before anybody estimated it.
    """
    from mesogun.clinical.delivery import Band

    delivery = one.get("delivery")
    return Band(**delivery["share"]) if delivery else None


def number_of(one: dict[str, Any]) -> int:
    """Returns the number of a recorded pass in its protocol, from 1; a plan of before had no rests."""
    return int(one.get("number", one["index"] + 1))


@dataclass(frozen=True)
class ShotRow:
    """A ShotRow is one injection, as in message `shot`.

    One with `n` 0 was assumed: nobody told what became of it, and its `measured_` fields are None. One with a negative `n` was told
    by the gun's journal alone, where that is its number.
    """

    boot: int
    n: int
    at_ms: int
    at_us: int
    pass_index: int
    shot: int
    period_us: int
    commanded_depth_um: int
    measured_depth_um: int | None
    commanded_dose_nl: int
    measured_dose_nl: int | None
    flags: int

    @property
    def kind(self) -> int:
        """This counts codes.SHOT_KINDS."""
        return kind_of(self.flags)


@dataclass(frozen=True)
class Resolution:
    """A Resolution is what became of a session's assumed shot: its number in the gun's journal, None when it was never made."""

    boot: int
    number: int | None
    evidence: str


@dataclass(frozen=True)
class Account:
    """An Account is what a gun tells later of a session: events, and shots that only its journal holds.

    `resolution` is of the session's assumed shot, if it has one; `journal` is there when nothing of the session is missing now.
    """

    boot: int
    events: Sequence[Event] = ()
    logged: Sequence[Logged] = ()
    resolution: Resolution | None = None
    journal: Journaled | None = None


@dataclass(frozen=True)
class ForeignShot:
    """A ForeignShot is one that no session here can be proven to have made, with all that is known of it.

    `epoch`, `number` and `digest` are of the gun's journal, None where that does not hold it; `values` are an event's fields, or
    those of the journal's row.
    """

    seen_utc: str
    gun_serial: int
    gun_boot: int
    epoch: int | None
    number: int | None
    digest: int | None
    values: dict[str, int]


@dataclass(frozen=True)
class Answered:
    """Answered is a question that a visit put to a person, in the words that were asked, and the answer.

    `question` is the question's id; `answered_by` is "" when nobody was there. Time is UTC, ISO 8601.
    """

    question: str
    words: str
    answer: str
    answered_by: str
    answered_utc: str


class RecordsFailed(MesogunError):
    """The record could not be written or read although it was open. What was committed before is intact."""

    exit_code = 5

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}. {remedy}")


class RecordsLocked(RecordsFailed):
    """Another program keeps the record locked: nothing was written, and the same may be tried again."""
