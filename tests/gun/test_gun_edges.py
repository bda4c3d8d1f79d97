"""What a gun says of itself is compared figure by figure, each alone and by one; and what is asked of it is exactly that."""

import pytest
from rigs.fakegun import BORE_UM, FakeGun, a_plan

from mesogun.gun import client
from mesogun.gun.answers import described, switches
from mesogun.gun.client import REST_S, Gun
from mesogun.gun.tolerances import plunger_step_nl
from mesogun.refusal import LinkLost, Refused
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import SWITCHES
from mesogun_fw.talk.messages import ARMED, BY_NAME, FAULTED, GUN, HOMING, IDLE, RETURNING, RUNNING, STOPPED, UNHOMED


def nobody(gun: FakeGun, index: int) -> None:
    """The trigger is left alone."""


def ready() -> tuple[FakeGun, Gun]:
    """A gun that is idle, and the port behind it."""
    port = FakeGun()
    port.plays = nobody
    gun = Gun(port)
    port.go(IDLE)
    return port, gun


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_every_event_kept_from_before_is_set_apart(kept: int) -> None:
    gun = Gun(FakeGun(kept))
    assert [event.n for event in gun.earlier] == list(range(1, kept + 1))
    assert gun.turn(0) == []


def test_a_gun_that_is_left_has_its_port_closed() -> None:
    port = FakeGun()
    with Gun(port):
        assert port.is_open
    assert not port.is_open


# ---- what it holds ----


@pytest.mark.parametrize("field", ["digest", "shots", "deepest_um", "volume_nl", "duration_ms"])
@pytest.mark.parametrize("off", [1, -1])
def test_a_gun_that_derives_one_figure_off_by_one_is_refused_by_its_name(field: str, off: int) -> None:
    port, gun = ready()
    plan = a_plan(5, 7)
    port.lies["program"] = {field: getattr(plan, field) + off}
    with pytest.raises(Refused) as refused:
        gun.upload(plan)
    (problem,) = refused.value.problems
    assert "do not agree" in problem.remedy
    with pytest.raises(Refused, match="Upload it first"):
        gun.arm(0)


def test_the_tag_goes_with_the_program_into_the_journal() -> None:
    port, gun = ready()
    gun.upload(a_plan(5), 65_535)
    assert port.asked[-1] == ("commit", [a_plan(5).digest, 65_535])
    gun.upload(a_plan(5))
    assert port.asked[-1] == ("commit", [a_plan(5).digest, 0])


# ---- what it is about to play ----


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ({"index": 0}, "index"),
        ({"period_us": 200_001}, "period"),
        ({"period_us": 199_999}, "period"),
        ({"deepest_um": 2_001}, "deepest"),
        ({"deepest_um": 1_999}, "deepest"),
        ({"stroke_nl": 10_000 + 73}, "stroke"),
        ({"stroke_nl": 10_000 - 73}, "stroke"),
    ],
)
def test_an_audit_that_found_one_figure_off_by_one_disarms_at_once(found: dict[str, int], named: str) -> None:
    port, gun = ready()
    port.lies["armed"] = found
    gun.upload(a_plan(5, 5))
    with pytest.raises(Refused) as refused:
        gun.arm(1)
    assert [problem.field for problem in refused.value.problems] == [named]
    assert port.asked[-1][0] == "disarm"
    assert port.state == IDLE


@pytest.mark.parametrize("off_nl", [72, -72, 0])
def test_a_dose_of_whole_steps_may_be_one_step_more_or_less(off_nl: int) -> None:
    assert plunger_step_nl(Description(), BORE_UM) == 72
    port, gun = ready()
    port.lies["armed"] = {"stroke_nl": 10_000 + off_nl}
    gun.upload(a_plan(5))
    assert gun.arm(0).stroke_nl == 10_000 + off_nl
    assert port.state == ARMED


def test_every_disagreement_is_told_at_once() -> None:
    port, gun = ready()
    port.lies["armed"] = {"index": 1, "period_us": 199_999, "deepest_um": 2_001, "stroke_nl": 20_000}
    gun.upload(a_plan(5, 5))
    with pytest.raises(Refused) as refused:
        gun.arm(0)
    assert [problem.field for problem in refused.value.problems] == ["index", "period", "deepest", "stroke"]


def test_each_pass_is_held_to_its_own_figures() -> None:
    port, gun = ready()
    gun.upload(a_plan(5, 5))
    port.passes[1] = [1, *port.passes[1][1:4], 3_000, *port.passes[1][5:]]
    assert gun.arm(0).deepest_um == 2_000
    gun.disarm()
    with pytest.raises(Refused, match="deepest"):
        gun.arm(1)


SETTING = {
    "depth_um": 3_000, "needle_um_s": 200_000, "dose_nl": 12_000, "flow_nl_s": 400_000, "dwell_us": 10_000, "period_us": 250_000,
}  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [{"deepest_um": 3_001}, {"deepest_um": 2_999}, {"stroke_nl": 12_073}, {"stroke_nl": 11_927}, {"period_us": 250_001}],
    ids=str,
)
def test_another_setting_is_held_to_what_was_asked_for_and_not_to_the_plan(found: dict[str, int]) -> None:
    port, gun = ready()
    gun.upload(a_plan(5))
    gun.arm(0)
    assert gun.adjust(**SETTING).deepest_um == 3_000
    port.lies["armed"] = found
    with pytest.raises(Refused, match="do not agree"):
        gun.adjust(**SETTING)
    assert port.asked[-1][0] == "disarm"


# ---- rest ----


@pytest.mark.parametrize("state", [HOMING, ARMED, RUNNING, RETURNING])
def test_a_gun_in_which_anything_may_move_is_waited_for(state: int) -> None:
    port, gun = ready()
    port.go(state)
    port._stop = lambda reason: None  # type: ignore[method-assign]
    began_s = gun.link.now_s()
    port.after(700, lambda: port.go(IDLE))
    assert gun.rest()
    assert gun.link.now_s() - began_s >= 0.7


@pytest.mark.parametrize("state", [UNHOMED, IDLE, FAULTED, STOPPED])
def test_a_gun_in_which_nothing_moves_is_at_rest_at_once(state: int) -> None:
    port, gun = ready()
    port.go(state)
    began_s = gun.link.now_s()
    assert gun.rest()
    assert gun.link.now_s() - began_s < 0.2
    assert "disarm" in [name for name, _ in port.asked]


def test_rest_is_waited_for_twice_the_longest_period_and_no_longer() -> None:
    port, gun = ready()
    port.go(RUNNING)
    port._stop = lambda reason: None  # type: ignore[method-assign]
    began_s = gun.link.now_s()
    assert not gun.rest()
    assert gun.link.now_s() - began_s == pytest.approx(REST_S, abs=0.3)
    assert 2 * BY_NAME["pass"][2][-1][2] == REST_S * 1_000_000


# ---- reconnect ----


def test_the_same_gun_that_was_not_restarted_keeps_its_plan_and_goes_on_by_its_numbers() -> None:
    port, gun = ready()
    gun.upload(a_plan(5))
    gun.turn()
    gun.on_disk(1)
    gun.state()
    assert gun.reconnect()
    assert (gun.link.acked, port.acked) == (1, 1)
    assert gun.arm(0).left == 5


def test_a_gun_that_was_restarted_twice_is_found_out_twice() -> None:
    port, gun = ready()
    for _ in range(2):
        port.power_cut()
        assert not gun.reconnect()
        assert gun.reconnect(), "it is the same one now"


# ---- figures by name ----


def test_each_switch_is_told_by_its_own_bit() -> None:
    for bit, name in enumerate(SWITCHES):
        assert [one for one, on in switches(1 << bit).items() if on] == [name]


def test_a_description_goes_out_by_the_names_of_its_figures() -> None:
    assert described(Description()) == {field[0]: figure for field, figure in zip(GUN, REFERENCE, strict=True)}


def test_a_state_says_what_latched_the_gun() -> None:
    port, gun = ready()
    assert gun.state().latched_by == 0
    port.lies["state"] = {"fault": reasons.TOO_HOT}
    assert gun.state().latched_by == reasons.TOO_HOT


def test_what_a_gun_is_told_to_be_goes_to_its_own_requests() -> None:
    port, gun = ready()
    gun.restart()
    assert port.asked[-1] == ("restart", [])
    with pytest.raises(LinkLost, match="restarted"):
        gun.state()


def test_a_shot_of_the_journal_that_is_not_there_is_none() -> None:
    port, gun = ready()
    port.journal.append([1, 9, 0, 1, 10_000, 2_000, 10_000, 0, 5])
    assert gun.log(1) is None
    logged = gun.log(0)
    assert logged is not None
    assert (logged.number, logged.tag) == (1, 5)


def test_a_gun_that_falls_silent_while_it_is_connected_leaves_its_port_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    port = FakeGun()
    port.wire = lambda line: [] if b" gun " in line else [line]
    monkeypatch.setattr(client, "open_port", lambda url: port)
    with pytest.raises(LinkLost):
        Gun.connect("fake://")
    assert not port.is_open
