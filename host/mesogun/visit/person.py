"""A Person decides beside the gun: this module says what a visit shows and asks, and nothing of how that looks.

A terminal is one way to be asked. A person has four methods: `show` gives something to read, `ask` asks for a few words,
`choose` for one of a few, and `arm` is anything after which the trigger may make shots.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mesogun.clinical.plans import Plan
from mesogun.records.rows import ForeignShot, SessionRow
from mesogun.records.tally import Progress
from mesogun.visit.left import Left


@dataclass(frozen=True)
class Interrupted:
    """Interrupted has sessions that began and never ended, and that nobody has looked at."""

    sessions: tuple[SessionRow, ...]


@dataclass(frozen=True)
class ClockBehind:
    """This computer's clock says `clock_utc`, which is before the newest time on record."""

    clock_utc: str
    newest_utc: str


@dataclass(frozen=True)
class Foreign:
    """Foreign has shots of this gun that no session of these records can be proven to have made: they are added to nobody.

    `look` is the command that lists them.
    """

    shots: tuple[ForeignShot, ...]
    look: str


@dataclass(frozen=True)
class GivenBefore:
    """GivenBefore has what this gun gave of the same protocol a short while ago: `sessions` here, `elsewhere` shots for others."""

    sessions: tuple[SessionRow, ...]
    elsewhere: int


@dataclass(frozen=True)
class Beginning:
    """A session begins now; what is shown after it is Progress."""

    plan: Plan
    serial: int


@dataclass(frozen=True)
class Injection:
    """An Injection says what goes in next, with which gun. `version` is its firmware's: major, minor, patch by two digits each."""

    serial: int
    port: str
    version: int
    plan: Plan


@dataclass(frozen=True)
class Pause:
    """Nothing is armed, and `reason` says why."""

    reason: str


Shown = Interrupted | ClockBehind | Foreign | GivenBefore | Left | Beginning | Progress


@dataclass(frozen=True)
class Question:
    """A Question is what is asked. `id` stays the same whatever the words; `about` is what it is about, as data."""

    id: str
    words: str
    about: SessionRow | Injection | Pause | GivenBefore | Left


@dataclass(frozen=True)
class Choice(Question):
    """A Choice is a question that is answered with one of a few."""

    among: tuple[str, ...]


@dataclass(frozen=True)
class Arming(Question):
    """After an Arming the trigger may make shots: only an answer of `agreeing` lets it, every other one is a no."""

    agreeing: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """An Answer is what was answered, "" for nothing, and by whom, "" when nobody was there."""

    words: str
    by: str

    def agrees(self, question: Arming) -> bool:
        """Tells whether somebody was there and said what lets the trigger make shots; capitals do not matter."""
        return bool(self.by) and self.words.lower() in question.agreeing


NO_ANSWER = Answer("", "")

Meanwhile = Callable[[], None]


class Person(Protocol):
    """A Person can be shown things and asked. Each question returns when it is answered.

    While a person thinks, `meanwhile` is called every 50 ms: the gun is heard then. What `meanwhile` raises withdraws the
    question: it is taken away, the person is told why, and the error goes on to whoever asked. `show` must not wait.
    """

    def show(self, shown: Shown, /) -> None: ...
    def ask(self, question: Question, meanwhile: Meanwhile, /) -> Answer: ...
    def choose(self, question: Choice, meanwhile: Meanwhile, /) -> Answer: ...
    def arm(self, question: Arming, meanwhile: Meanwhile, /) -> Answer: ...


class Nobody:
    """Nobody is there: nothing is read and nothing is answered, so nothing is armed that has to be confirmed."""

    def show(self, shown: Shown, /) -> None:
        pass

    def ask(self, question: Question, meanwhile: Meanwhile, /) -> Answer:
        return NO_ANSWER

    choose = arm = ask
