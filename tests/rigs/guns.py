"""Guns of both drives in every mode, at every moment of a shot; what their pins did; what the end of a shot must hold.

An ending is judged from outside: by pin edges and by where the tip really is (DOMAIN 5). The guard is only asked when it
decided.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard.cells import BACK, BEAT_MS, EXPECTED, RUN
from mesogun_fw.guard.expected import DOSE_END_US
from mesogun_fw.talk.codes import PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import CONSTANT_FLOW, RETROGRADE, RUNNING, SINGLE
from mesogun_sim.desk import Desk, described_with
from mesogun_sim.plant.drawn import STIFF
from rigs.rig import Fields, Rig, a_pass
from rigs.search import stride
from rigs.tape import Play, Tape

HOME_UM = 100  # out of the skin, for all that anybody can feel
ENCODER_STEP_UM = 5
OUT_PIN = 1  # the needle's step pin, or the valve that throws it
BACK_PIN = 2  # its direction, or the valve that brings it back
DISPENSE_PIN = 4
DRAW_BACK_PIN = 8  # the plunger's direction
REST_MS = 2_000  # a plunger that takes its pressure back does so at the speed of the dose
JUDGED_US = 3_000  # after the last plunger step: then the guard has looked at the dose


class Gun(Rig):
    """A rig of this drive that runs every tick. `desk`: another than a new gun, homed nowhere.

    Its path is stiff: blocked, it stalls the motor within the shot, which a soft syringe does not.
    """

    def __init__(
        self, drive: str = "stepper", *, seed: int = 1, desk: Desk | None = None, description: Description | None = None
    ) -> None:
        super().__init__(seed)
        self.desk = desk or Desk(seed, hand=False, skip=False, description=description or described_with(drive), setup=STIFF)
        self.board = self.desk.board
        self.tape = Tape(self.desk.trace)
        self.board._watcher = self.board.player._watcher = self.tape

    @property
    def guard(self) -> Guard:
        return self.device.guard

    def again(self) -> "Gun":
        copy = super().again()
        assert isinstance(copy, Gun)
        return copy

    def shoot(self, ms: int = 1) -> "Gun":
        """A proper press, held until the first millisecond of its first shot, or `ms` longer."""
        self.release()
        self.touch()
        self.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
        self.until_lamp(RUNNING)
        self.wait(ms - 1)
        return self

    def clear(self) -> None:
        """Hands off, and the clear button."""
        self.set(trigger_a=0, trigger_b=0, contact_a=0, contact_b=0, estop=0)
        self.set(in_ms=3, clear=1)
        self.set(in_ms=3 + limits.TRIGGER_DEBOUNCE_MS + 10, clear=0)
        self.wait(limits.TRIGGER_DEBOUNCE_MS + 40)

    def strokes(self) -> list[Play]:
        """Every list with a dose in it, as far as it was played; the one in play as far as it is."""
        plays = self.tape.plays + [Play(*play) for play in self.board.player.in_play()]
        return [play for play in plays if max(play.timeline.plunger_at) > 0]

    def plunger_steps(self) -> tuple[list[int], int]:
        """(when the plunger was pushed by a step, how many steps it was drawn back)."""
        pushed: list[int] = []
        drawn = 0
        for play in self.tape.plays:
            back = False
            for when, pin, level in zip(
                *play.timeline.edges(play.until_us - play.start_us, play.entered_us, play.low), strict=True
            ):
                if 1 << pin == DRAW_BACK_PIN:
                    back = bool(level)
                elif 1 << pin == DISPENSE_PIN and level:
                    drawn += back
                    pushed += [] if back else [play.start_us + int(when)]
        return pushed, drawn


@dataclass(frozen=True)
class Setup:
    """A drive, and a pass it can do."""

    drive: str
    one: tuple[int, ...]

    @property
    def mode(self) -> int:
        return self.one[1]


def _pass(**changed: int) -> tuple[int, ...]:
    return tuple(a_pass(**{"depth_um": 6_000, "dose_nl": 10_000, "dwell_us": 3_000, **changed}))


FLOWING = {"mode": CONSTANT_FLOW, "shots": 2, "dose_nl": 20_000, "flow_nl_s": 500_000, "period_us": 1_000_000}
SETUPS = {
    "motor, single": Setup("stepper", _pass(mode=SINGLE, period_us=150_000)),
    "motor, continuous": Setup("stepper", _pass(period_us=110_300)),  # out of step with the ticks
    "motor, constant flow": Setup("stepper", _pass(**FLOWING)),
    "motor, retrograde": Setup("stepper", _pass(mode=RETROGRADE, depth_um=2_500, dose_nl=6_000, period_us=300_000)),
    "air, single": Setup("pneumatic", _pass(mode=SINGLE, period_us=150_000)),
    "air, continuous": Setup("pneumatic", _pass(period_us=100_300)),
    "air, constant flow": Setup("pneumatic", _pass(**FLOWING)),
}


@cache
def armed(name: str) -> Gun:
    gun = Gun(SETUPS[name].drive)
    gun.ready(list(SETUPS[name].one))
    gun.board.needle.deepest_um = 0
    return gun


@cache
def shooting(name: str) -> Gun:
    """In the first millisecond of a held press."""
    return armed(name).again().shoot()


def moments(name: str, every_ms: int = 1, offset: int = 0, apart: int | None = None) -> Iterator[tuple[str, Gun]]:
    """(when, a gun of its own) all through a shot, of a series the second one too, up to what is granted after it.

    A second of constant flow is long and all the same: about its ends only. `apart`: every so manieth of these moments.
    """
    gun = shooting(name).again()
    figures: Any = gun.guard.stroke.figures
    leave_ms = gun.guard.stroke.leave_us // 1000
    marks_ms = [0, figures.out_us // 1000, leave_ms, leave_ms + 1_000, leave_ms + 1_000 + figures.back_us // 1000]
    ms = met = 0
    while gun.guard.phase == RUN and ms < (3_000 if SETUPS[name].mode == CONSTANT_FLOW else leave_ms + 12):
        near = SETUPS[name].mode != CONSTANT_FLOW or any(abs(ms - mark) < 16 for mark in marks_ms)
        if ms % every_ms == offset % every_ms if near else ms % 97 == offset:
            if met % (apart or stride()) == 0:
                yield f"{name}, {ms} ms", gun.again()
            met += 1
        gun.wait(1)
        ms += 1


def silent(gun: Gun) -> None:
    """The host is now unheard for as long as it may be."""
    gun.beats = False
    gun.guard.cells[BEAT_MS] = gun.now_ms - limits.LINK_SILENT_MS


class Ended:
    """What becomes of `gun` when `cause` happens now, watched until it has come to rest after the guard's verdict.

    `verdict_ms` is when the guard decided, for `kind` and `reason`; `home_ms` when the tip was home after that. -1: never.
    """

    def __init__(self, gun: Gun, cause: Callable[[Gun], object], within_ms: int = 50) -> None:
        self.gun = gun
        self.cause_ms, self.cause_us = gun.now_ms, gun.desk.now_us()
        self.verdict_ms = self.home_ms = self.verdict_us = -1
        self._before = len(gun.told("ended"))
        gun.desk.watch = self._watch
        cause(gun)
        gun._pump(gun.now_ms + within_ms, lambda: self.verdict_ms >= 0)
        gun._pump(gun.now_ms + REST_MS, lambda: gun.guard.phase not in (RUN, BACK))
        gun.wait(50)
        gun.desk.watch = None

    def _watch(self) -> None:
        gun = self.gun
        if self.verdict_ms < 0 and gun.guard.phase != RUN:
            self.verdict_ms, self.verdict_us = gun.now_ms, gun.desk.now_us()
            self.kind, self.reason = gun.guard.kind, gun.guard.reason
        if self.verdict_ms >= 0 and self.home_ms < 0 and gun.tip_um < HOME_UM:
            self.home_ms = gun.now_ms

    @property
    def ended(self) -> Fields:
        """The first ending reported."""
        return self.gun.told("ended")[self._before]

    def is_safe(self, at: str, deepest_um: int) -> None:
        """Home in time and staying there; nothing begun, nothing pushed after the verdict; never deeper than commanded."""
        gun = self.gun
        assert self.verdict_ms >= 0, f"{at}: nothing ended"
        bound_ms = 20 + -(-gun.guard.stroke.figures.back_us // 1000)  # type: ignore[attr-defined]
        assert 0 <= self.home_ms - self.verdict_ms <= bound_ms, f"{at}: home {self.home_ms - self.verdict_ms} ms after"
        assert gun.tip_um < HOME_UM, f"{at}: the needle is out again"
        assert gun.board.needle.deepest_um <= deepest_um, f"{at}: {gun.board.needle.deepest_um} um deep"
        latest_us = self.verdict_us + 100
        assert max(gun.plunger_steps()[0], default=0) <= latest_us, f"{at}: dispensing after the end"
        assert all(play.start_us + play.entered_us <= latest_us for play in gun.strokes()), f"{at}: another stroke"

    def is_told(self, at: str, kind: int, *reasons: int) -> None:
        """The device reports this ending and every stroke, whole or partial as the pins say; the journal agrees."""
        gun = self.gun
        assert (self.ended["kind"], self.ended["reason"] in reasons) == (kind, True), f"{at}: {self.ended}"
        shots, strokes = gun.told("shot"), gun.strokes()
        assert len(shots) == len(strokes), f"{at}: {len(strokes)} strokes, {len(shots)} reports"
        last = strokes[-1]
        begun_us = last.start_us + last.entered_us
        cut = last.dispensed < sum(us >= last.entered_us for us in last.timeline.plunger_us)
        flags = shots[-1]["flags"]
        if cut or last.until_us > begun_us + gun.guard.cells[gun.guard.cells[EXPECTED] + DOSE_END_US] + JUDGED_US:
            assert flags & UNCERTAIN or bool(flags & PARTIAL) == cut, f"{at}: dose cut is {cut}, flags {flags}"
        assert not any(shot["flags"] & PARTIAL for shot in shots[:-1]), at
        journal = gun.device.journal
        assert (journal.in_flight(), journal.summary()[0]) == (0, len(shots)), f"{at}: the journal says otherwise"
