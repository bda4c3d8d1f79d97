"""A gun answers an engineer as the table of messages has it: a class is a message, and has its fields by their names."""

from dataclasses import dataclass

from mesogun_fw.config import Description
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, SWITCHES, UNCERTAIN
from mesogun_fw.talk.messages import GUN

_FLAGS = ((PARTIAL, "partial"), (UNCERTAIN, "uncertain"), (DEPTH_OFF, "depth off"), (DOSE_OFF, "dose off"))


@dataclass(frozen=True)
class Watched:
    """Watched has live inputs, and the guard's figures since the last look. `tick_us` is 0 where it is not
    measured. `used_nl`, doses and waste, has left the syringe since it was last seen out."""

    state: int
    inputs: int
    syringe: int
    needle_um: int
    plunger_nm: int
    supply_mv: int
    temperature_c: int
    pressure_kpa: int
    stop_um: int
    late_us: int
    tick_us: int
    waste_nl: int
    used_nl: int

    @property
    def switches(self) -> dict[str, bool]:
        return switches(self.inputs)


@dataclass(frozen=True)
class Journaled:
    """Journaled is what the gun's own journal adds up to.

    Unless `condition` (of codes.CONDITIONS) is good, the figures are 0 and what the gun has given is unknown. A shot is known by
    the gun, the `epoch` of its journal, and its number in that.
    """

    condition: int
    epoch: int
    shots: int
    volume_nl: int
    uncertain: int


@dataclass(frozen=True)
class Logged:
    """Logged is one shot of the gun's own journal; `number` counts since the journal was started, `tag` is of its session."""

    number: int
    digest: int
    pass_index: int
    shot: int
    commanded_dose_nl: int
    measured_depth_um: int
    measured_dose_nl: int
    flags: int
    tag: int


def described(description: Description) -> dict[str, int]:
    """Returns a description's figures by name, in the order of message `gun`."""
    return {field[0]: getattr(description, field[0]) for field in GUN}


def switches(inputs: int) -> dict[str, bool]:
    """Returns each switch by its name, from the bits of messages `state` and `watched`."""
    return {name: bool(inputs >> i & 1) for i, name in enumerate(SWITCHES)}


def flags_of(flags: int) -> list[str]:
    """Returns the names of what is set in a shot's flags; of a whole one there are none."""
    return [name for bit, name in _FLAGS if flags & bit]
