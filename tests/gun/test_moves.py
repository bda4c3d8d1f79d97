"""Moves in the air that are no shot: waited for, stopped, and what becomes of what the gun reports."""

import signal

import pytest
from rigs.fakegun import FakeGun

from mesogun.gun import moves
from mesogun.gun.client import Gun, State
from mesogun.gun.words import reason_in_words
from mesogun.refusal import LinkLost, Refused
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, FAULTED, HOLD, HOMING, IDLE, PAUSE, RUNNING, UNHOMED

DRIVES = ("stepper", "pneumatic")


def nothing(state: State) -> None:
    pass


@pytest.mark.parametrize("drive", DRIVES)
def test_home_gauge_and_prime_are_whole_when_the_trigger_is_held(drive: str) -> None:
    with Gun.connect(f"sim://?drive={drive}") as gun:
        assert moves.home(gun, nothing) == moves.Moved(IDLE, 0, True)
        seen: list[int] = []
        moved = moves.move(gun, lambda: gun.gauge(4_000), lambda _: seen.append(gun.watch().needle_um))
        assert (moved.whole, moved.latched) == (True, False)
        assert max(seen) == pytest.approx(4_000, abs=20)
        assert seen[-1] == pytest.approx(0, abs=20)
        assert moves.move(gun, lambda: gun.prime(50_000, 50_000, 12_060), nothing).whole
        assert gun.watch().waste_nl == pytest.approx(50_000, rel=0.001)


def test_ctrl_c_brings_the_needle_home_before_it_is_heeded() -> None:
    with Gun.connect("sim://") as gun:
        moves.home(gun, nothing)

        def stop_when_out(state: State) -> None:
            if gun.watch().needle_um > 3_000:
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            moves.move(gun, lambda: gun.gauge(5_000), stop_when_out)
        assert gun.state().state == IDLE
        assert gun.watch().needle_um == pytest.approx(0, abs=20)
        assert moves.home(gun, nothing).whole, "and the gun can be used again"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("home-stuck@0", reasons.HOME_SWITCH), ("needle-stall@0", reasons.NEEDLE_ASTRAY), ("estop@200", reasons.ESTOP_PRESSED)],
)
def test_a_move_that_fails_says_why_and_nothing_moves_until_that_is_put_right(fault: str, reason: int) -> None:
    with Gun.connect(f"sim://?fault={fault}") as gun:
        moved = moves.home(gun, nothing)
        assert (moved.whole, moved.latched, moved.reason) == (False, True, reason)
        assert moved.in_words == reason_in_words(reason)
        with pytest.raises(Refused, match="press the clear button"):
            moves.check_free(gun)


class NobodyThere(FakeGun):
    """Its trigger is not pressed: the gun gives up."""

    def _move(self) -> tuple[str, list[int]]:
        self.go(HOMING)
        self.after(200, lambda: self.event("ended", PAUSE, reasons.IDLE_TOO_LONG, -1, 0))
        self.after(200, lambda: self.go(UNHOMED))
        return self._status()


def test_a_move_nobody_allows_ends_by_itself() -> None:
    assert moves.home(Gun(NobodyThere()), nothing) == moves.Moved(UNHOMED, reasons.IDLE_TOO_LONG, False)


class LetsGo(FakeGun):
    """Its trigger is released before the move is over; the needle comes home all the same."""

    def _move(self) -> tuple[str, list[int]]:
        self.go(HOMING)
        self.after(200, lambda: self.event("ended", HOLD, reasons.RELEASED, -1, 0))
        self.after(200, lambda: self.go(IDLE))
        return self._status()


def test_a_gun_at_home_after_an_early_release_has_not_done_its_move() -> None:
    port = LetsGo()
    gun = Gun(port)
    port.go(IDLE)
    assert moves.move(gun, lambda: gun.gauge(5_000), nothing) == moves.Moved(IDLE, reasons.RELEASED, False)


def test_a_gun_that_falls_silent_in_a_move_is_no_finished_move() -> None:
    port = FakeGun()
    gun = Gun(port)

    def cut(state: State) -> None:
        port.cut = True

    with pytest.raises(LinkLost):
        moves.home(gun, cut)


def test_what_a_move_reports_is_forgotten_by_the_gun_but_never_a_shot_that_nobody_recorded() -> None:
    port = FakeGun(kept=3)
    gun = Gun(port)
    assert moves.home(gun, nothing).whole
    gun.state()
    assert port.acked == len(port.events)

    port = FakeGun(kept=3)
    port.event("shot", 0, 0, 1, 100_000, 2_000, 2_000, 10_000, 10_000, 0)
    gun = Gun(port)
    assert moves.home(gun, nothing).whole
    gun.state()
    assert port.acked == 0


@pytest.mark.parametrize("state", [FAULTED, ARMED, RUNNING])
def test_nothing_is_asked_of_a_gun_that_is_latched_or_busy(state: int) -> None:
    port = FakeGun()
    gun = Gun(port)
    port.state = state
    with pytest.raises(Refused):
        moves.check_free(gun)
