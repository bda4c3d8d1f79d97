"""What fails, the emergency stop and a broken trigger, in every phase of the guard: by which kind each ends, in the same tick."""

import pytest
from rigs.guards import NOW_MS, Cells, armed, figures_of, flying, hold, kinds, notes_of, stand

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.notes import NOTE_ENDED, NOTE_STOPPING
from mesogun_fw.guard.tick import tick
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ESTOP, FAULT, HOLD, PAUSE

F = figures_of()
AT_DEPTH_US = F.out_us + 1_000


def ticked(c: Cells, now_ms: int = NOW_MS) -> Cells:
    tick(c, now_ms)
    return c


def ended(c: Cells) -> tuple[int, int, int]:
    return c[cells.PHASE], c[cells.KIND], c[cells.REASON]


# ---- what the gun lives on ----

UNWELL = [
    (inputs.LATE_US, 2_001, FAULT, reasons.GUARD_LATE),
    (cells.LOOP_MS, NOW_MS - 301, FAULT, reasons.LOOP_DEAD),
    (cells.BEAT_MS, NOW_MS - 501, PAUSE, reasons.LINK_SILENT),
    (inputs.SUPPLY_MV, 19_999, FAULT, reasons.SUPPLY_LOW),
    (inputs.TEMPERATURE_C, 71, FAULT, reasons.TOO_HOT),
]
LOST = (inputs.SYRINGE, 0, FAULT, reasons.SYRINGE_OUT)


@pytest.mark.parametrize(("cell", "value", "kind", "reason"), [*UNWELL, LOST])
def test_what_fails_amid_a_shot_ends_it_in_the_same_tick_whatever_else_is_due_then(
    cell: int, value: int, kind: int, reason: int
) -> None:
    c = flying(AT_DEPTH_US)
    c[cell] = value
    ticked(c)
    assert ended(c) == (cells.BACK, kind, reason)
    assert c[cells.ORDER] == (cells.HALT if reason == reasons.SUPPLY_LOW else cells.ABORT)
    assert notes_of(c)[0][0] == NOTE_STOPPING


def test_a_starving_motor_has_no_power_from_the_same_tick_on_and_the_spring_brings_the_needle_home() -> None:
    for us in (1_000, AT_DEPTH_US, F.back_start_us + 1_000):
        c = flying(us)
        c[inputs.SUPPLY_MV] = 19_999
        ticked(c)
        assert [c[at] for at in (cells.POWER, cells.VENT, cells.LIMPING, cells.ORDER)] == [0, 1, 1, cells.HALT]


@pytest.mark.parametrize(("cell", "value", "kind", "reason"), [*UNWELL, (inputs.SYRINGE, 0, PAUSE, reasons.SYRINGE_MISSING)])
def test_what_fails_between_two_presses_ends_the_arming_though_a_press_is_meant_in_that_tick(
    cell: int, value: int, kind: int, reason: int
) -> None:
    c = hold(armed())
    c[cells.FRESH], c[cell] = 1, value
    ticked(c)
    assert ended(c) == (cells.LATCHED if kind == FAULT else cells.OFF, kind, reason)
    assert (c[cells.ORDER], c[cells.POWER], kinds(c)) == (0, 0, [NOTE_ENDED])


@pytest.mark.parametrize(("cell", "value", "kind", "reason"), [*UNWELL, LOST])
def test_what_fails_while_the_depth_stop_moves_ends_its_way(cell: int, value: int, kind: int, reason: int) -> None:
    c = hold(armed())
    c[cells.PHASE], c[cells.PLACING], c[cell] = cells.PLACE, 2, value
    c[inputs.PLAYING] = c[inputs.LISTS_PLAYED] = c[cells.LISTS] = 1
    ticked(c)
    assert ended(c) == (cells.LATCHED if kind == FAULT else cells.OFF, kind, reason)
    assert c[cells.ORDER] == cells.HALT


@pytest.mark.parametrize("phase", [cells.OFF, cells.LATCHED, cells.BACK])
def test_a_gun_that_nothing_can_start_in_is_not_told_of_it_and_a_needle_on_its_way_back_goes_on(phase: int) -> None:
    c = flying(F.back_start_us + 1_000)
    c[cells.PHASE], c[cells.KIND], c[inputs.TEMPERATURE_C] = phase, HOLD, 90
    ticked(c)
    assert (c[cells.PHASE], c[cells.KIND], c[cells.ORDER], kinds(c)) == (phase, HOLD, 0, [])


def test_one_that_ends_a_shot_is_followed_by_a_look_at_its_needle_in_the_same_tick() -> None:
    c = stand(flying(AT_DEPTH_US), 10_500)
    c[inputs.TEMPERATURE_C] = 71
    ticked(c)
    assert (*ended(c), c[cells.LIMPING]) == (cells.BACK, FAULT, reasons.TOO_HOT, 1)


# ---- the emergency stop, the trigger ----


@pytest.mark.parametrize("phase", [cells.OFF, cells.WAIT, cells.RUN, cells.BACK, cells.PLACE, cells.LATCHED])
def test_an_emergency_stop_is_heard_in_every_phase(phase: int) -> None:
    c = flying(AT_DEPTH_US)
    c[cells.PHASE], c[inputs.ESTOP_OPEN] = phase, 1
    ticked(c)
    assert ended(c) == (cells.BACK if phase in (cells.RUN, cells.BACK) else cells.LATCHED, ESTOP, reasons.ESTOP_PRESSED)
    assert c[cells.POWER] == 0 or phase == cells.LATCHED


@pytest.mark.parametrize("phase", [cells.OFF, cells.WAIT, cells.RUN])
def test_a_trigger_whose_contacts_differ_is_a_fault_in_every_phase(phase: int) -> None:
    c = flying(AT_DEPTH_US)
    c[cells.PHASE], c[inputs.TRIGGER_B], c[cells.HELD], c[cells.DIFFER_MS] = phase, 0, 0, NOW_MS - 200
    ticked(c)
    assert ended(c) == (cells.BACK if phase == cells.RUN else cells.LATCHED, FAULT, reasons.TRIGGER_DISAGREES)


def test_of_both_in_one_tick_the_emergency_stop_is_what_is_told() -> None:
    c = armed()
    c[inputs.TRIGGER_A], c[cells.DIFFER_MS], c[inputs.ESTOP_OPEN] = 1, NOW_MS - 200, 1
    ticked(c)
    assert ended(c) == (cells.LATCHED, ESTOP, reasons.ESTOP_PRESSED)
