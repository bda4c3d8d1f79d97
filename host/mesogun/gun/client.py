"""A Gun says who it is and what it is made of, and can be asked to do a few things. It cannot be asked to fire.

A request is sent again until it is answered: the gun answers the same, and nothing happens twice.
"""

from dataclasses import dataclass, replace
from typing import Self

from mesogun.clinical.plans import PassPlan, Plan, told
from mesogun.gun.answers import Journaled, Logged, Watched, described
from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.hello import Welcome as Welcome
from mesogun.gun.hello import hello
from mesogun.gun.link import TURN_S, Link
from mesogun.gun.port import Port, close_quietly, may_have_a_needle, open_port
from mesogun.gun.ports import AUTO, only_gun
from mesogun.gun.tolerances import plunger_step_nl
from mesogun.gun.wire import WireLog
from mesogun.gun.words import figure_in_words
from mesogun.refusal import Problem, Refused
from mesogun_fw.config import Description
from mesogun_fw.talk.messages import ARMED, GUN, HOMING, RETURNING, RUNNING

REST_S = 10.0  # this is twice the longest period: whatever moved is home by then
_BUSY = (HOMING, ARMED, RUNNING, RETURNING)


@dataclass(frozen=True)
class State:
    """State is the gun's full status. Its fields are those of message `state`; `state` counts messages.STATES."""

    state: int
    at_ms: int
    fault: int
    index: int
    done: int
    events: int
    kept: int
    inputs: int
    bad_lines: int
    left_nl: int

    @property
    def latched_by(self) -> Reason:
        """This says why the gun is latched; it is 0 when the gun is not."""
        return Reason(self.fault)


@dataclass(frozen=True)
class Armed:
    """Armed is what the gun is about to play, as its audit found it. Its fields are those of message `armed`."""

    index: int
    left: int
    deepest_um: int
    stroke_nl: int
    period_us: int
    words: int


class Gun:
    """This gun has said hello, in our version. `earlier` are events it kept from before: no session of ours made them.

    Methods raise LinkLost when it cannot be reached, and DeviceRefused when it refuses: then it has done nothing.
    """

    def __init__(self, port: Port, wire: WireLog | None = None) -> None:
        self.link = Link(port, wire)
        self.welcome = hello(self.link)
        self.description = _description(self.link.ask("hardware"))
        self._plan: Plan | None = None
        self._listen()
        self.earlier = self._drain()

    @classmethod
    def connect(cls, url: str, wire: WireLog | None = None) -> Self:
        """Returns the gun at this port, at `auto` the only one plugged in. Raises Refused (NoGun when there is none): the input is
        bad, and nothing has moved.

        `wire` keeps what is said, both ways. Raises LinkLost when the gun falls silent after its hello.
        """
        port = open_port(only_gun() if url == AUTO else url)
        try:
            return cls(port, wire)
        except BaseException:
            close_quietly(port)
            raise

    @property
    def is_to_be_confirmed(self) -> bool:
        """Tells whether a person has to: a gun that says it is simulated is believed only at a port where no needle can be."""
        return not self.welcome.simulated or may_have_a_needle(self.link.url)

    def state(self) -> State:
        """Asks for the status, and tells the gun up to which event the host has all on disk."""
        return State(**self.link.ask("beat", ack=self.link.acked))

    def home(self) -> State:
        """Lets the next press in the air check the needle axis; the gun is HOMING until that is done or given up."""
        return State(**self.link.ask("home"))

    def gauge(self, depth_um: int) -> State:
        """Lets the next press in the air send the needle out to this depth, slowly, for 2 s, and back."""
        return State(**self.link.ask("gauge", depth_um=depth_um))

    def prime(self, volume_nl: int, flow_nl_s: int, bore_um: int) -> State:
        """Lets the next press in the air push the plunger, needle home. What is pushed is waste: `watch` tells it."""
        return State(**self.link.ask("prime", volume_nl=volume_nl, flow_nl_s=flow_nl_s, syringe_bore_um=bore_um))

    def disarm(self) -> State:
        """Disarms: nothing starts until the gun is armed again. The needle may still be on its way home: `rest` waits for it."""
        return State(**self.link.ask("disarm"))

    def upload(self, plan: Plan, tag: int = 0) -> None:
        """Makes the gun hold exactly this plan, and derive from it what the plan says. Else raises Refused; nothing is armed.

        `tag`, up to 65535, is kept in the gun's journal with every shot of it.
        """
        self._plan = None
        for name, fields in told(plan.head, plan.passes):
            self.link.ask(name, **fields)
        derived = self.link.ask("commit", digest=plan.digest, tag=tag)
        differing = [key for key, value in derived.items() if value != getattr(plan, key)]
        if differing:
            raise Refused(*[_disagreement(key, derived[key], str(getattr(plan, key))) for key in differing], source="gun")
        self._plan = plan

    def arm(self, index: int) -> Armed:
        """Lets the next press make shots of this pass, as deep, large and fast as planned. Else raises Refused, disarmed."""
        if self._plan is None:
            raise Refused(Problem("plan", "none", "the gun holds no plan of ours", "Upload it first"))
        armed = Armed(**self.link.ask("arm", index=index))
        return self._audited(armed, index, self._plan.passes[index], self._plan.head.syringe_bore_um)

    def adjust(self, *, depth_um: int, needle_um_s: int, dose_nl: int, flow_nl_s: int, dwell_us: int, period_us: int) -> Armed:
        """Sets the armed pass from its next shot on. Else raises Refused; the setting before goes on, or the gun is disarmed."""
        if self._plan is None:
            raise Refused(Problem("plan", "none", "the gun holds no plan of ours", "Upload it first"))
        shot = {"depth_um": depth_um, "needle_um_s": needle_um_s, "dose_nl": dose_nl}
        shot |= {"flow_nl_s": flow_nl_s, "dwell_us": dwell_us, "period_us": period_us}
        armed = Armed(**self.link.ask("adjust", **shot))
        one = replace(self._plan.passes[armed.index], depth_um=depth_um, dose_nl=dose_nl, period_us=period_us)
        return self._audited(armed, armed.index, one, self._plan.head.syringe_bore_um)

    def watch(self) -> Watched:
        return Watched(**self.link.ask("watch"))

    def selftest(self) -> int:
        """Returns the bits of codes.TESTS that failed. Nothing moves."""
        return self.link.ask("selftest")["failed"]

    def configure(self, description: Description) -> Description:
        """Returns what the gun has stored for its next start. Until then `self.description` holds, and the gun cannot be armed."""
        return _description(self.link.ask("configure", **described(description)))

    def restart(self) -> None:
        """Lets the gun start again, as after power-on: `reconnect` then says False.

        With the clear button held it stays at the prompt.
        """
        self.link.ask("restart")

    def journal(self) -> Journaled:
        return Journaled(**self.link.ask("journal"))

    def log(self, back: int) -> Logged | None:
        """Returns the shot `back` before the newest of the gun's own journal; None when it holds none so far back."""
        logged = Logged(**self.link.ask("log", back=back))
        return logged if logged.number else None

    def format(self, serial: int) -> Journaled:
        """Starts a new journal; the old one is lost. The gun refuses unless `serial` is its own."""
        return Journaled(**self.link.ask("format", serial=serial))

    def turn(self, timeout_s: float = TURN_S) -> list[Event]:
        """Returns new events, after at most `timeout_s`. It is called again and again: this keeps the gun from pausing."""
        return self.link.turn(timeout_s)

    def on_disk(self, n: int) -> None:
        """Lets the gun forget events up to `n`: they are on disk."""
        self.link.on_disk(n)

    def rest(self) -> bool:
        """Disarms, and tells whether the gun is at rest and has told everything: that comes out of the next turn."""
        state = self.disarm()
        until_s = self.link.now_s() + REST_S
        while state.state in _BUSY:
            if self.link.now_s() >= until_s:
                return False
            self.link.wait(TURN_S)
            state = self.state()
        self.link.catch_up(self.link.next_n, state.events)
        return True

    def reconnect(self) -> bool:
        """Talks again after LinkLost. On True the device was not restarted, and missed events come next; on False it was.

        Raises LinkLost while it cannot be reached, Refused when another gun answers.
        """
        self.link.reopen()
        welcome = hello(self.link)
        if welcome.serial != self.welcome.serial or welcome.simulated != self.welcome.simulated:
            self.close()
            limit = f"the session began with gun {_called(self.welcome)}"
            raise Refused(Problem("gun", _called(welcome), limit, "Plug that gun in and begin a new session"))
        same = welcome.boot == self.welcome.boot
        self.welcome = welcome
        if not same:
            self._plan = None
            self.link.next_n = self.link.acked = 0
        self._listen()
        return same

    def close(self) -> None:
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        state = self.state()
        self.link.catch_up(self.link.next_n or state.events - state.kept + 1, state.events)

    def _drain(self) -> list[Event]:
        return self.link.turn(0) if self.link.next_n > 1 else []

    def _audited(self, armed: Armed, index: int, planned: PassPlan, bore_um: int) -> Armed:
        problems = []
        if armed.index != index:
            problems.append(_disagreement("index", armed.index, str(index)))
        if armed.period_us != planned.period_us:
            problems.append(_disagreement("period_us", armed.period_us, figure_in_words("period_us", planned.period_us)[1]))
        if armed.deepest_um != planned.depth_um:
            problems.append(_disagreement("deepest_um", armed.deepest_um, figure_in_words("depth_um", planned.depth_um)[1]))
        # The carry makes a dose whole plunger steps plus at most one.
        if abs(armed.stroke_nl - planned.dose_nl) > plunger_step_nl(self.description, bore_um):
            problems.append(_disagreement("stroke_nl", armed.stroke_nl, figure_in_words("dose_nl", planned.dose_nl)[1]))
        if problems:
            self.disarm()
            raise Refused(*problems, source="gun")
        return armed


def _called(welcome: Welcome) -> str:
    return f"{welcome.serial}, simulated" if welcome.simulated else str(welcome.serial)


def _description(answer: dict[str, int]) -> Description:
    try:
        return Description(tuple(answer[field[0]] for field in GUN))
    except ValueError as error:
        raise Refused(Problem("gun", "hardware", str(error), "Do not use; have its configuration checked")) from error


def _disagreement(key: str, derived: int, planned: str) -> Problem:
    name, shown = figure_in_words(key, derived)
    remedy = "Do not use: mesogun and the gun's firmware do not agree; update both"
    return Problem(name, f"{shown} by the gun's account", f"the plan says {planned}", remedy)
