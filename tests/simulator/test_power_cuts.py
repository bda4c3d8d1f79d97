"""The power fails at every byte that the device writes into journal and flash, in real sessions on the simulated gun.

Then the same gun, with what its memories hold, is switched on: the journal must say what the pins really did, and nothing
may move. What the pins did is read off the tape: a shot was made when the first edge that moves the needle was.
"""

from collections.abc import Callable

import pytest
from rigs.guns import OUT_PIN, SETUPS, Gun, armed
from rigs.marks import slow

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE
from mesogun_fw.memory.journal import Journal
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import BLANK, CONDITIONS, DAMAGED, FOREIGN, GOOD, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import FAULTED, IDLE, RUNNING, UNHOMED
from mesogun_sim.desk import Desk
from mesogun_sim.memory import Fram, PowerCut

TORN = (None, 0x00, 0x33, 0x5A, 0xA5, 0xFF)  # what may stand where the byte in progress was to go


def switched_on(gun: Gun) -> Gun:
    """The same gun with new power: what its memories hold is all that is left."""
    board = gun.board
    board.fram.cut_after_bytes = board.flash.cut_after_bytes = None
    return Gun(desk=Desk(hand=False, skip=False, fram=board.fram, flash=board.flash))


def session(gun: Gun) -> None:
    """Three presses: two whole shots and one cut short; a whole one, the one granted after it revoked; one cut short."""
    period_ms = gun.device.program.passes[0].period_us // 1000
    for held_ms in (2 * period_ms + 12, period_ms - 2, 12):
        gun.shoot(held_ms)
        gun.release()
        gun.wait(100)
    gun.ask("disarm")


def began(gun: Gun) -> int:
    """Shots whose first edge outwards was made before now."""
    return sum(
        any(when < play.until_us - play.start_us for when in first_moves(play.timeline, play.entered_us)) for play in gun.strokes()
    )


def first_moves(timeline, entered_us: int) -> list[int]:  # type: ignore[no-untyped-def]
    when, pin, level = timeline.edges(timeline.duration_us, entered_us)
    return [int(at) for at, which, up in zip(when, pin, level, strict=True) if 1 << which == OUT_PIN and up][:1]


def written_by(name: str) -> int:
    """Bytes that a whole session writes into the journal."""
    gun = armed(name).again()
    gun.board.fram.cut_after_bytes = before = 10**9
    session(gun)
    assert [shot["flags"] & PARTIAL for shot in gun.told("shot")].count(PARTIAL) == 2
    return before - gun.board.fram.cut_after_bytes


@pytest.mark.parametrize(("name", "every"), [slow(("motor, continuous", 1)), ("air, continuous", 9)])
def test_power_that_fails_at_any_byte_of_the_journal_forgets_no_shot_and_counts_none_twice(name: str, every: int) -> None:
    size = written_by(name)
    assert size > 200
    surplus = set()
    for cut in range(0, size, every):
        gun = armed(name).again()
        gun.board.fram.cut_after_bytes, gun.board.fram.torn_byte = cut, TORN[cut % len(TORN)]
        with pytest.raises(PowerCut):
            session(gun)
        made, known = began(gun), gun.told("shot")
        gun = switched_on(gun)
        journal = gun.device.journal
        at = f"cut after {cut} bytes"
        assert journal.condition == GOOD, f"{at}: {CONDITIONS[journal.condition]}"
        rows = list(journal.rows())[::-1]
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), f"{at}: forgotten or twice"
        assert [row[3] for row in rows] == list(range(1, len(rows) + 1)), at
        assert len(rows) == journal.summary()[0], at
        surplus.add(len(rows) - made)
        assert len(rows) - made in (0, 1), f"{at}: {made} shots made, {len(rows)} written down"
        told = [(row[5], row[6], row[7]) for row in rows[: len(known)]]
        assert told == [(shot["measured_depth_um"], shot["measured_dose_nl"], shot["flags"]) for shot in known], at
        assert all(row[7] == UNCERTAIN for row in rows[len(known) + 1 :]), at
        assert journal.summary()[2] == sum(row[7] == UNCERTAIN for row in rows) <= 2, at
        if cut % 35 == 0:
            stays_still(gun, at)
    assert surplus == {0, 1}, "one that was marked, and not begun, counts as given"


def stays_still(gun: Gun, at: str) -> None:
    """Unhomed, disarmed, without power, whatever the hand does."""
    gun.ask("hello", 1)
    gun.touch()
    gun.press(in_ms=300)
    gun.wait(700)
    assert gun.board.state == UNHOMED, at
    assert gun.ask("arm", 0)[1]["code"] == refusals.WRONG_STATE, at
    assert (gun.tape.plays, gun.tape.power, gun.tip_um) == ([], [], 0), at


def test_a_granted_shot_that_was_revoked_in_time_never_happened() -> None:
    gun = armed("motor, continuous").again()
    gun.shoot(108)
    assert gun.device.journal.in_flight() == 2
    gun.release()
    gun.wait(100)
    assert len(gun.strokes()) == 1
    assert switched_on(gun).device.journal.summary()[::2] == (1, 0)


def test_after_a_power_cut_the_gun_goes_on_counting_where_it_was() -> None:
    gun = armed("motor, continuous").again()
    gun.press()
    gun.wait(150)
    before = len(gun.strokes())
    gun = switched_on(gun)
    assert gun.device.journal.summary()[::2] == (before, 1)
    gun.ready(list(SETUPS["motor, single"].one))
    gun.shoot(ms=200)
    assert [(row[0], row[3]) for row in gun.device.journal.rows()][:2] == [(before + 1, 1), (before, before)]
    name, fields = gun.ask("log", 1)
    assert (name, fields["number"], fields["flags"]) == ("logged", before, UNCERTAIN)


# ---- the description ----


@pytest.mark.slow
@pytest.mark.parametrize("torn", TORN)
def test_power_that_fails_at_any_byte_of_the_description_leaves_the_old_one_or_the_new_one(torn: int | None) -> None:
    other = (*REFERENCE[:1], 250_000, *REFERENCE[2:])
    found = set()
    for cut in range(200):
        gun = Gun()
        gun.ask("hello", 1)
        gun.board.flash.cut_after_bytes, gun.board.flash.torn_byte = cut, torn
        try:
            gun.ask("configure", *other)
        except PowerCut:
            pass
        else:
            assert cut > 60
            break
        gun = switched_on(gun)
        assert gun.board.described, "the slot in use was never touched"
        found.add(gun.device.description.figures())
        if cut % 9 == 0:
            stays_still(gun, f"cut after {cut} bytes")
    assert REFERENCE in found
    assert found <= {REFERENCE, other}
    assert switched_on(gun).device.description.figures() == other


def test_a_gun_whose_description_is_lost_moves_nothing_until_one_is_stored() -> None:
    gun = Gun()
    for slot in range(2):
        gun.board.flash.copy_write(slot, b"lost")
    gun = switched_on(gun)
    gun.ask("hello", 1)
    name, fields = gun.ask("home")
    assert (name, fields["code"]) == ("refused", refusals.NO_DESCRIPTION)
    assert gun.ask("selftest")[1]["failed"] == 4
    assert gun.ask("configure", *REFERENCE)[0] == "gun"
    gun = switched_on(gun)
    gun.home()
    assert gun.board.state == IDLE


# ---- a journal that is not to be believed ----


class Deaf(bytearray):
    """It holds what it held."""

    def __setitem__(self, at: object, value: object) -> None: ...


def filled(fram: Fram, byte: int) -> None:
    fram.image[:] = bytes([byte]) * fram.size


def spoilt(fram: Fram) -> None:
    fram.image[60:560] = b"\x11" * 500


LOST: dict[str, tuple[Callable[[Fram], object], int]] = {
    "blank": (lambda fram: filled(fram, 0), BLANK),
    "erased": (lambda fram: filled(fram, 0xFF), BLANK),
    "damaged": (spoilt, DAMAGED),
    "another gun's": (lambda fram: Journal(fram).format(4_711), FOREIGN),
}


@pytest.mark.parametrize("how", LOST)
def test_without_its_journal_a_gun_is_not_armed_until_a_new_one_is_begun_on_purpose(how: str) -> None:
    spoil, condition = LOST[how]
    gun = armed("motor, continuous").again()
    gun.shoot(ms=150)
    spoil(gun.board.fram)
    gun = switched_on(gun)
    gun.home()
    said = gun.ask("journal")[1]
    assert (said["condition"], said["shots"], said["volume_nl"], said["uncertain"]) == (condition, 0, 0, 0)
    assert gun.ask("log", 0)[1]["number"] == 0
    gun.load(list(SETUPS["motor, single"].one))
    assert gun.ask("arm", 0)[1]["code"] == refusals.HISTORY_UNKNOWN
    image = bytes(gun.board.fram.image)
    name, fields = gun.ask("format", gun.board.serial + 1)
    assert (name, fields["code"], bytes(gun.board.fram.image) == image) == ("refused", refusals.WRONG_SERIAL, True)
    began = gun.ask("format", gun.board.serial)[1]
    epoch = gun.board.boot % 65_536
    assert began == {"condition": GOOD, "epoch": epoch, "shots": 0, "volume_nl": 0, "uncertain": 0}, "what was before is not known"
    gun.arm()
    gun.shoot(ms=200)
    assert gun.ask("journal")[1]["shots"] == 1


def test_a_good_journal_that_is_begun_anew_has_the_next_epoch_and_keeps_it_over_a_start() -> None:
    gun = armed("motor, continuous").again()
    gun.shoot(ms=150)
    gun.ask("disarm")
    gun.until_lamp(IDLE)
    before = gun.ask("journal")[1]
    after = gun.ask("format", gun.board.serial)[1]
    assert (before["shots"] > 0, after["shots"], after["epoch"]) == (True, 0, before["epoch"] + 1)
    gun = switched_on(gun)
    gun.ask("hello", 1)
    assert gun.ask("journal")[1] == after


@pytest.mark.slow
def test_power_that_fails_while_a_new_journal_is_begun_never_leaves_one_that_looks_good() -> None:
    for cut in [*range(0, 8_192, 211), *range(8_192, 8_192 + 36)]:
        gun = Gun()
        spoilt(gun.board.fram)
        gun = switched_on(gun)
        gun.ask("hello", 1)
        gun.board.fram.cut_after_bytes, gun.board.fram.torn_byte = cut, TORN[cut % len(TORN)]
        with pytest.raises(PowerCut):
            gun.ask("format", gun.board.serial)
        gun = switched_on(gun)
        condition = gun.device.journal.condition
        assert condition != GOOD or cut == 8_192 + 35, f"{cut}: {CONDITIONS[condition]}"


def test_a_memory_that_does_not_keep_what_is_written_is_a_fault_before_the_next_shot() -> None:
    gun = armed("motor, continuous").again()
    gun.shoot()
    gun.board.fram.image = Deaf(gun.board.fram.image)
    gun.wait(300)
    assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.JOURNAL_FAILED)
    assert len(gun.strokes()) <= 2
    assert not gun.board.energised


def test_a_shot_that_is_not_written_down_ahead_does_not_start() -> None:
    """A loop that is slow, not dead: the guard marks what stands prepared, and pauses when nothing does."""
    gun = armed("air, continuous").again()
    gun.shoot()
    gun.desk.loop_runs = False
    gun.wait(limits.LOOP_DEAD_MS - 2)
    gun.desk.loop_runs = True
    gun.wait(100)
    assert gun.told("ended")[-1]["reason"] == reasons.JOURNAL_BEHIND
    assert gun.device.journal.summary()[0] == len(gun.strokes()) == len(gun.told("shot")) <= 3
    assert gun.board.state == IDLE != RUNNING
