"""A pass is armed, adjusted, disarmed, and another one armed: every shot is made and written down as its own."""

from functools import cache

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard import cells
from mesogun_fw.talk import frames, reasons, refusals
from mesogun_fw.talk.messages import ARMED, FAULTED, IDLE, PAUSE, RUNNING, SINGLE

FIRST = a_pass(shots=30, dose_nl=10_000, period_us=150_000)
SECOND = a_pass(index=1, shots=20, depth_um=3_000, dose_nl=6_000, period_us=200_000)
NEW = a_pass(depth_um=3_500, dose_nl=4_000, period_us=210_000)
STEP_NL = 72  # of the plunger, in this syringe
FRESH_MS = limits.TRIGGER_RELEASED_MS + 20


@cache
def first_armed() -> Rig:
    return Rig().ready(FIRST, SECOND)


def armed() -> Rig:
    return first_armed().again()


def shoot(rig: Rig, ms: int = 350) -> Rig:
    """A press of some shots, and the trigger let go."""
    rig.release()
    rig.press(in_ms=FRESH_MS)
    rig.until_lamp(RUNNING)
    rig.wait(ms)
    rig.release()
    rig.until_lamp(ARMED, IDLE)
    return rig


def journal(rig: Rig) -> list[tuple[int, int, int]]:
    """(pass, shot, dose) of every row, the oldest first."""
    return [(row[2], row[3], row[4]) for row in rig.device.journal.rows()][::-1]


def told(rig: Rig) -> list[tuple[int, int, int]]:
    return [(shot["pass_index"], shot["shot"], shot["commanded_dose_nl"]) for shot in rig.told("shot")]


def numbered(rig: Rig) -> list[int]:
    return [row[0] for row in rig.device.journal.rows()][::-1]


def test_a_pass_armed_without_a_press_leaves_no_row_for_the_next_one() -> None:
    rig = armed()
    rig.ask("disarm")
    rig.arm(1)
    shoot(rig)
    assert journal(rig) == told(rig) == [(1, number + 1, 6_000) for number in range(len(told(rig)))]
    assert numbered(rig) == list(range(1, len(told(rig)) + 1))


def test_the_first_shots_of_a_second_pass_stand_in_the_journal_as_its_own() -> None:
    rig = shoot(armed())
    before = len(told(rig))
    rig.ask("disarm")
    rig.arm(1)
    shoot(rig)
    assert journal(rig) == told(rig)
    assert told(rig)[before:][:2] == [(1, 1, 6_000), (1, 2, 6_000)]
    assert {shot["commanded_depth_um"] for shot in rig.told("shot")[before:]} == {3_000}
    assert numbered(rig) == list(range(1, len(told(rig)) + 1))


def test_an_adjusted_pass_that_was_left_gives_nothing_of_its_setting_to_the_next_one() -> None:
    rig = armed()
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    rig.ask("disarm")
    rig.arm(1)
    shoot(rig)
    assert journal(rig) == told(rig)
    assert {dose for _, _, dose in told(rig)} == {6_000}
    assert {shot["commanded_depth_um"] for shot in rig.told("shot")} == {3_000}


def test_an_adjusted_pass_that_is_armed_again_is_as_it_was_loaded() -> None:
    rig = armed()
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    rig.ask("disarm")
    rig.arm(0)
    shoot(rig)
    assert journal(rig) == told(rig)
    assert {(shot["commanded_dose_nl"], shot["commanded_depth_um"]) for shot in rig.told("shot")} == {(10_000, 2_000)}


@pytest.mark.parametrize("after_ms", [20, 100, 138, 143, 146, 149, 152, 160])
def test_every_shot_about_an_adjustment_is_written_down_with_the_dose_that_it_gives(after_ms: int) -> None:
    """The one in flight, the one that may be granted already, and the first of the new setting."""
    rig = armed()
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(after_ms)
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    rig.wait(600)
    rig.release()
    rig.until_lamp(ARMED)
    assert journal(rig) == told(rig)
    doses = [dose for _, _, dose in told(rig)]
    old = doses.count(10_000)
    assert doses == [10_000] * old + [4_000] * (len(doses) - old)
    assert 1 <= old <= 3
    assert [number for _, number, _ in told(rig)] == list(range(1, len(doses) + 1))


def is_told(said: dict[str, int], index: int, left: int, one: list[int], words: int) -> None:
    expected = {"index": index, "left": left, "deepest_um": one[4], "period_us": one[9], "words": words}
    assert {key: said[key] for key in expected} == expected
    assert one[6] - STEP_NL < said["stroke_nl"] <= one[6]


def test_what_is_armed_is_told_as_it_will_be_made() -> None:
    rig = armed()
    shoot(rig)
    left = 30 - len([shot for shot in rig.told("shot") if not shot["flags"]])
    assert left < 30
    strokes = rig.device.strokes
    name, said = rig.ask("adjust", *NEW[4:])
    assert name == "armed"
    is_told(said, 0, left, NEW, strokes[1].used())
    rig.ask("disarm")
    is_told(rig.arm(1), 1, 20, SECOND, strokes[0].used())
    rig.ask("disarm")
    is_told(rig.arm(0), 0, left, FIRST, strokes[0].used())


def test_an_adjustment_changes_no_more_than_it_names() -> None:
    rig = Rig().ready(a_pass(mode=SINGLE))
    assert rig.ask("adjust", *NEW[4:])[0] == "armed"
    shoot(rig, ms=100)
    assert len(rig.told("shot")) == 1, "it is one a press still"


def test_a_program_begun_after_a_commit_is_not_armed_until_it_is_committed() -> None:
    rig = armed()
    rig.ask("disarm")
    assert rig.arm(0)["left"] == 30
    rig.ask("disarm")
    begin = [1, 12_060, 5_000_000, 2_000_000]
    other = a_pass(dose_nl=20_000)
    assert rig.ask("begin", *begin) == ("ok", {})
    assert rig.ask("pass", *other) == ("ok", {})
    name, refused = rig.ask("arm", 0)
    assert (name, refused["code"]) == ("refused", refusals.WRONG_ORDER)
    bodies = [frames.body("begin", begin), frames.body("pass", other)]
    assert rig.ask("commit", frames.digest(bodies), 0)[0] == "program"
    assert rig.arm(0)["left"] == 100


def test_a_disarmed_gun_says_so_and_a_press_starts_nothing() -> None:
    rig = armed()
    name, state = rig.ask("disarm")
    assert (name, state["state"]) == ("state", IDLE)
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"], ended["pass_index"]) == (PAUSE, reasons.DISARMED, 0)
    rig.press(in_ms=FRESH_MS)
    rig.wait(500)
    assert (rig.told("shot"), rig.board.energised, rig.device.guard.phase) == ([], False, cells.OFF)


def test_a_press_while_the_gun_is_being_armed_is_none() -> None:
    """A fresh press is one after the arming: a finger that came first has to let go."""
    rig = armed()
    rig.ask("disarm")
    rig.press()
    rig.wait(50)
    rig.arm(0)
    rig.wait(1_000)
    assert rig.told("shot") == []
    assert shoot(rig).told("shot")


@pytest.mark.parametrize("where", ["unhomed", "armed", "running", "latched"])
def test_only_a_gun_at_rest_whose_needle_is_known_is_armed(where: str) -> None:
    if where == "unhomed":
        rig = Rig()
        rig.ask("hello", 1)
        rig.load(FIRST)
        rig.touch()
    else:
        rig = armed()
        if where == "running":
            rig.press()
            rig.until_lamp(RUNNING)
        elif where == "latched":
            rig.set(estop=1)
            rig.wait(20)
            rig.set(estop=0)
    before = rig.board.state
    name, refused = rig.ask("arm", 0)
    assert (name, refused["code"], refused["value"]) == ("refused", refusals.WRONG_STATE, before)
    assert rig.board.state == before
    if where in ("unhomed", "latched"):
        rig.press(in_ms=FRESH_MS)
        rig.wait(500)
        assert (rig.told("shot"), rig.board.energised) == ([], False)


class Forgetful(bytearray):
    """A memory that keeps nothing any more."""

    def __setitem__(self, *_: object) -> None:
        pass


def test_an_adjustment_that_the_journal_does_not_keep_is_a_fault_and_no_shot_is_made_of_it() -> None:
    rig = armed()
    rig.board.fram.image = Forgetful(rig.board.fram.image)
    name, refused = rig.ask("adjust", *NEW[4:])
    assert (name, refused["code"]) == ("refused", refusals.NOT_STORED)
    rig.wait(20)
    assert (rig.board.state, rig.told("ended")[-1]["reason"]) == (FAULTED, reasons.JOURNAL_FAILED)
    rig.press(in_ms=FRESH_MS)
    rig.wait(500)
    assert (rig.told("shot"), rig.board.energised) == ([], False)


def test_an_adjustment_in_the_last_shot_of_a_pass_is_still_answered() -> None:
    rig = Rig().ready(a_pass(shots=1, period_us=400_000))
    rig.press()
    rig.until_lamp(RUNNING)
    rig.wait(50)
    name, said = rig.ask("adjust", *NEW[4:])
    assert (name, said["left"]) == ("armed", 1)
    rig.release(in_ms=500)
    rig.until_lamp(IDLE)
    assert told(rig) == journal(rig) == [(0, 1, 10_000)]
