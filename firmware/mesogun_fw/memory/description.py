"""The hardware description of this very gun is kept in flash: what config.py knows how to read, in the two copies of copies.py."""

from mesogun_fw.config import Description
from mesogun_fw.memory import copies
from mesogun_fw.memory.promises import Flash
from mesogun_fw.talk.messages import GUN

FORMAT = 1  # this is the format of what is stored; another one is refused


def stored(flash: Flash) -> Description:
    """The description in flash is given. It raises ValueError, copies.NoDescription when there is none that can be trusted."""
    return Description(copies.read(flash, FORMAT, len(GUN))[0])


def store(flash: Flash, description: Description) -> None:
    """The description is stored. It raises copies.WriteFailed, and then the old description still holds."""
    copies.write(flash, FORMAT, description.figures())
