"""A session goes by what the gun said last: this module keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.words import reason_in_words
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, IDLE, PAUSE

_OUTCOMES = {FAULT: "fault", ESTOP: "estop"}


@dataclass(frozen=True)
class Ended:
    """The armed pass ended: `kind` is that of message `ended`, `reason` is in words."""

    kind: int
    reason: str

    @property
    def outcome(self) -> str | None:
        """This is what a session becomes by it; it is None while the session may go on."""
        return _OUTCOMES.get(self.kind)


class Heard:
    """Heard has the gun's `state`, its time `at_ms`, and why the armed pass `ended`: that is None while the next press goes on."""

    def __init__(self) -> None:
        self.state = IDLE
        self.at_ms = -1
        self.ended: Ended | None = None

    def take(self, events: Sequence[Event], status: Mapping[str, int]) -> None:
        """Takes events in their order, and the gun's latest full status, which may be older than they are."""
        for event in events:
            self.at_ms = event.at_ms
            if event.name == "changed":
                self.state = event.values["after"]
            elif event.name == "ended" and event.values["kind"] != HOLD:
                self.ended = Ended(event.values["kind"], reason_in_words(Reason(event.values["reason"])))
        if status["at_ms"] > self.at_ms:
            self.state, self.at_ms = status["state"], status["at_ms"]

    def forget_pause(self) -> None:
        """Forgets a pause: what the gun tells late of one that a person knows of already is no second one."""
        if self.ended and self.ended.kind == PAUSE:
            self.ended = None
