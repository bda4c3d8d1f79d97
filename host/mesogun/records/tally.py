"""A Tally adds a session up, shot by shot: it tells progress while the session runs, and a summary when it is over."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mesogun_fw.limits import HOLD_MAX_MS
from mesogun_fw.talk.codes import PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE, STATES

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.gun.events import Event

_PRESS = {
    SINGLE: "Set the gun down and press the trigger: one shot a point",
    BURST: "Set the gun down and hold the trigger until the burst is over",
    CONTINUOUS: "Set the gun down and hold the trigger, moving along",
    CONSTANT_FLOW: f"Set the gun down and hold the trigger, at most {HOLD_MAX_MS // 1000} s: it flows until you let go",
    RETROGRADE: "Set the gun down and hold the trigger until the needle is back: one shot a point",
}
PROMPTS = {
    "unhomed": "Hold the gun in the air and press the trigger",
    "homing": "Hold the gun in the air and keep the trigger pressed",
    "idle": "Wait",
    "returning": "Wait until the needle is home",
    "fault": "Take the gun off the skin, then press clear at the gun",
    "e-stop": "Release the emergency stop, then press clear at the gun",
}


@dataclass(frozen=True)
class Progress:
    """Progress says how far a session is. `done` and `shots` are whole shots of this pass; `last_`, `volume_nl` are measured.

    `unit` is what they count: shots, or s in constant flow, where a shot is one second of it; `total_` counts both alike.
    `state` counts messages.STATES; `prompt` is what the practitioner should do now; `at_ms` is device time.
    """

    pass_index: int
    passes: int
    technique: str
    unit: str
    done: int
    shots: int
    total_done: int
    total_shots: int
    volume_nl: int
    last_depth_um: int
    last_dose_nl: int
    state: int
    prompt: str
    at_ms: int


@dataclass(frozen=True)
class Summary:
    """A Summary says what was done. Each shot counts once: uncertain, else partial, else whole (`shots`).

    `volume_nl` is measured, partial shots included; `commanded_volume_nl` is what whole and uncertain shots were told to
    give. A spread is the largest minus the smallest among the points of one pass, and the worst pass counts (DOMAIN 6, P9). A
    second of constant flow counts as a shot, and is no point: a session without points has a spread of 0.
    `duration_ms` is device time from the first shot to the last ending. `reason` says in words why it did not complete.
    """

    session_id: int
    outcome: str
    reason: str
    shots: int
    partial: int
    uncertain: int
    volume_nl: int
    commanded_volume_nl: int
    deepest_um: int
    depth_spread_um: int
    dose_spread_nl: int
    duration_ms: int

    def to_dict(self) -> dict[str, int | str]:
        """Returns the summary as the record and JSON take it."""
        return asdict(self)


class _Range:
    """A _Range tells the largest minus the smallest of what it has seen."""

    def __init__(self) -> None:
        self.low: int | None = None
        self.high = 0

    def see(self, value: int) -> None:
        if self.low is None:
            self.low = self.high = value
        self.low = min(self.low, value)
        self.high = max(self.high, value)

    def spread(self) -> int:
        return 0 if self.low is None else self.high - self.low


class Tally:
    """A Tally counts the shots of one session of `plan`, each as it is reported."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan
        self.done = [0] * len(plan.passes)
        self._depth_um = [_Range() for _ in plan.passes]
        self._dose_nl = [_Range() for _ in plan.passes]
        self.partial = self.uncertain = 0
        self.volume_nl = self.commanded_volume_nl = self.deepest_um = 0
        self.last_depth_um = self.last_dose_nl = 0
        self._first_ms: int | None = None
        self._last_ms = 0

    @property
    def made(self) -> int:
        """So many shots were reported, of every kind."""
        return sum(self.done) + self.partial + self.uncertain

    def take(self, event: "Event") -> None:
        """Takes one event of the session; only shots and endings count."""
        if event.name == "shot":
            self._shot(event)
        if event.name in ("shot", "ended"):
            self._last_ms = event.at_ms

    def lost(self, commanded_nl: int) -> None:
        """Counts an uncertain shot: its commanded dose counts as given."""
        self.uncertain += 1
        self.commanded_volume_nl += commanded_nl

    def _shot(self, event: "Event") -> None:
        shot = event.values
        if self._first_ms is None:
            self._first_ms = event.at_ms
        self.last_depth_um = shot["measured_depth_um"]
        self.last_dose_nl = shot["measured_dose_nl"]
        self.deepest_um = max(self.deepest_um, self.last_depth_um)
        if shot["flags"] & UNCERTAIN:
            self.lost(shot["commanded_dose_nl"])
            return
        self.volume_nl += self.last_dose_nl
        if shot["flags"] & PARTIAL:
            self.partial += 1
            return
        index = shot["pass_index"]
        self.done[index] += 1
        self.commanded_volume_nl += shot["commanded_dose_nl"]
        if self._plan.passes[index].mode == CONSTANT_FLOW:
            return
        self._depth_um[index].see(self.last_depth_um)
        self._dose_nl[index].see(self.last_dose_nl)

    def progress(self, index: int, state: int, at_ms: int, prompt: str = "") -> Progress:
        """Tells how far pass `index` is. `prompt` replaces what the state alone would ask for."""
        plan = self._plan
        one = plan.passes[index]
        return Progress(
            pass_index=index,
            passes=len(plan.passes),
            technique=one.technique,
            unit="s" if one.mode == CONSTANT_FLOW else "shots",
            done=self.done[index],
            shots=one.shots,
            total_done=sum(self.done),
            total_shots=plan.shots,
            volume_nl=self.volume_nl,
            last_depth_um=self.last_depth_um,
            last_dose_nl=self.last_dose_nl,
            state=state,
            prompt=prompt or PROMPTS.get(STATES[state]) or _PRESS[one.mode],
            at_ms=at_ms,
        )

    def summary(self, session_id: int, outcome: str, reason: str) -> Summary:
        """Sums up what was taken so far. `outcome` is one of records.OUTCOMES; `reason` is in words."""
        return Summary(
            session_id=session_id,
            outcome=outcome,
            reason=reason,
            shots=sum(self.done),
            partial=self.partial,
            uncertain=self.uncertain,
            volume_nl=self.volume_nl,
            commanded_volume_nl=self.commanded_volume_nl,
            deepest_um=self.deepest_um,
            depth_spread_um=max(one.spread() for one in self._depth_um),
            dose_spread_nl=max(one.spread() for one in self._dose_nl),
            duration_ms=0 if self._first_ms is None else self._last_ms - self._first_ms,
        )
