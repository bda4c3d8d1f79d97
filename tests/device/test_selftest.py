"""What a gun tests at power-on, without moving: what fails keeps it locked, or keeps it from moving, and is told by name."""

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.boards.ram import memory_holds
from mesogun_fw.device.selftest import LATCHING
from mesogun_fw.talk import frames, reasons, refusals
from mesogun_fw.talk.codes import TESTS
from mesogun_fw.talk.messages import FAULTED, HOMING, IDLE, STOPPED, UNHOMED
from mesogun_sim.memory import Fram


def at_power_on(**fields: int) -> Rig:
    """A gun switched on with these switches and figures."""
    rig = Rig()
    for name, value in fields.items():
        setattr(rig.board, name, value)
    rig.ask("hello", 1)
    rig.wait(50)
    return rig


def failed(rig: Rig) -> set[str]:
    name, fields = rig.ask("selftest")
    assert name == "tested", fields
    return {test for bit, test in enumerate(TESTS) if fields["failed"] >> bit & 1}


@pytest.mark.parametrize(
    "fields",
    [{"trigger_a": 1, "trigger_b": 1}, {"trigger_a": 1}, {"trigger_b": 1}, {"contact_a": 1, "contact_b": 1}, {"supply_mv": 12_000}],
    ids=str,
)
def test_what_is_pressed_closed_or_starved_at_power_on_locks_the_gun_until_it_is_cleared(fields: dict[str, int]) -> None:
    rig = at_power_on(**fields)
    assert rig.board.state == FAULTED
    assert rig.told("ended")[0]["reason"] == reasons.SELF_TEST
    assert rig.ask("home")[1]["code"] == refusals.WRONG_STATE
    assert not rig.tape.plays
    rig.set(trigger_a=0, trigger_b=0, contact_a=0, contact_b=0, supply_mv=24_000, clear=1)
    rig.wait(300)
    rig.set(clear=0)
    rig.wait(300)
    assert rig.board.state == UNHOMED, "tested again, and well"
    assert failed(rig) == set()


def test_cleared_with_the_same_thing_still_wrong_it_locks_again() -> None:
    rig = at_power_on(supply_mv=limits.SUPPLY_MIN_MV - 1)
    rig.set(clear=1)
    rig.wait(300)
    rig.set(clear=0)
    rig.wait(300)
    assert rig.board.state == FAULTED
    told = [ended["reason"] for ended in rig.told("ended")]
    assert len(told) > 1
    assert set(told) == {reasons.SELF_TEST}


def test_an_open_e_stop_is_an_e_stop() -> None:
    assert at_power_on(estop=1).board.state == STOPPED


def test_one_skin_contact_closed_may_be_the_gun_lying_on_a_table() -> None:
    rig = at_power_on(contact_a=1)
    assert rig.board.state == UNHOMED
    assert failed(rig) == set()


@pytest.mark.parametrize("bit", range(len(TESTS)), ids=TESTS)
def test_a_part_that_the_board_finds_failing_is_told_by_name_and_locks_what_must_be_locked(bit: int) -> None:
    rig = at_power_on(failing=1 << bit)
    if LATCHING >> bit & 1:
        assert rig.board.state == FAULTED
    else:
        assert rig.board.state == UNHOMED
        assert failed(rig) == {TESTS[bit]}


def test_a_gun_without_a_description_of_its_own_moves_nothing() -> None:
    rig = at_power_on(described=0)
    assert failed(rig) == {"hardware description"}
    assert rig.ask("home")[0] == "refused"
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(1_000)
    assert not rig.tape.plays


def test_a_gun_whose_journal_is_lost_arms_nothing_until_another_is_begun() -> None:
    rig = Rig()
    rig.board.fram.image[:64] = bytes(64)
    rig.device.journal.take_up(rig.board.serial)
    rig.home()
    assert failed(rig) == {"journal"}
    rig.load(a_pass())
    assert rig.ask("arm", 0)[1]["code"] == refusals.HISTORY_UNKNOWN
    assert rig.ask("format", rig.board.serial + 1)[1]["code"] == refusals.WRONG_SERIAL
    assert rig.ask("format", rig.board.serial)[0] == "journaled"
    assert rig.ask("arm", 0)[0] == "armed"
    assert isinstance(rig.board.fram, Fram)


def test_asked_while_something_may_start_it_is_refused() -> None:
    assert Rig().ready().ask("selftest")[1]["code"] == refusals.WRONG_STATE


class Stuck(bytearray):
    """Memory with a bit that stays."""

    def __init__(self, size: int, at: int, mask: int, level: int) -> None:
        super().__init__(size)
        self._at, self._mask, self._level = at, mask, level

    def __setitem__(self, at: object, value: object) -> None:
        assert isinstance(at, int)
        assert isinstance(value, int)
        if at == self._at:
            value = value | self._mask if self._level else value & ~self._mask
        super().__setitem__(at, value)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("bit", range(8))
def test_a_memory_with_one_stuck_bit_does_not_hold(bit: int, level: int) -> None:
    assert memory_holds(bytearray(300))
    for at in (0, 1, 255, 256, 299):
        assert not memory_holds(Stuck(300, at, 1 << bit, level))


# ---- a test in pieces ----

PIECES = 20


def in_pieces(rig: Rig, patch: pytest.MonkeyPatch, failing: int = 0) -> list[int]:
    """The board needs so many turns for its test; the turn of each piece, by the device's clock."""
    made: list[int] = []

    def selftest() -> int:
        made.append(rig.now_ms)
        return -1 if len(made) % PIECES else failing

    patch.setattr(rig.board, "selftest", selftest)
    return made


def test_the_welcome_is_answered_before_the_self_test_is_over_and_a_move_only_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    made = in_pieces(rig, monkeypatch)
    assert rig.ask("hello", 1)[0] == "welcome"
    assert len(made) <= 1
    asked = rig.say("home")
    rig.until(lambda: asked in rig.answers)
    assert len(made) == PIECES
    assert len(set(made)) == PIECES, "a piece a turn"
    assert rig.answers[asked][0] == "state"
    assert rig.board.state == HOMING


def test_what_waits_for_the_self_test_is_refused_when_that_fails_and_the_gun_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    in_pieces(rig, monkeypatch, failing=1 << TESTS.index("memory"))
    rig.ask("hello", 1)
    assert rig.ask("home")[1]["code"] == refusals.WRONG_STATE
    assert rig.board.state == FAULTED
    assert rig.told("ended")[0]["reason"] == reasons.SELF_TEST


def test_a_request_that_waits_is_answered_once_however_often_it_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    made = in_pieces(rig, monkeypatch)
    rig.ask("hello", 1)
    begun: list[int] = []
    monkeypatch.setattr(rig.device.guard, "arm", lambda now_ms, arm=rig.device.guard.arm: (begun.append(now_ms), arm(now_ms)))
    asked = rig.say("home")
    rig.desk.send(frames.encode(asked, "home", []))
    rig.until(lambda: asked in rig.answers)
    rig.desk.send(frames.encode(asked, "home", []))
    rig.wait(200)
    assert len(begun) == 1
    assert len(made) == PIECES


def test_asked_by_the_host_it_is_answered_after_its_last_piece_and_does_not_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.home()
    made = in_pieces(rig, monkeypatch, failing=1 << TESTS.index("memory"))
    assert failed(rig) == {"memory"}
    assert len(set(made)) == PIECES
    assert rig.board.state == IDLE


def test_cleared_at_the_gun_nothing_moves_before_it_is_tested_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = at_power_on(supply_mv=12_000)
    made = in_pieces(rig, monkeypatch)
    rig.set(supply_mv=24_000, clear=1)
    rig.until(lambda: rig.board.state == UNHOMED)
    assert not rig.device.tested
    assert rig.ask("home")[0] == "state"
    assert len(made) == PIECES
