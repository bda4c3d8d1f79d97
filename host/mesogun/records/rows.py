"""The record keeps plain data: a session's start, a session with its counts, a shot, an answer. Its error is here as well."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mesogun.refusal import MesogunError
from mesogun_fw.talk.codes import SHOT_KINDS, kind_of

OUTCOMES = ("complete", "stopped", "fault", "estop", "interrupted")


@dataclass(frozen=True)
class SessionStart:
    """SessionStart is what is known before the needle may move. `plan_digest` is the plan's, `protocol_digest` the file's."""

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


@dataclass(frozen=True)
class SessionRow(SessionStart):
    """A SessionRow is a session as recorded, counted afresh from its shots at every reading.

    Times are UTC, ISO 8601. `outcome` is one of OUTCOMES, None while nobody has said how it ended. For an acknowledged
    session `ended_utc` is when it was acknowledged: only its last event can tell when it really broke off.
    `reason` says in words why it did not complete. Each shot counts once, as what codes.kind_of makes of its flags: `whole`,
    `partial`, `wrong` or `uncertain`. `volume_nl` is what the sensors measured of the first three; `uncertain_nl` is the
    commanded dose of the uncertain ones, counted as given (DOMAIN 5).
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

    @property
    def counts(self) -> dict[str, int]:
        """This is how many shots there are of each of codes.SHOT_KINDS."""
        return {kind: getattr(self, kind) for kind in SHOT_KINDS}

    @property
    def passes(self) -> list[dict[str, Any]]:
        """These are the passes of the plan as it is recorded. An older record may lack keys of today."""
        passes: list[dict[str, Any]] = json.loads(self.plan_json).get("passes", [])
        return passes


@dataclass(frozen=True)
class ShotRow:
    """A ShotRow is one injection, as in message `shot`. No event reports one whose `n` is 0; its `measured_` fields are None."""

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
class Answered:
    """Answered is a question that a visit put to a person, in the words that were asked, and the answer.

    `question` is the question's id; `answered_by` is "" when nobody was there. Time is UTC, ISO 8601.
    """

    question: str
    words: str
    answer: str
    answered_by: str
    answered_utc: str


def now_utc() -> str:
    """Returns the time as the record writes it: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RecordsFailed(MesogunError):
    """The record could not be written or read although it was open. What was committed before is intact."""

    exit_code = 5

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}. {remedy}")
