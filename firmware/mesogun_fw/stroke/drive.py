"""A drive moves the needle: it knows how long a shot takes, writes its words, and knows the way back out of any of them.

Each is a module with `Figures(settings, description)` and `compile(stroke, settings, description)` (both raise ValueError when the
settings do not fit the drive); those that move the needle name their pins. A compiled stroke has its `way_back` from
retreat.py. A depth of 0 is the plunger alone.
"""

from mesogun_fw.config import Description
from mesogun_fw.stroke import pneumatic, prime, stepper
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import messages


def figures(settings: Settings, description: Description) -> "pneumatic.Figures | prime.Figures | stepper.Figures":
    """These are durations and counts of one shot on this gun. It raises ValueError when its drive cannot do it."""
    if not settings.depth_um:
        return prime.Figures(settings, description)
    if description.drive == messages.PNEUMATIC:
        return pneumatic.Figures(settings, description)
    return stepper.Figures(settings, description)


def compile(stroke: Stroke, settings: Settings, description: Description) -> None:
    """`stroke` is filled with one shot. It raises ValueError when these settings do not fit."""
    if not settings.depth_um:
        prime.compile(stroke, settings, description)
    elif description.drive == messages.PNEUMATIC:
        pneumatic.compile(stroke, settings, description)
    else:
        stepper.compile(stroke, settings, description)


def pin_names(description: Description) -> "tuple[str, ...]":
    return pneumatic.PIN_NAMES if description.drive == messages.PNEUMATIC else stepper.PIN_NAMES


def depth_between_shots(description: Description) -> bool:
    """It says whether a new depth can follow without disarming: it cannot where a stop has to move."""
    return description.drive != messages.PNEUMATIC
