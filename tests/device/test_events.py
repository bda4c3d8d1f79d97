"""What happened is numbered, kept until the host has it on disk, sent again on demand, and never overwritten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.cable import Cable, ask, greeted, happened
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.device.events import RESERVE, Events
from mesogun_fw.talk import frames

SHOT, ENDED, CHANGED = range(3)


def happen(cable: Cable, count: int) -> None:
    for _ in range(count):
        happened(cable.events, ENDED, [cable.events.last, 1, 1, 0, 7])


def numbers(lines: list[bytes]) -> list[int]:
    decoded = [frames.decode(line) for line in lines]
    return [values[0] for seq, name, values in decoded if name == "ended" and seq == 0]


def test_events_are_sent_by_themselves_once_and_in_order_after_the_answers() -> None:
    cable = greeted()
    happen(cable, 3)
    lines = cable.host_sends(ask(2)).host_reads()
    assert frames.decode(lines[0])[1] == "ok"
    assert numbers(lines) == [1, 2, 3]
    assert not cable.turn(3).host_reads()


def test_no_event_is_sent_to_a_host_that_has_not_said_hello() -> None:
    cable = Cable()
    happen(cable, 3)
    assert not cable.turn().host_reads()
    assert numbers(cable.host_sends(ask(9, "hello", 1)).host_reads()) == [1, 2, 3]


def test_kept_events_are_sent_again_on_demand_and_acknowledged_ones_are_not() -> None:
    cable = greeted()
    happen(cable, 5)
    cable.turn().host_reads()
    cable.events.ack(2)
    cable.wire.resend(1)
    assert numbers(cable.turn().host_reads()) == [3, 4, 5]
    cable.wire.resend(5)
    assert numbers(cable.turn().host_reads()) == [5]


def test_asking_for_events_of_the_future_does_not_silence_those_that_come() -> None:
    cable = greeted()
    cable.wire.resend(1_000)
    happen(cable, 2)
    assert numbers(cable.turn().host_reads()) == [1, 2]


def test_an_acknowledgement_overtaking_a_repeat_does_not_silence_the_next_event() -> None:
    cable = greeted()
    happen(cable, 3)
    cable.turn().host_reads()
    cable.wire.resend(1)
    cable.events.ack(3)
    cable.turn()
    happen(cable, 1)
    assert numbers(cable.turn().host_reads()) == [4]


@pytest.mark.parametrize("takes", [1, 2, 3])
def test_a_host_that_reads_slowly_gets_every_line_whole(takes: int) -> None:
    cable = Cable().host_sends(ask(1, "hello", 1))
    cable.host_reads()
    cable.takes = takes
    happen(cable, 4)
    got = b""
    for _ in range(2_000):
        got += b"".join(cable.turn().host_reads())
    assert numbers(got.splitlines(keepends=True)) == [1, 2, 3, 4]


def test_an_acknowledgement_goes_forward_only_and_not_beyond_what_happened() -> None:
    events = Events()
    for n in range(5):
        happened(events, CHANGED, [n, 0, 1, 0])
    for n, acked in ((3, 3), (2, 3), (6, 3), (5, 5), (0, 5)):
        events.ack(n)
        assert (events.acked, events.kept()) == (acked, 5 - acked)


@examples(30)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30))
def test_no_kept_event_is_ever_overwritten(steps: list[tuple[int, int]]) -> None:
    events = Events()
    for more, ack in steps:
        for _ in range(more):
            happened(events, SHOT, [events.last, 0, 0, 1, 100_000, 2_000, 2_000, 0, 0, 0])
        assert events.kept() <= limits.EVENTS_KEPT
        for n in range(events.acked + 1, events.last + 1):
            kind, values = events.row(n)
            assert (kind, values[:2]) == (SHOT, [n, n - 1])
        events.ack(events.acked + ack)


def test_a_ring_nearly_full_has_no_room_for_shots_but_for_how_they_ended() -> None:
    events = Events()
    while events.room():
        happened(events, SHOT, [0, 0, 0, 1, 100_000, 2_000, 2_000, 0, 0, 0])
    assert events.kept() == limits.EVENTS_KEPT - RESERVE
    for _ in range(2 * RESERVE):
        happened(events, CHANGED, [0, 0, 1, 0])
    assert events.kept() == limits.EVENTS_KEPT - RESERVE // 2
    for _ in range(2 * RESERVE):
        happened(events, ENDED, [0, 3, 20, 0, 0])
    assert events.kept() == limits.EVENTS_KEPT
    assert events.row(events.last)[0] == ENDED
