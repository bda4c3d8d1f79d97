"""A gun that is served lives in real time, and a machine that is busy with something else is no laptop that fell silent."""

import itertools
from collections.abc import Iterator

import pytest

from mesogun_fw import limits
from mesogun_sim import serve
from mesogun_sim.desk import Desk

BEAT_S = 0.1


class Clock:
    """Real time, as a test wants it: a look at the cable takes what was asked, and now and then the whole machine stands still."""

    def __init__(self, stalls: dict[int, float]) -> None:
        self.now_s = 100.0
        self.stalls = stalls
        self.looks = itertools.count()

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class Laptop:
    """A laptop's end of the cable: it beats ten times a second of real time, until it falls silent."""

    def __init__(self, clock: Clock, until_s: float, silent_from_s: float = 1e9) -> None:
        self.clock = clock
        self.until_s = clock.now_s + until_s
        self.silent_s = clock.now_s + silent_from_s
        self.beat_s = clock.now_s

    def exchange(self, data: bytes, wait_s: float) -> tuple[int, bytes]:
        self.clock.now_s += max(wait_s, 0.0001) + self.clock.stalls.get(next(self.clock.looks), 0.0)
        if self.clock.now_s > self.until_s:
            raise KeyboardInterrupt
        if self.beat_s > self.clock.now_s or self.clock.now_s > self.silent_s:
            return len(data), b""
        self.beat_s = self.clock.now_s + BEAT_S
        return len(data), b"beat\n"


def silences_ms(monkeypatch: pytest.MonkeyPatch, speed: float, clock: Clock, laptop: Laptop) -> Iterator[int]:
    """How long the gun heard nothing, by its own clock, each time."""
    monkeypatch.setattr(serve, "time", clock)
    desk = Desk()
    heard_ms: list[int] = []
    monkeypatch.setattr(desk, "send", lambda data: heard_ms.append(desk.now_ms))
    with pytest.raises(KeyboardInterrupt):
        serve._run(desk, laptop, speed)
    yield from (after - before for before, after in itertools.pairwise([*heard_ms, desk.now_ms]))


@pytest.mark.parametrize("speed", [1.0, 3.0])
def test_a_machine_that_stands_still_for_a_while_is_no_silent_laptop(monkeypatch: pytest.MonkeyPatch, speed: float) -> None:
    clock = Clock({300: 0.3, 600: 0.45, 900: 2.0})
    assert max(silences_ms(monkeypatch, speed, clock, Laptop(clock, until_s=8))) < limits.LINK_SILENT_MS


@pytest.mark.parametrize("speed", [1.0, 3.0])
def test_a_laptop_that_falls_silent_is_silent_for_as_long_to_the_gun(monkeypatch: pytest.MonkeyPatch, speed: float) -> None:
    clock = Clock({})
    assert 1900 <= max(silences_ms(monkeypatch, speed, clock, Laptop(clock, until_s=4, silent_from_s=2))) <= 2100


@pytest.mark.parametrize("speed", [0.5, 1.0, 3.0])
def test_with_a_laptop_that_beats_the_gun_lives_as_fast_as_was_asked(monkeypatch: pytest.MonkeyPatch, speed: float) -> None:
    clock = Clock({})
    assert sum(silences_ms(monkeypatch, speed, clock, Laptop(clock, until_s=4))) == pytest.approx(4000 * speed, rel=0.06)
