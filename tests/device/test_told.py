"""What a gun tells of itself is so: every field of status, welcome, live figures, endings and states is held to what it is of."""

import pytest
from rigs.atrest import FIRST, FRESH_MS, homed, press, second_pass, status
from rigs.guns import Gun
from rigs.rig import Rig

from mesogun_fw import VERSION, limits
from mesogun_fw.device.events import Events
from mesogun_fw.guard import inputs
from mesogun_fw.talk import reasons, table
from mesogun_fw.talk.codes import EVENTS, SWITCHES
from mesogun_fw.talk.messages import (
    ARMED,
    DONE,
    ESTOP,
    FAULTED,
    HOLD,
    HOMING,
    IDLE,
    PAUSE,
    PROTO,
    RETURNING,
    RUNNING,
    STOPPED,
    UNHOMED,
)

# ---- status ----


def test_the_status_of_a_gun_just_switched_on_tells_of_nothing() -> None:
    rig = Rig()
    rig.ask("hello", 1)
    assert status(rig) == {
        "state": UNHOMED, "at_ms": rig.now_ms, "fault": 0, "index": -1, "done": 0, "events": 0, "kept": 0,
        "inputs": 1 << SWITCHES.index("home"), "bad_lines": 0, "left_nl": -1,
    }  # fmt: skip
    watched = rig.ask("watch")[1]
    assert (watched["waste_nl"], watched["used_nl"]) == (0, 0)


def test_the_status_tells_state_time_pass_and_its_whole_shots() -> None:
    rig = second_pass()
    said = status(rig)
    assert (said["state"], said["index"], said["done"]) == (ARMED, 1, 1)
    assert said["at_ms"] == rig.now_ms
    assert rig.board.state == ARMED


def test_the_status_tells_how_many_events_there_are_and_how_many_are_not_on_disk() -> None:
    rig = second_pass()
    last = rig.last_event
    assert len(rig.events) == last > 5
    assert (status(rig)["events"], status(rig)["kept"]) == (last, 0)
    rig.acks = False
    rig.ask("disarm")
    rig.wait(50)
    said = rig.ask("beat", last)[1]
    assert said["events"] == rig.last_event == last + 2, "it has ended, and it is idle"
    assert said["kept"] == 2
    assert rig.ask("beat", last + 1)[1]["kept"] == 1


def test_the_status_tells_why_the_gun_is_latched_until_it_is_cleared_and_again() -> None:
    gun = Gun()
    gun.home()
    gun.wait(50)
    for cause, reason in (("temperature_c", reasons.TOO_HOT), ("supply_mv", reasons.SUPPLY_LOW)):
        gun.load(FIRST)
        gun.arm()
        well = getattr(gun.board, cause)
        gun.set(**{cause: 95 if reason == reasons.TOO_HOT else 12_000})
        gun.until_lamp(FAULTED)
        assert status(gun)["fault"] == reason
        gun.set(**{cause: well})
        gun.clear()
        gun.until_lamp(UNHOMED)
        assert status(gun)["fault"] == 0
        gun.home()


def test_the_first_fault_stays_told_when_an_e_stop_follows() -> None:
    gun = Gun()
    gun.ready(FIRST)
    gun.set(temperature_c=95)
    gun.until_lamp(FAULTED)
    gun.set(estop=1)
    gun.wait(50)
    assert [ended["reason"] for ended in gun.told("ended")] == [reasons.TOO_HOT, reasons.ESTOP_PRESSED]
    assert status(gun)["fault"] == reasons.TOO_HOT


def test_the_status_counts_lines_that_were_none() -> None:
    rig = homed()
    for count in (1, 2, 3):
        rig.desk.send(b"nonsense\n")
        rig.wait(20)
        assert status(rig)["bad_lines"] == count


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("e-stop", "estop"),
        ("trigger a", "trigger_a"),
        ("trigger b", "trigger_b"),
        ("contact a", "contact_a"),
        ("contact b", "contact_b"),
        ("home", "home_stuck"),
        ("clear", "clear"),
    ],
)
def test_each_switch_has_its_own_bit_in_status_and_live_inputs(name: str, field: str) -> None:
    rig = homed()
    for level in (1, 0):
        rig.set(**{field: level})
        rig.wait(10)
        others = 0 if name == "home" else 1 << SWITCHES.index("home")
        for request in (("beat", rig.last_event), ("watch",)):
            assert rig.ask(*request)[1]["inputs"] == (level << SWITCHES.index(name) | others)


# ---- who it is, and live figures ----


def test_the_welcome_tells_versions_who_it_is_and_the_ceilings_it_holds_to() -> None:
    rig = Rig(seed=5)
    assert rig.ask("hello", 1)[1] == {
        "proto": PROTO, "table": table.HASH, "version": VERSION, "simulated": 1, "serial": rig.board.serial, "boot": rig.board.boot,
        "depth_cap_um": limits.DEPTH_CAP_UM, "dose_max_nl": limits.DOSE_MAX_NL, "period_min_us": limits.PERIOD_MIN_US,
        "flow_max_nl_s": limits.FLOW_MAX_NL_S,
    }  # fmt: skip
    rig.board.simulated = 0
    assert rig.ask("hello", 1)[1]["simulated"] == 0


def test_what_is_watched_are_the_figures_of_this_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    gun = Gun("pneumatic")
    gun.home()
    gun.wait(20)
    gun.set(syringe=0, supply_mv=4_950, temperature_c=44, pressure_kpa=417)
    gun.wait(5)
    monkeypatch.setattr(gun.board, "worst", lambda: (321, 87))
    gun.device.waste_nl, gun.device.used_nl = 3_000_000_007, 5_000_000_011
    gun.wait(200)
    said = gun.ask("watch")[1]
    assert (said["state"], said["syringe"]) == (IDLE, 0)
    assert (said["supply_mv"], said["temperature_c"], said["pressure_kpa"]) == (4_950, 44, 417)
    assert (said["late_us"], said["tick_us"]) == (321, 87)
    assert (said["waste_nl"], said["used_nl"]) == (3_000_000_007, 0), "nothing is used of a syringe that is out"
    assert said["stop_um"] == pytest.approx(gun.board.axis.depth_stop_um(), abs=3)
    assert abs(said["needle_um"]) <= 2
    gun.set(syringe=1)
    gun.wait(5)
    gun.device.used_nl = 5_000_000_011
    assert (gun.ask("watch")[1]["used_nl"], gun.ask("watch")[1]["syringe"]) == (5_000_000_011, 1)


def test_a_plunger_is_watched_by_its_own_encoder() -> None:
    rig = second_pass()
    said = rig.ask("watch")[1]["plunger_nm"]
    assert said == rig.board.inputs[inputs.PLUNGER_NM] > 100_000


def test_a_needle_is_watched_from_home_by_its_own_encoder() -> None:
    rig = homed()
    rig.ask("gauge", 4_000)
    rig.press(in_ms=FRESH_MS)
    rig.wait(FRESH_MS + 1_500)
    assert rig.ask("watch")[1]["needle_um"] == pytest.approx(4_000, abs=10)
    assert rig.ask("watch")[1]["state"] == HOMING


# ---- endings and states ----


def test_an_ending_tells_when_how_why_of_which_pass_and_how_many_are_whole() -> None:
    rig = second_pass()
    assert [(end["kind"], end["reason"], end["done"]) for end in rig.told("ended")] == [
        (HOLD, reasons.RELEASED, 0),
        (HOLD, reasons.PRESS_DONE, 1),
    ]
    assert {end["pass_index"] for end in rig.told("ended")} == {1}
    assert status(rig)["fault"] == 0, "what ends a hold latches nothing"
    press(rig)
    press(rig)
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"], ended["pass_index"], ended["done"]) == (DONE, reasons.PASS_DONE, 1, 3)
    last = rig.told("shot")[-1]
    assert 0 <= ended["at_ms"] - last["at_ms"] <= 420, "a period, and a turn of the loop"
    changed = rig.told("changed")[-1]
    assert ended["at_ms"] == changed["at_ms"]
    assert (changed["before"], changed["after"], EVENTS[changed["event"]]) == (RUNNING, IDLE, "pass done")
    assert status(rig)["fault"] == 0


def test_a_needle_on_its_way_back_from_a_shot_cut_short_is_told() -> None:
    told = [(row["before"], row["after"], EVENTS[row["event"]]) for row in second_pass().told("changed")]
    assert told[3:6] == [(ARMED, RUNNING, "started"), (RUNNING, RETURNING, "stopping"), (RETURNING, ARMED, "end of hold")]


def test_an_e_stop_is_told_as_what_it_is() -> None:
    gun = Gun()
    gun.ready(FIRST)
    gun.set(estop=1)
    gun.wait(50)
    ended, changed = gun.told("ended")[-1], gun.told("changed")[-1]
    assert (ended["kind"], ended["reason"]) == (ESTOP, reasons.ESTOP_PRESSED)
    assert (changed["before"], changed["after"], EVENTS[changed["event"]]) == (ARMED, STOPPED, "e-stop")
    assert (status(gun)["state"], status(gun)["fault"], gun.board.state) == (STOPPED, reasons.ESTOP_PRESSED, STOPPED)


def test_a_pass_that_is_done_leaves_the_other_one_to_be_armed() -> None:
    rig = second_pass()
    press(rig)
    press(rig)
    assert rig.ask("arm", 1)[0] == "refused"
    assert rig.arm(0)["left"] == 2
    said = status(rig)
    assert (said["index"], said["done"]) == (0, 0), "the pass that is armed, not the one that is done"
    press(rig)
    ended = rig.told("ended")[-1]
    assert (ended["pass_index"], ended["done"], ended["kind"]) == (0, 1, HOLD)
    press(rig)
    ended = rig.told("ended")[-1]
    assert (ended["pass_index"], ended["done"], ended["kind"]) == (0, 2, DONE)


def test_a_move_ends_with_no_pass_armed() -> None:
    rig = second_pass()
    rig.ask("disarm")
    rig.ask("gauge", 2_000)
    assert status(rig)["index"] == -1
    rig.lift()
    press(rig, 100)
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"], ended["pass_index"], ended["done"]) == (HOLD, reasons.RELEASED, -1, 0)
    assert rig.board.state == IDLE


def test_every_change_of_state_is_told_when_from_what_to_what_and_by_what() -> None:
    rig = Rig(skip=False)
    rig.ask("hello", 1)
    asked_ms = rig.now_ms
    rig.ask("home")
    first = rig.told("changed")[0]
    assert asked_ms <= first["at_ms"] <= rig.now_ms
    rig.press(in_ms=FRESH_MS)
    rig.until_lamp(IDLE)
    rig.release()
    rig.wait(20)
    rig.load(FIRST)
    rig.arm()
    rig.touch()
    press(rig)
    rig.ask("disarm")
    rig.wait(50)
    told = [(row["before"], row["after"], EVENTS[row["event"]]) for row in rig.told("changed")]
    assert told == [
        (UNHOMED, HOMING, "home"),
        (HOMING, IDLE, "homed"),
        (IDLE, ARMED, "arm"),
        (ARMED, RUNNING, "started"),
        (RUNNING, ARMED, "end of hold"),
        (ARMED, IDLE, "paused"),
    ]
    assert rig.told("ended")[-1]["kind"] == PAUSE


def test_a_ring_of_events_knows_each_by_its_number_when_it_has_gone_round() -> None:
    events = Events()
    for n in range(1, 3 * limits.EVENTS_KEPT):
        assert events.new(0) == (n - 1) % limits.EVENTS_KEPT * 11
        events.ack(n)
    assert events.room()
