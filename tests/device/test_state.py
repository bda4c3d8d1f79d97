"""The transition table has an entry for everything, and few ways lead to where a needle may move."""

from itertools import product

import pytest

from mesogun_fw.device import state
from mesogun_fw.device.state import (
    ASKED_ARM,
    ASKED_HOME,
    ASKED_LOAD,
    ASKED_MOVE,
    CLEARED,
    ESTOP_LATCHED,
    FAULT_LATCHED,
    HELD_END,
    HELLO,
    HOME_ENDED,
    HOMED,
    NEVER,
    PASS_ENDED,
    PAUSED,
    REFUSE,
    STARTED,
    STAY,
    STOPPING,
    following,
)
from mesogun_fw.talk.codes import EVENTS
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, RETURNING, RUNNING, STATES, STOPPED, UNHOMED

CELLS = list(product(range(len(STATES)), range(len(EVENTS))))
REQUESTS = {*range(HELLO + 1), ASKED_MOVE}
MOVING = (HOMING, RUNNING, RETURNING)


def ways_into(target: int) -> set[tuple[int, int]]:
    return {(before, event) for before, event in CELLS if following(before, event) == target}


def test_every_event_has_an_entry_in_every_state() -> None:
    assert len(state.TABLE) == len(STATES)
    assert all(len(row) == len(EVENTS) for row in state.TABLE)
    assert all(following(*cell) in (REFUSE, STAY, NEVER, *range(len(STATES))) for cell in CELLS)


def test_only_a_request_is_refused_and_none_is_impossible() -> None:
    assert {event for before, event in CELLS if following(before, event) == REFUSE} <= REQUESTS
    assert all(following(before, event) != NEVER for before, event in CELLS if event in REQUESTS)


def test_disarm_and_hello_are_never_refused() -> None:
    assert all(following(before, event) == STAY for before in range(len(STATES)) for event in (state.ASKED_DISARM, HELLO))


def test_shots_start_only_when_armed() -> None:
    assert ways_into(RUNNING) == {(ARMED, STARTED)}


def test_armed_is_reached_by_asking_at_rest_or_at_the_end_of_a_hold() -> None:
    assert ways_into(ARMED) == {(IDLE, ASKED_ARM), (RUNNING, HELD_END), (RETURNING, HELD_END)}


def test_a_start_that_nobody_armed_is_a_fault() -> None:
    assert all(following(before, STARTED) == NEVER for before in (UNHOMED, IDLE, RUNNING, RETURNING, FAULTED, STOPPED))


def test_a_known_needle_comes_from_homing_alone_and_other_moves_in_the_air_need_one() -> None:
    assert {before for before, _ in ways_into(IDLE)} == {HOMING, ARMED, RUNNING, RETURNING}
    assert {event for before, event in ways_into(IDLE) if before == HOMING} == {HOMED}
    assert ways_into(HOMING) == {(UNHOMED, ASKED_HOME), (IDLE, ASKED_HOME), (IDLE, ASKED_MOVE)}


@pytest.mark.parametrize("latched", [FAULTED, STOPPED])
def test_a_latch_is_left_only_by_the_button_at_the_gun_and_then_the_needle_is_unknown(latched: int) -> None:
    out = {(event, following(latched, event)) for event in range(len(EVENTS)) if following(latched, event) >= 0}
    assert out - {(ESTOP_LATCHED, STOPPED)} == {(CLEARED, UNHOMED)}


def test_an_e_stop_is_the_last_word_and_a_fault_the_last_but_one() -> None:
    for before in range(len(STATES)):
        assert following(before, ESTOP_LATCHED) == (STAY if before == STOPPED else STOPPED)
        assert following(before, FAULT_LATCHED) == (STAY if before in (FAULTED, STOPPED) else FAULTED)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {UNHOMED}
    while True:
        more = {following(before, event) for before, event in CELLS if before in reached} - {REFUSE, STAY, NEVER}
        if more <= reached:
            break
        reached |= more
    assert reached == set(range(len(STATES)))
    left = {before for before, event in CELLS if following(before, event) not in (REFUSE, STAY, NEVER, before)}
    assert left == reached


def test_stopping_leads_from_shots_to_the_way_back_and_nowhere_else() -> None:
    assert ways_into(RETURNING) == {(RUNNING, STOPPING)}


# What each event does: where it leads to, and what it is in every state that is not named.
RULES = {
    "a program is loaded at rest only": (ASKED_LOAD, {UNHOMED: STAY, IDLE: STAY}, REFUSE),
    "homing is asked for at rest, and again while it goes on": (ASKED_HOME, {UNHOMED: HOMING, IDLE: HOMING, HOMING: STAY}, REFUSE),
    "a gun is armed at rest, its needle known": (ASKED_ARM, {IDLE: ARMED}, REFUSE),
    "a move in the air is asked for at rest, its needle known": (ASKED_MOVE, {IDLE: HOMING}, REFUSE),
    "armed it starts shots, homing it starts its move": (STARTED, {ARMED: RUNNING, HOMING: STAY}, NEVER),
    "what stands still does not stop": (STOPPING, {RUNNING: RETURNING, UNHOMED: NEVER, IDLE: NEVER}, STAY),
    "a hold ends shots, and they may go on": (HELD_END, {RUNNING: ARMED, RETURNING: ARMED, ARMED: STAY}, NEVER),
    "a pause disarms, and a move that it ends was none": (
        PAUSED,
        {HOMING: UNHOMED, ARMED: IDLE, RUNNING: IDLE, RETURNING: IDLE},
        STAY,
    ),
    "a pass ends by shots and disarms": (PASS_ENDED, {RUNNING: IDLE, RETURNING: IDLE}, NEVER),
    "a move was made only by who moved": (HOMED, {HOMING: IDLE}, NEVER),
    "a homing that was given up leaves the needle unknown": (
        HOME_ENDED,
        {HOMING: UNHOMED, ARMED: NEVER, RUNNING: NEVER, RETURNING: NEVER},
        STAY,
    ),
    "only what is latched is cleared": (CLEARED, {FAULTED: UNHOMED, STOPPED: UNHOMED}, NEVER),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_event_does_in_every_state_what_its_rule_says(rule: str) -> None:
    event, named, otherwise = RULES[rule]
    for before, name in enumerate(STATES):
        assert following(before, event) == named.get(before, otherwise), name


def test_what_changed_the_state_is_told_by_its_own_name() -> None:
    names = {
        "ASKED_LOAD": "load", "ASKED_HOME": "home", "ASKED_ARM": "arm", "ASKED_DISARM": "disarm", "HELLO": "hello",
        "STARTED": "started", "STOPPING": "stopping", "HELD_END": "end of hold", "PAUSED": "paused", "PASS_ENDED": "pass done",
        "HOMED": "homed", "HOME_ENDED": "homing ended", "FAULT_LATCHED": "fault", "ESTOP_LATCHED": "e-stop", "CLEARED": "cleared",
        "ASKED_MOVE": "move",
    }  # fmt: skip
    assert {constant: EVENTS[getattr(state, constant)] for constant in names} == names
    assert len(names) == len(EVENTS)
