"""What the loop asks of the guard: one fast function, after which nothing is half done, and nothing latched is undone."""

import pytest

from mesogun_fw.guard.asked import BUSY, CHANGED, STALE, arm, change, give_up
from mesogun_fw.guard.cells import (
    BACK,
    BEGIN,
    FRESH,
    GRANTED,
    GRANTED_SLOT,
    HALT,
    KIND,
    LATCHED,
    NEXT,
    OFF,
    ORDER,
    ORDER_SLOT,
    PHASE,
    POWER,
    REASON,
    REWRITE_FROM,
    REWRITE_ROW,
    REWRITE_UNTIL,
    REWRITES,
    ROWS,
    RUN,
    SLOT,
    VENT,
    WAIT,
    fresh,
)  # fmt: skip
from mesogun_fw.shim import addressof
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ESTOP, FAULT


@pytest.mark.parametrize("phase", [LATCHED, RUN, BACK])
def test_what_was_latched_or_goes_on_is_not_overwritten_by_arming(phase: int) -> None:
    c = fresh()
    c[PHASE], c[KIND], c[REASON], c[FRESH] = phase, ESTOP, reasons.ESTOP_PRESSED, 1
    before = c[:]
    arm(addressof(c), 1_000, 0)
    assert c == before


def test_arming_waits_for_a_fresh_press_of_its_own() -> None:
    c = fresh()
    c[PHASE], c[FRESH] = OFF, 1
    arm(addressof(c), 1_000, 0)
    assert (c[PHASE], c[FRESH]) == (WAIT, 0)


def waiting(next_: int = 0, begin: int = 5, laid: int = 2) -> "list[int]":
    """Rows 5 and 6 of 8 have another dose laid."""
    c = fresh()
    c[ROWS], c[REWRITE_ROW], c[REWRITES], c[BEGIN], c[NEXT] = 8, 5, laid, begin, next_
    return c  # type: ignore[return-value]


@pytest.mark.parametrize(("begin", "from_"), [(5, 0), (6, 1), (7, 2)])
def test_a_new_setting_and_the_doses_of_shots_not_begun_meanwhile_come_together(begin: int, from_: int) -> None:
    c = waiting(begin=begin)
    assert change(addressof(c), 2, 0) == CHANGED
    assert (c[NEXT], c[REWRITE_FROM], c[REWRITE_UNTIL]) == (2, from_, 2)


def test_it_goes_round_the_ring() -> None:
    c = waiting()
    c[REWRITE_ROW], c[BEGIN] = 7, 0
    assert change(addressof(c), 2, 0) == CHANGED
    assert c[REWRITE_FROM] == 1


def test_a_shot_revoked_meanwhile_whose_dose_is_not_laid_makes_the_loop_look_again() -> None:
    c = waiting(begin=4)
    assert change(addressof(c), 2, 0) == STALE
    assert (c[NEXT], c[REWRITE_UNTIL]) == (0, 0)


def test_a_setting_taken_in_meanwhile_makes_the_loop_look_again() -> None:
    c = waiting(next_=0)
    assert change(addressof(c), 0, 2) == STALE
    assert c[REWRITE_UNTIL] == 0


def test_a_setting_that_was_granted_is_not_taken_back() -> None:
    c = waiting(next_=2)
    c[GRANTED], c[GRANTED_SLOT], c[SLOT] = 1, 1, 0
    assert change(addressof(c), 0, 2) == BUSY
    assert (c[NEXT], c[REWRITE_UNTIL]) == (2, 0)
    c[ORDER_SLOT] = 1
    assert change(addressof(c), 0, 2) == BUSY, "whichever was ordered last"
    c[GRANTED_SLOT] = 0
    assert change(addressof(c), 0, 2) == CHANGED


def test_one_that_waits_and_was_not_granted_is_taken_back_whatever_was_granted_before() -> None:
    c = waiting(next_=2)
    c[GRANTED], c[GRANTED_SLOT], c[SLOT] = 0, 1, 0
    assert change(addressof(c), 0, 2) == CHANGED
    assert c[NEXT] == 0


def test_a_guard_that_is_given_up_lets_air_and_power_go_and_keeps_what_it_had_latched() -> None:
    c = fresh()
    c[PHASE], c[POWER], c[VENT] = RUN, 1, 0
    give_up(addressof(c), reasons.GUARD_DEAD, 0)
    assert [c[at] for at in (PHASE, KIND, REASON, ORDER, POWER, VENT)] == [LATCHED, FAULT, reasons.GUARD_DEAD, HALT, 0, 1]
    c[KIND], c[REASON] = ESTOP, reasons.ESTOP_PRESSED
    give_up(addressof(c), reasons.GUARD_DEAD, 0)
    assert (c[KIND], c[REASON]) == (ESTOP, reasons.ESTOP_PRESSED)
