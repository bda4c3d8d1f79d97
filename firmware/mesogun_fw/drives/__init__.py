"""What moves the needle. A drive knows how long a shot takes, writes its words, and knows the way back out of any of them.

Each is a module with `Figures(settings, hardware)`, `compile(stroke, settings, hardware)` (both raise ValueError when the
settings do not fit the drive) and `way_back(stroke, played, variant)`; pins of its own; and what the guard should see.
"""

from mesogun_fw.messages import PNEUMATIC


def drive_of(hardware):  # type: ignore[no-untyped-def]
    """The module that drives this gun's needle."""
    if hardware.drive == PNEUMATIC:
        from mesogun_fw.drives import pneumatic

        return pneumatic
    from mesogun_fw.drives import stepper

    return stepper


def figures(settings, hardware):  # type: ignore[no-untyped-def]
    """Durations and counts of one shot on this gun. Raises ValueError when its drive cannot do it."""
    return drive_of(hardware).Figures(settings, hardware)
