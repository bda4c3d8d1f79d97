"""What is a repeat, what is new, and what is past its range: at the device's end of the cable, each by one."""

import pytest
from rigs.cable import Cable, ask, greeted, happened

from mesogun_fw.limits import EVENTS_KEPT, LINE_MAX
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import ASK, MESSAGES

REQUESTS = [row for row in MESSAGES if row[1] == ASK]
EDGES = [(name, at) for name, _, fields in REQUESTS for at in range(len(fields))]


def answers(cable: Cable) -> list[tuple[int, str, list[int]]]:
    return [frames.decode(line) for line in cable.host_reads()]


# ---- ranges ----


@pytest.mark.parametrize(("name", "at"), EDGES, ids=[f"{name} {at}" for name, at in EDGES])
def test_each_field_of_a_request_may_be_what_its_range_says_and_not_one_more_or_less(name: str, at: int) -> None:
    fields = next(row[2] for row in REQUESTS if row[0] == name)
    field, low, high = fields[at]
    values = [row[1] for row in fields]
    for limit, beyond in ((low, low - 1), (high, high + 1)):
        values[at] = limit
        cable = greeted().host_sends(frames.encode(2, name, values))
        assert cable.done == [(2, name, values)]
        values[at] = beyond
        words = " ".join(f"{row[0]}={value}" for row, value in zip(fields, values, strict=True))
        cable = greeted().host_sends(frames.seal(2, f"{name} {words}"))
        assert cable.done == [], field
        if abs(beyond) > frames.NUMBER_MAX:
            assert cable.wire.bad_lines == 1, "nobody's integer"
        else:
            assert answers(cable) == [(2, "refused", [refusals.OUT_OF_RANGE, at, beyond, low, high])]


# ---- repeats ----


@pytest.mark.parametrize(
    "again",
    [frames.encode(2, "events", [2]), frames.encode(2, "beat", [1]), frames.encode(2, "home", [])],
    ids=["another value", "another request", "a shorter one"],
)
def test_another_request_by_the_number_of_the_last_is_no_repeat_and_is_not_done(again: bytes) -> None:
    cable = greeted().host_sends(frames.encode(2, "events", [1]))
    cable.host_reads()
    cable.host_sends(again)
    assert cable.done == [(2, "events", [1])]
    assert answers(cable) == [(2, "refused", [refusals.OUT_OF_SEQUENCE, -1, 2, 3, 3])]


def test_a_request_that_begins_as_the_last_one_did_is_no_repeat() -> None:
    cable = greeted().host_sends(frames.encode(2, "beat", [1]))
    cable._to_device += frames.encode(2, "beat", [12])
    assert answers(cable.turn())[1:] == [(2, "refused", [refusals.OUT_OF_SEQUENCE, -1, 2, 3, 3])]


def test_after_an_answer_of_another_number_the_last_one_is_still_there_to_be_repeated() -> None:
    cable = greeted().host_sends(ask(2, "home"))
    first = cable.host_reads()
    assert answers(cable.host_sends(ask(9, "home")))[0][1] == "refused"
    assert cable.host_sends(ask(2, "home")).host_reads() == first
    assert cable.done == [(2, "home", [])]
    assert cable.host_sends(ask(3, "home")).done[1:] == [(3, "home", [])]


def test_the_answer_after_a_refused_number_is_that_of_its_own_request() -> None:
    cable = greeted().host_sends(ask(2, "home"), ask(9, "home"), ask(3, "hardware"))
    assert [(seq, name) for seq, name, _ in answers(cable)] == [(2, "ok"), (9, "refused"), (3, "ok")]


def test_it_is_known_whether_the_link_has_taken_everything() -> None:
    cable = greeted()
    assert not cable.wire.flush()
    cable.takes = 0
    cable.host_sends(ask(2))
    assert cable.wire.flush(), "an answer waits"
    cable.takes = 1
    happened(cable.events, 2, [0, 0, 1, 0])
    assert cable.wire.flush(), "the answer is gone, and an event waits"
    cable.takes = 2
    assert not cable.wire.flush()


def test_a_hello_sent_again_is_answered_again_and_one_of_another_number_begins_anew() -> None:
    cable = Cable().host_sends(ask(7, "hello", 1), ask(7, "hello", 1))
    assert [(seq, name) for seq, name, _ in answers(cable)] == [(7, "ok"), (7, "ok")]
    assert cable.done == [(7, "hello", [1])]
    cable.host_sends(ask(3, "hello", 1), ask(4))
    assert [seq for seq, _, _ in cable.done] == [7, 3, 4]


def test_a_hello_by_the_number_of_the_last_request_begins_anew() -> None:
    cable = greeted().host_sends(ask(2, "home"), ask(2, "hello", 1), ask(3, "home"))
    assert [(seq, name) for seq, name, _ in cable.done] == [(2, "home"), (2, "hello"), (3, "home")]


def test_the_number_after_the_highest_is_one() -> None:
    cable = Cable().host_sends(ask(frames.SEQ_MAX, "hello", 1))
    cable.host_reads()
    assert answers(cable.host_sends(ask(2)))[0][2] == [refusals.OUT_OF_SEQUENCE, -1, 2, 1, 1]
    assert cable.host_sends(ask(1)).done[1:] == [(1, "beat", [0])]


def test_a_refused_value_uses_its_number_up_before_hello_too() -> None:
    cable = Cable().host_sends(frames.seal(5, "hello proto=10000"))
    assert answers(cable) == [(5, "refused", [refusals.OUT_OF_RANGE, 0, 10_000, 0, 9_999])]
    assert cable.done == []


def test_an_answer_is_of_its_own_request_when_the_one_before_was_longer() -> None:
    cable = greeted().host_sends(frames.encode(2, "prime", [1_000, 500, 4_000]), ask(3, "home"), ask(3, "home"))
    assert cable.done == [(2, "prime", [1_000, 500, 4_000]), (3, "home", [])]
    assert [seq for seq, _, _ in answers(cable)] == [2, 3, 3]


# ---- lines ----


def test_a_line_of_the_greatest_length_is_read_and_one_byte_more_is_a_line_that_is_none() -> None:
    for size, skipping in ((LINE_MAX, False), (LINE_MAX + 1, True)):
        cable = greeted().host_sends(*[b"x"] * size)
        assert cable.wire._skipping == skipping
        cable.host_sends(b"\n")
        assert cable.wire.bad_lines == 1
        assert cable.host_sends(ask(2)).turn(2).done == [(2, "beat", [0])]


def test_after_a_line_too_long_each_line_counts_again() -> None:
    cable = greeted()
    for count in (1, 2, 3):
        cable.host_sends(b"y" * (LINE_MAX + 50), b"\n").turn(3)
        assert cable.wire.bad_lines == count
        assert not cable.wire._skipping
        assert len(cable.host_sends(ask(count + 1)).turn(2).done) == count


def test_bad_lines_are_counted_one_by_one() -> None:
    cable = greeted()
    for count in range(1, 6):
        cable.host_sends(b"nonsense\n")
        assert cable.wire.bad_lines == count


# ---- events ----


def test_a_new_hello_is_sent_what_is_kept_from_the_first_on() -> None:
    cable = greeted()
    for n in range(4):
        happened(cable.events, 2, [n, 0, 1, 0])
    cable.turn().host_reads()
    cable.events.ack(1)
    cable.wire.resend(cable.events.acked + 1)
    assert [values[0] for _, _, values in answers(cable.turn())] == [2, 3, 4]
    cable.wire.resend(4)
    assert [values[0] for _, _, values in answers(cable.turn())] == [4]
    cable.wire.resend(5)
    assert answers(cable.turn()) == []


def test_events_are_told_by_their_numbers_when_their_ring_has_gone_round() -> None:
    cable = greeted()
    for n in range(1, 2 * EVENTS_KEPT + 3):
        happened(cable.events, 2, [n, 0, 1, 0])
        assert [values[:2] for _, _, values in answers(cable.turn())] == [[n, n]]
        cable.events.ack(n)


def test_an_event_that_waits_for_the_link_gives_way_to_those_that_are_asked_for_again() -> None:
    cable = greeted()
    cable.takes = 1
    for n in range(3):
        happened(cable.events, 2, [n, 0, 1, 0])
    cable.turn()
    cable.wire.resend(1)
    cable.takes = 1 << 20
    assert [values[0] for _, _, values in answers(cable.turn())] == [1, 1, 2, 3]


def test_the_answer_goes_before_the_events_that_wait() -> None:
    cable = greeted()
    cable.takes = 0
    happened(cable.events, 2, [0, 0, 1, 0])
    cable.host_sends(ask(2))
    cable.takes = 1 << 20
    assert [name for _, name, _ in answers(cable.turn())] == ["ok", "changed"]


@pytest.mark.parametrize(("since", "numbers"), [(1, [1, 2, 3]), (3, [3]), (4, []), (99, [])])
def test_events_are_sent_again_from_the_one_asked_for_to_the_last(since: int, numbers: list[int]) -> None:
    cable = greeted()
    for n in range(3):
        happened(cable.events, 2, [n, 0, 1, 0])
    cable.turn().host_reads()
    cable.wire.resend(since)
    assert [values[0] for _, _, values in answers(cable.turn())] == numbers
