"""The hardware description of this very gun is kept in flash: what config.py knows how to read, in the two copies of slots.py."""

from mesogun_fw.config import Description
from mesogun_fw.memory import slots
from mesogun_fw.memory.promises import Flash
from mesogun_fw.talk.messages import GUN

FORMAT = 1  # this is the format of what is stored; another one is refused


def stored(flash: Flash) -> Description:
    """The description in flash is given. It raises ValueError, slots.NoDescription when there is none that can be trusted."""
    return Description(slots.read(flash, FORMAT, len(GUN))[0])


def store(flash: Flash, description: Description) -> None:
    """The description is stored. It raises slots.WriteFailed, and then the old description still holds."""
    slots.write(flash, FORMAT, description.figures())
