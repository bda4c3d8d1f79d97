"""A gun that reports what was not planned is not believed: the session ends, the needle home, and all it said is on record."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from rigs.fakegun import FakeGun, a_plan
from rigs.marks import mostly_slow
from rigs.visit import Visit, press

from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.records.tally import Tally
from mesogun.reports.export import csv_of, everything
from mesogun.reports.picture import draw
from mesogun.visit.contradiction import Contradiction
from mesogun_fw.config import Description
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, IDLE, PAUSE, RUNNING
from mesogun_sim.faults import BREAKAGES

LATEST_MS = 1 << 30

# What is reported of every shot of a plan of one pass of 20, 10 µl at 2 mm every 200 ms, and what is said of it.
REPORTED: dict[str, tuple[dict[str, int], str]] = {
    "9 mm measured": ({"measured_depth_um": 9_000}, "measured depth of 9 mm"),
    "past what the guard lets a needle overrun": ({"measured_depth_um": 2_101}, "measured depth of 2.101 mm"),
    "too shallow": ({"measured_depth_um": 1_899}, "measured depth of 1.899 mm"),
    "9 mm commanded": ({"commanded_depth_um": 9_000, "measured_depth_um": 9_000}, "commanded depth of 9 mm"),
    "another dose": ({"commanded_dose_nl": 11_000}, "commanded dose of 11 µl"),
    "another period": ({"period_us": 100_000}, "period of 100 ms"),
    "a pass that the plan has not": ({"pass_index": 6}, "pass 7"),
    "a number that stands still": ({"shot": 1}, "shot 1"),
    "a number that jumps": ({"shot": 3}, "shot 3"),
    "more than was asked for": ({"measured_dose_nl": 11_300}, "measured dose of 11.3 µl"),
    "less than was asked for": ({"measured_dose_nl": 8_700}, "measured dose of 8.7 µl"),
    "a dose that comes back": ({"measured_dose_nl": -1_000_000}, "measured dose of -1000 µl"),
    "a part that comes back": ({"measured_dose_nl": -1_000_000, "flags": PARTIAL}, "measured dose of -1000 µl"),
    "a part that is more than the whole": ({"measured_dose_nl": 11_300, "flags": PARTIAL}, "measured dose of 11.3 µl"),
    "a wrong one that comes back": ({"measured_dose_nl": -1_000_000, "flags": DOSE_OFF}, "measured dose of -1000 µl"),
    "40 ml from a syringe of 5": ({"measured_dose_nl": 1_000_000, "flags": DOSE_OFF}, "6 ml given"),
}


Desk = Callable[..., Visit]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Sets up a visit of passes of so many shots, which nobody waits for for ever."""

    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)  # that it can be drawn is enough

    def visit(*shots: int, dose_nl: int = 10_000) -> Visit:
        visit = Visit(tmp_path, a_plan(*shots, dose_nl=dose_nl))

        def patience() -> None:
            assert visit.port.now_us < 60_000_000, "the host waits for ever"

        visit.port.on_read = patience
        return visit

    return visit


def all_is_on_record(visit: Visit) -> None:
    """What it said can be read, listed, drawn, added up and taken elsewhere, and the gun may forget it."""
    records, told = visit.records, visit.port.events
    assert [event.n for event in records.events(1)] == [row[0] for _, row in told]
    assert len(records.shots(1)) == sum(name == "shot" for name, _ in told)
    assert visit.port.acked == len(told)
    row = records.session(1)
    assert records.sessions() == [row]
    assert records.summary(1) == visit.session.summary
    draw(row, records.shots(1), "")
    exported = everything(records, 1)
    assert exported["session"]["summary"] == visit.session.summary.to_dict()  # type: ignore[index,union-attr]
    assert csv_of(records, 1).count("\n") == len(records.shots(1)) + 1


def is_not_believed(visit: Visit, words: str, shots: int) -> None:
    summary = visit.run()
    assert summary.outcome == visit.records.session(1).outcome == "fault"
    assert words in summary.reason
    assert "have the gun examined" in summary.reason
    assert visit.port.state == IDLE
    assert visit.questions == []
    assert len(visit.records.shots(1)) <= shots, "one more may be in flight"


@pytest.mark.parametrize("case", REPORTED)
def test_a_shot_that_cannot_be_of_the_plan_ends_the_session_and_is_on_record(case: str, desk: Desk) -> None:
    visit = desk(20)
    visit.port.lies["shot"], words = REPORTED[case]
    is_not_believed(visit, words, 7 if "syringe" in case else 3)
    all_is_on_record(visit)


def test_a_shot_of_another_pass_than_the_armed_one_is_not_believed(desk: Desk) -> None:
    visit = desk(20, 10)
    visit.port.after(2_000, lambda: visit.port.lies.update(shot={"pass_index": 1}))
    is_not_believed(visit, "pass 2: pass 1 of 2 is armed", 10)
    all_is_on_record(visit)


def test_a_shot_before_any_pass_is_armed_is_not_believed(desk: Desk) -> None:
    visit = desk(20)

    def shoots() -> None:
        visit.port.passes, visit.port.index = [list(visit.plan.passes[0].fields().values())], 0
        visit.port.shot()

    visit.port.after(200, shoots)
    is_not_believed(visit, "pass 1: none is armed", 1)


def test_more_shots_than_planned_are_not_believed(desk: Desk) -> None:
    def never_stops(gun: FakeGun, index: int) -> None:
        gun.after(100, lambda: gun.go(RUNNING))
        for n in range(1, 40):
            gun.after(100 + n * 200, lambda: gun.shot() if gun.state == RUNNING else None)

    visit = desk(20)
    visit.port.plays = never_stops
    is_not_believed(visit, "21 shots of pass 1: 20 are planned", 22)
    all_is_on_record(visit)


def test_more_than_the_syringe_holds_is_not_believed(desk: Desk) -> None:
    visit = desk(40, dose_nl=200_000)
    is_not_believed(visit, "the syringe was filled with 5 ml", 27)


def test_an_uncertain_shot_takes_its_commanded_dose_out_of_the_syringe(desk: Desk) -> None:
    visit = desk(40, dose_nl=200_000)
    visit.port.lies["shot"] = {"flags": UNCERTAIN, "measured_dose_nl": 1_000_000}
    is_not_believed(visit, "the syringe was filled with 5 ml", 27)


@pytest.mark.parametrize("made", [5, 19])
def test_a_pass_that_is_said_to_be_done_and_is_not_is_not_believed(made: int, desk: Desk) -> None:
    visit = desk(20)
    visit.port.plays = press((made, (DONE, reasons.PASS_DONE)))
    is_not_believed(visit, f"pass 1 done with {made} shots: {made} of 20", made)
    all_is_on_record(visit)


def test_a_pass_that_is_done_with_another_number_of_shots_than_were_reported_is_not_believed(desk: Desk) -> None:
    visit = desk(20)
    visit.port.lies["ended"] = {"done": 19}
    is_not_believed(visit, "pass 1 done with 19 shots: 20 of 20", 20)
    all_is_on_record(visit)


@pytest.mark.parametrize(("message", "at_ms"), [("shot", 1), ("ended", 1), ("shot", LATEST_MS - 1)])
def test_time_that_goes_backwards_is_not_believed(message: str, at_ms: int, desk: Desk) -> None:
    visit = desk(20)
    visit.port.plays = lambda gun, index: gun.play(index, 10)
    visit.port.after(1_500, lambda: visit.port.lies.update({message: {"at_ms": at_ms}}))
    is_not_believed(visit, "earlier than what it reported before", 10)
    all_is_on_record(visit)


@pytest.mark.parametrize("keeps_telling", [False, True])
def test_a_status_with_more_events_than_a_gun_can_keep_is_neither_waited_for_nor_believed(keeps_telling: bool, desk: Desk) -> None:
    visit = desk(20)
    port = visit.port

    def lies() -> None:
        port.lies["state"] = {"events": LATEST_MS - 1}

    def tells_on(values: list[int]) -> tuple[str, list[int]]:
        if keeps_telling and port.lies:
            port.event("changed", RUNNING, RUNNING, 0)
        return events(values)

    events, port._events = port._events, tells_on  # type: ignore[method-assign]
    port.after(2_000, lies)
    is_not_believed(visit, f"{LATEST_MS - 1} events", 7)
    assert port.monotonic_s() < 10


@pytest.mark.parametrize("later_ms", [0, 60])
@pytest.mark.parametrize(
    ("ending", "outcome", "first"),
    [((FAULT, reasons.FREE_FLOW), "fault", "the plunger moved"), ((ESTOP, reasons.ESTOP_PRESSED), "estop", "the emergency stop")],
)
def test_what_the_gun_itself_stopped_for_is_said_first(
    later_ms: int, ending: tuple[int, int], outcome: str, first: str, desk: Desk
) -> None:
    visit = desk(20)
    visit.port.lies["shot"] = {"measured_dose_nl": 60_000}

    def breaks(gun: FakeGun, index: int) -> None:
        gun.after(100, lambda: gun.go(RUNNING))
        gun.after(300, gun.shot)
        gun.after(300 + later_ms, lambda: gun.ended(*ending))

    visit.port.plays = breaks
    summary = visit.run()
    assert summary.outcome == outcome
    assert summary.reason.startswith(first)
    assert "measured dose of 60 µl" in summary.reason


@pytest.mark.parametrize("flags", [PARTIAL, DOSE_OFF])
@pytest.mark.parametrize("dose_nl", [-5_000, 60_000])
def test_a_shot_that_is_off_is_believed_when_the_gun_itself_stops_for_it(flags: int, dose_nl: int, desk: Desk) -> None:
    visit = desk(20)
    visit.port.lies["shot"] = {"measured_dose_nl": dose_nl, "flags": flags}
    visit.port.plays = press((1, (FAULT, reasons.FREE_FLOW)))
    visit.answers = iter([False])
    summary = visit.run()
    assert summary.outcome == "fault"
    assert summary.reason.startswith("the plunger moved")
    assert "the gun reports" not in summary.reason


def test_a_contradiction_that_is_heard_when_all_is_over_is_the_outcome(desk: Desk) -> None:
    visit = desk(20)
    disarm = visit.port._disarm

    def one_more(values: list[int]) -> tuple[str, list[int]]:
        if visit.port.attempts[0] == 20:
            visit.port.shot()
        return disarm(values)

    visit.port._disarm = one_more  # type: ignore[method-assign]
    is_not_believed(visit, "a shot of pass 1: none is armed", 21)
    all_is_on_record(visit)


def test_a_journal_that_says_otherwise_too_does_not_hide_a_contradiction(desk: Desk) -> None:
    visit = desk(20)
    visit.port.lies |= {"shot": {"measured_depth_um": 9_000}, "journaled": {"shots": 99}}
    summary = visit.run()
    assert summary.outcome == "fault"
    for words in ("the gun's journal has", "measured depth of 9 mm"):
        assert words in summary.reason


def test_a_shot_while_a_person_thinks_withdraws_the_question_and_is_not_believed(desk: Desk) -> None:
    visit = desk(20)
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    visit.person.turns = 100
    visit.port.after(3_000, visit.port.shot)
    is_not_believed(visit, "a shot of pass 1: none is armed", 6)
    ((question, why),) = visit.person.withdrawn
    assert (question.id, why) == ("go-on", visit.records.session(1).reason)
    all_is_on_record(visit)


def test_events_that_jump_are_not_believed() -> None:
    plan = a_plan(20)
    contradiction = Contradiction(plan, Description(), Tally(), heard_n=6)
    for n in (7, 8):
        contradiction.take(Event(n, "changed", 1_000, {"before": IDLE, "after": IDLE, "event": 0}))
    assert contradiction.words == ""
    contradiction.take(Event(10, "changed", 1_000, {"before": IDLE, "after": IDLE, "event": 0}))
    assert contradiction.words.startswith("the gun reports event 10: event 9 comes next")


@pytest.mark.parametrize("breakage", mostly_slow([name for name in BREAKAGES if name not in ("link-down", "loop-dead")], 4))
def test_a_gun_that_breaks_says_so_itself(breakage: str, tmp_path: Path) -> None:
    for at_ms in (1_900, 2_095):
        with Gun.connect(f"sim://?seed=3&fault={breakage}@{at_ms}") as gun:
            (tmp_path / str(at_ms)).mkdir()
            visit = Visit(tmp_path / str(at_ms), a_plan(8), gun=gun)
            visit.answers = iter([True, True, False])
            assert not visit.run().reason.startswith("the gun reports")


@pytest.mark.parametrize(
    "off", [{"measured_depth_um": 1_900}, {"measured_depth_um": 2_100}, {"measured_dose_nl": 9_000}, {"measured_dose_nl": 11_000}]
)
def test_what_a_whole_shot_may_be_off_by_is_believed(off: dict[str, int], desk: Desk) -> None:
    visit = desk(20)
    visit.port.lies["shot"] = off
    assert visit.run().outcome == "complete"


@pytest.mark.parametrize("dose_nl", [-400, 4_000, 10_500])
def test_a_part_of_a_dose_and_the_noise_of_none_are_believed(dose_nl: int, desk: Desk) -> None:
    visit = desk(20)

    def plays(gun: FakeGun, index: int) -> None:
        gun.after(50, lambda: gun.shot(PARTIAL, dose_nl=dose_nl))
        gun.play(index)

    visit.port.plays = plays
    assert visit.run().outcome == "complete"


def test_an_uncertain_shot_fills_its_place_by_both_accounts_and_the_session_goes_on_after_it(desk: Desk) -> None:
    visit = desk(20)

    def plays(gun: FakeGun, index: int) -> None:
        def unseen() -> None:
            gun.go(RUNNING)
            gun.shot(UNCERTAIN)
            gun.ended(PAUSE, reasons.HELD_TOO_LONG)

        if gun.attempts[index]:
            gun.play(index)
        else:
            gun.after(100, unseen)

    visit.port.plays = plays
    summary = visit.run()
    assert (summary.outcome, summary.shots, summary.uncertain) == ("complete", 19, 1)
    assert len(visit.questions) == 1
    assert summary.volume_nl + 10_000 == pytest.approx(summary.commanded_volume_nl, rel=0.01)
