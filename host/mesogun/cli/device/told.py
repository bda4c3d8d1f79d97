"""What the device's commands tell with --json: a type for each. Names and units are those of the messages."""

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.calibration import Scale
from mesogun.gun.explanations import ReasonTold
from mesogun.gun.hello import Welcome
from mesogun.telling import OneOf
from mesogun_fw.talk.codes import CONDITIONS, GOOD

StateName = Annotated[str, OneOf("mesogun_fw.talk.messages:STATES")]


@dataclass(frozen=True, kw_only=True)
class StateTold:
    """The gun's full status. `fault` is 0 when nothing is latched."""

    state: StateName
    at_ms: int
    fault: ReasonTold
    index: int
    done: int
    events: int
    kept: int
    inputs: int
    bad_lines: int
    left_nl: int


@dataclass(frozen=True, kw_only=True)
class JournalSums:
    """What the gun's own journal adds up to. Unless it is good the figures are 0, and what the gun has given is unknown."""

    condition: Annotated[str, OneOf("mesogun_fw.talk.codes:CONDITIONS")]
    good: bool
    epoch: int
    shots: int
    volume_nl: int
    uncertain: int

    @classmethod
    def of(cls, journaled: Journaled) -> "JournalSums":
        return cls(**asdict(journaled) | {"condition": CONDITIONS[journaled.condition], "good": journaled.condition == GOOD})


@dataclass(frozen=True, kw_only=True)
class DeviceInfo:
    """`mesogun device info`: who the gun is, what it is made of (by the figures' names), how it is, what its journal has."""

    schema: Literal["device-info/1"] = "device-info/1"
    gun: Welcome
    hardware: dict[str, int]
    state: StateTold
    journal: JournalSums


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """`mesogun device config get`: the figures of the gun's description by name."""

    schema: Literal["hardware/1"] = "hardware/1"
    hardware: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of the description as it was and as it is stored now."""

    old: int
    new: int


@dataclass(frozen=True, kw_only=True)
class HardwareSet:
    """`mesogun device config set`: what was changed, by name."""

    schema: Literal["hardware-set/1"] = "hardware-set/1"
    changed: dict[str, Change]


@dataclass(frozen=True, kw_only=True)
class SelfTested:
    """`mesogun device selftest`: the tests there are, and which failed; `bits` has a bit for each."""

    schema: Literal["selftest/1"] = "selftest/1"
    failed: tuple[str, ...]
    tests: tuple[str, ...]
    bits: int


@dataclass(frozen=True, kw_only=True)
class Homed:
    """`mesogun device home`. `reason` is 0 when the gun told none."""

    schema: Literal["home/1"] = "home/1"
    homed: bool
    state: StateName
    reason: ReasonTold


@dataclass(frozen=True, kw_only=True)
class Primed:
    """`mesogun device prime`. `pushed_nl` is by the plunger's encoder; `waste_nl` is all since power-on."""

    schema: Literal["prime/1"] = "prime/1"
    whole: bool
    asked_nl: int
    pushed_nl: int
    waste_nl: int
    state: StateName
    reason: ReasonTold


@dataclass(frozen=True, kw_only=True)
class Zeroed:
    """`mesogun device zero`: by so much every depth would be off."""

    schema: Literal["zero/1"] = "zero/1"
    off_um: int
    within: bool


@dataclass(frozen=True, kw_only=True)
class ScaleTold:
    """A figure of the description against the gauge; `error` is a share. `fitting_nm` would be right, None when nothing fits."""

    name: str
    described_nm: int
    measured_nm: float
    fitting_nm: int | None
    error: float
    within: bool

    @classmethod
    def of(cls, scale: Scale) -> "ScaleTold":
        return cls(**asdict(scale), error=round(scale.error, 4), within=scale.within)


@dataclass(frozen=True, kw_only=True)
class NeedleCalibrated:
    """`mesogun device calibrate needle`. A reading is what was asked for, what the encoder saw, what the gauge showed."""

    schema: Literal["calibrate-needle/1"] = "calibrate-needle/1"
    readings_um: tuple[tuple[float, float, float], ...]
    scales: dict[str, ScaleTold]
    zero_um: float
    command: str | None


@dataclass(frozen=True, kw_only=True)
class DoseCalibrated:
    """`mesogun device calibrate dose`: weighed doses. A syringe of `bore_um` would explain their mean; the table has another."""

    schema: Literal["calibrate-dose/1"] = "calibrate-dose/1"
    asked_ul: float
    doses_ul: tuple[float, ...]
    mean_ul: float
    spread_ul: float
    error: float
    limit_ul: float
    outside: int
    bore_um: int
    table_bore_um: int


@dataclass(frozen=True, kw_only=True)
class JournalTold(JournalSums):
    """`mesogun device journal`."""

    schema: Literal["journal/1"] = "journal/1"


@dataclass(frozen=True, kw_only=True)
class LoggedTold(Logged):
    """A shot of the gun's journal, with its flags in words."""

    flag_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Log:
    """`mesogun device log`: the journal, and its newest shots, newest first."""

    schema: Literal["log/1"] = "log/1"
    journal: JournalSums
    shots: tuple[LoggedTold, ...]


@dataclass(frozen=True, kw_only=True)
class Look:
    """A line of `mesogun device watch`, by the link's clock `after_ms` since the watching began."""

    schema: Literal["watch/1"] = "watch/1"
    after_ms: int
    state: StateName
    fault: ReasonTold
    inputs: int
    switches: dict[str, bool]
    syringe: int
    needle_um: int
    plunger_nm: int
    supply_mv: int
    temperature_c: int
    pressure_kpa: int
    stop_um: int
    late_us: int
    tick_us: int
    waste_nl: int
    used_nl: int
    bad_lines: int
    bad_lines_here: int
