"""A Session writes down before it moves: it begins the record, arms pass after pass, keeps what the gun reports, finishes.

Nothing resumes by itself: after a pause, a cut cable, a locked record, a fault or an e-stop that were cleared, a person says so and
the pass is armed again. The gun keeps what it was told and what it has given, as long as it is not restarted.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from mesogun.gun.client import Gun
from mesogun.gun.link import nobody_looks
from mesogun.gun.stops import Stops
from mesogun.records.rows import RecordsFailed, RecordsLocked
from mesogun.records.tally import Summary
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun.visit.consent import asked, ends, to_arm_again, words
from mesogun.visit.heard import Ended
from mesogun.visit.hearing import Hearing, Over
from mesogun.visit.person import Person
from mesogun.visit.recording import Recording
from mesogun.visit.winding_up import wind_up
from mesogun_fw.talk.messages import DONE, IDLE, PAUSE, UNHOMED

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.gun.answers import Journaled
    from mesogun.records import Records, SessionStart
    from mesogun.records.rows import Answered

_CUT = "the connection to the gun was cut: arm again to go on"
_LOCKED = "the record was locked by another program for a while: arm again to go on"


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
        self._hearing = Hearing(gun, self._recording, plan, person)
        self._heard = self._hearing.heard
        self._plan = plan
        self._start = start
        self._answers = answers
        self._began = began
        self._person = person
        self._stops = Stops(self.stop, to_the_end=True)
        self._words = words()
        self.summary: Summary | None = None
        self._uploaded = False
        self._ready = False  # at home, with the plan

    @property
    def asked_to_stop(self) -> bool:
        return self._hearing.stops > 0

    def run(self) -> Summary:
        """Gives the plan and says what was given. Whatever happens, the needle is sent home and the record is finished.

        A fault, the e-stop, a stop and a lost gun are outcomes, not errors; so is a refusal once something was given. Raises
        Refused when gun or record refuse before, and NotRecorded when the record fails in between: then the gun is disarmed,
        and what was written stays.
        """
        with self._stops:
            self._recording.begin(self._start, self._answers, self._began)
            self._gun.link.on_silence = self._hearing.show_silence
            try:
                return self._run()
            except RecordsFailed as failed:
                raise self._recording.not_recorded(failed) from failed
            finally:
                self._gun.link.on_silence = nobody_looks

    def stop(self) -> None:
        """Ends the session within a turn of the pump: needle home, record complete. Any thread may call it, and more than once."""
        self._hearing.stops += 1

    def _run(self) -> Summary:
        try:
            over = self._give()
        except Over as early:
            over = early
        except BaseException as error:
            self.summary = wind_up(self._hearing, Over("stopped", str(error) or type(error).__name__))
            if isinstance(error, Refused) and self._recording.tally.attempts:
                return self.summary
            raise
        self.summary = wind_up(self._hearing, over)
        return self.summary

    def _give(self) -> Over:
        hearing = self._hearing
        while hearing.index < len(self._plan.passes):
            paused = ""
            try:
                if not self._ready:
                    self._get_ready()
                self._give_pass()
            except LinkLost as lost:
                hearing.reconnect(str(lost))
                paused = _CUT
            except RecordsLocked:
                paused = self._wait_for_record()
            ended = self._heard.ended or Ended(PAUSE, paused)
            self._heard.ended = None
            if ended.outcome:
                self._ready = False  # the gun finds its home again; what it holds of the plan, and what is given, stays
            if ended.kind == DONE or not self._left():  # a pause may come when the last dose of the pass is in
                hearing.index += 1
            if ended.kind == DONE:
                continue
            if hearing.index < len(self._plan.passes):
                final = self._unless_agreed(ended)
                if final:
                    return Over(final.outcome or "stopped", final.reason)
            elif ended.outcome:
                return Over(ended.outcome, ended.reason)
        return Over("complete", "")

    def _left(self) -> int:
        """Returns how many shots of this pass are still to make, by the record."""
        index = self._hearing.index
        return self._plan.passes[index].shots - self._recording.tally.filled[index]

    def _get_ready(self) -> None:
        self._gun.state()
        self._hearing.take([])
        self._hearing.show()
        while self._heard.state != IDLE:
            if self._heard.ended and self._heard.ended.outcome:
                return
            if self._heard.state == UNHOMED:
                self._gun.home()
            self._hearing.turn()
        if not self._uploaded:
            self._gun.upload(self._plan, self._start.tag)
            self._uploaded = True
        self._ready = True

    def _give_pass(self) -> None:
        hearing = self._hearing
        self._gun.rest()
        hearing.take(self._gun.turn(0))
        hearing.raise_if_over()
        self._heard.forget_pause()
        if self._heard.ended is not None:
            return
        hearing.contradiction.armed = self._plan.passes[hearing.index]
        armed = self._gun.arm(hearing.index)
        left = self._left()
        if armed.left != left:
            limit = f"by the record {left} shots of pass {hearing.index + 1} are left"
            remedy = "Do not go on: gun and record do not agree on what was given"
            raise Refused(Problem("shots", f"{armed.left} left by the gun's account", limit, remedy))
        while self._heard.ended is None:
            hearing.turn()

    def _wait_for_record(self) -> str:
        """Lets the gun rest until what it told is on disk, and returns why there was a pause."""
        hearing = self._hearing
        try:
            self._gun.rest()
            hearing.take(self._gun.turn(0))
        except LinkLost as lost:
            hearing.reconnect(str(lost))
            return _CUT
        hearing.kept(self._recording.commit)
        self._heard.forget_pause()
        return _LOCKED

    def _unless_agreed(self, ended: Ended) -> Ended | None:
        """Returns None when a person lets the gun be armed after this ending, else what ends the session; each answer is on disk.

        A fault or an e-stop meanwhile is asked about instead. Raises Over when the gun is lost.
        """
        hearing = self._hearing
        hearing.kept(self._recording.commit)
        again = False
        while not self.asked_to_stop:
            question = to_arm_again(ended, next(self._words), again=again)
            try:
                answer = asked(self._person, question, self._stops, self._meanwhile)
            except LinkLost as lost:
                hearing.reconnect(str(lost))
                continue  # the person is asked again
            except _Withdrawn as withdrawn:
                ended, self._heard.ended = withdrawn.ended, None
                self._ready = again = False
                continue
            if answer is None:
                self.stop()
                break
            hearing.kept(partial(self._recording.answer, question, answer))
            if answer.agrees(question):
                return None
            if ends(answer):
                break
            again = True
        return ended

    def _meanwhile(self) -> None:
        """Turns the pump once while a person thinks. What changes the question is raised, and so withdraws it."""
        hearing = self._hearing
        hearing.take(self._gun.turn())
        self._recording.keep(self._heard.at_ms, patiently=True)
        if hearing.contradiction.words:
            raise Over("fault", hearing.contradiction.words)
        if self._heard.ended and self._heard.ended.outcome:
            raise _Withdrawn(self._heard.ended)
        if self.asked_to_stop:
            raise KeyboardInterrupt
