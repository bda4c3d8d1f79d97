"""The loop of the device: what it is asked, it does once; what it cannot do, it refuses and goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.rig import Rig, a_pass
from rigs.search import examples

from mesogun.gun import explanations
from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.device import requests
from mesogun_fw.guard.cells import OFF
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import ARMED, ASK, BY_NAME, IDLE, MESSAGES, PAUSE, PROTO
from mesogun_sim.costs import BOOT_MS
from mesogun_sim.desk import Desk

REQUESTS = [row for row in MESSAGES if row[1] == ASK]


def test_every_request_of_the_table_is_understood_by_the_device() -> None:
    rig = Rig()
    for name, _, fields in REQUESTS:
        answer, row = rig.ask(name, *([PROTO] if name == "hello" else [low for _, low, _ in fields]))
        assert answer != "refused" or row["code"] in (refusals.WRONG_STATE, refusals.WRONG_ORDER, refusals.DIGEST_DIFFERS), name


def test_a_request_is_found_in_a_table_that_has_every_one_and_nothing_else() -> None:
    assert set(requests.REQUESTS) == {name for name, _, _ in REQUESTS}


def test_a_pass_sent_again_is_stored_once() -> None:
    rig = Rig()
    rig.beats = False
    rig.ask("hello", 1)
    rig.ask("begin", 2, 12_060, 5_000_000, 2_000_000)
    line = frames.encode(rig.seq + 1, "pass", a_pass(0))
    for _ in range(3):
        rig.desk.send(line)
        rig.wait(20)
    rig.seq += 1
    assert rig.ask("pass", *a_pass(1)) == ("ok", {})
    assert len(rig.device.program.passes) == 2


def test_an_arm_sent_again_is_answered_again_and_arms_once() -> None:
    rig = Rig()
    rig.home()
    rig.load(a_pass())
    rig.beats = False
    line = frames.encode(rig.seq + 1, "arm", [0])
    for _ in range(3):
        rig.desk.send(line)
        rig.wait(60)
    rig.seq += 1
    assert rig.answers[rig.seq][0] == "armed"
    assert len([row for row in rig.told("changed") if row["after"] == ARMED]) == 1


@pytest.mark.slow
def test_a_record_that_the_host_does_not_take_refuses_to_arm_and_to_lose_anything() -> None:
    rig = Rig()
    rig.acks = False
    rig.home()
    rig.load(a_pass())
    for _ in range(limits.EVENTS_KEPT):
        name, row = rig.ask("arm", 0)
        if name == "refused":
            break
        rig.ask("disarm")
    assert (row["code"], rig.board.state) == (refusals.RECORD_WAITS, IDLE)
    assert [fields["n"] for _, fields in rig.events] == list(range(1, rig.last_event + 1))
    rig.acks = True
    rig.wait(300)
    assert rig.ask("arm", 0)[0] == "armed"


def test_a_stroke_that_does_not_fit_the_guns_memory_is_refused_and_the_loop_goes_on() -> None:
    rig = Rig()
    gun = Description((10_000, 300_000, 30_000, 7_500, 100, 10_000, 5_000, *REFERENCE[7:]))
    rig.desk = Desk(hand=False, description=gun)
    rig.board = rig.desk.board
    rig.home()
    rig.load(a_pass(dose_nl=100_000, flow_nl_s=2_000_000, period_us=5_000_000), bore_um=4_000)
    assert rig.ask("arm", 0)[1]["code"] == refusals.STROKE_TOO_LONG
    assert rig.ask("hardware")[0] == "gun"


@pytest.mark.parametrize("number", [1 << 53, -(1 << 53), 10**17 - 1])
def test_no_number_however_large_stops_the_loop(number: int) -> None:
    rig = Rig()
    rig.ask("hello", 1)
    rig.desk.send(frames.seal(rig.seq + 1, f"beat ack={number}"))
    rig.wait(100)
    assert rig.ask("hardware")[0] == "gun"


@examples(25)
@given(st.data())
def test_no_sequence_of_well_formed_requests_stops_the_loop_or_moves_anything(data: st.DataObject) -> None:
    rig = Rig()
    rig.beats = False
    rig.ask("hello", 1)
    for _ in range(data.draw(st.integers(1, 25))):
        name, _, fields = data.draw(st.sampled_from(REQUESTS))
        values = [data.draw(st.sampled_from((low, high)) | st.integers(low, high)) for _, low, high in fields]
        answer, row = rig.ask(name, *values)
        if answer == "refused":
            assert row["code"] in explanations.REFUSALS
        elif name == "restart":
            rig.wait(BOOT_MS)
            rig.ask("hello", 1)
    assert not rig.tape.plays
    rig.ask("hello", 1)  # it may have been restarted
    assert BY_NAME[rig.ask("beat", 0)[0]][0] == "state"


def test_a_new_conversation_pauses_the_gun() -> None:
    rig = Rig().ready()
    assert rig.device.state == ARMED
    rig.ask("hello", 1)
    assert rig.device.state == IDLE
    assert rig.told("ended")[-1]["kind"] == PAUSE
    assert rig.device.guard.phase == OFF
