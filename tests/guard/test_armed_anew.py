"""Arming begins anew: nothing of a press, a shot or an ending before it is left, and its first press is one of its own."""

import pytest
from rigs.guards import NOW_MS, Cells, armed

from mesogun_fw.guard import cells, inputs
from mesogun_fw.guard.asked import arm, give_up
from mesogun_fw.guard.tick import tick
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import DONE, FAULT, HOLD

LEFT_OVER = {
    cells.FRESH: 1,
    cells.PLUNGER: 0,
    cells.DOSED: 1,
    cells.JUDGED: 1,
    cells.SWITCH_OPEN: 1,
    cells.RELEASED_AT_MS: 0,
    cells.LAST_MS: 0,
    cells.LOOP_MS: 0,
    cells.BEAT_MS: 0,
    cells.KIND: HOLD,
    cells.REASON: reasons.PRESS_DONE,
    cells.LIMPING: 1,
    cells.PLACED: 0,
}


def off(move: int = cells.SHOTS) -> Cells:
    c = armed(move=move)
    c[cells.PHASE] = cells.OFF
    return c


@pytest.mark.parametrize("move", [cells.SHOTS, cells.HOME_CHECK, cells.GAUGE, cells.PRIME])
def test_nothing_is_left_of_what_was_before(move: int) -> None:
    c = off(move)
    for cell, value in LEFT_OVER.items():
        c[cell] = value
    c[inputs.PLUNGER_NM] = 123_000
    arm(c, NOW_MS, 0)
    assert {cell: c[cell] for cell in LEFT_OVER} == {
        cells.FRESH: 0,
        cells.PLUNGER: cells.SHIFT + 123_000,
        cells.DOSED: 0,
        cells.JUDGED: 0,
        cells.SWITCH_OPEN: 0,
        cells.RELEASED_AT_MS: NOW_MS,
        cells.LAST_MS: NOW_MS,
        cells.LOOP_MS: NOW_MS,
        cells.BEAT_MS: NOW_MS,
        cells.KIND: DONE,
        cells.REASON: 0,
        cells.LIMPING: 0,
        cells.PLACED: 0 if move == cells.HOME_CHECK else 1,
    }
    assert (c[cells.PHASE], c[cells.POWER], c[cells.ORDER]) == (cells.WAIT, 0, 0)


@pytest.mark.parametrize("phase", [cells.WAIT, cells.RUN, cells.BACK, cells.LATCHED, cells.PLACE])
def test_only_a_gun_in_which_nothing_goes_on_is_armed(phase: int) -> None:
    c = off()
    c[cells.PHASE], c[cells.FRESH], c[cells.KIND] = phase, 1, FAULT
    before = c[:]
    arm(c, NOW_MS, 0)
    assert c == before


@pytest.mark.parametrize(("open_ms", "starts"), [(199, False), (200, True)])
def test_a_press_counts_when_the_trigger_was_open_for_200_ms_since_arming_however_long_before(open_ms: int, starts: bool) -> None:
    c = off()
    for at in (inputs.CONTACT_A, inputs.CONTACT_B):
        c[at] = 1
    now_ms = NOW_MS
    for _ in range(500):
        now_ms = goes_on(c, now_ms)
    arm(c, now_ms, 0)
    for _ in range(open_ms):
        now_ms = goes_on(c, now_ms)
    for at in (inputs.TRIGGER_A, inputs.TRIGGER_B):
        c[at] = 1
    for _ in range(100):
        now_ms = goes_on(c, now_ms)
    assert (c[cells.PHASE] == cells.RUN) == starts


def goes_on(c: Cells, now_ms: int) -> int:
    """A millisecond passes; loop and host are there."""
    c[cells.LOOP_MS] = c[cells.BEAT_MS] = now_ms + 1
    if c[cells.ORDER] == cells.START:
        c[cells.ORDER], c[inputs.PLAYING], c[inputs.LISTS_PLAYED] = 0, 1, 1
    tick(c, now_ms + 1)
    return now_ms + 1


def test_a_guard_that_is_given_up_waits_for_a_button_that_is_let_go_of_first() -> None:
    for phase, said in ((cells.WAIT, (FAULT, reasons.GUARD_DEAD)), (cells.LATCHED, (FAULT, reasons.TOO_HOT))):
        c = off()
        c[cells.PHASE], c[cells.KIND], c[cells.REASON] = phase, FAULT, reasons.TOO_HOT
        c[cells.CLEAR_OPEN] = int(phase == cells.WAIT)
        give_up(c, reasons.GUARD_DEAD, 0)
        assert (c[cells.KIND], c[cells.REASON], c[cells.CLEAR_OPEN]) == (*said, 0)


def test_a_gun_that_was_just_switched_on_has_no_power_lets_its_air_out_and_may_not_start() -> None:
    c = cells.fresh()
    off = (cells.PHASE, cells.POWER, cells.ORDER, cells.FRESH, cells.HELD, cells.WRITABLE, cells.PLACED, cells.CLEAR_OPEN)
    assert [c[at] for at in off] == [0] * len(off)
    assert (cells.OFF, c[cells.VENT], c[cells.VENTED], c[cells.LIFTED]) == (0, 1, 1, 1)
