"""One visit: written down before it happens, given pass by pass, and on record as it was, however it ends."""

import itertools
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from rigs.fakegun import FakeGun, a_plan
from rigs.marks import mostly_slow
from rigs.person import consent
from rigs.visit import Visit, cut, press

from mesogun.gun import explanations
from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.records import RecordsFailed
from mesogun.records.tally import Progress
from mesogun.refusal import Refused
from mesogun_fw.talk import frames, reasons, refusals
from mesogun_fw.talk.codes import DAMAGED, DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ARMED, DONE, ESTOP, FAULT, HOLD, HOMING, IDLE, PAUSE, RUNNING, UNHOMED

EVERY_SHOT = [*range(1, 21), *range(1, 11)]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(tmp_path, a_plan(20, 10))


def test_a_plan_is_given_pass_by_pass_and_every_shot_is_on_record(visit: Visit) -> None:
    summary = visit.run()
    assert summary.outcome == "complete"
    assert (summary.shots, summary.partial, summary.uncertain) == (30, 0, 0)
    assert summary.commanded_volume_nl == 300_000
    assert summary.deepest_um == 1_998
    assert summary.dose_spread_nl == 2
    assert visit.shots_on_record() == EVERY_SHOT
    row = visit.records.session(1)
    assert row.outcome == "complete"
    assert visit.records.summary(1) == summary
    assert (row.whole, row.volume_nl) == (summary.shots, summary.volume_nl)
    assert visit.questions == []


@pytest.mark.parametrize(("filled_nl", "warned"), [(333_333, 1), (333_334, 0), (300_000, 4)])
def test_a_syringe_that_holds_a_tenth_of_its_filling_is_said_to_be_nearly_empty(
    tmp_path: Path, filled_nl: int, warned: int
) -> None:
    """By what the gun says of it, with the beat after the shot."""
    visit = Visit(tmp_path, a_plan(20, 10, syringe_nl=filled_nl))
    visit.port.left_nl = 5  # what it held by the plan before
    shown: list[Progress] = []
    visit.person.show = shown.append  # type: ignore[method-assign,assignment]
    visit.run()
    low = [now for now in shown if isinstance(now, Progress) and now.syringe_low]
    assert len({now.syringe_left_nl for now in low}) == warned
    assert all(now.syringe_left_nl * 10 <= filled_nl for now in low)


def test_every_event_of_the_gun_is_on_disk_and_acknowledged_at_the_end(visit: Visit) -> None:
    visit.run()
    assert [event.n for event in visit.records.events(1)] == list(range(1, len(visit.port.events) + 1))
    assert visit.port.acked == len(visit.port.events)


def test_the_record_is_begun_before_anything_may_move(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    begin = visit.records.begin
    monkeypatch.setattr(visit.records, "begin", lambda *start: order.append("record") or begin(*start))
    visit.port.wire = lambda line: order.append(line.decode()) or [line]  # type: ignore[func-returns-value]
    visit.run()
    assert order[0] == "record"


def test_nothing_moves_when_the_record_cannot_be_begun(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*session: object) -> int:
        raise RecordsFailed("disk full", "free it")

    monkeypatch.setattr(visit.records, "begin", full)
    before = list(visit.port.asked)
    with pytest.raises(RecordsFailed):
        visit.run()
    assert visit.port.asked == before


def test_an_event_is_acknowledged_only_when_it_is_on_disk_and_not_a_second_late(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk = [0]
    batches: list[int] = []
    append = visit.records.append

    def keep(session_id: int, boot: int, events: Sequence[Event]) -> None:
        append(session_id, boot, events)
        on_disk[0] = events[-1].n
        batches.append(len(events))
        assert visit.port.now_us // 1000 - events[0].at_ms <= 1_200

    def wire(line: bytes) -> list[bytes]:
        assert visit.port.acked <= on_disk[0]
        return [line]

    monkeypatch.setattr(visit.records, "append", keep)
    visit.port.wire = wire
    visit.run()
    assert max(batches) <= 17
    assert len(batches) < len(visit.port.events) / 3


def test_sixteen_events_are_written_without_waiting_for_the_second_to_pass(visit: Visit) -> None:
    recording = visit.session._recording
    recording.begin(visit.session._start, (), None)
    events = [Event(n, "changed", 5_000, {"before": 0, "after": 1, "event": 0}) for n in range(1, 17)]
    recording.take(events[:15])
    recording.keep(5_000)
    assert visit.records.events(1) == []
    recording.take(events[15:])
    recording.keep(5_000)
    assert visit.records.events(1) == events


def test_the_practitioner_is_told_what_to_do(visit: Visit) -> None:
    visit.run()
    prompts = [progress.prompt for progress in visit.progress]
    assert prompts[0] == "Hold the gun in the air and press the trigger"
    assert "Set the gun down and hold the trigger, moving along" in prompts
    states = [state for state, _ in itertools.groupby(progress.state for progress in visit.progress)]
    assert states == [UNHOMED, HOMING, IDLE, ARMED, RUNNING, IDLE, ARMED, RUNNING, IDLE]
    last = visit.progress[-1]
    assert (last.pass_index, last.passes, last.total_done, last.total_shots, last.state) == (1, 2, 30, 30, IDLE)
    assert any(p.state == RUNNING and (p.done, p.shots, p.last_depth_um) == (7, 20, 1_998) for p in visit.progress)


@pytest.mark.parametrize("error", [RuntimeError("no window"), SystemExit(1)])
def test_an_observer_that_fails_changes_nothing(visit: Visit, error: BaseException) -> None:
    """A library that shows things may think that its program is to end."""

    def fails(progress: Progress) -> None:
        raise error

    visit.on_progress = fails
    assert visit.run().outcome == "complete"


# ---- the four endings ----


def test_after_an_end_of_hold_the_next_press_goes_on_unasked(visit: Visit) -> None:
    port = visit.port

    def plays(gun: FakeGun, index: int) -> None:
        gun.play(index, 3)
        for i in range(1, 10):
            gun.after(i * 2_000, lambda: gun.play(index, 3))

    port.plays = plays
    assert visit.run().shots == 30
    assert visit.questions == []
    assert [name for name, _ in port.asked].count("arm") == 2


def test_after_a_pause_a_person_is_asked_and_the_rest_of_the_pass_is_given(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    assert visit.run().shots == 30
    (question,) = visit.questions
    assert "held for 60 s" in question
    assert visit.port.asked.count(("arm", [0])) == 2
    assert visit.shots_on_record() == EVERY_SHOT


def test_a_pause_with_the_last_dose_of_the_pass_in_is_the_end_of_the_pass(visit: Visit) -> None:
    def plays(gun: FakeGun, index: int) -> None:
        def all_at_once() -> None:
            gun.go(RUNNING)
            for _ in range(gun.passes[index][2]):
                gun.shot()
            gun.ended(PAUSE, reasons.HELD_TOO_LONG)

        gun.after(100, all_at_once)

    visit.port.plays = plays
    assert visit.run().outcome == "complete"
    assert len(visit.questions) == 1  # before the second pass; after it there is nothing to go on with


def test_who_does_not_want_to_go_on_after_a_pause_stops(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.SYRINGE_EMPTY)))
    visit.answers = iter([False])
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("stopped", 5)
    assert "no full dose" in summary.reason


def test_what_was_given_is_on_disk_before_a_person_is_asked(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    seen: list[int] = []
    visit.go_on = lambda reason: seen.append(len(visit.shots_on_record())) or True  # type: ignore[func-returns-value]
    visit.run()
    assert seen == [5]


@pytest.mark.parametrize(("ending", "outcome"), [((FAULT, reasons.DOSE_WRONG), "fault"), ((ESTOP, reasons.ESTOP_PRESSED), "estop")])
def test_a_fault_and_the_e_stop_end_the_session_and_are_its_outcome(visit: Visit, ending: tuple[int, int], outcome: str) -> None:
    visit.port.plays = press((5, ending))
    summary = visit.run()
    assert (summary.outcome, summary.shots) == (outcome, 5)
    assert explanations.REASONS[ending[1]][2] in summary.reason
    assert visit.records.session(1).outcome == outcome
    assert visit.questions == []
    assert visit.port.acked == len(visit.port.events)


def test_a_partial_shot_is_volume_but_no_point(visit: Visit) -> None:
    port = visit.port

    def plays(gun: FakeGun, index: int) -> None:
        gun.after(50, lambda: gun.shot(PARTIAL, dose_nl=3_000))
        gun.play(index)

    port.plays = plays
    summary = visit.run()
    assert (summary.shots, summary.partial) == (30, 2)
    assert summary.volume_nl == visit.records.session(1).volume_nl
    assert summary.commanded_volume_nl == 300_000


def test_a_partial_shot_leaves_its_point_to_the_same_pass(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    visit.port.after(1_000, lambda: visit.port.shot(PARTIAL, dose_nl=3_000))
    summary = visit.run()
    assert (summary.outcome, summary.shots, summary.partial) == ("complete", 30, 1)


def test_the_spread_is_that_of_the_worst_pass(visit: Visit) -> None:
    def plays(gun: FakeGun, index: int) -> None:
        gun.after(50, lambda: gun.shot(depth_um=1_990 + index * 30))
        gun.play(index)

    visit.port.plays = plays
    assert visit.run().depth_spread_um == 22


# ---- Ctrl-C and stop ----


@pytest.mark.parametrize("moment_ms", [20, 150, 480, 1_333, 4_500])
def test_after_ctrl_c_the_needle_is_home_and_the_record_complete(visit: Visit, moment_ms: int) -> None:
    visit.port.after(moment_ms, lambda: signal.raise_signal(signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    summary = visit.run()
    port = visit.port
    assert summary.outcome == "stopped"
    assert visit.session.asked_to_stop
    assert port.state in (0, IDLE)
    assert visit.shots_on_record() == port.shots_made()
    assert summary.shots == sum(port.done) < 30
    assert visit.records.session(1).outcome == "stopped"
    assert port.acked == len(port.events)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_whatever_else_stops_a_program_is_a_stop_too(visit: Visit, name: str) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("not every system has it")
    before = signal.signal(number, lambda *_: None)  # where it is not heeded the test fails, and goes on
    try:
        visit.port.after(2_000, lambda: signal.raise_signal(number))
        assert visit.run().outcome == visit.records.session(1).outcome == "stopped"
    finally:
        signal.signal(number, before)
    assert visit.session.asked_to_stop
    assert visit.port.acked == len(visit.port.events)


def test_a_second_and_third_ctrl_c_do_not_lose_the_record(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    append, finish = visit.records.append, visit.records.finish

    def interrupted_append(session_id: int, boot: int, events: Sequence[Event]) -> None:
        signal.raise_signal(signal.SIGINT)
        append(session_id, boot, events)

    monkeypatch.setattr(visit.records, "append", interrupted_append)
    monkeypatch.setattr(visit.records, "finish", lambda *args: signal.raise_signal(signal.SIGINT) or finish(*args))  # type: ignore[func-returns-value]
    assert visit.run().outcome == "stopped"
    assert visit.records.session(1).outcome == "stopped"
    assert visit.port.acked == len(visit.port.events)


def test_ctrl_c_breaks_off_a_question(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))

    def asks(reason: str) -> bool:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("still asking")

    visit.go_on = asks
    assert visit.run().outcome == "stopped"
    assert visit.session.asked_to_stop


def test_stop_may_come_from_another_thread(visit: Visit) -> None:
    def stop() -> None:
        thread = threading.Thread(target=visit.session.stop)
        thread.start()
        thread.join()

    visit.port.after(2_000, stop)
    assert visit.run().outcome == "stopped"


def test_a_session_can_run_where_no_ctrl_c_arrives(tmp_path: Path) -> None:
    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(Visit(tmp_path, a_plan(3)).run().outcome))
    thread.start()
    thread.join(20)
    assert outcomes == ["complete"]


# ---- what fails in between ----


def test_a_record_that_fails_in_between_disarms_the_gun_and_keeps_what_was_written(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = visit.records.append
    calls = iter(range(100))

    def full(session_id: int, boot: int, events: Sequence[Event]) -> None:
        if next(calls) > 1:
            raise RecordsFailed("disk full", "free it")
        append(session_id, boot, events)

    monkeypatch.setattr(visit.records, "append", full)
    with pytest.raises(RecordsFailed, match="disk full"):
        visit.run()
    assert visit.port.state == IDLE
    kept = visit.records.events(1)
    assert kept
    assert visit.port.acked == kept[-1].n
    assert [row.id for row in visit.records.unfinished()] == [1]


def test_a_record_that_fails_once_is_finished_as_stopped(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    append = visit.records.append
    calls = iter(range(100))

    def stumbles(session_id: int, boot: int, events: Sequence[Event]) -> None:
        if next(calls) == 2:
            raise RecordsFailed("disk busy", "try again")
        append(session_id, boot, events)

    monkeypatch.setattr(visit.records, "append", stumbles)
    with pytest.raises(RecordsFailed):
        visit.run()
    assert visit.session.summary is not None
    assert visit.records.session(1).outcome == "stopped"
    assert visit.shots_on_record() == visit.port.shots_made()


def test_a_plan_the_gun_refuses_is_a_refusal_with_nothing_given(visit: Visit) -> None:
    visit.port.refuses["commit"] = [refusals.VOLUME_TOO_LARGE, -1, 6_000_000, 0, 5_000_000]
    with pytest.raises(Refused, match=r"6000 µl.*5000 µl"):
        visit.run()
    assert visit.records.session(1).outcome == "stopped"
    assert visit.shots_on_record() == []


def test_a_gun_that_counts_otherwise_than_the_record_is_not_played(visit: Visit) -> None:
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))

    def forgets(reason: str) -> bool:
        visit.port.done[0] = 3
        return True

    visit.go_on = forgets
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("stopped", 5)
    assert "17 left by the gun's account: by the record 15" in summary.reason
    assert visit.port.state == IDLE
    assert len(visit.shots_on_record()) == 5


@pytest.mark.parametrize("lie", [{"shots": 29}, {"shots": 31}, {"epoch": 2}, {"condition": DAMAGED}], ids=str)
def test_a_gun_whose_journal_does_not_have_what_it_reported_is_a_fault(visit: Visit, lie: dict[str, int]) -> None:
    visit.port.after(6_500, lambda: visit.port.lies.update(journaled=lie))
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("fault", 30)
    assert "and the gun reported 30: do not use it" in summary.reason
    assert visit.records.session(1).accounted is None


# ---- the cable ----


@pytest.mark.parametrize("at_ms", mostly_slow(range(50, 7_000, 617), 3))
@pytest.mark.parametrize("for_ms", [40, 700, 12_000])
def test_whenever_the_cable_is_cut_no_shot_is_lost_or_doubled(visit: Visit, at_ms: int, for_ms: int) -> None:
    cut(visit, at_ms, for_ms)
    summary = visit.run()
    assert summary.outcome == "complete"
    assert summary.shots == 30
    assert visit.shots_on_record() == EVERY_SHOT
    assert [event.n for event in visit.records.events(1)] == list(range(1, len(visit.port.events) + 1))
    assert all("connection to the gun was cut" in question for question in visit.questions)
    assert len(visit.questions) <= 1


def test_a_fault_while_the_cable_is_out_ends_the_session_without_a_question(visit: Visit) -> None:
    cut(visit, 2_000, 1_000)
    visit.port.after(2_100, lambda: visit.port.ended(FAULT, reasons.DOSE_WRONG))
    assert visit.run().outcome == "fault"
    assert visit.questions == []


def test_a_gun_that_is_there_but_silent_is_given_up_after_half_a_minute_too(visit: Visit) -> None:
    visit.port.after(2_000, lambda: setattr(visit.port, "wire", lambda line: []))
    assert visit.run().outcome == "interrupted"
    assert visit.port.monotonic_s() < 45


@pytest.mark.parametrize("how", ["cut", "silent"])
def test_within_a_second_whoever_looks_on_is_told_that_the_gun_is_not_heard_and_when_it_is_again(visit: Visit, how: str) -> None:
    port = visit.port
    wire = port.wire
    port.after(2_000, lambda: setattr(port, *(("cut", True) if how == "cut" else ("wire", lambda line: []))))
    port.after(2_900, lambda: setattr(port, *(("cut", False) if how == "cut" else ("wire", wire))))
    seen: list[tuple[int, str]] = []
    visit.on_progress = lambda progress: seen.append((port.now_us // 1000 - 1_000, progress.waits_for))
    assert visit.run().outcome == "complete"
    waited = [at_ms for at_ms, waits_for in seen if waits_for == "the gun"]
    assert 2_000 <= waited[0] < 3_000
    heard = next(at_ms for at_ms, waits_for in seen if at_ms > waited[0] and not waits_for)
    assert 2_900 <= heard < 4_200
    assert all(not waits_for for at_ms, waits_for in seen if at_ms < 2_000 or at_ms >= heard)


def test_a_gun_that_takes_its_time_to_arm_is_not_said_to_be_silent(visit: Visit) -> None:
    """Compiling and auditing a stroke takes a real gun longer than its silence may last."""
    wire = visit.port.wire
    visit.port.wire = lambda line: visit.port.after(900, lambda: visit.port.say(line)) or [] if b" armed " in line else wire(line)
    visit.run()
    assert not any(progress.waits_for for progress in visit.progress)


def test_after_a_cut_cable_a_person_says_when_to_arm_again(visit: Visit) -> None:
    cut(visit, 2_000, 3_000)
    arms: list[int] = []
    visit.go_on = lambda reason: arms.append(visit.port.asked.count(("arm", [0]))) or True  # type: ignore[func-returns-value]

    kept: list[tuple[int, int]] = []

    def watches(progress: Progress) -> None:
        visit.progress.append(progress)
        if "Connection lost" in progress.prompt:
            kept.append((len(visit.shots_on_record()), progress.total_done))

    visit.on_progress = watches
    visit.run()
    assert arms == [1]
    assert kept
    assert all(on_record == done > 0 for on_record, done in kept)
    assert visit.port.asked.count(("arm", [0])) == 2
    assert any("Connection lost" in progress.prompt for progress in visit.progress)


def test_a_gun_that_stays_away_is_given_up_after_half_a_minute_and_its_last_shot_is_uncertain(visit: Visit) -> None:
    cut(visit, 2_000, 10**9)
    summary = visit.run()
    assert summary.outcome == "interrupted"
    assert summary.uncertain == 1
    assert 30 <= visit.port.monotonic_s() - 3 <= 35
    row = visit.records.session(1)
    assert (row.outcome, row.uncertain, row.uncertain_nl) == ("interrupted", 1, 10_000)
    assert row.whole == summary.shots


def test_a_gun_switched_off_and_on_with_a_shot_in_flight_is_an_interrupted_session_with_an_uncertain_shot(visit: Visit) -> None:
    visit.port.after(2_000, visit.port.power_cut)
    summary = visit.run()
    assert summary.outcome == "interrupted"
    assert "switched off" in summary.reason
    assert summary.uncertain == visit.records.session(1).uncertain == 1
    assert summary.commanded_volume_nl == (summary.shots + 1) * 10_000
    assert "arm" not in [name for name, _ in visit.port.asked[visit.port.asked.index(("hello", [1]), 2) :]]
    assert {shot.boot for shot in visit.records.shots(1)} == {42}


@pytest.mark.parametrize("press_ms", range(100, 200, 20))
def test_a_shot_that_began_just_before_the_gun_was_switched_off_is_uncertain(visit: Visit, press_ms: int) -> None:
    def plays(gun: FakeGun, index: int) -> None:
        gun.after(press_ms, lambda: gun._press(index, 10, (HOLD, reasons.RELEASED)))
        gun.after(press_ms + 10, gun.power_cut)

    visit.port.plays = plays
    assert visit.run().uncertain == 1


def test_a_gun_switched_off_and_on_while_nothing_flies_leaves_nothing_uncertain(visit: Visit) -> None:
    visit.port.plays = lambda gun, index: gun.after(500, gun.power_cut)
    summary = visit.run()
    assert (summary.outcome, summary.uncertain) == ("interrupted", 0)


def test_the_last_word_of_a_gun_that_was_switched_off_is_on_record(visit: Visit) -> None:
    port = visit.port
    last: list[int] = []

    def dies() -> None:
        n, at_ms, number = len(port.events) + 1, port.now_us // 1000, port.attempts[0] + 1
        said = frames.encode(0, "shot", [n, at_ms, 0, 0, number, 200_000, 2_000, 2_000, 10_000, 10_000, 0])
        last.append(number)
        port.power_cut()
        port.wire = lambda line: [said, line] if b" refused " in line else [line]

    port.after(2_000, dies)
    assert visit.run().outcome == "interrupted"
    assert last[0] in visit.shots_on_record()


def test_a_gun_switched_off_while_it_is_being_stopped_leaves_its_shot_uncertain(visit: Visit) -> None:
    visit.port.after(2_000, lambda: signal.raise_signal(signal.SIGINT))
    told: list[int] = []
    visit.port.after(2_070, lambda: visit.port.shot() or told.extend(visit.port.shots_made()))
    visit.port.after(2_080, visit.port.power_cut)
    summary = visit.run()
    assert (summary.outcome, summary.uncertain) == ("interrupted", 1)
    assert visit.gun.link.acked == 0
    assert visit.shots_on_record()[:-1] == told


def test_ctrl_c_and_a_cable_that_comes_back_at_once_end_in_a_complete_record(visit: Visit) -> None:
    visit.port.after(2_000, lambda: signal.raise_signal(signal.SIGINT))
    cut(visit, 1_990, 30)
    visit.port.open = lambda: setattr(visit.port, "is_open", visit.port.sleep_s(0.1) is None)  # type: ignore[method-assign,func-returns-value]
    assert visit.run().outcome == "stopped"
    assert visit.shots_on_record() == visit.port.shots_made()
    assert visit.port.acked == len(visit.port.events)


def test_how_it_ended_is_heard_before_anybody_is_asked_to_go_on_after_a_cut_cable(visit: Visit) -> None:
    """A cable that is back before the gun has paused: it pauses by our hello, and that comes before the question."""
    cut(visit, 2_027, 300)
    known: list[int] = []
    visit.go_on = lambda reason: known.append(sum(name == "ended" for name, _ in visit.port.events)) or True  # type: ignore[func-returns-value]
    assert visit.run().outcome == "complete"
    assert known == [1]


def test_another_gun_plugged_in_is_refused_and_the_session_interrupted(visit: Visit) -> None:
    def swap() -> None:
        visit.port.power_cut()
        visit.port.welcome[4] = 8

    visit.port.after(2_000, swap)
    summary = visit.run()
    assert summary.outcome == visit.records.session(1).outcome == "interrupted"
    assert "began with gun 7" in summary.reason
    assert visit.records.session(1).uncertain == 1


def test_ctrl_c_while_the_cable_is_out_interrupts_the_session_at_once(visit: Visit) -> None:
    cut(visit, 2_000, 10**9)
    visit.port.after(4_000, lambda: signal.raise_signal(signal.SIGINT))
    summary = visit.run()
    assert summary.outcome == "interrupted"
    assert visit.session.asked_to_stop
    assert visit.port.monotonic_s() < 7


# ---- a session that broke off before ----


def broken_off(folder: Path) -> FakeGun:
    """A gun whose host died: three shots in the half second after its last word, one session without an end."""
    visit = Visit(folder, a_plan(20, 10))
    gun, port = visit.gun, visit.port
    visit.records.begin(visit.session._start)
    gun.home()
    while gun.state().state != IDLE:
        gun.turn()
    gun.upload(visit.plan)
    gun.arm(0)
    port.sleep_s(3)
    port.close()
    port.open()
    return port


@pytest.mark.parametrize("kind", [FAULT, ESTOP])
@pytest.mark.parametrize("flags", [0, PARTIAL, DOSE_OFF, UNCERTAIN])
def test_after_a_fault_or_an_e_stop_that_was_cleared_a_person_goes_on_where_it_stopped(visit: Visit, kind: int, flags: int) -> None:
    """Pass, count and program are kept: nothing is uploaded again, and what has filled its place is not given again."""
    port = visit.port

    def latch() -> None:
        port._run += 1
        port.shot(flags)
        port.ended(kind, reasons.TOO_HOT)
        port.after(3_000, lambda: port.go(UNHOMED))  # somebody presses the clear button

    port.plays = lambda gun, index: gun.play(index)
    port.after(2_450, latch)
    visit.person.script |= {"after-fault": consent, "after-estop": consent}
    summary = visit.run()
    assert summary.outcome == "complete"
    assert [name for name, _ in port.asked].count("begin") == 1
    assert [name for name, _ in port.asked].count("home") == 2
    assert port.done[:2] == [20, 10]
    assert len(visit.records.shots(1)) == 30 + (flags == PARTIAL)
    (answer,) = visit.records.answers(1)
    assert answer.question == ("after-fault" if kind == FAULT else "after-estop")
    assert "press the clear button at the gun" in answer.words


def test_the_gun_is_armed_only_for_a_pass_that_is_not_done(visit: Visit) -> None:
    visit.run()
    armed = [values for name, values in visit.port.asked if name == "arm"]
    assert armed == [[0], [1]]
    assert [event.values["kind"] for event in visit.records.events(1) if event.name == "ended"] == [DONE, DONE]
    assert sum(event.name == "changed" and event.values["after"] == ARMED for event in visit.records.events(1)) == 2


def test_the_firmware_on_the_simulated_gun_gives_the_same_visit(tmp_path: Path) -> None:
    with Gun.connect("sim://?seed=3") as gun:
        visit = Visit(tmp_path, a_plan(20, 10), gun=gun)
        summary = visit.run()
    assert (summary.outcome, summary.shots, summary.partial) == ("complete", 30, 0)
    assert visit.shots_on_record() == EVERY_SHOT
    assert summary.commanded_volume_nl == pytest.approx(summary.volume_nl, rel=0.02)
    assert gun.link.bad_lines == gun.link.stale == 0
