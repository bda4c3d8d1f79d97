"""What each of the gun's self-tests found is a sentence: that all is well there, or what is wrong and what to do."""

from typing import NamedTuple


class Tested(NamedTuple):
    """A test of codes.TESTS has a sentence for each of its two outcomes."""

    well: str
    wrong: str
    remedy: str


TESTED = {
    "memory": Tested(
        "the memory keeps what is written", "the memory does not keep what is written", "Do not use: replace the controller board"
    ),
    "firmware files": Tested(
        "the firmware's files are as they were flashed",
        "the firmware's files are not as they were flashed",
        "Flash the firmware again: mesogun flash",
    ),
    "hardware description": Tested(
        "the gun knows what it is made of",
        "the gun does not know what it is made of",
        "Store it again: mesogun device config set; when it comes back, replace the board",
    ),
    "journal": Tested("the gun's journal is good", "the gun's journal is not good", "See mesogun device journal"),
    "needle encoder": Tested(
        "the needle's encoder answers", "the needle's encoder does not answer", "Check its plug and cable, then its strip and head"
    ),
    "plunger encoder": Tested(
        "the plunger's encoder answers",
        "the plunger's encoder does not answer",
        "Check its plug and cable, then its strip and head",
    ),
    "sounder and lamp": Tested("sounder and lamp are there", "sounder or lamp is not there", "Check the plug of sounder and lamp"),
    "trigger pressed at start": Tested(
        "the trigger is released",
        "the trigger is pressed",
        "Let go of the trigger; when nobody holds it, a contact is stuck or shorted",
    ),
    "skin contact closed at start": Tested(
        "the gun is off the skin",
        "the skin contact is closed",
        "Take the gun off; when it touches nothing, a contact is stuck or shorted",
    ),
    "e-stop open": Tested(
        "the emergency stop is released",
        "the emergency stop is pressed, or its wire is open",
        "Release the emergency stop; when it is released, check its plug and wire",
    ),
    "supply": Tested("the supply is high enough", "the supply is too low", "Charge or plug in; measure the supply at the board"),
}


def tested(name: str) -> Tested:
    """Returns the sentences of a test; one that is newer than this program has its number only."""
    return TESTED.get(name) or Tested(f"{name} passed", f"{name} failed", "Update mesogun: it does not know this test")
