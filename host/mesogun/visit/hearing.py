"""A session hears its gun here: what it says is counted, doubted, kept and shown; a gun or a record that is away is waited for."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.gun.link import TURN_S
from mesogun.records.rows import RecordsLocked
from mesogun.refusal import LinkLost, Refused
from mesogun.visit.contradiction import Contradiction
from mesogun.visit.heard import Heard
from mesogun.visit.person import Person
from mesogun.visit.recording import Recording

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan

RECONNECT_S = 30.0
RECONNECT_PAUSE_S = 0.5
LOCKED_S = 60.0  # a backup is over by then
LOCKED_PAUSE_S = 0.5

T = TypeVar("T")


class Over(Exception):
    """The session ends here; `outcome` and `reason` say how and why."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class Hearing:
    """Hearing has what the gun said last, in `heard`, and the place in the plan: `index` is the pass that is given.

    `stops` counts how often the session was asked to stop. `person` is shown how far it is, which may fail without consequence.
    """

    def __init__(self, gun: Gun, recording: Recording, plan: "Plan", person: Person) -> None:
        self.gun = gun
        self.recording = recording
        self.plan = plan
        self.heard = Heard()
        self.contradiction = Contradiction(plan, gun.description, recording.tally, gun.link.next_n - 1)
        self.index = 0
        self.stops = 0
        self.winding_up = False
        self._person = person
        self._looked_on = True
        self._gave_up = False
        self._left_nl = -1  # in the syringe; what a gun says before a pass is armed is of the plan before

    def take(self, events: list[Event]) -> None:
        for event in events:
            self.recording.take([event])
            self.contradiction.take(event)
        status = self.gun.link.state
        self.contradiction.heed(status)
        self.heard.take(events, status)
        if status["index"] >= 0:
            self._left_nl = status["left_nl"]

    def turn(self) -> None:
        """Turns the pump once while shots may be made. Raises Over, LinkLost, and what the record raises when it fails."""
        events = self.gun.turn()
        self.take(events)
        self.recording.keep(self.heard.at_ms)
        if events:
            self.show()
        self.raise_if_over()

    def take_heard(self) -> None:
        """Takes what has come already, from a gun that may be away."""
        with suppress(LinkLost, Refused):
            self.take(self.gun.turn(0))

    def raise_if_over(self) -> None:
        if self.stops:
            ended = self.heard.ended
            raise Over(*(ended.outcome, ended.reason) if ended and ended.outcome else ("stopped", "stopped on the laptop"))
        if self.contradiction.words:
            raise Over("fault", self.contradiction.words)

    def show(self, prompt: str = "", waits_for: str = "") -> None:
        if not self._looked_on:
            return
        index = min(self.index, len(self.plan.passes) - 1)
        state, at_ms = self.heard.state, self.heard.at_ms
        try:
            self._person.show(self.recording.tally.progress(self.plan, index, state, at_ms, prompt, waits_for, self._left_nl))
        except (Exception, SystemExit):  # a library that shows things may think that its program is to end
            logging.getLogger(__name__).exception("progress is not shown any more")
            self._looked_on = False

    def show_silence(self, silent: bool) -> None:
        """Shows that the gun is not heard, as the pump notices it: what it said last may not be so any more."""
        if silent:
            self.show("The gun does not answer: check the cable", "the gun")
        else:
            self.show()

    def kept(self, write: Callable[[], T]) -> T:
        """Writes with the gun at rest. A record that is locked is tried again for LOCKED_S, and the gun heard meanwhile.

        Then its error comes out. A stop ends the session, as ever, and one more in the winding up ends the waiting.
        """
        link, stops = self.gun.link, self.stops
        until_s = link.now_s() + LOCKED_S
        while True:
            try:
                return write()
            except RecordsLocked:
                if self.stops > stops and not self.winding_up:
                    self.raise_if_over()
                if self._gave_up or self.stops > stops or link.now_s() >= until_s:
                    self._gave_up = True
                    raise
                self.show("Another program keeps the record locked, as a backup does: it is tried again", "the record")
            self._hear_for(LOCKED_PAUSE_S)

    def _hear_for(self, seconds: float) -> None:
        link = self.gun.link
        until_s = link.now_s() + seconds
        while link.now_s() < until_s:
            try:
                self.take(self.gun.turn())
            except (LinkLost, Refused):
                link.sleep_s(TURN_S)

    def reconnect(self, lost: str) -> None:
        """Takes up the same conversation, with what was missed. Raises Over when the gun stays away or was restarted."""
        self.take_heard()
        self.kept(self.recording.commit)
        link = self.gun.link
        until_s = link.now_s() + RECONNECT_S
        while link.now_s() < until_s:
            self.show(f"Connection lost, trying again: {lost}", "the gun")
            self.raise_if_over()
            with suppress(LinkLost):
                if not self.gun.reconnect():
                    raise Over("interrupted", "the gun was switched off and on")
                self.gun.rest()  # how it ended comes before anybody is asked to go on
                self.take_heard()
                self.raise_if_over()
                self.heard.forget_pause()
                return
            link.sleep_s(RECONNECT_PAUSE_S)
        raise Over("interrupted", f"the gun was not reached again: {lost}")
