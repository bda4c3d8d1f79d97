"""A stop breaks a question off at once, but nothing else: not the hearing of the gun meanwhile, and not what comes after."""

from types import SimpleNamespace
from typing import cast

import pytest

from mesogun.gun.stops import Stops
from mesogun.visit.consent import asked, to_arm_again
from mesogun.visit.heard import Ended
from mesogun.visit.person import Answer, Arming, Meanwhile, Pause, Person
from mesogun_fw.talk.messages import ESTOP, FAULT, PAUSE

AGAIN = to_arm_again(Ended(PAUSE, "the hold was long"), "kite")


def put(stops: SimpleNamespace, arm: object, meanwhile: Meanwhile = lambda: None) -> Answer | None:
    return asked(cast(Person, SimpleNamespace(arm=arm)), AGAIN, cast(Stops, stops), meanwhile)


def test_a_stop_is_at_once_only_while_the_person_thinks() -> None:
    stops = SimpleNamespace(at_once=False)
    seen: list[tuple[str, bool]] = []

    def arm(question: Arming, meanwhile: Meanwhile) -> Answer:
        seen.append(("thinks", stops.at_once))
        meanwhile()
        seen.append(("thinks", stops.at_once))
        return Answer("kite", "Dr. A")

    assert put(stops, arm, lambda: seen.append(("heard", stops.at_once))) == Answer("kite", "Dr. A")
    assert seen == [("thinks", True), ("heard", False), ("thinks", True)]
    assert stops.at_once is False, "a commit comes next"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_after_a_question_that_was_broken_off_nothing_is_at_once(error: type[BaseException]) -> None:
    stops = SimpleNamespace(at_once=False)

    def arm(question: Arming, meanwhile: Meanwhile) -> Answer:
        raise error

    if error is KeyboardInterrupt:
        assert put(stops, arm) is None
    else:
        with pytest.raises(error):
            put(stops, arm)
    assert stops.at_once is False


@pytest.mark.parametrize(
    ("kind", "name", "first"),
    [
        (PAUSE, "go-on", "Type kite to arm again"),
        (FAULT, "after-fault", "Take the gun off the skin, then press the clear button at the gun. Type kite to arm again"),
        (ESTOP, "after-estop", "Release the emergency stop, then press the clear button at the gun. Type kite to arm again"),
    ],
)
def test_a_question_says_what_comes_first_and_only_its_word_agrees(kind: int, name: str, first: str) -> None:
    question = to_arm_again(Ended(kind, "why"), "kite")
    assert (question.id, question.words, question.about) == (name, f"{first}, or end to end the session:", Pause("why"))
    assert question.agreeing == ("kite",)
    again = to_arm_again(Ended(kind, "why"), "moon", again=True)
    assert again.words == "That is not the word: type moon to arm again, or end to end the session:"
    assert again.agreeing == ("moon",)
