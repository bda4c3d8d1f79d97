"""Each part of the self-test finds its own failure, by its own bit, with all else well; and it is known which of them lock."""

from functools import cache

import pytest
from rigs.guns import Gun

from mesogun_fw import limits
from mesogun_fw.device.selftest import LATCHING, selftest
from mesogun_fw.guard import inputs
from mesogun_fw.talk import codes
from mesogun_fw.talk.messages import FAULTED, UNHOMED

WELL = {"stepper": limits.SUPPLY_MIN_MV, "pneumatic": limits.SUPPLY_LOGIC_MIN_MV}  # just


@cache
def _cold(drive: str) -> Gun:
    gun = Gun(drive)
    gun.wait(5)
    return gun


def found(drive: str = "stepper", condition: int = codes.GOOD, described: bool = True, board: int = 0, **changed: int) -> list[str]:
    """What fails in a gun with nothing else wrong, and no more of its supply than it needs."""
    gun = _cold(drive).again()
    x = gun.board.inputs
    x[inputs.SUPPLY_MV] = WELL[drive]
    for name, value in changed.items():
        x[getattr(inputs, name)] = value
    gun.device.journal.condition = condition
    gun.board.described, gun.board.failing = described, board
    failed = selftest(gun.board, x, gun.device.journal)
    return [test for bit, test in enumerate(codes.TESTS) if failed >> bit & 1]


@pytest.mark.parametrize("drive", WELL)
def test_a_gun_with_as_much_supply_as_it_needs_is_well_and_with_a_millivolt_less_is_not(drive: str) -> None:
    assert found(drive) == []
    assert found(drive, SUPPLY_MV=WELL[drive] - 1) == ["supply"]


def test_a_gun_that_nobody_has_described_is_not_locked_by_what_may_be_no_supply() -> None:
    """By air the depth stop's sensor is where a motor's supply is measured: locked by that, it could never be described."""
    assert found(described=False, SUPPLY_MV=7_258) == ["hardware description"]


@pytest.mark.parametrize(
    ("closed", "fails"),
    [
        (("TRIGGER_A",), ["trigger pressed at start"]),
        (("TRIGGER_B",), ["trigger pressed at start"]),
        (("TRIGGER_A", "TRIGGER_B"), ["trigger pressed at start"]),
        (("CONTACT_A",), []),
        (("CONTACT_B",), []),
        (("CONTACT_A", "CONTACT_B"), ["skin contact closed at start"]),
        (("ESTOP_OPEN",), ["e-stop open"]),
    ],
)
def test_each_switch_that_is_closed_at_start_is_found_by_itself(closed: tuple[str, ...], fails: list[str]) -> None:
    assert found(**dict.fromkeys(closed, 1)) == fails


@pytest.mark.parametrize("condition", [codes.BLANK, codes.DAMAGED, codes.FOREIGN])
def test_a_journal_in_any_condition_but_good_is_found(condition: int) -> None:
    assert found(condition=condition) == ["journal"]


def test_a_description_that_is_not_there_is_found() -> None:
    assert found(described=False) == ["hardware description"]


@pytest.mark.parametrize("bit", range(len(codes.TESTS)), ids=codes.TESTS)
def test_what_the_board_finds_is_told_beside_what_is_found_here(bit: int) -> None:
    assert found(board=1 << bit) == [codes.TESTS[bit]]
    assert set(found(board=1 << bit, ESTOP_OPEN=1)) == {codes.TESTS[bit], "e-stop open"}


def test_a_board_that_is_not_done_yet_has_found_nothing() -> None:
    gun = _cold("stepper").again()
    gun.board.failing = -1
    assert selftest(gun.board, gun.board.inputs, gun.device.journal) == -1


def test_all_locks_but_what_a_request_puts_right() -> None:
    names = [test for bit, test in enumerate(codes.TESTS) if not LATCHING >> bit & 1]
    assert names == ["hardware description", "journal"]
    assert 1 << len(codes.TESTS) > LATCHING


@pytest.mark.parametrize(
    ("also", "state"), [({}, UNHOMED), ({"failing": 1 << codes.MEMORY}, FAULTED)], ids=["alone", "with failing memory"]
)
def test_what_does_not_lock_alone_does_not_keep_what_locks_from_locking(also: dict[str, int], state: int) -> None:
    gun = Gun()
    gun.board.described = False
    for name, value in also.items():
        setattr(gun.board, name, value)
    gun.wait(100)
    assert gun.board.state == state
    assert gun.device.tested


def test_bits_have_their_names_in_one_order() -> None:
    assert [codes.TESTS[bit] for bit in (codes.MEMORY, codes.FILES, codes.DESCRIPTION, codes.JOURNAL)] == [
        "memory", "firmware files", "hardware description", "journal",
    ]  # fmt: skip
    assert [codes.TESTS[bit] for bit in (codes.NEEDLE_ENCODER, codes.PLUNGER_ENCODER, codes.LAMP)] == [
        "needle encoder", "plunger encoder", "sounder and lamp",
    ]  # fmt: skip
    assert [codes.CONDITIONS[condition] for condition in (codes.BLANK, codes.DAMAGED, codes.FOREIGN, codes.GOOD)] == [
        "blank", "damaged", "of another gun", "good",
    ]  # fmt: skip
