"""A person who answers by a script, and remembers what was shown and asked."""

from collections.abc import Callable, Mapping

from mesogun.visit.consent import END
from mesogun.visit.person import NO_ANSWER, Answer, Arming, Meanwhile, Question, Shown

Script = Mapping[str, str | Callable[[Question], str]]  # by a question's id: the answer, or who finds one


def nothing(shown: Shown) -> None:
    pass


def consent(question: Question, given: bool = True) -> str:
    """What lets the trigger make shots, or what ends the session."""
    assert isinstance(question, Arming)
    return question.agreeing[0] if given else END


class Scripted:
    """Somebody called `by` who thinks for `turns` turns of the pump, then answers what stands in the script.

    A question that the script does not know is answered as by nobody. `on_show` is called with all that is shown.
    """

    def __init__(
        self, script: Script | None = None, *, by: str = "Dr. A", turns: int = 0, on_show: Callable[[Shown], None] = nothing
    ) -> None:
        self.script = dict(script or {})
        self.by = by
        self.turns = turns
        self.on_show = on_show
        self.shown: list[Shown] = []
        self.asked: list[Question] = []
        self.answered: list[tuple[Question, str]] = []
        self.withdrawn: list[tuple[Question, str]] = []  # and why

    def show(self, shown: Shown, /) -> None:
        self.shown.append(shown)
        self.on_show(shown)

    def ask(self, question: Question, meanwhile: Meanwhile, /) -> Answer:
        self.asked.append(question)
        try:
            for _ in range(self.turns):
                meanwhile()
        except Exception as error:
            self.withdrawn.append((question, str(error)))
            raise
        answer = self.script.get(question.id)
        if answer is None:
            return NO_ANSWER
        words = answer if isinstance(answer, str) else answer(question)
        self.answered.append((question, words))
        return Answer(words, self.by)

    choose = arm = ask
