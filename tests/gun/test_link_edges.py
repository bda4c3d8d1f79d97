"""How long the link waits, how often it asks, and what it takes for an answer: each by one."""

import pytest
from rigs.fakegun import FakeGun
from rigs.links import connected, run

from mesogun.gun.link import ANSWERS, BEAT_S, RESEND_S, SLOW, SLOW_RESEND_S, SLOW_TRIES, TRIES, TURN_S, Link
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import LinkLost
from mesogun_fw.limits import EVENTS_KEPT, LINE_MAX, LINK_SILENT_MS
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import ANSWER, ASK, BY_NAME, MESSAGES, PROTO

LOWEST = {name: {field: low for field, low, _ in fields} for name, way, fields in MESSAGES if way == ASK}

ONE = list(LOWEST["pass"].values())  # a pass


# ---- time ----


@pytest.mark.parametrize("name", LOWEST)
def test_a_gun_that_does_not_answer_is_asked_again_so_often_and_is_lost_after_that(name: str) -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.passes = [ONE]
    gun.wire = lambda line: []
    before, began_s = len(gun.heard), link.now_s()
    with pytest.raises(LinkLost, match=rf"does not answer \({name}\)"):
        link.ask(name, **LOWEST[name])
    lines = gun.heard[before:]
    tries, apart_s = (SLOW_TRIES, SLOW_RESEND_S) if name in SLOW else (TRIES, RESEND_S)
    assert (len(lines), len(set(lines))) == (tries, 1)
    assert link.now_s() - began_s == pytest.approx(tries * apart_s, abs=0.05)


def test_the_slow_ones_are_given_five_seconds_and_the_others_two() -> None:
    assert pytest.approx(5.1) == SLOW_TRIES * SLOW_RESEND_S
    assert pytest.approx(2.0) == TRIES * RESEND_S
    assert set(SLOW) == {"hello", "home", "arm", "adjust", "gauge", "prime", "selftest", "configure", "format"}


def test_three_beats_may_be_lost_before_the_gun_pauses() -> None:
    assert 4 * BEAT_S * 1000 < LINK_SILENT_MS
    assert RESEND_S <= BEAT_S
    assert TURN_S <= BEAT_S / 2


def test_a_turn_waits_no_longer_than_it_was_told_to_and_never_past_the_next_beat() -> None:
    gun = FakeGun()
    link = connected(gun)
    for timeout_s in (0.0, 0.01, 0.05, 5.0):
        began_s = link.now_s()
        assert link.turn(timeout_s) == []
        assert link.now_s() - began_s <= min(timeout_s, BEAT_S) + 0.002


def test_a_request_is_a_beat_neither_less_nor_more() -> None:
    """Another request does not put off the beat that is due."""
    gun = FakeGun()
    link = connected(gun)
    before = len(gun.asked)
    until_s = link.now_s() + 2
    while link.now_s() < until_s:
        link.ask("hardware")
        link.turn(0.01)
    beats = [name for name, _ in gun.asked[before:]].count("beat")
    assert 18 <= beats <= 21


# ---- answers ----


def test_every_request_has_its_own_answer() -> None:
    assert set(ANSWERS) == set(LOWEST)
    assert all(BY_NAME[answer][1] == ANSWER for answer in ANSWERS.values())


@pytest.mark.parametrize("name", LOWEST)
def test_no_other_answer_than_its_own_is_taken_for_a_request(name: str) -> None:
    gun = FakeGun()
    link = connected(gun)
    others = [row for row in MESSAGES if row[1] == ANSWER and row[0] not in (ANSWERS[name], "refused")]
    given = len(others)

    def instead(line: bytes) -> list[bytes]:
        seq = int(line.split()[0])
        wrong = [frames.encode(seq, other, [low for _, low, _ in fields]) for other, _, fields in others]
        return [*wrong, line] if seq else [line]

    gun.wire = instead
    gun.passes = [ONE]
    try:
        answer = link.ask(name, **LOWEST[name])
    except DeviceRefused:
        answer = {}
    assert link.stale == given
    assert not answer or set(answer) == {row[0] for row in BY_NAME[ANSWERS[name]][2]}


@pytest.mark.parametrize("off", [1, -1, 100])
def test_an_answer_with_another_number_than_the_request_is_nobodys(off: int) -> None:
    gun = FakeGun()
    link = connected(gun)

    def both(line: bytes) -> list[bytes]:
        seq, name, values = frames.decode(line)
        return [frames.encode(seq + off, name, [5, *values[1:]]) if name == "state" else line, line]

    gun.wire = both
    assert link.ask("disarm")["state"] == 0
    assert link.stale == 1


def test_an_answer_that_comes_twice_is_taken_once() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [line, line]
    for count in (1, 2, 3):
        link.ask("hardware")
        link.turn(0)
        assert link.stale == count


def test_a_refusal_is_told_with_all_that_was_asked_and_the_next_request_is_heard() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.refuses["gauge"] = [refusals.NOT_A_STEP, 0, 2_050, 200, 10_000]
    with pytest.raises(DeviceRefused) as refused:
        link.ask("gauge", depth_um=2_050)
    error = refused.value
    assert (error.request, error.code, error.field, error.value, error.low, error.high) == (
        "gauge",
        refusals.NOT_A_STEP,
        "depth_um",
        2_050,
        200,
        10_000,
    )
    assert link.ask("hardware")


@pytest.mark.parametrize(("field", "name"), [(-1, ""), (0, "depth_um"), (1, "")])
def test_a_refusal_names_a_field_only_where_there_is_one(field: int, name: str) -> None:
    assert DeviceRefused("gauge", {"depth_um": 1}, refusals.OUT_OF_RANGE, field, 1, 2, 3).field == name


def test_the_latest_status_is_kept_whatever_asked_for_it() -> None:
    gun = FakeGun()
    link = connected(gun)
    for name in ("beat", "home", "disarm"):
        answer = link.ask(name, **({"ack": 0} if name == "beat" else {}))
        assert link.state == answer


# ---- events ----


def test_an_event_comes_with_all_that_the_gun_said_of_it() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.event("ended", 2, 11, 1, 7)
    (event,) = link.turn()
    assert (event.n, event.name, event.at_ms) == (1, "ended", gun.now_us // 1000)
    assert event.values == {"kind": 2, "reason": 11, "pass_index": 1, "done": 7}


def test_while_none_are_wanted_events_are_neither_given_nor_missed() -> None:
    gun = FakeGun()
    link = Link(gun)
    link.ask("hello", proto=PROTO)
    assert link.next_n == 0
    for _ in range(3):
        gun.event("changed", 0, 1, 0)
    assert run(link, 0.5) == []
    assert "events" not in [name for name, _ in gun.asked]
    link.catch_up(2, 3)
    assert [event.n for event in link.turn()] == [2, 3]


@pytest.mark.parametrize("ahead", [EVENTS_KEPT, EVENTS_KEPT + 1])
def test_so_many_events_the_gun_can_keep_and_one_more_it_cannot(ahead: int) -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.after(3_000, lambda: setattr(gun, "cut", True))  # whoever waits for ever is cut off
    last_n = link.next_n - 1 + ahead
    if ahead > EVENTS_KEPT:
        link.catch_up(link.next_n, last_n)
        assert link.turn(0) == []
    else:
        with pytest.raises(LinkLost):
            link.catch_up(link.next_n, last_n)


def test_missing_events_are_asked_for_so_often_and_again_as_often_after_one_came() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.wire = lambda line: [] if line.startswith(b"0 ") else [line]
    asked = 0
    for n in (1, 2):
        gun.event("changed", 0, 1, 0)
        gun.wire = lambda line: [] if line.startswith(b"0 ") else [line]
        run(link, 1.0)
        asked = [name for name, _ in gun.asked].count("events")
        assert asked > 1
        gun.wire = lambda line: [line]
        assert run(link, 0.5) == [n]
        assert link._gap_asks == 0
    gun.event("changed", 0, 1, 0)
    gun.wire = lambda line: [] if line.startswith(b"0 ") else [line]
    before = [name for name, _ in gun.asked].count("events")
    with pytest.raises(LinkLost, match="event 3"):
        run(link, 60)
    assert TRIES - 1 <= [name for name, _ in gun.asked].count("events") - before <= TRIES


def test_a_new_conversation_remembers_nothing_of_the_one_before_but_the_events() -> None:
    gun = FakeGun()
    link = connected(gun)
    gun.event("changed", 0, 1, 0)
    link.wait(TURN_S)
    gun.wire = lambda line: []
    with pytest.raises(LinkLost):
        link.ask("disarm")
    link._split(b"half a li")
    gun.wire = lambda line: [line]
    link.reopen()
    assert (link._waiting, link._buffer, link._gap, link._gap_asks, link._claimed) == (None, b"", False, 0, 0)
    link.ask("hello", proto=PROTO)
    assert [event.n for event in link.turn()] == [1]


def test_a_line_of_the_greatest_length_is_read_in_any_pieces() -> None:
    gun = FakeGun()
    link = connected(gun)
    link._split(b"x" * (LINE_MAX - 1))
    assert len(link._buffer) == LINE_MAX - 1
    link._split(b"\n")
    assert link.bad_lines == 1
    assert link.last_bad == b"x" * (LINE_MAX - 1) + b"\n"
    assert link.ask("disarm")["state"] == 0
