"""The record of one session is written here: events go to disk in batches, and only then may the gun forget them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.records.rows import Account, Answered, RecordsFailed, RecordsLocked
from mesogun.records.tally import Summary, Tally
from mesogun.times import now_utc
from mesogun.visit.clock import Clock
from mesogun_fw.talk.codes import GOOD

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.gun.answers import Journaled
    from mesogun.records import Records, SessionStart
    from mesogun.visit.person import Answer, Question

BATCH_EVENTS = 16  # one commit takes so many events,
BATCH_MS = 1_000  # or so much device time, whichever comes first
LOCKED_TRIES = 4  # a record that is locked for no longer than so many turns of the pump pauses nothing


class NotRecorded(RecordsFailed):
    """The record of `session` failed in the midst of it: of the shots that are known to be `made`, so many are `unrecorded`."""

    def __init__(self, failed: RecordsFailed, session: int, made: int, unrecorded: int) -> None:
        self.session = session
        self.made = made
        self.unrecorded = unrecorded
        which = f"{unrecorded} of them are not in the record" if unrecorded else "all of them are in the record"
        what = f"{failed.what}. {made or 'no'} shots were made in session {session}{f', and {which}' if made else ''}"
        remedy = failed.remedy
        if unrecorded:
            remedy += (
                " The gun has what is missing: leave it switched on, and start a session with it and this record: it is asked for "
                "that first. Once switched off it has depths and doses in its own journal, and no times; one that was simulated in "
                "this program is gone with it."
            )
        super().__init__(what, remedy)


class Recording:
    """A Recording is one session's record. `tally` counts what was taken so far, on disk or not.

    When the record fails, its error comes out of the method that wrote; what was not written is still in the gun.
    """

    def __init__(self, records: "Records", gun: Gun, plan: "Plan") -> None:
        self._records = records
        self._gun = gun
        self._boot = gun.welcome.boot
        self._id = 0
        self._began: Journaled | None = None
        self._pending: list[Event] = []
        self._locked = 0  # tries in a row
        self._lost = 0  # an assumed shot that is not on disk
        self.tally = Tally(plan.flows)

    def begin(self, start: "SessionStart", answers: Sequence[Answered], journal: "Journaled | None") -> None:
        """Begins the record. It is on disk when this returns, with the answers that let it begin: then the needle may move.

        `journal` is what the gun's own adds up to before the first shot.
        """
        self._began = journal
        self._clock = Clock(self._gun)
        self._id = self._records.begin(start, answers, journal)

    def answer(self, question: "Question", answer: "Answer") -> None:
        """Records an answer. It is on disk when this returns: what follows from an answer comes after."""
        self._records.answer(self._id, answered(question, answer, self._clock.read()[0]))

    def take(self, events: Sequence[Event]) -> None:
        """Counts events, and keeps them for the next commit."""
        self._pending += events
        for event in events:
            self.tally.take(event)

    def keep(self, at_ms: int, *, patiently: bool = False) -> None:
        """Commits when a batch is due at device time `at_ms`.

        While the record is locked it is tried again at the next turn, LOCKED_TRIES times, or for as long as it takes: `patiently`
        is for a gun at rest.
        """
        if not self._pending or (len(self._pending) < BATCH_EVENTS and at_ms - self._pending[0].at_ms < BATCH_MS):
            return
        try:
            self.commit()
        except RecordsLocked:
            self._locked += 1
            if self._locked >= LOCKED_TRIES and not patiently:
                raise

    def commit(self) -> None:
        """Puts on disk what was taken. Then the gun may forget it."""
        if self._pending:
            self._records.append(self._id, self._boot, self._pending)
            if self.same_start():
                self._gun.on_disk(self._pending[-1].n)
            self._pending = []
        self._locked = 0

    def same_start(self) -> bool:
        """Tells whether the gun was not restarted since: a restarted one numbers other events."""
        return self._boot == self._gun.welcome.boot

    def uncertain(self, at_ms: int, index: int, depth_um: int, dose_nl: int) -> None:
        """Records a shot that nobody will ever report: it counts as given."""
        self._lost = 1
        self._records.uncertain(self._id, self._boot, at_ms, index, depth_um, dose_nl)
        self._lost = 0
        self.tally.lost(index, dose_nl)

    def not_recorded(self, failed: RecordsFailed) -> NotRecorded:
        """Makes of what the record failed with one that says how many shots are not in it."""
        shots = sum(event.name == "shot" for event in self._pending)
        return NotRecorded(failed, self._id, self.tally.made + self._lost, shots + self._lost)

    def settle(self) -> str:
        """Reads the gun's journal when the gun has told everything: then no shot of the session is missing here.

        Returns "" or, in words, what its journal says otherwise. Raises LinkLost when the gun falls silent.
        """
        if self._began is None:
            return ""
        journal = self._gun.journal()
        made = journal.shots - self._began.shots
        if (journal.condition, journal.epoch, made) != (GOOD, self._began.epoch, self.tally.made):
            return f"the gun's journal has {made} shots of this session, and the gun reported {self.tally.made}: do not use it"
        self._records.account(self._id, Account(self._boot, journal=journal))
        return ""

    def finish(self, outcome: str, reason: str) -> Summary:
        """Ends the record with a summary, which it returns. `outcome` is one of records.OUTCOMES; `reason` is in words."""
        summary = self.tally.summary(self._id, outcome, reason)
        self._records.finish(self._id, outcome, summary.to_dict(), *self._clock.read())
        return summary


def answered(question: "Question", answer: "Answer", utc: str = "") -> Answered:
    """Returns an answer given now, as the record keeps it; `utc` is the time of a session whose clock may be odd."""
    return Answered(question.id, question.words, answer.words, answer.by, utc or now_utc())
