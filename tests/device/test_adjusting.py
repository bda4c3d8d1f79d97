"""Another setting for the pass that is armed: checked as a pass is, told as what it is, in use from the next shot on."""

import pytest
from rigs.atrest import SECOND, past_the_wire, press, second_pass, status
from rigs.guns import Gun
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard import cells
from mesogun_fw.guard.asked import BUSY, STALE
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import DAMAGED
from mesogun_fw.talk.messages import ARMED, CONSTANT_FLOW, FAULTED, HOLD, RUNNING, SINGLE

FIELDS = ("depth_um", "needle_um_s", "dose_nl", "flow_nl_s", "dwell_us", "period_us")


def adjusted(rig: Rig, **changed: int) -> tuple[str, dict[str, int]]:
    now = dict(zip(FIELDS, SECOND[4:], strict=True))
    return rig.ask("adjust", *{**now, **changed}.values())


def test_an_adjustment_is_told_with_what_its_own_audit_found_and_what_is_left() -> None:
    rig = second_pass()
    name, armed = adjusted(rig, depth_um=2_500, dose_nl=8_000, period_us=500_000)
    assert (name, armed["index"], armed["left"], armed["deepest_um"], armed["period_us"]) == ("armed", 1, 2, 2_500, 500_000)
    assert armed["stroke_nl"] == pytest.approx(8_000, abs=72)
    assert armed["words"] == rig.device.strokes[1].used()


def test_a_shot_is_told_with_the_setting_it_was_made_with_and_the_journal_agrees() -> None:
    rig = second_pass()
    adjusted(rig, depth_um=2_500, dose_nl=8_000, period_us=500_000)
    assert rig.device.shot_with.depth_um == 3_000, "in use from the next shot on, not before"
    press(rig)
    shot = rig.told("shot")[-1]
    assert (shot["commanded_depth_um"], shot["commanded_dose_nl"], shot["period_us"]) == (2_500, 8_000, 500_000)
    assert next(rig.device.journal.rows())[3:5] == (3, 8_000)
    assert (shot["pass_index"], shot["shot"], shot["flags"]) == (1, 3, 0)


def test_a_shot_in_flight_is_told_with_its_own_setting_and_not_with_the_one_that_waits() -> None:
    one = a_pass(period_us=2_000_000)
    rig = Rig().ready(one)
    rig.press()
    rig.until_lamp(RUNNING)
    assert rig.ask("adjust", 1_500, one[5], 8_000, *one[7:9], 2_100_000)[0] == "armed"
    rig.until(lambda: len(rig.told("shot")) == 2)
    said = [(shot["commanded_depth_um"], shot["commanded_dose_nl"], shot["period_us"]) for shot in rig.told("shot")]
    assert said == [(2_000, 10_000, 2_000_000), (1_500, 8_000, 2_100_000)]


def test_each_adjustment_is_its_own_also_after_one_that_was_refused() -> None:
    rig = second_pass()
    assert adjusted(rig, depth_um=2_500)[1]["deepest_um"] == 2_500
    assert adjusted(rig, depth_um=2_550)[0] == "refused"
    assert adjusted(rig, depth_um=1_500)[1]["deepest_um"] == 1_500
    press(rig)
    assert rig.told("shot")[-1]["commanded_depth_um"] == 1_500


def test_only_what_was_adjusted_is_another() -> None:
    rig = second_pass()
    before = dict(rig.device.shot_with.fields)
    adjusted(rig, depth_um=2_500)
    assert rig.device.next_shot_with.fields == {**before, "depth_um": 2_500}
    assert rig.device.program.passes[1].fields == before, "the program stays as it was committed"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("depth_um", 2_550, refusals.NOT_A_STEP),
        ("dose_nl", 999, refusals.OUT_OF_RANGE),
        ("dwell_us", 1, refusals.OUT_OF_RANGE),
        ("dwell_us", 400_000, refusals.PERIOD_TOO_SHORT),
    ],
)
def test_an_adjustment_is_checked_as_a_pass_is(field: str, value: int, code: int) -> None:
    rig = second_pass()
    name, row = adjusted(rig, **{field: value})
    assert (name, row["code"]) == ("refused", code)
    if code != refusals.PERIOD_TOO_SHORT:
        assert (FIELDS[row["field"]], row["value"]) == (field, value)
    assert rig.device.next_shot_with is rig.device.shot_with


@pytest.mark.parametrize("depth_um", [limits.DEPTH_CAP_UM + limits.DEPTH_STEP_UM, limits.DEPTH_MIN_UM - limits.DEPTH_STEP_UM])
def test_an_adjustment_past_a_depth_limit_is_refused_by_the_device_itself(depth_um: int) -> None:
    row = past_the_wire(second_pass(), "adjust", depth_um, *SECOND[5:9], 2_000_000)
    assert row == [refusals.OUT_OF_RANGE, 0, depth_um, limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM]


@pytest.mark.parametrize(
    ("drive", "mode", "fixed"),
    [("stepper", SINGLE, False), ("stepper", CONSTANT_FLOW, True), ("pneumatic", SINGLE, True)],
)
def test_a_depth_is_adjusted_only_where_the_needle_comes_home_by_its_own_steps(drive: str, mode: int, fixed: bool) -> None:
    one = SECOND if mode == SINGLE else a_pass(mode=CONSTANT_FLOW, flow_nl_s=500_000, depth_um=3_000, period_us=1_000_000)
    one = [0, *one[1:]]
    gun = Gun(drive)
    gun.home()
    gun.load(one)
    gun.arm()
    name, row = gun.ask("adjust", 2_900, *one[5:])
    if not fixed:
        assert name == "armed"
        return
    assert list(row.values()) == [refusals.NOT_WHILE_ARMED, 0, 2_900, 3_000, 3_000]
    assert gun.ask("adjust", *one[4:])[0] == "armed", "the same depth is no other"


def test_a_journal_that_cannot_take_an_adjustment_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()
    monkeypatch.setattr(rig.device.journal, "lay_dose", _lost)
    assert adjusted(rig, dose_nl=8_000)[1]["code"] == refusals.NOT_STORED
    rig.wait(20)
    assert (rig.board.state, status(rig)["fault"]) == (FAULTED, reasons.JOURNAL_FAILED)


def _lost(*_: object) -> None:
    raise HistoryUnknown(DAMAGED)


def test_a_setting_is_in_use_when_the_guard_says_so_and_not_before() -> None:
    rig = second_pass()
    device = rig.device
    for dose_nl in (8_000, 6_000):
        adjusted(rig, dose_nl=dose_nl)
        assert (device.shot_with.dose_nl != dose_nl, device.next_shot_with.dose_nl) == (True, dose_nl)
    press(rig)
    assert device.shot_with.dose_nl == 6_000
    assert rig.told("ended")[-1]["kind"] == HOLD


def test_an_adjustment_of_a_pass_whose_last_shot_is_being_made_is_answered() -> None:
    """A line has no room for none left: it would end the loop."""
    rig = second_pass()
    rig.device.guard.cells[cells.LEFT] = 0
    assert adjusted(rig, dose_nl=8_000)[1]["left"] == 1


def test_what_the_guard_has_granted_already_is_not_adjusted_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()
    before = rig.device.next_shot_with
    monkeypatch.setattr(rig.device.guard, "swap", lambda *_: BUSY)
    name, row = adjusted(rig, dose_nl=8_000)
    assert (name, row["code"], row["value"]) == ("refused", refusals.WRONG_STATE, ARMED)
    assert rig.device.next_shot_with is before


def test_what_has_changed_since_the_loop_looked_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()
    answers = [STALE, STALE]
    real = rig.device.guard.swap
    monkeypatch.setattr(rig.device.guard, "swap", lambda *given: answers.pop() if answers else real(*given))
    assert adjusted(rig, dose_nl=8_000)[0] == "armed"
    assert answers == []
    press(rig)
    assert rig.told("shot")[-1]["commanded_dose_nl"] == 8_000


def test_one_that_waits_is_taken_back_before_another_is_made_and_the_journal_with_it() -> None:
    one = a_pass(period_us=2_000_000)
    rig = Rig().ready(one)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(200)
    assert rig.ask("adjust", *one[4:6], 8_000, *one[7:])[0] == "armed"
    assert (rig.device.guard.cells[cells.NEXT], rig.device.journal.waits_with(8_000)) == (2, True)
    rig.board.described = False
    assert rig.ask("adjust", *one[4:6], 6_000, *one[7:])[1]["code"] == refusals.NO_DESCRIPTION
    assert rig.device.guard.cells[cells.NEXT] == 0
    assert rig.device.next_shot_with.dose_nl == 10_000
    assert rig.device.journal.waits_with(10_000)
    rig.wait(4_000)
    assert {shot["commanded_dose_nl"] for shot in rig.told("shot")} == {10_000}
