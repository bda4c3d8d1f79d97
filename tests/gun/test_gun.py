"""Who is at the port, and whether it holds and plays exactly what was planned. Otherwise: a refusal, before anything moves."""

from dataclasses import replace

import pytest
from rigs.fakegun import FakeGun, a_plan

from mesogun.gun import explanations
from mesogun.gun.client import Gun
from mesogun.gun.port import NoGun
from mesogun.gun.words import DeviceRefused, reason_in_words
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun_fw.config import REFERENCE
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import ARMED, HOMING, IDLE, PROTO, RUNNING
from mesogun_fw.talk.table import HASH


def ready(port: FakeGun) -> Gun:
    """A gun that is homed and says nothing more about it."""
    gun = Gun(port)
    gun.home()
    while gun.state().state != IDLE:
        gun.turn()
    gun.rest()
    gun.turn(0)
    return gun


def problem_of(port: FakeGun) -> Problem:
    with pytest.raises(Refused) as refused:
        Gun(port)
    assert refused.value.exit_code == 2
    (problem,) = refused.value.problems
    return problem


# ---- hello ----


def test_a_gun_says_who_it_is_and_what_it_is_made_of() -> None:
    gun = Gun(FakeGun())
    assert gun.welcome.serial == 7
    assert gun.welcome.depth_cap_um == 10_000
    assert gun.description.needle_nm_per_step == 10_000
    assert gun.earlier == []


@pytest.mark.parametrize(
    ("proto", "table", "version", "remedy"),
    [
        (PROTO + 1, 5, 100, "update mesogun on the laptop"),
        (PROTO, 5, 200, "update mesogun on the laptop"),
        (PROTO, 5, 99, "flash the gun"),
        (PROTO - 1, 5, 100, "flash the gun"),
        (PROTO, 5, 100, "one release on both sides"),
    ],
)
def test_another_version_is_refused_naming_both_and_which_side_to_update(proto: int, table: int, version: int, remedy: str) -> None:
    port = FakeGun()
    port.welcome[:3] = [proto, table, version]
    problem = problem_of(port)
    assert f"protocol {proto}, table 00000005" in problem.value
    assert f"protocol {PROTO}, table {HASH:08x}" in problem.limit
    assert remedy in problem.remedy
    assert [name for name, _ in port.asked] == ["hello"]


def test_a_version_whose_welcome_we_cannot_even_read_is_still_named() -> None:
    port = FakeGun()
    head = b"1 welcome proto=2 table=77 version=10203 colour=4 "
    port.wire = lambda line: [head + b"*00000000\n"]
    problem = problem_of(port)
    assert "firmware 1.2.3, protocol 2" in problem.value
    assert "update mesogun on the laptop" in problem.remedy


def test_a_gun_that_refuses_our_protocol_is_another_version() -> None:
    port = FakeGun()
    port.refuses["hello"] = [refusals.OTHER_PROTO, 0, PROTO, PROTO + 1, PROTO + 1]
    assert "update mesogun on the laptop" in problem_of(port).remedy


def test_where_nothing_answers_is_no_gun() -> None:
    port = FakeGun()
    port.wire = lambda line: []
    assert "nothing answers" in problem_of(port).limit


def test_where_something_else_answers_is_no_gun() -> None:
    port = FakeGun()
    port.wire = lambda line: [b"AT\r\nERROR\r\n"]
    assert "something answers that is no mesogun" in problem_of(port).limit


def test_an_echo_is_no_gun() -> None:
    with pytest.raises(NoGun, match="something answers that is no mesogun"):
        Gun.connect("loop://")


def test_hardware_that_is_not_plausible_is_refused() -> None:
    port = FakeGun()
    odd = frames.encode(2, "gun", [*REFERENCE[:2], 10_000, 7_000, *REFERENCE[4:]])
    port.wire = lambda line: [odd] if b" gun " in line else [line]
    assert "needle_brake_mm_s2" in problem_of(port).limit


def test_events_kept_from_before_are_set_apart_in_order() -> None:
    gun = Gun(FakeGun(kept=40))
    assert [event.n for event in gun.earlier] == list(range(1, 41))
    assert gun.turn() == []


def test_events_that_somebody_has_on_disk_are_not_asked_for() -> None:
    port = FakeGun(kept=40)
    port.acked = 38
    assert [event.n for event in Gun(port).earlier] == [39, 40]


def test_a_port_without_a_gun_is_left_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    port = FakeGun()
    port.wire = lambda line: []
    monkeypatch.setattr("mesogun.gun.client.open_port", lambda url: port)
    with pytest.raises(NoGun):
        Gun.connect("fake://")
    assert not port.is_open


# ---- upload ----


def test_the_gun_holds_what_was_planned() -> None:
    port = FakeGun()
    plan = a_plan(5, 7)
    Gun(port).upload(plan)
    assert port.passes == [list(one.fields().values()) for one in plan.passes]


def test_uploading_twice_is_harmless() -> None:
    port = FakeGun()
    gun = Gun(port)
    gun.upload(a_plan(5))
    gun.upload(a_plan(5))
    assert len(port.passes) == 1


@pytest.mark.parametrize("field", ["digest", "shots", "deepest_um", "volume_nl", "duration_ms"])
def test_a_gun_that_derives_something_else_is_not_armed(field: str) -> None:
    port = FakeGun()
    port.lies["program"] = {field: 9_999}
    gun = ready(port)
    with pytest.raises(Refused, match="plan says"):
        gun.upload(a_plan(5))
    with pytest.raises(Refused, match="Upload it first"):
        gun.arm(0)
    assert "arm" not in [name for name, _ in port.asked]


def test_after_an_upload_that_failed_the_plan_before_is_not_armed_either() -> None:
    port = FakeGun()
    gun = ready(port)
    gun.upload(a_plan(5))
    port.lies["program"] = {"shots": 9}
    with pytest.raises(Refused, match="plan says"):
        gun.upload(a_plan(5))
    with pytest.raises(Refused, match="Upload it first"):
        gun.arm(0)


# ---- arm ----


def test_arming_says_what_is_about_to_be_played() -> None:
    gun = ready(FakeGun())
    gun.upload(a_plan(5))
    armed = gun.arm(0)
    assert (armed.index, armed.left, armed.deepest_um, armed.period_us) == (0, 5, 2_000, 200_000)
    assert gun.state().state == ARMED


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ({"index": 1}, "index"),
        ({"period_us": 199_999}, "period"),
        ({"deepest_um": 2_001}, "deepest"),
        ({"stroke_nl": 10_200}, "stroke"),
        ({"stroke_nl": 9_800}, "stroke"),
    ],
)
def test_an_audit_that_found_something_else_disarms(found: dict[str, int], named: str) -> None:
    port = FakeGun()
    port.lies["armed"] = found
    gun = ready(port)
    gun.upload(a_plan(5, 5))
    with pytest.raises(Refused) as refused:
        gun.arm(0)
    assert [problem.field for problem in refused.value.problems] == [named]
    assert gun.state().state == IDLE


def test_a_dose_of_one_plunger_step_more_or_less_is_the_dose() -> None:
    port = FakeGun()
    port.lies["armed"] = {"stroke_nl": 10_071}
    gun = ready(port)
    gun.upload(a_plan(5))
    assert gun.arm(0).stroke_nl == 10_071


def test_a_gun_in_the_wrong_state_says_which() -> None:
    gun = ready(FakeGun())
    gun.upload(a_plan(5))
    gun.arm(0)
    with pytest.raises(DeviceRefused, match="present state: armed") as refused:
        gun.arm(0)
    assert refused.value.code == refusals.WRONG_STATE


def test_home_and_disarm_may_be_asked_again() -> None:
    gun = Gun(FakeGun())
    assert gun.home().state == HOMING
    assert gun.home().state == HOMING
    assert gun.disarm().state == gun.disarm().state


# ---- rest ----


def test_rest_disarms_and_has_heard_everything() -> None:
    port = FakeGun()
    gun = ready(port)
    gun.upload(a_plan(50))
    gun.arm(0)
    while gun.state().state != RUNNING:
        gun.turn()
    assert gun.rest()
    assert gun.state().state == IDLE
    assert gun.turn(0)[-1].n == len(port.events)


def test_rest_fetches_what_was_lost_on_the_way() -> None:
    port = FakeGun()
    gun = ready(port)
    before = len(port.events)
    port.wire = lambda line: [] if line.startswith(b"0 ") and port.asked[-1][0] != "events" else [line]
    for _ in range(5):
        port.event("changed", 1, 1, 0)
    assert gun.rest()
    assert [event.n for event in gun.turn(0)] == list(range(before + 1, before + 6))


def test_a_gun_that_does_not_come_to_rest_is_not_waited_for_for_ever() -> None:
    port = FakeGun()
    gun = ready(port)
    port.state = RUNNING
    port._stop = lambda reason: None  # type: ignore[method-assign]
    assert not gun.rest()


# ---- reconnect ----


def test_after_a_cut_cable_the_missed_events_come_each_once() -> None:
    port = FakeGun()
    gun = ready(port)
    port.event("changed", 1, 1, 0)
    first = [event.n for event in gun.turn()]
    port.cut = True
    for _ in range(30):
        port.event("changed", 1, 1, 0)
    with pytest.raises(LinkLost):
        gun.state()
    with pytest.raises(NoGun, match="no such port"):
        gun.reconnect()
    port.cut = False
    assert gun.reconnect()
    assert [event.n for event in gun.turn()] == list(range(first[-1] + 1, first[-1] + 31))


def test_a_gun_that_was_switched_off_and_on_numbers_its_events_anew_and_forgets_the_plan() -> None:
    port = FakeGun()
    gun = ready(port)
    gun.upload(a_plan(5))
    gun.on_disk(2)
    gun.state()
    port.power_cut()
    port.event("changed", 0, 0, 0)
    assert not gun.reconnect()
    assert gun.welcome.boot == 43
    assert [event.n for event in gun.turn()] == [1]
    gun.state()
    assert port.acked == 0
    with pytest.raises(Refused, match="Upload it first"):
        gun.arm(0)


def test_another_gun_at_the_same_port_is_refused_and_left_alone() -> None:
    port = FakeGun()
    gun = ready(port)
    port.power_cut()
    port.welcome[4] = 8
    with pytest.raises(Refused, match="session began with gun 7"):
        gun.reconnect()
    assert port.asked[-1][0] == "hello"
    assert not port.is_open


# ---- words ----


def test_every_reason_and_every_refusal_is_said_in_words() -> None:
    for reason in explanations.REASONS:
        assert len(reason_in_words(reason)) > 20
    for code in explanations.REFUSALS:
        assert str(DeviceRefused("pass", {"index": 0}, code, 4, 99, 1, 2))
    assert "code 98" in reason_in_words(98)
    assert "code 98" in str(DeviceRefused("arm", {"index": 0}, 98, -1, 0, 0, 0))


def test_a_plan_that_lies_about_itself_is_found_out_by_the_gun() -> None:
    with pytest.raises(Refused, match="shots"):
        Gun(FakeGun()).upload(replace(a_plan(5), shots=6))
