"""What the gun keeps: description and journal are written when they are meant, whole or not at all, and then it starts again."""

import pytest
from rigs.atrest import FIRST, homed, press
from rigs.rig import Rig

from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.device import keeping
from mesogun_fw.memory.copies import WriteFailed
from mesogun_fw.memory.description import stored
from mesogun_fw.memory.layout import PROGRAM_SIZE
from mesogun_fw.talk import refusals
from mesogun_fw.talk.codes import DAMAGED, GOOD
from mesogun_fw.talk.messages import GUN, UNHOMED

OTHER = (*REFERENCE[:1], 250_000, *REFERENCE[2:])
BRAKES_TOO_HARD = (*REFERENCE[:2], 29_999, *REFERENCE[3:])


def row(rig: Rig, name: str, *values: int) -> list[int]:
    answer, fields = rig.ask(name, *values)
    assert answer == "refused"
    return list(fields.values())


def kept(rig: Rig) -> tuple[int, ...]:
    return stored(rig.board.flash).figures()


def test_a_description_is_stored_as_it_was_given_and_is_not_in_use_before_the_next_start() -> None:
    rig = homed()
    name, fields = rig.ask("configure", *OTHER)
    assert (name, tuple(fields.values())) == ("gun", OTHER)
    assert kept(rig) == OTHER
    assert tuple(rig.ask("hardware")[1].values()) == REFERENCE
    assert rig.device.description.figures() == REFERENCE
    assert [field[0] for field in GUN] == list(fields)


def test_a_second_description_waits_until_the_gun_has_started_with_the_first() -> None:
    rig = homed()
    rig.ask("configure", *OTHER)
    assert row(rig, "configure", *REFERENCE) == [refusals.RESTART_DUE, -1, 0, 0, 0]
    assert kept(rig) == OTHER


def test_a_description_that_no_gun_can_have_is_refused_and_the_gun_may_go_on() -> None:
    rig = homed()
    with pytest.raises(ValueError, match="quarter"):
        Description(BRAKES_TOO_HARD)
    assert row(rig, "configure", *BRAKES_TOO_HARD) == [refusals.NOT_PLAUSIBLE, -1, 0, 0, 0]
    assert kept(rig) == REFERENCE
    assert not rig.device.restart_due
    rig.load(FIRST)
    rig.arm()


def test_a_description_that_the_memory_does_not_take_is_refused_and_the_gun_may_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = homed()

    def fails(*_: object) -> None:
        raise WriteFailed

    monkeypatch.setattr(keeping, "store", fails)
    assert row(rig, "configure", *OTHER) == [refusals.NOT_STORED, -1, 0, 0, 0]
    assert not rig.device.restart_due


@pytest.mark.parametrize("off", [1, -1])
def test_a_new_journal_is_begun_only_for_the_serial_number_of_this_gun(off: int) -> None:
    rig = homed()
    rig.load(FIRST)
    rig.arm()
    rig.touch()
    press(rig)
    rig.ask("disarm")
    serial = rig.board.serial
    assert row(rig, "format", serial + off) == [refusals.WRONG_SERIAL, 0, serial + off, serial, serial]
    assert rig.ask("journal")[1]["shots"] == 1
    assert rig.ask("format", serial)[1] == {"condition": GOOD, "epoch": 1, "shots": 0, "volume_nl": 0, "uncertain": 0}
    assert rig.ask("log", 0)[1]["number"] == 0


def test_where_the_old_journal_is_unknown_the_new_one_has_the_number_of_this_start() -> None:
    rig = homed()
    rig.device.journal.condition = DAMAGED
    rig.board.boot = 4_711
    assert rig.ask("format", rig.board.serial)[1]["epoch"] == 4_711


def test_a_gun_starts_again_only_when_it_was_told_to() -> None:
    rig = homed()
    starts = rig.board.restarts
    rig.ask("configure", *OTHER)
    rig.wait(200)
    assert (rig.board.restarts, rig.device.leaving) == (starts, False)
    assert rig.ask("restart") == ("ok", {})
    rig.beats = False
    rig.wait(20)
    assert rig.board.restarts == starts + 1
    assert (rig.device.state, rig.device.restart_due, rig.device.description.figures()) == (UNHOMED, False, OTHER)


def test_a_program_is_known_to_the_journal_by_its_fingerprint_and_its_tag() -> None:
    rig = homed()
    rig.load(FIRST)
    rig.device.program.number |= 65_535 << 48
    rig.arm()
    rig.touch()
    press(rig)
    logged = rig.ask("log", 0)[1]
    assert logged["digest"] == rig.device.program.number & (1 << 48) - 1
    assert (logged["tag"], 8 * PROGRAM_SIZE) == (65_535, 64)
