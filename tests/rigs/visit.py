"""One session on a desk: a fake gun, a real record, a person who answers by a script, and what each of them saw."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from mesogun.clinical.plans import Plan
from mesogun.gun.client import Gun
from mesogun.records import Records, SessionStart
from mesogun.records.tally import Progress
from mesogun.visit.accounting import account
from mesogun.visit.person import Pause, Question, Shown
from mesogun.visit.session import Session
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import HOLD
from rigs.fakegun import FakeGun
from rigs.person import Scripted, consent


class Visit:
    """A fake gun, a real record, a person who answers, and what each of them saw."""

    def __init__(self, folder: Path, plan: Plan, port: FakeGun | None = None, gun: Gun | None = None) -> None:
        self.port = port or FakeGun()
        self.gun = gun or Gun(self.port)
        self.records = Records.open(f"sqlite:///{folder}/records.db")
        self.plan = plan
        self.answers: Iterator[bool] = iter([True] * 20)
        self.questions: list[str] = []
        self.progress: list[Progress] = []
        welcome = self.gun.welcome
        whose = (welcome.serial, welcome.version, welcome.boot)
        start = SessionStart(
            "a plan", "", "00", plan.digest, json.dumps(plan.recorded()), *whose, True, "0", "me", tag=secrets.randbits(16)
        )
        self.person = Scripted({"go-on": self._decide}, on_show=self._look)
        self.accounted = account(self.gun, self.records)
        self.session = Session(self.gun, self.records, plan, start, person=self.person, began=self.accounted.journal)
        self.run = self.session.run
        self.on_progress: Callable[[Progress], object] = self.progress.append
        self.go_on: Callable[[str], bool] = self.asked

    def _look(self, shown: Shown) -> None:
        assert isinstance(shown, Progress)
        self.on_progress(shown)

    def _decide(self, question: Question) -> str:
        assert isinstance(question.about, Pause)
        return consent(question, self.go_on(question.about.reason))

    def asked(self, reason: str) -> bool:
        self.questions.append(reason)
        return next(self.answers)

    def shots_on_record(self, session_id: int = 1) -> list[int]:
        """Numbers of the recorded shots in their passes, as the gun counted its attempts."""
        return [shot.shot for shot in self.records.shots(session_id)]


def press(*holds: tuple[int, tuple[int, int]]) -> "object":
    """A practitioner who, arming by arming, makes so many shots and then what ends them; later ones to the end of the pass."""
    left = iter(holds)
    return lambda gun, index: gun.play(index, *next(left, (10_000, (HOLD, reasons.RELEASED))))


def cut(visit: Visit, at_ms: int, for_ms: int) -> None:
    visit.port.after(at_ms, lambda: setattr(visit.port, "cut", True))
    visit.port.after(at_ms + for_ms, lambda: setattr(visit.port, "cut", False))
