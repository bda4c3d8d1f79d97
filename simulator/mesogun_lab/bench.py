"""A gun on the bench: the host plans, uploads and arms; the simulated hand presses; the plant says what became of each dose."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from mesogun.clinical.planning import plan
from mesogun.clinical.plans import Plan
from mesogun.clinical.protocol import Protocol
from mesogun.gun.client import Gun, State
from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.words import reason_in_words
from mesogun_fw.limits import DOSE_MAX_NL, DOSE_MIN_NL
from mesogun_fw.talk.messages import ARMED, DONE, FAULT, HOLD, HOMING, RETURNING, RUNNING
from mesogun_sim.desk import Desk, described_with
from mesogun_sim.plant.drawn import SetUp
from mesogun_sim.plant.given import Given
from mesogun_sim.protocol_sim import Serial

SETTLE_S = 5.0  # so long what priming pressed up may drip before the gun is set down (A)
_MOVING = (HOMING, RETURNING, ARMED, RUNNING)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One shot, by three counts: what the gun's encoder measured, what the plunger displaced, what is at depth; and the rest."""

    pass_index: int
    start_us: int
    commanded_nl: int
    measured_nl: int
    plunger_nl: float
    at_depth_nl: float
    on_way_nl: float
    spilt_nl: float
    leaked_nl: float
    stored_nl: float
    commanded_um: int
    measured_um: int
    skin_um: int
    flags: int


class Stopped(Exception):
    """The gun ended a pass or a move by itself; it says why."""


class Bench:
    """One gun, homed, with the plan of this protocol; leave it as a context. What is not said here is as in Desk."""

    def __init__(
        self,
        protocol: Protocol,
        setup: SetUp,
        *,
        drive: str = "stepper",
        seed: int = 1,
        skip: bool = True,
        row_shots: int | None = None,
        trace: Path | None = None,
    ) -> None:
        port = Serial()
        self.desk = port.desk = Desk(
            seed, description=described_with(drive), setup=setup, skip=skip, row_shots=row_shots, trace=trace
        )
        port.port = "sim://"
        port.open()
        self.gun = Gun(port)
        self.plan: Plan = plan(protocol, self.gun.description, self.gun.welcome)
        self._events: list[Event] = []
        self._air(self.gun.home)
        self.gun.upload(self.plan)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.gun.close()
        self.desk.close()

    def give(self, index: int, until: Callable[[], bool] = lambda: False) -> None:
        """The pass is given to its end, or until something is so. Raises Stopped when the gun ends it by itself."""
        self.gun.arm(index)
        heard = len(self._events)
        while not until():
            self._turn()
            now, heard = self._events[heard:], len(self._events)
            for event in now:
                if event.name == "ended" and event.values["kind"] != HOLD:
                    self._rest()
                    if event.values["kind"] == DONE:
                        return
                    raise Stopped(reason_in_words(Reason(event.values["reason"])))
        self._rest()

    def waste(self, volume_nl: int) -> None:
        """So much is primed into the air, in as many presses as it takes, and what drips after it drips."""
        bore_um, flow_nl_s = self.plan.head.syringe_bore_um, self.plan.passes[0].flow_nl_s
        while volume_nl >= DOSE_MIN_NL:
            pressed_nl = min(volume_nl, DOSE_MAX_NL)
            self._air(lambda nl=pressed_nl: self.gun.prime(nl, flow_nl_s, bore_um))  # type: ignore[misc]
            volume_nl -= pressed_nl
        self.wait(SETTLE_S)

    def wait(self, seconds: float) -> None:
        until_s = self.gun.link.now_s() + seconds
        while self.gun.link.now_s() < until_s:
            self._turn()

    @property
    def made(self) -> int:
        """So many shots were reported."""
        return sum(event.name == "shot" for event in self._events)

    @property
    def pressure_kpa(self) -> float:
        return self.desk.board.fluid.pressure_kpa(self.desk.now_us())

    def shots(self) -> list[Shot]:
        """Every shot until now, as the gun reported it, and what became of its drug."""
        given = {one.start_us: one for one in self.desk.board.given()}
        told = [event for event in self._events if event.name == "shot"]
        return [_shot(event, given[1_000 * event.at_ms + event.values["at_us"]]) for event in told]

    def _air(self, ask: Callable[[], State]) -> None:
        """A move in the air. Raises Stopped when a fault ends it."""
        ask()
        heard = len(self._events)
        while self.gun.state().state in _MOVING:
            self._turn()
        self._turn()
        for event in self._events[heard:]:
            if event.name == "ended" and event.values["kind"] == FAULT:
                raise Stopped(reason_in_words(Reason(event.values["reason"])))

    def _rest(self) -> None:
        self.gun.rest()
        self._turn()  # what it told meanwhile

    def _turn(self) -> None:
        events = self.gun.turn()
        self._events += events
        if events:
            self.gun.on_disk(events[-1].n)


def _shot(event: Event, given: Given) -> Shot:
    told = event.values
    return Shot(
        pass_index=told["pass_index"],
        start_us=given.start_us,
        commanded_nl=told["commanded_dose_nl"],
        measured_nl=told["measured_dose_nl"],
        plunger_nl=given.plunger_nl,
        at_depth_nl=given.at_depth_nl,
        on_way_nl=given.on_way_nl,
        spilt_nl=given.spilt_nl,
        leaked_nl=given.leaked_nl,
        stored_nl=given.stored_nl,
        commanded_um=told["commanded_depth_um"],
        measured_um=told["measured_depth_um"],
        skin_um=given.skin_um,
        flags=told["flags"],
    )
