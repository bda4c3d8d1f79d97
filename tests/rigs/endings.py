"""A running gun at every millisecond of a stroke, what may end it, and what an ending must hold (DOMAIN 5)."""

from collections.abc import Callable, Iterator
from functools import cache

from mesogun_fw.guard.cells import EXPECTED, RUN
from mesogun_fw.guard.expected import DOSE_END_US
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, PAUSE, RUNNING
from rigs.rig import Rig, a_pass
from rigs.search import stride

DEEP = a_pass(depth_um=10_000, dose_nl=5_000, dwell_us=2_000, period_us=126_000)
SLOW = a_pass(depth_um=10_000, dose_nl=5_000, dwell_us=2_000, period_us=500_000)  # longer than a loop may be dead
SHORT = a_pass(depth_um=2_000, dose_nl=3_000, dwell_us=0, period_us=100_300)  # its periods are out of step with the ticks
HOME_UM = 100  # out of the skin, for all that anybody can feel
FLIES_ON_UM = 5  # half a step: what a needle let go within its last step does


@cache
def running(period_us: int = DEEP[-1]) -> Rig:
    """A gun in the first millisecond of a held, continuous pass."""
    rig = Rig(skip=False).ready(next(one for one in (DEEP, SHORT, SLOW) if one[-1] == period_us))
    rig.press()
    rig.until_lamp(RUNNING)
    return rig


def phases(one: list[int]) -> range:
    """Every millisecond of a period and some of the granted one."""
    return range(0, one[-1] // 1000 + 12, stride())


def at_every_millisecond(one: list[int] = DEEP) -> Iterator[tuple[int, Rig]]:
    rig = running(one[-1]).again()
    for ms in phases(one):
        yield ms, rig.again()
        rig.wait(stride())


class Ending:
    """What becomes of `rig` when `cause` happens now: watched tick by tick for `watch_ms`."""

    def __init__(self, rig: Rig, cause: Callable[[Rig], object], watch_ms: int = 140) -> None:
        self.rig = rig
        guard = rig.device.guard
        self.verdict_ms = self.home_ms = self.verdict_us = -1
        self.cause_ms = rig.now_ms
        reported = len(rig.events)

        def watch() -> None:
            if self.verdict_ms < 0:
                if guard.phase != RUN:
                    self.verdict_ms, self.verdict_us = rig.now_ms, rig.desk.now_us()
                    self.kind, self.reason = guard.kind, guard.reason
                    self.dose_end_us = guard.cells[guard.cells[EXPECTED] + DOSE_END_US]
            elif self.home_ms < 0 and rig.tip_um < HOME_UM:
                self.home_ms = rig.now_ms

        rig.desk.watch = watch
        cause(rig)
        rig.wait(watch_ms)
        rig.desk.watch = None
        self.events = rig.events[reported:]
        self.last = [play for play in rig.tape.plays if play.dispenses][-1]

    def holds(self, at: str) -> None:
        """The invariants of every ending."""
        rig = self.rig
        assert self.verdict_ms >= 0, f"{at}: nothing ended"
        bound_ms = 20 + -(-rig.device.guard.stroke.figures.back_us // 1000)
        assert 0 <= self.home_ms - self.verdict_ms <= bound_ms, f"{at}: home after {self.home_ms - self.verdict_ms} ms"
        assert rig.tip_um < HOME_UM, f"{at}: the needle is out again"
        latest_us = self.verdict_us + 100
        assert rig.last_dispensing_us() <= latest_us, f"{at}: dispensing after the end"
        begun_us = [play.start_us + play.entered_us for play in rig.tape.plays if play.dispenses]
        assert max(begun_us) <= latest_us, f"{at}: a new stroke"

    def is_reported(self, at: str, kind: int, reasons: tuple[int, ...]) -> None:
        """By the device, over the cable."""
        ended = next(fields for name, fields in self.events if name == "ended")
        assert (ended["kind"], ended["reason"] in reasons) == (kind, True), f"{at}: {ended}"
        start_us, timeline, _, until_us, _ = self.last
        shot = [fields for name, fields in self.events if name == "shot"][-1]
        assert shot["at_ms"] * 1000 + shot["at_us"] == start_us, f"{at}: the last stroke has no report"
        cut = timeline.plunger_steps(until_us - start_us) < len(timeline.plunger_us)
        if cut or until_us - start_us > self.dose_end_us + 2_000 + 1_000:
            assert bool(shot["flags"] & PARTIAL) == cut, f"{at}: dose cut is {cut}, flags {shot['flags']}"


CAUSES: dict[str, tuple[Callable[[Rig], object], int, int]] = {
    "release": (lambda rig: rig.release(), HOLD, reasons.RELEASED),
    "one trigger contact opens": (lambda rig: rig.set(trigger_b=0), HOLD, reasons.RELEASED),
    "lift": (lambda rig: rig.lift(), HOLD, reasons.LIFTED),
    "one skin contact opens": (lambda rig: rig.set(contact_a=0), HOLD, reasons.LIFTED),
    "disarm": (lambda rig: rig.say("disarm"), PAUSE, reasons.DISARMED),
    "hello": (lambda rig: rig.say("hello", 1), PAUSE, reasons.DISARMED),
    "e-stop": (lambda rig: rig.set(estop=1), ESTOP, reasons.ESTOP_PRESSED),
    "tick late": (lambda rig: rig.happen("tick-late"), FAULT, reasons.GUARD_LATE),
}
