"""The whole gun on the emulated chip, stopped: by its practitioner, by the button, by a processor that dies."""

import pytest
from rigs.marks import mostly_slow
from rigs.pico import machine_of_tests as machine
from rigs.pico.gun import Gun
from rigs.pico.session import (
    CYCLES_MS,
    DEPTH_UM,
    DOSE_NL,
    PERIOD_MS,
    STEP_NL,
    Assemble,
    armed,
    changes_since,
    is_safe,
    running,
    variants,
)
from rigs.pico.walk import changes, whole

from mesogun_fw.boards.pico import pins
from mesogun_fw.guard.cells import GRANTED
from mesogun_fw.stroke.language import PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ARMED, ESTOP, FAULT, FAULTED, HOLD, STOPPED


@pytest.mark.parametrize("at_ms", mostly_slow([1, 3, 5, 8, 12, 16, 20, 25, 30, 60, 99, 107, 115], 2))
def test_a_release_in_a_shot_brings_the_needle_home_and_never_deeper(gun: Gun, at_ms: int) -> None:
    gun.needle.most_nm = 0
    began = running(gun, at_ms)
    gun.press(False)
    gun.run(20)
    home_ms = 20
    while gun.device.state != ARMED or gun.needle.nm:
        gun.ms()
        home_ms += 1
    assert home_ms <= 40
    assert is_safe(gun)
    assert gun.needle.most_nm <= 1_000 * DEPTH_UM
    assert [end["kind"] for end in gun.said("ended")] == [HOLD]
    shots = gun.said("shot")
    assert len(shots) == (1 if at_ms < PERIOD_MS - 1 else 2)
    edges = len(gun.rises(PLUNGER_STEP, began))
    assert abs(sum(shot["measured_dose_nl"] for shot in shots) - edges * STEP_NL) < 1 + len(shots) * STEP_NL
    for shot in shots:
        whole_dose = abs(shot["measured_dose_nl"] - DOSE_NL) < 2 * STEP_NL
        assert shot["flags"] == (0 if whole_dose else PARTIAL)
    journal = gun.ask("journal")[1]
    assert (journal["shots"], journal["uncertain"]) == (len(shots), 0)


@pytest.mark.parametrize("at_ms", mostly_slow([1, 3, 5, 8, 12, 16, 20, 25, 60, 103, 110], 2))
def test_an_emergency_stop_lets_no_pulse_out_and_the_spring_bring_the_needle_home(gun: Gun, at_ms: int) -> None:
    gun.needle.most_nm = 0
    running(gun, at_ms)
    gun.switch(pins.ESTOP, closed=False)
    gun.ms()
    tick = gun.chip.cycle
    gun.run(150)
    assert gun.rises(NEEDLE_STEP | PLUNGER_STEP | NEEDLE_DIR, tick) == []
    assert gun.needle.most_nm <= 1_000 * DEPTH_UM
    assert is_safe(gun)
    assert gun.device.state == STOPPED
    assert [(end["kind"], end["reason"]) for end in gun.said("ended")] == [(ESTOP, reasons.ESTOP_PRESSED)]
    assert not machine.levels[pins.DUMP]
    assert gun.ask("arm", 0)[0] == "refused"


@pytest.mark.parametrize("at_ms", mostly_slow([5, 40, 93, 97, 150]))
def test_a_dead_processor_makes_the_granted_shot_at_most(gun: Gun, at_ms: int) -> None:
    began = running(gun, at_ms)
    granted = gun.device.guard.cells[GRANTED]
    gun.guard_runs = gun.loop_runs = False
    fed = len(machine.fed)
    gun.run(5 * PERIOD_MS)
    count = at_ms // PERIOD_MS + 1 + granted
    stroke = gun.device.strokes[0]
    assert changes_since(gun, began) == changes([word for variant in variants(gun, count) for word in whole(stroke, variant)])
    assert (gun.needle.nm, gun.chip.levels) == (0, 0)
    assert len(machine.fed) == fed


def test_of_those_moments_some_are_before_a_grant_and_some_after(gun: Gun) -> None:
    running(gun, 93)
    assert not gun.device.guard.cells[GRANTED]
    gun.run(4)
    assert gun.device.guard.cells[GRANTED]


@pytest.mark.parametrize("at_ms", mostly_slow([5, 15, 97]))
def test_a_guard_that_has_stopped_is_noticed_by_the_loop_and_no_longer_keeps_the_watchdog_quiet(gun: Gun, at_ms: int) -> None:
    began = running(gun, at_ms)
    gun.guard_runs = False
    gun.run(60)
    fed = len(machine.fed)
    gun.run(1_000)
    assert len(machine.fed) == fed
    assert is_safe(gun)
    assert gun.device.state == FAULTED
    assert gun.said("ended")[-1]["reason"] == reasons.GUARD_DEAD
    assert {shot["flags"] for shot in gun.said("shot")} == {UNCERTAIN}
    assert len(gun.said("shot")) == (2 if at_ms == 97 else 1)
    assert all(cycle - began < (at_ms + 75) * CYCLES_MS for cycle in gun.rises(NEEDLE_STEP))


@pytest.mark.slow
def test_a_loop_that_has_stopped_is_noticed_by_the_guard_and_no_longer_keeps_the_watchdog_quiet(assemble: Assemble) -> None:
    gun = armed(assemble().start(), 2, period_ms=500)
    running(gun, 50)
    gun.loop_runs = False
    fed = len(machine.fed)
    gun.run(1_000)
    assert len(machine.fed) == fed
    assert is_safe(gun)
    guard = gun.device.guard
    assert (guard.kind, guard.reason) == (FAULT, reasons.LOOP_DEAD)


@pytest.mark.parametrize(("at_ms", "blind_ms"), mostly_slow([(5, 45), (60, 45), (97, 45), (97, 400)]))
def test_a_gun_that_was_blind_for_a_while_stops_when_it_sees_again(gun: Gun, at_ms: int, blind_ms: int) -> None:
    gun.needle.most_nm = 0
    began = running(gun, at_ms)
    periods = 1 + gun.device.guard.cells[GRANTED]
    gun.guard_runs = gun.loop_runs = False
    gun.run(blind_ms)
    gun.guard_runs = gun.loop_runs = True
    gun.run(250)
    assert gun.device.state == FAULTED
    assert gun.said("ended")[-1]["reason"] == reasons.GUARD_LATE
    assert is_safe(gun)
    assert gun.needle.most_nm <= 1_000 * DEPTH_UM
    assert len(gun.rises(NEEDLE_STEP, began)) <= periods * 2 * DEPTH_UM // 10
    journal = gun.ask("journal")[1]
    assert journal["shots"] == len(gun.said("shot")) == periods


@pytest.mark.slow
def test_while_both_run_the_watchdog_is_fed_at_least_every_tenth_of_a_second(gun: Gun) -> None:
    running(gun)
    for _ in range(10):
        fed = len(machine.fed)
        gun.run(100)
        assert len(machine.fed) > fed


@pytest.mark.slow
def test_a_silent_host_pauses_the_gun(gun: Gun) -> None:
    running(gun, 20)
    gun.beats = False
    gun.run(700)
    assert is_safe(gun)
    assert gun.device.guard.reason in (reasons.LINK_SILENT, reasons.PASS_DONE)
