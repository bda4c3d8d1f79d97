"""Whether a gun may be armed: each reason not to refuses alone, with nothing else wrong; and it is armed with that pass."""

import pytest
from rigs.atrest import BEGIN, DIGEST, FIRST, SECOND, TAG, homed, past_the_wire, press, second_pass, status
from rigs.guns import Gun
from rigs.rig import BORE_UM, Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device import ready
from mesogun_fw.device.events import RESERVE
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.guard import cells, expected
from mesogun_fw.stroke.audit import AuditFailed
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import BLANK, DAMAGED, FOREIGN, GOOD
from mesogun_fw.talk.messages import ARMED, BURST, CONSTANT_FLOW, CONTINUOUS, FAULTED, IDLE, PAUSE, RETROGRADE, SINGLE


def loaded(*passes: list[int]) -> Rig:
    rig = homed()
    rig.load(*(passes or (FIRST, SECOND)))
    return rig


def refused(rig: Rig, index: int = 0) -> list[int]:
    """The refusal to arm: code, field, value, lowest and highest. Nothing is armed then."""
    name, row = rig.ask("arm", index)
    assert name == "refused"
    assert (rig.board.state, rig.device.armed, rig.device.guard.phase) == (IDLE, -1, cells.OFF)
    return list(row.values())


# ---- what may be armed ----


def test_a_program_is_armed_only_when_it_was_committed() -> None:
    rig = homed()
    rig.ask("begin", *BEGIN)
    assert refused(rig) == [refusals.WRONG_ORDER, 0, 0, 0, 0]
    rig.ask("pass", *FIRST)
    rig.ask("pass", *SECOND)
    assert refused(rig, 1) == [refusals.WRONG_ORDER, 0, 1, 0, 1]
    assert rig.ask("commit", DIGEST + 1, TAG)[1]["code"] == refusals.DIGEST_DIFFERS
    assert refused(rig, 1) == [refusals.WRONG_ORDER, 0, 1, 0, 1]
    assert rig.ask("commit", DIGEST, TAG)[0] == "program"
    assert rig.arm(1)["index"] == 1


def test_a_program_that_is_begun_anew_takes_the_one_before_with_it() -> None:
    rig = second_pass()
    rig.ask("disarm")
    assert rig.ask("begin", *BEGIN) == ("ok", {})
    assert not rig.device.program.committed
    assert rig.device.program.passes == []
    assert rig.ask("arm", 0)[1]["code"] == refusals.WRONG_ORDER
    rig.ask("pass", *FIRST)
    rig.ask("pass", *SECOND)
    assert rig.ask("arm", 0)[1]["code"] == refusals.WRONG_ORDER, "it is not committed"
    assert rig.ask("commit", DIGEST, TAG)[0] == "program"
    assert rig.arm(1)["left"] == 3, "nothing is made of the new one"


@pytest.mark.parametrize("bore_um", [limits.SYRINGE_BORE_MIN_UM - 1, limits.SYRINGE_BORE_MAX_UM + 1])
def test_a_begin_that_is_refused_leaves_the_program_before(bore_um: int) -> None:
    rig = second_pass()
    rig.ask("disarm")
    row = past_the_wire(rig, "begin", 1, bore_um, 0, 500)
    assert row == [refusals.OUT_OF_RANGE, 1, bore_um, limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM]
    assert rig.arm(1)["left"] == 2


@pytest.mark.parametrize("index", [2, 3, 7])
def test_a_pass_that_the_program_has_not_is_refused(index: int) -> None:
    rig = loaded()
    assert refused(rig, index) == [refusals.WRONG_ORDER, 0, index, 0, 1]
    assert rig.arm(1)["index"] == 1


def test_a_pass_of_which_every_shot_was_made_is_refused() -> None:
    rig = loaded()
    rig.arm(0)
    rig.touch()
    press(rig)
    press(rig)
    rig.device.armed = -1
    assert refused(rig, 0) == [refusals.PASS_COMPLETE, 0, 0, 0, 0]
    assert rig.arm(1)["left"] == 3


def test_a_gun_that_is_up_for_five_days_has_to_start_again() -> None:
    rig = loaded()
    rig.device.now_ms = limits.UPTIME_MAX_MS
    assert ready.may_arm(rig.device, 0) is rig.device.program.passes[0]
    rig.device.now_ms += 1
    with pytest.raises(Refusal) as refusal:
        ready.may_arm(rig.device, 0)
    assert refusal.value.row("arm") == [refusals.RESTART_DUE, -1, limits.UPTIME_MAX_MS + 1, 0, limits.UPTIME_MAX_MS]


def test_a_record_with_room_for_one_event_less_is_refused() -> None:
    rig = loaded()
    events = rig.device.events
    most = limits.EVENTS_KEPT - RESERVE
    rig.acks = False
    for kept, room in ((most - 1, True), (most, False)):
        events.last = events.acked + kept
        if room:
            assert ready.may_arm(rig.device, 0)
        else:
            with pytest.raises(Refusal) as refusal:
                ready.may_arm(rig.device, 0)
            assert refusal.value.row("arm") == [refusals.RECORD_WAITS, -1, most, 0, limits.EVENTS_KEPT]


@pytest.mark.parametrize("condition", [BLANK, DAMAGED, FOREIGN])
def test_a_journal_in_any_condition_but_good_is_refused(condition: int) -> None:
    rig = loaded()
    rig.device.journal.condition = condition
    assert refused(rig) == [refusals.HISTORY_UNKNOWN, -1, condition, GOOD, GOOD]
    rig.device.journal.condition = GOOD
    rig.arm()


def test_a_gun_with_another_description_stored_than_in_use_is_refused() -> None:
    rig = loaded()
    rig.device.restart_due = True
    assert refused(rig) == [refusals.RESTART_DUE, -1, 0, 0, 0]


def test_a_gun_without_a_description_of_its_own_is_refused() -> None:
    rig = loaded()
    rig.board.described = False
    assert refused(rig) == [refusals.NO_DESCRIPTION, -1, 0, 0, 0]


def test_a_stroke_that_its_audit_does_not_accept_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = loaded()
    with monkeypatch.context() as patch:
        patch.setattr(ready, "Audit", _fails)
        assert refused(rig) == [refusals.AUDIT_FAILED, -1, 0, 0, 0]
    rig.arm()


def _fails(*_: object) -> None:
    raise AuditFailed("said so")


def test_a_stroke_compiled_for_another_setting_than_was_asked_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = loaded()
    real = ready.drive.compile

    def deeper(stroke: Stroke, settings: Settings, description: Description) -> None:
        other = rig.device.program.passes[0].adjusted({"depth_um": settings.depth_um + limits.DEPTH_STEP_UM})
        real(stroke, other.settings(settings.syringe_bore_um), description)

    monkeypatch.setattr(ready.drive, "compile", deeper)
    assert refused(rig) == [refusals.AUDIT_FAILED, -1, 0, 0, 0]


def test_a_stroke_is_compiled_into_no_slot_that_may_be_played() -> None:
    rig = second_pass()
    device = rig.device
    settings = device.shot_with.settings(BORE_UM)
    with pytest.raises(Refusal) as refusal:
        ready.prepare(device, device.guard.slot, settings)
    assert refusal.value.row("arm") == [refusals.WRONG_STATE, -1, ARMED, 0, 0]


# ---- what it is armed with ----


def test_the_gun_says_what_its_audit_found() -> None:
    rig = loaded()
    armed = rig.arm(1)
    assert (armed["index"], armed["left"], armed["deepest_um"], armed["period_us"]) == (1, 3, 3_000, 410_000)
    assert armed["stroke_nl"] == pytest.approx(12_000, abs=72)
    assert armed["words"] == rig.device.strokes[0].used()


@pytest.mark.parametrize(
    ("changed", "shots"),
    [
        ({"mode": SINGLE}, 1),
        ({"mode": BURST, "burst": 3}, 3),
        ({"mode": CONTINUOUS}, 6),
        ({"mode": RETROGRADE, "flow_nl_s": 500_000}, 1),
        ({"mode": CONSTANT_FLOW, "flow_nl_s": 500_000, "period_us": 1_000_000}, 6),
    ],
    ids=["single", "burst", "continuous", "retrograde", "constant flow"],
)
def test_a_press_makes_the_shots_of_its_mode(changed: dict[str, int], shots: int) -> None:
    rig = loaded(a_pass(shots=6, **changed))
    rig.arm()
    rig.touch()
    press(rig, 7_000)
    assert len(rig.told("shot")) == shots


def test_the_pass_armed_after_another_is_the_one_that_is_shot() -> None:
    rig = second_pass()
    rig.ask("disarm")
    rig.arm(0)
    press(rig)
    shot = rig.told("shot")[-1]
    assert (shot["pass_index"], shot["commanded_depth_um"], shot["commanded_dose_nl"]) == (0, 1_000, 4_000)
    assert next(rig.device.journal.rows())[2:5] == (0, 1, 4_000), "the row that waited for the other pass is gone"


def test_what_is_armed_ends_by_its_own_count_of_shots() -> None:
    rig = loaded(a_pass(shots=limits.SHOTS_PER_PASS_MAX, dose_nl=5_000))
    rig.arm()
    c = rig.device.guard.cells
    assert (c[cells.LEFT], c[cells.CEILING]) == (limits.SHOTS_PER_PASS_MAX, limits.SHOTS_PER_ARMING_MAX)
    assert c[cells.BUDGET_NL] == 10_000_000


def test_every_arming_has_the_same_ceiling_and_every_program_its_own_budget() -> None:
    rig = second_pass()
    c = rig.device.guard.cells
    for _ in range(3):
        rig.ask("disarm")
        rig.load(FIRST, syringe_nl=100_000)
        rig.arm()
        assert (c[cells.CEILING], c[cells.LEFT], c[cells.BUDGET_NL]) == (limits.SHOTS_PER_ARMING_MAX, 2, 100_000 - 24_000)


@pytest.mark.parametrize(("dose_nl", "tolerance_nl"), [(1_000, 500), (10_000, 1_000), (20_000, 1_000), (40_000, 2_000)])
def test_a_dose_may_be_off_by_a_microlitre_or_five_percent(dose_nl: int, tolerance_nl: int) -> None:
    rig = loaded(a_pass(dose_nl=dose_nl, period_us=1_000_000))
    rig.arm()
    tolerance_nm = rig.device.guard.cells[cells.EXPECTED_AT + expected.DOSE_TOLERANCE_NM]
    assert tolerance_nm == tolerance_nl * 452_000_000_000 // (355 * BORE_UM * BORE_UM)


def test_what_is_refused_half_way_leaves_no_stroke_half_made_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = loaded()
    with monkeypatch.context() as patch:
        patch.setattr(ready, "Audit", _fails)
        refused(rig, 0)
    assert (rig.device.making, rig.device.later) == (None, None)
    assert rig.arm(0)["deepest_um"] == 1_000
    assert rig.device.making is None


# ---- disarming ----


def test_disarming_pauses_an_armed_gun_and_says_so_once() -> None:
    rig = second_pass()
    before = len(rig.told("ended"))
    assert rig.ask("disarm")[1]["state"] == IDLE
    rig.wait(50)
    (ended,) = rig.told("ended")[before:]
    assert (ended["kind"], ended["reason"], ended["pass_index"], ended["done"]) == (PAUSE, reasons.DISARMED, 1, 1)
    played = len(rig.tape.plays)
    press(rig)
    assert len(rig.tape.plays) == played
    assert rig.ask("disarm")[0] == "state", "it may be asked again"
    rig.wait(50)
    assert len(rig.told("ended")) == before + 1


def test_disarming_clears_no_fault() -> None:
    gun = Gun().ready(FIRST)
    gun.set(temperature_c=95)
    gun.until_lamp(FAULTED)
    assert (gun.ask("disarm")[1]["state"], status(gun)["fault"]) == (FAULTED, reasons.TOO_HOT)
