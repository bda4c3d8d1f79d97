"""A gun asked to start again: as after power-on, with the description that was stored, and never amid anything."""

from pathlib import Path

import pytest
from rigs.rig import Rig

from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import load_protocol
from mesogun.gun.client import Gun
from mesogun.gun.words import DeviceRefused
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.guard.cells import (  # fmt: skip
    BUDGET_NL,
    CARRY,
    DOSE_NL,
    LEFT,
    NOTED,
    ONE_STEP,
    ORDER,
    PER_PRESS,
    PHASE,
    READ,
    START_MS,
)
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import GUN, HOMING, IDLE, UNHOMED

TRIGGER = 0b110  # see inputs.BITS
ENGINES = ["cpython", "micropython"]
MESOLIFT = Path(__file__).parents[2] / "protocols" / "face" / "mesolift.toml"
SLOWER = Description(tuple(200_000 if field[0] == "needle_um_s" else value for field, value in zip(GUN, REFERENCE, strict=True)))


def homed(gun: Gun) -> Gun:
    gun.home()
    while gun.state().state == HOMING:
        gun.turn()
    while gun.state().inputs & TRIGGER:
        gun.turn()  # or the start's self-test finds it held
    assert gun.state().state == IDLE
    return gun


@pytest.mark.parametrize("engine", ENGINES)
def test_a_gun_that_starts_again_is_unhomed_and_another_start_of_the_device(engine: str) -> None:
    with Gun.connect(f"sim://?engine={engine}") as gun:
        before = homed(gun).welcome
        gun.restart()
        assert not gun.reconnect()
        assert (gun.welcome.serial, gun.welcome.boot) == (before.serial, before.boot + 1)
        assert gun.state().state == UNHOMED


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stored_description_is_in_use_from_the_next_start_and_nothing_is_armed_before(engine: str) -> None:
    with Gun.connect(f"sim://?engine={engine}") as gun:
        homed(gun).upload(plan(load_protocol(MESOLIFT)))
        gun.configure(SLOWER)
        for refused in (lambda: gun.arm(0), lambda: gun.configure(SLOWER)):
            with pytest.raises(DeviceRefused) as why:
                refused()
            assert why.value.code == refusals.RESTART_DUE
        gun.restart()
        gun.reconnect()
        assert gun.link.ask("hardware")["needle_um_s"] == 200_000


def test_an_armed_gun_does_not_start_again() -> None:
    with Gun.connect("sim://") as gun:
        homed(gun).upload(plan(load_protocol(MESOLIFT)))
        gun.arm(0)
        with pytest.raises(DeviceRefused) as why:
            gun.restart()
        assert why.value.code == refusals.WRONG_STATE


def test_a_gun_that_starts_again_remembers_nothing_of_what_it_did() -> None:
    rig = Rig().ready()
    rig.press()
    rig.wait(800)
    rig.release()
    rig.wait(300)
    rig.ask("disarm")
    before = rig.device
    rig.say("restart")
    rig.until(lambda: rig.device is not before)
    kept = {cell: rig.board.inputs[cell] for cell in (BUDGET_NL, LEFT, PER_PRESS, DOSE_NL, START_MS, NOTED, READ, PHASE, ORDER)}
    assert set(kept.values()) == {0}
    assert rig.board.inputs[CARRY] == ONE_STEP // 2
