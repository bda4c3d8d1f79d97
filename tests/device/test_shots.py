"""What became of a shot is told with its own figures, is in the journal with the same, and is counted once."""

import pytest
from rigs.atrest import DIGEST, FIRST, TAG, press, second_pass, status
from rigs.guns import Gun
from rigs.rig import BORE_UM, Fields, Rig, a_pass
from rigs.tape import Play

from mesogun_fw import limits
from mesogun_fw.device.shots import DEPTH_SAID_UM, DOSE_SAID_NL
from mesogun_fw.device.swept import swept_nl
from mesogun_fw.guard import cells, notes
from mesogun_fw.guard.marks import begin
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, GOOD, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import FAULT, RUNNING


def noted(rig: Rig, start_ms: int = 0, start_us: int = 0, depth_um: int = 0, travel_nm: int = 0, flags: int = 0) -> Fields:
    """The report of a shot that the guard has begun, and noted as this."""
    c, fram = rig.device.guard.cells, rig.board.fram
    assert begin(c)
    fram.mark(c[cells.MARK_AT], c[cells.MARK])
    c[cells.MARK_AT] = 0
    at = cells.NOTES_AT + c[cells.NOTED] % cells.NOTES * cells.NOTE_SIZE
    for i, figure in enumerate((notes.NOTE_SHOT, 0, start_ms, start_us, depth_um, travel_nm, flags)):
        c[at + i] = figure
    c[cells.NOTED] += 1
    rig.wait(100)
    return rig.told("shot")[-1]


def strokes(rig: Rig) -> list[Play]:
    return [play for play in rig.tape.plays if play.dispenses]


def test_a_shot_is_told_with_its_pass_its_number_its_setting_and_when_it_began() -> None:
    rig = second_pass()
    cut, whole = rig.told("shot")
    for n, (shot, play) in enumerate(zip((cut, whole), strokes(rig), strict=True), 1):
        assert (shot["pass_index"], shot["shot"]) == (1, n), "every attempt counts"
        assert (shot["commanded_depth_um"], shot["commanded_dose_nl"], shot["period_us"]) == (3_000, 12_000, 410_000)
        assert shot["at_ms"] * 1000 + shot["at_us"] == play.start_us
        assert shot["measured_dose_nl"] == pytest.approx(swept_nl(625 * play.dispensed, BORE_UM), abs=150)
    assert (cut["flags"], whole["flags"]) == (PARTIAL, 0)
    assert whole["measured_depth_um"] == pytest.approx(3_000, abs=3)
    assert 0 < cut["measured_depth_um"] <= 3_003
    assert cut["measured_dose_nl"] < 11_000


def test_the_journal_tells_the_same_shots_whose_program_and_tag_they_are_of() -> None:
    rig = second_pass()
    for back, shot in enumerate(reversed(rig.told("shot"))):
        assert rig.ask("log", back)[1] == {
            "number": 2 - back, "digest": DIGEST, "pass_index": 1, "shot": shot["shot"],
            "commanded_dose_nl": 12_000, "measured_depth_um": shot["measured_depth_um"],
            "measured_dose_nl": shot["measured_dose_nl"], "flags": shot["flags"], "tag": TAG,
        }  # fmt: skip
    assert set(rig.ask("log", 2)[1].values()) == {0}, "there is none so far back"


def test_the_journal_adds_up_what_was_made_and_what_is_uncertain() -> None:
    rig = second_pass()
    said = {"condition": GOOD, "epoch": 0, "shots": 2, "volume_nl": 24_000, "uncertain": 0}
    assert rig.ask("journal")[1] == said
    rig.ask("disarm")
    for epoch in (1, 2):
        assert rig.ask("format", rig.board.serial)[1] == {**said, "epoch": epoch, "shots": 0, "volume_nl": 0}


def test_a_journal_that_is_not_good_tells_its_condition_and_no_figures() -> None:
    rig = second_pass()
    rig.device.journal.take_up(rig.board.serial + 1)
    condition = rig.device.journal.condition
    assert condition != GOOD
    said = rig.ask("journal")[1]
    assert said == {"condition": condition, "epoch": 0, "shots": 0, "volume_nl": 0, "uncertain": 0}
    assert set(rig.ask("log", 0)[1].values()) == {0}


def test_the_guards_notes_are_read_in_order_when_their_ring_has_gone_round() -> None:
    rig = second_pass()
    for n in range(3, 2 * cells.NOTES):
        shot = noted(rig, start_ms=n)
        assert (shot["shot"], shot["at_ms"]) == (n, n)
    c = rig.device.guard.cells
    assert c[cells.READ] == c[cells.NOTED] > cells.NOTES


@pytest.mark.parametrize("sign", [1, -1])
def test_a_measured_figure_beyond_what_is_said_is_said_as_the_most(sign: int) -> None:
    """A line has room for so much: an encoder gone mad must not end the loop."""
    shot = noted(second_pass(), 17, 3, sign << 28, sign << 29, DOSE_OFF)
    assert (shot["measured_depth_um"], shot["measured_dose_nl"]) == (sign * DEPTH_SAID_UM, sign * DOSE_SAID_NL)
    assert (shot["at_ms"], shot["at_us"], shot["flags"]) == (17, 3, DOSE_OFF)


@pytest.mark.parametrize("flags", range(16))
def test_all_but_a_shot_cut_short_fill_their_place_in_the_pass(flags: int) -> None:
    rig = second_pass()
    device = rig.device
    done, used_nl, clicks = device.done(), device.used_nl, rig.board.clicks
    shot = noted(rig, flags=flags)
    assert (shot["flags"], shot["shot"]) == (flags, 3), "every attempt has a number"
    cut_short = flags & PARTIAL and not flags & UNCERTAIN
    assert device.done() == done + (not cut_short)
    assert device.used_nl == used_nl + 12_000, "one cut short is counted whole"
    assert rig.board.clicks == clicks + 1
    assert next(device.journal.rows())[7] == flags


def test_the_passes_of_a_program_are_counted_apart_and_a_new_program_begins_at_zero() -> None:
    rig = second_pass()
    rig.ask("disarm")
    rig.arm(0)
    press(rig)
    assert [(shot["pass_index"], shot["shot"]) for shot in rig.told("shot")] == [(1, 1), (1, 2), (0, 1)]
    assert status(rig)["done"] == 1
    rig.ask("disarm")
    assert rig.arm(1)["left"] == 2
    rig.ask("disarm")
    rig.load(FIRST)
    assert status(rig)["index"] == -1, "nothing is armed of it, and nothing done"
    assert status(rig)["done"] == 0
    assert rig.arm(0)["left"] == 2
    press(rig)
    assert rig.told("shot")[-1]["shot"] == 1


def test_a_shot_that_nobody_judged_is_told_as_uncertain_with_the_one_granted_after_it() -> None:
    gun = Gun()
    gun.ready(a_pass(period_us=200_000))
    gun.press()
    gun.until_lamp(RUNNING)
    while not gun.guard.cells[cells.GRANTED]:
        gun.wait(1)
    gun.desk.guard_runs = False
    gun.wait(limits.GUARD_DEAD_MS + 10)
    gun.desk.guard_runs = True
    gun.wait(100)
    one, other = gun.told("shot")
    assert (one["flags"], other["flags"]) == (UNCERTAIN, UNCERTAIN)
    assert (one["shot"], other["shot"]) == (1, 2)
    assert one["measured_depth_um"] == pytest.approx(2_000, abs=5)
    assert one["measured_dose_nl"] > 0
    assert (other["measured_depth_um"], other["measured_dose_nl"]) == (0, 0), "nobody saw anything of it"
    assert other["at_ms"] * 1000 + other["at_us"] == one["at_ms"] * 1000 + one["at_us"] + 200_000
    assert (gun.told("ended")[-1]["kind"], gun.told("ended")[-1]["reason"]) == (FAULT, reasons.GUARD_DEAD)
    assert gun.told("ended")[-1]["done"] == 2
    assert gun.ask("journal")[1]["uncertain"] == 2
