"""What a command tells with --json and nothing else tells has a type here; those of the device's commands are beside these."""

from dataclasses import dataclass
from typing import Literal

from mesogun.clinical.delivery import Delivery
from mesogun.clinical.rules import Finding
from mesogun.records.result import Digests
from mesogun.refusal import Problem


@dataclass(frozen=True, kw_only=True)
class PassAtDepth:
    """What of each dose of this pass is at depth by estimate, which no sensor measures. Passes count from 1."""

    number: int
    estimated: Delivery


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """One protocol: `ok` says that the gun can give it. Then there are totals and findings, else every problem."""

    file: str
    ok: bool
    title: str | None = None
    shots: int | None = None
    volume_nl: int | None = None
    deepest_um: int | None = None
    deepest_across_um: int | None = None
    duration_ms: int | None = None
    digests: Digests | None = None
    estimated_at_depth: tuple[PassAtDepth, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What `mesogun check` found; `ok` says that every file is. `gun` is the one it was judged for, where one was named."""

    schema: Literal["check/1"] = "check/1"
    ok: bool
    gun: str | None = None
    files: tuple[CheckedFile, ...]


@dataclass(frozen=True, kw_only=True)
class FlashedFile:
    """A file of the firmware, as it is on the board."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Flashed:
    """`mesogun flash`. `version_before` is None where no version was in use; a version has two digits each for its parts."""

    schema: Literal["flash/1"] = "flash/1"
    written: bool
    port: str
    board: str
    micropython: str
    architecture: str
    version_before: int | None
    version: int
    slot: str
    files: tuple[FlashedFile, ...]
    needed_bytes: int
    free_bytes: int


@dataclass(frozen=True, kw_only=True)
class DecodedLine:
    """A line of the cable, as `mesogun.gun.decoding.Decoded` says it. `utc` is the time of a line that a laptop kept."""

    file: str
    time_us: int | None
    utc: str | None
    way: str
    seq: int | None
    message: str
    fields: dict[str, int]
    crc: Literal["good", "wrong", "missing"]
    problem: str
    words: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Decodes:
    """`mesogun decode`; `no_messages` lines are no message of ours."""

    schema: Literal["decode/1"] = "decode/1"
    lines: tuple[DecodedLine, ...]
    no_messages: int
