"""A turn of the loop: it watches the guard, tells it that it lives, does one request, and says when it wants to run next."""

import pytest
from rigs.atrest import FIRST, homed, press, second_pass, status
from rigs.guns import Gun
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.device import state as states
from mesogun_fw.device.events import RESERVE
from mesogun_fw.device.loop import IDLE_STEP_MS, LAST_MS, Device
from mesogun_fw.device.wire import Wire
from mesogun_fw.guard import cells
from mesogun_fw.memory.journal import HistoryUnknown
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.messages import ARMED, FAULTED, IDLE, PAUSE, PROTO, RUNNING, STATES, STOPPED, UNHOMED


def turn_at(rig: Rig, ms: int, patch: pytest.MonkeyPatch) -> int:
    """One turn by itself at this time of the device; when the next one is wanted."""
    patch.setattr(rig.board, "ms", lambda: ms)
    return rig.device.step()


# ---- loop and guard watch each other ----


def test_a_guard_that_has_not_ticked_for_twenty_milliseconds_lives_and_a_millisecond_later_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = second_pass()
    last_ms = rig.device.tick_ms()
    turn_at(rig, last_ms + limits.GUARD_DEAD_MS, monkeypatch)
    assert rig.device.state == ARMED
    turn_at(rig, last_ms + limits.GUARD_DEAD_MS + 1, monkeypatch)
    assert (rig.device.state, rig.device.fault) == (FAULTED, reasons.GUARD_DEAD)
    c = rig.device.guard.cells
    assert (c[cells.PHASE], c[cells.POWER], c[cells.VENT]) == (cells.LATCHED, 0, 1)


def test_a_dead_guard_is_told_once_however_long_it_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()
    last_ms, told = rig.device.tick_ms(), rig.device.events.last
    for ms in (100, 200, 300):
        turn_at(rig, last_ms + ms, monkeypatch)
    assert rig.device.events.last == told + 2, "it has ended, and the state is another"


def test_a_guard_that_dies_with_the_needle_out_leaves_the_motor_without_power() -> None:
    gun = Gun()
    gun.ready(FIRST)
    gun.shoot(15)
    assert gun.board.energised
    gun.desk.guard_runs = False
    gun.wait(limits.GUARD_DEAD_MS + IDLE_STEP_MS + 5)
    assert (gun.board.state, gun.board.energised) == (FAULTED, False)


@pytest.mark.parametrize("state", [FAULTED, STOPPED], ids=[STATES[FAULTED], STATES[STOPPED]])
def test_a_guard_that_dies_when_the_gun_is_latched_changes_nothing(state: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = Gun().ready(FIRST)
    gun.set(**({"temperature_c": 95} if state == FAULTED else {"estop": 1}))
    gun.until_lamp(state)
    told, fault = gun.device.events.last, gun.device.fault
    turn_at(gun, gun.device.tick_ms() + 1_000, monkeypatch)
    assert (gun.device.events.last, gun.device.fault, gun.device.state) == (told, fault, state)


def test_a_guard_that_has_never_ticked_is_not_dead_and_nothing_is_tested_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    turn_at(rig, 5_000, monkeypatch)
    assert (rig.device.state, rig.device.tested) == (UNHOMED, False)


def test_every_turn_tells_the_guard_that_the_loop_lives_and_whether_the_record_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = homed()
    c, events = rig.device.guard.cells, rig.device.events
    for kept, room in ((limits.EVENTS_KEPT - RESERVE - 1, 1), (limits.EVENTS_KEPT - RESERVE, 0), (0, 1)):
        events.last = events.acked + kept
        ms = rig.device.tick_ms() + 3 + room
        turn_at(rig, ms, monkeypatch)
        assert (c[cells.LOOP_MS], c[cells.ROOM]) == (ms, room)


def test_the_device_counts_time_until_a_week_after_it_ends_to_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind that a millisecond would not fit its row of the table."""
    rig = homed()
    rig.device.guard.cells[cells.TICK_MS] = LAST_MS
    for ms in (LAST_MS - 1, LAST_MS, LAST_MS + 1, 1 << 40):
        turn_at(rig, ms, monkeypatch)
        assert rig.device.now_ms == min(ms, LAST_MS)
    assert LAST_MS == (1 << 30) - 1 > limits.UPTIME_MAX_MS


# ---- the host is heard ----


def test_only_a_beat_keeps_an_armed_gun_from_its_pause() -> None:
    rig = homed()
    rig.load(FIRST)
    rig.arm()
    rig.beats = False
    for _ in range(8):
        rig.ask("watch")
        rig.wait(100)
    assert rig.board.state == IDLE
    rig.beats = True
    rig.wait(200)
    assert (rig.told("ended")[-1]["kind"], rig.told("ended")[-1]["reason"]) == (PAUSE, reasons.LINK_SILENT)


def test_a_beat_tells_when_it_was_heard_and_takes_what_is_on_disk_off_the_record() -> None:
    rig = second_pass()
    rig.acks = rig.beats = False
    rig.ask("disarm")
    rig.wait(20)
    last = rig.device.events.last
    assert rig.ask("beat", last - 1)[1]["kept"] == 1
    assert rig.now_ms - rig.device.guard.cells[cells.BEAT_MS] <= 10
    assert rig.device.events.acked == last - 1


# ---- a conversation begins ----


def test_a_laptop_of_another_protocol_is_told_which_one_this_is_and_changes_nothing() -> None:
    rig = second_pass()
    for proto in (PROTO - 1, PROTO + 1):
        name, said = rig.ask("hello", proto)
        assert (name, said["code"], said["value"], said["high"]) == ("refused", refusals.OTHER_PROTO, proto, PROTO)
        assert rig.device.state == ARMED
    assert rig.ask("hello", PROTO)[0] == "welcome"


def test_hello_disarms_and_sends_again_what_is_not_on_disk_and_nothing_else() -> None:
    rig = second_pass()
    rig.acks = rig.beats = False
    rig.ask("disarm")
    rig.arm(0)
    rig.wait(20)
    acked = rig.device.events.acked
    rig.desk.receive()
    rig.events.clear()
    rig.events.append(("changed", {"n": acked}))
    rig.ask("hello", 1)
    rig.wait(50)
    numbers = [fields["n"] for _, fields in rig.events[1:]]
    assert numbers == list(range(acked + 1, rig.device.events.last + 1))
    assert len(numbers) >= 4
    assert (rig.board.state, rig.told("ended")[-1]["reason"]) == (IDLE, reasons.DISARMED)


def test_events_are_sent_again_from_the_one_that_was_asked_for() -> None:
    rig = second_pass()
    rig.acks = rig.beats = False
    for _ in range(2):
        rig.ask("disarm")
        rig.arm(1)
    rig.wait(20)
    last = rig.device.events.last
    rig.events.clear()
    rig.events.append(("changed", {"n": last - 2}))
    assert rig.ask("events", last - 1) == ("ok", {})
    rig.wait(50)
    assert [fields["n"] for _, fields in rig.events[1:]] == [last - 1, last]


# ---- one request after another ----


def test_a_request_that_takes_turns_is_done_before_the_next_one_is_taken() -> None:
    rig = homed()
    rig.load(FIRST)
    first, second = rig.say("arm", 0), rig.say("watch")
    seen: list[tuple[int, ...]] = []
    while second not in rig.answers:
        rig.wait(1)
        seen.append(tuple(seq for seq in (first, second) if seq in rig.answers))
    assert list(dict.fromkeys(seen)) == [(), (first,), (first, second)]
    assert rig.answers[second][1]["state"] == ARMED


def test_a_turn_is_wanted_at_once_while_anything_is_left_to_do_and_soon_enough_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = homed()
    device, ms = rig.device, rig.device.tick_ms()
    device.tidied_ms = ms
    assert turn_at(rig, ms, monkeypatch) == IDLE_STEP_MS
    assert min(limits.LOOP_DEAD_MS, limits.LINK_SILENT_MS) > 2 * IDLE_STEP_MS
    for name in ("later", "_event_size"):
        with monkeypatch.context() as patch:
            if name == "later":
                patch.setattr(device, "_request", lambda: True)
                patch.setattr(device, "later", object())
            else:
                patch.setattr(Wire, "flush", lambda self: True)
            assert turn_at(rig, ms, monkeypatch) == 1, name
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "waiting", lambda self: True)
        assert turn_at(rig, ms, monkeypatch) == 1
    device.tested = False
    monkeypatch.setattr(device, "_test", lambda: None)
    assert turn_at(rig, ms, monkeypatch) == 1


def test_a_gun_that_was_told_to_start_again_does_when_its_host_has_the_answer_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = homed()
    ms = rig.device.tick_ms()
    restarts: list[int] = []
    monkeypatch.setattr(rig.board, "restart", lambda: restarts.append(1))
    rig.device.leaving = True
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "flush", lambda self: True)
        turn_at(rig, ms, monkeypatch)
        assert restarts == []
    turn_at(rig, ms, monkeypatch)
    assert restarts == [1]


def test_a_gun_that_leaves_takes_no_request_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = homed()
    rig.device.leaving = True
    monkeypatch.setattr(Wire, "request", lambda self: pytest.fail("another was taken"))
    monkeypatch.setattr(rig.board, "restart", lambda: None)
    turn_at(rig, rig.device.tick_ms(), monkeypatch)


# ---- what cannot happen ----


def test_what_cannot_happen_is_a_fault_and_is_told_as_one() -> None:
    """A start that nobody armed."""
    rig = homed()
    device = rig.device
    device.go(states.STARTED)
    rig.wait(50)
    assert rig.board.state == FAULTED
    assert (status(rig)["fault"], rig.told("ended")[-1]["reason"]) == (reasons.LOGIC, reasons.LOGIC)
    assert device.guard.phase == cells.LATCHED


def test_a_gun_switched_on_is_unarmed_unpowered_and_knows_of_no_move() -> None:
    gun = Gun()
    gun.wait(limits.TRIGGER_RELEASED_MS + 100)
    gun.touch()
    gun.wait(limits.CONTACT_STABLE_MS)
    gun.press()
    gun.wait(1_500)
    device = gun.device
    assert (device.state, device.armed, device.guard.phase, gun.board.energised) == (UNHOMED, -1, cells.OFF, False)
    assert gun.tape.plays == []
    assert gun.told("shot") == []


def test_a_gun_that_starts_cuts_its_motor_and_shows_that_it_knows_nothing_of_its_needle() -> None:
    rig = homed()
    rig.board.enable(True)
    device = Device(rig.board)
    assert (rig.board.energised, rig.board.state) == (False, UNHOMED)
    assert (device.state, device.fault, device.armed, device.tested) == (UNHOMED, 0, -1, False)
    assert device.attempts == [0] * limits.PASSES_MAX


def test_a_journal_that_cannot_be_written_ahead_is_a_fault_before_anybody_presses(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()

    def lost(dose_nl: int) -> bool:
        raise HistoryUnknown(1)

    monkeypatch.setattr(rig.device.journal, "waits_with", lost)
    rig.wait(100)
    assert (rig.board.state, status(rig)["fault"]) == (FAULTED, reasons.JOURNAL_FAILED)


def test_a_journal_that_does_not_take_the_end_of_a_shot_is_a_fault_and_the_shot_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = second_pass()

    def lost(*_: int) -> None:
        raise HistoryUnknown(1)

    monkeypatch.setattr(rig.device.journal, "done", lost)
    press(rig)
    assert (rig.board.state, status(rig)["fault"]) == (FAULTED, reasons.JOURNAL_FAILED)
    assert [shot["shot"] for shot in rig.told("shot")] == [1, 2, 3]


def test_as_many_shots_stand_ready_in_the_journal_as_may_be_begun_before_the_loop_comes_again() -> None:
    rig = Rig(skip=False).ready(a_pass(period_us=200_000))
    journal = rig.device.journal
    assert (journal.ahead(), journal.in_flight()) == (2, 0)
    rig.press()
    rig.until_lamp(RUNNING)
    for _ in range(100):
        rig.wait(7)
        assert journal.ahead() >= 1
    rig.release()
    rig.wait(300)
    numbers = [row[3] for row in journal.rows()]
    assert numbers == list(range(len(numbers), 0, -1)), "each has its own number, in order"
