"""This module says what a rule is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mesogun.clinical.protocol import Protocol
from mesogun.refusal import Placed, Problem
from mesogun.telling import to_dict

BLOCK = "block"  # the protocol cannot be given
CONFIRM = "confirm"  # a physician has to confirm it, with a reason that is recorded
WARN = "warn"

Breaches = Iterable[tuple[str, str]]  # each (field, its value) is where a protocol does not keep the rule


@dataclass(frozen=True)
class Rule:
    """A Rule is one of DOMAIN 6. `source` is a seed's number, or H (label, guidance, paper) or A (assumption)."""

    id: str
    severity: str
    source: str
    text: str
    remedy: str
    breaches: Callable[[Protocol], Breaches]


@dataclass(frozen=True)
class Finding(Placed):
    """A Finding is one place where a protocol does not keep a rule."""

    value: str
    rule: str
    severity: str
    message: str
    remedy: str

    @classmethod
    def of(cls, problem: Problem, rule: str, severity: str) -> "Finding":
        """Returns a part of a refusal as a finding, at the same place."""
        where = {"line": problem.line, "column": problem.column, "text": problem.text}
        return cls(problem.field, problem.value, rule, severity, problem.limit, problem.remedy, **where)  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, Any]:
        """Returns what `--json` prints of it, among the findings."""
        return to_dict(self)

    def problem(self) -> Problem:
        """Returns the finding as part of a refusal."""
        return Problem(self.field, self.value, self.message, self.remedy, line=self.line, column=self.column, text=self.text)
