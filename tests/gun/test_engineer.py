"""What an engineer's laptop asks of a gun, as plain methods of it: fields by name, refusals in words, nothing taken on trust."""

import pytest
from rigs.fakegun import BORE_UM, FakeGun, a_plan

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.client import Gun
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import Refused
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.talk.codes import GOOD, SWITCHES

SETTING = {
    "depth_um": 3_000, "needle_um_s": 200_000, "dose_nl": 12_000, "flow_nl_s": 400_000, "dwell_us": 10_000, "period_us": 250_000,
}  # fmt: skip


def nobody(gun: FakeGun, index: int) -> None:
    """The trigger is left alone."""


@pytest.fixture
def port() -> FakeGun:
    port = FakeGun()
    port.plays = nobody
    return port


def armed(port: FakeGun) -> Gun:
    gun = Gun(port)
    gun.home()
    while gun.state().state != 1:
        gun.turn()
    gun.upload(a_plan(5))
    gun.arm(0)
    return gun


def test_another_setting_is_asked_for_by_name_and_answered_with_what_the_audit_found(port: FakeGun) -> None:
    gun = armed(port)
    answer = gun.adjust(**SETTING)
    assert port.asked[-1] == ("adjust", list(SETTING.values()))
    assert (answer.deepest_um, answer.stroke_nl, answer.period_us) == (3_000, 12_000, 250_000)


@pytest.mark.parametrize(("field", "lie"), [(2, 3_001), (3, 12_100), (4, 249_999)])
def test_a_gun_that_took_another_setting_than_it_was_given_is_disarmed(
    port: FakeGun, monkeypatch: pytest.MonkeyPatch, field: int, lie: int
) -> None:
    gun = armed(port)
    answer = [0, 5, 3_000, 12_000, 250_000, 99]
    answer[field] = lie
    monkeypatch.setattr(port, "_adjust", lambda _: ("armed", answer))
    with pytest.raises(Refused, match="do not agree"):
        gun.adjust(**SETTING)
    assert port.asked[-1][0] == "disarm"


def test_a_setting_is_adjusted_only_of_a_plan_of_ours_that_is_armed(port: FakeGun) -> None:
    with pytest.raises(Refused, match="no plan of ours"):
        Gun(port).adjust(**SETTING)
    gun = armed(port)
    gun.rest()
    with pytest.raises(DeviceRefused):
        gun.adjust(**SETTING)


def test_the_guns_own_figures_come_by_their_names(port: FakeGun, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = [2, 0b0100110, 1, 1_500, -625, 24_000, 31, 0, 0, 90, 60, 7_000, 9_000]
    monkeypatch.setattr(port, "_watch", lambda _: ("watched", watched))
    monkeypatch.setattr(port, "_journal", lambda _: ("journaled", [GOOD, 7, 3, 30_000, 1]))
    monkeypatch.setattr(
        port, "_log", lambda values: ("logged", [3, 9, 1, 2, 10_000, 2_001, 9_990, 2, 5] if not values[0] else [0] * 9)
    )
    gun = Gun(port)
    now = gun.watch()
    assert (now.needle_um, now.plunger_nm, now.late_us, now.tick_us) == (1_500, -625, 90, 60)
    assert (now.waste_nl, now.used_nl) == (7_000, 9_000)
    assert {name for name, on in now.switches.items() if on} == {"trigger a", "trigger b", "home"}
    assert tuple(now.switches) == SWITCHES
    assert gun.journal() == Journaled(GOOD, 7, 3, 30_000, 1)
    assert gun.log(0) == Logged(3, 9, 1, 2, 10_000, 2_001, 9_990, 2, 5)
    assert gun.log(1) is None
    assert gun.selftest() == 0


def test_moves_and_descriptions_go_out_as_they_were_given(port: FakeGun) -> None:
    gun = armed(port)
    gun.rest()
    gun.gauge(4_000)
    gun.rest()
    port.go(1)
    gun.prime(20_000, 30_000, BORE_UM)
    figures = (*REFERENCE[:-1], 4_000)
    assert gun.configure(Description(figures)).figures() == figures
    assert gun.description.figures() == REFERENCE, "in use until it is switched off and on"
    gun.format(7)
    asked = dict(port.asked)
    assert (asked["gauge"], asked["prime"]) == ([4_000], [20_000, 30_000, BORE_UM])
    assert (asked["configure"], asked["format"]) == (list(figures), [7])
