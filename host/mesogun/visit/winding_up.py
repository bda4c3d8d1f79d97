"""However a session ends: the needle is sent home, every event put on disk, the gun's own journal asked, the record finished."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from mesogun.refusal import LinkLost, Refused
from mesogun.visit.hearing import Hearing, Over
from mesogun_fw.talk.messages import RETURNING, RUNNING

if TYPE_CHECKING:
    from mesogun.records.tally import Summary


def wind_up(hearing: Hearing, over: Over) -> "Summary":
    """Returns what was given. A record that fails stays unfinished, to be found; its error comes out."""
    hearing.winding_up = True
    recording, outcome, reason = hearing.recording, over.outcome, over.reason
    settled = _settled(hearing)
    if not settled and outcome == "stopped":
        outcome, reason = "interrupted", f"{reason}; the gun could not be reached"
    hearing.kept(recording.commit)
    if settled:
        outcome, reason = _by_the_journal(hearing, outcome, reason)
    if hearing.contradiction.words:
        outcome, reason = _disbelieved(hearing, reason)
    in_flight = hearing.heard.state in (RUNNING, RETURNING) and hearing.index < len(hearing.plan.passes)
    if in_flight and not settled:  # it counts as given, and is never repeated
        one = hearing.plan.passes[hearing.index]
        at_ms = hearing.heard.at_ms
        hearing.kept(partial(recording.uncertain, at_ms, hearing.index, one.depth_um, one.dose_nl))
    summary = hearing.kept(partial(recording.finish, outcome, reason))
    hearing.show()
    if settled:
        with suppress(LinkLost, Refused):
            hearing.gun.state()  # this carries the last acknowledgement
    return summary


def _by_the_journal(hearing: Hearing, outcome: str, reason: str) -> tuple[str, str]:
    """Returns how the session ended, when the gun's own journal has been asked too."""
    with suppress(LinkLost, Refused):
        if otherwise := hearing.kept(hearing.recording.settle):
            return "fault", otherwise
    return outcome, reason


def _disbelieved(hearing: Hearing, reason: str) -> tuple[str, str]:
    """Returns outcome and reason after a contradiction. What the gun itself stopped for is said first."""
    ended, doubt = hearing.heard.ended, hearing.contradiction.words
    outcome, own = (ended.outcome, ended.reason) if ended and ended.outcome else ("fault", "")
    return outcome, "; ".join(dict.fromkeys(words for words in (own, reason, doubt) if words))


def _settled(hearing: Hearing) -> bool:
    """Tells whether the gun, not restarted since, is disarmed and at rest and has told everything."""
    gun, recording = hearing.gun, hearing.recording
    settled = False
    with suppress(LinkLost, Refused):
        try:
            settled = recording.same_start() and gun.rest()
        except LinkLost:
            hearing.take_heard()
            settled = gun.reconnect() and gun.rest()
    if recording.same_start():
        hearing.take_heard()
    return settled
