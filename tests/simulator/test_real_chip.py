"""What the real chip costs is charged here too: ticks with a phase, a loop whose work takes time (simulator/mesogun_sim/costs.py).

Each was found on a cycle-counted RP2040 while the simulated board was kinder than it. `BEFORE` are the costs of the firmware of
then: with them the same visits end as they did there, so that these tests are known to see it.
"""

import random
from itertools import pairwise

import pytest
from rigs.marks import slow
from rigs.rig import Rig, a_pass
from rigs.search import stride

from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, IDLE, RUNNING, STATES
from mesogun_sim import costs

BEFORE = {
    "BYTE_IN_US": 107,
    "LINE_IN_US": 3_800,
    "LINE_OUT_US": 43_000,  # 35 by itself, and a quarter of a sweep that it brought about
    "MEMORY_US": 2_300,
    "TURN_US": 8_000,
    "SWEEP_EVERY_MS": 250,
}
MASK_BEFORE_US = 3_400  # of an adjust
LATE_US = 250  # no tick is later, whatever is asked
TURN_US = 60_000  # no turn is longer while shots can be made
FORMAT_US = 100_000  # but this one, while nothing can start: the watchdog waits ten times as long
BEHIND_MS = 100  # no event is told later


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BEFORE.items():
        monkeypatch.setattr(costs, name, value)


class Watched:
    """The longest turn of the loop, the latest event, and the slowest answer to a beat, in a rig from now on."""

    def __init__(self, rig: Rig) -> None:
        self.turn_us = self.behind_ms = self.answer_ms = 0
        desk, sent, heard = rig.desk, dict[int, int](), len(rig.events)

        def look() -> None:
            nonlocal heard
            if desk.engine.cost_us:
                self.turn_us = max(self.turn_us, desk.engine.cost_us)
            while heard < len(rig.events):
                name, fields = rig.events[heard]
                heard += 1
                ended_ms = fields["at_ms"] + (fields["period_us"] // 1_000 if name == "shot" else 0)
                self.behind_ms = max(self.behind_ms, rig.now_ms - ended_ms)

        heard_bytes = rig.hear

        def hear(data: bytes) -> None:
            heard_bytes(data)
            for seq in [seq for seq in sent if seq in rig.answers]:
                self.answer_ms = max(self.answer_ms, rig.now_ms - sent.pop(seq))

        said = rig.say

        def say(name: str, *values: int) -> int:
            seq = said(name, *values)
            if name == "beat":
                sent[seq] = rig.now_ms
            return seq

        rig.say, rig.hear = say, hear  # type: ignore[method-assign]
        desk.watch = look


def shots(rig: Rig, count: int) -> Watched:
    """So many shots at ten a second, the trigger held for less than the longest hold at a time."""
    rig.ready(a_pass(shots=count, depth_um=1_000, dose_nl=1_000, period_us=100_000), syringe_nl=10_000_000)
    watched = Watched(rig)
    while rig.board.state == ARMED:
        rig.touch()
        rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
        rig._pump(rig.now_ms + 55_000, lambda: rig.board.state not in (ARMED, RUNNING))
        rig.release()
        rig.wait(300)
    return watched


@slow
def test_two_thousand_shots_at_ten_a_second_are_complete_and_nobody_waits() -> None:
    rig = Rig(seed=3)
    watched = shots(rig, 2_000)
    assert {ended["reason"] for ended in rig.told("ended")} <= {reasons.RELEASED, reasons.PASS_DONE}
    assert rig.told("ended")[-1]["done"] == 2_000
    assert len(rig.told("shot")) == rig.device.journal.summary()[0]
    assert watched.turn_us <= TURN_US
    assert watched.behind_ms <= BEHIND_MS
    assert watched.answer_ms <= 50


def test_a_hundred_shots_at_ten_a_second_are_complete_and_nobody_waits() -> None:
    rig = Rig(seed=4)
    watched = shots(rig, 100)
    assert [ended["reason"] for ended in rig.told("ended")] == [reasons.PASS_DONE]
    assert (watched.turn_us <= TURN_US, watched.behind_ms <= BEHIND_MS, watched.answer_ms <= 50) == (True, True, True)


def test_so_they_would_not_have_been_before(as_before: None) -> None:
    watched = shots(Rig(seed=4), 100)
    assert (watched.turn_us > TURN_US, watched.behind_ms > BEHIND_MS, watched.answer_ms > 50) == (True, True, True)


def presses(rig: Rig, count: int) -> Watched:
    """Short presses at five shots a second, and the gun looked at ten times a second."""
    rig.ready(a_pass(shots=1_000, depth_um=1_000, dose_nl=1_000, period_us=200_000))
    watched = Watched(rig)
    for _ in range(count):
        rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
        for _ in range(6):
            rig.ask("watch")
            rig.wait(80)
        rig.release()
        rig.wait(120)
        if rig.board.state != ARMED:
            break
    return watched


@pytest.mark.parametrize("count", [20, slow(100)])
def test_a_visit_of_short_presses_that_is_watched_is_complete(count: int) -> None:
    rig = Rig(seed=5)
    watched = presses(rig, count)
    assert watched.turn_us <= TURN_US
    ends = rig.told("ended")
    assert ([ended["reason"] for ended in ends], STATES[rig.board.state]) == ([reasons.RELEASED] * count, "armed")
    assert len(rig.told("shot")) == rig.device.journal.summary()[0] >= count


def test_so_it_would_not_have_been_before(as_before: None) -> None:
    assert presses(Rig(seed=5), 20).turn_us > 2 * TURN_US


def adjusted(rig: Rig, times: int) -> list[int]:
    """The depths asked for, at moments drawn, amid shots at ten a second; the first that is refused ends it."""
    draw = random.Random(7)
    one = a_pass(shots=2_000, depth_um=1_000, dose_nl=1_000, dwell_us=2_000, period_us=100_000)
    rig.ready(one)
    rig.press()
    rig.until(lambda: rig.board.state == RUNNING)
    depths = []
    for _ in range(times):
        rig.wait(draw.randrange(150, 400))
        depth_um = 100 * draw.randrange(8, 15)
        if rig.ask("adjust", depth_um, *one[5:])[0] != "armed":
            break
        depths.append(depth_um)
    rig.wait(400)
    return depths


def test_a_new_setting_amid_shots_makes_no_tick_late_and_begins_with_a_period() -> None:
    rig = Rig(seed=6)
    times = 50 // stride()
    assert len(adjusted(rig, times)) == times
    assert rig.board.state == RUNNING
    assert rig.ask("watch")[1]["late_us"] <= LATE_US
    starts = [shot["at_ms"] * 1_000 + shot["at_us"] for shot in rig.told("shot")]
    assert {later - sooner for sooner, later in pairwise(starts)} == {100_000}
    assert all(abs(shot["measured_depth_um"] - shot["commanded_depth_um"]) <= 2 for shot in rig.told("shot"))


def test_so_it_would_have_been_late_before(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(seed=6)
    adjusted(rig, 0)
    monkeypatch.setattr(costs, "MASK_US", MASK_BEFORE_US)
    rig.ask("adjust", 900, *a_pass(period_us=100_000, dose_nl=1_000)[5:])
    rig.wait(100)
    assert rig.told("ended")[-1]["reason"] == reasons.GUARD_LATE


def test_no_request_in_any_state_makes_a_tick_late_or_a_turn_long() -> None:
    rig = Rig(seed=8)
    rig.home()
    watched = Watched(rig)
    rig.ask("format", rig.board.serial)
    assert watched.turn_us <= FORMAT_US
    watched.turn_us = 0
    rig.load(a_pass())
    for name, values in (("journal", []), ("selftest", []), ("gauge", [1_000]), ("disarm", [])):
        rig.ask(name, *values)
    rig.ask("home")
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(IDLE)
    rig.release()
    rig.arm()
    rig.ask("disarm")
    assert rig.ask("watch")[1]["late_us"] <= LATE_US
    assert watched.turn_us <= TURN_US


def test_a_gun_that_starts_again_is_there_after_its_time() -> None:
    rig = Rig(seed=9)
    rig.home()
    rig.ask("restart")
    asked_ms = rig.now_ms
    rig.seq, rig.events, rig.answers = 0, [], {}
    while "welcome" not in [name for name, _ in rig.answers.values()]:
        rig.seq = 0
        rig.say("hello", 1)
        rig._pump(rig.now_ms + 100, lambda: bool(rig.answers))
    assert costs.BOOT_MS <= rig.now_ms - asked_ms <= 2_500
    rig.beats = True
    rig.home()
    assert rig.board.state == IDLE
