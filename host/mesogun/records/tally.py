"""A Tally adds a session up, shot by shot: it tells progress while the session runs, and a summary when it is over."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mesogun_fw.limits import HOLD_MAX_MS
from mesogun_fw.talk.codes import CUT_SHORT, SHOT_KINDS, UNKNOWN, kind_of
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE, STATES

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.gun.events import Event
    from mesogun.records.rows import SessionRow, ShotRow

LOW_PART = 10  # a syringe that holds a tenth of its filling is nearly empty (DOMAIN 5)
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
    "fault": "Take the gun off the skin, then press the clear button at the gun",
    "e-stop": "Release the emergency stop, then press the clear button at the gun",
}


@dataclass(frozen=True)
class Progress:
    """Progress says how far a session is: of this pass `done` of `shots` places are filled. `last_`, `volume_nl` are measured.

    `unit` is what they count: shots, or s in constant flow, where a shot is one second of it; `total_` counts both alike.
    `state` counts messages.STATES; `prompt` is what the practitioner should do now; `at_ms` is device time. `waits_for` names what
    the session waits for, "the gun" or "the record": what the gun said last, `state` included, may not be so any more.
    `syringe_left_nl` is by the gun's account, -1 before it holds the plan; `syringe_low` is a tenth of the filling (DOMAIN 5).
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
    waits_for: str = ""
    syringe_left_nl: int = -1
    syringe_low: bool = False


@dataclass(frozen=True)
class Summary:
    """A Summary says what was done. Each shot counts once, as its kind: whole (`shots`), `partial`, `wrong` or `uncertain`.

    `volume_nl` is measured, of all but uncertain shots; `commanded_volume_nl` is what all but partial ones were told to
    give. A spread is the largest minus the smallest among the points of one pass, and the worst pass counts (DOMAIN 6, P9). A
    second of constant flow counts as a shot, and is no point: a session without points has a spread of 0.
    `duration_ms` is device time from the first shot to the last ending. `reason` says in words why it did not complete.
    """

    session_id: int
    outcome: str
    reason: str
    shots: int
    partial: int
    wrong: int
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
    """A Tally counts the shots of one session, each as it is reported; seconds of the passes in `flows` are no points.

    By pass, `attempts` counts its shots and `filled` those that fill their place, as the gun does: all but partial ones.
    """

    def __init__(self, flows: Container[int] = ()) -> None:
        self._flows = flows
        self.attempts: Counter[int] = Counter()
        self.filled: Counter[int] = Counter()
        self._of_kind = [0] * len(SHOT_KINDS)
        self._depth_um: defaultdict[int, _Range] = defaultdict(_Range)
        self._dose_nl: defaultdict[int, _Range] = defaultdict(_Range)
        self.volume_nl = self.uncertain_nl = self.commanded_volume_nl = self.deepest_um = 0
        self.last_depth_um = self.last_dose_nl = 0
        self._first_ms: int | None = None
        self._last_ms = 0

    @property
    def made(self) -> int:
        """So many shots were reported, of every kind."""
        return sum(self._of_kind)

    def take(self, event: "Event") -> None:
        """Takes one event of the session; only shots and endings count."""
        if event.name == "shot":
            self.count(event.at_ms, event.values)
        elif event.name == "ended":
            self._last_ms = max(self._last_ms, event.at_ms)

    def count(self, at_ms: int, shot: Mapping[str, int]) -> None:
        """Counts a shot by the fields of its message."""
        self._first_ms = at_ms if self._first_ms is None else min(self._first_ms, at_ms)
        self._last_ms = max(self._last_ms, at_ms)
        index, kind = shot["pass_index"], kind_of(shot["flags"])
        if kind == UNKNOWN:
            self.lost(index, shot["commanded_dose_nl"])
            return
        self._made(index, kind)
        self.last_depth_um = shot["measured_depth_um"]
        self.last_dose_nl = shot["measured_dose_nl"]
        self.deepest_um = max(self.deepest_um, self.last_depth_um)
        self.volume_nl += self.last_dose_nl
        if kind == CUT_SHORT:
            return
        self.commanded_volume_nl += shot["commanded_dose_nl"]
        if index not in self._flows:
            self._depth_um[index].see(self.last_depth_um)
            self._dose_nl[index].see(self.last_dose_nl)

    def lost(self, index: int, commanded_nl: int) -> None:
        """Counts an uncertain shot of this pass: its commanded dose counts as given."""
        self._made(index, UNKNOWN)
        self.uncertain_nl += commanded_nl
        self.commanded_volume_nl += commanded_nl

    def _made(self, index: int, kind: int) -> None:
        self._of_kind[kind] += 1
        self.attempts[index] += 1
        self.filled[index] += kind != CUT_SHORT

    def progress(
        self, plan: "Plan", index: int, state: int, at_ms: int, prompt: str = "", waits_for: str = "", left_nl: int = -1
    ) -> Progress:
        """Tells how far pass `index` of `plan` is. `prompt` replaces what the state alone would ask for."""
        one = plan.passes[index]
        return Progress(
            pass_index=index,
            passes=len(plan.passes),
            technique=one.technique,
            unit="s" if one.mode == CONSTANT_FLOW else "shots",
            done=self.filled[index],
            shots=one.shots,
            total_done=self.filled.total(),
            total_shots=plan.shots,
            volume_nl=self.volume_nl,
            last_depth_um=self.last_depth_um,
            last_dose_nl=self.last_dose_nl,
            state=state,
            prompt=prompt or PROMPTS.get(STATES[state]) or _PRESS[one.mode],
            at_ms=at_ms,
            waits_for=waits_for,
            syringe_left_nl=left_nl,
            syringe_low=0 <= left_nl * LOW_PART <= plan.head.syringe_nl,
        )

    def summary(self, session_id: int, outcome: str, reason: str) -> Summary:
        """Sums up what was taken so far. `outcome` is one of records.OUTCOMES; `reason` is in words."""
        whole, partial, wrong, uncertain = self._of_kind
        return Summary(
            session_id=session_id,
            outcome=outcome,
            reason=reason,
            shots=whole,
            partial=partial,
            wrong=wrong,
            uncertain=uncertain,
            volume_nl=self.volume_nl,
            commanded_volume_nl=self.commanded_volume_nl,
            deepest_um=self.deepest_um,
            depth_spread_um=max((one.spread() for one in self._depth_um.values()), default=0),
            dose_spread_nl=max((one.spread() for one in self._dose_nl.values()), default=0),
            duration_ms=0 if self._first_ms is None else self._last_ms - self._first_ms,
        )


def summed_up(session: "SessionRow", events: "Iterable[Event]", shots: "Iterable[ShotRow]") -> Summary:
    """Sums up a session by the shots that its record has; of `events` only endings count."""
    tally = Tally({index for index, one in enumerate(session.passes) if one.get("mode") == CONSTANT_FLOW})
    for shot in shots:
        if shot.n:
            tally.count(shot.at_ms, vars(shot))
        else:
            tally.lost(shot.pass_index, shot.commanded_dose_nl)
    for event in events:
        if event.name == "ended":
            tally.take(event)
    return tally.summary(session.id, session.outcome or "", session.reason)
