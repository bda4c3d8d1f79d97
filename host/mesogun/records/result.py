"""A Result says what became of a session, for other programs: it is read from the record, so that both say the same."""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from mesogun.clinical.delivery import Band
from mesogun.gun.explanations import ReasonTold
from mesogun.records.rows import ClockOff, ShotRow
from mesogun.refusal import MesogunError, Problem, Refused
from mesogun.telling import to_dict

if TYPE_CHECKING:
    import numpy
    import pandas

    from mesogun.sheet import Sheet

Outcome = Literal["complete", "stopped", "fault", "estop", "interrupted"]
EXIT_CODES = {"complete": 0, "interrupted": 3, "fault": 4, "estop": 4}
UNFINISHED = 1


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why a session did not complete: `code` is the gun's own, None when it was not the gun that ended it.

    `name` is that of the code, else the outcome's. `words` are as recorded.
    """

    code: ReasonTold | None
    name: str
    words: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts are of shots; a second of constant flow counts as one. Each that was made is whole, partial, wrong or uncertain.

    All but partial ones fill their place; `left` are the places that nothing has filled, in this session.
    """

    planned: int
    whole: int
    partial: int
    wrong: int
    uncertain: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """`measured_nl` is of all shots but uncertain ones, whose commanded doses are `uncertain_nl` and count as given.

    `commanded_nl` is what all shots but partial ones were told to give.
    """

    planned_nl: int
    commanded_nl: int
    measured_nl: int
    uncertain_nl: int


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What sensors measured, of whole and wrong shots."""

    low: int
    mean: float
    high: int


@dataclass(frozen=True, kw_only=True)
class PassResult:
    """What became of one pass. `number` counts as the protocol does, from 1; what was planned is None for a pass that never was.

    `estimated_at_depth` is the share of each dose that is at depth, as it was planned: no sensor measures it (A).
    """

    number: int | None
    technique: str | None
    mode: str | None
    depth_um: int | None
    dose_nl: int | None
    counts: Counts
    volumes: Volumes
    measured_depth_um: Measured | None
    measured_dose_nl: Measured | None
    estimated_at_depth: Band | None


@dataclass(frozen=True, kw_only=True)
class Digests:
    """By these two are known the protocol's file (SHA-256, hex) and the plan as the gun held it (48 bits, hex)."""

    protocol: str
    plan: str

    @classmethod
    def of(cls, protocol: str, plan: int) -> Self:
        return cls(protocol=protocol, plan=f"{plan:012x}")


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """A Result says what became of a session: `outcome` is None while it has no end.

    `gun` is its serial number, `firmware` what it ran. `record` is the database, `trace` and `plot` where these were written.
    Depths and doses are measured, `deepest_um` of all shots but uncertain ones. `duration_ms` is the gun's time from the first
    shot to the last ending; `gun_s` and `wall_s` are the gun's time and this computer's from before the first move to the
    last row, None when it was read from a record.
    """

    schema: Literal["result/1"] = "result/1"
    session: int
    title: str
    outcome: Outcome | None
    reason: Why | None
    counts: Counts
    volumes: Volumes
    passes: tuple[PassResult, ...]
    deepest_um: int
    depth_spread_um: int
    dose_spread_nl: int
    duration_ms: int
    gun: int
    firmware: str
    simulated: bool
    operator: str
    began: datetime
    ended: datetime | None
    rest_of: int | None
    acknowledged_by: str | None
    note: str | None
    waived: str | None
    clock: tuple[ClockOff, ...] = ()
    digests: Digests
    record: str
    trace: str | None = None
    plot: str | None = None
    gun_s: float | None = None
    wall_s: float | None = None
    rows: InitVar[Sequence[ShotRow]] = ()

    def __post_init__(self, rows: Sequence[ShotRow]) -> None:
        object.__setattr__(self, "_rows", tuple(rows))

    @property
    def shots(self) -> "numpy.ma.MaskedArray[Any, Any]":
        """These are the shots in the order they were made: a numpy array with the wire's fields and integers, and `kind`.

        `kind` counts codes.SHOT_KINDS: 0 whole, 1 partial, 2 wrong, 3 uncertain. What no sensor measured is masked.
        """
        from mesogun.records.arrays import array_of

        return array_of(self._shots)

    @property
    def exit_code(self) -> int:
        """This is the exit code of a command that gave this session to its end."""
        return EXIT_CODES.get(self.outcome or "", UNFINISHED)

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it."""
        return to_dict(self)

    def to_pandas(self) -> "pandas.DataFrame":
        """Returns the shots as a table of pandas, `kind` in words, NA where no sensor measured. Raises Refused without pandas."""
        from mesogun.records.arrays import table_of

        try:
            import pandas
        except ImportError:
            what = "a table of shots is one of pandas, which is not installed"
            raise Refused(Problem("pandas", "missing", what, 'Install it: pip install pandas, or "mesogun[notebook]"')) from None
        return table_of(self._shots, pandas)

    def raise_for_outcome(self) -> Self:
        """Returns this when the session is complete, else raises NotComplete."""
        if self.outcome != "complete":
            raise NotComplete(self)
        return self

    def __repr__(self) -> str:
        counts = self.counts
        return f"<Result of session {self.session}: {self.outcome}, {counts.whole} of {counts.planned} shots whole>"

    def __str__(self) -> str:
        return self._sheet().text()

    def _repr_html_(self) -> str:
        return self._sheet().html()

    @property
    def _shots(self) -> tuple[ShotRow, ...]:
        rows: tuple[ShotRow, ...] = self.__dict__["_rows"]
        return rows

    def _sheet(self) -> "Sheet":
        from mesogun.records.result_sheet import sheet_of

        return sheet_of(self)


class NotComplete(MesogunError):
    """A session did not complete: `result` says what was given, and why not all of it."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.exit_code = result.exit_code
        why = f": {result.reason.words}" if result.reason else ""
        super().__init__(f"session {result.session} {result.outcome or 'has no end'}{why}")
