"""The pump: one request at a time, a beat ten times a second, every event once and in order, whatever the wire does."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.fakegun import FakeGun
from rigs.links import connected, run

from mesogun.gun.link import TRIES, Link
from mesogun.gun.port import NoGun, open_port
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import LinkLost
from mesogun_fw.limits import EVENTS_KEPT, LINE_MAX, LINK_SILENT_MS
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import PROTO

Wire = Callable[[bytes], list[bytes]]


def losing(*lost: int) -> Wire:
    """A wire that loses the gun's lines of these numbers, counted from the next."""
    count = iter(range(10_000))
    return lambda line: [] if next(count) in lost else [line]


# ---- requests ----


def test_a_lost_answer_is_asked_for_again_with_the_same_line_and_nothing_is_done_twice() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = losing(0)
    before = len(gun.asked)
    assert link.ask("home")["state"] == 2
    assert gun.heard[-1] == gun.heard[-2]
    assert [name for name, _ in gun.asked[before:]] == ["home"]


def test_a_lost_request_is_sent_again() -> None:
    gun = FakeGun()
    link = connected(gun)
    write = gun.write
    gun.write = lambda data: setattr(gun, "write", write) or len(data)  # type: ignore[method-assign,func-returns-value]
    assert link.ask("hardware")["plunger_nm_per_step"] == 625


def test_a_stale_answer_is_not_taken_for_that_of_a_later_request() -> None:
    gun = FakeGun()
    link = connected(gun)
    late: list[bytes] = []
    gun.wire = lambda line: late.append(line) or []  # type: ignore[func-returns-value]
    gun.after(400, lambda: setattr(gun, "wire", lambda line: [line]))
    link.ask("disarm")
    seq = link._seq
    stale = frames.encode(seq, "state", [5, 0, 0, -1, 0, 0, 0, 0, 0, -1])
    gun.wire = lambda line: [stale, line]
    assert link.ask("disarm")["state"] == 0
    assert link.stale >= 1


def test_an_answer_of_the_wrong_kind_is_not_taken() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [frames.encode(int(line.split()[0]), "ok", []), line] if b" state " in line else [line]
    assert "state" in link.ask("disarm")


def test_a_silent_gun_is_lost_after_every_try() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: []
    began_s, before = link.now_s(), len(gun.heard)
    with pytest.raises(LinkLost, match="does not answer"):
        link.ask("disarm")
    assert len(gun.heard) - before == TRIES
    assert link.now_s() - began_s == pytest.approx(2.0, abs=0.1)


def test_a_frozen_host_finds_the_answer_waiting_and_does_not_give_up() -> None:
    gun = FakeGun()
    link = connected(gun)
    run(link, 0.099)
    link.turn()
    gun.sleep_s(3600)
    run(link, 0.5)
    assert gun.asked[-1][0] == "beat"


def test_the_sequence_wraps_from_65535_to_1() -> None:
    gun = FakeGun()
    link = Link(gun)
    link._seq = frames.SEQ_MAX - 1
    link.ask("hello", proto=PROTO)
    link.ask("hardware")
    assert gun.heard[-1].startswith("1 hardware ")


def test_a_refusal_says_which_figure_was_wrong_in_clinical_words() -> None:
    gun = FakeGun()
    gun.refuses["pass"] = [refusals.OUT_OF_RANGE, 4, 10_100, 200, 10_000]
    link = connected(gun)
    values = {
        "index": 1, "mode": 3, "shots": 5, "burst": 1, "depth_um": 10_000, "needle_um_s": 300_000, "dose_nl": 0,
        "flow_nl_s": 500, "dwell_us": 0, "period_us": 200_000,
    }  # fmt: skip
    with pytest.raises(DeviceRefused) as refused:
        link.ask("pass", **values)
    assert (refused.value.code, refused.value.field, refused.value.value) == (refusals.OUT_OF_RANGE, "depth_um", 10_100)
    (problem,) = refused.value.problems
    assert str(problem).startswith("pass 2, depth = 10.1 mm: ")
    assert "0.2 mm to 10 mm" in problem.limit
    assert problem.remedy


def test_a_gun_that_lost_the_thread_is_a_lost_link_because_only_hello_helps() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.power_cut()
    with pytest.raises(LinkLost, match="restarted"):
        run(link, 1)


def test_there_is_never_more_than_one_request_unanswered() -> None:
    gun = FakeGun()
    link = connected(gun)
    write = gun.write
    unanswered: list[bytes] = []

    def writes(line: bytes) -> int:
        assert not unanswered
        unanswered.append(line)
        return write(line)

    gun.write = writes  # type: ignore[method-assign]
    gun.wire = lambda line: unanswered.clear() or [line]  # type: ignore[func-returns-value]
    for _ in range(50):
        link.turn(0.0333)
        link.turn(0)
        link.ask("hardware")


# ---- the beat ----


def test_it_beats_ten_times_a_second() -> None:
    gun = FakeGun()
    link = connected(gun)
    before = len(gun.asked)
    run(link, 10)
    beats = [name for name, _ in gun.asked[before:]]
    assert set(beats) == {"beat"}
    assert 98 <= len(beats) <= 102


@given(st.lists(st.booleans(), min_size=5, max_size=40))
def test_no_single_lost_line_keeps_the_beat_from_the_gun_for_as_long_as_it_waits(pattern: list[bool]) -> None:
    gun = FakeGun()
    link = connected(gun)
    lost = [a and not b for a, b in zip(pattern, [False, *pattern], strict=False)]  # never two in a row
    ways = iter(lost)
    gun.wire = lambda line: [] if next(ways, False) else [line]
    gaps, last_us = [], gun.now_us
    for _ in range(400):
        link.turn(0.01)
        gaps.append(gun._beat_us - last_us)
        last_us = gun._beat_us
    assert max(gaps) < LINK_SILENT_MS * 1000


def test_a_flood_of_garbage_does_not_hold_back_the_beat() -> None:
    gun = FakeGun()
    link = connected(gun)

    def flood() -> None:
        gun.sleep_s(0.005)
        gun.say(b"\x00\xffgarbage\n" * 300)

    gun.on_read = flood
    before = len(gun.asked)
    run(link, 2)
    assert [name for name, _ in gun.asked[before:]] == ["beat"] * (len(gun.asked) - before)
    assert len(gun.asked) - before >= 15
    assert link.bad_lines > 10_000


def test_a_flood_without_an_end_takes_no_memory() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.on_read = lambda: gun.say(b"x" * 4_000)
    for _ in range(20):
        link.turn(0)
        gun._out = gun._out[:1_000]
        assert len(link._buffer) <= LINE_MAX + 1
    gun.on_read = lambda: None
    gun.say(b"\n")
    assert link.ask("disarm")["state"] == 0
    assert link.bad_lines == 1


def test_a_line_too_long_is_one_bad_line_and_the_next_is_heard() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.say(b"x" * 10_000 + b"\n")
    gun.event("changed", 0, 1, 0)
    assert run(link, 0.2) == [1]
    assert link.bad_lines == 1


@given(st.binary(max_size=600))
def test_whatever_bytes_arrive_the_next_request_is_answered(noise: bytes) -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.say(noise)
    assert link.ask("disarm")["state"] == 0


# ---- events ----


def test_events_come_in_order_also_those_that_arrive_while_a_request_waits() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.event("changed", 0, 1, 0)
    link.ask("hardware")
    gun.event("changed", 1, 3, 0)
    assert run(link, 0.2) == [1, 2]


def test_a_duplicate_event_is_dropped() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [line, line]
    for _ in range(3):
        gun.event("changed", 0, 1, 0)
    assert run(link, 0.5) == [1, 2, 3]


def test_after_a_gap_the_missing_events_are_asked_for_and_none_is_left_out() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = losing(1, 2)
    for i in range(5):
        gun.after(i * 0.4, lambda: gun.event("changed", 0, 1, 0))
    assert run(link, 0.09) == [1, 2, 3, 4, 5]
    assert [values for name, values in gun.asked if name == "events"] == [[2]]


def test_a_lost_last_event_is_noticed_by_what_the_gun_says_of_itself() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = losing(1)
    gun.event("changed", 0, 1, 0)
    gun.event("changed", 1, 0, 0)
    assert run(link, 0.5) == [1, 2]


def test_events_that_are_only_late_are_not_asked_for_again() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: gun.after(30, lambda: gun.say(line)) or [] if line.startswith(b"0 ") else [line]  # type: ignore[func-returns-value]
    for i in range(20):
        gun.after(i * 37, lambda: gun.event("changed", 0, 1, 0))
    assert run(link, 1) == list(range(1, 21))
    assert "events" not in [name for name, _ in gun.asked]


def test_an_event_is_none_with_the_number_of_a_request() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.say(frames.encode(9, "changed", [1, 5, 0, 1, 0]))
    assert run(link, 0.2) == []


def test_events_that_the_gun_does_not_have_any_more_are_a_lost_link_not_an_endless_question() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [] if b" n=1 " in line or b" n=2 " in line else [line]
    for _ in range(5):
        gun.event("changed", 0, 1, 0)
    gun.after(1, lambda: setattr(gun, "acked", 2))  # by another program
    with pytest.raises(LinkLost, match="event 1"):
        run(link, 5)


def test_more_events_than_a_gun_can_keep_are_neither_waited_nor_asked_for() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.lies["state"] = {"events": (1 << 30) - 1}
    gun.after(10_000, lambda: setattr(gun, "cut", True))  # whoever waits for ever is cut off
    link.catch_up(1, link.ask("beat", ack=0)["events"])
    gun.event("changed", 0, 1, 0)
    assert run(link, 3) == [1]
    assert "events" not in [name for name, _ in gun.asked]


def test_as_many_events_as_a_gun_can_keep_are_waited_for() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [] if line.startswith(b"0 ") and ("events", [1]) not in gun.asked else [line]
    for _ in range(EVENTS_KEPT):
        gun.event("changed", 0, 1, 0)
    link.catch_up(1, link.ask("beat", ack=0)["events"])
    assert len(link.turn()) == EVENTS_KEPT


def test_only_what_is_on_disk_is_acknowledged() -> None:
    gun = FakeGun()
    link = connected(gun)
    for _ in range(3):
        gun.event("changed", 0, 1, 0)
    run(link, 0.5)
    assert gun.acked == 0
    link.on_disk(2)
    run(link, 0.2)
    assert gun.acked == 2


@given(st.lists(st.sampled_from(["pass", "lose", "twice", "mangle"]), max_size=60), st.integers(1, 12))
def test_on_a_bad_cable_every_event_comes_once_and_in_order(ways: list[str], events: int) -> None:
    gun = FakeGun()
    link = connected(gun)
    plan = iter(ways)
    acts: dict[str, Wire] = {
        "pass": lambda line: [line],
        "lose": lambda line: [],
        "twice": lambda line: [line, line],
        "mangle": lambda line: [line[:7] + b"#" + line[8:]],
    }
    gun.wire = lambda line: acts[next(plan, "pass")](line)
    for i in range(events):
        gun.after(i * 40, lambda: gun.event("changed", 0, 1, 0))
    try:
        heard = run(link, 20)
    except LinkLost:
        assert ways.count("pass") + ways.count("twice") < len(ways)  # if every try was lost it says so
    else:
        assert heard == list(range(1, events + 1))


# ---- ports ----


def test_a_cable_pulled_out_is_a_lost_link() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.cut = True
    with pytest.raises(LinkLost, match="cable"):
        run(link, 1)


def refusal_of(url: str) -> str:
    with pytest.raises(NoGun) as refused:
        open_port(url)
    assert refused.value.exit_code == 2
    (problem,) = refused.value.problems
    assert problem.field == "port"
    assert problem.value == url
    assert problem.remedy
    return problem.limit


def test_a_port_that_does_not_exist_is_refused() -> None:
    assert refusal_of("/dev/no-such-gun") == "there is no such port"


def test_a_port_of_an_unknown_kind_is_refused() -> None:
    assert "not known" in refusal_of("carrier-pigeon://here")


def test_a_port_where_nobody_listens_is_refused() -> None:
    assert refusal_of("socket://127.0.0.1:1") == "nothing listens there"


def test_a_file_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert refusal_of(str(file))


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo terminals")
def test_a_port_in_use_is_refused() -> None:
    ours, theirs = os.openpty()
    try:
        port = open_port(os.ttyname(theirs))
        assert refusal_of(os.ttyname(theirs)) == "another program is using it"
        port.close()
        open_port(os.ttyname(theirs)).close()
    finally:
        os.close(ours)
        os.close(theirs)
