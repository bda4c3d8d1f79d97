"""A gun on the desk with a laptop that asks and a hand that does only what it is told. For tests that need both in detail.

`Rig` speaks the wire's own lines over the cable, and sets trigger and skin contacts at times of its choosing. Its `tape`
keeps every pin edge. `Rig.again` copies the whole gun at any moment: the same moment, as often as a test needs it.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.loop import Device
from mesogun_fw.stroke.language import PLUNGER_STEP, Settings
from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.stroke.stepper import Figures
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import BY_NAME, CONTINUOUS, IDLE
from mesogun_sim.desk import Desk
from mesogun_sim.engines.inprocess import InProcess
from mesogun_sim.faults import Fault
from rigs.tape import Tape

BORE_UM = 12_060
Fields = dict[str, int]


def a_pass(index: int = 0, **changed: int) -> list[int]:
    """Values of a message `pass`: 2 mm, 10 µl, three a second, continuous, with what is `changed` by name."""
    one = {
        "index": index, "mode": CONTINUOUS, "shots": 100, "burst": 1, "depth_um": 2_000, "needle_um_s": 300_000,
        "dose_nl": 10_000, "flow_nl_s": 1_000_000, "dwell_us": 5_000, "period_us": 333_333,
    }  # fmt: skip
    assert not set(changed) - set(one), changed
    return list({**one, **changed}.values())


def settings_of(one: Sequence[int], bore_um: int = BORE_UM) -> Settings:
    depth_um, needle_um_s, dose_nl, flow_nl_s, dwell_us, period_us = one[4:]
    return Settings(depth_um, needle_um_s, dose_nl, flow_nl_s, dwell_us, period_us, bore_um, one[1])


def figures_of(one: Sequence[int], bore_um: int = BORE_UM) -> Figures:
    """Step counts and durations of a pass's stroke on the reference gun."""
    return Figures(settings_of(one, bore_um), Description())


class Rig:
    """`desk` is the gun; `events` all it reported as (name, fields); `answers` what it answered, by sequence number."""

    def __init__(
        self,
        seed: int = 1,
        *,
        skip: bool = True,
        engine: str = "cpython",
        hand: bool = False,
        trace: Path | None = None,
        row_shots: int | None = None,
        phase_us: int | None = None,
    ) -> None:
        self.desk = Desk(seed, engine=engine, hand=hand, skip=skip, trace=trace, row_shots=row_shots, phase_us=phase_us)
        self.board = self.desk.board
        self.tape = Tape(self.desk.trace)
        self.board._watcher = self.board.player._watcher = self.tape
        self.events: list[tuple[str, Fields]] = []
        self.answers: dict[int, tuple[str, Fields]] = {}
        self.seq = 0
        self.beats = True  # False: the host has gone silent
        self.acks = True  # False: the host's disk is full
        self._beat_ms = 0
        self._received = b""

    @property
    def device(self) -> Device:
        """The firmware itself, when it runs in this process."""
        engine = self.desk.engine
        assert isinstance(engine, InProcess)
        return engine.device

    # ---- the laptop ----

    @property
    def now_ms(self) -> int:
        return self.desk.now_ms

    def ask(self, name: str, *values: int, settle_ms: int = 1_000) -> tuple[str, Fields]:
        """Send a request and wait for its answer: (name, fields)."""
        seq = self.say(name, *values)
        self._pump(self.now_ms + settle_ms, lambda: seq in self.answers)
        assert seq in self.answers, f"no answer to {name} {values}"
        return self.answers[seq]

    def say(self, name: str, *values: int) -> int:
        """Send a request and go on; its sequence number."""
        self.seq = self.seq % frames.SEQ_MAX + 1
        self.desk.send(frames.encode(self.seq, name, list(values)))
        return self.seq

    def wait(self, ms: int) -> None:
        """Let time pass while the host beats."""
        self._pump(self.now_ms + ms, lambda: False)

    def until(self, done: Callable[[], bool], limit_ms: int = 60_000) -> None:
        """Let time pass until something is so."""
        self._pump(self.now_ms + limit_ms, done)
        assert done(), f"not within {limit_ms} ms: state {self.board.state}, {self.events[-3:]}"

    def _pump(self, until_ms: int, done: Callable[[], bool]) -> None:
        desk = self.desk
        while not done() and desk.now_ms < until_ms:
            if self.beats and desk.now_ms >= self._beat_ms and self.answers:
                self._beat_ms = desk.now_ms + 100
                self.say("beat", self.last_event if self.acks else 0)
            desk.advance(min(until_ms, max(self._beat_ms, desk.now_ms + 1) if self.beats else until_ms), to_byte=True)
            self.hear(desk.receive())

    def until_lamp(self, *states: int, limit_ms: int = 60_000) -> None:
        """Let time pass until the gun shows one of these states."""
        self.until(lambda: self.board.state in states, limit_ms)

    def hear(self, data: bytes) -> None:
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            seq, name, values = frames.decode(line + b"\n")
            fields = {row[0]: value for row, value in zip(BY_NAME[name][2], values, strict=True)}
            if seq:
                self.answers[seq] = (name, fields)
            elif fields["n"] == self.last_event + 1:
                self.events.append((name, fields))

    @property
    def last_event(self) -> int:
        return self.events[-1][1]["n"] if self.events else 0

    def told(self, name: str) -> list[Fields]:
        """Every event of that name."""
        return [fields for event, fields in self.events if event == name]

    # ---- the hand ----

    def set(self, in_ms: int = 1, **fields: int) -> None:
        """Change contacts of the board, `in_ms` from now, before the guard's tick."""
        self.desk.at(self.now_ms + in_ms, Change(self.board, fields))

    def press(self, in_ms: int = 1) -> None:
        self.set(in_ms, trigger_a=1, trigger_b=1)

    def release(self, in_ms: int = 1) -> None:
        self.set(in_ms, trigger_a=0, trigger_b=0)

    def touch(self, in_ms: int = 1) -> None:
        self.set(in_ms, contact_a=1, contact_b=1)

    def lift(self, in_ms: int = 1) -> None:
        self.set(in_ms, contact_a=0, contact_b=0)

    def happen(self, fault: str, in_ms: int = 1) -> None:
        """Let something of mesogun_sim.faults break. Every tick is run from here on: a body may now move by itself."""
        self.desk._skip = False
        at_ms = self.now_ms + in_ms
        self.desk.schedule(Fault(fault, at_ms))

    # ---- the way to a shot ----

    def home(self) -> None:
        """Hello, and the check of the needle axis in the air."""
        self.ask("hello", 1)
        self.ask("home")
        self.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
        self.until_lamp(IDLE, limit_ms=2_000)
        self.release()

    def load(self, *passes: Sequence[int], bore_um: int = BORE_UM, syringe_nl: int = 10_000_000) -> None:
        begin = [len(passes), bore_um, syringe_nl, limits.FLOW_MAX_NL_S]
        assert self.ask("begin", *begin) == ("ok", {})
        for one in passes:
            assert self.ask("pass", *one) == ("ok", {}), self.answers[self.seq]
        bodies = [frames.body("begin", begin), *(frames.body("pass", list(one)) for one in passes)]
        name, fields = self.ask("commit", frames.digest(bodies), 0)
        assert name == "program", fields

    def arm(self, index: int = 0) -> Fields:
        name, fields = self.ask("arm", index)
        assert name == "armed", fields
        return fields

    def ready(self, *passes: Sequence[int], **load: int) -> "Rig":
        """Homed, loaded, first pass armed, gun set down for long enough: the next press makes shots."""
        self.home()
        self.load(*(passes or (a_pass(),)), **load)
        self.arm()
        self.touch()
        self.wait(limits.TRIGGER_RELEASED_MS + 50)
        return self

    def again(self) -> "Rig":
        """Another gun at this very moment."""
        shared: list[Any] = [timeline for slot in self.board.player._slots if slot for timeline in slot[1]]
        shared += [play.timeline for play in self.tape.plays]
        return copy.deepcopy(self, {id(timeline): timeline for timeline in shared})

    # ---- what became of it ----

    @property
    def tip_um(self) -> int:
        """Where the tip really is."""
        return self.board.axis.tip_um(self.desk.now_us())

    def dispensed(self) -> int:
        """Plunger steps on the tape."""
        return self.tape.count(PLUNGER_STEP)

    def last_outward_us(self) -> int:
        return self.tape.last_us(NEEDLE_STEP)

    def last_dispensing_us(self) -> int:
        return self.tape.last_us(PLUNGER_STEP)


class Change:
    """Sets fields of a board when called; unlike a closure it is copied with the gun."""

    def __init__(self, board: object, fields: Fields) -> None:
        self._board = board
        self._fields = fields

    def __call__(self) -> None:
        for name, value in self._fields.items():
            setattr(self._board, name, value)
