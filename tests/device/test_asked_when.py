"""What may be asked when: each request in every state of the gun is done, or refused for its state, and then nothing is done."""

from functools import cache

import pytest
from rigs.atrest import BEGIN, DIGEST, FIRST, SECOND, TAG
from rigs.guns import Gun
from rigs.rig import BORE_UM

from mesogun_fw.config import REFERENCE
from mesogun_fw.device.requests import REQUESTS
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, RETURNING, RUNNING, STATES, STOPPED, UNHOMED

ALL = range(len(STATES))
# Every request, and the states in which it is not refused for its state.
ASKED = {
    "hello": ((1,), ALL),
    "hardware": ((), ALL),
    "beat": ((0,), ALL),
    "events": ((1,), ALL),
    "home": ((), (UNHOMED, IDLE, HOMING)),
    "begin": (tuple(BEGIN), (UNHOMED, IDLE)),
    "pass": (tuple(FIRST), (UNHOMED, IDLE)),
    "commit": ((DIGEST, TAG), (UNHOMED, IDLE)),
    "arm": ((0,), (IDLE,)),
    "adjust": (tuple(FIRST[4:]), (ARMED, RUNNING)),
    "gauge": ((2_000,), (IDLE,)),
    "prime": ((2_000, 100_000, BORE_UM), (IDLE,)),
    "selftest": ((), (UNHOMED, IDLE, FAULTED, STOPPED)),
    "configure": (REFERENCE, (UNHOMED, IDLE)),
    "journal": ((), ALL),
    "log": ((0,), ALL),
    "format": ((0,), (UNHOMED, IDLE)),
    "restart": ((), (UNHOMED, IDLE)),
    "watch": ((), ALL),
    "disarm": ((), ALL),
}


@cache
def gun_in(state: int) -> Gun:
    gun = Gun()
    gun.ask("hello", 1)
    gun.wait(50)
    if state != UNHOMED:
        gun.home()
        gun.wait(50)
    gun.ask("begin", *BEGIN)
    gun.ask("pass", *FIRST)
    gun.ask("pass", *SECOND)
    gun.ask("commit", DIGEST, TAG)
    if state == HOMING:
        gun.ask("home")
    elif state not in (UNHOMED, IDLE):
        gun.arm()
        if state != ARMED:
            gun.shoot(20)
        if state == RETURNING:
            gun.release()
            gun.until_lamp(RETURNING)
        elif state == FAULTED:
            gun.set(temperature_c=95)
        elif state == STOPPED:
            gun.set(estop=1)
        if state in (FAULTED, STOPPED):
            gun.wait(300)
    assert gun.board.state == state, STATES[gun.board.state]
    return gun


@pytest.mark.parametrize("state", ALL, ids=STATES)
def test_a_request_that_cannot_be_done_in_this_state_is_refused_for_that_and_changes_nothing(state: int) -> None:
    for name, (values, states) in ASKED.items():
        gun = gun_in(state).again()
        device = gun.device
        program, armed = device.program.passes, device.armed
        answer, row = gun.ask(name, *values)
        if state in states:
            assert (answer, row.get("code")) != ("refused", refusals.WRONG_STATE), name
            continue
        assert answer == "refused", name
        assert list(row.values()) == [refusals.WRONG_STATE, -1, device.state, 0, 0], name
        assert device.program.passes is program
        assert device.program.committed
        assert not device.leaving
        assert not device.restart_due
        assert device.armed == armed, name


def test_there_is_no_request_whose_states_are_not_known() -> None:
    assert set(ASKED) == set(REQUESTS)
