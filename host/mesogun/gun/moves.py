"""A move in the air is no shot: homing, a gauge move, priming. It is followed here from its request until the gun is at rest.

The gun moves only while somebody holds its trigger, off the skin. Here it is asked, waited for, and stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mesogun.gun.client import Gun, State
from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.stops import Stops
from mesogun.gun.words import reason_in_words
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import FAULTED, HOMING, IDLE, RETURNING, STATES, STOPPED, UNHOMED

_MOVING = (HOMING, RETURNING)


@dataclass(frozen=True)
class Moved:
    """Moved says how a move ended. `state` is the gun's then; `reason` is 0 when it told none; `whole` says it was completed."""

    state: int
    reason: Reason
    whole: bool

    @property
    def latched(self) -> bool:
        return self.state in (FAULTED, STOPPED)

    @property
    def in_words(self) -> str:
        return reason_in_words(self.reason) if self.reason else f"the gun is in state {STATES[self.state]}"


def check_free(gun: Gun) -> None:
    """Passes when the gun is idle or unhomed. Else raises Refused with what to do at the gun."""
    state = gun.state()
    if state.state in (FAULTED, STOPPED):
        remedy = "Then press the clear button at the gun, and repeat the command"
        raise Refused(Problem("gun", STATES[state.state], reason_in_words(state.latched_by), remedy))
    if state.state not in (UNHOMED, IDLE):
        raise Refused(Problem("gun", STATES[state.state], "it is busy", "Wait until it is idle, then repeat the command"))


def home(gun: Gun, on_turn: Callable[[State], None]) -> Moved:
    """Homes as `move` moves; whole means that the needle's place is known."""
    return _followed(gun, gun.home, on_turn, 0)


def move(gun: Gun, ask: Callable[[], State], on_turn: Callable[[State], None]) -> Moved:
    """Asks for a gauge move or for priming, and waits until the gun is at rest again.

    `on_turn` is shown the gun's state meanwhile, and may ask it things. Ctrl-C disarms, waits for rest and then raises
    KeyboardInterrupt. Raises DeviceRefused when the gun refuses the move.
    """
    return _followed(gun, ask, on_turn, reasons.PRESS_DONE)


def _followed(gun: Gun, ask: Callable[[], State], on_turn: Callable[[State], None], whole_by: int) -> Moved:
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    events: list[Event] = []
    with Stops(stop):
        state = ask()
        while state.state in _MOVING and not stopped:
            on_turn(state)
            events += gun.turn()
            state = State(**gun.link.state)
        at_rest = gun.rest()
        events += gun.turn(0)
        _let_go(gun, events)
        state = gun.state()
    if stopped:
        raise KeyboardInterrupt
    reason = Reason(next((event.values["reason"] for event in reversed(events) if event.name == "ended"), 0))
    return Moved(state.state, reason, at_rest and state.state == IDLE and reason == whole_by)


def _let_go(gun: Gun, events: list[Event]) -> None:
    """Lets the gun forget what a move made it report, unless it still holds shots: they belong to somebody's record."""
    if events and not any(event.name == "shot" for event in gun.earlier):
        gun.on_disk(events[-1].n)
