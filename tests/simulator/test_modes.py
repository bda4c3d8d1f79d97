"""Constant flow, retrograde, a setting changed while armed, and moves that are no shot: end to end on the simulated gun."""

from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from rigs.marks import mostly_slow
from rigs.rig import BORE_UM, Fields, Rig, a_pass, figures_of
from rigs.tape import Play

from mesogun_fw import limits
from mesogun_fw.stroke.language import PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.talk import frames, reasons, refusals
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import (
    ARMED,
    BY_NAME,
    CONSTANT_FLOW,
    DONE,
    FAULTED,
    HOLD,
    HOMING,
    IDLE,
    RETROGRADE,
    RUNNING,
    SINGLE,
    STOPPED,
    UNHOMED,
)

FLOW = a_pass(mode=CONSTANT_FLOW, shots=4, depth_um=4_000, dose_nl=20_000, flow_nl_s=500_000, period_us=1_000_000)
DRAW = a_pass(mode=RETROGRADE, shots=4, depth_um=4_000, dose_nl=10_000, flow_nl_s=500_000, period_us=500_000)
FLOWING, DRAWING = figures_of(FLOW), figures_of(DRAW)
NM = 10_000  # a needle step of the reference gun
HOME_UM = 100


def steps(dose_nl: int) -> Fraction:
    """A dose in plunger steps of the reference gun, pi as 355/113."""
    return Fraction(dose_nl * 10**9) / (Fraction(355, 113) * BORE_UM**2 / 4 * 625)


@cache
def running(mode: int) -> Rig:
    rig = Rig(skip=False).ready(FLOW if mode == CONSTANT_FLOW else DRAW)
    rig.press()
    rig.until_lamp(RUNNING)
    return rig


def given(rig: Rig) -> list[Play]:
    """Every list that was to dispense, as far as it was played."""
    return [play for play in rig.tape.plays if play.dispenses]


def begun_us(play: Play) -> int:
    return play.start_us + play.entered_us


def starts(rig: Rig, play: Play) -> int:
    """When a shot's report says it began: a body that was entered begins there."""
    return begun_us(play) if play.entered_us else play.start_us


def reported_us(shot: Fields) -> int:
    return shot["at_ms"] * 1000 + shot["at_us"]


# ---- constant flow ----


def test_constant_flow_goes_out_once_gives_second_after_second_and_comes_back_when_the_pass_is_done() -> None:
    rig = Rig().ready(FLOW)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    bodies = given(rig)
    assert [later - earlier for earlier, later in pairwise(map(begun_us, bodies))] == [FLOWING.dose_end_us, 1_000_000, 1_000_000]
    ways = [inwards for at, inwards in rig.tape.rises(NEEDLE_STEP) if at >= bodies[0].start_us]
    assert ways == [False] * 400 + [True] * 400, "out once, back once"
    dose = steps(20_000)
    for count in range(1, 5):
        assert abs(sum(play.dispensed for play in bodies[:count]) - count * dose) <= 1
    assert (rig.told("ended")[-1]["kind"], rig.told("ended")[-1]["done"]) == (DONE, 4)


def test_each_second_is_reported_when_it_began_with_what_it_gave() -> None:
    rig = Rig().ready(FLOW)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    shots = rig.told("shot")
    assert [reported_us(shot) for shot in shots] == [starts(rig, play) for play in given(rig)]
    for shot in shots:
        assert (shot["flags"], shot["commanded_dose_nl"], shot["commanded_depth_um"]) == (0, 20_000, 4_000)
        assert abs(shot["measured_dose_nl"] - 20_000) <= 150  # a step is 71 nl, an encoder count 57
        assert abs(shot["measured_depth_um"] - 4_000) <= 2


def comes_home(rig: Rig, at: str, outside_ms: int) -> None:
    """From now on: nothing dispensed, out of the skin in time, and so it stays."""
    rig.wait(1)
    verdict_us = rig.desk.now_us()
    home_ms = 0
    while rig.tip_um >= HOME_UM:
        rig.wait(1)
        home_ms += 1
        assert home_ms <= 20 + outside_ms, f"{at}: still {rig.tip_um} um out"
    rig.wait(150)
    assert rig.tip_um < HOME_UM, at
    assert rig.last_dispensing_us() <= verdict_us + 100, at
    assert rig.board.needle.deepest_um <= 4_005, at


@pytest.mark.parametrize("cause", mostly_slow(["release", "lift", "estop"]))
def test_flow_stops_at_any_moment_partial_and_home(cause: str) -> None:
    """Out, first second, seam, second second: every 13 ms and every millisecond about the seam."""
    seam_ms = FLOWING.dose_end_us // 1000
    rig = running(CONSTANT_FLOW).again()
    for ms in range(seam_ms + 500):
        if ms % 13 == 0 or abs(ms - seam_ms) < 12:
            now = rig.again()
            now.set(**{"release": {"trigger_b": 0}, "lift": {"contact_a": 0}, "estop": {"estop": 1}}[cause])
            at = f"{cause} at {ms} ms"
            comes_home(now, at, FLOWING.back_us // 1000)
            last = given(now)[-1]
            shot = now.told("shot")[-1]
            assert reported_us(shot) == starts(now, last), at
            cut = last.dispensed < len(last.timeline.plunger_us)
            # whole is what has been judged whole, after the last of its words
            assert bool(shot["flags"] & PARTIAL) == cut or (not cut and 0 <= seam_ms - ms < 12), at
            assert abs(shot["measured_dose_nl"] - last.dispensed / steps(20_000) * 20_000) <= 150, at
            whole = sum(not fields["flags"] & PARTIAL for fields in now.told("shot"))
            assert now.told("ended")[-1]["done"] == whole, at
            assert len(now.told("shot")) == len(given(now)), at
        rig.wait(1)


def test_after_a_release_in_mid_flow_the_next_press_goes_on_with_whole_seconds() -> None:
    rig = running(CONSTANT_FLOW).again()
    rig.wait(1_500)
    rig.release()
    rig.until_lamp(ARMED)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    assert [shot["flags"] for shot in rig.told("shot")] == [0, PARTIAL, 0, 0, 0]
    whole = [play.dispensed for play in given(rig) if play.dispensed == len(play.timeline.plunger_us)]
    assert abs(sum(whole) - 4 * steps(20_000)) <= 1


# ---- retrograde ----


def test_a_retrograde_shot_is_one_a_press_and_gives_its_dose_on_the_way_back() -> None:
    rig = Rig().ready(DRAW)
    for _ in range(4):
        rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
        rig.until_lamp(RUNNING)
        rig.until_lamp(ARMED, IDLE)
        rig.release()
    assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE
    total = 0
    for count, (play, shot) in enumerate(zip(given(rig), rig.told("shot"), strict=True), 1):
        timeline = play.timeline
        back_us = timeline.needle_us[timeline.needle_at.index(400)]
        assert [us for us in timeline.plunger_us if us < back_us] == timeline.plunger_us[
            : len(timeline.plunger_us) - int(steps(10_000))
        ]
        assert all(timeline.needle_steps(us) > 0 for us in timeline.plunger_us)
        total += play.dispensed
        assert abs(total - count * steps(10_000)) <= 1
        assert (shot["flags"], reported_us(shot)) == (0, play.start_us)
        assert abs(shot["measured_dose_nl"] - 10_000) <= 150


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["release", "estop"])
def test_a_withdrawal_stops_at_any_moment_partial_dry_and_home(cause: str) -> None:
    rig = running(RETROGRADE).again()
    partial = set()
    for ms in range(DRAWING.back_end_us // 1000 + 20):
        if ms % 3 == 0:
            now = rig.again()
            now.set(**({"trigger_b": 0} if cause == "release" else {"estop": 1}))
            at = f"{cause} at {ms} ms"
            # by the motor as fast as an ordinary retraction, by the spring faster still
            comes_home(now, at, figures_of(a_pass(depth_um=4_000)).back_us // 1000)
            last, shot = given(now)[-1], now.told("shot")[-1]
            cut = last.dispensed < len(last.timeline.plunger_us)
            assert bool(shot["flags"] & PARTIAL) >= cut, at
            if now.desk.now_us() > last.start_us + DRAWING.back_end_us + 200_000:
                assert bool(shot["flags"] & PARTIAL) == cut, at
            assert abs(shot["measured_dose_nl"] - last.dispensed / steps(10_000) * 10_000) <= 150, at
            partial.add(bool(shot["flags"] & PARTIAL))
        rig.wait(1)
    assert partial == {True, False}


# ---- another setting while armed ----

OLD = a_pass(shots=40, depth_um=2_000, dose_nl=10_000, period_us=150_037)
NEW = a_pass(shots=40, depth_um=3_500, dose_nl=6_000, dwell_us=0, period_us=211_111)


def told_as_played(rig: Rig) -> None:
    """Every report is of the stroke that the pins made, setting for setting, and so is every row of the journal."""
    shots = rig.told("shot")
    assert [row[4] for row in rig.device.journal.rows()][::-1] == [shot["commanded_dose_nl"] for shot in shots]
    for shot, play in zip(shots, given(rig), strict=True):
        one = OLD if shot["commanded_depth_um"] == OLD[4] else NEW
        assert max(play.timeline.needle_at) * NM == shot["commanded_depth_um"] * 1000
        assert (shot["commanded_dose_nl"], shot["period_us"]) == (one[6], one[9])
        assert reported_us(shot) == play.start_us
        if not shot["flags"]:
            assert abs(shot["measured_depth_um"] - one[4]) <= 2
            assert abs(shot["measured_dose_nl"] - one[6]) <= 150


def test_a_setting_adjusted_while_armed_is_that_of_the_next_press() -> None:
    rig = Rig().ready(OLD)
    name, armed = rig.ask("adjust", *NEW[4:])
    assert (name, armed["deepest_um"], armed["period_us"], armed["left"]) == ("armed", 3_500, 211_111, 40)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.wait(1_000)
    rig.release()
    rig.until_lamp(ARMED)
    assert {shot["commanded_depth_um"] for shot in rig.told("shot")} == {3_500}
    assert {later.start_us - earlier.start_us for earlier, later in pairwise(given(rig))} == {211_111}
    told_as_played(rig)


def test_a_row_that_waits_with_the_dose_of_a_setting_before_gets_that_of_now() -> None:
    """It waits again when its shot was granted before the setting changed, and revoked after."""
    rig = Rig().ready(OLD)
    device = rig.device
    device.shot_with = device.next_shot_with = device.shot_with.adjusted({"dose_nl": NEW[6]})
    assert (device.journal.waits_with(OLD[6]), device.journal.waits_with(NEW[6])) == (True, False)
    rig.wait(100)
    assert (device.journal.waits_with(OLD[6]), device.journal.waits_with(NEW[6])) == (False, True)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.wait(400)
    assert {row[4] for row in device.journal.rows()} == {NEW[6]}


@cache
def shooting() -> Rig:
    rig = Rig(skip=False).ready(OLD)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(200)
    return rig


@pytest.mark.slow
def test_a_setting_adjusted_while_running_is_swapped_in_at_the_end_of_a_period_whenever_it_is_asked_for() -> None:
    rig = shooting().again()
    for ms in range(OLD[-1] // 1000 + 4):
        if ms % 4 == 0 or ms > 130:
            now = rig.again()
            asked_us = now.desk.now_us()
            assert now.ask("adjust", *NEW[4:])[0] == "armed"
            now.wait(1_000)
            now.release()
            now.until_lamp(ARMED)
            told_as_played(now)
            depths = [max(play.timeline.needle_at) * 10 for play in given(now)]
            first = depths.index(3_500)
            assert depths == [2_000] * first + [3_500] * (len(depths) - first)
            gaps = [later.start_us - earlier.start_us for earlier, later in pairwise(given(now))]
            assert gaps == [OLD[-1]] * first + [NEW[-1]] * (len(gaps) - first), f"asked after {ms} ms"
            assert given(now)[first].start_us <= asked_us + 2 * OLD[-1] + 5_000, "at the latest one granted period later"
        rig.wait(1)


def test_the_doses_of_both_settings_add_up_to_one_plunger_step() -> None:
    rig = shooting().again()
    total = Fraction(0)
    for one in (NEW, OLD, NEW):
        assert rig.ask("adjust", *one[4:])[0] == "armed"
        rig.wait(800)
    rig.release()
    rig.until_lamp(ARMED)
    whole = [(play, shot) for play, shot in zip(given(rig), rig.told("shot"), strict=True) if not shot["flags"]]
    for _, shot in whole:
        total += steps(shot["commanded_dose_nl"])
    assert abs(sum(play.dispensed for play, _ in whole) - total) <= 1
    assert len({shot["commanded_depth_um"] for _, shot in whole}) == 2


TOO_DENSE = [200, 300_000, 60_000, 500_000, 5_000, 2_500_000]  # more plunger steps a needle step than a ring of words holds


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([3_550, *NEW[5:]], refusals.NOT_A_STEP),
        ([10_000, *NEW[5:9], 100_000], refusals.PERIOD_TOO_SHORT),
        ([*NEW[4:6], 500, *NEW[7:]], refusals.OUT_OF_RANGE),
        ([*NEW[4:6], 0, *NEW[7:]], None),  # dry needling is a setting as any other
    ],
)
def test_an_adjustment_that_is_refused_leaves_the_setting_before(values: list[int], code: int | None) -> None:
    rig = shooting().again()
    name, fields = rig.ask("adjust", *values)
    if code is None:
        assert name == "armed"
        return
    assert (name, fields["code"]) == ("refused", code)
    rig.wait(1_000)
    rig.release()
    rig.until_lamp(ARMED)
    assert {later.start_us - earlier.start_us for earlier, later in pairwise(given(rig))} == {OLD[-1]}
    told_as_played(rig)


@pytest.mark.parametrize(("changed", "value"), [("depth_um", 3_550), ("dose_nl", 500), ("dwell_us", 1)])
def test_a_refused_adjustment_names_its_own_field(changed: str, value: int) -> None:
    """Not the field that stands at the same place in a pass."""
    names = [field[0] for field in BY_NAME["adjust"][2]]
    name, refused = (
        shooting().again().ask("adjust", *(value if one == changed else now for one, now in zip(names, NEW[4:], strict=True)))
    )
    assert (name, names[refused["field"]], refused["value"]) == ("refused", changed, value)


def test_an_adjustment_that_cannot_be_compiled_leaves_the_setting_before_and_the_gun_armed() -> None:
    rig = Rig().ready(DRAW)
    name, fields = rig.ask("adjust", *TOO_DENSE)
    assert (name, fields["code"]) == ("refused", refusals.STROKE_TOO_LONG)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.until_lamp(ARMED)
    (shot,) = rig.told("shot")
    assert (shot["commanded_depth_um"], shot["commanded_dose_nl"], shot["flags"]) == (4_000, 10_000, 0)


def test_of_two_adjustments_in_one_period_the_later_counts_and_one_that_fails_is_no_setting() -> None:
    rig = Rig().ready(DRAW)
    assert rig.ask("adjust", 3_000, *DRAW[5:])[0] == "armed"
    assert rig.ask("adjust", 2_500, *DRAW[5:])[0] == "armed"
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.until_lamp(ARMED)
    rig.release()
    assert rig.ask("adjust", *TOO_DENSE)[0] == "refused"
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.until_lamp(ARMED)
    assert [max(play.timeline.needle_at) * 10 for play in given(rig)] == [2_500, 2_500]
    assert [shot["commanded_depth_um"] for shot in rig.told("shot")] == [2_500, 2_500]


def test_an_adjustment_that_waits_is_given_up_for_one_that_fails_and_the_journal_knows() -> None:
    rig = running(RETROGRADE).again()
    assert rig.ask("adjust", *DRAW[4:6], 20_000, *DRAW[7:])[0] == "armed"
    assert rig.ask("adjust", *TOO_DENSE)[0] == "refused"
    rig.until_lamp(ARMED)
    rig.release()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    rig.until_lamp(ARMED)
    assert [shot["commanded_dose_nl"] for shot in rig.told("shot")] == [10_000, 10_000]
    assert [rig.ask("log", back)[1]["commanded_dose_nl"] for back in (0, 1)] == [10_000, 10_000]
    assert all(play.dispensed in (int(steps(10_000)), int(steps(10_000)) + 1) for play in given(rig))


@pytest.mark.slow
@pytest.mark.parametrize("apart_ms", [1, 4])
def test_adjusting_again_while_the_adjusted_period_is_granted_already_changes_nothing_of_that_period(apart_ms: int) -> None:
    """Every answer is kept: "armed" is made, "refused" is not; what is reported is what the pins do."""
    rig = shooting().again()
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    answers = set()
    for _ in range(0, OLD[-1] // 1000 + 8, 2):
        now = rig.again()
        answer = now.ask("adjust", *OLD[4:])[0]
        answers.add(answer)
        now.wait(apart_ms)
        now.ask("adjust", *NEW[4:])
        now.wait(500)
        now.release()
        now.until_lamp(ARMED)
        told_as_played(now)
        assert now.told("ended")[-1]["kind"] == HOLD
        assert now.device.guard.slot in (0, 1)
        rig.wait(2)
    assert answers == {"armed", "refused"}


def test_a_flow_is_adjusted_from_one_second_to_the_next_and_its_depth_only_by_arming_again() -> None:
    """The needle is out when the setting is swapped: one that comes back from elsewhere would not end at home."""
    rig = running(CONSTANT_FLOW).again()
    rig.wait(300)
    for depth_um in (3_000, 5_000):
        name, fields = rig.ask("adjust", depth_um, *FLOW[5:])
        assert (name, fields["code"], fields["field"]) == ("refused", refusals.NOT_WHILE_ARMED, 0)
    assert rig.ask("adjust", *FLOW[4:6], 7_000, *FLOW[7:])[0] == "armed"
    rig.until_lamp(IDLE)
    assert [shot["commanded_dose_nl"] for shot in rig.told("shot")] == [20_000, 7_000, 7_000, 7_000]
    bodies = given(rig)
    assert [later - earlier for earlier, later in pairwise(map(begun_us, bodies))] == [FLOWING.dose_end_us, 1_000_000, 1_000_000]
    assert abs(sum(play.dispensed for play in bodies) - steps(20_000) - 3 * steps(7_000)) <= 1
    assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE


def test_nothing_is_adjusted_but_an_armed_pass() -> None:
    rig = Rig()
    rig.ask("hello", 1)
    assert rig.ask("adjust", *NEW[4:])[1]["code"] == refusals.WRONG_STATE
    rig.home()
    rig.load(OLD)
    assert rig.ask("adjust", *NEW[4:])[1]["code"] == refusals.WRONG_STATE
    rig.arm()
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    rig.set(estop=1)
    rig.wait(50)
    assert rig.ask("adjust", *NEW[4:])[1]["code"] == refusals.WRONG_STATE


# ---- moves that are no shot ----

GAUGE = ("gauge", 3_000)
PRIME = ("prime", 20_000, 200_000, BORE_UM)
MOVES = pytest.mark.parametrize("move", [GAUGE, PRIME], ids=lambda move: move[0])


@MOVES
def test_a_move_is_only_for_a_gun_that_is_homed_unarmed_and_well(move: tuple[str, int]) -> None:
    rig = Rig()
    rig.ask("hello", 1)

    def is_refused(state: int) -> bool:
        assert rig.board.state == state
        name, fields = rig.ask(*move)
        return (name, fields.get("code")) == ("refused", refusals.WRONG_STATE)

    assert is_refused(UNHOMED)
    rig.home()
    rig.load(a_pass())
    rig.arm()
    assert is_refused(ARMED)
    rig.touch()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(RUNNING)
    assert is_refused(RUNNING)
    rig.set(estop=1)
    rig.until_lamp(STOPPED)
    assert is_refused(STOPPED)
    assert len(rig.told("shot")) == 1


@MOVES
def test_a_move_needs_the_trigger_freshly_pressed_and_the_gun_in_the_air(move: tuple[str, int]) -> None:
    rig = Rig()
    rig.home()
    rig.touch()
    played = len(rig.tape.plays)
    assert rig.ask(*move)[0] == "state"
    assert rig.board.state == HOMING
    rig.wait(500)
    rig.press()
    rig.wait(1_000)
    rig.lift()
    rig.wait(1_000)
    assert (len(rig.tape.plays), rig.board.player._present) == (played, None), "on the skin, or by a press begun there"
    rig.release()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(IDLE)
    assert len(rig.tape.plays) == played + 1


def moved(move: tuple[str, int], hold_ms: int) -> Rig:
    rig = Rig(skip=False)
    rig.home()
    rig.wait(50)
    rig.tape.plays.clear()
    rig.ask(*move)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(limits.TRIGGER_RELEASED_MS + 20 + limits.TRIGGER_DEBOUNCE_MS + hold_ms)
    rig.release()
    rig.until_lamp(IDLE)
    rig.wait(100)
    assert not rig.told("shot"), "a move is no shot"
    assert rig.board.state == IDLE
    assert rig.tip_um < HOME_UM
    return rig


def test_the_gauge_goes_slowly_out_stays_to_be_read_and_comes_back() -> None:
    rig = moved(GAUGE, 6_000)
    (play,) = rig.tape.plays
    timeline = play.timeline
    assert (max(timeline.needle_at), timeline.needle_at[-1], timeline.plunger_us) == (300, 0, [])
    out, back = timeline.needle_us[:300], timeline.needle_us[300:]
    assert min(later - earlier for earlier, later in pairwise(out)) >= 1_000, "10 mm/s"
    assert back[0] - out[-1] >= 2_000_000


def test_priming_moves_the_plunger_alone_and_its_volume_is_waste() -> None:
    rig = moved(PRIME, 2_000)
    assert (rig.tape.count(NEEDLE_STEP), rig.tape.count(PLUNGER_STEP)) == (0, int(steps(20_000)))
    assert abs(rig.ask("watch")[1]["waste_nl"] - 20_000) <= 150
    rig.ask(*PRIME)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(IDLE)
    assert abs(rig.ask("watch")[1]["waste_nl"] - 40_000) <= 300


def loaded(rig: Rig, one: list[int], syringe_nl: int) -> Fields:
    """The gun's answer to a program of one pass: what it derived, or why it refuses."""
    begin = [1, BORE_UM, syringe_nl, limits.FLOW_MAX_NL_S]
    assert rig.ask("begin", *begin) == ("ok", {})
    name, said = rig.ask("pass", *one)
    if name == "ok":
        said = rig.ask("commit", frames.digest([frames.body("begin", begin), frames.body("pass", one)]), 0)[1]
    return said


def test_what_was_primed_is_off_the_syringe_until_it_was_seen_out() -> None:
    """20 µl are primed; of 35 filled only 15 are left, for one dose of 10, however often the program is loaded."""
    rig = moved(PRIME, 2_000)
    one = a_pass(mode=SINGLE, shots=1)
    two = a_pass(mode=SINGLE, shots=2)
    refused = loaded(rig, two, 35_000)
    assert refused["code"] == refusals.VOLUME_TOO_LARGE
    assert abs(refused["high"] - 15_000) <= 150
    assert loaded(rig, one, 35_000)["volume_nl"] == 10_000
    rig.arm()
    rig.touch()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 50)
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    assert abs(rig.ask("watch")[1]["used_nl"] - 30_000) <= 150, "a dose is off it as well"
    assert loaded(rig, one, 35_000)["code"] == refusals.NO_SYRINGE
    rig.board.syringe = 0
    rig.wait(200)
    rig.board.syringe = 1
    rig.wait(200)
    assert loaded(rig, two, 35_000)["volume_nl"] == 20_000
    watched = rig.ask("watch")[1]
    assert watched["used_nl"] == 0
    assert abs(watched["waste_nl"] - 20_000) <= 150


def test_what_is_primed_after_the_program_was_loaded_is_off_its_budget() -> None:
    rig = Rig(skip=False)
    rig.home()
    rig.load(a_pass(mode=SINGLE, shots=2), syringe_nl=35_000)
    rig.ask(*PRIME)
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(2_000)
    rig.release()
    rig.arm()
    rig.touch()
    for _ in range(2):
        rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 50)
        rig.wait(limits.TRIGGER_RELEASED_MS + 1_000)
        rig.release()
    assert [shot["shot"] for shot in rig.told("shot")] == [1]
    assert rig.told("ended")[-1]["reason"] == reasons.SYRINGE_EMPTY


@pytest.mark.parametrize("hold_ms", [5, 30, 60, 90])
def test_a_move_stops_when_the_trigger_is_released(hold_ms: int) -> None:
    gauge, prime = moved(GAUGE, hold_ms), moved(PRIME, hold_ms)
    assert 0 < gauge.board.needle.deepest_um <= 500 + 10 * hold_ms, "no deeper than it was, or than the check at homing"
    primed = prime.tape.count(PLUNGER_STEP)
    assert 0 <= primed < int(steps(20_000))
    assert abs(prime.ask("watch")[1]["waste_nl"] - primed / steps(20_000) * 20_000) <= 150


def test_a_plunger_that_does_not_follow_while_priming_is_a_fault() -> None:
    rig = Rig(skip=False)
    rig.home()
    rig.ask(*PRIME)
    rig.happen("plunger-stall")
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.until_lamp(FAULTED)
    assert rig.told("ended")[-1]["reason"] == reasons.DOSE_WRONG


def test_after_a_move_the_gun_is_armed_and_shoots_as_before() -> None:
    rig = moved(PRIME, 1_000)
    rig.load(a_pass(mode=SINGLE, shots=1))
    rig.arm()
    rig.touch()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 50)
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    assert [(ended["kind"], ended["done"]) for ended in rig.told("ended")][-1] == (DONE, 1)
    assert rig.told("ended")[0]["kind"] == HOLD
