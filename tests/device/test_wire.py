"""The device's end of the cable: every request done once and answered, whatever the cable does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.cable import Cable, ask, greeted
from rigs.rig import Rig

from mesogun_fw.device.events import ROW
from mesogun_fw.talk import frames, refusals


def refused(lines: list[bytes]) -> list[tuple[int, int]]:
    """(sequence number, code) of every refusal."""
    decoded = [frames.decode(line) for line in lines]
    return [(seq, values[0]) for seq, name, values in decoded if name == "refused"]


def test_a_request_sent_again_is_answered_the_same_and_done_once() -> None:
    cable = greeted().host_sends(ask(2, "home"), ask(2, "home"), ask(2, "home"))
    assert cable.done == [(2, "home", [])]
    assert cable.host_reads() == [frames.encode(2, "ok", [])] * 3


@pytest.mark.parametrize("seq", [1, 2, 4, 65_535])
def test_a_request_out_of_sequence_is_refused_and_the_sequence_goes_on(seq: int) -> None:
    cable = greeted().host_sends(ask(2), ask(seq, "home"))
    assert cable.done == [(2, "beat", [0])]
    assert refused(cable.host_reads()) == [(seq, refusals.OUT_OF_SEQUENCE)]
    assert cable.host_sends(ask(3)).done[1:] == [(3, "beat", [0])]


def test_the_sequence_goes_from_65535_to_1_and_never_to_0() -> None:
    cable = Cable().host_sends(ask(65_535, "hello", 1), ask(0), ask(1), ask(2))
    assert [seq for seq, _, _ in cable.done] == [65_535, 1, 2]
    assert cable.wire.bad_lines == 1


def test_nothing_is_done_before_hello() -> None:
    cable = Cable()
    for seq in (1, 2, 65_535):
        assert refused(cable.host_sends(ask(seq)).host_reads()) == [(seq, refusals.OUT_OF_SEQUENCE)]
    assert not cable.done


def test_hello_starts_the_sequence_anew() -> None:
    cable = greeted().host_sends(ask(2), ask(500, "hello", 1), ask(501))
    assert [seq for seq, _, _ in cable.done] == [2, 500, 501]


def test_a_value_out_of_range_is_answered_by_naming_it_and_uses_up_its_number() -> None:
    cable = greeted().host_sends(frames.seal(2, "events since=0"), frames.seal(2, "events since=0"), ask(3))
    assert [frames.decode(line)[2] for line in cable.host_reads()[:2]] == [[refusals.OUT_OF_RANGE, 0, 0, 1, (1 << 30) - 1]] * 2
    assert cable.done == [(3, "beat", [0])]


@pytest.mark.parametrize("seq", [1, 2, 9])
def test_a_value_out_of_range_does_not_bring_an_old_request_back_to_life(seq: int) -> None:
    cable = greeted().host_sends(ask(2), ask(3, "home"), frames.seal(seq, "events since=0"), ask(2), ask(seq % 65_535 + 1))
    assert [seq for seq, _, _ in cable.done] == [2, 3]
    assert {code for _, code in refused(cable.host_reads())} == {refusals.OUT_OF_SEQUENCE}


@pytest.mark.parametrize("number", ["9007199254740992", "99999999999999999", "-9007199254740992"])
def test_a_number_too_large_to_be_told_back_is_no_message(number: str) -> None:
    cable = greeted().host_sends(frames.seal(2, f"beat ack={number}"))
    assert cable.wire.bad_lines == 1
    assert cable.host_sends(ask(2)).done == [(2, "beat", [0])]


@pytest.mark.parametrize("line", [frames.encode(2, "ok", []), frames.seal(2, "ended n=0"), frames.encode(0, "home", [])])
def test_what_is_no_request_is_counted_and_not_answered(line: bytes) -> None:
    cable = greeted().host_sends(line)
    assert cable.wire.bad_lines == 1
    assert not cable.host_reads()


def test_an_event_out_of_range_sent_to_the_device_is_not_answered_either() -> None:
    row = "ended n=1 at_ms=0 kind=9 reason=0 pass_index=0 done=0"
    cable = greeted().host_sends(frames.seal(2, row), frames.seal(0, "beat ack=-1"))
    assert cable.wire.bad_lines == 2
    assert not cable.host_reads()


# ---- bytes ----


def test_a_line_may_come_in_any_pieces() -> None:
    line = ask(2, "home")
    for cut in range(1, len(line)):
        assert greeted().host_sends(line[:cut], line[cut:]).done == [(2, "home", [])]
    assert greeted().host_sends(*[bytes([byte]) for byte in line]).done == [(2, "home", [])]


def test_lines_that_come_together_are_done_one_a_turn() -> None:
    cable = greeted().host_sends(ask(2) + ask(3) + ask(4))
    assert len(cable.done) == 1
    assert cable.wire.waiting()
    assert len(cable.turn(2).done) == 3
    assert not cable.wire.waiting()


@pytest.mark.parametrize("garbage", [b"x" * 390, b"x" * 500, b"x" * 5_000, b"\x00\xff\r" * 300, b"\n" * 20])
@pytest.mark.parametrize("pieces", [1, 7])
def test_garbage_of_any_length_costs_no_more_than_its_own_line(garbage: bytes, pieces: int) -> None:
    cable = greeted()
    size = -(-len(garbage) // pieces)
    cable.host_sends(*[garbage[i : i + size] for i in range(0, len(garbage), size)]).host_sends(b"\n").turn(25)
    assert cable.wire.bad_lines >= 1
    assert not cable.done
    assert cable.host_sends(ask(2)).turn(3).done == [(2, "beat", [0])]


def test_the_end_of_a_line_too_long_is_not_a_line_of_its_own() -> None:
    cable = greeted().host_sends(b"x" * 450, ask(2, "home"))
    assert not cable.done
    assert cable.host_sends(ask(2, "home")).done == [(2, "home", [])]


def test_half_a_line_left_by_a_dead_host_costs_the_next_one_its_first_try() -> None:
    cable = greeted().host_sends(ask(2)[:9])
    hello = ask(77, "hello", 1)
    assert not cable.host_sends(hello).done
    assert cable.host_sends(hello).done == [(77, "hello", [1])]


@given(st.lists(st.sampled_from([1, 2, 3, 4]), max_size=12), st.binary(max_size=60))
def test_however_lines_are_repeated_and_mixed_with_garbage_each_is_done_once_and_in_order(order: list[int], garbage: bytes) -> None:
    cable = greeted()
    for seq in order:
        cable.host_sends(ask(seq + 1, "home"), garbage, b"\n", ask(seq + 1, "home"))
    seqs = [seq for seq, _, _ in cable.done]
    assert seqs == list(range(2, 2 + len(seqs)))


def test_a_host_that_does_not_read_is_not_listened_to_either() -> None:
    cable = greeted()
    cable.takes = 1
    for seq in range(2, 200):
        cable.host_sends(ask(seq))
    assert cable.done == [(2, "beat", [0]), (3, "beat", [0])], "one answer is on its way, one waits"
    assert cable.host_reads() == [frames.encode(2, "ok", [])]


# ---- what is filled in value by value ----

NONSENSE = -(1 << 31)  # no field of the table takes it


@pytest.mark.parametrize("request_", ["beat", "watch", "disarm"])
def test_an_answer_that_is_given_often_has_every_value_anew(request_: str) -> None:
    rig = Rig().ready()
    for i in range(len(rig.device.wire.values)):
        rig.device.wire.values[i] = NONSENSE
    assert rig.ask(request_, *([0] if request_ == "beat" else []))[0] in ("state", "watched")


def test_an_event_is_told_with_every_value_anew() -> None:
    rig = Rig().ready()
    rows = rig.device.events.rows
    for i in range(rig.device.events.last * ROW, len(rows)):
        rows[i] = NONSENSE
    rig.press()
    rig.wait(1_500)
    rig.release()
    rig.wait(500)
    for name in ("shot", "ended", "changed"):
        assert rig.told(name)


def test_a_value_that_is_not_allowed_ends_the_loop_and_is_not_sent() -> None:
    rig = Rig().ready()
    rig.device.wire.bad_lines = 1 << 30
    with pytest.raises(ValueError, match="outside"):
        rig.ask("beat", 0)
