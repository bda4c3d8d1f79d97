"""A host that never says "on disk" stops the gun at the end of a period; nothing kept is overwritten."""

from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.device.events import RESERVE
from mesogun_fw.device.wire import BUFFER
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.messages import IDLE, PAUSE, RUNNING

ONE = a_pass(shots=600, depth_um=500, dose_nl=1_000, dwell_us=0, period_us=100_000)


def full() -> Rig:
    """A gun whose host has read everything and written nothing to its disk."""
    rig = Rig()
    rig.acks = False
    rig.ready(ONE)
    rig.press()
    rig.until_lamp(RUNNING)
    rig.until_lamp(IDLE)
    return rig


def test_the_pass_pauses_at_the_end_of_a_period_before_the_ring_is_full() -> None:
    rig = full()
    ended = rig.told("ended")[-1]
    assert (ended["kind"], ended["reason"]) == (PAUSE, reasons.RECORD_FULL)
    assert limits.EVENTS_KEPT - RESERVE <= rig.device.events.kept() < limits.EVENTS_KEPT
    assert not any(shot["flags"] for shot in rig.told("shot")), "no shot was cut"
    assert len(rig.tape.plays) == 1 + len(rig.told("shot")), "homing and the shots"


def test_every_event_is_still_there_when_asked_for_again() -> None:
    rig = full()
    first = list(rig.events)
    rig.events.clear()
    rig.ask("events", 1)
    rig.wait(3_000)
    assert rig.events == first
    assert [fields["n"] for _, fields in first] == list(range(1, len(first) + 1))


def test_arming_is_refused_until_the_record_is_on_the_disk_and_then_the_pass_goes_on() -> None:
    rig = full()
    name, fields = rig.ask("arm", 0)
    assert (name, fields["code"]) == ("refused", refusals.RECORD_WAITS)
    made = rig.told("ended")[-1]["done"]
    rig.acks = True
    rig.wait(200)
    assert rig.device.events.kept() == 0
    assert rig.arm()["left"] == 600 - made
    rig.release()
    rig.press(in_ms=limits.TRIGGER_RELEASED_MS + 20)
    rig.wait(1_000)
    assert rig.told("shot")[-1]["shot"] > made


def test_a_host_that_asks_and_never_reads_fills_nothing_and_is_taken_for_silent() -> None:
    rig = Rig(skip=False).ready(a_pass(period_us=120_000))
    rig.press()
    rig.until_lamp(RUNNING)
    reason = rig.device.guard
    for _ in range(2_000):
        rig.say("beat", 0)
        rig.desk.advance(rig.now_ms + 1)
    assert (reason.kind, reason.reason) == (PAUSE, reasons.LINK_SILENT)
    wire = rig.device.wire
    assert len(wire._buffer) == BUFFER
    assert wire._filled <= BUFFER
