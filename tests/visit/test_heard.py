"""What the gun said last is what a session goes by: events before a status of the same moment, and no ending of a hold."""

import pytest

from mesogun.gun.events import Event
from mesogun.gun.explanations import Reason
from mesogun.gun.words import reason_in_words
from mesogun.visit.heard import Heard
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, DONE, ESTOP, FAULT, HOLD, IDLE, PAUSE, RUNNING


def changed(after: int, at_ms: int = 1_000) -> Event:
    return Event(1, "changed", at_ms, {"before": ARMED, "after": after, "event": 0})


def ended(kind: int) -> Event:
    return Event(2, "ended", 1_000, {"kind": kind, "reason": reasons.TOO_HOT, "pass_index": 0, "done": 1})


@pytest.mark.parametrize(("at_ms", "state"), [(999, RUNNING), (1_000, RUNNING), (1_001, ARMED)])
def test_a_status_counts_only_when_it_is_newer_than_what_was_told(at_ms: int, state: int) -> None:
    """A gun that is lost now has a shot in flight, or not."""
    heard = Heard()
    heard.take([changed(RUNNING)], {"state": ARMED, "at_ms": at_ms})
    assert (heard.state, heard.at_ms) == (state, max(1_000, at_ms))


@pytest.mark.parametrize(("kind", "outcome"), [(HOLD, "nothing"), (DONE, None), (PAUSE, None), (FAULT, "fault"), (ESTOP, "estop")])
def test_every_ending_but_that_of_a_hold_is_one_and_fault_and_e_stop_are_outcomes(kind: int, outcome: str | None) -> None:
    heard = Heard()
    heard.take([ended(kind)], {"state": IDLE, "at_ms": 0})
    assert (heard.ended.outcome if heard.ended else "nothing") == outcome
    if heard.ended:
        assert (heard.ended.kind, heard.ended.reason) == (kind, reason_in_words(Reason(reasons.TOO_HOT)))


@pytest.mark.parametrize(("kind", "forgotten"), [(PAUSE, True), (DONE, False), (FAULT, False), (ESTOP, False)])
def test_only_a_pause_is_forgotten(kind: int, forgotten: bool) -> None:
    heard = Heard()
    heard.take([ended(kind)], {"state": IDLE, "at_ms": 0})
    heard.forget_pause()
    assert (heard.ended is None) == forgotten
