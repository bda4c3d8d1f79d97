"""A Session writes down before it moves: it begins the record, arms pass after pass, keeps what the gun reports, finishes.

Nothing resumes by itself: after a pause, a cut cable, a fault or an e-stop that were cleared, a person says so and the pass is
armed again. The gun keeps what it was told and what it has given, as long as it is not restarted.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.gun.stops import Stops
from mesogun.records.tally import Summary
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun.visit.consent import asked, ends, to_arm_again, words
from mesogun.visit.contradiction import Contradiction
from mesogun.visit.heard import Ended, Heard
from mesogun.visit.person import Person
from mesogun.visit.recording import Recording
from mesogun_fw.talk.messages import DONE, IDLE, PAUSE, RETURNING, RUNNING, UNHOMED

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.gun.answers import Journaled
    from mesogun.records import Records, SessionStart
    from mesogun.records.rows import Answered

RECONNECT_S = 30.0
RECONNECT_PAUSE_S = 0.5

_CUT = "the connection to the gun was cut: arm again to go on"


class _Over(Exception):
    """The session ends here; `outcome` and `reason` say how and why."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class _Withdrawn(Exception):
    """What was asked is no longer the question: the gun has latched meanwhile."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.reason)
        self.ended = ended


class Session:
    """A Session gives one plan with one gun, and is recorded from before the first move until after the last.

    `person` is shown how far it is, which may fail without consequence, and is asked whether to arm again after a pause.
    `began` is what the gun's journal adds up to before; `answers` let the session begin. After `run`, `summary` is None when
    the record failed; `asked_to_stop` is true after a stop by signal or `stop`.
    """

    def __init__(
        self,
        gun: Gun,
        records: "Records",
        plan: "Plan",
        start: "SessionStart",
        *,
        person: Person,
        began: "Journaled | None" = None,
        answers: "Sequence[Answered]" = (),
    ) -> None:
        self._gun = gun
        self._recording = Recording(records, gun, plan)
        self._contradiction = Contradiction(plan, gun.description, self._recording.tally, gun.link.next_n - 1)
        self._plan = plan
        self._start = start
        self._answers = answers
        self._began = began
        self._person = person
        self._looked_on = True
        self._stops = Stops(self.stop, to_the_end=True)
        self._words = words()
        self.summary: Summary | None = None
        self.asked_to_stop = False
        self._uploaded = False
        self._ready = False  # at home, with the plan
        self._index = 0
        self._heard = Heard()

    def run(self) -> Summary:
        """Gives the plan and says what was given. Whatever happens, the needle is sent home and the record is finished.

        A fault, the e-stop, a stop and a lost gun are outcomes, not errors; so is a refusal once something was given. Raises
        Refused when gun or record refuse before, and what the record raises when it fails in between: then the gun is
        disarmed, and what was written stays.
        """
        with self._stops:
            self._recording.begin(self._start, self._answers, self._began)
            try:
                over = self._give()
            except _Over as early:
                over = early
            except BaseException as error:
                summary = self._wind_up(_Over("stopped", str(error) or type(error).__name__))
                if isinstance(error, Refused) and self._recording.tally.attempts:
                    return summary
                raise
            return self._wind_up(over)

    def stop(self) -> None:
        """Ends the session within a turn of the pump: needle home, record complete. Any thread may call it, and more than once."""
        self.asked_to_stop = True

    def _give(self) -> _Over:
        while self._index < len(self._plan.passes):
            try:
                if not self._ready:
                    self._get_ready()
                self._give_pass()
            except LinkLost as lost:
                self._reconnect(str(lost))
            ended = self._heard.ended or Ended(PAUSE, _CUT)
            self._heard.ended = None
            if ended.outcome:
                self._ready = False  # the gun finds its home again; what it holds of the plan, and what is given, stays
            if ended.kind == DONE or not self._left():  # a pause may come when the last dose of the pass is in
                self._index += 1
            if ended.kind == DONE:
                continue
            if self._index < len(self._plan.passes):
                final = self._unless_agreed(ended)
                if final:
                    return _Over(final.outcome or "stopped", final.reason)
            elif ended.outcome:
                return _Over(ended.outcome, ended.reason)
        return _Over("complete", "")

    def _left(self) -> int:
        """Returns how many shots of this pass are still to make, by the record."""
        return self._plan.passes[self._index].shots - self._recording.tally.filled[self._index]

    def _get_ready(self) -> None:
        self._gun.state()
        self._take([])
        self._show()
        while self._heard.state != IDLE:
            if self._heard.ended and self._heard.ended.outcome:
                return
            if self._heard.state == UNHOMED:
                self._gun.home()
            self._turn()
        if not self._uploaded:
            self._gun.upload(self._plan, self._start.tag)
            self._uploaded = True
        self._ready = True

    def _give_pass(self) -> None:
        self._gun.rest()
        self._take(self._gun.turn(0))
        self._raise_if_over()
        self._heard.forget_pause()
        if self._heard.ended is not None:
            return
        self._contradiction.armed = self._plan.passes[self._index]
        armed = self._gun.arm(self._index)
        left = self._left()
        if armed.left != left:
            limit = f"by the record {left} shots of pass {self._index + 1} are left"
            remedy = "Do not go on: gun and record do not agree on what was given"
            raise Refused(Problem("shots", f"{armed.left} left by the gun's account", limit, remedy))
        while self._heard.ended is None:
            self._turn()

    def _turn(self) -> None:
        events = self._gun.turn()
        self._take(events)
        self._recording.keep(self._heard.at_ms)
        if events:
            self._show()
        self._raise_if_over()

    def _take_heard(self) -> None:
        with suppress(LinkLost, Refused):
            self._take(self._gun.turn(0))

    def _raise_if_over(self) -> None:
        if self.asked_to_stop:
            ended = self._heard.ended
            raise _Over(*(ended.outcome, ended.reason) if ended and ended.outcome else ("stopped", "stopped on the laptop"))
        if self._contradiction.words:
            raise _Over("fault", self._contradiction.words)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            self._recording.take([event])
            self._contradiction.take(event)
        self._contradiction.heed(self._gun.link.state)
        self._heard.take(events, self._gun.link.state)

    def _show(self, prompt: str = "") -> None:
        if not self._looked_on:
            return
        index = min(self._index, len(self._plan.passes) - 1)
        try:
            self._person.show(self._recording.tally.progress(self._plan, index, self._heard.state, self._heard.at_ms, prompt))
        except (Exception, SystemExit):  # a library that shows things may think that its program is to end
            logging.getLogger(__name__).exception("progress is not shown any more")
            self._looked_on = False

    def _unless_agreed(self, ended: Ended) -> Ended | None:
        """Returns None when a person lets the gun be armed after this ending, else what ends the session; each answer is on disk.

        A fault or an e-stop meanwhile is asked about instead. Raises _Over when the gun is lost.
        """
        self._recording.commit()
        again = False
        while not self.asked_to_stop:
            question = to_arm_again(ended, next(self._words), again=again)
            try:
                answer = asked(self._person, question, self._stops, self._meanwhile)
            except LinkLost as lost:
                self._reconnect(str(lost))
                continue  # the person is asked again
            except _Withdrawn as withdrawn:
                ended, self._heard.ended = withdrawn.ended, None
                self._ready = again = False
                continue
            if answer is None:
                self.stop()
                break
            self._recording.answer(question, answer)
            if answer.agrees(question):
                return None
            if ends(answer):
                break
            again = True
        return ended

    def _meanwhile(self) -> None:
        """Turns the pump once while a person thinks. What changes the question is raised, and so withdraws it."""
        self._take(self._gun.turn())
        self._recording.keep(self._heard.at_ms)
        if self._contradiction.words:
            raise _Over("fault", self._contradiction.words)
        if self._heard.ended and self._heard.ended.outcome:
            raise _Withdrawn(self._heard.ended)
        if self.asked_to_stop:
            raise KeyboardInterrupt

    # ---- when the gun cannot be heard ----

    def _reconnect(self, lost: str) -> None:
        """Takes up the same conversation, with what was missed. Raises _Over when the gun stays away or was restarted."""
        self._take_heard()
        self._recording.commit()
        link = self._gun.link
        until_s = link.now_s() + RECONNECT_S
        while link.now_s() < until_s:
            self._show(f"Connection lost, trying again: {lost}")
            self._raise_if_over()
            with suppress(LinkLost):
                if not self._gun.reconnect():
                    raise _Over("interrupted", "the gun was switched off and on")
                self._gun.rest()  # how it ended comes before anybody is asked to go on
                self._take_heard()
                self._raise_if_over()
                self._heard.forget_pause()
                return
            link.sleep_s(RECONNECT_PAUSE_S)
        raise _Over("interrupted", f"the gun was not reached again: {lost}")

    def _wind_up(self, over: _Over) -> Summary:
        """Sends the needle home, puts every event on disk, finishes the record. One that fails stays unfinished, to be found."""
        outcome, reason = over.outcome, over.reason
        settled = self._settled()
        if not settled and outcome == "stopped":
            outcome, reason = "interrupted", f"{reason}; the gun could not be reached"
        self._recording.commit()
        if settled:
            outcome, reason = self._by_the_journal(outcome, reason)
        if self._contradiction.words:
            outcome, reason = self._disbelieved(reason)
        in_flight = self._heard.state in (RUNNING, RETURNING) and self._index < len(self._plan.passes)
        if in_flight and not settled:  # it counts as given, and is never repeated
            one = self._plan.passes[self._index]
            self._recording.uncertain(self._heard.at_ms, self._index, one.depth_um, one.dose_nl)
        self.summary = self._recording.finish(outcome, reason)
        self._show()
        if settled:
            with suppress(LinkLost, Refused):
                self._gun.state()  # this carries the last acknowledgement
        return self.summary

    def _by_the_journal(self, outcome: str, reason: str) -> tuple[str, str]:
        """Returns how the session ended, when the gun's own journal has been asked too."""
        with suppress(LinkLost, Refused):
            if otherwise := self._recording.settle():
                return "fault", otherwise
        return outcome, reason

    def _disbelieved(self, reason: str) -> tuple[str, str]:
        """Returns outcome and reason after a contradiction. What the gun itself stopped for is said first."""
        ended = self._heard.ended
        outcome, own = (ended.outcome, ended.reason) if ended and ended.outcome else ("fault", "")
        return outcome, "; ".join(dict.fromkeys(words for words in (own, reason, self._contradiction.words) if words))

    def _settled(self) -> bool:
        """Tells whether the gun, not restarted since, is disarmed and at rest and has told everything."""
        settled = False
        with suppress(LinkLost, Refused):
            try:
                settled = self._recording.same_start() and self._gun.rest()
            except LinkLost:
                self._take_heard()
                settled = self._gun.reconnect() and self._gun.rest()
        if self._recording.same_start():
            self._take_heard()
        return settled
