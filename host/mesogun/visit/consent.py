"""In the middle of a session a person is asked whether the gun may be armed; the gun is heard meanwhile.

Who wants that types a word that only the question shows. A stray Enter, or a yes that was meant for something else, does nothing.
"""

import secrets
from collections.abc import Iterator

from mesogun.gun.stops import Stops
from mesogun.records.tally import PROMPTS
from mesogun.visit.heard import Ended
from mesogun.visit.person import Answer, Arming, Meanwhile, Pause, Person
from mesogun_fw.talk.messages import ESTOP, FAULT

END = "end"
_AFTER = {FAULT: ("after-fault", f"{PROMPTS['fault']}. "), ESTOP: ("after-estop", f"{PROMPTS['e-stop']}. ")}
# Short, easily typed, and no two that begin alike.
_WORDS = ("amber", "bread", "cloud", "drum", "fish", "grape", "house", "juice", "kite", "lemon", "moon", "night", "river", "tiger")


def words() -> Iterator[str]:
    """Yields words for a person to type, drawn by chance and never one twice in a row: what was meant for one question is late."""
    word = ""
    while True:
        word = secrets.choice([one for one in _WORDS if one != word])
        yield word


def to_arm_again(ended: Ended, word: str, *, again: bool = False) -> Arming:
    """Makes the question after an ending, whose reason it shows; only this word lets the gun be armed. `again` is after another."""
    question_id, remedy = _AFTER.get(ended.kind, ("go-on", ""))
    first = "That is not the word: type" if again else f"{remedy}Type"
    return Arming(question_id, f"{first} {word} to arm again, or {END} to end the session:", Pause(ended.reason), agreeing=(word,))


def ends(answer: Answer) -> bool:
    """Tells whether nobody was there, or somebody ends the session; whatever else is no consent is asked again."""
    return not answer.by or answer.words.lower() == END


def asked(person: Person, question: Arming, stops: Stops, meanwhile: Meanwhile) -> Answer | None:
    """Returns the answer, None when a stop broke the question off: at once, but not within `meanwhile`, whose errors pass."""

    def undisturbed() -> None:
        stops.at_once = False
        meanwhile()
        stops.at_once = True

    try:
        stops.at_once = True
        return person.arm(question, undisturbed)
    except KeyboardInterrupt:
        return None
    finally:
        stops.at_once = False
