"""The hardware description of this very gun, kept in flash: what config.py knows how to read, in the slots of slots.py."""

from mesogun_fw.config import FIELDS, Hardware
from mesogun_fw.memory import slots
from mesogun_fw.memory.promises import Flash

FORMAT = 1  # of what is stored; another one is refused


def stored(flash: Flash) -> Hardware:
    """The description in flash. Raises ValueError, slots.NoDescription when there is none that can be trusted."""
    return Hardware(slots.read(flash, FORMAT, len(FIELDS))[0])


def store(flash: Flash, hardware: Hardware) -> None:
    """Raises slots.WriteFailed; then the old description still holds."""
    slots.write(flash, FORMAT, hardware.figures())
