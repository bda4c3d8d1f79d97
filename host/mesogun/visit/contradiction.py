"""A gun that reports what was not planned is not believed: every report is held against the plan and our own count.

It is held to its own limits. A shot that was cut short or went wrong may be outside of them when a fault or the emergency stop
is what comes next: then the gun says so itself.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mesogun.gun.events import Event
from mesogun.gun.tolerances import depth_tolerance_um, dose_tolerance_nl, plunger_step_nl, plunger_still_nl
from mesogun.gun.words import figure_in_words
from mesogun.records.tally import Tally
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.talk.codes import DOSE_OFF, SHOT_KINDS, UNKNOWN, WHOLE, kind_of
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD

if TYPE_CHECKING:
    from mesogun.clinical.plans import PassPlan, Plan

_REMEDY = "Do not go on with this gun: keep the record, and have the gun examined"

_Words = Iterator[tuple[str, str]]  # what the gun reports, and what says otherwise
_Ranges = Iterator[tuple[str, int, int]]  # a field of message `shot`, its least and its most


class Contradiction:
    """A Contradiction is between a gun and the plan that it gives; `words` is "" while all that it reported can be true.

    `tally` is our own count, and `heard_n` the last event before it. `armed` is the pass that shots are held to, from
    when the gun is asked to arm it until that ended: what becomes of a setting has its place there.
    """

    def __init__(self, plan: "Plan", description: Description, tally: Tally, heard_n: int) -> None:
        self._plan = plan
        self._tally = tally
        self._step_nl = plunger_step_nl(description, plan.head.syringe_bore_um)
        self._still_nl = plunger_still_nl(plan.head.syringe_bore_um)
        self._heard_n = heard_n
        self._doubt: list[tuple[str, str]] = []  # the next event may settle it
        self._latest_ms = 0
        self._started_us = 0
        self.armed: PassPlan | None = None
        self.words = ""

    def take(self, event: Event) -> None:
        """Takes the next event, which the tally has counted."""
        self._say(self._of(event))

    def heed(self, status: Mapping[str, int]) -> None:
        """Takes a full status of the gun, which may be older than the events before it."""
        self._say(self._of_status(status["events"]))

    def _say(self, found: _Words) -> None:
        if not self.words:
            for reported, otherwise in found:
                self.words = f"the gun reports {reported}: {otherwise}. {_REMEDY}"
                break

    def _of_status(self, last_n: int) -> _Words:
        if last_n - self._heard_n > limits.EVENTS_KEPT:
            yield f"{last_n} events", f"{self._heard_n} were heard, and it keeps {limits.EVENTS_KEPT} at most"

    def _of(self, event: Event) -> _Words:
        if event.n != self._heard_n + 1:
            yield f"event {event.n}", f"event {self._heard_n + 1} comes next"
        self._heard_n = event.n
        yield from self._of_time(event)
        if not (event.name == "ended" and event.values["kind"] in (FAULT, ESTOP)):
            yield from self._doubt
        self._doubt = []
        if event.name == "shot":
            yield from self._of_shot(event.values)
        elif event.name == "ended" and event.values["kind"] != HOLD:
            if event.values["kind"] == DONE:
                yield from self._of_done(event.values)
            self.armed = None

    def _of_time(self, event: Event) -> _Words:
        """A shot is told of when it is over, by the time at which it began: what was told before may be later than that."""
        backwards = f"event {event.n} at {event.at_ms} ms", "that is earlier than what it reported before"
        if event.name == "shot":
            started_us = event.at_ms * 1000 + event.values["at_us"]
            if started_us < self._started_us:
                yield backwards
            self._started_us = started_us
        elif event.at_ms < self._latest_ms:
            yield backwards
        self._latest_ms = max(self._latest_ms, event.at_ms)

    def _of_shot(self, shot: Mapping[str, int]) -> _Words:
        index = shot["pass_index"]
        one = self.armed
        if one is None or index != one.index:
            yield f"a shot of pass {index + 1}", self._what_is_armed()
            return
        if shot["shot"] != self._tally.attempts[index]:
            yield f"shot {shot['shot']} of pass {index + 1}", f"by our count it is shot {self._tally.attempts[index]}"
        if self._tally.filled[index] > one.shots:
            yield f"{self._tally.filled[index]} shots of pass {index + 1}", f"{one.shots} are planned"
        yield from _outside(shot, _commanded(one))
        measured = list(_outside(shot, self._measured(one, shot["flags"])))
        if kind_of(shot["flags"]) == WHOLE:
            yield from measured
        self._doubt = measured
        given_nl = self._tally.volume_nl + self._tally.uncertain_nl
        if given_nl > self._plan.head.syringe_nl + self._step_nl + self._still_nl:
            yield f"{given_nl / 1e6:g} ml given", f"the syringe was filled with {self._plan.head.syringe_nl / 1e6:g} ml"

    def _measured(self, one: "PassPlan", flags: int) -> _Ranges:
        """Yields what can be measured of a shot with these flags."""
        kind = kind_of(flags)
        if kind == UNKNOWN:
            return
        off_nl = dose_tolerance_nl(one.dose_nl) + self._step_nl  # the carry adds a step to some
        least_nl = one.dose_nl - off_nl if kind == WHOLE else -self._still_nl
        most_nl = self._plan.head.syringe_nl if flags & DOSE_OFF else one.dose_nl + off_nl
        yield "measured_dose_nl", least_nl, most_nl
        least_um = one.depth_um - depth_tolerance_um(one.depth_um) if kind == WHOLE else -limits.DEPTH_ERROR_UM
        most_um = min(one.depth_um + limits.DEPTH_ERROR_UM, limits.DEPTH_FAULT_UM)  # the guard stops what goes past it
        yield "measured_depth_um", least_um, most_um

    def _of_done(self, ended: Mapping[str, int]) -> _Words:
        index, done = ended["pass_index"], ended["done"]
        reported = f"pass {index + 1} done with {done} shots"
        one = self.armed
        if one is None or index != one.index:
            yield reported, self._what_is_armed()
        elif not done == self._tally.filled[index] == one.shots:
            yield reported, f"{self._tally.filled[index]} of {one.shots} are, by what it reported before"

    def _what_is_armed(self) -> str:
        return f"pass {self.armed.index + 1} of {len(self._plan.passes)} is armed" if self.armed else "none is armed"


def _commanded(one: "PassPlan") -> _Ranges:
    yield "period_us", one.period_us, one.period_us
    yield "commanded_depth_um", one.depth_um, one.depth_um
    yield "commanded_dose_nl", one.dose_nl, one.dose_nl


def _outside(shot: Mapping[str, int], ranges: _Ranges) -> _Words:
    for field, low, high in ranges:
        if not low <= shot[field] <= high:
            name, value = figure_in_words(field, shot[field])
            allowed = " to ".join(dict.fromkeys(figure_in_words(field, limit)[1] for limit in (low, high)))
            yield f"a {SHOT_KINDS[kind_of(shot['flags'])]} shot with a {name} of {value}", f"by the plan it is {allowed}"
