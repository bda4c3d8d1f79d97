"""The hardware description of this very gun is kept in flash: what config.py knows how to read, in the slots of slots.py."""

from mesogun_fw.config import FIELDS, Hardware
from mesogun_fw.memory import slots
from mesogun_fw.memory.promises import Flash

FORMAT = 1  # this is the format of what is stored; another one is refused


def stored(flash: Flash) -> Hardware:
    """The description in flash is given. It raises ValueError, slots.NoDescription when there is none that can be trusted."""
    return Hardware(slots.read(flash, FORMAT, len(FIELDS))[0])


def store(flash: Flash, hardware: Hardware) -> None:
    """The description is stored. It raises slots.WriteFailed, and then the old description still holds."""
    slots.write(flash, FORMAT, hardware.figures())
