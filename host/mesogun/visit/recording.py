"""The record of one session while it is written: events go to disk in batches, and only then may the gun forget them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.records.rows import Answered, now_utc
from mesogun.records.tally import Summary, Tally

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.records import Records, SessionStart
    from mesogun.visit.person import Answer, Question

BATCH_EVENTS = 16  # one commit for so many events,
BATCH_MS = 1_000  # or for so much device time, whichever comes first


class Recording:
    """One session's record. `tally` is what was taken so far, on disk or not.

    When the record fails, its error comes out of the method that wrote; what was not written is still in the gun.
    """

    def __init__(self, records: "Records", gun: Gun, plan: "Plan") -> None:
        self._records = records
        self._gun = gun
        self._boot = gun.welcome.boot
        self._id = 0
        self._pending: list[Event] = []
        self.tally = Tally(plan)

    def begin(self, start: "SessionStart", answers: Sequence[Answered] = ()) -> None:
        """On disk when it returns, with the answers that let it begin: from here on the needle may move."""
        self._id = self._records.begin(start, answers)

    def answer(self, question: "Question", answer: "Answer") -> None:
        """On disk when it returns: what follows from an answer comes after."""
        self._records.answer(self._id, answered(question, answer))

    def take(self, events: Sequence[Event]) -> None:
        self._pending += events
        for event in events:
            self.tally.take(event)

    def keep(self, at_ms: int) -> None:
        """Commits when a batch is due at device time `at_ms`."""
        if self._pending and (len(self._pending) >= BATCH_EVENTS or at_ms - self._pending[0].at_ms >= BATCH_MS):
            self.commit()

    def commit(self) -> None:
        """What was taken is on disk, and the gun may forget it: not while it still holds events from before this session."""
        if self._pending:
            self._records.append(self._id, self._boot, self._pending)
            if self.same_start() and not self._gun.earlier:
                self._gun.on_disk(self._pending[-1].n)
            self._pending = []

    def same_start(self) -> bool:
        """False when the gun was restarted since: it numbers other events now."""
        return self._boot == self._gun.welcome.boot

    def uncertain(self, at_ms: int, index: int, depth_um: int, dose_nl: int) -> None:
        """A shot that nobody will ever report: counted as given."""
        self._records.uncertain(self._id, self._boot, at_ms, index, depth_um, dose_nl)
        self.tally.lost(dose_nl)

    def hand_over_earlier(self) -> int:
        """Events that a broken-off session never heard go to its record; how many shots belong to none that is known."""
        earlier = self._gun.earlier
        gun = self._gun.welcome
        for row in self._records.sessions() if earlier else ():
            of_this_start = (row.gun_serial, row.gun_boot) == (gun.serial, gun.boot)
            if row.id != self._id and of_this_start and row.outcome not in ("complete", "stopped"):
                self._records.append(row.id, gun.boot, earlier)
                return 0
        return sum(event.name == "shot" for event in earlier)

    def let_go_of_earlier(self) -> None:
        if self._gun.earlier:
            self._gun.on_disk(self._gun.earlier[-1].n)
            self._gun.earlier = []

    def finish(self, outcome: str, reason: str) -> Summary:
        summary = self.tally.summary(self._id, outcome, reason)
        self._records.finish(self._id, outcome, summary.to_dict())
        return summary


def answered(question: "Question", answer: "Answer") -> Answered:
    """An answer given now, as the record keeps it."""
    return Answered(question.id, question.words, answer.words, answer.by, now_utc())
