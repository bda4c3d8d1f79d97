"""In the middle of a session a person is asked whether the gun may be armed; the gun is heard meanwhile."""

from mesogun.gun.stops import Stops
from mesogun.visit.person import Answer, Arming, Meanwhile, Pause, Person

_ARM_AGAIN = "Type yes to arm again, anything else to end the session:"


def to_arm_again(question_id: str, reason: str) -> Arming:
    """Makes the question after a pause, whose reason it shows; only yes or y lets the gun be armed."""
    return Arming(question_id, _ARM_AGAIN, Pause(reason), agreeing=("yes", "y"))


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
