"""While flash is written no code runs, neither guard nor loop: it is refused when anything may move, and if it happened there
all the same, what plays is the finite list. FRAM, written at every shot, is over before anybody could notice.
"""

from collections.abc import Callable

import pytest
from rigs.guns import ENCODER_STEP_UM, HOME_UM, SETUPS, Gun, armed, moments, shooting
from rigs.marks import mostly_slow

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE
from mesogun_fw.guard.cells import EXPECTED
from mesogun_fw.guard.expected import DOSE_END_US
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import FAULTED, HOLD, IDLE, RUNNING, STATES, UNHOMED
from mesogun_sim.board import FIFO_BYTES
from mesogun_sim.costs import BOOT_MS
from mesogun_sim.memory import ERASE_US, Fram

NAMES = pytest.mark.parametrize("name", mostly_slow(SETUPS, 3))
OTHER = (*REFERENCE[:1], 250_000, *REFERENCE[2:])  # a slower needle


def homed() -> Gun:
    gun = Gun()
    gun.home()
    return gun


def cold() -> Gun:
    gun = Gun()
    gun.ask("hello", 1)
    return gun


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("start", [cold, homed])
def test_a_description_is_stored_while_nothing_may_start_and_the_gun_lives_on(start: Callable[[], Gun], seed: int) -> None:
    gun = start()
    gun.board.flash._seed = seed  # how slow the chip is
    before_ms = gun.now_ms
    assert gun.ask("configure", *OTHER)[0] == "gun"
    stalled_ms = gun.now_ms - before_ms
    assert ERASE_US[0] // 1000 <= stalled_ms <= ERASE_US[1] // 1000 + 60, "a turn of the loop before it, and the writing"
    gun.wait(1_000)
    assert not gun.told("ended") or gun.told("ended")[-1]["kind"] < 3
    assert gun.ask("watch")[1]["state"] == gun.board.state == (IDLE if start is homed else UNHOMED)


def test_chips_as_slow_as_they_may_be_were_among_them() -> None:
    seen = set()
    for seed in range(8):
        gun = cold()
        gun.board.flash._seed = seed
        before_ms = gun.now_ms
        gun.ask("configure", *OTHER)
        seen.add(gun.now_ms - before_ms)
    assert max(seen) >= ERASE_US[1] // 1000


def test_a_gun_with_another_description_stored_than_in_use_is_not_armed_until_it_has_started_again() -> None:
    gun = homed()
    gun.ask("configure", *OTHER)
    gun.load(list(SETUPS["motor, single"].one))
    assert gun.ask("arm", 0)[1]["code"] == refusals.RESTART_DUE
    assert gun.ask("hardware")[1]["needle_um_s"] == 300_000
    assert gun.ask("restart")[0] == "ok"
    gun.wait(100 + BOOT_MS)
    assert gun.board.state == UNHOMED
    gun.seq, gun.events, gun.answers = 0, [], {}
    gun.home()
    assert gun.ask("hardware")[1]["needle_um_s"] == 250_000
    gun.load(list(SETUPS["motor, single"].one))
    gun.arm()


def test_flash_is_not_written_in_any_other_state() -> None:
    seen = set()
    for gun in states():
        operations, state = gun.board.flash._operations, gun.board.state
        seen.add(STATES[state])
        name, fields = gun.ask("configure", *OTHER)
        assert (name, fields["code"]) == ("refused", refusals.WRONG_STATE), STATES[state]
        assert gun.board.flash._operations == operations
        assert gun.ask("format", gun.board.serial)[1]["code"] == refusals.WRONG_STATE
        assert gun.ask("restart")[1]["code"] == refusals.WRONG_STATE
    assert seen == set(STATES) - {"unhomed", "idle"}


def states() -> list[Gun]:
    """A gun in every state in which something moves, may start, or is locked."""
    homing = homed()
    homing.ask("home")
    returning, faulted, stopped = (shooting("motor, single").again() for _ in range(3))
    returning.wait(40)
    returning.release()
    returning.wait(3)
    faulted.happen("too-hot")
    stopped.set(estop=1)
    for gun in (faulted, stopped):
        gun.wait(100)
    return [homing, armed("motor, single").again(), shooting("motor, continuous").again(), returning, faulted, stopped]


def test_a_gun_that_was_told_to_start_again_takes_no_more_requests_however_slowly_its_host_reads() -> None:
    """Else it could be armed meanwhile, and start again in the middle of a shot."""
    gun = homed()
    gun.load(list(SETUPS["motor, single"].one))
    gun.board.to_host += b"x" * FIFO_BYTES  # nobody reads
    gun.desk.advance(gun.now_ms + 5)
    gun.say("restart")
    gun.say("arm", 0)
    gun.desk.advance(gun.now_ms + 20)
    assert gun.board.state == IDLE
    gun.desk.receive()
    gun.desk.advance(gun.now_ms + 20)
    assert gun.board.state == UNHOMED


# ---- a stall that must not be ----


@NAMES
@pytest.mark.parametrize("stall_ms", mostly_slow([3, 45, 100, 400], 2))
def test_a_stall_of_guard_and_loop_at_any_moment_of_a_shot_ends_with_the_needle_home(name: str, stall_ms: int) -> None:
    for at, gun in moments(name, every_ms=5 if stall_ms == 100 else 11):
        strokes = len(gun.strokes())
        gun.desk.code_runs = False
        gun.wait(stall_ms)
        gun.desk.code_runs = True
        after_ms = gun.now_ms
        while gun.tip_um >= HOME_UM or gun.now_ms == after_ms:
            gun.wait(1)
            assert gun.now_ms - after_ms < 21 + gun.guard.stroke.figures.back_us // 1000, f"{at}: not home"
        gun.wait(150)
        assert gun.tip_um < HOME_UM, at
        assert gun.board.needle.deepest_um <= SETUPS[name].one[4] + ENCODER_STEP_UM, at
        played = gun.strokes()
        assert len(played) - strokes <= 1, f"{at}: more than was granted"
        if gun.board.state != FAULTED:
            assert gun.told("ended")[-1]["kind"] <= HOLD, f"{at}: {gun.told('ended')}"
        else:
            assert gun.told("ended")[-1]["reason"] == reasons.GUARD_LATE, at
        assert not gun.board.energised, at
        is_accounted(gun, at)
        gun.wait(500)
        assert len(gun.strokes()) == len(played), f"{at}: a shot that nobody asked for"


def is_accounted(gun: Gun, at: str) -> None:
    """Every stroke that the pins made has one report and one row of the journal; what was given adds up."""
    shots, strokes = gun.told("shot"), gun.strokes()
    assert len(shots) == len(strokes), f"{at}: {len(strokes)} strokes, {len(shots)} reports: {shots}"
    journal = gun.device.journal
    assert (journal.in_flight(), journal.summary()[0]) == (0, len(strokes)), at
    dose_nl = shots[0]["commanded_dose_nl"]
    given = sum(play.dispensed for play in strokes) / max(len(play.timeline.plunger_us) for play in strokes) * dose_nl
    assert abs(sum(shot["measured_dose_nl"] for shot in shots) - given) < 300 * len(shots), at
    for shot, play in zip(shots, strokes, strict=True):
        whole = play.dispensed >= sum(us >= play.entered_us for us in play.timeline.plunger_us) - 1
        # a shot that was cut is never called whole; one given whole is never called a part
        assert whole or shot["flags"], f"{at}: {shot}"
        if whole and play.until_us - play.start_us > gun.guard.cells[gun.guard.cells[EXPECTED] + DOSE_END_US]:
            assert not shot["flags"] & PARTIAL, f"{at}: {shot}"


def test_between_two_presses_a_stall_latches_too() -> None:
    gun = armed("motor, continuous").again()
    gun.desk.code_runs = False
    gun.wait(45)
    gun.desk.code_runs = True
    gun.wait(50)
    assert (gun.board.state, gun.told("ended")[-1]["reason"]) == (FAULTED, reasons.GUARD_LATE)


# ---- FRAM ----


def test_writing_the_journal_keeps_the_bus_busy_for_two_thousandths_of_the_time_and_a_tick_for_four_microseconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gun = shooting("motor, continuous").again()
    fram = gun.board.fram
    ticks_ns = []
    tick = gun.device.guard.tick

    def timed(now_ms: int) -> None:
        before = fram.busy_ns
        tick(now_ms)
        ticks_ns.append(fram.busy_ns - before)

    monkeypatch.setattr(gun.device.guard, "tick", timed)
    before = fram.busy_ns
    gun.wait(3_000)
    shots = len(gun.told("shot"))
    assert shots > 20
    assert isinstance(fram, Fram)
    assert 20_000 * shots < fram.busy_ns - before < 3_000_000_000 // 500
    assert (max(ticks_ns), len(ticks_ns)) == (3_335, 3_000)
    assert gun.board.state == RUNNING
    assert 100 * max(ticks_ns) < limits.TICK_US * 1_000
