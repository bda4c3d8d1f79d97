"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mesogun.clinical.protocol import Protocol
from mesogun.refusal import Problem

BLOCK = "block"  # cannot proceed
CONFIRM = "confirm"  # a physician confirms, with a reason, recorded
WARN = "warn"

Breaches = Iterable[tuple[str, str]]  # (field, its value): where a protocol does not keep the rule


@dataclass(frozen=True)
class Rule:
    """One rule of DOMAIN 6. `source`: a seed's number, or H (label, guidance, paper) or A (assumption)."""

    id: str
    severity: str
    source: str
    text: str
    remedy: str
    breaches: Callable[[Protocol], Breaches]


@dataclass(frozen=True)
class Finding:
    """One place where a protocol does not keep a rule."""

    rule: str
    severity: str
    field: str
    value: str
    message: str
    remedy: str

    def problem(self) -> Problem:
        return Problem(self.field, self.value, self.message, self.remedy)
